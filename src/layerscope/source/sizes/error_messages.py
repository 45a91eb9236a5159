"""The input's size from an error that stands below the code: what a layer got tells how large images are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.sizes.error_readers import READERS, Found, Network
from layerscope.source.text.paste import rows_of


@dataclass(frozen=True)
class OfError:
    """What an error tells: the input, and what arrived, in words with the line where that stands."""

    told: shapes.Told
    words: str
    doubt: str = ""
    batch: int = 0
    """How many samples there were."""


def find(source: str, error: str, layers: Sequence[Layer], wishes: shapes.Wishes) -> OfError | None:
    """The input with which the layer that the error is about gets what the error says."""
    case = Network(layers, wishes)
    for pattern, read in READERS:
        match = pattern.search(error)
        found = list(read(match, case)) if match is not None else []
        if match is not None and len(found) == 1 and found[0].told.shape is not None:
            return _in_words(found[0], match, source)
    return None


def denied(source: str, error: str, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape) -> str:
    """A sentence where an error of sizes stands below code that runs on that shape; "" where none does."""
    match = next((match for pattern, _ in READERS if (match := pattern.search(error)) is not None), None)
    if match is None or walking.refusing(layers, wishes, shape) is not None:
        return ""
    size = "×".join(map(str, shape[1:] or shape))
    return f"With {size} this code runs, so the error{_where(match, source)} comes from another size; what do you use?"


def _where(match: re.Match[str], source: str) -> str:
    """In which line of the paste the message stands; "" where it is in none."""
    line = next((n for n, row in enumerate(rows_of(source), 1) if match[0] in row), 0)
    return f" in line {line}" if line else ""


def _in_words(found: Found, match: re.Match[str], source: str) -> OfError:
    where = f"the {found.what} in the error{_where(match, source)}"
    told = found.told
    assert told.shape is not None
    first, last = told.fits
    sizes = f" (sizes from {first} to {last} fit)" if first < last else ""
    size = "×".join(map(str, told.shape[1:]))
    others = f", like every size from {first} to {last}" if first < last else ""
    doubt = f"{size} would give {where}{others}; what do you use?"
    return OfError(told, f"from {where}{sizes}", "" if found.is_sure and told.is_certain else doubt, found.batch)
