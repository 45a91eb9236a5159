"""What torch says of arguments of the wrong types, and Python of too many."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word
from layerscope.decoder.known_names import LAYERS


def _too_many(found: Found) -> bool:
    return bool(found["takes"]) and found.number("given") > found.number("takes")


def _lacks_input(found: Found) -> bool:
    return found["names"] in ("'x'", "'input'", "'inputs'") and not found["owner"].endswith("Loss")


def _of_replica(found: Found) -> bool:
    return bool(found["names"]) and ("parallel_apply" in found.before or "in replica" in found.before)


def _lacks_labels(found: Found) -> bool:
    return bool(found["names"]) and (found["owner"].endswith("Loss") or "'target'" in found["names"])


def _lacks_others(found: Found) -> bool:
    if found["names"].startswith("'indices'"):
        return False
    known = found["owner"] in LAYERS or "'tgt'" in found["names"] or "'key'" in found["names"]
    return bool(found["names"]) and not (known or _lacks_input(found) or _lacks_labels(found))


def _given(*types: str) -> Sign:
    """A sign that one of Python's types was given."""
    return lambda found: found["types"] in types


def _one_for_several(found: Found) -> bool:
    """Whether a tuple is expected: the message of a single number says "must be int"."""
    return "tuple of ints, not" in found.message and found["types"] == "int"


MOST_INPUTS = 5
"""More arguments than this are seldom written one by one."""

