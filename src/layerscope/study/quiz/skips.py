"""Questions about skip connections: the layer that makes the shapes match, and what it costs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import prod
from random import Random

from layerscope.explain import value_text, written_count
from layerscope.formatting import joined
from layerscope.layers.base import AXES
from layerscope.layers.normalization import BatchNorm2d
from layerscope.steps import Step
from layerscope.study.quiz.branching import drafts, residual_network
from layerscope.study.quiz.drafting import Draft, draft, number, shuffled
from layerscope.study.quiz.skip_paths import Projection, Skip, code_of, projection_of, skips
from layerscope.study.quiz.subject import Subject, worked
from layerscope.study.quiz.sum_fields import sum_field
from layerscope.tracing import trace


def projection(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The convolution of 1 × 1 that a skip connection needs."""
    return drafts(subject, rng, _projection, residual_network)


def _projection(subject: Subject, rng: Random) -> Iterator[Draft]:
    for skip in shuffled(rng, skips(subject)):
        wanted = skip.add.input_shape
        if not skip.layers or skip.shape == wanted:
            continue
        right, dims = projection_of(skip.layers[0]), skip.layers[0].layer.dims
        arriving, width, _, stride = right
        network = subject.network
        for step in skip.layers:  # its line would give the answer away
            network = network.remove(step.name)
        last = trace(network).steps[-1]
        if last.error is None or last.name != skip.add.name:  # torch stretches an axis of 1
            continue
        text = f"{skip.add.name} adds the output of {skip.main}, {value_text(wanted)}, and a skip connection from "
        text += (
            f"{skip.source}, {value_text(skip.shape)}. That fails, because a sum needs equal shapes. Which layer on "
        )
        text += "the skip connection makes them match?"
        explanation = f"{code_of(right, dims)} turns {written_count(arriving, 'channel')} into {width:,}"
        name, old, new = AXES[dims][0], skip.shape[1], wanted[1]
        if stride > 1:
            explanation += f", and its stride of {stride} turns a {name} of {old} into "
            explanation += f"floor(({old} − 1) / {stride}) + 1 = {new}."
        else:
            explanation += f"; a kernel_size of 1 keeps the {name} of {old}."
        found = _other_projections(skip, right)
        mistakes = [pair for pair in found if not _fits(pair[0], skip.shape, wanted)]
        write = partial(code_of, dims=dims)
        yield replace(draft(skip.add.name, text, right, mistakes, explanation, write), network=network)


def _fits(value: Projection, shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether such a layer would work as well: torch also stretches an axis of 1."""
    arriving, width, kernel, stride = value
    sizes = tuple((size - kernel) // stride + 1 for size in shape[1:])
    return arriving == shape[0] and all(new in (1, old) for new, old in zip((width, *sizes), wanted, strict=True))


def _other_projections(skip: Skip, right: Projection) -> Iterator[tuple[Projection, str]]:
    arriving, width, _, stride = right
    sizes = value_text(skip.shape[1:])
    if stride > 1:
        yield (
            (arriving, width, 1, 1),
            f"That forgets the stride: it keeps {sizes}, but the main path has {value_text(skip.add.input_shape[1:])}.",
        )
    yield (
        (arriving, arriving, 1, stride),
        f"That keeps {written_count(arriving, 'channel')}; the main path has {width:,}, and a sum needs equal shapes.",
    )
    yield (
        (width, arriving, 1, stride),
        f"That swaps in and out: the layer reads {written_count(arriving, 'channel')} from {skip.source}.",
    )
    yield (
        (width, width, 1, stride),
        f"That takes in_channels from the main path; this layer reads {skip.source}, which has {arriving:,}.",
    )
    if width > arriving:
        yield (
            (arriving, width - arriving, 1, stride),
            f"That makes only the missing {written_count(width - arriving, 'channel')}; a sum needs all {width:,}.",
        )
    yield (
        (arriving, width, 3, stride),
        "That kernel of 3 without padding loses one cell on each side; a kernel_size of 1 loses none.",
    )
    if stride == 1:
        yield (arriving, width, 1, 2), f"That halves the maps; the main path keeps {sizes}."


def skip_parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many parameters a skip connection has."""
    return drafts(subject, rng, _skip_parameters, residual_network)


def _skip_parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    for skip in shuffled(rng, skips(subject)):
        if skip.layers and skip.shape == skip.add.input_shape:
            continue
        text = f"{skip.add.name} adds {skip.main} and a skip connection from {skip.source}"
        on_it = " and ".join(f"{step.name} = {_bare(step)}" for step in skip.layers)
        text += f" with {on_it} on it" if skip.layers else ", which has no layer on it"
        text += (
            f". The output of {skip.source} is {value_text(skip.shape)}, and the "
            f"sum is {value_text(skip.add.input_shape)}. "
        )
        text += "How many learnable parameters does the skip connection add to the network?"
        if skip.layers:
            explanation = f"{_parts(skip)}."
        else:
            explanation = "A skip connection without a layer adds the values as they are: no weights, so 0 parameters."
        yield number(skip.add.name, text, skip.parameters, _instead_of_skip(skip), explanation, 0)


def _bare(step: Step) -> str:
    if isinstance(step.layer, BatchNorm2d):
        return f"nn.BatchNorm2d({step.arguments['num_features']})"
    bias = "" if step.arguments["bias"] else ", bias=False"
    return f"{code_of(projection_of(step), step.layer.dims)[:-1]}{bias})"


def _parts(skip: Skip) -> str:
    """The parameters of each layer, with the numbers filled in, and their sum."""
    formulas = [(step.name, step.layer.parameter_formula(step.input_shape)) for step in skip.layers]
    told = joined([f"{name} has {worked(formula)}" for name, formula in formulas if formula])
    return told if len(skip.layers) == 1 else f"{told}, {skip.parameters:,} together"


def _instead_of_skip(skip: Skip) -> Iterator[tuple[int, str]]:
    arriving, width = skip.shape[0], skip.add.input_shape[0]
    if not skip.layers:
        yield width, f"That gives each channel a weight, {width:,} in all; a sum has no weights."
        yield width * width, f"That is a 1×1 convolution, {width:,}·{width:,}; equal shapes need no layer."
        yield width * width + width, "That is a 1×1 convolution with its bias; equal shapes need no layer."
        yield prod(skip.add.input_shape), "That counts the values that are added; they are not parameters."
        yield 2 * width, "That is a BatchNorm of as many channels; this skip connection has no layer."
        return
    conv, right = skip.layers[0], skip.parameters
    biases = width if conv.arguments["bias"] else 0
    weights = arriving * width
    if biases:
        yield right - biases, f"That forgets the bias: there is one per output channel, {width:,} in all."
    else:
        yield right + width, f"That counts one bias per channel, {width:,} more; bias=False leaves them out."
    yield 0, "That is true of a skip connection without a layer; this one has weights."
    cells = 3**conv.layer.dims
    yield (
        right + (cells - 1) * weights,
        f"That uses a kernel of {cells} cells, as on the main path; this one has a single cell.",
    )
    yield (
        arriving + width,
        f"That adds in and out, {arriving:,} + {width:,}; each output channel reads every input channel.",
    )
    yield (
        right - weights + width * width,
        f"That uses out_channels = {width:,} twice; in_channels is {arriving:,}.",
    )
    yield right * 2, "That counts the skip connection twice; its layer exists only once."
    if len(skip.layers) > 1:
        yield weights + biases, f"That forgets {skip.layers[1].name}, which has a weight and a bias per channel."


TEMPLATES = {"projection": projection, "skip-parameters": skip_parameters, "sum-field": sum_field}
