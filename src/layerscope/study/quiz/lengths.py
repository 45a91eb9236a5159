"""Questions about how many values a flatten makes of the maps."""

from collections.abc import Iterator
from math import prod
from random import Random

from layerscope.explain import is_flattening, product_text, value_text, written_count
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shuffled
from layerscope.study.quiz.subject import Subject, without
from layerscope.tracing import trace

BATCHES = (10, 16, 32, 64, 100)


def flattened_length(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many values flatten makes of each sample."""
    if len(subject.network.inputs) > 1:
        return
    flattening = [s for s in subject.steps if is_flattening(s) and prod(s.input_shape) < BEYOND_PAPER]
    for step in shuffled(rng, flattening):
        batch, length = rng.choice(BATCHES), prod(step.input_shape)
        text = (
            f"Batches of {batch} samples of shape {value_text(subject.network.input_shape)} run through the network. "
        )
        text += f"How many values does {step.name} produce from each sample?"
        merged = f"{product_text(step.input_shape)} = {length:,}"
        explanation = f"The {step.name} layer merges all axes after the batch axis: {merged}."
        yield number(step.name, text, length, _length_mistakes(subject, step, batch), explanation)


def _length_mistakes(subject: Subject, step: Step, batch: int) -> Iterator[tuple[int, str]]:
    channels, *sizes = step.input_shape
    length = prod(step.input_shape)
    unpooled = _without_pooling(subject, step)
    if unpooled:
        yield prod(unpooled), f"That forgets the pooling: without it, {step.name} would get {product_text(unpooled)}."
    yield (
        prod(sizes),
        f"That counts the values of one map, {product_text(tuple(sizes))}; there {'is' if channels == 1 else 'are'} "
        f"{written_count(channels, 'map')}.",
    )
    if len(sizes) > 1:
        yield channels * sizes[0], f"That uses one side of each map, {sizes[0]}, instead of its {prod(sizes)} values."
    yield length * batch, f"That counts all {batch} samples: flatten(start_dim=1) leaves the batch axis alone."
    adding = " + ".join(map(str, step.input_shape))
    yield sum(step.input_shape), f"That adds the axes, {adding}, instead of multiplying them."
    image = subject.network.input_shape
    yield (
        prod(image),
        f"That counts the values of the input, {product_text(image)}; the layers before change its shape.",
    )
    yield channels, "That counts the maps, not the values in them."
    yield 4 * length, "That counts bytes: a float32 value takes 4 bytes."


def _without_pooling(subject: Subject, step: Step) -> tuple[int, ...] | None:
    """What would arrive if no pooling were called; None where there is none, or where it would not run."""
    pools = [pool.name for pool in subject.pools]
    if not pools:
        return None
    after = trace(without(subject.network, pools)).by_name.get(step.name)
    return after.input_shape if after else None


TEMPLATES = {"flattened-length": flattened_length}
