"""The input's size from an error that stands below the code: the values that a Linear got tell how large images are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.layers.base import Layer
from layerscope.source import shapes
from layerscope.source.text.paste import rows_of

_PRODUCT = re.compile(
    r"(?:mat1 and mat2 shapes cannot be multiplied|size mismatch.{0,60}?)\D{0,20}?"
    r"\(?(\d{1,9}) ?x ?(\d{1,9})(?: and |, .{0,10}?)(\d{1,9}) ?x ?(\d{1,9})"
)
"""mat1 and mat2 shapes cannot be multiplied (64x6400 and 576x256), and what older versions of torch said."""


@dataclass(frozen=True)
class OfError:
    """What an error tells: the input, and how many values arrived, in words with the line where that stands."""

    told: shapes.Told
    words: str
    doubt: str = ""
    batch: int = 0
    """How many samples there were."""


def find(source: str, error: str, layers: Sequence[Layer], wishes: shapes.Wishes) -> OfError | None:
    """The input with which the layer that the error is about gets as many values as the error says."""
    found = _PRODUCT.search(error)
    if found is None:
        return None
    arrive, width, out = int(found[2]), int(found[3]), int(found[4])
    places = [
        place for place, layer in enumerate(layers)
        if layer.type == "Linear" and wishes.get(layer.name, {}).get("in_features") == width
        and layer.chosen["out_features"] == out
    ]  # fmt: skip
    told = shapes.leaving(layers, wishes, places[0], arrive) if len(places) == 1 and arrive != width else None
    if told is None or told.shape is None:
        return None
    line = next((n for n, row in enumerate(rows_of(source), 1) if found[0] in row), 0)
    where = f"the {arrive:,} values in the error" + (f" in line {line}" if line else "")
    first, last = told.fits
    sizes = f" (sizes from {first} to {last} fit)" if first < last else ""
    size = "×".join(map(str, told.shape[1:]))
    doubt = f"{size} would give {where}, like every size from {first} to {last}; what do you use?"
    return OfError(told, f"from {where}{sizes}", "" if told.is_certain else doubt, int(found[1]))
