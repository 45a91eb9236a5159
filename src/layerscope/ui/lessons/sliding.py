"""Lesson 7: what stride, padding, dilation and groups do to the size, to the weights and to what is read."""

from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

from layerscope.explain import fits, product_text
from layerscope.figures import grid
from layerscope.formatting import never_read, shape_text
from layerscope.formula import Check
from layerscope.layers.convolution import Conv2d
from layerscope.metrics import unread
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.tracing import trace
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.lessons.page import Page, Part

SIZE = 12
"""Of the small input; every odd kernel leaves a row of it unread at stride 2."""
RIM, LARGEST = 3, 7
"""The largest padding and the largest kernel_size of the sliders."""
MOST_GROUPS = 6


@dataclass(frozen=True)
class Subject:
    """The layer that is tried out, and how many channels it gets."""

    layer: Conv2d
    channels: int

    def step(self, **arguments: Any) -> Step:
        """What torch makes of the layer with these arguments on the small input."""
        layer = replace(self.layer, **arguments)
        return trace(Network((self.channels, SIZE, SIZE), (layer,))).steps[0]


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    fits = _subject(network)
    return "" if fits else "it has no Conv2d with a 3×3 or 5×5 kernel and even numbers of input and output channels"


def body(page: Page) -> None:
    """One argument after the other, each with its prediction; then all of them to try."""
    subject = _subject(page.network)
    assert subject is not None
    page.say(
        "A kernel slides over its input. The **stride** is how far it moves each time, the **padding** is a border of "
        "zeros around the input, and the **dilation** is the spacing of the kernel's cells. **groups** is the number "
        "of parts into which the channels are split: a filter reads one part. Here one layer of the network reads a "
        f"small input of {SIZE}×{SIZE}."
    )
    if not _predicted(page, subject):
        return
    page.say("Now try all of them together. Where a combination does not fit, you see PyTorch's own error message.")
    page.moving("all", _sliders(subject), partial(_tried, subject, page.is_low), above=True)


def _subject(network: Network) -> Subject | None:
    """The first convolution whose kernel can keep the size and whose channels can be halved, at its plainest."""
    for step in trace(network).steps:
        layer, shape = step.layer, step.weight_shape
        if isinstance(layer, Conv2d) and shape and shape[2:] in ((3, 3), (5, 5)):
            channels = step.input_shape[0]
            if channels % 2 == 0 and shape[0] % 2 == 0:
                plain = Conv2d(name=layer.name, out_channels=shape[0], kernel_size=shape[2])
                return Subject(plain, channels)
    return None


def _predicted(page: Page, subject: Subject) -> bool:
    """Ask one question after the other, each with its picture; whether all were answered."""
    for ask in (_keeping, _stride, _dilation):
        answered = ask(page, subject)
        if answered is not None or ask is _keeping:
            page.figures(ask.__name__, [_picture(answered or subject.step(), page.is_low)])
        if answered is None:
            return False
        page.next_row()
    return _groups(page, subject)


def _keeping(page: Page, subject: Subject) -> Step | None:
    kernel = subject.layer.kernel_size
    kept = next(step for p in range(kernel) if _height(step := subject.step(padding=p)) == SIZE)
    padding = kept.arguments["padding"]
    question = (
        f"{subject.layer.name} has kernel_size={kernel} and stride=1. Which padding keeps the size at {SIZE}×{SIZE}?"
    )
    why = f"The kernel takes k − 1 cells off the size, so add half of that on each side, ({kernel} − 1) / 2. "
    why += f"{fits(kept)}, and PyTorch agrees."
    return kept if page.predict("keep", question, str(padding), why, also="same") else None


def _stride(page: Page, subject: Subject) -> Step | None:
    """Two questions about one picture: it would give the second answer away, so it comes after both."""
    step = subject.step(stride=2)
    height = _height(step)
    question = (
        f"Now no padding, but stride=2 (kernel_size={subject.layer.kernel_size}). What is the height of the output?"
    )
    if not page.predict(
        "size",
        question,
        str(height),
        f"{fits(step)}, and PyTorch agrees. A stride of 2 gives about half the size that stride 1 gives.",
    ):
        return None
    missed = unread(step)[0]
    starts = ", ".join(str(2 * row) for row in range(height))
    lost = never_read([("row", missed, SIZE)])
    why = f"The windows start at rows {starts} (counted from 0), and one more does not fit. "
    why += f"{lost[0].upper()}{lost[1:]}." if lost else "Every row is read."
    question = f"How many of the {SIZE} rows are never read by any window?"
    return step if page.predict("unread", question, str(len(missed)), why) else None


