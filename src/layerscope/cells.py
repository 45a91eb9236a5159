"""Sets of cells along one axis, and which cells of a layer's input a set of its output cells is made from.

A set is one whole number with a byte for each cell, 1 where the cell is in it; cell 0 is the lowest byte. Joining and
shifting sets of some hundred cells is then one operation of the processor's, not a loop.
"""

from collections.abc import Callable
from functools import lru_cache

Cells = int
Span = tuple[int, int]

NOTHING: Span = (0, -1)
"""The span of an empty set: of a cell that sees no input at all, as between the taps of a transposed convolution."""


@lru_cache(maxsize=64)
def all_of(size: int) -> Cells:
    """Every cell of an axis."""
    return int.from_bytes(b"\1" * size, "little")


def only(cell: int) -> Cells:
    """One cell."""
    return 1 << 8 * cell


def span_of(cells: Cells) -> Span:
    """First and last cell of a set."""
    return (((cells & -cells).bit_length() - 1) // 8, (cells.bit_length() - 1) // 8) if cells else NOTHING


def missing_of(cells: Cells, size: int) -> tuple[int, ...]:
    """The cells of an axis that are not in a set, in order."""
    if cells == all_of(size):
        return ()
    return tuple(cell for cell, is_in in enumerate(cells.to_bytes(size, "little")) if not is_in)


def holds(cells: Cells, others: Cells) -> bool:
    """Whether a set has every cell of another one."""
    return cells | others == cells


def under_windows(
    outputs: Cells, cells: int, size: int, extent: int, stride: int, pad: int, step: int, fill: str
) -> Cells:
    """What windows read of an axis: window u reads every `step`-th of `extent` cells from u*stride - pad on.

    Args:
        outputs: which of the `cells` windows count.
        size: the cells of the axis.
        pad: how many cells of padding come first; a negative number cuts cells away.
        fill: what the padding holds: "zeros", or cells of the axis by "reflect", "replicate" or "circular".
    """
    if step == 1 and stride <= extent and fill == "zeros" and outputs == all_of(cells):  # nothing between is left out
        first, end = max(-pad, 0), min((cells - 1) * stride + extent - pad, size)
        return all_of(max(end - first, 0)) << 8 * first
    if stride > 1:
        apart = bytearray(stride * cells)
        apart[::stride] = outputs.to_bytes(cells, "little")
        outputs = int.from_bytes(apart, "little")
    padded, taps, done = outputs, (extent - 1) // step + 1, 1
    while done < taps:  # twice as many taps with each round
        more = min(done, taps - done)
        padded |= padded << 8 * step * more
        done += more
    read = (padded >> 8 * pad if pad >= 0 else padded << -8 * pad) & all_of(size)
    if fill == "zeros":
        return read
    first = max(pad, 0)
    before = padded & all_of(first)
    after = padded >> 8 * (pad + size)
    places = [place - first for place, is_in in enumerate(before.to_bytes(first, "little")) if is_in]
    places += [size + i for i, is_in in enumerate(after.to_bytes(len(bin(after)) // 8 + 1, "little")) if is_in]
    for place in places:
        read |= only(_shown(place, size, fill))
    return read


def under_spans(outputs: Cells, cells: int, size: int, span: Callable[[int], Span], step: int) -> Cells:
    """The same for windows that differ: output cell u reads every `step`-th cell of span(u)."""
    read = bytearray(size)
    for u, is_in in enumerate(outputs.to_bytes(cells, "little")):
        if is_in:
            first, last = span(u)
            places = range(first if first >= 0 else first % step, min(last, size - 1) + 1, step)
            read[places.start : places.stop : step] = b"\1" * len(places)
    return int.from_bytes(read, "little")


def _shown(place: int, size: int, fill: str) -> int:
    """The cell of the axis that a place in the padding shows."""
    if fill == "reflect":
        return -place if place < 0 else 2 * (size - 1) - place
    return min(max(place, 0), size - 1) if fill == "replicate" else place % size
