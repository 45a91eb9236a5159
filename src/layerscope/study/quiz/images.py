"""Questions about other images: the largest that a Linear layer still takes, the smallest that still gets through."""

from collections.abc import Iterator, Sequence
from random import Random

from layerscope.network import LARGEST_IMAGE
from layerscope.steps import Step, Trace
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shuffled
from layerscope.study.quiz.subject import Subject, Window, call, is_plain, slides, window
from layerscope.tracing import trace

MOST_TRIED = 20
"""Layers for which the smallest image is looked for: a network may have 200."""


def largest_image(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The largest square image with which as many values arrive at the first Linear layer."""
    if not (subject.runs and subject.bridge and subject.takes_images):
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
    text = f"{linear.name} = {call(linear)} stays as it is. What is the largest n so that the network still runs on "
    text += f"images of n × n? Now n is {now}."
    maps = " × ".join(map(str, flatten.input_shape))
    explanation = f"Sizes are rounded down, so a few rows more or less change nothing: up to {largest} × {largest} the "
    explanation += (
        f"same {maps} = {wanted:,} values arrive at {linear.name}; {_arriving(subject, linear, largest + 1)}."
    )
    mistakes = [(n, _not_largest(subject, linear, n, largest)) for n in _others(now, smallest, largest, sliding)]
    yield number(linear.name, text, largest, mistakes, explanation, 2)


def _sliding(subject: Subject, step: Step) -> list[Step] | None:
    """The convolutions and poolings up to a layer; None where others have a say in the sizes."""
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
    """Whether as many values arrive at the Linear layer on images of n × n."""
    return (step := _on(subject, n).by_name.get(linear.name)) is not None and step.input_shape == linear.input_shape


def _arriving(subject: Subject, linear: Step, n: int) -> str:
    step = _on(subject, n).by_name.get(linear.name)
    return f"with {n} × {n} it would be {step.input_shape[0]:,}" if step else f"with {n} × {n} nothing gets there"


def _others(now: int, smallest: int, largest: int, sliding: Sequence[Step]) -> Iterator[int]:
    yield now
    yield largest + 1
    last = window(sliding[-1], 0)
    yield now + last.stride - 1
    yield now + 1
    yield largest - 1
    yield smallest
    yield largest + last.stride
    yield 2 * now


def _not_largest(subject: Subject, linear: Step, n: int, largest: int) -> str:
    if n > largest:
        return (
            f"That is too large: {linear.name} wants {linear.input_shape[0]:,} values; {_arriving(subject, linear, n)}."
        )
    if _keeps(subject, linear, n):
        return f"That runs, but {n + 1} × {n + 1} does too: the rows that are left over are not read."
    return f"That is too small: {linear.name} wants {linear.input_shape[0]:,} values; {_arriving(subject, linear, n)}."


def smallest_image(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The smallest square image that still gets through a layer."""
    if not subject.takes_images:
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
        text = "What is the smallest n so that images of n × n still get through all layers "
        text += f"up to and including {step.name}?"
        explanation = f"Backwards from 1 × 1 behind {step.name}, (o − 1)·s + d·(k − 1) + 1 − 2·p for each layer, "
        explanation += f"one comes to {smallest}. {_failing(subject, step, smallest - 1)}"
        mistakes = [(n, _not_smallest(subject, step, n, smallest)) for n in _other_smallest(sliding, smallest) if n > 1]
        yield number(step.name, text, smallest, mistakes, explanation, 2)


def _passes(subject: Subject, step: Step, n: int) -> bool:
    there = _on(subject, n).by_name.get(step.name)
    return there is not None and there.error is None


def _failing(subject: Subject, step: Step, n: int) -> str:
    last = _on(subject, n).steps[-1]
    return f"With {n} × {n} {last.name} is the first that fails: {last.error.message if last.error else ''}"


def _not_smallest(subject: Subject, step: Step, n: int, smallest: int) -> str:
    if n < smallest:
        return f"That is too small. {_failing(subject, step, n)}"
    return f"That gets through, but so does {n - 1} × {n - 1}."


def _other_smallest(sliding: Sequence[Step], smallest: int) -> Iterator[int]:
    windows = _windows(sliding, 0)
    yield smallest - 1
    yield 1 + sum(w.cover - 1 for w in windows)
    yield sum(w.cover for w in windows)
    yield smallest + 1
    yield _back(windows, 2)[0]
    yield _back([w for w, s in zip(windows, sliding, strict=True) if "out_channels" in s.arguments], 1)[0]
    yield smallest + windows[-1].stride


TEMPLATES = {"largest-image": largest_image, "smallest-image": smallest_image}
