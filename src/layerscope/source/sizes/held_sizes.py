"""The input's size from a tensor that the network holds, such as positions for 197 tokens: with it other sizes fail."""

from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source import walking
from layerscope.source.followed import Followed
from layerscope.source.record import Row
from layerscope.source.shapes import LARGEST, USUAL, Told

_JOINING = ("Add", "Subtract", "Multiply")
LONGEST_RANGE = 512


def told(followed: Followed, ran: Shape) -> Told | None:
    """The square sizes about that on which the network ran, where a tensor that it holds lets no others through; None
    where none does."""
    layers, axes = followed.layers, len(ran) - 1
    if axes < 1 or len(set(ran[1:])) > 1 or not any(layer.takes[0] == 0 for layer in layers):
        return None
    rows = walking.Rows(layers)
    held_names = {layer.name for layer in layers if layer.takes[0] == 0}

    def runs(size: int) -> bool:
        return _goes_through(rows, held_names, (ran[0], *(size,) * axes))

    if not runs(ran[1]):
        return None
    first = last = ran[1]
    most = LARGEST.get(axes, ran[1])
    while first > 1 and ran[1] - first < LONGEST_RANGE and runs(first - 1):
        first -= 1
    while last < most and last - first < LONGEST_RANGE and runs(last + 1):
        last += 1
    others = [size for size in USUAL if not first <= size <= last]
    if last - first >= LONGEST_RANGE or last == most or any(runs(size) for size in others):
        return None
    held = _held(followed, rows, (ran[0], *(last + 1,) * axes))
    if held is None:
        return None
    usual = [size for size in USUAL if first <= size <= last]
    size = first if first in usual or not usual else usual[0]
    shape = (ran[0], *(size,) * axes)
    return Told(shape, wanted=1, fits=(first, last), is_usual=first in usual, by=_in_words(followed, held))


def _goes_through(rows: walking.Rows, held: set[str], shape: Shape) -> bool:
    """Whether an input goes through all layers, and is enlarged by no tensor that is held: one patch and positions for
    196 make 196."""
    for layer, arriving, leaving in rows.joins(shape):
        if leaving is None:
            return False
        pairs = list(zip(layer.inputs, arriving, strict=False))
        live = [each for name, each in pairs if name not in held]
        if layer.type in _JOINING and len(live) < len(pairs) and leaving not in live:
            return False
    return True


def _held(followed: Followed, rows: walking.Rows, shape: Shape) -> Row | None:
    """The row of a tensor of the network's own on which an input of that shape fails."""
    *_, last = rows.joins(shape)  # fails there, as one cell more is never enlarged
    names = [layer.name for layer in followed.layers]
    row = followed.rows[names.index(last[0].name)]
    origins = [read.origin for read in row.reads]
    return next((each for each in origins if isinstance(each, Row) and each.layer.takes[0] == 0), None)


def _in_words(followed: Followed, row: Row) -> str:
    """197×192 values of pos_embed in line 9."""
    name = getattr(row.module, "name", None) or followed.run.paste.quote(row.node)
    where = getattr(row.module, "node", row.node)
    return f"{shape_text(row.outputs[0])} values of {name} in line {followed.run.paste.place(where)[0]}"
