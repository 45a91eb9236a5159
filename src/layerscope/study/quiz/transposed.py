"""What templates ask of transposed convolutions, which enlarge the maps and keep their weights in another order."""

from collections.abc import Iterator
from random import Random
from typing import Any

from layerscope.explain import product_text, value_text
from layerscope.layers.base import AXES
from layerscope.steps import Step
from layerscope.study.quiz.drafting import Draft, number, shuffled
from layerscope.study.quiz.subject import Subject, made, worked


def enlarged(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The height (width, length) after a transposed convolution."""
    for step in shuffled(rng, subject.transposed):
        sizes = step.layer.output_formulas(step.input_shape)[1:]
        axis = 0 if len({formula.numbers for formula in sizes}) == 1 else rng.randrange(len(sizes))
        name = AXES[step.layer.dims][axis]
        text = f"Maps of shape {value_text(step.input_shape)} go into {made(step)}. "
        text += f"What is the {name} of the maps that come out?"
        mistakes = _enlarging_mistakes(dict(sizes[axis].numbers), name)
        yield number(step.name, text, sizes[axis].value, mistakes, f"The {name} is {worked(sizes[axis])}.")


def _enlarging_mistakes(n: dict[str, int], name: str) -> Iterator[tuple[int, str]]:
    """`n` holds i, s, p, d, k and extra, the output_padding."""
    size, stride, pads, cover = n["i"], n["s"], 2 * n["p"], n["d"] * (n["k"] - 1) + 1
    right = (size - 1) * stride - pads + cover + n["extra"]
    if n["extra"]:
        yield right - n["extra"], f"That forgets output_padding={n['extra']}."
    if pads:
        yield right + pads, f"That forgets the padding, which cuts {n['p']} off each side here."
        yield right + n["p"], f"That takes the padding of {n['p']} off only one side."
        yield (
            right + 2 * pads,
            f"That adds the padding of {n['p']} on each side; in a transposed convolution it is cut off.",
        )
    yield (
        (size + pads - cover) // stride + 1,
        "That is the formula of a convolution; a transposed one works the other way round.",
    )
    yield right + stride, f"That uses i·s = {size * stride}; there are only {size} − 1 steps between {size} windows."
    yield (
        size * stride,
        f"That only multiplies by the stride, {size}·{stride}; the last window of {cover} reaches further.",
    )
    if n["d"] > 1:
        yield right - cover + n["k"], f"That forgets the dilation: the kernel covers {cover} cells, not {n['k']}."
    yield right - 1, "That forgets the + 1 of the formula."
    yield size, f"That is the {name} of the input."


def shape_mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What mistakes make of the shape that leaves it."""
    channels, *sizes = output
    arriving, *old = step.input_shape
    numbers = [dict(f.numbers) for f in step.layer.output_formulas(step.input_shape)[1:]]
    yield (
        ("N", arriving, *sizes),
        f"That keeps the input channels, {arriving:,}; the output has out_channels={channels}.",
    )
    yield ("N", channels, *old), f"That keeps the input size, {product_text(tuple(old))}."
    if any(n["p"] for n in numbers):
        uncut = (size + 2 * n["p"] for size, n in zip(sizes, numbers, strict=True))
        yield ("N", channels, *uncut), "That forgets the padding, which is cut off both sides here."
    if any(n["s"] > 1 for n in numbers):
        slow = (size - (n["i"] - 1) * (n["s"] - 1) for size, n in zip(sizes, numbers, strict=True))
        yield ("N", channels, *slow), "That forgets the stride, which is the distance between windows in the output."
        multiplied = (n["i"] * n["s"] for n in numbers)
        yield ("N", channels, *multiplied), "That only multiplies by the stride; the last window reaches further."
    yield tuple(output), f"That has no batch axis: {step.name} keeps all N samples."
    yield (
        ("N", arriving * channels, *sizes),
        f"That makes {arriving:,}·{channels:,} maps; they are added into {channels}.",
    )


def weight_mistakes(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    """What mistakes make of the shape of its weight."""
    arriving, width, *kernel = step.weight_shape or (1, 1)
    leaving, groups = step.arguments["out_channels"], step.arguments["groups"]
    yield (
        (leaving, arriving // groups, *kernel),
        f"That is the order of a convolution; in a transposed one, in_channels={arriving} comes first.",
    )
    if groups > 1:
        yield (
            (arriving, leaving, *kernel),
            f"That forgets the groups: each input channel goes to {leaving} / {groups} = {width} output channels.",
        )
    yield (
        (arriving, *kernel),
        f"That forgets axis 1: each input channel has a kernel for each of {width} output channels.",
    )
    yield (
        (*kernel, arriving, width),
        f"That puts the kernel's {product_text(tuple(kernel))} first; in PyTorch it comes last.",
    )
    yield (arriving * width, *kernel), f"That puts all {arriving * width:,} kernels on one axis."
    yield (arriving, width), "That forgets the kernel, which has its own axes."
    yield (arriving, width + 1, *kernel), f"That includes the bias, which is a separate tensor, ({leaving},)."
