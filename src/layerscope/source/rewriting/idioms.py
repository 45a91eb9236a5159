"""Idioms in a chain: what people write there with functions is a layer in other words.

Each rule looks at one place among rows that follow each other alone, and says which rows belong there instead. In a
network that branches the rows stay as they were called.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Shape
from layerscope.source.record import Entry, Output, Row

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

Rewritten = tuple[int, list[Row]] | None
"""How many rows are taken away, and what stands there then; None where the rule does not fit."""
_NUMBERS = {"Scale", "Shift"}
_POOLS = {"Mean": "AdaptiveAvgPool", "Max": "AdaptiveMaxPool"}


def is_chain(rows: Sequence[Row], entries: Sequence[Entry], leaving: Sequence[Output]) -> bool:
    """Whether each row reads just what the row before it gives, and the last one is all that leaves."""
    if len(entries) != 1 or len(leaving) > 1 or not rows:
        return False
    above: list[Any] = [entries[0], *rows[:-1]]
    plain = all(row.reads == (Output(before),) and row.again is None for row, before in zip(rows, above, strict=True))
    return plain and (not leaving or leaving[0] == Output(rows[-1]))


def rewritten(run: "Evaluator", rows: Sequence[Row], entry: Entry) -> list[Row]:
    """The rows of a chain with its idioms read as layers."""
    found: list[Row] = []
    place = 0
    while place < len(rows):
        for rule in RULES:
            change = rule(run, rows, place, found)
            if change is not None:
                taken, made = change
                break
        else:
            taken, made = 1, [rows[place]]
        for row in made:
            row.reads = (Output(found[-1]) if found else Output(entry),)
            found.append(row)
        place += taken
    return found


def _arrives(rows: Sequence[Row], place: int) -> Shape:
    """The shape of one sample that a row reads."""
    origin = rows[place].reads[0].origin
    return origin.given.shape if isinstance(origin, Entry) else origin.outputs[0] if origin.outputs else ()


def _made(kind: str, row: Row, output: Shape, **values: Any) -> Row:
    """Another row in the place of one."""
    layer = CATALOGUE[kind](name="", **values)
    return replace(row, layer=layer, outputs=(output,), module=None)


def _number(run: "Evaluator", rows: Sequence[Row], place: int, before: list[Row]) -> Rewritten:
    """x * 2 and the like."""
    row = rows[place]
    plain = row.type in _NUMBERS or (row.type == "Function" and row.layer.chosen["function"] == "neg")
    if not plain or row.module is not None:
        return None
    run.remarks.note(f"{run.paste.quote(row.node)} is not shown: it changes no shapes and no counts.", row.node)
    return 1, []


def _global_pooling(run: "Evaluator", rows: Sequence[Row], place: int, before: list[Row]) -> Rewritten:
    """x.mean([2, 3]), x.mean(3).mean(2): the mean of each channel is global average pooling."""
    row = rows[place]
    pool = _POOLS.get(row.type)
    shape = _arrives(rows, place)
    if pool is None or not 2 <= len(shape) <= 4:
        return None
    axes, taken, keeps = set(range(2, len(shape) + 1)), 0, False
    left = list(range(1, len(shape) + 1))
    while axes and place + taken < len(rows) and rows[place + taken].type == row.type:
        chosen = rows[place + taken].layer.chosen
        dims = chosen["dim"] if isinstance(chosen["dim"], tuple) else (chosen["dim"],)
        keeps = bool(chosen["keepdim"])
        counted = {left[dim - 1] if dim > 0 else left[dim] for dim in dims if dim and -len(left) <= dim <= len(left)}
        if not counted <= axes or len(counted) != len(dims):
            return None
        axes -= counted
        taken += 1
        if keeps:
            break
        left = [axis for axis in left if axis not in counted]
    if axes:
        return None
    ones = (1,) * (len(shape) - 1)
    pooled = _made(f"{pool}{len(shape) - 1}d", row, (shape[0], *ones), output_size=1)
    flat = _made("Flatten", rows[place + taken - 1], (shape[0],))
    return taken, [pooled] if keeps else [pooled, flat]


def _reshape(run: "Evaluator", rows: Sequence[Row], place: int, before: list[Row]) -> Rewritten:
    """view(batch, c, h, w): a flatten where more than one axis arrives, and an unflatten."""
    row = rows[place]
    if row.type != "Reshape" or not row.outputs:
        return None
    sizes, arrives = row.layer.chosen["shape"], _arrives(rows, place)
    if len(sizes) == 2 and len(arrives) > 1 and row.outputs[0][0] == arrives[0]:
        return 1, [_made("Flatten", row, row.outputs[0], start_dim=2)]
    if len(sizes) < 2:
        return None
    split = _made("Unflatten", row, row.outputs[0], dim=1, unflattened_size=sizes)
    if len(arrives) < 2:
        return 1, [split]
    count = 1
    for size in arrives:
        count *= size
    return 1, [_made("Flatten", row, (count,)), split]


def _squeeze(run: "Evaluator", rows: Sequence[Row], place: int, before: list[Row]) -> Rewritten:
    """squeeze() after global pooling is a flatten; at the end it only takes axes of size 1 away."""
    row = rows[place]
    last = before[-1] if before else None
    if row.type != "Squeeze" or last is None:
        return None
    text, taken = run.paste.quote(row.node), 1
    while place + taken < len(rows) and rows[place + taken].type == "Squeeze":
        taken += 1
    output = rows[place + taken - 1].outputs[:1]
    if "Pool" in last.type and output and len(output[0]) == 1:
        run.remarks.note(f"{text} after pooling is shown as a flatten.", row.node)
        return taken, [_made("Flatten", row, output[0])]
    if last.type == "Flatten" and last.outputs == row.outputs:
        return 1, []
    if place + taken == len(rows) and len(_arrives(rows, place)) == 1:
        run.remarks.note(f"{text} at the end is not shown: it removes axes, even a batch axis of 1.", row.node)
        return taken, []
    return None


def _unsqueeze(run: "Evaluator", rows: Sequence[Row], place: int, before: list[Row]) -> Rewritten:
    """unsqueeze(1), unsqueeze(-1): an axis of size 1 more."""
    row = rows[place]
    if row.type != "Unsqueeze" or not row.outputs:
        return None
    dim, arrives = row.layer.chosen["dim"], _arrives(rows, place)
    if dim == 1:
        return 1, [_made("Unflatten", row, row.outputs[0], dim=1, unflattened_size=(1, -1))]
    if dim == -1 or (dim == 2 and len(arrives) == 1):
        return 1, [_made("Unflatten", row, row.outputs[0], dim=-1, unflattened_size=(-1, 1))]
    return None


RULES: tuple[Callable[..., Rewritten], ...] = (_number, _global_pooling, _reshape, _squeeze, _unsqueeze)