KINDS: dict[str, Kind] = {
    "too-many": kind(
        "Too many arguments",
        "Net.__init__() takes 1 positional argument but 3 were given",
        (
            r"\b(?:(?P<owner>\w{1,60})\.)?__init__\(\) takes (?:from \d{1,9} to )?"
            rf"{number('takes')} positional arguments? but {number('given')} (?:was|were) given",
        ),
        fixed(
            "__init__ got more values than it has parameters.",
            Usual(
                "__init__ has no such parameters",
                "def __init__(self): takes no values.",
                "Write the parameters after self: def __init__(self, classes):",
                lambda found: found["owner"] not in LAYERS,
                only=True,
            ),
            Usual(
                "The batch was given to the class",
                "Net(x) and nn.ReLU(x) make a layer; they do not run one.",
                "Make it first, then call it: net = Net(), then net(x).",
            ),
            Usual(
                "Arguments without their names",
                "After the first few arguments, PyTorch's layers expect names.",
                "Write them with names: nn.Conv2d(1, 6, kernel_size=5, padding=2).",
            ),
            pieces={
                "owner": "the class",
                "takes": "the arguments it takes, self included",
                "given": "the arguments it got, self included",
            },
        ),
    ),
    "forward-arguments": kind(
        "forward gets too few or too many arguments",
        "Net.forward() missing 1 required positional argument: 'x'",
        (
            r"(?:\b(?P<owner>\w{1,60})\.)?forward\(\) missing \d{1,9} required positional arguments?: "
            r"(?P<names>[\w', ]{1,80}'?)",
            rf"(?:\b(?P<owner>\w{{1,60}})\.)?forward\(\) takes {number('takes')} positional arguments? but "
            rf"{number('given')} (?:was|were) given",
            rf"\bforward\(\) takes exactly {number('takes')} arguments? \({number('given')} given\)",
        ),
        fixed(
            "The number of arguments in the call is not the number that forward takes.",
            Usual(
                "A star before a tensor",
                "net(*x) passes the entries of x along its first axis, one by one; torchsummary and add_graph of old "
                "versions do the same to a tensor that they expect in a tuple.",
                "Write net(x); for add_graph, writer.add_graph(net, (x,)).",
                lambda found: _too_many(found) and found.number("given") > MOST_INPUTS,
                only=True,
            ),
            Usual(
                "A PyTorch layer takes one input",
                "nn.Sequential and most layers take one tensor and return one.",
                "Combine them first, layer(torch.cat([x, y], dim=1)); or write a class whose forward takes both.",
                lambda found: found["owner"] in LAYERS and _too_many(found),
                only=True,
            ),
            Usual(
                "Attention takes three inputs",
                "Queries, keys and values; in self-attention, all three are the same tensor.",
                "Write out, weights = attention(x, x, x).",
                lambda found: found["owner"] == "MultiheadAttention" or "'key'" in found["names"],
                only=True,
            ),
            Usual(
                "A Transformer takes source and target",
                "nn.Transformer translates; just to read a sequence, the encoder is enough.",
                "Write transformer(src, tgt), or use nn.TransformerEncoder.",
                lambda found: "'tgt'" in found["names"],
                only=True,
            ),
            Usual(
                "More inputs than forward takes",
                "The call passes {given} values, but forward takes {takes}; both counts include self.",
                "Pass only what forward takes: net(x). Or add a parameter: def forward(self, x, other):",
                lambda found: _too_many(found) and found["takes"] != "1" and found["owner"] not in LAYERS,
                only=True,
            ),
            Usual(
                "A card got no part of the batch",
                "DataParallel splits the batch among the cards; with fewer samples than cards, some get none, but "
                "still every argument that is passed by name.",
                "Give the DataLoader drop_last=True, or use fewer cards: nn.DataParallel(net, device_ids=[0]).",
                _of_replica,
                only=True,
            ),
            Usual(
                "Called without the batch",
                "net() gets no input.",
                "Write net(x).",
                lambda found: _lacks_input(found) and not _of_replica(found),
                only=True,
            ),
            Usual(
                "MaxUnpool needs the places of the maxima",
                "It puts each value back where MaxPool took it from.",
                "Make nn.MaxPool2d(2, return_indices=True), then write x, indices = pool(x) and unpool(x, indices).",
                lambda found: found["names"].startswith("'indices'"),
                only=True,
            ),
            Usual(
                "Fewer inputs than forward takes",
                "The call leaves out {names}.",
                "Pass all inputs, net(x, y); or give the others a default: def forward(self, x, y=0):",
                _lacks_others,
                only=True,
            ),
            Usual(
                "A loss with only one of its two inputs",
                "A loss compares outputs with labels.",
                "Make it first, then call it with both: criterion(out, labels).",
                _lacks_labels,
                only=True,
            ),
            Usual(
                "self is missing",
                "The first parameter of a method is the network itself.",
                "Write def forward(self, x):",
                lambda found: found["takes"] == "1" and found["owner"] not in LAYERS,
                only=True,
            ),
            Usual(
                "A TransformerDecoder also takes the encoder's output",
                "It reads the target and, in its second attention, the memory: what the encoder made of the source.",
                "Write decoder(tgt, memory), or use an encoder with a causal mask if there is no source.",
                lambda found: "'memory'" in found["names"],
                only=True,
            ),
            Usual(
                "The class was called instead of the network",
                "Net(x) makes a network; it does not run one.",
                "Write net = Net(), then net(x).",
            ),
        ),
    ),
    "not-whole": kind(
        "A whole number is expected",
        ("empty(): argument 'size' (position 1) must be tuple of ints, but found element of type float at pos 0"),
        (
            rf"{first_word('function')}\(\): argument '{word('argument', 30)}' (?:\(position \d{{1,9}}\) )?must be "
            rf"(?:tuple of )?ints?, "
            rf"(?:not|but found element of type) {word('types', 30)}",
            rf"{first_word('function')}\(\): argument '{word('argument', 30)}' failed to unpack the object at pos "
            rf"\d{{1,9}} with error "
            rf'"type must be tuple of ints, ?but got {word("types", 30)}"',
        ),
        fixed(
            "{argument} of {function} has to be made of whole numbers, but it gets a value of type {types}.",
            Usual(
                "One number instead of a tuple",
                "Here several sizes are expected, also where there is only one.",
                "Write (n,) instead of n, or x.shape[-1:] for the last axis of x.",
                _one_for_several,
                only=True,
            ),
            Usual(
                "Nothing instead of a number",
                "A function without a return statement gives nothing, and so does an argument that was never set.",
                "Print the value before this line, and give the argument a number.",
                _given("NoneType"),
                only=True,
            ),
            Usual(
                "A division made a float",
                "In Python, / gives a float even when the result is whole: 32 / 2 is 16.0.",
                "Write // between whole numbers: nn.Linear(12 * 32 // 8, 10).",
                _given("float"),
            ),
            Usual(
                "A size of a layer that is not a whole number",
                "A layer passes the sizes of its weight to torch.empty, so in_features and the like land here.",
                "Write // between whole numbers, or int around them: nn.Linear(int(width / 2), 10).",
                lambda found: found["function"] == "empty" and found["types"] == "float",
                only=True,
            ),
            Usual(
                "Text instead of a number",
                "Anything from input(), a file or the command line is text.",
                "Write int(text).",
                _given("str"),
            ),
            Usual(
                "A shape instead of one number",
                "in_features and out_features are one number each.",
                "Multiply the sizes: 12 * 4 * 4, or x[0].numel() for a batch x.",
                _given("tuple", "list", "torch.Size"),
            ),
            Usual(
                "A tensor instead of a number",
                "A size computed with tensors is a tensor; functions and layers take Python's whole numbers.",
                "Write int(n), or n.item(). F.max_pool2d takes the maps first: F.max_pool2d(x, 2).",
                _given("Tensor", "torch.Tensor"),
            ),
            pieces={"function": "PyTorch's function", "argument": "its argument", "types": "the type it got"},
            alone=True,
        ),
    ),
}
