"""Lesson 9: what a skip connection asks of two shapes, and what a sum and a concatenation cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from layerscope.explain import written_count
from layerscope.figures import flow
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv2d
from layerscope.layers.joining import Add
from layerscope.layers.stacking import Concat
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.tracing import trace
from layerscope.ui.lessons.moving import Choice, Control, Slider, Switch
from layerscope.ui.lessons.page import Page, Part

RUNS, BOTH = "yes", "no, both differ"
CHANNELS, SIZES = "no, the channels differ", "no, the sizes differ"
SUM, JOIN = "Sum", "Concatenation"
MOST_FILTERS = 64


@dataclass(frozen=True)
class Block:
    """A convolution of the network with a skip connection around it."""

    name: str
    shape: Shape
    filters: int
    kernel: int
    own: tuple[int, int]
    """Its own stride and padding."""

    @property
    def padding(self) -> int:
        """The padding that keeps height and width at stride 1."""
        return self.kernel // 2

    def built(self, join: str, *, filters: int, stride: int = 1, padding: int = 0, projects: bool = False) -> Network:
        """The block as a network of its own: conv, perhaps a layer on the skip connection, and what joins the two."""
        rows: list[Layer] = [
            Conv2d(name="conv", out_channels=filters, kernel_size=self.kernel, stride=stride, padding=padding)
        ]
        skip = "input"
        if projects:
            skip = "shortcut"
            rows.append(Conv2d(name=skip, out_channels=filters, kernel_size=1, stride=stride, inputs=("input",)))
        joins = {SUM: Add(name="add", inputs=("conv", skip)), JOIN: Concat(name="cat", inputs=("conv", skip))}
        return Network(self.shape, (*rows, joins[join]))


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    lacking = "it has no Conv2d with a square, odd kernel that changes the number of channels"
    return "" if _block(network) else lacking


def body(page: Page) -> None:
    """A sum that fails, what mends it and what that costs; then a concatenation; then both to try."""
    page.say(
        "A **skip connection** carries the input of some layers around them and joins it with their output. "
        "ResNet adds the two: `y = conv(x) + x`. DenseNet and U-Net put the channels of both side by side: "
        "`y = torch.cat([conv(x), x], dim=1)`, a **concatenation**."
    )
    block = _block(page.network)
    assert block is not None
    if not _fails(page, block):
        page.figures("before", [_flow(page, trace(Network(block.shape, ())), "The input")])
        return
    page.next_row()
    if not _mended(page, block):
        return
    page.next_row()
    if not _joined(page, block):
        return
    page.next_row()
    if not _read(page, block):
        return
    page.say(
        "Now try both ways of joining. Without a layer on the skip connection, a sum runs only if channels, height and "
        "width match. A concatenation needs only height and width to match."
    )
    page.moving("try", _controls(block), lambda values: _tried(page, block, values), above=True)


def _block(network: Network) -> Block | None:
    """A convolution that changes the number of channels, and whose kernel can keep the size.

    The first around which a connection leads, so that a network that has skip connections is shown at one of them.
    """
    found = list(_blocks(network))
    around = (block for block in found if any(len(network.users(one)) > 1 for one in network.before(block.name)))
    return next(around, found[0] if found else None)


def _blocks(network: Network) -> Iterator[Block]:
    for step in trace(network).steps:
        layer, weight = step.layer, step.weight_shape
        if not isinstance(layer, Conv2d) or step.output_shape is None or weight is None:
            continue
        stride, padding, dilation = (_same(step.arguments[name]) for name in ("stride", "padding", "dilation"))
        channels, kernel = step.input_shape[0], weight[2]
        odd = weight[2] == weight[3] and kernel % 2 == 1 and kernel > 1 and (dilation, layer.groups) == (1, 1)
        if odd and stride and padding is not None and channels > 1 and weight[0] not in (1, channels):
            yield Block(layer.name, step.input_shape, weight[0], kernel, (stride, padding))


def _same(value: Any) -> int | None:
    """The number that holds for both axes; None where there is none."""
    values = {value} if type(value) is int else set(value) if isinstance(value, tuple) else set()
    return values.pop() if len(values) == 1 else None


def _fails(page: Page, block: Block) -> bool:
    """Ask whether the network's own layer can have a skip connection around it as it is."""
    stride, padding = block.own
    seen = trace(block.built(SUM, filters=block.filters, stride=stride, padding=padding))
    made = seen.by_name["conv"].output_shape or ()
    answer = BOTH if made[1:] != block.shape[1:] else CHANNELS
    question = (
        f"{block.name} turns {shape_text(block.shape)} into {shape_text(made)}. A skip connection carries its input "
        "around it, and a sum adds the two. Does that run?"
    )
    why = f"A sum adds value by value, so both shapes must be equal. {shape_text(made)} is not "
    why += f"{shape_text(block.shape)}."
    if not page.predict("sum", question, answer, why, (RUNS, CHANNELS, SIZES, BOTH)):
        return False
    error = seen.error
    assert error is not None
    quote = error.torch_message or None
    page.figures(
        "fails", [_flow(page, seen, "The block as it is")],
        message=_message("error", "The sum does not run", error.message, quote=quote),
    )  # fmt: skip
    return True


