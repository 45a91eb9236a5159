"""Flattens and views that reach into the batch, told with the change that keeps the images apart."""

import ast
from collections.abc import Sequence
from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.examples import Example
from layerscope.source.followed import Followed
from layerscope.source.python.values import Symbol
from layerscope.source.reading import Asked, Span
from layerscope.source.record import Row


def about_reshapes(
    followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape, example: Example | None
) -> None:
    """Remarks about flattens that reach into the batch. `layers` have the order of the uses."""
    batch = 0 if example is None else example.batch
    for place, (row, layer) in enumerate(zip(followed.rows, layers, strict=False)):
        if layer.type == "Flatten" and layer.chosen["start_dim"] == 0:
            _flattens_the_batch(followed, row, layers, place, wishes, shape, batch)
        if row.slip is None:
            continue
        arriving = walking.arriving(layers, place, shape)
        values = 0 if arriving is None else prod(arriving)
        if is_slip(row, "from 0"):
            asked = linear_after(layers, place, wishes, batch * values, 1) if batch > 1 and values else None
            _merges(followed, row, layer, asked, batch)
        elif is_slip(row, "rows"):
            _fixed(followed, row, layers, place, wishes, batch, values)


def is_slip(row: Row, kind: str) -> bool:
    """Whether the code has a slip of that kind there."""
    return row.slip is not None and row.slip.parameter == kind


def _merges(followed: Followed, row: Row, layer: Layer, asked: Asked | None, batch: int) -> None:
    run, call = followed.run, row.node
    text = run.paste.quote(call)
    after = f" {asked.layer} gets {asked.shape[0]:,} values, those of {batch} samples." if asked else ""
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(call, ast.Call) and not call.keywords and len(call.args) < 2:
        method = isinstance(call.func, ast.Attribute) and not call.args
        changes = ((_before_bracket(run.paste.behind(call)), "1" if method else ", 1"),)
    run.remarks.flaw(
        f"{text} starts at axis 0, the batch: without start_dim=1, flatten merges all images of the batch into one row."
        f"{after} With start_dim=1, as shown, the images stay separate.", call,
        kind="reshape",
        tone="error" if asked else "warning", title=f"{layer.name} merges the images of the batch", asks=asked,
        label=f"Line {run.paste.place(call)[0]}: write start_dim 1" if changes else "", changes=changes,
    )  # fmt: skip


def _flattens_the_batch(
    followed: Followed, row: Row, layers: Sequence[Layer], place: int, wishes: shapes.Wishes, shape: Shape, batch: int
) -> None:
    """A flatten that says start_dim=0 itself: a layer, or a function."""
    run, call = followed.run, row.module.node if row.module is not None else row.node
    arriving = walking.arriving(layers, place, shape)
    count, values = batch or 2, prod(arriving or ())
    linear = linear_after(layers, place, wishes, count * values, 1) if arriving else None
    quote = after = ""
    if linear is not None and count > 1:
        width = wishes.get(linear.layer, {}).get("in_features", 0)
        out = next(layer.chosen["out_features"] for layer in layers if layer.name == linear.layer)
        quote = f"mat1 and mat2 shapes cannot be multiplied (1x{count * values} and {width}x{out})"
        after = f" With {count} samples, {linear.layer} would get {count * values:,} values in one row."
    start = _start(call)
    run.remarks.flaw(
        f"Axis 0 is the batch: {run.paste.quote(call)} merges all samples into one row.{after} start_dim=1 keeps "
        "the samples separate.", call,
        tone="error", title=f"{run.paste.quote(call)} merges the samples", quote=quote,
        label=f"Line {run.paste.place(start)[0]}: write start_dim=1" if start is not None else "",
        changes=((run.paste.span(start), "1"),) if start is not None else (),
    )  # fmt: skip


def _start(call: ast.AST) -> ast.expr | None:
    """Where start_dim stands as the number 0 in a call."""
    if not isinstance(call, ast.Call):
        return None
    given = [word.value for word in call.keywords if word.arg == "start_dim"] or call.args
    return next((node for node in given if isinstance(node, ast.Constant) and node.value == 0), None)


def _before_bracket(span: Span) -> Span:
    return Span(span.line, span.column - 1, span.end_line, span.end_column - 1)


def _fixed(
    followed: Followed, row: Row, layers: Sequence[Layer], place: int, wishes: shapes.Wishes, batch: int, values: int
) -> None:
    run, slip = followed.run, row.slip
    assert slip is not None
    rows, text = slip.value, run.paste.quote(row.node)
    words, asked, tone = "", None, "warning"
    if batch and values and batch != rows:
        tone = "error"
        width, rest = divmod(batch * values, rows)
        words = f" The example has {batch}: torch cannot split its {batch * values:,} values into {rows} rows."
        if not rest:
            asked = linear_after(layers, place, wishes, width, rows)
            words = f" The example has {batch}: torch makes {rows} rows of {width:,} values from it."
    owner = row.node.func.value if isinstance(row.node, ast.Call) and isinstance(row.node.func, ast.Attribute) else None
    simple = isinstance(owner, ast.Name) and not isinstance(run.globals.names.get(owner.id), Symbol)
    change = f"{owner.id}.size(0)" if simple and isinstance(owner, ast.Name) else ""
    run.remarks.flaw(
        f"{rows} in {text} only fits one batch size; with any other, torch fails or mixes the images."
        f"{words} x.size(0) fits every batch.", slip.node,
        kind="reshape", tone=tone, title=f"{text} fits only one batch size", asks=asked,
        label=f"Line {slip.node.lineno}: write {change}" if change else "",
        changes=((run.paste.span(slip.node), change),) if change else (),
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
