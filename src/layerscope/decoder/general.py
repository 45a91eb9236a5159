"""Kinds of errors that are the same for every network: fixed words, with the numbers of the message."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.code_causes import OF_CODE
from layerscope.decoder.messages import Found
from layerscope.decoder.training_causes import OF_TRAINING
from layerscope.network import Network

ROWS = OF_CODE | OF_TRAINING


def explain(found: Found, network: Network | None) -> Explanation:
    """The fixed words of the kind, with the pieces of the message filled in."""
    roles, says, rows = ROWS[found.kind]
    groups = [group.strip() for group in found.groups]
    meanings = tuple((group, role) for group, role in zip(groups, roles, strict=False) if group)
    filled = [*groups, *[""] * 3]
    causes = tuple(Cause(title.format(*filled), why, remedy) for title, why, remedy in rows)
    if found.kind == "dtype":
        causes = tuple(sorted(causes, key=lambda cause: not _is_about(cause, " ".join(groups).lower())))
    return Explanation(says.format(*filled), meanings, causes)


def _is_about(cause: Cause, types: str) -> bool:
    """Whether the two types of the message point at this cause."""
    signs = {
        "Images as bytes": ("byte", "char", "uint8"),
        "Numbers from NumPy": ("double",),
        "Labels of another type": ("long", "int"),
        "Half of it on the graphics card or in half precision": ("cuda", "half", "mps"),
    }
    return any(sign in types for sign in signs.get(cause.title, ()))
