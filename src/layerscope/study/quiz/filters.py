"""Questions about the weight of a layer: its shape, filters, kernels, maps."""

from collections.abc import Iterator
from math import prod
from random import Random

from layerscope.explain import product_text, value_text, written_count
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shape, shuffled
from layerscope.study.quiz.subject import Subject, made, weight_sizes
from layerscope.study.quiz.transposed import weight_mistakes


def weight_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The shape of a layer's weight."""
    for step in shuffled(rng, subject.weighted):
        right = step.weight_shape or ()
        axes = "(out_features, in_features)"
        mistakes = _of_linear(step)
        if step in subject.transposed:
            axes = "(in_channels, out_channels / groups, kernel_size)"
            mistakes = weight_mistakes(step)
        elif step in subject.convolutions:
            axes = "(out_channels, in_channels / groups, kernel_size)"
            mistakes = _of_convolution(step)
        text = f"What is the shape of the weight of {made(step)}?"
        explanation = f"In PyTorch, the weight of nn.{step.type} is {axes}, here {value_text(right)}."
        yield shape(step.name, text, right, mistakes, explanation)


def _of_convolution(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    filters, depth, *kernel = step.weight_shape or (1, 1)
    arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
    if depth != arriving:
        yield (
            (filters, arriving, *kernel),
            f"That forgets the groups: a filter reads only {arriving} / {groups} = {written_count(depth, 'channel')}.",
        )
    yield (depth, filters, *kernel), f"That swaps in and out: the number of filters, {filters}, comes first."
    yield (filters, *kernel), f"That forgets the depth: each filter has {written_count(depth, 'kernel')}."
    yield (
        (*kernel, depth, filters),
        f"That puts the kernel's {product_text(tuple(kernel))} first; in PyTorch it comes last.",
    )
    yield (
        (filters * depth, *kernel),
        f"That puts all {filters * depth:,} kernels on one axis; axis 0 counts the filters, {filters}.",
    )
    yield (filters, filters, *kernel), f"That mistakes the number of filters for their depth, which is {depth}."
    yield (filters, depth, prod(kernel)), f"That flattens each kernel into {prod(kernel)} values."
    if step.arguments["bias"]:
        yield (filters, depth + 1, *kernel), f"That includes the bias, which is a separate tensor, ({filters},)."
    yield (filters, depth), "That forgets the kernel, which has its own axes."


def _of_linear(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    width, arriving = step.weight_shape or (1, 1)
    yield (
        (arriving, width),
        f"That swaps in and out: each row makes one of the {width:,} output values.",
    )
    if step.arguments["bias"]:
        yield (width, arriving + 1), f"That includes the bias, which is a separate tensor, ({width},)."
        yield (width,), f"That is the shape of the bias: one number per output, {width:,} in all."
    yield (width, width), f"That uses out_features = {width:,} twice; in_features is the other axis."
    yield (
        (width * arriving,),
        f"That flattens the weight into {product_text((width, arriving))} = {width * arriving:,} values.",
    )


def filters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many filters a convolution has."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving = step.arguments["in_channels"]
        mistakes = [
            (
                depth,
                f"That is the depth of each filter: {written_count(depth, 'kernel')}, one per channel that it reads.",
            ),
            (count * depth, f"That counts the kernels: {written_count(count, 'filter')} of {depth} each."),
            (arriving, f"That counts the input channels, {arriving:,}."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (
                _side(step),
                f"That is the kernel's width, {_side(step)}: the size of a filter, not the number of filters.",
            ),
            (count + arriving, f"That adds in and out, {arriving:,} + {count:,}."),
            (count * depth * cells, f"That counts the weights of all filters: {count:,}·{depth}·{cells}."),
        ]
        text = f"How many filters does {made(step)} have?"
        explanation = f"Each filter makes one output channel, so out_channels = {count:,} is their number. "
        explanation += f"Each has {written_count(depth, 'kernel')}."
        yield number(step.name, text, count, mistakes, explanation)


def kernels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many kernels the filters of a convolution have together."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving = step.arguments["in_channels"]
        if count * depth >= BEYOND_PAPER:
            continue
        mistakes = [
            (count, f"That counts the filters; each has {written_count(depth, 'kernel')}."),
            (
                count * arriving,
                f"That forgets the groups: a filter reads {written_count(depth, 'channel')} of {arriving:,}, not all "
                "of them.",
            ),
            (
                depth,
                f"That counts the kernels of only one filter; the number of filters is out_channels = {count:,}.",
            ),
            (count + depth, f"That adds filters and channels, {count:,} + {depth}, instead of multiplying them."),
            (count * depth * cells, f"That counts the weights: each kernel has {_of(step)} = {cells}."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
        ]
        if step.arguments["bias"]:
            mistakes.append(
                (
                    count * depth + count,
                    f"That also counts the biases, {count:,} in all; a bias is not a kernel.",
                )
            )
        text = f"How many kernels do all filters of {made(step)} have together?"
        explanation = "Each filter has one kernel per channel that it reads: "
        explanation += f"C_out·(C_in / g) = {count:,}·{depth:,} = {count * depth:,}."
        yield number(step.name, text, count * depth, mistakes, explanation)


def filter_depth(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How deep one filter of a convolution is."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
        mistakes = [
            (
                count,
                f"That is the number of filters, out_channels = {count:,}; the depth follows from the input channels.",
            ),
            (arriving, f"That forgets the groups: a filter reads {arriving:,} / {groups} channels."),
            (count * depth, f"That counts the kernels of all filters, {count:,}·{depth}."),
            (_side(step), f"That is the kernel's width, {_side(step)}; depth is the axis of the channels."),
            (count // groups, f"That divides out_channels = {count:,} by the {groups} groups; divide in_channels."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (1, f"That is a single kernel; a filter has one per channel that it reads, and it reads {depth}."),
            (depth * cells, f"That counts the weights of one filter: {depth}·{cells}."),
        ]
        if step.arguments["bias"]:
            mistakes.append((depth + 1, "That counts the bias as a kernel; it is a single number, added to the sum."))
        text = f"How deep is one filter of {made(step)}, that is, how many kernels does it have?"
        explanation = (
            f"It has one kernel per channel that it reads: in_channels / groups = {arriving:,} / {groups:,} = "
            f"{depth:,}."
        )
        yield number(step.name, text, depth, mistakes, explanation)


def maps(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many maps leave a convolution."""
    for step in shuffled(rng, (*subject.convolutions, *subject.transposed)):
        count, depth, cells = _sizes(step)
        arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
        mistakes = [
            (
                count * arriving,
                f"That makes {arriving:,}·{count:,} maps; the results of a filter's kernels are added into one map.",
            ),
            (arriving, f"That counts the input maps, {arriving:,}."),
            (count + arriving, f"That adds the input maps to the output maps, {arriving:,} + {count:,}."),
            (count * depth, f"That counts the kernels; {depth} of them together make one map."),
            (count // groups, f"That counts the maps of only one group; groups={groups}."),
            (_side(step), f"That is the kernel's width, {_side(step)}."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (1, "That adds all output maps into one."),
        ]
        text = f"Maps of shape {value_text(step.input_shape)} go into {made(step)}. How many maps come out?"
        explanation = f"Each filter makes one map, however many it reads: out_channels = {count:,}."
        yield number(step.name, text, count, mistakes, explanation)


def _side(step: Step) -> int:
    """The width of a kernel."""
    return (step.weight_shape or (1,))[-1]


def _of(step: Step) -> str:
    """The sides of a kernel: 5·5."""
    return "·".join(map(str, (step.weight_shape or (1, 1, 1))[2:]))


def _sizes(step: Step) -> tuple[int, int, int]:
    """The number of filters, the depth of each, and the cells of a kernel."""
    count, depth, *kernel = weight_sizes(step)
    return count, depth, prod(kernel)


TEMPLATES = {
    "weight-shape": weight_shape,
    "filters": filters,
    "kernels": kernels,
    "filter-depth": filter_depth,
    "maps": maps,
}
