"""A batch of grey images without their channel axis: torch takes the batch for the channels of one image."""

import ast
from collections.abc import Sequence

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer
from layerscope.source import advice, shapes
from layerscope.source.examples import Example
from layerscope.source.followed import Followed
from layerscope.source.reading import Asked, Span


def remark(shown: Sequence[Example], followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes) -> None:
    """A remark about the first call on such a batch, with the axis put in."""
    example = next((each for each in shown if each.channelless), None)
    if example is None:
        return
    paste, node = followed.machine.paste, example.node
    text, sizes = paste.quote(node), example.shape[1:]
    refused = advice.refusing(layers, wishes, (example.batch, *sizes)) if example.batch else None
    asked = Asked(refused[0], refused[1], 0) if refused else None
    count = f"{example.batch:,}" if example.batch else "the batch"
    image = shape_text(sizes)
    changes, label = _put_in(example, followed)
    followed.machine.flaw(
        f"{text} has no channel axis: torch takes {count} for the channels of one {image} image. A grey image "
        f"has 1 channel, so ({example.batch or 'batch'}, 1, {', '.join(map(str, sizes))}) is meant. "
        f"The network is shown for {shape_text(example.shape)}.", node,
        tone="error", title="The channel axis is missing in the example", asks=asked, label=label, changes=changes,
    )  # fmt: skip


def _put_in(example: Example, followed: Followed) -> tuple[tuple[tuple[Span, str], ...], str]:
    """The change that puts the axis in, and what it does; nothing where the axes are turned before the call."""
    paste, node = followed.machine.paste, example.node
    if example.turns:
        return (), ""
    only = example.sizes[0] if len(example.sizes) == 1 else None
    rows = only.elts if isinstance(only, ast.Tuple | ast.List) else list(example.sizes)
    line = paste.place(node)[0]
    if len(rows) == len(example.shape) and not any(isinstance(row, ast.Starred) for row in rows):
        one = "1, " if ", " in paste.segment(node) else "1,"
        return ((paste.before(rows[1]), one),), f"Line {paste.place(rows[1])[0]}: put 1, behind the batch"
    return ((paste.behind(node), ".unsqueeze(1)"),), f"Line {line}: write .unsqueeze(1) behind it"
