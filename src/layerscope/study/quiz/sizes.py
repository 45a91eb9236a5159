"""Questions about the shapes on the way through the network."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from random import Random
from typing import Any

from layerscope.explain import is_flattening, product_text, value_text
from layerscope.layers.base import AXES
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shape, shuffled, written
from layerscope.study.quiz.subject import CONVOLUTIONS, POOLS, Subject, Window, made, slides, window, worked
from layerscope.tracing import trace

BATCHES = (10, 16, 32, 64, 100)


def size(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The height (width, length) behind a convolution or pooling."""
    sliding = [s for s in subject.steps if slides(s) and s.layer.chosen.get("ceil_mode") is not True]
    for step in shuffled(rng, sliding):
        axis = _axis(rng, step)
        if window(step, axis)[1:] == (1, 1, 1, 0):  # of 1 × 1: whatever arrives leaves
            continue
        name = AXES[step.layer.dims][axis]
        output = step.output_shape or ()
        text = f"Maps of shape {value_text(step.input_shape)} arrive at {made(step)}. "
        text += f"What is the {name} of the maps that leave?"
        explanation = f"The {name} is {worked(step.layer.output_formulas(step.input_shape)[axis + 1])}."
        mistakes = _size_mistakes(window(step, axis), isinstance(step.layer, POOLS))
        yield number(step.name, text, output[axis + 1], mistakes, explanation)


def _axis(rng: Random, step: Step) -> int:
    """The first axis, or any where they differ."""
    axes = range(step.layer.dims)
    return 0 if len({window(step, axis) for axis in axes}) == 1 else rng.choice(axes)


