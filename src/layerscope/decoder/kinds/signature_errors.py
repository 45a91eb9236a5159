"""A call that fits none of a function's signatures: the nearest one is looked for, and what differs from it is named.

torch lists the signatures below its message; Python tells only how many values a function takes.
"""

import re

from layerscope.decoder.answer import Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed, usual
from layerscope.decoder.kinds.kind import Explain, Kind, first_word, kind, number
from layerscope.decoder.kinds.signatures import difference
from layerscope.network import Network

SIZED = ("randn", "rand", "zeros", "ones", "empty", "full")
"""Functions that are given sizes."""


def _given(*types: str) -> Sign:
    """A sign that one of Python's types was given, by a name too: min=str."""
    return lambda found: not set(types).isdisjoint(re.findall(r"[\w.]+(?=,|$)", found["types"].strip(", ")))


def _plainly(*types: str) -> Sign:
    """The same where no layer is called: its own tuples would hide what was given."""
    return lambda found: "Parameter" not in found["types"] and _given(*types)(found)


def _explain(*causes: Usual) -> Explain:
    """What differs from the nearest signature comes first, then what the types point at."""

    def explain(found: Found, _network: Network | None) -> Explanation:
        told = difference(found["function"], found["types"], found.after)
        pointed = tuple(cause for cause in causes if cause.points(found))
        listed = usual(found, pointed) if pointed or told else usual(found, causes)
        says = f"{found['function']} cannot be called with these types; one of the values has the wrong type."
        if told is not None:
            says = told.says
        meanings = ((found["function"], "PyTorch's function"), (found["types"], "the types it got, in order"))
        first = () if told is None else (told.cause,)
        order = (*listed, *first) if pointed else (*first, *listed)
        return Explanation(says, tuple(pair for pair in meanings if pair[0]), order)

    return explain


def _makes(found: Found) -> bool:
    return found["function"] in (*SIZED, "eye")


def _of_axes(found: Found) -> bool:
    return found["function"] in ("view", "reshape", "repeat", "expand", "permute", "tile")


def _lacks_self(found: Found) -> bool:
    is_torch = _makes(found) or _of_axes(found) or found["function"] in ("tensor", "as_tensor")
    return found.number("given") == found.number("takes") + 1 and not is_torch


KINDS: dict[str, Kind] = {
    "combination": kind(
        "Arguments of the wrong types",
        (
            "view() received an invalid combination of arguments - got (float, int), but expected one "
            "of: (torch.dtype dtype) (tuple of ints size)"
        ),
        (
            r"\b(?P<function>\w{1,40})(?:\(\))? received an invalid combination of arguments - got "
            r"\((?!NoneType\b|(?!Tensor)[\w.]{1,40}, Parameter\b)(?P<types>[\w., =]{0,200})\)",
        ),
        _explain(
            Usual(
                "A division made a float",
                "In Python, / gives a float even when the result is whole: 10 / 2 is 5.0.",
                "Write // between whole numbers, and no decimal point in sizes: kernel_size=5.",
                _given("float", "Parameter"),
            ),
            Usual(
                "A tensor where a size belongs",
                "torch.randn and torch.zeros take whole numbers as sizes.",
                "Write torch.randn(int(n), 2), or torch.randn_like(x) for the sizes of x.",
                lambda found: found["function"] in SIZED and _plainly("Tensor")(found),
                only=True,
            ),
            Usual(
                "Text instead of a number",
                "Anything from input(), a file or the command line is text.",
                "Write int(text).",
                _given("str", "Parameter"),
            ),
            Usual(
                "A shape next to other numbers",
                "Give the shape as one argument or its sizes as several, not both.",
                "Write torch.randn(*shape, 4), with the star, or torch.randn(2, 3, 4).",
                lambda found: found["function"] != "empty" and _plainly("tuple", "list", "torch.Size")(found),
            ),
            Usual(
                "A size of a layer that is not a whole number",
                "A layer passes the sizes of its weight to torch.empty; one of them is a float, a text or a tuple.",
                "Write // between whole numbers, or int around them: nn.Linear(int(width / 2), 10).",
                lambda found: found["function"] == "empty",
                only=True,
            ),
            Usual(
                "Tensors on different devices",
                "torch.cuda.FloatTensor is on the graphics card, torch.FloatTensor is not.",
                "Write net.to(device), and x = x.to(device) for each batch.",
                lambda found: "torch.cuda." in found["types"] and bool(re.search(r"torch\.[A-Z]", found["types"])),
                only=True,
            ),
            Usual(
                "Numbers of different types",
                "NumPy makes DoubleTensor, whole numbers make LongTensor, and weights are FloatTensor.",
                "Write x.float() before the layer.",
                lambda found: len(set(re.findall(r"torch\.([A-Z]\w+)Tensor", found["types"]))) > 1,
                only=True,
            ),
            Usual(
                "Not a tensor",
                "Lists, arrays and pictures are not converted automatically.",
                "Write torch.as_tensor(x, dtype=torch.float32).",
                _plainly("list", "numpy.ndarray"),
            ),
        ),
    ),
    "several-values": kind(
        "More values than a function takes",
        "zeros() takes 1 positional argument but 2 were given",
        (
            rf"(?!_forward_unimplemented){first_word('function')}\(\) takes (?:from \d{{1,9}} to )?{number('takes')} "
            r"positional arguments? but "
            rf"{number('given')} (?:was|were) given",
        ),
        fixed(
            "Values without a name: {function} takes {takes} and gets {given}; of a method, self counts too.",
            Usual(
                "A shape next to other numbers",
                "Give the shape as one argument or its sizes as several, not both.",
                "Write torch.zeros(2, 2, 3) or torch.zeros((2, 2, 3)).",
                _makes,
                only=True,
            ),
            Usual(
                "Sizes or axes that are not whole numbers",
                "Where one of them is not a whole number, PyTorch takes the first value for all of them.",
                "Print them, and write whole numbers: x.permute(0, 2, 1).",
                _of_axes,
                only=True,
            ),
            Usual(
                "The numbers need a list",
                "torch.tensor takes all values as one list.",
                "Write torch.tensor([1, 2, 3]).",
                lambda found: found["function"] in ("tensor", "as_tensor"),
                only=True,
            ),
            Usual(
                "self is missing in a method",
                "Python passes the object itself as the first value.",
                "Write def {function}(self, x):",
                _lacks_self,
            ),
            Usual(
                "A value too many, or one that needs its name",
                "Some arguments may only be given by name.",
                "Compare the call with the def line, and write the others with their names.",
            ),
            pieces={"function": "the function", "takes": "the values it takes", "given": "the values it got"},
            alone=True,
        ),
    ),
}
