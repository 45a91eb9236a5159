"""What torch says of a class that is not a proper module, and of the weights that an optimizer gets."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _container(found: Found) -> bool:
    return found["owner"] in ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict")


def _of_names(found: Found) -> bool:
    return found["given"] in ("str", "tuple")


def _of_list(found: Found) -> bool:
    return found["given"] in ("Module.parameters", "generator", "list")


def _of_tensor(found: Found) -> bool:
    return found["given"].endswith("Tensor")


def _of_layers(found: Found) -> bool:
    return not (_of_names(found) or _of_list(found) or _of_tensor(found))


KINDS: dict[str, Kind] = {
    "super-init": kind(
        "super().__init__() is missing",
        "cannot assign module before Module.__init__() call",
        (r"cannot assign (?:module|parameters?) before Module\.__init__\(\) call",),
        fixed(
            "A layer is assigned before nn.Module is ready to register it.",
            Usual(
                "super().__init__() is missing",
                "nn.Module keeps a register of its layers, and its own __init__ makes that register.",
                "Write super().__init__() as the first line of your class's __init__.",
            ),
        ),
    ),
    "no-forward": kind(
        "forward is missing",
        'Module [Net] is missing the required "forward" function',
        (
            r'Module \[(?P<owner>\w{1,60})\] is missing the required "forward" function',
            r"_forward_unimplemented\(\)",
            r"in _forward_unimplemented\b[^\n]{0,200}?raise NotImplementedError(?: NotImplementedError\b)?",
            r"module\.py\"?, line \d{1,5}, in forward raise NotImplementedError(?: NotImplementedError\b)?",
            r"(?P<owner>ParameterList|ParameterDict) should not be called",
        ),
        fixed(
            "nn.Module calls forward, and this class has none.",
            Usual(
                "A list of layers cannot be called",
                "ModuleList and ModuleDict only hold layers; they do not know in which order to call them.",
                "Write a loop: for layer in self.layers: x = layer(x); or make it nn.Sequential(*layers).",
                _container,
                only=True,
            ),
            Usual(
                "forward is indented too far or not enough",
                "Inside __init__, or outside the class, it is not a method of the class.",
                "Indent def forward(self, x): exactly as much as def __init__.",
                lambda found: not _container(found),
            ),
            Usual(
                "forward is spelled differently",
                "nn.Module looks for exactly this name.",
                "Name the method forward.",
                lambda found: not _container(found),
            ),
            pieces={"owner": "the class"},
            alone=True,
        ),
    ),
    "no-parameters": kind(
        "An optimizer without parameters",
        "optimizer got an empty parameter list",
        (r"optimizer got an empty parameter list",),
        fixed(
            "The network has no registered weights that the optimizer could change.",
            Usual(
                "Layers in a plain Python list",
                "A network finds layers that are its attributes; it does not look inside lists and dicts.",
                "Write self.layers = nn.ModuleList(layers), or nn.Sequential(*layers).",
            ),
            Usual(
                "__init__ never ran",
                "With a single underscore on each side, or any other misspelling, Python does not call it.",
                "Write def __init__(self): and, as its first line, super().__init__().",
            ),
            Usual(
                "net.parameters() was used up",
                "It can be looped over only once; then nothing is left.",
                "Call net.parameters() again for the optimizer, or keep list(net.parameters()).",
            ),
            Usual(
                "Everything is frozen",
                "A filter on requires_grad leaves nothing when all weights are frozen.",
                "Keep the last layer trainable: requires_grad=True.",
            ),
        ),
    ),
    "parameters": kind(
        "An optimizer that got something other than weights",
        "optimizer can only optimize Tensors, but one of the params is torch.nn.modules.linear.Linear",
        (
            rf"optimizer can only optimize Tensors, but one of the params is {word('given', 80)}",
            rf"params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
            rf"{word('given', 80)}",
        ),
        fixed(
            "An optimizer expects weights, which are tensors, but gets {given}.",
            Usual(
                "Layers instead of their weights",
                "A layer or network is not a tensor; its weights are.",
                "Write net.parameters(); for a few layers, list(net.fc1.parameters()) + list(net.fc2.parameters()).",
                _of_layers,
            ),
            Usual(
                "A list around net.parameters()",
                "The list then has one element, which is not a tensor.",
                "Leave out the brackets; for two networks, write list(a.parameters()) + list(b.parameters()).",
                _of_list,
            ),
            Usual(
                "Names instead of weights",
                "state_dict is a dict, and a loop over it gives only the names.",
                "Write net.parameters().",
                _of_names,
            ),
            Usual(
                "A single tensor",
                "The optimizer expects a list, even for one tensor.",
                "Write optim.SGD([w], lr=0.1).",
                _of_tensor,
            ),
            pieces={"given": "what was given"},
        ),
    ),
}