def _size_mistakes(w: Window, is_pool: bool) -> Iterator[tuple[int, str]]:
    room = w.size + w.pads - w.cover
    if w.stride > 1:
        if is_pool:
            yield room + 1, f"That moves the window one cell at a time; here it moves {w.stride}."
        else:
            yield room + 1, f"That forgets the stride of {w.stride}."
        if room % w.stride:
            yield w.leaving + 1, "That counts without rounding down: a window that does not fit whole is left out."
        yield w.size // w.stride, f"That only divides by the stride; the window of {w.cover} must fit too."
    yield room // w.stride, "That forgets the + 1 at the end: the first window stands there before any step."
    if w.dilation > 1:
        yield replaced(w, dilation=1), f"That forgets the dilation: the kernel covers {w.cover} cells, not {w.kernel}."
    if w.pads:
        yield replaced(w, pads=0), "That forgets the padding."
        yield replaced(w, pads=w.pads // 2), "That counts the padding on one side only; it is added on both."
    if not w.pads and w.cover > 1:
        yield replaced(w, pads=w.cover - 1), "That counts a padding that is not there."
        yield (w.size - (w.cover - 1) // 2 - 1) // w.stride + 1, "That takes away half of the kernel on one side only."
    yield w.size - w.cover, "That only takes the kernel off the size that arrives."
    yield w.size // w.kernel, "That divides by the kernel, as if the windows never overlapped."
    yield w.size, "That is the size that arrives."


def replaced(w: Window, **changes: int) -> int:
    """The size that leaves another window."""
    return w._replace(**changes).leaving


def full_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The shape that leaves a layer, with its batch axis."""
    steps = [s for s in subject.steps if slides(s) or s in subject.linears or is_flattening(s)]
    for step in shuffled(rng, steps):
        output = step.output_shape or ()
        text = (
            f"A batch of N samples runs through the network. Which shape leaves {made(step)}, the batch axis included, "
        )
        text += f"when {_with_batch(step.input_shape)} arrives?"
        explanation = f"The batch axis stays in front, so {_with_batch(output)} leaves: {_why(step)}."
        mistakes = _shape_mistakes(step, output) if slides(step) else _vector_mistakes(step, output)
        yield shape(step.name, text, ("N", *output), mistakes, explanation)


def _with_batch(sizes: tuple[int, ...]) -> str:
    return written(("N", *sizes))


def _why(step: Step) -> str:
    if is_flattening(step):
        return f"{step.name} merges all axes behind it, {product_text(step.input_shape)} = {prod(step.input_shape):,}"
    if not slides(step):
        return f"{step.name} puts out out_features = {step.arguments['out_features']:,} values for each sample"
    names = " and ".join(AXES[step.layer.dims])
    if isinstance(step.layer, POOLS):
        return f"pooling works on each channel by itself, and the formula of the output size gives the {names}"
    return (
        f"there is one map for each of the out_channels filters, and the formula of the output size gives the {names}"
    )


def _shape_mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    channels, *sizes = output
    arriving, *old = step.input_shape
    yield ("N", arriving, *sizes), "That keeps the channels that arrive; a convolution puts out its out_channels."
    yield ("N", channels, *old), "That keeps the size that arrives."
    yield tuple(output), "That has no batch axis: torch's layers put out one result for each sample of the batch."
    yield ("N", *sizes, channels), "That puts the channels last; in torch they are axis 1, right behind the batch."
    if isinstance(step.layer, CONVOLUTIONS):
        yield (
            ("N", arriving * channels, *sizes),
            "That makes C_in·C_out maps; each filter sums its kernels into one map.",
        )
    else:
        kernel = window(step, 0).stride
        yield ("N", channels // kernel or 1, *sizes), "That shrinks the channels too; pooling works on each by itself."


def _vector_mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    arrives = step.input_shape
    if is_flattening(step):
        yield ("N", arrives[0], prod(arrives[1:])), "That keeps the channels apart; flatten merges them with the rest."
        yield (f"N·{output[0]}",), "That merges the batch too, and mixes the samples; start_dim=1 leaves it alone."
        yield ("N", sum(arrives)), "That adds the axes; merging multiplies them."
        yield tuple(output), "That has no batch axis; flatten begins behind it."
        yield ("N", prod(arrives[1:])), "That forgets the channels: each map has as many values."
        return
    yield (output[0], *arrives), "That is the shape of the weight, (out_features, in_features), not of what leaves."
    yield ("N", *arrives), "That is what arrives; a Linear layer changes the last axis to out_features."
    yield tuple(output), "That has no batch axis: torch's layers put out one result for each sample of the batch."
    yield (*output, "N"), "That puts the batch last; it is the first axis throughout."


def flattened_length(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many values flatten makes of each sample."""
    flattening = [s for s in subject.steps if is_flattening(s) and prod(s.input_shape) < BEYOND_PAPER]
    for step in shuffled(rng, flattening):
        batch, length = rng.choice(BATCHES), prod(step.input_shape)
        text = (
            f"Batches of {batch} samples of shape {value_text(subject.network.input_shape)} run through the network. "
        )
        text += f"How many values does {step.name} make of each sample?"
        explanation = f"{step.name} merges all axes behind the batch: {product_text(step.input_shape)} = {length:,}."
        yield number(step.name, text, length, _length_mistakes(subject, step, batch), explanation)


def _length_mistakes(subject: Subject, step: Step, batch: int) -> Iterator[tuple[int, str]]:
    channels, *sizes = step.input_shape
    length = prod(step.input_shape)
    unpooled = _without_pooling(subject, step)
    if unpooled:
        yield prod(unpooled), f"That forgets the pooling: without it {product_text(unpooled)} would arrive."
    yield (
        prod(sizes),
        f"That forgets the channels: {channels} maps arrive, each with {product_text(tuple(sizes))} values.",
    )
    yield channels * sizes[0], "That counts one axis of each map only."
    yield length * batch, "That includes the batch: flatten(start_dim=1) leaves the batch axis alone."
    yield sum(step.input_shape), "That adds the axes; merging multiplies them."
    yield (
        prod(subject.network.input_shape),
        "That counts the values of the input; the layers before have changed its shape.",
    )


def _without_pooling(subject: Subject, step: Step) -> tuple[int, ...] | None:
    """What would arrive if no pooling were called; None where there is none, or where it would not run."""
    pools = {pool.name for pool in subject.pools}
    kept = tuple(layer for layer in subject.network.layers if layer.name not in pools)
    if not pools:
        return None
    after = trace(replace(subject.network, layers=kept)).by_name.get(step.name)
    return after.input_shape if after else None


TEMPLATES = {"size": size, "full-shape": full_shape, "flattened-length": flattened_length}
