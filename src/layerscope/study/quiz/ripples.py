"""Questions about what must follow when something changes: the images, the classes, the width of a layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from random import Random

from layerscope.explain import product_text
from layerscope.network import NetworkError
from layerscope.steps import Step, Trace
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, differing
from layerscope.tracing import trace

CLASSES = (2, 3, 5, 10, 20, 26, 47, 100)


def other_channels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """Which argument changes for images with other channels."""
    if not (subject.runs and subject.takes_images and subject.convolutions):
        return
    old = subject.network.input_shape[0]
    new, colours = (1, "grayscale: 1 channel") if old == 3 else (3, "RGB: 3 channels")
    after = trace(subject.network.with_input((new, *subject.network.input_shape[1:])))
    first = subject.convolutions[0]
    if after.error or differing(subject.trace, after) != ((first.name, "in_channels"),):
        return
    right = f"{first.name}.in_channels"
    text = (
        f"The images become {colours} instead of {old}, and the network has to run on them. Which argument must change?"
    )
    explanation = f"The first in_channels is the number of channels of the images, so {right} becomes {new}. "
    explanation += (
        f"Each filter of {first.name} has a different depth then, but still makes one map, so nothing after it changes."
    )
    yield draft("", text, right, _instead_of_channels(subject, first), explanation)


def _instead_of_channels(subject: Subject, first: Step) -> Iterator[tuple[str, str]]:
    yield (
        f"{first.name}.out_channels",
        f"That is the number of filters, which you choose: each one sums over all channels that {first.name} reads.",
    )
    yield f"{first.name}.kernel_size", "That is the height and width of the kernels, not their number."
    for step in subject.weighted[1:]:
        if "in_channels" in step.arguments:
            yield (
                f"{step.name}.in_channels",
                f"That counts the maps that {step.name} reads; their number stays the same.",
            )
        elif subject.bridge and step is subject.bridge[1]:
            yield (
                f"{step.name}.in_features",
                "That assumes separate maps for each channel; a filter sums over all of them.",
            )
    last = subject.weighted[-1]
    if last is not first:
        name = "out_features" if "out_features" in last.arguments else "out_channels"
        yield (
            f"{last.name}.{name}",
            "That is at the other end of the network, where the number of classes decides.",
        )


def other_classes(subject: Subject, rng: Random) -> Iterator[Draft]:
    """Which argument changes for another number of classes."""
    network, head = subject.network, subject.network.head
    if not subject.runs or head is None or head not in [step.name for step in subject.weighted]:
        return
    new = rng.choice([n for n in CLASSES if n != network.classes])
    after = trace(network.with_classes(new))
    width = network[head].head or ""
    if after.error or differing(subject.trace, after) != ((head, width),):
        return
    text = f"The data has {new} classes instead of {network.classes}. Which argument must change?"
    explanation = f"The network outputs one value per class, so {head}.{width} becomes {new}. "
    explanation += "All other arguments are your choice or follow from the layer before."
    yield draft("", text, f"{head}.{width}", _instead_of_classes(subject, head), explanation)


def _instead_of_classes(subject: Subject, head: str) -> Iterator[tuple[str, str]]:
    last, first = subject.trace.by_name[head], subject.weighted[0]
    enters = "in_features" if "in_features" in last.arguments else "in_channels"
    yield f"{head}.{enters}", f"That swaps in and out: it counts the inputs of {head}."
    for step in reversed(subject.weighted):
        if step.name != head:
            width = "out_features" if "out_features" in step.arguments else "out_channels"
            yield (
                f"{step.name}.{width}",
                f"That is your choice: {step.name} is not the last layer, whose width is the number of classes.",
            )
    if "in_channels" in first.arguments:
        yield f"{first.name}.in_channels", "That follows from the channels of the images, not from the classes."


@dataclass(frozen=True)
class _Widened:
    """A layer that gets another width, the layers with weights after it, and what becomes of the network."""

    step: Step
    argument: str
    new: int
    after: Trace
    behind: tuple[Step, ...]


def _widened(subject: Subject, rng: Random, steps: list[Step]) -> Iterator[_Widened]:
    """Those layers with another width each, where the network still runs."""
    for step in shuffled(rng, steps):
        argument = "out_features" if "out_features" in step.arguments else "out_channels"
        old = step.arguments[argument]
        for new in shuffled(rng, {old * 2: 0, old + 2: 0, old + old // 2: 0, max(1, old // 2): 0}):
            try:
                after = trace(subject.network.with_argument(step.name, argument, new))
            except NetworkError:  # the head's width is the number of classes
                break
            if after.error is None and new != old:
                behind = tuple(later for later in subject.line_after(step) if later in subject.weighted)
                yield _Widened(step, argument, new, after, behind)
                break


def next_argument(subject: Subject, rng: Random) -> Iterator[Draft]:
    """Which argument of the next layer follows a width."""
    if not subject.runs:
        return
    for wide in _widened(subject, rng, list(subject.weighted[:-1])):
        changed = differing(subject.trace, wide.after)
        if len(changed) != 2 or changed[0] != (wide.step.name, wide.argument):
            continue
        name, argument = changed[1]
        value = wide.after.by_name[name].arguments[argument]
        if value != wide.new or not wide.behind or wide.behind[0].name != name:
            continue
        text = f"You set {wide.step.name}.{wide.argument} to {wide.new:,} and change nothing else. Which value follows?"
        right = (f"{name}.{argument}", value)
        explanation = f"The next layer with weights is {name}, and it reads the output of {wide.step.name}, so "
        explanation += f"{_becomes(right)}. The output of {name} keeps its shape{_and_behind(wide)}."
        mistakes = [pair for pair in _instead_of_next(subject, wide, argument) if not _holds(subject, pair[0])]
        yield draft(wide.step.name, text, right, mistakes, explanation, _becomes)


def _and_behind(wide: _Widened) -> str:
    return ", so nothing after it changes" if len(wide.behind) > 1 else ""


def _becomes(change: tuple[str, int]) -> str:
    return f"{change[0]} becomes {change[1]:,}"


def _holds(subject: Subject, change: tuple[str, int]) -> bool:
    """Whether the argument has that value already: then nothing changes."""
    name, _, argument = change[0].rpartition(".")
    return bool(subject.trace.by_name[name].arguments[argument] == change[1])


def _instead_of_next(subject: Subject, wide: _Widened, argument: str) -> Iterator[tuple[tuple[str, int], str]]:
    follower = wide.behind[0]
    leaves = argument.replace("in_", "out_")
    free = "is the number of classes" if follower.name == subject.network.head else "is your choice"
    yield (
        (f"{follower.name}.{leaves}", wide.new),
        f"That swaps in and out: the number of outputs of {follower.name} {free}.",
    )
    enters = wide.argument.replace("out_", "in_")
    yield (
        (f"{wide.step.name}.{enters}", wide.new),
        f"That is the input of {wide.step.name}; the change is in its output.",
    )
    for later in wide.behind[1:]:
        name = "in_features" if "in_features" in later.arguments else "in_channels"
        yield (
            (f"{later.name}.{name}", wide.new),
            f"That is one layer too far: {later.name} reads what comes after {follower.name}.",
        )
    difference = wide.new - wide.step.arguments[wide.argument]
    for sign, word in ((difference, "adds the difference to"), (-difference, "subtracts the difference from")):
        value = follower.arguments[leaves] + sign
        if value > 0:
            yield (
                (f"{follower.name}.{leaves}", value),
                f"That {word} the outputs of {follower.name}, whose number {free}.",
            )
    if argument == "in_channels":
        cells = follower.weight_shape[-1] if follower.weight_shape else 1
        yield (
            (f"{follower.name}.{argument}", wide.new * cells),
            "That also counts the kernel's rows; in_channels counts only maps.",
        )


def next_features(subject: Subject, rng: Random) -> Iterator[Draft]:
    """What in_features becomes when the last convolution gets another number of filters."""
    if not (subject.runs and subject.bridge and subject.convolutions):
        return
    flatten, linear = subject.bridge
    before = [s for s in subject.convolutions if s in subject.up_to(flatten)]
    for wide in _widened(subject, rng, before[-1:]):
        value = wide.after.by_name[linear.name].arguments["in_features"]
        maps = wide.after.by_name[flatten.name].input_shape
        if maps[0] != wide.new or maps[1:] != flatten.input_shape[1:] or value >= BEYOND_PAPER:
            continue
        text = f"You set {wide.step.name}.out_channels to {wide.new} and change nothing else. "
        text += f"What is {linear.name}.in_features now?"
        explanation = (
            f"The {flatten.name} layer turns all the maps into one vector: C·H·W = {product_text(maps)} = {value:,}."
        )
        yield number(linear.name, text, value, _instead_of_features(wide, maps, linear), explanation)


def _instead_of_features(wide: _Widened, maps: tuple[int, ...], linear: Step) -> Iterator[tuple[int, str]]:
    channels, height, width = maps
    value = channels * height * width
    old, filters = linear.arguments["in_features"], wide.step.arguments["out_channels"]
    yield old, f"That would be the value for {filters} maps; now there are {channels}."
    yield channels, f"That counts only the maps; each holds {product_text((height, width))} values."
    yield (
        old + channels - filters,
        f"That counts each map as one value; each holds {product_text((height, width))} of them.",
    )
    yield (
        channels * height,
        f"That uses one side of each map, {height}, instead of its {product_text((height, width))} values.",
    )
    arrives = wide.step.input_shape
    yield (
        channels * arrives[1] * arrives[2],
        f"That uses the size of the maps before {wide.step.name}, {product_text(arrives[1:])}.",
    )
    leaves = (wide.step.output_shape or (0,))[1:]
    yield (
        channels * prod(leaves),
        f"That uses the size right after {wide.step.name}, {product_text(leaves)}, before the layers that follow.",
    )
    yield old + value, f"That adds the new length to the old one, {old:,}; the new maps replace the old ones."
    kernel = (wide.step.weight_shape or (1, 1))[2:]
    yield (
        channels * kernel[0] * kernel[-1],
        f"That multiplies by the kernel's size, {product_text(kernel)}, not by the maps' size, "
        f"{product_text(maps[1:])}.",
    )


TEMPLATES = {
    "other-channels": other_channels,
    "other-classes": other_classes,
    "next-argument": next_argument,
    "next-features": next_features,
}
