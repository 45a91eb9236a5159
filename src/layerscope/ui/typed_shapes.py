"""The shapes of a paste's inputs, as somebody types them where the code does not tell them."""

import re
from collections.abc import Sequence

from layerscope.formatting import joined
from layerscope.layers.base import Shape
from layerscope.source import shapes
from layerscope.source.input_list import Given
from layerscope.source.reader import SourceError
from layerscope.source.reading import Reading

_BETWEEN = re.compile(r"[,x×]")
_NEXT = re.compile(r"[;\n]")


def typed_shapes(text: str) -> Given | None:
    """ "3, 32, 32; 10" as a shape for each input, None where nothing is typed. Raises SourceError."""
    rows = tuple(map(typed_shape, _NEXT.split(text)))
    return rows if any(rows) else None


def typed_shape(text: str) -> Shape | None:
    """ "3, 32, 32" or "3x32x32" as a shape, None for nothing. Raises SourceError."""
    if not text.strip():
        return None
    numbers = _BETWEEN.sub(" ", text.lower()).strip("()[] ").split()
    if not 1 <= len(numbers) <= 4 or not all(part.isdecimal() and len(part) < 8 for part in numbers):
        raise SourceError(f"{text[:40]!r} is not an input shape; for an image, type 3, 32, 32 without the batch axis.")
    return tuple(map(int, numbers))


def apart(text: str, count: int) -> list[str]:
    """What stands in the boxes for the shapes of so many inputs; what is too much stays in the last one."""
    rows = [row.strip() for row in _NEXT.split(text, count - 1)] if count > 1 else [text]
    return rows + [""] * (count - len(rows))


def together(rows: Sequence[str]) -> str:
    """The texts of the boxes as one; empty where they all are."""
    return "; ".join(rows) if any(map(str.strip, rows)) else ""


def misfit(reading: Reading, given: Given) -> str:
    """Why the shapes that were typed cannot be those of the inputs; empty where they can."""
    names = reading.inputs
    if reading.layers and len(given) > len(names):
        would = f"{len(names)} inputs, {joined(names)}: type a shape for each, without the batch axis."
        if len(names) == 1:
            would = "one input; for an image, type 3, 32, 32 without the batch axis."
        return f"You typed {len(given)} shapes, but the network has {would}"
    for place, shape in enumerate(given):
        axes = _axes_of_maps(reading, place)
        if shape and axes and len(shape) == axes + 2:
            rest = ", ".join(map(str, shape[1:]))
            which = f" of {names[place]}" if len(names) > 1 else ""
            return f"Leave out the batch axis{which}: {rest} would work."
    return ""


def _axes_of_maps(reading: Reading, place: int) -> int | None:
    """How many spatial axes an input must have, as far as the layers say; 0 or None where they do not."""
    if len(reading.inputs) == 1:
        return shapes.expected(reading.layers, {})[0]
    network = reading.network
    readers = network.users(network.inputs[place].name) if network is not None else ()
    return next((network[name].dims for name in readers if network and network[name].dims), None)
