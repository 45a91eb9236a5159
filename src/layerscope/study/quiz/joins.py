"""Questions about rows that join branches: a sum, and channels put one after another."""

from collections.abc import Iterator
from math import prod
from random import Random
from typing import Any

from layerscope.explain import value_text, written_count
from layerscope.formatting import joined
from layerscope.steps import Step
from layerscope.study.quiz.branching import dense_network, drafts, joined_network, residual_network
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shape, shuffled, written
from layerscope.study.quiz.subject import Subject

MOST_BRANCHES = 4


def joined_channels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many channels a layer must read after a Concat."""
    return drafts(subject, rng, _joined_channels, joined_network)


def _joined_channels(subject: Subject, rng: Random) -> Iterator[Draft]:
    for step in shuffled(rng, _of_type(subject, "Concat")):
        if step.arguments["dim"] not in (1, -len(step.input_shape)) or len(step.input_shape) not in (2, 3, 4):
            continue
        if _holds_positions(step):  # axis 1 holds no channels there
            continue
        widths = [shape[0] for shape in step.input_shapes]
        right = sum(widths)
        if right >= BEYOND_PAPER:
            continue
        parts = [f"{value_text(given)} from {name}" for name, given in _given(step)]
        conv = f"nn.Conv{len(step.input_shape) - 1}d"
        text = f"{step.name} is a Concat along the channels: it gets {joined(parts)}. "
        text += f"What must in_channels of an {conv} that reads {step.name} be?"
        explanation = f"Concat puts the channels of its inputs one after another, so they add up: {_sum(widths)} = "
        explanation += f"{right:,}."
        yield number(step.name, text, right, _instead_of_joined(step, widths), explanation)


def _instead_of_joined(step: Step, widths: list[int]) -> Iterator[tuple[int, str]]:
    names, right = step.sources, sum(widths)
    every = "both" if len(widths) == 2 else f"all {len(widths)}"
    yield widths[-1], f"That counts only {names[-1]}; the layer reads {every} inputs."
    yield max(widths), "That is the widest input; Concat keeps the channels of all inputs."
    yield prod(widths), f"That multiplies {_product(widths)}; the channels are side by side, so they add up."
    yield widths[0], f"That is the width of a sum; Concat also keeps the channels of {joined(names[1:])}."
    size = step.input_shape[1]
    yield (
        size * len(widths),
        f"That adds the sizes along axis 2, {_sum([size] * len(widths))}; the channels are axis 1.",
    )
    yield right - widths[0], f"That leaves out {names[0]}, the first input."
    yield right // len(widths), f"That is the mean of the {len(widths)} widths, as if Concat averaged its inputs."
    yield len(widths), f"That counts the inputs, {len(widths)}, not their channels."


def sum_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The shape that leaves a sum."""
    return drafts(subject, rng, _sum_shape, residual_network)


def _sum_shape(subject: Subject, rng: Random) -> Iterator[Draft]:
    for step in shuffled(rng, _of_type(subject, "Add")):
        channels, *sizes = step.input_shape
        if set(step.input_shapes) != {step.output_shape} or not sizes:
            continue
        each = ("N", channels, *sizes)
        count = len(step.input_shapes)
        text = (
            f"{step.name} adds {joined(step.sources)}. Each has the shape {written(each)}, including the batch axis. "
        )
        text += "What is the shape of the sum?"
        explanation = f"A sum adds value by value, so it keeps the shape of each input: {written(each)}."
        yield shape(step.name, text, each, _instead_of_sum(step, count), explanation)


def _instead_of_sum(step: Step, count: int) -> Iterator[tuple[tuple[Any, ...], str]]:
    channels, *sizes = step.input_shape
    across, down = ("positions", "features") if _holds_positions(step) else ("channels", "maps")
    yield (
        ("N", count * channels, *sizes),
        f"That puts the {across} side by side, {_sum([channels] * count)}, as Concat does; a sum keeps {channels:,}.",
    )
    yield (
        ("N", *(count * size for size in step.input_shape)),
        "That adds the sizes of each axis; a sum adds the values and keeps the sizes.",
    )
    yield ("N", count, *step.input_shape), "That stacks the inputs along a new axis, as torch.stack does."
    yield (f"{count}·N", *step.input_shape), "That makes one batch from all inputs, as torch.cat with dim=0 does."
    yield ("N", channels, count * sizes[0], *sizes[1:]), f"That puts the {down} one after another along axis 2."
    yield step.input_shape, "That has no batch axis: a sum keeps all N samples."


