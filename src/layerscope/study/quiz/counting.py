"""Questions that count: parameters and multiply-accumulates."""

from collections.abc import Callable, Iterator
from math import prod
from random import Random

from layerscope.explain import written_count
from layerscope.layers.linear import Linear
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, WRONG, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, made, weight_sizes, worked

BEYOND_COUNTING = 1_000_000_000
"""From here on nobody counts parameters by hand."""
Pairs = Iterator[tuple[int, str]]


def parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many parameters a layer has."""
    for step in shuffled(rng, subject.weighted):
        formula = step.layer.parameter_formula(step.input_shape)
        if formula is None or formula.value >= BEYOND_COUNTING:
            continue
        weights, width = prod(step.weight_shape or ()), weight_sizes(step)[0]
        biases = width if step.arguments["bias"] else 0
        mistakes = list(_bias_mistakes(step, weights, width) if biases else _without(weights, width))
        mistakes += [(n + biases, text) for n, text in _weight_mistakes(step)]
        mistakes.append((4 * step.parameters, "That counts bytes: each float32 parameter takes 4 bytes."))
        text = f"How many learnable parameters does {made(step)} have?"
        explanation = f"Count the weights{' and the biases' if biases else '; there is no bias'}: {worked(formula)}."
        yield number(step.name, text, step.parameters, mistakes, explanation)


def without_bias(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many parameters a layer would have without its bias."""
    for step in shuffled(rng, subject.weighted):
        formula = step.layer.with_chosen("bias", False).parameter_formula(step.input_shape)
        if formula is None or formula.value >= BEYOND_COUNTING or not step.arguments["bias"]:
            continue
        weights, width = prod(step.weight_shape or ()), weight_sizes(step)[0]
        text = f"How many learnable parameters would {made(step)} have with bias=False?"
        mistakes = [*_without(weights, width), *_weight_mistakes(step)]
        explanation = f"Only the weights are left, {width:,} numbers fewer than with the bias: {worked(formula)}."
        yield number(step.name, text, weights, mistakes, explanation)


def _bias_mistakes(step: Step, weights: int, width: int) -> Pairs:
    yield weights, f"That forgets the bias: {_outputs(step)}."
    arriving = weight_sizes(step)[1]
    if isinstance(step.layer, Linear):
        yield (
            weights + arriving,
            f"That counts one bias per input, {arriving:,}; there is one per output, {width:,}.",
        )
    else:
        yield (
            weights + width * arriving,
            f"That gives each of the {width * arriving:,} kernels a bias; each output map has one, {width:,} in all.",
        )
        channels = step.arguments["in_channels"]
        yield (
            weights + channels,
            f"That counts one bias per input channel, {channels:,}; there is one per output map, {width:,}.",
        )
    yield weights + 1, f"That counts a single bias: {_outputs(step)}."


def _outputs(step: Step) -> str:
    width = weight_sizes(step)[0]
    thing = "each output value" if isinstance(step.layer, Linear) else "each output map"
    return f"{thing} has its own, {width:,} in all"


def _without(weights: int, width: int) -> Pairs:
    yield weights + width, f"That counts one bias per output, {width:,} more; bias=False leaves them out."
    yield weights + 1, "That still counts one bias; bias=False leaves them all out."
    if weights > width:
        yield (
            weights - width,
            f"That subtracts one bias per output, {width:,}, from the weights, which do not contain them.",
        )


def _weight_mistakes(step: Step) -> Pairs:
    """Counts of weights that somebody may come to."""
    width, arriving, *kernel = weight_sizes(step)
    if isinstance(step.layer, Linear):
        yield (
            width + arriving,
            f"That adds in and out, {arriving:,} + {width:,}; each output has a weight for every input.",
        )
        yield width * width, f"That multiplies out_features = {width:,} by itself instead of by in_features."
        yield arriving * arriving, f"That multiplies in_features = {arriving:,} by itself instead of by out_features."
        return
    cells = prod(kernel)
    groups = step.arguments["groups"]
    if groups > 1:
        yield (
            width * arriving * groups * cells,
            f"That forgets the {groups} groups: a map is made from {arriving:,} of the {arriving * groups:,} channels.",
        )
    yield (
        width * cells,
        f"That counts one kernel per output map; each map needs one per channel that it is made from, {arriving:,}.",
    )
    yield arriving * cells, f"That counts the weights for only one of {width:,} output maps."
    yield (
        width * arriving * kernel[0],
        f"That uses one side of the kernel, {kernel[0]}, instead of its {cells} cells.",
    )
    yield (
        (width + arriving) * cells,
        f"That adds in and out, {arriving:,} + {width:,}; each output map has a kernel for every channel that it "
        "reads.",
    )
    yield (
        width * width * cells,
        f"That uses out_channels = {width:,} twice; a map is made from {written_count(arriving, 'channel')}.",
    )


def most_parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The layer with the most parameters."""
    text = "Which layer has the most learnable parameters?"
    yield from _most(subject, text, "parameters", lambda step: step.parameters, "macs")


def most_macs(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The layer with the most multiply-accumulates."""
    shared = len(subject.owners) < len(subject.steps)  # is a module's work that of one call, or of all?
    if not shared and max((step.macs for step in subject.steps), default=0) < BEYOND_PAPER:
        text = "Which layer needs the most multiply-accumulates (MACs) for one sample?"
        yield from _most(subject, text, "MACs", lambda step: step.macs, "parameters")


def _most(subject: Subject, text: str, unit: str, count: Callable[[Step], int], other: str) -> Iterator[Draft]:
    """The layer that has the most of something; nothing where two are alike."""
    ranked = sorted((s for s in subject.weighted if count(s)), key=count, reverse=True)
    every = sorted(map(count, subject.steps), reverse=True)
    if not subject.runs or len(ranked) < 2 or every[0] == every[1] or count(ranked[0]) != every[0]:
        return
    best = ranked[0]
    calls = {step.name: made(step) for step in (*ranked, *subject.pools)}
    otherwise = max(subject.weighted, key=lambda step: int(getattr(step, other)))
    most_outputs = max(subject.weighted, key=lambda step: prod(step.output_shape or ()))
    mistakes = []
    for step in sorted(ranked[1:], key=lambda step: step is not otherwise):
        reason = f"That one has fewer: {step.name} has {count(step):,} {unit}"
        if step is otherwise:
            word = "MACs" if other == "macs" else "parameters"
            reason = f"That is the layer with the most {word}; it has only {count(step):,} {unit}"
        elif step is most_outputs:
            reason = f"That has the most output values, but only {count(step):,} {unit}"
        mistakes.append((step.name, f"{reason}."))
    if len(ranked) <= WRONG:
        mistakes += [(pool.name, f"That has no weights, and so no {unit}.") for pool in subject.pools[:1]]
    explanation = f"{calls[best.name]} has {_count_in_words(best, unit)}; the next is {ranked[1].name} "
    explanation += f"with {count(ranked[1]):,}."
    yield draft("", text, best.name, mistakes, explanation, lambda name: calls[name])


def _count_in_words(step: Step, unit: str) -> str:
    formula = step.layer.parameter_formula(step.input_shape)
    if unit == "MACs":
        formula = step.layer.mac_formula(step.input_shape, step.output_shape or ())
    return f"{worked(formula)} {unit}" if formula else unit


TEMPLATES = {
    "parameters": parameters,
    "without-bias": without_bias,
    "most-parameters": most_parameters,
    "most-macs": most_macs,
}
