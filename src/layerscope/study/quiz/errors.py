"""Questions about the cause of an error: a mistake that is really made, with torch's error message."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from math import prod
from random import Random

from layerscope.catalogue import GROUPS
from layerscope.explain import product_text, value_text, written_count
from layerscope.layers.activation import LogSoftmax, PReLU, Softmax
from layerscope.layers.convolution import Conv2d
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.regularization import Dropout
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, shuffled
from layerscope.study.quiz.subject import Subject, is_plain, slides, without
from layerscope.tracing import trace

BATCHES = (4, 8, 16, 32)
SIZES = (24, 28, 32, 36, 40, 48, 64)
BY_VALUE = tuple(t for t in GROUPS["Activation"] if t not in (PReLU, Softmax, LogSoftmax))
"""Activations that take any shape at all."""
MOST_QUESTIONS = 4


@dataclass(frozen=True)
class Blunder:
    """A mistake: `value` says which, `cause` in words, `why` how it leads to torch's `message`."""

    value: Hashable
    cause: str
    why: str
    message: str


def error_cause(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The cause of an error. Only mistakes whose messages differ stand side by side."""
    if not (subject.runs and subject.takes_images and subject.network.is_chain):
        return
    batch = rng.choice(BATCHES)
    unique: dict[str, list[Blunder]] = {}
    for blunder in (*_at_linear(subject, batch, rng), *_at_convolution(subject, batch)):
        unique.setdefault(blunder.message, []).append(blunder)
    blunders = [several[0] for several in unique.values() if len(several) == 1]
    text = f"The network is made for batches of {batch} images of shape {value_text(subject.network.input_shape)}. "
    for made in shuffled(rng, blunders)[:MOST_QUESTIONS]:
        alike = made.message.split()[0]  # what fails at the same layer looks alike, so it is asked first
        others = sorted(shuffled(rng, blunders), key=lambda b: b.message.split()[0] != alike)
        causes = {b.value: b.cause for b in blunders}
        mistakes = [(b.value, f"With that mistake, PyTorch would say: {b.message}.") for b in others if b is not made]
        asked = f"{text}The forward pass stops with: {made.message}. What is the cause?"
        explanation = f"{made.cause}: {made.why}."
        yield draft("", asked, made.value, mistakes, explanation, causes.__getitem__)


def _at_linear(subject: Subject, batch: int, rng: Random) -> Iterator[Blunder]:
    """Mistakes that make the first Linear layer refuse its input."""
    if subject.bridge is None:
        return
    flatten, linear = subject.bridge
    before = subject.up_to(flatten)[:-1]
    if (
        flatten.layer.chosen["end_dim"] != -1
        or not _behaves(subject, flatten, linear)
        or not all(map(is_plain, before))
    ):
        return
    width, wanted = linear.weight_shape or (1, 1)
    channels, height, columns = maps = flatten.input_shape

    def blunder(value: Hashable, rows: int, arriving: int, cause: str, why: str) -> Iterator[Blunder]:
        if arriving != wanted and rows * arriving < BEYOND_PAPER:
            message = f"mat1 and mat2 shapes cannot be multiplied ({rows}x{arriving} and {wanted}x{width})"
            reason = f"{why}, but {linear.name} expects {wanted:,} = {product_text(maps)}"
            yield Blunder(value, cause, reason, message)

    pools = [step.name for step in subject.pools]
    arrived = _arriving(without(subject.network, pools), flatten) if pools else None
    if arrived:
        why = f"{linear.name} gets {product_text(arrived)} = {prod(arrived):,} values per image"
        yield from blunder("no-pooling", batch, prod(arrived), "No pooling is called in forward", why)
    for size in shuffled(rng, SIZES):
        arrived = _arriving(subject.network.with_input((subject.network.input_shape[0], size, size)), flatten)
        if size not in subject.network.input_shape[1:] and arrived and prod(arrived) != wanted:
            why = f"{linear.name} gets {product_text(arrived)} = {prod(arrived):,} values per image"
            yield from blunder(("size", size), batch, prod(arrived), f"The images are {size} × {size}", why)
            break
    why = f"a Linear layer reads the last axis, {columns}, of {batch}·{channels}·{height} rows"
    yield from blunder(
        "not-flattened", batch * channels * height, columns, f"{flatten.name} is not called in forward", why
    )
    why = f"all {batch} images become one row of {batch * wanted:,} values"
    yield from blunder("batch-merged", 1, batch * wanted, "The batch axis was flattened too, with start_dim=0", why)
    if all(slides(s) or isinstance(s.layer, BY_VALUE) for s in before):
        each = written_count(height * columns, "value")
        why = f"{flatten.name} takes the {channels} channels for a batch, with {each} each"
        cause = "A single image was passed, without a batch axis"
        yield from blunder("no-batch", channels, height * columns, cause, why)


def _behaves(subject: Subject, flatten: Step, linear: Step) -> bool:
    """Whether what stands between the two takes anything."""
    steps = subject.steps
    between = steps[steps.index(flatten) + 1 : steps.index(linear)]
    return all(isinstance(step.layer, (*BY_VALUE, Dropout)) for step in between)


def _arriving(network: Network, step: Step) -> tuple[int, ...] | None:
    """What would reach that layer."""
    there = trace(network).by_name.get(step.name)
    return there.input_shape if there else None


def _at_convolution(subject: Subject, batch: int) -> Iterator[Blunder]:
    """Mistakes that make a convolution refuse its input channels."""
    first = subject.steps[0] if subject.steps else None
    if first is not None and isinstance(first.layer, Conv2d):
        channels, height, width = subject.network.input_shape
        other = 1 if channels == 3 else 3
        cause = f"The images have {other} channel{'s' if other > 1 else ''} instead of {channels}"
        yield from _refused(("channels", other), first, (batch, other, height, width), cause)
        cause = "The channels come last in the images: N, H, W, C"
        yield from _refused("channels-last", first, (batch, height, width, channels), cause)
    yield from _at_norm(subject)
    for step, following in zip(subject.convolutions, subject.convolutions[1:], strict=False):
        if not isinstance(following.layer, Conv2d) or not _only_keeping(subject, step, following):
            continue
        new = step.arguments["out_channels"] + 2 * step.arguments["groups"]
        arrived = _arriving(subject.network.with_argument(step.name, "out_channels", new), following)
        cause = f"{step.name}.out_channels was changed to {new}, and nothing else"
        yield from _refused(("widened", step.name, new), following, (batch, *(arrived or ())), cause)
        arrived = _arriving(subject.network.remove(step.name), following)
        cause = f"{step.name} is not called in forward"
        yield from _refused(("skipped", step.name), following, (batch, *(arrived or ())), cause)
        break


def _at_norm(subject: Subject) -> Iterator[Blunder]:
    """Mistakes at the first convolution that the BatchNorm2d right after it refuses."""
    for step, norm in zip(subject.steps, subject.steps[1:], strict=False):
        if isinstance(step.layer, Conv2d) and isinstance(norm.layer, BatchNorm2d):
            break
    else:
        return
    if norm.layer.chosen["track_running_stats"] is False:
        return
    filters, arriving = norm.arguments["num_features"], step.input_shape[0]
    new = filters + 2 * step.arguments["groups"]
    for value, cause, channels in (
        (("widened", step.name, new), f"{step.name}.out_channels was changed to {new}, and nothing else", new),
        (("skipped", step.name), f"{step.name} is not called in forward", arriving),
    ):
        if channels != filters:
            why = f"{norm.name} keeps one running mean per channel for {filters} channels, but gets {channels}"
            message = f"running_mean should contain {channels} elements not {filters}"
            yield Blunder(value, cause, why, message)


def _only_keeping(subject: Subject, step: Step, following: Step) -> bool:
    """Whether nothing between the two counts channels."""
    steps = subject.steps
    between = steps[steps.index(step) + 1 : steps.index(following)]
    return all(is_plain(s) and not isinstance(s.layer, (PReLU, BatchNorm2d)) for s in between)


def _refused(value: Hashable, step: Step, arriving: tuple[int, ...], cause: str) -> Iterator[Blunder]:
    """The blunder, unless as many channels arrive as the convolution wants."""
    wanted, groups = step.arguments["in_channels"], step.arguments["groups"]
    pads_itself = step.arguments["padding_mode"] != "zeros" or isinstance(step.arguments["padding"], str)
    if len(arriving) != 4 or arriving[1] == wanted or pads_itself:  # then torch speaks of the padded input
        return
    message = f"Given groups={groups}, weight of size {list(step.weight_shape or ())}, expected input{list(arriving)} "
    message += f"to have {wanted} channels, but got {arriving[1]} channels instead"
    why = (
        f"the weight of {step.name} is made for {written_count(wanted, 'channel')}, "
        f"but axis 1 of its input is {arriving[1]}"
    )
    yield Blunder(value, cause, why, message)


TEMPLATES = {"error-cause": error_cause}
