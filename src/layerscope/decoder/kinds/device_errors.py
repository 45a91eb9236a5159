"""Tensors on different devices: which of them is where, and so which was not moved."""

from dataclasses import dataclass

from layerscope.decoder.answer import Cause, Explanation, Meanings
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.kinds.type_errors import BYTES
from layerscope.network import Network

BATCH = Cause(
    "The batch was not moved",
    "net.to(device) moves the weights; you have to move each batch too.",
    "Write x, y = x.to(device), y.to(device) in the training loop.",
)
LABELS = Cause(
    "The labels were not moved",
    "The outputs are where the network is; the labels have to be there too.",
    "Write y = y.to(device) in the training loop.",
)
NETWORK = Cause(
    "The network was not moved",
    "The batch is on the graphics card, the weights are not.",
    "Write net.to(device) before the training loop.",
)
PLAIN = Cause(
    "A tensor that is not a parameter",
    "Tensors made in forward, or kept as plain attributes, stay where they were made.",
    "Make them with device=x.device, or register them with self.register_buffer.",
)
TWO_CARDS = (
    Cause(
        "A tensor is tied to one card",
        "nn.DataParallel and device_map use several cards; cuda() and device='cuda:0' in forward name only one.",
        "Use the device of the input: torch.zeros(n, device=x.device), mask.to(x.device).",
    ),
    Cause(
        "Network and batch were sent to different cards",
        "'cuda' is the first card, 'cuda:1' the second.",
        "Keep one device = torch.device('cuda:0') and move both to it; CUDA_VISIBLE_DEVICES=0 hides the other cards.",
    ),
)
META_INPUT = Cause(
    "The input was made on the meta device",
    'torch.zeros(2, 3, device="meta") has a shape but no values.',
    "Make the input on the network's device; or, if you only need shapes, write net.to(x.device).",
)
META_NETWORK = Cause(
    "The network was made on the meta device",
    "Large networks are made there to save memory, before their weights are loaded.",
    'Write net = net.to_empty(device="cpu") and load its weights, or make it without device="meta".',
)

INPUTS = {
    "mat1": "the input of a Linear layer",
    "input": "the input of the layer",
    "index": "the numbers that choose rows, as the input of an Embedding does",
    "indices": "the numbers that choose rows, as the input of an Embedding does",
}
WEIGHTS = {
    "mat2": "the weight of a Linear layer",
    "weight": "the weight of the layer",
    "bias": "the bias of the layer",
    "running_mean": "the mean that BatchNorm keeps",
    "running_var": "the variance that BatchNorm keeps",
}
TARGETS = {"target": "the labels"}
ARGUMENTS = INPUTS | WEIGHTS | TARGETS


@dataclass(frozen=True)
class Places:
    """The tensor that torch names ("" where it names none), where it is, and where the others are."""

    argument: str
    here: str
    others: str

    @property
    def cards(self) -> bool:
        """Whether both are graphics cards."""
        return self.here.startswith("cuda:") and self.others.startswith("cuda:")

    @property
    def meta(self) -> bool:
        return "meta" in (self.here, self.others)


def explain(found: Found, network: Network | None) -> Explanation:
    """One device beside the other, and which tensor is on which."""
    places = _places(found)
    if places.meta:
        return _of_meta(places)
    if found["here"]:  # "but got mat1 is on cuda:0, different from other tensors on cpu"
        roles: Meanings = ((found["here"], "the device of this tensor"), (found["others"], "the device of the others"))
    else:
        pieces = (found["one"] or found["input"], found["other"] or found["weight"])
        roles = tuple(zip(pieces, ("one device", "the other device"), strict=True))
    known = ARGUMENTS.get(places.argument, "PyTorch's name for one of the tensors")
    meanings = (*(((places.argument, known),) if places.argument else ()), *(role for role in roles if role[0]))
    if places.cards or found["cards"]:
        return Explanation(
            "The tensors are on two graphics cards; each step needs all of them on one.", meanings, TWO_CARDS
        )
    says = "The network and its input must be on the same device: the processor (cpu) or the graphics card (cuda)."
    return Explanation(says, meanings, (*_ordered(places), PLAIN, *_bytes(found)))


def _places(found: Found) -> Places:
    if found["here"]:
        return Places(found["argument"], _device(found["here"]), _device(found["others"]))
    if found["argument"]:  # the tensors before it agreed on the first place
        return Places(found["argument"], _device(found["other"]), _device(found["one"]))
    if found["input"]:
        return Places("", _device(found["input"]), "")
    return Places("", found["one"], found["other"])


_OLD = {"GPU": "cuda", "CPU": "cpu", "0": "cuda:0", "-1": "cpu"}
"""What older versions call a device."""


def _device(word: str) -> str:
    """The device that a word of torch's stands for: cuda:0 for itself, cuda for CUDA and torch.cuda.FloatTensor."""
    if word in _OLD:
        return _OLD[word]
    if word.startswith(("torch.", "MPS")):
        return "cuda" if word.startswith(("torch.cuda.", "MPS")) else "cpu"
    return word.lower()


def _ordered(places: Places) -> tuple[Cause, ...]:
    """What was not moved, judged by where the named tensor is; old messages say it by the type of the input."""
    on_card = places.here.startswith(("cuda", "mps"))
    if places.argument in TARGETS:
        return (NETWORK, LABELS) if on_card else (LABELS, NETWORK)
    if places.argument in WEIGHTS:
        return (BATCH, NETWORK) if on_card else (NETWORK, BATCH)
    input_named = places.argument in INPUTS or not places.others
    return (NETWORK, BATCH) if input_named and on_card else (BATCH, NETWORK)


