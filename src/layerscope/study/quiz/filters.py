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
        explanation = f"The weight of nn.{step.type} is {axes}, here {value_text(right)}."
        yield shape(step.name, text, right, mistakes, explanation)


def _of_convolution(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    filters, depth, *kernel = step.weight_shape or (1, 1)
    arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
    if depth != arriving:
        yield (
            (filters, arriving, *kernel),
            f"That forgets the groups: a filter sees {arriving} / {groups} = {written_count(depth, 'channel')} only.",
        )
    yield (depth, filters, *kernel), f"That is in and out swapped: the number of filters, {filters}, comes first."
    yield (filters, *kernel), f"That forgets the depth: each filter is {written_count(depth, 'kernel')} deep."
    yield (
        (*kernel, depth, filters),
        f"That puts the kernel's {product_text(tuple(kernel))} first; in torch they come last.",
    )
    yield (
        (filters * depth, *kernel),
        f"That lays all {filters * depth:,} kernels in one row; axis 0 counts the filters, {filters}.",
    )
    yield (filters, filters, *kernel), f"That takes the number of filters for their depth, which is {depth}."
    yield (filters, depth, prod(kernel)), f"That lays the cells of each kernel, {prod(kernel)}, in one row."
    if step.arguments["bias"]:
        yield (filters, depth + 1, *kernel), f"That holds the bias too; it is a tensor of its own, ({filters},)."
    yield (filters, depth), "That forgets the kernel: kernel_size has axes of its own."


def _of_linear(step: Step) -> Iterator[tuple[tuple[int, ...], str]]:
    width, arriving = step.weight_shape or (1, 1)
    yield (
        (arriving, width),
        f"That is in and out swapped: each row makes one of the values that leave, {width:,} in all.",
    )
    if step.arguments["bias"]:
        yield (width, arriving + 1), f"That holds the bias too; it is a tensor of its own, ({width},)."
        yield (width,), f"That is the shape of the bias: one value for each that leaves, {width:,} in all."
    yield (width, width), f"That takes out_features = {width:,} twice; in_features is the other axis."
    yield (
        (width * arriving,),
        f"That lays all {product_text((width, arriving))} = {width * arriving:,} weights in one row.",
    )


def filters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many filters a convolution has."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving = step.arguments["in_channels"]
        mistakes = [
            (
                depth,
                f"That is how deep each filter is: {written_count(depth, 'kernel')}, one for each channel it sees.",
            ),
            (count * depth, f"That counts the kernels: {written_count(count, 'filter')} of {depth} each."),
            (arriving, f"That counts the channels that arrive, {arriving:,}."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (
                _side(step),
                f"That is the kernel's width, {_side(step)}; it says how large a filter is, not how many there are.",
            ),
            (count + arriving, f"That adds in and out, {arriving:,} + {count:,}."),
            (count * depth * cells, f"That counts the weights of all filters: {count:,}·{depth}·{cells}."),
        ]
        text = f"How many filters does {made(step)} have?"
        explanation = f"Each filter makes one of the out_channels maps: {count:,}. "
        explanation += f"Each is made of {written_count(depth, 'kernel')}."
        yield number(step.name, text, count, mistakes, explanation)


def kernels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many kernels the filters of a convolution have together."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving = step.arguments["in_channels"]
        if count * depth >= BEYOND_PAPER:
            continue
        mistakes = [
            (count, f"That counts the filters; each is made of {written_count(depth, 'kernel')}."),
            (
                count * arriving,
                f"That forgets the groups: a filter sees {written_count(depth, 'channel')} of {arriving:,}, not all.",
            ),
            (
                depth,
                f"That counts the kernels of one filter only; how many filters there are is out_channels = {count:,}.",
            ),
            (count + depth, f"That adds filters and channels, {count:,} + {depth}; they are multiplied."),
            (count * depth * cells, f"That counts the weights: each kernel has {_of(step)} = {cells} of them."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
        ]
        if step.arguments["bias"]:
            mistakes.append((count * depth + count, f"That counts the biases as kernels, {count:,} of them."))
        text = f"How many kernels do all filters of {made(step)} have together?"
        explanation = "Each filter has one kernel for each channel that it sees: "
        explanation += f"C_out·(C_in / g) = {count:,}·{depth:,} = {count * depth:,}."
        yield number(step.name, text, count * depth, mistakes, explanation)


def filter_depth(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How deep one filter of a convolution is."""
    for step in shuffled(rng, subject.convolutions):
        count, depth, cells = _sizes(step)
        arriving, groups = step.arguments["in_channels"], step.arguments["groups"]
        mistakes = [
            (count, f"That is the number of filters, out_channels = {count:,}; the depth comes from what arrives."),
            (arriving, f"That forgets the groups: a filter sees {arriving:,} / {groups} channels."),
            (count * depth, f"That counts the kernels of all filters, {count:,}·{depth}."),
            (_side(step), f"That is the kernel's width, {_side(step)}; depth is the axis of the channels."),
            (count // groups, f"That divides out_channels = {count:,} by the {groups} groups; in_channels counts."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (1, f"That is a single kernel; a filter has one for each channel that it sees, and it sees {depth}."),
            (depth * cells, f"That counts the weights of one filter: {depth}·{cells}."),
        ]
        if step.arguments["bias"]:
            mistakes.append((depth + 1, "That counts the bias as a kernel; it is one number, added to the sum."))
        text = f"How deep is one filter of {made(step)}: of how many kernels is it made?"
        explanation = (
            f"As deep as the channels that it sees: in_channels / groups = {arriving:,} / {groups:,} = {depth:,}."
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
                f"That makes {arriving:,}·{count:,} maps; but the results of all kernels for one map are added up.",
            ),
            (arriving, f"That counts the maps that arrive, {arriving:,}."),
            (count + arriving, f"That keeps what arrives beside what is new, {arriving:,} + {count:,}."),
            (count * depth, f"That counts the kernels; {depth} of them make one map together."),
            (count // groups, f"That counts the maps of one group only; groups={groups}."),
            (_side(step), f"That is the kernel's width, {_side(step)}."),
            (cells, f"That counts the weights in one kernel: {_of(step)} = {cells}."),
            (1, "That adds up all the maps that leave."),
        ]
        text = f"Maps of shape {value_text(step.input_shape)} arrive at {made(step)}. How many maps leave?"
        explanation = f"out_channels says how many maps leave, whatever arrives: {count:,}."
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