def _mended(page: Page, block: Block) -> bool:
    """Ask for the padding, for the layer on the skip connection and for what it costs."""
    arriving, filters = block.shape[0], block.filters
    kernel, stride = f"The kernel of {block.name} is {block.kernel}×{block.kernel}", block.own[0]
    told = f", the stride {stride}. Which padding keeps both" + (" once the stride is set to 1?" if stride > 1 else "?")
    question = f"First, height and width. {kernel}{told}"
    why = f"Without padding, the kernel takes {block.kernel} − 1 = {block.kernel - 1} rows away. Half of that on each "
    why += f"side makes up for it: padding={block.padding}."
    if not page.predict("padding", question, str(block.padding), why, also="same"):
        return False
    kept = trace(block.built(SUM, filters=filters, padding=block.padding))
    made = kept.by_name["conv"].output_shape or ()
    page.say(
        "Then the channels. A **projection** is a 1×1 convolution on the skip connection: at each position it makes "
        "new channels from the old ones, and it keeps height and width."
    )
    right = _call(arriving, filters)
    question = (
        f"Now the sum gets {shape_text(made)} and {shape_text(block.shape)}. Which layer on the skip connection helps?"
    )
    why = f"It reads the same {written_count(arriving, 'channel')} as {block.name} and must output {filters:,}, as "
    why += f"{block.name} does."
    options = (_call(filters, arriving), right, _call(arriving, arriving), _call(filters, filters))
    if not page.predict("layer", question, right, why, options):
        return False
    question = f"How many weights and biases does this {right} have?"
    projected = trace(block.built(SUM, filters=filters, padding=block.padding, projects=True))
    cost = projected.by_name["shortcut"].parameters
    biases = "1 bias" if filters == 1 else f"{filters:,} biases"
    why = f"One weight for each pair of input and output channel, and one bias per output channel: {filters:,}·"
    why += f"{arriving:,}·1·1 weights and {biases} make {cost:,}."
    why += " Where the shapes match anyway, a skip connection needs no layer and has no parameters."
    if not page.predict("cost", question, f"{cost:,}", why):
        return False
    title = "With padding and a projection"
    page.figures("mended", [_flow(page, projected, title)], tables=[_table(projected)])
    return True


def _joined(page: Page, block: Block) -> bool:
    """Ask how many channels leave a concatenation."""
    arriving, filters = block.shape[0], block.filters
    page.say(
        "A **concatenation** keeps both: the channels of one after the channels of the other. Only height and width "
        "must match, so it needs no projection. But the next layer has to read all the channels."
    )
    seen = trace(block.built(JOIN, filters=filters, padding=block.padding))
    out = (seen.output_shape or (0,))[0]
    made = shape_text(seen.by_name["conv"].output_shape or ())
    question = f"{made} and {shape_text(block.shape)} are concatenated along the channels. What must in_channels of "
    question += "the next convolution be?"
    why = f"It reads the channels of both: {filters:,} + {arriving:,} = {out:,}. After a sum it would be {filters:,}."
    if not page.predict("channels", question, str(out), why):
        return False
    page.figures("joined", [_flow(page, seen, "The concatenation")], tables=[_table(seen)])
    return True


