"""Questions about the shapes on the way through the network."""

from collections.abc import Iterator
from math import prod
from random import Random
from typing import Any

from layerscope.explain import fits, is_flattening, product_text, value_text, written_count
from layerscope.layers.base import AXES
from layerscope.layers.linear import Linear
from layerscope.steps import Step
from layerscope.study.quiz.drafting import Draft, number, shape, shuffled, written
from layerscope.study.quiz.subject import CONVOLUTIONS, POOLS, TRANSPOSED, Subject, Window, made, slides, window, worked
from layerscope.study.quiz.transposed import enlarged, shape_mistakes


def size(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The height (width, length) after a convolution or pooling."""
    sliding = [s for s in subject.owners if slides(s) and s.layer.chosen.get("ceil_mode") is not True]
    for step in shuffled(rng, sliding):
        axis = _axis(rng, step)
        if window(step, axis)[1:] == (1, 1, 1, 0):  # of 1 × 1: whatever arrives leaves
            continue
        name = AXES[step.layer.dims][axis]
        output = step.output_shape or ()
        text = f"Maps of shape {value_text(step.input_shape)} go into {made(step)}. "
        text += f"What is the {name} of the maps that come out?"
        formula = step.layer.output_formulas(step.input_shape)[axis + 1]
        explanation = f"{fits(step, axis) or f'The {name} is {worked(formula)}'}."
        mistakes = _size_mistakes(step, axis)
        yield number(step.name, text, output[axis + 1], mistakes, explanation)

    yield from enlarged(subject, rng)


def _axis(rng: Random, step: Step) -> int:
    """The first axis, or any where they differ."""
    axes = range(step.layer.dims)
    return 0 if len({window(step, axis) for axis in axes}) == 1 else rng.choice(axes)


def _size_mistakes(step: Step, axis: int) -> Iterator[tuple[int, str]]:
    w, dims = window(step, axis), range(step.layer.dims)
    room = w.size + w.pads - w.cover
    if w.stride > 1:
        if isinstance(step.layer, POOLS):
            yield room + 1, f"That moves the window one cell at a time; here it moves {w.stride}."
        else:
            yield room + 1, f"That forgets the stride of {w.stride}."
        if room % w.stride:
            yield (
                w.leaving + 1,
                f"That rounds {room} / {w.stride} up: a window that does not fit completely is left out.",
            )
        yield w.size // w.stride, f"That only divides {w.size} by the stride; the window of {w.cover} must fit too."
    yield (
        room // w.stride,
        f"That forgets the + 1: the window has {room // w.stride} + 1 positions, including the first.",
    )
    if w.dilation > 1:
        yield replaced(w, dilation=1), f"That forgets the dilation: the kernel covers {w.cover} cells, not {w.kernel}."
        yield (
            (w.size + w.pads - w.dilation * w.kernel) // w.stride + 1,
            f"That uses d·k = {w.dilation * w.kernel}; the kernel covers d·(k − 1) + 1 = {w.cover} cells.",
        )
    if w.pads:
        yield replaced(w, pads=0), f"That forgets the padding, {w.pads} cells on both sides together."
        yield (
            replaced(w, pads=w.pads // 2),
            f"That counts only {w.pads // 2} of the {w.pads} cells of padding; it is added on both sides.",
        )
    elif w.cover > 1:
        yield (
            replaced(w, pads=w.cover - 1),
            f"That lets the window go over the edge by {w.cover - 1}, as with padding; the padding here is 0.",
        )
    for other in dims:
        if (window(step, other)[1:]) != w[1:]:
            yield (
                window(step, other)._replace(size=w.size).leaving,
                f"That uses the numbers for the {AXES[step.layer.dims][other]}.",
            )
    if w.cover > 1:
        yield w.size - w.cover, f"That only subtracts the window's {w.cover} cells from the {w.size} of the input."
    yield w.size // w.kernel, f"That divides {w.size} by the kernel, {w.kernel}, as if windows never overlapped."
    yield w.size, f"That is the {AXES[step.layer.dims][axis]} of the input."
    yield (step.output_shape or (0,))[0], "That is the number of output maps, not their size."
    yield step.input_shape[0], "That is the number of input maps, not their size."


def replaced(w: Window, **changes: int) -> int:
    """The size that leaves another window."""
    return w._replace(**changes).leaving


def full_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The shape that leaves a layer, with its batch axis."""
    steps = [s for s in subject.owners if slides(s) or s in subject.weighted or is_flattening(s)]
    for step in shuffled(rng, steps):
        output = step.output_shape or ()
        text = (
            f"A batch of N samples runs through the network, and {_with_batch(step.input_shape)} goes into "
            f"{made(step)}. "
        )
        text += "What is the shape of its output, including the batch axis?"
        explanation = f"The batch axis stays first, so the output is {_with_batch(output)}: {_why(step)}."
        mistakes = _mistakes(step, output)
        yield shape(step.name, text, ("N", *output), mistakes, explanation)


def _with_batch(sizes: tuple[int, ...]) -> str:
    return written(("N", *sizes))


def _why(step: Step) -> str:
    if is_flattening(step):
        return f"{step.name} merges all axes after it, {product_text(step.input_shape)} = {prod(step.input_shape):,}"
    if isinstance(step.layer, Linear):
        return f"{step.name} outputs out_features = {step.arguments['out_features']:,} values per sample"
    sizes: dict[str, list[str]] = {}
    for name, formula in zip(AXES[step.layer.dims], step.layer.output_formulas(step.input_shape)[1:], strict=True):
        sizes.setdefault(worked(formula), []).append(name)
    told = ", ".join(f"{' and '.join(names)} = {sum_}" for sum_, names in sizes.items())
    if isinstance(step.layer, POOLS):
        return f"pooling treats each channel separately, {told}"
    return f"out_channels = {step.arguments['out_channels']:,} maps, {told}"


def _mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(step.layer, TRANSPOSED):
        return shape_mistakes(step, output)
    return _shape_mistakes(step, output) if slides(step) else _vector_mistakes(step, output)


def _shape_mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    channels, *sizes = output
    arriving, *old = step.input_shape
    windows = [window(step, axis) for axis in range(step.layer.dims)]
    yield (
        ("N", arriving, *sizes),
        f"That keeps the input channels, {arriving:,}; the output has out_channels = {channels:,}.",
    )
    yield ("N", channels, *old), f"That keeps the input size, {product_text(tuple(old))}."
    if any(w.pads for w in windows):
        bare = (replaced(w, pads=0) for w in windows)
        yield ("N", channels, *bare), "That forgets the padding, which is added on both sides."
    if any(w.stride > 1 for w in windows):
        slow = (replaced(w, stride=1) for w in windows)
        yield ("N", channels, *slow), f"That moves the window one cell at a time; here it moves {_strides(windows)}."
    yield tuple(output), f"That has no batch axis: {step.name} keeps all N samples."
    yield (
        ("N", *sizes, channels),
        f"That puts the {written_count(channels, 'channel')} last; in PyTorch, axis 1 holds the channels, right after "
        "the batch.",
    )
    if isinstance(step.layer, CONVOLUTIONS):
        yield (
            ("N", arriving * channels, *sizes),
            f"That makes {arriving:,}·{channels:,} maps; each filter adds the results of its kernels into one map.",
        )
    else:
        shrunk = channels // windows[0].stride
        yield (
            ("N", shrunk, *sizes),
            f"That also divides the channels, {channels} / {windows[0].stride}; pooling keeps them.",
        )
    yield (
        ("N", channels, *(w.leaving - 1 for w in windows)),
        "That forgets the + 1 of the formula: the window has one position before it moves.",
    )


def _strides(windows: list[Window]) -> str:
    return " and ".join(dict.fromkeys(str(w.stride) for w in windows))


def _vector_mistakes(step: Step, output: tuple[int, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    arrives = step.input_shape
    if is_flattening(step):
        cells = prod(arrives[1:])
        yield (
            ("N", arrives[0], cells),
            f"That keeps the {written_count(arrives[0], 'channel')} separate; flatten merges them with the rest.",
        )
        yield (f"N·{output[0]}",), "That merges the batch too, and so mixes the samples; start_dim=1 leaves it alone."
        yield ("N", sum(arrives)), f"That adds the axes, {' + '.join(map(str, arrives))}, instead of multiplying them."
        yield tuple(output), "That has no batch axis; flatten starts after it."
        yield ("N", cells), f"That counts the values of only one map; there are {arrives[0]}."
        return
    yield (
        (output[0], *arrives),
        f"That is the shape of {step.name}'s weight, (out_features, in_features), not of its output.",
    )
    yield ("N", *arrives), f"That is the input; a Linear layer turns the last axis into out_features = {output[0]:,}."
    yield tuple(output), f"That has no batch axis: {step.name} keeps all N samples."
    yield (*output, "N"), "That puts the batch last; it is always the first axis."


TEMPLATES = {"size": size, "full-shape": full_shape}
