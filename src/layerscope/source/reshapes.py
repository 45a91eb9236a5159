"""Flattens and views that reach into the batch, told with the change that keeps the images apart."""

import ast
from collections.abc import Sequence
from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.examples import Example
from layerscope.source.followed import Followed
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Symbol
from layerscope.source.reading import Asked, Span


def about_reshapes(
    followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape, example: Example | None
) -> None:
    """Remarks about flattens that reach into the batch. `layers` have the order of the uses."""
    batch = 0 if example is None else example.batch
    for place, (use, layer) in enumerate(zip(followed.uses, layers, strict=False)):
        if use.made.slip is None:
            continue
        arriving = walking.arriving(layers, place, shape)
        values = 0 if arriving is None else prod(arriving)
        if is_slip(use, "from 0"):
            asked = linear_after(layers, place, wishes, batch * values, 1) if batch > 1 and values else None
            _merges(followed, use, layer, asked, batch)
        elif is_slip(use, "rows"):
            _fixed(followed, use, layers, place, wishes, batch, values)


def is_slip(use: Use, kind: str) -> bool:
    """Whether the code has a slip of that kind there."""
    return use.made.slip is not None and use.made.slip.parameter == kind


def _merges(followed: Followed, use: Use, layer: Layer, asked: Asked | None, batch: int) -> None:
    machine, call = followed.machine, use.node
    text = machine.paste.quote(call)
    after = f" {asked.layer} is given {asked.shape[0]:,} values, those of {batch} samples." if asked else ""
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(call, ast.Call) and not call.keywords and len(call.args) < 2:
        method = isinstance(call.func, ast.Attribute) and not call.args
        changes = ((_before_bracket(machine.paste.behind(call)), "1" if method else ", 1"),)
    machine.flaw(
        f"{text} begins at axis 0, the batch: flatten without start_dim=1 merges the images of the batch into one row."
        f"{after} With start_dim=1, which is shown, the images stay apart.", call,
        tone="error" if asked else "warning", title=f"{layer.name} merges the images of the batch", asks=asked,
        label=f"Line {machine.paste.place(call)[0]}: write start_dim 1" if changes else "", changes=changes,
    )  # fmt: skip


def _before_bracket(span: Span) -> Span:
    return Span(span.line, span.column - 1, span.end_line, span.end_column - 1)


def _fixed(
    followed: Followed, use: Use, layers: Sequence[Layer], place: int, wishes: shapes.Wishes, batch: int, values: int
) -> None:
    machine, slip = followed.machine, use.made.slip
    assert slip is not None
    rows, text = slip.value, machine.paste.quote(use.node)
    words, asked, tone = "", None, "warning"
    if batch and values and batch != rows:
        tone = "error"
        width, rest = divmod(batch * values, rows)
        words = f" The example has {batch}: torch cannot cut its {batch * values:,} values into {rows} rows."
        if not rest:
            asked = linear_after(layers, place, wishes, width, rows)
            words = f" The example has {batch}: torch makes {rows} rows of {width:,} out of it."
    owner = use.node.func.value if isinstance(use.node, ast.Call) and isinstance(use.node.func, ast.Attribute) else None
    simple = isinstance(owner, ast.Name) and not isinstance(machine.globals.names.get(owner.id), Symbol)
    change = f"{owner.id}.size(0)" if simple and isinstance(owner, ast.Name) else ""
    machine.flaw(
        f"{rows} in {text} is the batch size of one call only; with another batch torch stops or mixes the images."
        f"{words} x.size(0) is right for every batch.", slip.node,
        tone=tone, title=f"{text} fits one batch size only", asks=asked,
        label=f"Line {slip.node.lineno}: write {change}" if change else "",
        changes=((machine.paste.span(slip.node), change),) if change else (),
    )  # fmt: skip


def linear_after(layers: Sequence[Layer], place: int, wishes: shapes.Wishes, width: int, rows: int) -> Asked | None:
    """The question about the Linear behind a flatten, where so many rows of that width do not fit it."""
    for layer in layers[place + 1 :]:
        if layer.type == "Linear":
            wanted = wishes.get(layer.name, {}).get("in_features", width)
            return None if wanted == width else Asked(layer.name, (width,), rows)
        if layer.decides or walking.run([layer], (width,)) != (width,):
            return None
    return None