def _read(page: Page, block: Block) -> bool:
    """Ask what a concatenation makes of the next layer."""
    arriving, filters = block.shape[0], block.filters
    after = [_next(width, filters) for width in (arriving + filters, filters)]
    question = (
        f"The next layer has {filters:,} filters with 3×3 kernels. How many more weights does it have after the "
        "concatenation than after the sum?"
    )
    why = f"Each filter gets {written_count(arriving, 'more kernel')}: {filters:,}·{arriving:,}·3·3 = "
    why += f"{after[0] - after[1]:,}. The layer has {after[0]:,} parameters instead of {after[1]:,}."
    return page.predict("next", question, f"{after[0] - after[1]:,}", why)


def _next(channels: int, filters: int) -> int:
    """The parameters of a convolution of 3×3 that reads so many channels."""
    layer = Conv2d(name="next", out_channels=filters, kernel_size=3, padding=1)
    return trace(Network((channels, 8, 8), (layer,))).parameters


def _controls(block: Block) -> list[Control]:
    most = max(MOST_FILTERS, block.filters)
    return [
        Choice("join", "Joined by", (SUM, JOIN), SUM, "How the two are joined."),
        Switch("projects", "Projection", True, "A 1×1 convolution on the skip connection."),
        Slider(
            "filters",
            "out_channels",
            2,
            most,
            block.filters,
            "Filters of the convolution and of the projection.",
        ),
        Slider("stride", "stride", 1, 3, 1, "The stride of the convolution and of the projection."),
        Slider("padding", "padding", 0, block.padding + 1, block.padding, "Cells of padding on each side."),
    ]


def _tried(page: Page, block: Block, values: dict[str, Any]) -> Part:
    """The block with the controls' values: what leaves it and what it costs, or why it does not run."""
    network = block.built(
        values["join"], filters=values["filters"], stride=values["stride"], padding=values["padding"],
        projects=values["projects"],
    )  # fmt: skip
    seen = trace(network)
    figures = [_flow(page, seen, "The block", page.strip_height)]
    if seen.error is not None:
        quote = seen.error.torch_message or None
        return {"message": _message("error", "This does not run", seen.error.message, quote=quote), "figures": figures}
    out = seen.output_shape or ()
    reader = _next(out[0], values["filters"])
    text = (
        f"The block has {seen.parameters:,} parameters and needs {seen.macs:,} MACs. A 3×3 convolution after it with "
    )
    text += f"as many filters has in_channels={out[0]:,} and {reader:,} parameters."
    return {
        "message": _message("rest", f"The output is {shape_text(out)}", text),
        "figures": figures,
        "tables": [_table(seen)],
    }


def _call(arriving: int, filters: int) -> str:
    return f"Conv2d({arriving}, {filters}, 1)"


def _message(tone: str, title: str, text: str, **more: Any) -> Part:
    return {"tone": tone, "title": title, "text": text, "quote": None, "changes": [], "actions": []} | more


def _table(seen: Trace) -> Part:
    """What each row reads, makes and costs."""
    columns = [{"label": name, "align": "left"} for name in ("row", "reads", "output")]
    columns += [{"label": name, "align": "right"} for name in ("parameters", "MACs")]
    rows = []
    for step in seen.steps:
        output = shape_text(step.output_shape) if step.output_shape is not None else "does not run"
        cells = [step.name, " and ".join(step.sources), output, f"{step.parameters:,}", f"{step.macs:,}"]
        rows.append({"key": step.name, "cells": cells, "tone": "ok", "lit": False, "selected": False})
    foot = ["total", "", "", f"{seen.parameters:,}", f"{seen.macs:,}"]
    return {"key": "rows", "caption": "The rows of the block", "columns": columns, "rows": rows, "foot": foot}


def _flow(page: Page, seen: Trace, title: str, height: float = flow.HEIGHT) -> Part:
    return {
        "key": "flow", "title": title, "description": flow.description(seen), "height": 280, "marks": True,
        **flow.flow(seen, None, width=page.width, height=height),
    }  # fmt: skip
