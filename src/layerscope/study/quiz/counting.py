"""Questions that count: parameters and multiply-accumulates."""

from collections.abc import Callable, Iterator
from math import prod
from random import Random

from layerscope.layers.linear import Linear
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, WRONG, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, made, worked

BEYOND_COUNTING = 1_000_000_000
"""From here on nobody counts parameters by hand."""
Pairs = Iterator[tuple[int, str]]


def parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many parameters a layer has."""
    for step in shuffled(rng, subject.weighted):
        formula = step.layer.parameter_formula(step.input_shape)
        if formula is None or formula.value >= BEYOND_COUNTING:
            continue
        weights, width = prod(step.weight_shape or ()), (step.weight_shape or (0,))[0]
        biases = width if step.arguments["bias"] else 0
        mistakes = list(_bias_mistakes(step, weights, width) if biases else _without(weights, width))
        mistakes += [(n + biases, text) for n, text in _weight_mistakes(step)]
        text = f"How many learnable parameters has {made(step)}?"
        explanation = f"Weights{' and biases' if biases else ', no bias'}: {worked(formula)}."
        yield number(step.name, text, step.parameters, mistakes, explanation)


def without_bias(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many parameters a layer would have without its bias."""
    for step in shuffled(rng, subject.weighted):
        formula = step.layer.with_chosen("bias", False).parameter_formula(step.input_shape)
        if formula is None or formula.value >= BEYOND_COUNTING or not step.arguments["bias"]:
            continue
        weights, width = prod(step.weight_shape or ()), (step.weight_shape or (0,))[0]
        text = f"How many learnable parameters would {made(step)} have with bias=False?"
        mistakes = [*_without(weights, width), *_weight_mistakes(step)]
        explanation = f"Only the weights are left: {worked(formula)}, {width:,} fewer than with bias."
        yield number(step.name, text, weights, mistakes, explanation)


def _bias_mistakes(step: Step, weights: int, width: int) -> Pairs:
    yield weights, f"That forgets the bias: one number for each of the {width:,} outputs."
    arriving = (step.weight_shape or (0, 0))[1]
    if isinstance(step.layer, Linear):
        yield weights + arriving, "That is in and out swapped: there is one bias for each output, not for each input."
        yield width + arriving, "That adds in and out; each output has a weight for every input."
    else:
        yield weights + width * arriving, "That gives each kernel a bias; there is one for each filter."
        yield (
            weights + step.arguments["in_channels"],
            "That gives each channel that arrives a bias; there is one a filter.",
        )
    yield weights + 1, f"That counts a single bias; each of the {width:,} outputs has its own."


def _without(weights: int, width: int) -> Pairs:
    yield weights + width, "That counts a bias for each output; bias=False leaves them out."
    yield weights + 1, "That still counts one bias; bias=False leaves them all out."
    if weights > width:
        yield weights - width, "That takes the biases off the weights, where they never were."


def _weight_mistakes(step: Step) -> Pairs:
    """Counts of weights that somebody may come to."""
    width, arriving, *kernel = step.weight_shape or (1, 1)
    if isinstance(step.layer, Linear):
        yield width + arriving, "That adds in and out; each output has a weight for every input."
        yield width * width, "That multiplies the outputs with themselves; each has a weight for every input."
        return
    cells = prod(kernel)
    groups = step.arguments["groups"]
    if groups > 1:
        yield (
            width * arriving * groups * cells,
            f"That forgets the {groups} groups: a filter sees only its own channels.",
        )
    yield width * cells, "That gives each filter one kernel; it has one for each channel that it sees."
    yield arriving * cells, f"That counts one filter only; there are {width:,}."
    yield width * arriving * kernel[0], "That takes one side of the kernel for all its cells."
    yield (width + arriving) * cells, "That adds in and out; each filter has a kernel for every channel that it sees."


def most_parameters(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The layer with the most parameters."""
    text = "Which layer has the most learnable parameters?"
    yield from _most(subject, text, "parameters", lambda step: step.parameters, "macs")


def most_macs(subject: Subject, rng: Random) -> Iterator[Draft]:
    """The layer with the most multiply-accumulates."""
    if max((step.macs for step in subject.steps), default=0) < BEYOND_PAPER:
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
        reason = f"That has {count(step):,} {unit} only"
        if step is otherwise:
            word = "MACs" if other == "macs" else "parameters"
            reason = f"That is the layer with the most {word}; it has {count(step):,} {unit} only"
        elif step is most_outputs:
            reason = f"That puts out the most values, but has {count(step):,} {unit} only"
        mistakes.append((step.name, f"{reason}."))
    if len(ranked) <= WRONG:
        mistakes += [(pool.name, f"That has no weights, and so no {unit}.") for pool in subject.pools[:1]]
    explanation = f"{calls[best.name]} has {_count_in_words(best, unit)}; next comes {ranked[1].name} "
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
