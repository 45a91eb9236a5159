"""An example of one sample on a BatchNorm: while training, torch wants more than one value for each channel."""

import ast
from collections.abc import Sequence
from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes
from layerscope.source.examples import Example
from layerscope.source.followed import Followed
from layerscope.source.reading import Asked

_EVAL = (".eval()", ".train(False)", ".train(mode=False)")


def remark(example: Example, followed: Followed, layers: Sequence[Layer]) -> None:
    """A remark where a BatchNorm is called on too little, with two samples in place of one."""
    if not example.called or example.channels_last or example.channelless or example.bare:
        return
    arriving = _at_a_norm(layers, example.shape)
    if arriving is None:
        return
    layer, shape = arriving
    paste, node = followed.machine.paste, example.node
    text, line = paste.quote(node), paste.place(node)[0]
    if example.batch == 0 and len(shape) == 1 and len(example.shape) == 1:
        only = example.sizes[0] if len(example.sizes) == 1 and isinstance(example.sizes[0], ast.Constant) else None
        followed.machine.flaw(
            f"{text} has no batch axis, and {layer} wants (batch, features). Two samples or more would work: "
            f"2, {example.shape[0]}.", node, tone="error", title="The batch axis is missing in the example",
            asks=Asked(layer, shape, 0), label=f"Line {line}: put 2, in front" if only else "",
            changes=((paste.before(only), "2, "),) if only else (),
        )  # fmt: skip
    if example.batch == 1 and not any(word in paste.text for word in _EVAL):
        first = example.rows[0]
        simple = isinstance(first, ast.Constant) and first.value == 1
        size = f"[{', '.join(map(str, (1, *shape)))}]"
        followed.machine.flaw(
            f"{text} is one sample, of which one value for each channel arrives at {layer}. While "
            "training, the mean over the batch needs more. Two samples or more would work, or net.eval() before.",
            node, tone="error", title=f"One sample is too little for {layer}",
            quote=f"Expected more than 1 value per channel when training, got input size torch.Size({size})",
            label=f"Line {line}: write 2 for the batch" if simple else "",
            changes=((paste.span(first), "2"),) if simple else (),
        )  # fmt: skip


def _at_a_norm(layers: Sequence[Layer], shape: Shape) -> tuple[str, Shape] | None:
    """The first BatchNorm to which one value for each channel comes, and what arrives there."""
    for layer, arriving, _ in shapes.walk(layers, shape):
        if layer.type.startswith("BatchNorm") and prod(arriving[1:]) == 1:
            return layer.name, arriving
    return None
