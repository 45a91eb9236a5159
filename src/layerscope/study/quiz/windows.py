"""Questions about kernels on the move: padding, dilation, receptive field."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from layerscope.explain import value_text
from layerscope.layers.base import AXES
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, few, number, shuffled
from layerscope.study.quiz.subject import Subject, Window, is_plain, made, slides, weight_sizes, window


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
        explanation = (
            f"The kernel takes d·(k − 1) cells off the size, so add half of that on each side: {_halves(windows)}, so "
        )
        explanation += f"padding={value_text(right)}."
        yield draft(step.name, text, right, _padding_mistakes(windows), explanation, value_text)


def _halves(windows: list[Window]) -> str:
    return " and ".join(dict.fromkeys(f"{w.dilation}·({w.kernel} − 1) / 2 = {w.cover // 2}" for w in windows))


def _text(values: Iterable[int]) -> str:
    return " and ".join(dict.fromkeys(map(str, values)))


def _each(values: Any) -> Any:
    """A number where all axes have the same, otherwise one for each."""
    row = tuple(values)
    return row[0] if len(set(row)) == 1 else row


def _padding_mistakes(windows: list[Window]) -> Iterator[tuple[Any, str]]:
    if any(w.dilation > 1 for w in windows):
        covers = _text(w.cover for w in windows)
        yield _each(w.kernel // 2 for w in windows), f"That forgets the dilation: d·(k − 1) + 1 = {covers}."
    lost = _text(w.cover - 1 for w in windows)
    yield (
        _each(w.cover - 1 for w in windows),
        f"That is {lost}, the cells for both sides together; padding is added on each side.",
    )
    yield 0, f"That adds no padding, so the maps shrink by d·(k − 1) = {lost}."
    if len({w.cover for w in windows}) > 1:
        swapped = _each(w.cover // 2 for w in reversed(windows))
        yield swapped, f"That swaps the axes; the order is {', '.join(AXES[len(windows)])}."
    yield _each(w.cover // 2 + 1 for w in windows), "That is one cell too many on each side, so the maps grow by 2."
    yield (
        _each(w.kernel for w in windows),
        "That is the kernel_size; half of what the kernel covers, rounded down, is enough.",
    )


def effective_kernel(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many cells a kernel covers when it is dilated."""
    for step in shuffled(rng, (*subject.convolutions, *subject.transposed)):
        axis = rng.randrange(step.layer.dims)
        name, kernel = AXES[step.layer.dims][axis], weight_sizes(step)[2 + axis]
        dilation = rng.choice((2, 3))
        if kernel < 2:
            continue
        covered = dilation * (kernel - 1) + 1
        mistakes = [
            (
                dilation * kernel,
                f"That multiplies {dilation}·{kernel}; the last cell has no gap after it.",
            ),
            (kernel, f"That forgets the dilation: the {kernel} cells are {dilation} apart."),
            (
                dilation * (kernel - 1),
                f"That forgets the first cell: {dilation}·({kernel} − 1) cells come after it.",
            ),
            (
                kernel + dilation,
                f"That adds {kernel} + {dilation}; the dilation applies from cell to cell, {_times(kernel - 1)}.",
            ),
            (
                kernel + kernel - 1,
                f"That leaves one cell free between its cells; a dilation of {dilation} leaves {dilation - 1}.",
            ),
            (
                kernel + dilation - 1,
                (
                    f"That widens only one gap; between {kernel} cells there "
                    f"{'is' if kernel == 2 else 'are'} {kernel - 1}."
                ),
            ),
            (
                kernel + dilation * (kernel - 1),
                f"That leaves {dilation} cells free between its cells; a dilation of {dilation} leaves {dilation - 1}.",
            ),
            (dilation * kernel + 1, f"That adds the 1 to {dilation}·{kernel} instead of to {dilation}·({kernel} − 1)."),
            (covered * covered, f"That counts the cells of a square, not only those along the {name}."),
        ]
        text = f"{made(step, without=('dilation',))} gets dilation={dilation}. "
        text += f"How many cells does its kernel cover along the {name}, from its first cell to its last?"
        explanation = "The first cell, then one step of the dilation d for each of the other k − 1 cells: "
        explanation += f"d·(k − 1) + 1 = {dilation}·({kernel} − 1) + 1 = {covered}."
        yield number(step.name, text, covered, mistakes, explanation)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def receptive_field(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How much of the input one output value of a layer depends on."""
    for step in shuffled(rng, [s for s in subject.steps if slides(s)]):
        way = subject.up_to(step)
        before = [s for s in way if slides(s)]
        field = step.receptive_field
        if field is None or field.whole or len(before) < 2 or not all(map(is_plain, way)):
            continue
        axes = range(len(field.size))
        axis = 0 if len(set(field.size)) == 1 else rng.choice(axes)
        name, right = AXES[step.layer.dims][axis], field.size[axis]
        if not 1 < right <= subject.network.input_shape[axis + 1]:
            continue
        text = f"How many cells of the input along the {name} are in the receptive field of one output value of "
        windows = [window(s, axis) for s in before]
        first, last = field.axes[axis].span(field.axes[axis].cells // 2)
        if last - first + 1 != right:  # even the view of the middle value is cut at the border
            continue
        away = ", away from the border," if any(w.pads for w in windows) else ""  # there a part of it is padding
        text += f"{step.name}{away or ','} from the first to the last?"
        mistakes = _field_mistakes(before, windows, subject.network.input_shape[axis + 1])
        sensible = [(value, mistake) for value, mistake in mistakes if value < BEYOND_PAPER]
        yield number(step.name, text, right, sensible, f"{_field_in_words(before, windows)} = {right}.")


def _field_in_words(steps: list[Step], windows: list[Window]) -> str:
    parts, jump = ["1"], 1
    for w in windows:
        parts.append(f"{w.cover - 1}·{jump}" if jump > 1 else str(w.cover - 1))
        jump *= w.stride
    names = ", ".join(step.name for step in steps)
    return (
        "Each layer adds what its kernel covers, minus 1, times the strides "
        f"before it. For {names}: {' + '.join(parts)}"
    )


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
        strides = few(s.name for s, w in zip(steps, windows, strict=True) if w.stride > 1)
        yield (
            field_of(flat),
            f"That forgets the strides of {strides}, which lengthen the steps of every later layer on the input.",
        )
    unpooled = [w for w, s in zip(windows, steps, strict=True) if "out_channels" in s.arguments]
    if unpooled and len(unpooled) < len(windows):
        pools = few(s.name for s in steps if "out_channels" not in s.arguments)
        yield field_of(unpooled), f"That forgets the pooling: the windows and strides of {pools} count too."
    yield field_of(windows[:-1]), f"That stops at {steps[-2].name}, one layer before {steps[-1].name}."
    yield windows[-1].cover, f"That is what {steps[-1].name} reads of its own input, not of the network's."
    adding = " + ".join(str(w.cover) for w in windows)
    yield (
        sum(w.cover for w in windows),
        f"That adds what the kernels cover, {adding}; each adds one cell less, times the strides.",
    )
    late = [windows[0]._replace(kernel=1), *windows]
    late = [w._replace(stride=after.stride) for w, after in zip(late, windows, strict=False)] + windows[-1:]
    yield field_of(late), "That applies each layer's stride to its own kernel; it applies from the next layer on."
    if any(w.dilation > 1 for w in windows):
        yield field_of([w._replace(dilation=1) for w in windows]), "That forgets the dilation."
    yield whole, "That is the size of the whole input, however far the windows reach."


TEMPLATES = {
    "same-padding": same_padding,
    "effective-kernel": effective_kernel,
    "receptive-field": receptive_field,
}