def dense_channels(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many channels there are after some layers of a dense block."""
    return drafts(subject, rng, _dense_channels, dense_network)


def _dense_channels(subject: Subject, rng: Random) -> Iterator[Draft]:
    for cats in shuffled(rng, _dense_blocks(subject)):
        first, growth = cats[0].input_shapes[0][0], cats[0].input_shapes[1][0]
        count = rng.randint(2, len(cats))
        step, right = cats[count - 1], first + count * growth
        text = f"{cats[0].sources[0]} gives {written_count(first, 'channel')} to a dense block with a growth rate of "
        text += f"{growth:,}: each of its layers reads all channels so far and makes {growth:,} new ones, and a "
        text += f"Concat keeps both. How many channels are there after {step.name}, that is, after {count} such layers?"
        explanation = (
            f"Each layer adds {written_count(growth, 'channel')} to what was there: {first:,} + {count}·{growth:,} = "
        )
        explanation += f"{right:,}."
        mistakes = [
            (
                count * growth,
                f"That forgets the channels that the block starts with, {written_count(first, 'channel')}.",
            ),
            (first + growth, "That counts only one layer; each of them adds channels."),
            (growth, "That is what the last layer makes; Concat also keeps all that came before."),
            (first * 2**count, "That doubles the channels at each layer; each layer adds the same number."),
            (
                first + (count - 1) * growth,
                f"That is what the last of the {count} layers reads, before it adds its own.",
            ),
            (
                first * growth * count,
                f"That multiplies {first:,}·{growth:,}·{count}; channels that are side by side add up.",
            ),
            (first + (count + 1) * growth, "That counts one layer too many."),
        ]
        yield number(step.name, text, right, mistakes, explanation)


def _dense_blocks(subject: Subject) -> list[tuple[Step, ...]]:
    """Runs of Concats along the channels, each of the one before and of one layer that adds equally many channels."""
    blocks: list[list[Step]] = []
    for step in _of_type(subject, "Concat"):
        is_plain = step.arguments["dim"] == 1 and len(step.input_shapes) == 2 and len(step.input_shape) > 1
        if not is_plain or not _reads_all_so_far(step):
            continue
        growth = step.input_shapes[1][0]
        block = next((b for b in blocks if b[-1].name == step.sources[0] and b[-1].input_shapes[1][0] == growth), None)
        if block is None:
            blocks.append([step])
        else:
            block.append(step)
    return [tuple(block) for block in blocks if len(block) > 1]


def _reads_all_so_far(cat: Step) -> bool:
    """Whether the second input is made of the first, by layers one after another."""
    above = cat.parents[1]
    while above is not None and len(above.parents) == 1:
        if above.sources == cat.sources[:1]:
            return True
        above = above.previous
    return False


def _holds_positions(step: Step) -> bool:
    """Whether axis 1 of the input counts the positions of a sequence, whose features stand last."""
    return any(above is not None and above.has_features_last for above in step.parents)


def _of_type(subject: Subject, name: str) -> list[Step]:
    return [step for step in subject.steps if step.type == name and 2 <= len(step.input_shapes) <= MOST_BRANCHES]


def _given(step: Step) -> Iterator[tuple[str, tuple[int, ...]]]:
    return zip(step.sources, step.input_shapes, strict=True)


def _sum(sizes: list[int]) -> str:
    return " + ".join(f"{size:,}" for size in sizes)


def _product(sizes: list[int]) -> str:
    return "·".join(map(str, sizes))


TEMPLATES = {"joined-channels": joined_channels, "sum-shape": sum_shape, "dense-channels": dense_channels}
