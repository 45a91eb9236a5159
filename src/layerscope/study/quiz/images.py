"""Questions about other images: the largest that a Linear layer still takes, the smallest that still gets through."""

from collections.abc import Iterator, Sequence
from math import prod
from random import Random

from layerscope.network import LARGEST_IMAGE
from layerscope.steps import Step, Trace
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, few, number, shuffled
from layerscope.study.quiz.subject import Subject, Window, call, is_plain, slides, window
from layerscope.tracing import trace

MOST_TRIED = 20
"""Layers for which the smallest image is looked for: a network may have 200."""


def largest_image(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The largest square image that gives the first Linear layer as many values."""
    if not (subject.runs and subject.bridge and subject.takes_images and subject.network.is_chain):
        return
    flatten, linear = subject.bridge
    sliding = _sliding(subject, flatten)
    now = subject.network.input_shape[1]
    if sliding is None or now != subject.network.input_shape[2] or linear.input_shape[0] >= BEYOND_PAPER:
        return
    sizes = [_back(_windows(sliding, axis), flatten.input_shape[axis + 1]) for axis in (0, 1)]
    largest, smallest = min(high for _, high in sizes), max(low for low, _ in sizes)
    if largest >= LARGEST_IMAGE or not _keeps(subject, linear, largest) or _keeps(subject, linear, largest + 1):
        return
    wanted = linear.input_shape[0]
    text = f"{linear.name} = {call(linear)} stays as it is. What is the largest n for which the network still runs on "
    text += f"images of n × n? At the moment n is {now}."
    maps = " × ".join(map(str, flatten.input_shape))
    explanation = (
        f"Sizes are rounded down, so a few more rows change nothing: up to {largest:,} × {largest:,}, {linear.name} "
        "gets the "
    )
    explanation += f"same {maps} = {wanted:,} values; {_arriving(subject, linear, largest + 1)}."
    found = _other_largest(sliding, now, smallest, largest, flatten.input_shape)
    mistakes = [(n, f"{mistake} {_not_largest(subject, linear, n)}") for n, mistake in found if 2 <= n < LARGEST_IMAGE]
    yield number(linear.name, text, largest, mistakes, explanation, 2)


def _sliding(subject: Subject, step: Step) -> list[Step] | None:
    """The convolutions and poolings up to a layer; None where other layers change the sizes too."""
    before = [s for s in subject.up_to(step) if s is not step or slides(s)]
    sliding = [s for s in before if slides(s)]
    return sliding if sliding and all(map(is_plain, before)) else None


def _windows(sliding: Sequence[Step], axis: int) -> list[Window]:
    return [window(step, axis) for step in sliding]


def _back(windows: Sequence[Window], leaving: int) -> tuple[int, int]:
    """The smallest and the largest size from which the windows make `leaving`, from the last window to the first."""
    low = high = leaving
    for w in reversed(windows):
        low = max(1, (low - 1) * w.stride + w.cover - w.pads)
        high = high * w.stride + w.cover - 1 - w.pads
    return low, high


def _on(subject: Subject, n: int) -> Trace:
    return trace(subject.network.with_input((subject.network.input_shape[0], n, n)))


def _keeps(subject: Subject, linear: Step, n: int) -> bool:
    """Whether as many values reach the Linear layer on images of n × n."""
    return (step := _on(subject, n).by_name.get(linear.name)) is not None and step.input_shape == linear.input_shape


def _arriving(subject: Subject, linear: Step, n: int) -> str:
    step = _on(subject, n).by_name.get(linear.name)
    return f"with {n} × {n} it gets {step.input_shape[0]:,}" if step else f"images of {n} × {n} do not get that far"


def _other_largest(
    sliding: Sequence[Step], now: int, smallest: int, largest: int, maps: tuple[int, ...]
) -> Iterator[tuple[int, str]]:
    """What mistakes lead to, the likeliest first; `maps` (C, H, W) are flattened."""
    first, last, windows = sliding[0], sliding[-1], _windows(sliding, 0)
    yield now, "That assumes that only the present size fits."
    yield largest + 1, "That counts one row too many, which makes room for another window."
    if len(windows) > 1:
        rest = _back(windows[-1:], maps[1])[1] - windows[-1].size
        yield (
            now + rest,
            f"That adds only the rows that {last.name} does not read, {rest}, and forgets the layers before it.",
        )
        rest = _back(windows[:1], windows[0].leaving)[1] - now
        yield (
            now + rest,
            f"That adds only the rows that {first.name} does not read, {rest}, and forgets the layers after it.",
        )
    yield smallest, "That solves the formula without the rounding, which gives the smallest size that fits."
    if pads := [s.name for s, w in zip(sliding, windows, strict=True) if w.pads]:
        bare = [w._replace(pads=0) for w in windows]
        yield _back(bare, maps[1])[1], f"That forgets the padding of {few(pads)}."
    strides = "·".join(str(w.stride) for w in windows if w.stride > 1)
    if strides:
        reach = now + prod(w.stride for w in windows) - 1
        yield reach, f"That adds {strides} − 1 to {now}, as if every row were read now."
    kernels = [w for w, s in zip(windows, sliding, strict=True) if "out_channels" in s.arguments]
    pools = [s.name for s in sliding if "out_channels" not in s.arguments]
    if pools and kernels:
        yield _back(kernels, maps[1])[1], f"That forgets the pooling: {few(pools)}."
    yield largest - 1, "That stops one row too early."


def _not_largest(subject: Subject, linear: Step, n: int) -> str:
    if _keeps(subject, linear, n):
        return f"The network runs on {n} × {n}, but also on {n + 1} × {n + 1}."
    return f"But {linear.name} needs {linear.input_shape[0]:,} values, and {_arriving(subject, linear, n)}."


def smallest_image(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The smallest square image that still gets through a layer."""
    if not (subject.takes_images and subject.network.is_chain):
        return
    for step in shuffled(rng, [s for s in subject.steps if slides(s)])[:MOST_TRIED]:
        sliding = _sliding(subject, step)
        if sliding is None or sliding[0] is step:
            continue
        smallest = max(_back(_windows(sliding, axis), 1)[0] for axis in (0, 1))
        if (
            not 2 <= smallest < LARGEST_IMAGE
            or not _passes(subject, step, smallest)
            or _passes(subject, step, smallest - 1)
        ):
            continue
        text = "What is the smallest n for which images of n × n get through all layers "
        text += f"up to and including {step.name}?"
        explanation = (
            f"Work backwards from an output of 1 × 1 after {step.name}. For o rows a layer needs (o − 1)·s + d·(k − 1) "
        )
        explanation += f"+ 1 − 2·p rows, and at least 1: {_needed(sliding)}. {_failing(subject, step, smallest - 1)}"
        found = _other_smallest(sliding, smallest)
        mistakes = [(n, f"{mistake} {_not_smallest(step, n, smallest)}") for n, mistake in found if n > 1]
        yield number(step.name, text, smallest, mistakes, explanation, 2)


def _needed(sliding: Sequence[Step]) -> str:
    """How much each layer needs, from the last to the first; at most six are named."""
    axis = max((0, 1), key=lambda axis: _back(_windows(sliding, axis), 1)[0])
    windows = _windows(sliding, axis)
    needs = [f"{s.name} {_back(windows[place:], 1)[0]:,}" for place, s in enumerate(sliding)][::-1]
    return ", ".join(needs if len(needs) <= 6 else [*needs[:3], "and so on", *needs[-2:]])


def _passes(subject: Subject, step: Step, n: int) -> bool:
    there = _on(subject, n).by_name.get(step.name)
    return there is not None and there.error is None


def _failing(subject: Subject, step: Step, n: int) -> str:
    last = _on(subject, n).steps[-1]
    return f"With {n} × {n}, {last.name} is the first layer that fails: {last.error.message if last.error else ''}"


def _not_smallest(step: Step, n: int, smallest: int) -> str:
    if n < smallest:
        return f"Images of {n} × {n} do not get through {step.name}."
    return f"Images of {n} × {n} get through, but so do images of {n - 1} × {n - 1}."


def _other_smallest(sliding: Sequence[Step], smallest: int) -> Iterator[tuple[int, str]]:
    """What mistakes lead to, the likeliest first."""
    windows, last = _windows(sliding, 0), sliding[-1].name
    kernels = [w for w, s in zip(windows, sliding, strict=True) if "out_channels" in s.arguments]
    pools = [s.name for s in sliding if "out_channels" not in s.arguments]
    if pools and kernels:
        yield _back(kernels, 1)[0], f"That forgets the pooling: {few(pools)}."
    if strided := [s.name for s, w in zip(sliding, windows, strict=True) if w.stride > 1]:
        steps = [w._replace(stride=1) for w in windows]
        yield _back(steps, 1)[0], f"That forgets the strides of {few(strided)}."
    if padded := [s.name for s, w in zip(sliding, windows, strict=True) if w.pads]:
        bare = [w._replace(pads=0) for w in windows]
        yield _back(bare, 1)[0], f"That forgets the padding of {few(padded)}."
    if dilated := [s.name for s, w in zip(sliding, windows, strict=True) if w.dilation > 1]:
        dense = [w._replace(dilation=1) for w in windows]
        yield _back(dense, 1)[0], f"That forgets the dilation of {few(dilated)}."
    yield _back(windows, 1)[1], f"That is the largest n that gives 1 × 1 after {last}, not the smallest."
    yield _back(windows, 2)[0], f"That gives 2 × 2 after {last}; 1 × 1 is enough."
    adding = " + ".join(str(w.cover) for w in windows)
    yield (
        sum(w.cover for w in windows),
        f"That adds the sizes of the windows, {adding}, and forgets that strides multiply.",
    )
    yield max(w.cover for w in windows), "That is only the largest window; the other layers take cells away too."
    yield _back(windows[-1:], 1)[0], f"That is the size that {last} needs, not the network."
    yield smallest - 1, "That forgets one + 1 in the formula."
    yield smallest + 1, "That counts one row too many."


TEMPLATES = {"largest-image": largest_image, "smallest-image": smallest_image}
