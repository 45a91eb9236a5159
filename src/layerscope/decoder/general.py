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
    if found.kind == "dtype" and "Long" in groups:
        causes = tuple(sorted(causes, key=lambda cause: not cause.title.startswith("Labels")))
    return Explanation(says.format(*filled), meanings, causes)
