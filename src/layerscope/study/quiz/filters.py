"""Questions about the weight of a layer: its shape, filters, kernels, maps."""

from collections.abc import Iterator
from math import prod
from random import Random

from layerscope.explain import value_text, written_count
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shape, shuffled
from layerscope.study.quiz.subject import Subject, made


def weight_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The shape of a layer's weight."""
    for step in shuffled(rng, subject.weighted):
        right = step.weight_shape or ()
        axes = "(out_features, in_features)"
        mistakes = _of_linear(step)
        if step in subject.convolutions:
            axes = "(out_channels, in_channels / groups, kernel_size)"
            mistakes = _of_convolution(step)
        text = f"Which shape has the weight of {made(step)}?"
        explanation = f"The weight of nn.{step.type} is {axes}, here {value_text(right)}."
        yield shape(step.name, text, right, mistakes, explanation)


def _of_convolution(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    filters, depth, *kernel = step.weight_shape or (1, 1)
    arriving = step.arguments["in_channels"]
    if depth != arriving:
        yield (filters, arriving, *kernel), "That forgets the groups: a filter sees in_channels / groups channels only."
    yield (depth, filters, *kernel), "That is in and out swapped: the filters come first."
    yield (filters, *kernel), "That forgets the depth: each filter has one kernel for each channel that it sees."
    yield (*kernel, depth, filters), "That puts the kernel first; in torch it comes last."
    yield (filters * depth, *kernel), "That lays all kernels in one row; they belong to filters, the first axis."
    yield (filters, filters, *kernel), "That takes the number of filters for their depth."


def _of_linear(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    width, arriving = step.weight_shape or (1, 1)
    yield (arriving, width), "That is in and out swapped: torch keeps (out_features, in_features)."
    yield (width, arriving + 1), "That holds the bias too; it is a tensor of its own, (out_features,)."
    yield (width,), "That is the shape of the bias."
    yield (width * arriving,), "That is the number of weights, in one row."


def filters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many filters a convolution has."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        mistakes = [
            (depth, "That is how deep each filter is: one kernel for each channel that it sees."),
            (count * depth, "That counts the kernels, the slices of the filters."),
            (step.arguments["in_channels"], "That counts the channels that arrive."),
            (cells, "That counts the weights in one kernel."),
            (count + depth, "That adds in and out."),
            (1, "That takes the whole weight for one filter."),
        ]
        text = f"How many filters has {made(step)}?"
        explanation = f"Each filter makes one of the out_channels maps: {count:,}. "
        explanation += f"Each is made of {written_count(depth, 'kernel')}."
        yield number(step.name, text, count, mistakes, explanation)


def kernels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many kernels the filters of a convolution have together."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        if count * depth >= BEYOND_PAPER:
            continue
        mistakes = [
            (count, "That counts the filters; each is made of one kernel for each channel that it sees."),
            (count * step.arguments["in_channels"], "That forgets the groups: a filter sees only its own."),
            (depth, "That counts the kernels of one filter only."),
            (count + depth, "That adds filters and channels; each filter has that many kernels."),
            (count * depth * cells, "That counts the weights, the cells of all kernels."),
            (count * depth + count, "That counts the biases as kernels."),
            (cells, "That counts the weights in one kernel."),
        ]
        text = f"How many kernels have all filters of {made(step)} together?"
        explanation = "Each filter has one kernel for each channel that it sees: "
        explanation += f"C_out·(C_in / g) = {count:,}·{depth:,} = {count * depth:,}."
        yield number(step.name, text, count * depth, mistakes, explanation)


def filter_depth(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How deep one filter of a convolution is."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
        mistakes = [
            (count, "That is the number of filters, out_channels; the depth comes from what arrives."),
            (arriving, "That forgets the groups: a filter sees in_channels / groups channels."),
            (count * depth, "That counts the kernels of all filters."),
            (step.weight_shape[-1] if step.weight_shape else 1, "That is the kernel's width."),
            (count // groups, "That divides out_channels by the groups; the depth is in_channels / groups."),
            (1, "That is a kernel; a filter has one for each channel that it sees."),
            (cells, "That counts the weights in one kernel."),
        ]
        text = f"How deep is one filter of {made(step)}: of how many kernels is it made?"
        explanation = (
            f"As deep as the channels that it sees: in_channels / groups = {arriving:,} / {groups:,} = {depth:,}."
        )
        yield number(step.name, text, depth, mistakes, explanation)


def maps(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many maps leave a convolution."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving = step.arguments["in_channels"]
        mistakes = [
            (count * arriving, "That makes C_in·C_out maps; each filter sums over its kernels and makes one map."),
            (arriving, "That counts the maps that arrive."),
            (count + arriving, "That keeps the maps that arrive beside the new ones; they are replaced."),
            (count * depth, "That counts the kernels; those of one filter make one map together."),
            (cells, "That counts the weights in one kernel."),
            (1, "That sums over all filters; each makes a map of its own."),
        ]
        text = f"Maps of shape {value_text(step.input_shape)} arrive at {made(step)}. How many maps leave?"
        explanation = f"Each of the out_channels filters makes one map, whatever arrives: {count:,}."
        yield number(step.name, text, count, mistakes, explanation)


def _sizes(step: Step) -> tuple[int, int, int]:
    """The number of filters, the depth of each, and the cells of a kernel."""
    count, depth, *kernel = step.weight_shape or (1, 1)
    return count, depth, prod(kernel)


TEMPLATES = {
    "weight-shape": weight_shape,
    "filters": filters,
    "kernels": kernels,
    "filter-depth": filter_depth,
    "maps": maps,
}
