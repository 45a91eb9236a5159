"""Images without their channel axis: torch takes the batch for the channels of one image."""

import ast
from collections.abc import Iterator, Sequence
from math import prod

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer
from layerscope.source import walking
from layerscope.source.examples import Example, Form
from layerscope.source.reading import Asked, Flaw, Span
from layerscope.source.remarks.case import Case
from layerscope.source.text.paste import Paste


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the first call on such images, with the axis put in."""
    example = next((each for each in case.shown if each.form in (Form.CHANNELLESS, Form.BARE, Form.FLAT)), None)
    if example is None:
        return
    about = {Form.FLAT: _about_flat_images, Form.BARE: _about_one_image}.get(example.form, _about_channels)
    yield about(case, example)


def _about_channels(case: Case, example: Example) -> Flaw:
    paste, node = case.paste, example.node
    text, sizes = paste.quote(node), example.shape[1:]
    refused = walking.refusing(case.layers, case.wishes, (example.batch, *sizes)) if example.batch else None
    asked = Asked(refused[0], refused[1], 0) if refused else None
    count = f"{example.batch:,}" if example.batch else "the batch"
    image, channels = shape_text(sizes), example.shape[0]
    whose = "A grayscale image has 1 channel" if channels == 1 else f"{_taker(case.layers)} expects {channels} channels"
    changes, label = _put_in(example, paste)
    return case.flaw(
        f"{text} has no channel axis: PyTorch reads {count} as the channels of one {image} image. {whose}, "
        f"so ({example.batch or 'batch'}, {channels}, {', '.join(map(str, sizes))}) is probably meant. "
        f"The network is shown for {shape_text(example.shape)}.", node,
        kind="example",
        tone="error", title="The example has no channel axis", asks=asked, label=label, changes=changes,
    )  # fmt: skip


def _about_one_image(case: Case, example: Example) -> Flaw:
    paste, node = case.paste, example.node
    sizes = ", ".join(map(str, example.shape[1:]))
    first, channels = _taker(case.layers), example.shape[0]
    front = f"1, {channels}, "
    simple = not example.turns and (len(example.sizes) > 1 or isinstance(example.sizes[0], ast.Constant | ast.Tuple))
    start = example.rows[0]
    return case.flaw(
        f"{paste.quote(node)} has neither a batch axis nor a channel axis. {first} expects {channels} "
        f"channel{'s' * (channels > 1)}, so write ({front}{sizes}). The network is shown for "
        f"{shape_text(example.shape)}.", node,
        kind="example",
        tone="error", title="The example has no batch and no channel axis", asks=Asked(first, example.shape[1:], 0),
        label=f"Line {paste.place(start)[0]}: put {front.rstrip()} in front" if simple else "",
        changes=((paste.before(start), front),) if simple else (),
    )  # fmt: skip


def _about_flat_images(case: Case, example: Example) -> Flaw:
    paste, node, shape = case.paste, example.node, example.shape
    view = f".view(-1, {', '.join(map(str, shape))})"
    first, width = _taker(case.layers), prod(shape)
    return case.flaw(
        f"{paste.quote(node)} has flat images of {width:,} = {shape_text(shape)} values each; {first} expects "
        f"(channels, height, width). Add {view}; the network is shown for {shape_text(shape)}.", node,
        kind="example",
        tone="error", title="The images are flat in the example", asks=Asked(first, (example.batch, width), 0),
        label=f"Line {paste.place(node)[0]}: write {view} after it", changes=((paste.after(node), view),),
    )  # fmt: skip


def _taker(layers: Sequence[Layer]) -> str:
    """The first layer that decides something from the channels that arrive."""
    return next((layer.name for layer in layers if layer.decides), layers[0].name)


def _put_in(example: Example, paste: Paste) -> tuple[tuple[tuple[Span, str], ...], str]:
    """The change that puts the axis in, and what it does; nothing where the axes are turned before the call."""
    node = example.node
    if example.turns:
        return (), ""
    rows = example.rows
    line = paste.place(node)[0]
    if len(rows) == len(example.shape) and not any(isinstance(row, ast.Starred) for row in rows):
        one = f"{example.shape[0]}, " if ", " in paste.segment(node) else f"{example.shape[0]},"
        return ((paste.before(rows[1]), one),), f"Line {paste.place(rows[1])[0]}: put {one.rstrip()} after the batch"
    if example.shape[0] > 1:
        return (), ""
    return ((paste.after(node), ".unsqueeze(1)"),), f"Line {line}: write .unsqueeze(1) after it"