def _bytes(found: Found) -> tuple[Cause, ...]:
    """Images as bytes, which are a second mistake."""
    types = found["input"] + found["weight"] + found["one"] + found["other"]
    return (Cause(*BYTES[:3]),) if "ByteTensor" in types else ()


def _of_meta(places: Places) -> Explanation:
    """Linear says the weight's place first and then the input's."""
    says = "A tensor is on the meta device, which keeps shapes but no values. It is not a graphics card."
    pairs = ((places.here, "where a tensor is"), (places.others, "where it is expected"))
    meanings = tuple((place, _named(place, role)) for place, role in pairs if place)
    copied = not places.others
    causes = (META_INPUT, META_NETWORK) if places.others == "meta" else (META_NETWORK, META_INPUT)
    return Explanation(says, meanings, causes[:1] if copied else causes)


def _named(place: str, role: str) -> str:
    return f"{role}: the meta device, without values" if place == "meta" else role


KINDS: dict[str, Kind] = {
    "device": kind(
        "Tensors on different devices",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        (
            r"[Ee]xpected all tensors to be on the same device(?:, but (?:found at least two devices, )?"
            r"(?P<one>[\w:]{1,20}) and (?P<other>[\w:]{1,20}))?"
            r"(?:!? \(when checking argument for argument (?P<argument>\w{1,30}) in method \w{1,60}\))?",
            r"[Ee]xpected all tensors to be on the same device, but got (?P<argument>\w{1,30}) is on "
            r"(?P<here>[\w:]{1,20}), "
            r"different from other tensors on (?P<others>[\w:]{1,20})(?: \(when checking argument in method "
            r"\w{1,60}\))?",
            r"Input type \((?P<input>torch\.cuda\.\w{1,20})\) and (?:weight|bias) type "
            r"\((?P<weight>torch\.\w{1,20})\) should be the same",
            r"Input type \((?P<input>torch\.\w{1,20})\) and (?:weight|bias) type "
            r"\((?P<weight>torch\.cuda\.\w{1,20})\) should be the same",
            r"Expected object of (?:backend|device type) (?P<one>\w{1,10}) but got (?:backend|device type) "
            r"(?P<other>\w{1,10}) for argument #\d{1,3} '(?P<argument>\w{1,30})'",
            r"Expected object of type (?P<one>torch\.\w{1,20}) but found type (?P<other>torch\.cuda\.\w{1,20}) for "
            r"argument #\d{1,3} '(?P<argument>\w{1,30})'",
            r"Expected object of type (?P<one>torch\.cuda\.\w{1,20}) but found type (?P<other>torch\.\w{1,20}) for "
            r"argument #\d{1,3} '(?P<argument>\w{1,30})'",
            r"Expected tensor for argument #\d{1,3} '(?P<argument>\w{1,30})' to have the same (?:type|device) as "
            r"tensor for argument #\d{1,3} '\w{1,30}'; but (?:type|device) (?P<here>torch\.cuda\.\w{1,20}|\d{1,2}) "
            r"does not equal "
            r"(?P<others>torch\.(?!cuda)\w{1,20}|-1)",
            r"(?:Tensor for (?:argument #\d{1,3} )?'\w{1,30}' is on [CG]PU, )?Tensor for argument #\d{1,3} "
            r"'(?P<argument>\w{1,30})' is on (?P<here>[CG]PU), but expected (?:it|them) to be on (?P<others>[CG]PU)",
            r"expected device (?P<others>[\w:]{1,12}) but got device (?P<here>[\w:]{1,12})(?! and dtype)",
            r"expected type (?P<one>torch\.\w{1,20}) but got (?P<other>torch\.cuda\.\w{1,20})",
            r"expected type (?P<one>torch\.cuda\.\w{1,20}) but got (?P<other>torch\.(?!cuda)\w{1,20})",
            r"expected backend (?P<one>CUDA|CPU) and dtype \w{1,20} but got backend (?!(?P=one))(?P<other>CUDA|CPU)",
            r"Input and hidden tensors are not at the same device, found input tensor at (?P<one>[\w:]{1,12}) and "
            r"hidden tensor at (?P<other>[\w:]{1,12})",
            r"Input, output and indices must be on the current device",
            r"[Ii]nput and grid are not on the same device",
            r"expected input and grid to be on same device, but input is on (?P<one>[\w:]{1,12}) and grid is on "
            r"(?P<other>[\w:]{1,12})",
            r"(?:tensors are on|arguments are located on) (?P<cards>different GPUs)",
            r"Tensor on device (?P<one>[\w:]{1,20}) is not on the expected device (?P<other>[\w:]{1,20}?)!",
            r"Input type \((?P<input>MPS\w{1,20})\) and (?:weight|bias) type \((?P<weight>torch\.\w{1,20})\) "
            r"should be the same",
            r"Input type \((?P<input>torch\.\w{1,20})\) and (?:weight|bias) type \((?P<weight>MPS\w{1,20})\) "
            r"should be the same",
            r"Placeholder storage has not been allocated on (?P<others>MPS) device",
            r"Cannot copy out of (?P<one>meta) tensor; no data!",
        ),
        explain,
    ),
}
