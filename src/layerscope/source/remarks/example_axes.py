"""What the code does otherwise than its author means, told from the layers and the example call together."""

import ast
from collections.abc import Sequence
from math import prod

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.examples import Example, Form
from layerscope.source.followed import Followed
from layerscope.source.reading import Asked
from layerscope.source.remarks.reshapes import is_slip, linear_after

MOST_EXAMPLES = 3
"""Further calls that are looked at."""


def about_example(example: Example, followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes) -> None:
    """Remarks about an example whose axes are not those that the layers mean."""
    run, shape = followed.run, example.shape
    if not layers:
        return
    first = next((layer.name for layer in layers if layer.decides), layers[0].name)
    text = run.paste.quote(example.node)
    if example.channels_last:
        axes = len(shape) - 1
        order = ", ".join(map(str, (0, axes + 1, *range(1, axes + 1))))
        wanted = f"{shape[0]} channel{'s' * (shape[0] > 1)}"
        run.remarks.flaw(
            f"{text} has the channels last; torch expects them first. {first} expects {wanted} but gets {shape[1]}. "
            f"Reorder the axes with permute({order}); the network is shown for {shape_text(shape)}.",
            example.node, kind="example", tone="error", title="The channels come last",
            asks=Asked(first, (*shape[1:], shape[0]), example.batch or 1),
            label=f"Line {example.node.lineno}: write .permute({order}) after it",
            changes=((run.paste.behind(example.node), f".permute({order})"),),
        )  # fmt: skip
    if example.form is Form.UNBATCHED and not any(is_slip(row, "from 0") for row in followed.rows):
        _without_batch(example, followed, layers, wishes)


def about_other_examples(
    shown: Sequence[Example], followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes
) -> None:
    """A remark about each further call that the network cannot take, though it takes the first."""
    first, run = shown[0], followed.run
    usual = [each for each in shown[1:] if each.called and each.form not in (Form.UNBATCHED, Form.CHANNELLESS)]
    others = {each.shape: each for each in reversed(usual)}
    others.pop(first.shape, None)
    for example in list(others.values())[::-1][:MOST_EXAMPLES]:
        refused = None if example.channels_last else refusing(layers, wishes, example.shape)
        if refused is None or refusing(layers, wishes, first.shape) is not None:
            continue
        layer, arriving = refused
        text = run.paste.quote(example.node)
        run.remarks.flaw(
            f"{text} does not fit the network; {shape_text(first.shape)}, which is shown, does. "
            f"{layer} gets {shape_text(arriving)}.", example.node,
            kind="example", tone="error", title=f"Not every call fits: {shape_text(example.shape)} does not",
            asks=Asked(layer, arriving, example.batch or 1),
        )  # fmt: skip


def refusing(layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape) -> tuple[str, Shape] | None:
    """The first layer that cannot take what arrives at it as it is written, and what arrives."""
    for layer, arriving, leaving in walking.walk(layers, shape):
        wish = wishes.get(layer.name, {})
        there = {"in_features": arriving[-1], "features": prod(arriving)}
        if leaving is None or any(there.get(name, arriving[0]) != value for name, value in wish.items()):
            return layer.name, arriving
    return None


def _without_batch(example: Example, followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes) -> None:
    run, shape = followed.run, example.shape
    asked = _unbatched_question(followed, layers, wishes, shape)
    words = f"{run.paste.quote(example.node)} has no batch axis, so torch reads it as a single sample"
    if asked is not None:
        before = next(layer.name for layer in layers if layer.type == "Flatten")
        rows = f"{asked.batch} rows of {asked.shape[0]:,}"
        words += f"; {before} gives {rows} instead of one row, and {asked.layer} does not fit"
    axis = followed.entries[0].axis
    start = example.rows[axis] if axis < len(example.rows) else None
    simple = isinstance(start, ast.Constant)
    put = ", ".join(map(str, (*shape[:axis], 1, *shape[axis:])))
    run.remarks.flaw(
        f"{words}. Put the batch {f'on axis {axis}' if axis else 'first'}: {put}.", example.node,
        kind="example",
        tone="error" if asked else "warning", title="The example has no batch axis", asks=asked,
        label=f"Line {example.node.lineno}: write {put}" if simple else "",
        changes=((run.paste.before(start), "1, "),) if start is not None and simple else (),
    )  # fmt: skip


def _unbatched_question(
    followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape
) -> Asked | None:
    """What the first Linear behind a flatten is given where the channels stand in the batch's place."""
    place = next((n for n, layer in enumerate(layers) if layer.type == "Flatten"), -1)
    arriving = walking.arriving(layers, place, shape) if place >= 0 else None
    if arriving is None or len(arriving) < 2 or layers[place].chosen["start_dim"] != 1:
        return None
    if any(value.rows == -1 for value in followed.rows[place].in_values):
        return None  # view(-1, n) makes one row of it
    return linear_after(layers, place, wishes, prod(arriving[1:]), arriving[0])
