"""Questions about skip connections: the layer that makes the shapes match, what it costs, what the sum sees."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod
from random import Random
from typing import NamedTuple

from layerscope.explain import value_text, written_count
from layerscope.formatting import joined
from layerscope.layers.base import AXES
from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.layers.normalization import BatchNorm2d
from layerscope.steps import Step
from layerscope.study.quiz.branching import drafts, residual_network
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, is_plain, slides, worked
from layerscope.tracing import trace

Projection = tuple[int, int, int, int]
"""in_channels, out_channels, kernel_size and stride of a convolution without padding."""


@dataclass(frozen=True)
class Skip:
    """A skip connection: from the row or input `source` to the second or first input of the sum `add`.

    `layers` stand on it: none, or a convolution of 1 × 1 and perhaps a BatchNorm2d. `main` is the sum's other input.
    """

    add: Step
    source: str
    main: str
    layers: tuple[Step, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """What the skip connection begins with."""
        return self.layers[0].input_shape if self.layers else self.add.input_shape

    @property
    def parameters(self) -> int:
        return sum(step.parameters for step in self.layers)


def skips(subject: Subject) -> list[Skip]:
    """The skip connections around one way or more layers, of sums of two inputs of one shape."""
    found = []
    for add in subject.steps:
        if add.type != "Add" or len(add.parents) != 2 or set(add.input_shapes) != {add.output_shape}:
            continue
        here = [skip for place in (0, 1) if (skip := _skip(subject, add, place)) is not None]
        found += here if len(here) == 1 else []  # of two alike, which is the main path?
    return found


def _skip(subject: Subject, add: Step, place: int) -> Skip | None:
    layers: tuple[Step, ...] = ()
    last, source = add.parents[place], add.sources[place]
    if last is not None and isinstance(last.layer, BatchNorm2d) and last.previous and _projects(last.previous):
        layers = (last.previous, last)
    elif last is not None and _projects(last):
        layers = (last,)
    if layers:
        source = layers[0].sources[0]
    other, main = add.parents[1 - place], add.sources[1 - place]
    if other is None or source == main:
        return None
    above = {other.name, *subject.network.ancestors(other.name)}
    reaches = any(source in subject.network.before(name) for name in above)
    return Skip(add, source, main, layers) if reaches else None


def _projects(step: Step) -> bool:
    """Whether it is a convolution of 1 × 1 of all channels, with one stride along all axes."""
    layer = step.layer
    if not isinstance(layer, (Conv1d, Conv2d, Conv3d)) or layer.of or step.arguments["groups"] != 1:
        return False
    strides = step.arguments["stride"]
    bare = step.arguments["padding"] in (0, (0,) * layer.dims, "valid")
    return set((step.weight_shape or (1,))[2:]) == {1} and bare and (type(strides) is int or len(set(strides)) == 1)


def projection(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The convolution of 1 × 1 that a skip connection needs."""
    return drafts(subject, rng, _projection, residual_network)


def _projection(subject: Subject, rng: Random) -> Iterator[Draft]:
    for skip in shuffled(rng, skips(subject)):
        wanted = skip.add.input_shape
        if not skip.layers or skip.shape == wanted:
            continue
        right, dims = _of(skip.layers[0]), skip.layers[0].layer.dims
        arriving, width, _, stride = right
        network = subject.network
        for step in skip.layers:  # its line would give the answer away
            network = network.remove(step.name)
        last = trace(network).steps[-1]
        if last.error is None or last.name != skip.add.name:  # torch stretches an axis of 1
            continue
        text = f"{skip.add.name} adds {skip.main}, which gives {value_text(wanted)}, and a skip connection from "
        text += f"{skip.source}, which gives {value_text(skip.shape)}. That fails, as a sum needs equal shapes. "
        text += "Which layer on the skip connection makes them match?"
        explanation = f"{_call(right, dims)} makes {written_count(width, 'channel')} of {arriving:,}"
        name, old, new = AXES[dims][0], skip.shape[1], wanted[1]
        if stride > 1:
            explanation += f", and its stride of {stride} makes a {name} of {old} into "
            explanation += f"floor(({old} − 1) / {stride}) + 1 = {new}."
        else:
            explanation += f"; a kernel_size of 1 keeps the {name} of {old}."
        found = _other_projections(skip, right)
        mistakes = [pair for pair in found if not _fits(pair[0], skip.shape, wanted)]
        write = partial(_call, dims=dims)
        yield replace(draft(skip.add.name, text, right, mistakes, explanation, write), network=network)


