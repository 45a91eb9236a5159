"""Kinds of errors that are the same for every network: fixed words, with the numbers of the message."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.code_causes import OF_CODE
from layerscope.decoder.loop_causes import OF_LOOP
from layerscope.decoder.loop_signs import POINTS
from layerscope.decoder.messages import Found
from layerscope.decoder.program_causes import OF_PROGRAM
from layerscope.decoder.training_causes import OF_TRAINING
from layerscope.network import Network

ROWS = OF_CODE | OF_TRAINING | OF_PROGRAM | OF_LOOP
BYTES = "Images as bytes"


def explain(found: Found, network: Network | None) -> Explanation:
    """The fixed words of the kind, with the pieces of the message filled in."""
    roles, says, rows = ROWS[found.kind]
    groups = [group.strip() for group in found.groups]
    meanings = tuple((group, role) for group, role in zip(groups, roles, strict=False) if group)
    filled = [*groups, *[""] * 3]
    causes = tuple(Cause(title.format(*filled), why, remedy) for title, why, remedy in rows)
    if found.kind == "dtype":
        about = tuple(cause for cause in causes if _is_about(cause, found.message.lower(), groups))
        causes = about or tuple(cause for cause in causes if cause.title != BYTES)
    elif found.kind in ("combination", "not-whole"):
        pointed = tuple(cause for cause in causes if _is_of_type(cause, groups[-1]))
        causes = causes[:2] if "Parameter" in groups[-1] else pointed or causes  # a layer's tuples hide the type
    elif points := POINTS.get(found.kind):  # what it points at comes first, the others stay
        causes = tuple(sorted(causes, key=lambda cause: not points(cause.title, found.message, groups)))
    return Explanation(says.format(*filled), meanings, causes)


def _is_about(cause: Cause, message: str, groups: list[str]) -> bool:
    """Whether the two types of the message point at this cause."""
    types = " ".join(groups).lower()
    labels = "scalar type long but" in message
    signs = {
        BYTES: ("byte", "char", "uint8"),
        "Numbers from NumPy": ("double",),
        "Labels of another type": ("long",) if labels else (),
        "Whole numbers as inputs": () if labels else ("long", "int"),
        "Half of it in half precision": ("half", "float16"),
    }
    return any(sign in types for sign in signs.get(cause.title, ()))


def _is_of_type(cause: Cause, types: str) -> bool:
    """Whether one of Python's types that were given points at this cause."""
    signs = {
        "A division made a float": {"float"},
        "Text in the place of a number": {"str"},
        "A shape beside other numbers": {"tuple", "list", "torch.Size"},
        "A shape in the place of one number": {"tuple", "list", "torch.Size"},
    }
    return not signs.get(cause.title, {"list", "numpy.ndarray"}).isdisjoint(types.split(", "))
