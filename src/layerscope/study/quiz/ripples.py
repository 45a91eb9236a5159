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
    text = f"The images become {colours} instead of {old}, and the network is to run on them. Which argument changes?"
    explanation = f"The first in_channels is the number of channels of the images, so {right} becomes {new}. "
    explanation += (
        f"Each filter of {first.name} gets another depth, but still makes one map: nothing behind it changes."
    )
    yield draft("", text, right, _instead_of_channels(subject, first), explanation)


def _instead_of_channels(subject: Subject, first: Step) -> Iterator[tuple[str, str]]:
    yield (
        f"{first.name}.out_channels",
        f"That is the number of filters, chosen freely: each sums over all the channels that {first.name} sees.",
    )
    yield f"{first.name}.kernel_size", "That is the height and width of the kernels, not how many there are."
    for step in subject.weighted[1:]:
        if "in_channels" in step.arguments:
            yield f"{step.name}.in_channels", f"That counts the maps that arrive at {step.name}; they stay as many."
        elif subject.bridge and step is subject.bridge[1]:
            yield (
                f"{step.name}.in_features",
                "That takes each channel for maps of its own; a filter sums over all of them.",
            )
    last = subject.weighted[-1]
    if last is not first:
        name = "out_features" if "out_features" in last.arguments else "out_channels"
        yield (
            f"{last.name}.{name}",
            "That is at the other end of the network, where the classes decide, not the channels.",
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
    text = f"The data gets {new} classes instead of {network.classes}. Which argument changes?"
    explanation = f"The network puts out one value for each class, so {head}.{width} becomes {new}. "
    explanation += "All other arguments are chosen freely or decided by what arrives."
    yield draft("", text, f"{head}.{width}", _instead_of_classes(subject, head), explanation)


def _instead_of_classes(subject: Subject, head: str) -> Iterator[tuple[str, str]]:
    last, first = subject.trace.by_name[head], subject.weighted[0]
    enters = "in_features" if "in_features" in last.arguments else "in_channels"
    yield f"{head}.{enters}", f"That is in and out swapped: it counts what arrives at {head}."
    for step in reversed(subject.weighted):
        if step.name != head:
            width = "out_features" if "out_features" in step.arguments else "out_channels"
            yield (
                f"{step.name}.{width}",
                f"That is chosen freely: {step.name} is not the last layer, whose width is the number of classes.",
            )
    if "in_channels" in first.arguments:
        yield f"{first.name}.in_channels", "That is decided by the channels of the images, not by the classes."


@dataclass(frozen=True)
class _Widened:
    """A layer that gets another width, the layers with weights behind it, and what becomes of the network."""

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
        text = (
            f"{wide.step.name}.{wide.argument} becomes {wide.new:,}; nothing else is chosen anew. Which value follows?"
        )
        right = (f"{name}.{argument}", value)
        explanation = f"{name} is the next layer with weights: as many as leave {wide.step.name} arrive at it, so "
        explanation += f"{_becomes(right)}. What leaves {name} stays as it was{_and_behind(wide)}."
        mistakes = [pair for pair in _instead_of_next(subject, wide, argument) if not _holds(subject, pair[0])]
        yield draft(wide.step.name, text, right, mistakes, explanation, _becomes)


def _and_behind(wide: _Widened) -> str:
    return ", and so does all behind it" if len(wide.behind) > 1 else ""


def _becomes(change: tuple[str, int]) -> str:
    return f"{change[0]} becomes {change[1]:,}"


def _holds(subject: Subject, change: tuple[str, int]) -> bool:
    """Whether the argument has that value already: then it is no change at all."""
    name, _, argument = change[0].rpartition(".")
    return bool(subject.trace.by_name[name].arguments[argument] == change[1])


def _instead_of_next(subject: Subject, wide: _Widened, argument: str) -> Iterator[tuple[tuple[str, int], str]]:
    follower = wide.behind[0]
    leaves = argument.replace("in_", "out_")
    free = "is the number of classes" if follower.name == subject.network.head else "is chosen freely"
    yield (f"{follower.name}.{leaves}", wide.new), f"That is in and out swapped: what leaves {follower.name} {free}."
    enters = wide.argument.replace("out_", "in_")
    yield (
        (f"{wide.step.name}.{enters}", wide.new),
        f"That is what arrives at {wide.step.name}; the change is in what leaves it.",
    )
    for later in wide.behind[1:]:
        name = "in_features" if "in_features" in later.arguments else "in_channels"
        yield (
            (f"{later.name}.{name}", wide.new),
            f"That is one layer too far: what arrives at {later.name} comes from behind {follower.name}.",
        )
    difference = wide.new - wide.step.arguments[wide.argument]
    for sign, word in ((difference, "adds the difference to"), (-difference, "takes the difference from")):
        value = follower.arguments[leaves] + sign
        if value > 0:
            yield (
                (f"{follower.name}.{leaves}", value),
                f"That {word} what leaves {follower.name}, which {free}.",
            )
    if argument == "in_channels":
        cells = follower.weight_shape[-1] if follower.weight_shape else 1
        yield (
            (f"{follower.name}.{argument}", wide.new * cells),
            "That counts the kernel's rows too; in_channels counts maps.",
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
        text = f"{wide.step.name}.out_channels becomes {wide.new}; nothing else is chosen anew. "
        text += f"What must {linear.name}.in_features be then?"
        explanation = f"{flatten.name} makes one vector of all maps, C·H·W = {product_text(maps)} = {value:,}."
        yield number(linear.name, text, value, _instead_of_features(wide, maps, linear), explanation)


def _instead_of_features(wide: _Widened, maps: tuple[int, ...], linear: Step) -> Iterator[tuple[int, str]]:
    channels, height, width = maps
    value = channels * height * width
    old, filters = linear.arguments["in_features"], wide.step.arguments["out_channels"]
    yield old, f"That is what it was with C = {filters}; the product C·H·W has another C now."
    yield channels, f"That counts the maps only; each holds {product_text((height, width))} values."
    yield (
        old + channels - filters,
        f"That counts each map as one value; each holds {product_text((height, width))} of them.",
    )
    yield (
        channels * height,
        f"That takes one side of each map, {height}, for its {product_text((height, width))} values.",
    )
    arrives = wide.step.input_shape
    yield (
        channels * arrives[1] * arrives[2],
        f"That takes the maps as they arrive at {wide.step.name}, {product_text(arrives[1:])}.",
    )
    leaves = (wide.step.output_shape or (0,))[1:]
    yield (
        channels * prod(leaves),
        f"That takes the maps as they leave {wide.step.name}, {product_text(leaves)}, before the layers that follow.",
    )
    yield old + value, f"That adds the new length to the old one, {old:,}; the new maps replace the old ones."
    kernel = (wide.step.weight_shape or (1, 1))[2:]
    yield (
        channels * kernel[0] * kernel[-1],
        f"That multiplies by the kernel, {product_text(kernel)}, not by the maps' size, {product_text(maps[1:])}.",
    )


TEMPLATES = {
    "other-channels": other_channels,
    "other-classes": other_classes,
    "next-argument": next_argument,
    "next-features": next_features,
}
