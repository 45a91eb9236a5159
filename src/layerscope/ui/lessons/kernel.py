"""Lesson 3: the weight block taken apart, and one kernel at work on a real image."""

from functools import partial
from math import prod

import torch

from layerscope.explain import product_text, written_count
from layerscope.figures import filters
from layerscope.figures.theme import family
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.layers.convolution import Conv2d
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.study.hands import EVERY, Hand, starter
from layerscope.study.inside import look
from layerscope.tracing import trace
from layerscope.ui.lessons import inside
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.lessons.page import Page, Part
from layerscope.ui.looking import Looking

GRAY, SIDE = 5, 28
LARGEST, USUAL = 7, 3
"""The largest kernel whose products can be read at the back of a room, and the one that stands for others."""
IN_A_STRIP = 6
"""Rows of filters whose names can be read in a phone's strip; the others are shown once one of them is chosen."""
CONV = "conv"
WEIGHT = f"{CONV}.weight"
RGB = Network((3, 28, 28), (Conv2d(name="conv", out_channels=6, kernel_size=5),))
"""For the question that most learners get wrong."""


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    return "" if _convolutions(network) else "it has no convolution"


def body(page: Page) -> None:
    """From one kernel to a filter to the whole block; how many maps that makes; then a kernel at work."""
    step, weight = _shown(page.network)
    page.say(
        "A **kernel** is a small grid of weights. It slides over one channel. At each position it multiplies the "
        "values under it by its weights and adds the products. A **filter** is a set of kernels, one per input "
        "channel, that together make one output channel."
    )
    reached = _sizes(page, step, weight)
    if reached < 3:
        filters_, kernels = ((1, 1), (1, weight[1]), weight[:2])[reached]
        title = ("A kernel", "A filter", "All filters")[reached]
        _draw_block(page, title, weight, filters_, kernels)
        return
    page.moving("weight", _choosers(weight), partial(_lit, page, step, weight))
    page.next_row()
    if _maps(page) and _flat(page):
        _at_work(page, _size(page.network))


def _convolutions(network: Network) -> list[tuple[Step, Shape]]:
    steps = [step for step in trace(network).steps if family(step.layer) == "Convolution"]
    return [(step, step.weight_shape) for step in steps if step.weight_shape is not None]


def _shown(network: Network) -> tuple[Step, Shape]:
    """The first convolution whose filters hold several kernels, or else the first one."""
    found = _convolutions(network)
    return next((pair for pair in found if pair[1][1] > 1), found[0])


def _sizes(page: Page, step: Step, weight: Shape) -> int:
    """Ask for depth, filters and kernels; how many of the three were answered."""
    count, depth = weight[:2]
    arrive, groups, name = step.input_shape[0], step.arguments["groups"], step.name
    channels = written_count(arrive, "channel")
    face = shape_text(weight[2:])
    if groups > 1:
        page.tell(
            f"{name} has groups={groups}: its {channels} are split into {groups} groups, in order, and each filter "
            "reads the channels of only one group."
        )
    question = (
        f"{name} gets {channels} and outputs {count:,}. How many kernels does one of its filters have (its depth)?"
    )
    read = f"in_channels / groups = {arrive} / {groups} = {depth}" if groups > 1 else f"in_channels = {depth}"
    why = f"A filter has one {face} kernel for each channel that it reads: {read}."
    if not page.predict("depth", question, str(depth), why):
        return 0
    question = f"How many filters does {name} have?"
    why = (
        f"Each filter makes one output channel: out_channels = {count}. That is the number of filters, not their depth."
    )
    if not page.predict("filters", question, str(count), why):
        return 1
    question = f"So the weight of {name} is {shape_text(weight)}. How many kernels is that in all filters together?"
    why = f"{written_count(count, 'filter')} with {written_count(depth, 'kernel')} each make "
    why += f"{count:,} × {depth:,} = {count * depth:,} kernels of {face}."
    return 3 if page.predict("kernels", question, str(count * depth), why) else 2


def _maps(page: Page) -> bool:
    layer = trace(RGB).steps[0]
    weight, output = layer.weight_shape or (), layer.output_shape or ()
    question = (
        f"A color image is {shape_text(RGB.input_shape)}. A layer with {weight[0]} filters of {weight[2]}×{weight[3]} "
        "reads it. How many feature maps come out?"
    )
    why = (
        f"A filter's {weight[1]} kernels give {weight[1]} grids, which are added, with one bias, into one map. So the "
        f"number of filters counts, not the number of kernels: PyTorch's output is {shape_text(output)}."
    )
    wrong = weight[0] * weight[1], weight[1]
    return page.predict("maps", question, str(output[0]), why, [str(n) for n in (wrong[0], output[0], wrong[1])])


