"""Questions about kernels on the move: padding, dilation, receptive field."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from random import Random
from typing import Any

from layerscope.explain import value_text
from layerscope.layers.base import AXES
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, Window, is_plain, made, slides, window


def same_padding(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The padding that keeps the size of the maps."""
    for step in shuffled(rng, subject.convolutions):
        windows = [window(step, axis) for axis in range(step.layer.dims)]
        if (
            not is_plain(step)
            or any(w.stride != 1 or w.cover % 2 == 0 for w in windows)
            or all(w.cover == 1 for w in windows)
        ):
            continue
        right = _each(w.cover // 2 for w in windows)
        names = " and ".join(AXES[step.layer.dims])
        text = f"Which padding makes {made(step, without=('padding',))} keep the {names} of the maps?"
        explanation = f"With stride 1 the size stays where 2·p = d·(k − 1), so p = {_halves(windows)}: "
        explanation += f"padding={value_text(right)}."
        yield draft(step.name, text, right, _padding_mistakes(windows), explanation, value_text, _near_padding(right))


def _halves(windows: list[Window]) -> str:
    return " and ".join(dict.fromkeys(f"{w.dilation}·({w.kernel} − 1) / 2 = {w.cover // 2}" for w in windows))


def _each(values: Any) -> Any:
    """A number where all axes have the same, otherwise one for each."""
    row = tuple(values)
    return row[0] if len(set(row)) == 1 else row


def _padding_mistakes(windows: list[Window]) -> Iterator[tuple[Any, str]]:
    if any(w.dilation > 1 for w in windows):
        yield _each(w.kernel // 2 for w in windows), "That forgets the dilation: the kernel covers d·(k − 1) + 1 cells."
    yield _each(w.cover - 1 for w in windows), "That is both sides together; padding is added on each side."
    yield 0, "That is no padding: d·(k − 1) rows and columns would be lost."
    if len({w.cover for w in windows}) > 1:
        swapped = _each(w.cover // 2 for w in reversed(windows))
        yield swapped, "That is the order of the axes swapped: the height comes before the width."
    yield _each(w.cover // 2 + 1 for w in windows), "That rounds half of the kernel up: the maps would grow."
    yield (
        _each(w.kernel for w in windows),
        "That is the size of the kernel; half of what it covers, rounded down, is enough.",
    )


def _near_padding(right: Any) -> Iterator[Any]:
    numbers = right if isinstance(right, tuple) else (right,)
    for more in (2, 3, 4):
        yield _each(n + more for n in numbers)


def effective_kernel(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many cells a kernel covers when it is dilated."""
    for step in shuffled(rng, subject.convolutions):
        axis = rng.randrange(step.layer.dims)
        name, kernel = AXES[step.layer.dims][axis], window(step, axis).kernel
        dilation = rng.choice((2, 3))
        if kernel < 2:
            continue
        covered = window(replace(step, layer=step.layer.with_chosen("dilation", dilation)), axis).cover
        mistakes = [
            (dilation * kernel, "That multiplies the kernel; the last tap has no gap behind it."),
            (kernel, "That forgets the dilation: the taps stand apart."),
            (dilation * (kernel - 1), "That forgets the last tap: + 1."),
            (kernel + dilation, "That widens the kernel once; each of the k − 1 gaps is widened."),
            (kernel + kernel - 1, "That puts one cell into each gap; dilation d puts d − 1 there."),
            (kernel + dilation - 1, "That widens the kernel in one gap only; there are k − 1."),
        ]
        text = f"{made(step, without=('dilation',))} gets dilation={dilation}. "
        text += f"How many cells does its kernel cover along the {name}, from the first tap to the last?"
        explanation = f"d·(k − 1) + 1 = {dilation}·({kernel} − 1) + 1 = {covered}."
        yield number(step.name, text, covered, mistakes, explanation)


def receptive_field(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How much of the input one value behind a layer sees."""
    for step in shuffled(rng, [s for s in subject.steps if slides(s)]):
        before = [s for s in subject.up_to(step) if slides(s)]
        field = step.receptive_field
        if field is None or field.whole or len(before) < 2 or not all(map(is_plain, subject.up_to(step))):
            continue
        axes = range(len(field.size))
        axis = 0 if len(set(field.size)) == 1 else rng.choice(axes)
        name, right = AXES[step.layer.dims][axis], field.size[axis]
        if not 1 < right <= subject.network.input_shape[axis + 1]:
            continue
        text = f"How many cells of the input along the {name} lie in the receptive field of one value that leaves "
        text += f"{step.name}, from the first to the last?"
        windows = [window(s, axis) for s in before]
        mistakes = _field_mistakes(before, windows, subject.network.input_shape[axis + 1])
        sensible = [(value, mistake) for value, mistake in mistakes if value < BEYOND_PAPER]
        yield number(step.name, text, right, sensible, f"{_field_in_words(before, windows)} = {right}.")


def _field_in_words(steps: list[Step], windows: list[Window]) -> str:
    parts, jump = ["1"], 1
    for w in windows:
        parts.append(f"{w.cover - 1}·{jump}" if jump > 1 else str(w.cover - 1))
        jump *= w.stride
    names = ", ".join(step.name for step in steps)
    return f"Each layer adds (what its kernel covers − 1) times the strides before it; {names}: {' + '.join(parts)}"


def field_of(windows: list[Window]) -> int:
    """The receptive field: 1 and, for each window, its cover - 1 times the strides before it."""
    size, jump = 1, 1
    for w in windows:
        size += (w.cover - 1) * jump
        jump *= w.stride
    return size


def _field_mistakes(steps: list[Step], windows: list[Window], whole: int) -> Iterator[tuple[int, str]]:
    if any(w.stride > 1 for w in windows[:-1]):
        flat = [w._replace(stride=1) for w in windows]
        yield field_of(flat), "That forgets the strides: behind a stride of 2 a step of one cell is two of the input."
    unpooled = [w for w, s in zip(windows, steps, strict=True) if "out_channels" in s.arguments]
    if unpooled and len(unpooled) < len(windows):
        yield field_of(unpooled), "That forgets the pooling: its windows and strides widen the view."
    yield field_of(windows[:-1]), f"That ends one layer before {steps[-1].name}."
    yield windows[-1].cover, f"That is what {steps[-1].name} sees of its own input, not of the network's."
    yield sum(w.cover for w in windows), "That adds the kernels; they overlap, and strides count too."
    late = [windows[0]._replace(kernel=1), *windows]
    late = [w._replace(stride=after.stride) for w, after in zip(late, windows, strict=False)] + windows[-1:]
    yield field_of(late), "That counts each layer's stride for its own kernel; it counts from the next layer on."
    if any(w.dilation > 1 for w in windows):
        yield field_of([w._replace(dilation=1) for w in windows]), "That forgets the dilation."
    yield prod(w.cover for w in windows), "That multiplies the kernels."
    yield whole, "That is the size of the whole input, whatever the windows reach."


TEMPLATES = {
    "same-padding": same_padding,
    "effective-kernel": effective_kernel,
    "receptive-field": receptive_field,
}