def _dilation(page: Page, subject: Subject) -> Step | None:
    step = subject.step(dilation=2)
    kernel, cover = subject.layer.kernel_size, SIZE - _height(step) + 1
    question = f"stride=1 again, but dilation=2. How many rows does a {kernel}×{kernel} kernel cover now?"
    why = (
        f"It reads every second row, still with only {kernel} × {kernel} weights: d(k − 1) + 1 = "
        f"2 · ({kernel} − 1) + 1 = {cover}. PyTorch confirms this: the output height is {_height(step)}."
    )
    return step if page.predict("cover", question, str(cover), why) else None


def _groups(page: Page, subject: Subject) -> bool:
    one, two = (subject.step(groups=groups) for groups in (1, 2))
    shapes = [step.weight_shape or () for step in (one, two)]
    question = (
        f"With groups=1, {subject.layer.name} makes {shapes[0][0]} channels from {subject.channels}: its weight holds "
        f"{product_text(shapes[0])} = {prod(shapes[0]):,} numbers. How many does it hold with groups=2?"
    )
    why = (
        f"A filter now reads only half of the channels, in_channels / groups = {shapes[1][1]}, so the weight is "
        f"{shape_text(shapes[1])}. The MACs fall from {one.macs:,} to {two.macs:,}, and the output keeps its shape "
        f"{shape_text(two.output_shape or ())}."
    )
    return page.predict("groups", question, f"{prod(shapes[1]):,}", why)


def _height(step: Step) -> int:
    return step.output_shape[1] if step.output_shape else 0


def _filled(step: Step) -> str:
    """The size formula with its numbers, beside torch's answer."""
    check = step.checks[1]
    return f"{check.formula.filled} = {check.formula.value}, and PyTorch says {check.torch}"


def _picture(step: Step, is_low: bool) -> Part:
    height = 250 if is_low else 400
    return {
        "key": "grid", "title": f"{step.name} seen from above", "description": grid.description(step), "height": height,
        "note": "window: — first, - - next, ·· last; ▨ never read",
        **grid.grid(step, RIM, SIZE + 2 * RIM),
    }  # fmt: skip


def _sliders(subject: Subject) -> list[Slider]:
    helps = Conv2d.parameters()
    spans = {
        "kernel_size": (1, LARGEST, subject.layer.kernel_size), "stride": (1, 4, 2), "padding": (0, RIM, 0),
        "dilation": (1, 3, 1), "groups": (1, min(MOST_GROUPS, subject.channels), 1),
    }  # fmt: skip
    return [Slider(name, name, *span, helps[name].help) for name, span in spans.items()]


def _tried(subject: Subject, is_low: bool, arguments: dict[str, int]) -> Part:
    """The layer with the sliders' values: its windows, its formulas beside torch's answers, or why it does not run."""
    step = subject.step(**arguments)
    if step.error is not None:
        quote = step.error.torch_message or None
        message = _message("error", "This does not run", step.error.message, quote=quote)
        return {"message": message, "figures": [_picture(step, is_low)]}
    missed = never_read([(kind, cells, SIZE) for kind, cells in zip(("row", "column"), unread(step), strict=True)])
    never = missed or "every row and column is read"
    costs = _costs(subject, step)
    note = "Compared with stride 1, no padding, dilation 1 and 1 group" if costs else ""
    title = f"{SIZE} → {_height(step)}; {never}"
    message = _message("rest", title, f"{_filled(step)}.", changes=costs, note=note)
    return {"message": message, "figures": [_picture(step, is_low)], "tables": [_table(step.checks)]}


def _message(tone: str, title: str, text: str, **more: Any) -> Part:
    return {"tone": tone, "title": title, "text": text, "quote": None, "changes": [], "actions": []} | more


def _costs(subject: Subject, step: Step) -> list[Part]:
    """What weights and MACs became, from the plain layer's."""
    plain = subject.step(kernel_size=step.arguments["kernel_size"])
    pairs = (("parameters", plain.parameters, step.parameters), ("MACs", plain.macs, step.macs))
    return [
        {"key": name, "label": name, "old": f"{old:,}", "new": f"{new:,}"} for name, old, new in pairs if old != new
    ]


def _table(checks: tuple[Check, ...]) -> Part:
    """The formulas with their numbers beside torch's answers."""
    columns = [{"label": label, "align": "left"} for label in ("quantity", "formula", "with the numbers")]
    rows = []
    for formula, answer in checks[1:]:  # the first one says only that out_channels leave
        cells = [formula.quantity, formula.symbols, f"{formula.filled} = {formula.value:,}", f"{answer:,}"]
        rows.append({"key": formula.quantity, "cells": cells, "tone": "ok", "lit": False, "selected": False})
    return {
        "key": "formulas", "caption": "Our formulas, checked against PyTorch", "rows": rows, "foot": None,
        "columns": [*columns, {"label": "PyTorch", "align": "right"}],
    }  # fmt: skip
