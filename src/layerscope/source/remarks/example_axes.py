"""What the code does that its author does not mean, found from the layers and the example call together."""

import ast
from collections.abc import Iterator
from math import prod

from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source import walking
from layerscope.source.examples import Example, Form
from layerscope.source.reading import Asked, Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.remarks.reshapes import is_slip, linear_after

MOST_EXAMPLES = 3
"""Further calls that are looked at."""


def remark(case: Case) -> Iterator[Flaw]:
    """Remarks about an example whose axes are not those that the layers mean."""
    example, layers, paste = case.example, case.layers, case.paste
    if example is None or not layers:
        return
    shape = example.shape
    first = next((layer.name for layer in layers if layer.decides), layers[0].name)
    text = paste.quote(example.node)
    if example.channels_last:
        axes = len(shape) - 1
        order = ", ".join(map(str, (0, axes + 1, *range(1, axes + 1))))
        wanted = f"{shape[0]} channel{'s' * (shape[0] > 1)}"
        yield case.flaw(
            f"{text} has the channels last; PyTorch expects them first. {first} expects {wanted} but gets {shape[1]}. "
            f"Reorder the axes with permute({order}); the network is shown for {shape_text(shape)}.",
            example.node, kind="example", tone="error", title="The channels come last",
            asks=Asked(first, (*shape[1:], shape[0]), example.batch or 1),
            label=f"Line {example.node.lineno}: write .permute({order}) after it",
            changes=((paste.after(example.node), f".permute({order})"),),
        )  # fmt: skip
    if example.form is Form.UNBATCHED and not any(is_slip(row, "from 0") for row in case.followed.rows):
        yield _without_batch(case, example)
    yield from _about_other_examples(case)


def _about_other_examples(case: Case) -> Iterator[Flaw]:
    """A remark about each later call that the network does not accept although it accepts the first."""
    first, shown = case.shown[0], case.shown
    usual = [each for each in shown[1:] if each.called and each.form not in (Form.UNBATCHED, Form.CHANNELLESS)]
    others = {each.shape: each for each in reversed(usual)}
    others.pop(first.shape, None)
    for example in list(others.values())[::-1][:MOST_EXAMPLES]:
        refused = None if example.channels_last else walking.refusing(case.layers, case.wishes, example.shape)
        if refused is None or walking.refusing(case.layers, case.wishes, first.shape) is not None:
            continue
        layer, arriving = refused
        text = case.paste.quote(example.node)
        yield case.flaw(
            f"{text} does not fit the network; {shape_text(first.shape)}, which is shown, does. "
            f"{layer} gets {shape_text(arriving)}.", example.node,
            kind="example", tone="error", title=f"Not every call fits: {shape_text(example.shape)} does not",
            asks=Asked(layer, arriving, example.batch or 1),
        )  # fmt: skip


def _without_batch(case: Case, example: Example) -> Flaw:
    paste, shape = case.paste, example.shape
    asked = _unbatched_question(case, shape)
    words = f"{paste.quote(example.node)} has no batch axis, so PyTorch reads it as a single sample"
    if asked is not None:
        before = next(layer.name for layer in case.layers if layer.type == "Flatten")
        rows = f"{asked.batch} rows of {asked.shape[0]:,}"
        words += f"; {before} gives {rows} instead of one row, and {asked.layer} does not fit"
    axis = case.followed.entries[0].axis
    start = example.rows[axis] if axis < len(example.rows) else None
    simple = isinstance(start, ast.Constant)
    put = ", ".join(map(str, (*shape[:axis], 1, *shape[axis:])))
    return case.flaw(
        f"{words}. Put the batch {f'on axis {axis}' if axis else 'first'}: {put}.", example.node,
        kind="example",
        tone="error" if asked else "warning", title="The example has no batch axis", asks=asked,
        label=f"Line {example.node.lineno}: write {put}" if simple else "",
        changes=((paste.before(start), "1, "),) if start is not None and simple else (),
    )  # fmt: skip


def _unbatched_question(case: Case, shape: Shape) -> Asked | None:
    """What the first Linear after a flatten gets where the channels are in the place of the batch."""
    layers = case.layers
    place = next((n for n, layer in enumerate(layers) if layer.type == "Flatten"), -1)
    arriving = walking.arriving(layers, place, shape) if place >= 0 else None
    if arriving is None or len(arriving) < 2 or layers[place].chosen["start_dim"] != 1:
        return None
    if any(value.rows == -1 for value in case.followed.rows[place].in_values):
        return None  # view(-1, n) makes one row of it
    return linear_after(layers, place, case.wishes, prod(arriving[1:]), arriving[0])