def _flat(page: Page) -> bool:
    size = _size(page.network)
    page.say(
        f"Now watch one {size}×{size} kernel at work on one image, without a bias{_instead(page.network, size)}. "
        "First, on a patch of uniform gray."
    )
    kernel = starter("vertical", (size, size))
    weights = ", ".join(f"{value:g}".replace("-", "−") for value in kernel[0])
    question = (
        f"Each row of a kernel is {weights}. It lies on {size * size} cells that all hold {GRAY}. What is the sum of "
        "the products?"
    )
    why = (
        "Its weights add up to 0: what one half adds, the other half subtracts. This kernel responds only where the "
        "brightness changes from left to right."
    )
    patch = look(_alone(size, size), torch.full((1, size, size), float(GRAY)), weights={WEIGHT: [[kernel]]})
    return page.predict("flat", question, f"{patch.maps[CONV].item():g}", why)


def _alone(size: int, side: int) -> Network:
    """One kernel on one square image."""
    return Network((1, side, side), (Conv2d(name=CONV, out_channels=1, kernel_size=size, bias=False),))


def _size(network: Network) -> int:
    """The size of the first square kernel, if its products can be read."""
    for step, weight in _convolutions(network):
        if len(weight) == 4 and weight[2] == weight[3] and step.arguments["dilation"] in (1, (1, 1)):
            return weight[2] if 2 <= weight[2] <= LARGEST else USUAL
    return USUAL


def _instead(network: Network, size: int) -> str:
    """Why the kernel that is shown has another size than the first of the network; "" where it has that size."""
    face = _convolutions(network)[0][1][2:]
    return "" if set(face) == {size} else f" (the network's first kernel is {_face(face)}; this size is easier to see)"


def _face(face: Shape) -> str:
    return shape_text(face) if len(face) > 1 else f"{face[0]} cells long"


def _draw_block(page: Page, title: str, weight: Shape, filters_: int, kernels: int) -> None:
    shown = {
        "key": "block",
        "title": title,
        "description": filters.description(weight, filters_, kernels),
        "height": 400,
    }
    page.figures("block", [{**shown, **filters.block(weight, filters_, kernels)}])


def _choosers(weight: Shape) -> list[Slider]:
    count, depth = weight[:2]
    by_filter = "Axis 0 of the weight: one filter per output channel."
    by_kernel = "Axis 1 of the weight: one kernel per channel that a filter reads."
    sliders = [
        Slider("filter", "Filter", 0, count - 1, min(3, count - 1), by_filter),
        Slider("kernel", "Kernel", 0, depth - 1, min(2, depth - 1), by_kernel),
    ]
    return [slider for slider in sliders if slider.high]


def _lit(page: Page, step: Step, weight: Shape, at: dict[str, int]) -> Part:
    """One kernel of the block, and what it is for. The browser may have told just now that the page is narrow."""
    row, column = at.get("filter", 0), at.get("kernel", 0)
    count, depth = weight[:2]
    channel = row // (count // step.arguments["groups"]) * depth + column
    face = weight[2:]
    bias = " and one bias" if step.arguments["bias"] else ""
    text = (
        f"Filter {row} has {product_text(weight[1:])} = {prod(weight[1:]):,} weights. Its kernel {column} has "
        f"{_product(face)} and reads input channel {channel}. The results of all its kernels{bias} are added to make "
        f"map {row} of {count:,} (counted from 0)."
    )
    figure = {
        "key": "block", "title": f"The weight of {step.name}, {shape_text(weight)}", "height": 400,
        "description": filters.description(weight, count, depth, (row, column)),
        **filters.block(weight, count, depth, (row, column), most=IN_A_STRIP if page.is_narrow else filters.MOST_ROWS),
    }  # fmt: skip
    return {"message": _message(f"{step.name}.weight[{row}, {column}]", text), "figures": [figure]}


def _product(face: Shape) -> str:
    """5 × 5 = 25; of a flat kernel the number alone."""
    return product_text(face) if len(face) == 1 else f"{product_text(face)} = {prod(face):,}"


def _at_work(page: Page, size: int) -> None:
    page.say(
        f"Drag the window over the image, or press Play: under it lie {size * size} values, each is multiplied by its "
        "weight, and the sum becomes one cell of the map. Then try other weights, or type your own. In a real network "
        "nobody draws these weights; training finds them. PyTorch slides the kernel without flipping it: a "
        "cross-correlation."
    )
    if page.looks_ahead:
        return
    begin = Looking("shirt", hands=(Hand(CONV, 0, EVERY, "vertical"),))
    with page.picture:
        inside.window(f"lesson-{page.lesson.key}-window-{size}", _alone(size, SIDE), CONV, begin)


def _message(title: str, text: str) -> Part:
    return {"tone": "rest", "title": title, "text": text, "quote": None, "changes": [], "actions": []}