def _of(conv: Step) -> Projection:
    """A convolution of 1 × 1 in numbers."""
    stride = conv.arguments["stride"]
    return (conv.input_shape[0], conv.arguments["out_channels"], 1, stride if type(stride) is int else stride[0])


def _fits(value: Projection, shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether such a layer would do as well: torch also stretches an axis of 1."""
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
        f"That is in and out swapped: {written_count(arriving, 'channel')} of {skip.source} go in.",
    )
    yield (
        (width, width, 1, stride),
        f"That takes in_channels from the main path; this layer reads {skip.source}, with {arriving:,}.",
    )
    if width > arriving:
        yield (
            (arriving, width - arriving, 1, stride),
            f"That makes only the missing {written_count(width - arriving, 'channel')}; a sum needs all {width:,}.",
        )
    yield (
        (arriving, width, 3, stride),
        "That kernel of 3 without padding loses a cell on each side; a kernel_size of 1 loses none.",
    )
    if stride == 1:
        yield (arriving, width, 1, 2), f"That halves the maps; the main path keeps {sizes}."


def _call(value: Projection, dims: int) -> str:
    arriving, width, kernel, stride = value
    strided = f", stride={stride}" if stride > 1 else ""
    return f"nn.Conv{dims}d({arriving}, {width}, kernel_size={kernel}{strided})"


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
        text += f". {skip.source} gives {value_text(skip.shape)}, the sum {value_text(skip.add.input_shape)}. "
        text += "How many learnable parameters does the skip connection add to the network?"
        if skip.layers:
            explanation = f"{_parts(skip)}."
        else:
            explanation = "An identity skip adds values as they are; it has no weights, so it has 0 parameters."
        yield number(skip.add.name, text, skip.parameters, _instead_of_skip(skip), explanation, 0)


def _bare(step: Step) -> str:
    if isinstance(step.layer, BatchNorm2d):
        return f"nn.BatchNorm2d({step.arguments['num_features']})"
    bias = "" if step.arguments["bias"] else ", bias=False"
    return f"{_call(_of(step), step.layer.dims)[:-1]}{bias})"


def _parts(skip: Skip) -> str:
    """The parameters of each layer, with the numbers filled in, and their sum."""
    formulas = [(step.name, step.layer.parameter_formula(step.input_shape)) for step in skip.layers]
    told = joined([f"{name} has {worked(formula)}" for name, formula in formulas if formula])
    return told if len(skip.layers) == 1 else f"{told}, {skip.parameters:,} together"


def _instead_of_skip(skip: Skip) -> Iterator[tuple[int, str]]:
    arriving, width = skip.shape[0], skip.add.input_shape[0]
    if not skip.layers:
        yield width, f"That gives each channel a weight, {width:,} in all; a sum has none."
        yield width * width, f"That is a convolution of 1×1, {width:,}·{width:,}; equal shapes need no layer."
        yield width * width + width, "That is a convolution of 1×1 with its bias; equal shapes need no layer."
        yield prod(skip.add.input_shape), "That counts the values that are added; values are no parameters."
        yield 2 * width, "That is a BatchNorm of as many channels; no layer stands on this skip connection."
        return
    conv, right = skip.layers[0], skip.parameters
    biases = width if conv.arguments["bias"] else 0
    weights = arriving * width
    if biases:
        yield right - biases, f"That forgets the bias: each channel that leaves has one, {width:,} in all."
    else:
        yield right + width, f"That counts a bias for each channel, {width:,} more; bias=False leaves them out."
    yield 0, "That holds for a skip connection without layers; this one has weights."
    cells = 3**conv.layer.dims
    yield (
        right + (cells - 1) * weights,
        f"That takes a kernel of {cells} cells, as on the main path; this one has a single cell.",
    )
    yield (
        arriving + width,
        f"That adds in and out, {arriving:,} + {width:,}; each output channel reads every input channel.",
    )
    yield (
        right - weights + width * width,
        f"That takes out_channels = {width:,} twice; in_channels is {arriving:,}.",
    )
    yield right * 2, "That counts the skip connection at both of its ends; its layer is there once."
    if len(skip.layers) > 1:
        yield weights + biases, f"That forgets {skip.layers[1].name}, which has a weight and a bias for each channel."


def sum_field(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The receptive field of a sum."""
    return drafts(subject, rng, _sum_field, residual_network)


def _sum_field(subject: Subject, rng: Random) -> Iterator[Draft]:
    if len(subject.network.inputs) > 1:
        return
    sums = [s for s in subject.steps if s.type == "Add" and len(s.parents) == 2 and len(s.input_shape) - 1 in AXES]
    for step in shuffled(rng, sums):
        views = [_view(above) for above in step.parents]
        one, other = views[0], views[1]
        if one is None or other is None or one.jump != other.jump or set(step.input_shapes) != {step.output_shape}:
            continue
        wider = 0 if one.size > other.size else 1
        big, small = max(one.size, other.size), min(one.size, other.size)
        first, second = step.sources[wider], step.sources[1 - wider]
        right = max(one.end, other.end) - min(one.start, other.start)
        whole, name = subject.network.input_shape[1], AXES[len(step.input_shape) - 1][0]
        if right != big or big == small or not 1 < right <= whole or not _is_plain(subject, step):
            continue
        text = f"One value of {first} sees {big} cells of the input along the {name}, one value of {second} sees "
        text += f"{written_count(small, 'cell')}. {step.name} adds the two. How many cells along the {name} does one "
        text += "value of the sum see, from the first to the last?"
        explanation = f"Both look at the same place, and a sum sees what either of them sees: the larger of {big} "
        explanation += f"and {small}, so {right}."
        mistakes = [
            (big + small, f"That adds {big} + {small}; both look at the same place, so they share those cells."),
            (small, f"That is what {second} sees; through {first} the sum sees more."),
            (
                big + small - 1,
                f"That puts {big} and {small} one after the other, as for layers in order; these stand side by side.",
            ),
            ((big + small) // 2, f"That is the mean of {big} and {small}; a sum loses no cell that either sees."),
            (big - small, f"That takes {small} off {big}; a sum loses no cell that either sees."),
            (big * small, f"That multiplies {big}·{small}; both look at the same place."),
            (whole, "That is the whole input, whatever the two paths reach."),
        ]
        yield number(step.name, text, right, [pair for pair in mistakes if pair[0] < BEYOND_PAPER], explanation)


class _View(NamedTuple):
    """What one value sees along the first axis of the input: from `start` to before `end`, and `jump` to the next."""

    start: int
    end: int
    jump: Fraction | int | None

    @property
    def size(self) -> int:
        return self.end - self.start


def _view(above: Step | None) -> _View | None:
    """What the first value of a row sees, or one cell of the input; None where that is not known."""
    if above is None:
        return _View(0, 1, 1)
    field = above.receptive_field
    if field is None or field.whole or not field.size:
        return None
    return _View(field.start[0], field.start[0] + field.size[0], field.jump[0])


def _is_plain(subject: Subject, step: Step) -> bool:
    """Whether all that the sum depends on slides, keeps the shape, or joins."""
    above = subject.network.ancestors(step.name)
    rows = [row for row in subject.steps if row.name in above]
    return all(
        not row.layer.of and (is_plain(row) or row.type in ("Add", "Concat")) and len(row.output_shapes) == 1
        for row in rows
    ) and any(slides(row) for row in rows)


TEMPLATES = {"projection": projection, "skip-parameters": skip_parameters, "sum-field": sum_field}
