"""Flattens and views that reach into the batch, told with the change that keeps the images apart."""

import ast
from collections.abc import Iterator, Sequence
from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.python.values import Symbol
from layerscope.source.reading import Asked, Flaw, Span
from layerscope.source.record import Row
from layerscope.source.remarks.case import Case


def remark(case: Case) -> Iterator[Flaw]:
    """Remarks about flattens that reach into the batch."""
    layers, wishes, shape = case.layers, case.wishes, case.shape
    batch = case.example.batch if case.example is not None else 0
    if shape is None:
        return
    for place, (row, layer) in enumerate(zip(case.followed.rows, layers, strict=False)):
        if layer.type == "Flatten" and layer.chosen["start_dim"] == 0:
            yield _flattens_the_batch(case, row, place, shape, batch)
        if row.slip is None:
            continue
        arriving = walking.arriving(layers, place, shape)
        values = 0 if arriving is None else prod(arriving)
        if is_slip(row, "from 0"):
            asked = linear_after(layers, place, wishes, batch * values, 1) if batch > 1 and values else None
            yield _merges(case, row, layer, asked, batch)
        elif is_slip(row, "rows"):
            yield _fixed(case, row, place, batch, values)


def is_slip(row: Row, kind: str) -> bool:
    """Whether the code has a slip of that kind there."""
    return row.slip is not None and row.slip.parameter == kind


def _merges(case: Case, row: Row, layer: Layer, asked: Asked | None, batch: int) -> Flaw:
    paste, call = case.paste, row.node
    text = paste.quote(call)
    after = f" {asked.layer} gets {asked.shape[0]:,} values, those of {batch} samples." if asked else ""
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(call, ast.Call) and not call.keywords and len(call.args) < 2:
        method = isinstance(call.func, ast.Attribute) and not call.args
        changes = ((_before_bracket(paste.after(call)), "1" if method else ", 1"),)
    return case.flaw(
        f"{text} starts at axis 0, the batch: without start_dim=1, flatten merges all images of the batch into one row."
        f"{after} With start_dim=1, as shown, the images stay separate.", call,
        kind="reshape",
        tone="error" if asked else "warning", title=f"{layer.name} merges the images of the batch", asks=asked,
        label=f"Line {paste.place(call)[0]}: write start_dim 1" if changes else "", changes=changes,
    )  # fmt: skip


def _flattens_the_batch(case: Case, row: Row, place: int, shape: Shape, batch: int) -> Flaw:
    """A flatten that says start_dim=0 itself: a layer, or a function."""
    layers, paste, call = case.layers, case.paste, row.module.node if row.module is not None else row.node
    arriving = walking.arriving(layers, place, shape)
    count, values = batch or 2, prod(arriving or ())
    linear = linear_after(layers, place, case.wishes, count * values, 1) if arriving else None
    quote = after = ""
    if linear is not None and count > 1:
        width = case.wishes.get(linear.layer, {}).get("in_features", 0)
        out = next(layer.chosen["out_features"] for layer in layers if layer.name == linear.layer)
        quote = f"mat1 and mat2 shapes cannot be multiplied (1x{count * values} and {width}x{out})"
        after = f" With {count} samples, {linear.layer} would get {count * values:,} values in one row."
    start = _start(call)
    return case.flaw(
        f"Axis 0 is the batch: {paste.quote(call)} merges all samples into one row.{after} start_dim=1 keeps "
        "the samples separate.", call,
        tone="error", title=f"{paste.quote(call)} merges the samples", quote=quote,
        label=f"Line {paste.place(start)[0]}: write start_dim=1" if start is not None else "",
        changes=((paste.span(start), "1"),) if start is not None else (),
    )  # fmt: skip


def _start(call: ast.AST) -> ast.expr | None:
    """Where start_dim stands as the number 0 in a call."""
    if not isinstance(call, ast.Call):
        return None
    given = [word.value for word in call.keywords if word.arg == "start_dim"] or call.args
    return next((node for node in given if isinstance(node, ast.Constant) and node.value == 0), None)


def _before_bracket(span: Span) -> Span:
    return Span(span.line, span.column - 1, span.end_line, span.end_column - 1)


def _fixed(case: Case, row: Row, place: int, batch: int, values: int) -> Flaw:
    run, slip = case.run, row.slip
    assert slip is not None
    rows, text = slip.value, run.paste.quote(row.node)
    words, asked, tone = "", None, "warning"
    if batch and values and batch != rows:
        tone = "error"
        width, rest = divmod(batch * values, rows)
        words = f" The example has {batch}: PyTorch cannot split its {batch * values:,} values into {rows} rows."
        if not rest:
            asked = linear_after(case.layers, place, case.wishes, width, rows)
            words = f" The example has {batch}: PyTorch makes {rows} rows of {width:,} values from it."
    owner = row.node.func.value if isinstance(row.node, ast.Call) and isinstance(row.node.func, ast.Attribute) else None
    simple = isinstance(owner, ast.Name) and not isinstance(run.globals.names.get(owner.id), Symbol)
    change = f"{owner.id}.size(0)" if simple and isinstance(owner, ast.Name) else ""
    return case.flaw(
        f"{rows} in {text} only fits one batch size; with any other, PyTorch fails or mixes the images."
        f"{words} x.size(0) fits every batch.", slip.node,
        kind="reshape", tone=tone, title=f"{text} fits only one batch size", asks=asked,
        label=f"Line {slip.node.lineno}: write {change}" if change else "",
        changes=((run.paste.span(slip.node), change),) if change else (),
    )  # fmt: skip


def linear_after(layers: Sequence[Layer], place: int, wishes: shapes.Wishes, width: int, rows: int) -> Asked | None:
    """The question about the Linear after a flatten, where so many rows of that width do not fit it."""
    for layer in layers[place + 1 :]:
        if layer.type == "Linear":
            wanted = wishes.get(layer.name, {}).get("in_features", width)
            return None if wanted == width else Asked(layer.name, (width,), rows)
        if layer.decides or walking.run([layer], (width,)) != (width,):
            return None
    return None
