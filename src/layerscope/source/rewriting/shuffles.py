"""Channels among their groups: view(b, g, c // g, h, w), transpose(1, 2), view(b, c, h, w) is a ChannelShuffle."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from layerscope.layers.base import Shape
from layerscope.source.record import Output, Row
from layerscope.source.torch.worlds import unnamed

_SWAPS = {"Transpose": ("dim0", "dim1"), "Permute": ("order",)}
_SWAPPED = {(1, 2), (2, 1), ((0, 2, 1, 3, 4),)}
"""The arguments of rows that let the first two axes of a sample change places."""


def with_shuffles(rows: list[Row], leaving: Sequence[Output]) -> list[Row]:
    """The rows with three of them as one where together they do what nn.ChannelShuffle does."""
    if not any(row.type in _SWAPS for row in rows):
        return rows
    read = Counter(id(output.origin) for output in chain(leaving, *(row.reads for row in rows)))
    gone: set[int] = set()
    for row in rows:
        swap = _before(row, read) if row.type == "Reshape" else None
        split = _before(swap, read) if swap is not None and swap.type in _SWAPS else None
        groups = _groups(split, swap, row) if split is not None and swap is not None else 0
        if split is not None and swap is not None and groups:
            row.layer, row.reads = unnamed("ChannelShuffle", groups=groups), split.reads
            gone |= {id(split), id(swap)}
    return [row for row in rows if id(row) not in gone] if gone else rows


def _before(row: Row, read: Counter[int]) -> Row | None:
    """The row whose one output this row reads, and no other does."""
    origin = row.reads[0].origin if len(row.reads) == 1 and row.module is None else None
    return origin if isinstance(origin, Row) and read[id(origin)] == 1 and origin.outputs else None


def _groups(split: Row, swap: Row, row: Row) -> int:
    """Among how many groups the channels are shuffled; 0 where that is not what the rows do."""
    arrives, inside = _arriving(split), split.outputs[0]
    swapped = tuple(swap.layer.chosen[name] for name in _SWAPS[swap.type])
    fits = split.type == "Reshape" and len(split.reads) == 1 and len(arrives) == 3 and row.outputs == (arrives,)
    same = len(inside) == 4 and inside[2:] == arrives[1:] and swapped in _SWAPPED
    return inside[0] if fits and same and inside[0] * inside[1] == arrives[0] else 0


def _arriving(row: Row) -> Shape:
    """The shape of one sample that the row reads."""
    origin, port = row.reads[0].origin, row.reads[0].port
    if isinstance(origin, Row):
        return origin.outputs[port] if port < len(origin.outputs) else ()
    return origin.given.shape
