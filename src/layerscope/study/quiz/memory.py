"""Questions about memory in training: what is kept for the backward pass, and what an optimizer remembers."""

from collections.abc import Iterator
from random import Random

from layerscope.layers.kept import Kept
from layerscope.steps import Step
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, draft, number, shuffled
from layerscope.study.quiz.subject import Subject, made

FLOAT, ADAMS = 4, 2
"""Bytes of a number in float32; how many averages Adam keeps for each parameter."""
INPUT, OUTPUT, INDICES, MASK, NOTHING = (
    "its input", "its output", "its input and the places of the largest values", "a mask, one factor for each value",
    "nothing",
)  # fmt: skip
ASKED = {"Conv1d", "Conv2d", "Conv3d", "Linear", "ReLU", "Sigmoid", "Tanh", "MaxPool1d", "MaxPool2d", "MaxPool3d",
         "Dropout", "Flatten"}  # fmt: skip
"""Layers that a course has spoken of, and whose slope it can explain."""
_WHY = {
    INPUT: "the gradient of its weights is computed from its input",
    OUTPUT: "its slope follows from its output",
    INDICES: "the gradient goes to the cell that was the largest of its window",
    MASK: "the gradient is dropped where the value was",
    NOTHING: "it only lays the same values out in another shape",
}


def kept_for_backward(subject: Subject, rng: Random) -> Iterator[Draft]:
    """What a layer keeps in memory until the backward pass."""
    for step in shuffled(rng, subject.owners):
        right = _kept(step)
        if right is None:
            continue
        text = f"In training, what does {made(step)} keep in memory for the backward pass, not counting the weights?"
        explanation = f"It keeps {right}: {_WHY[right]}."
        mistakes = [(wrong, told.format(_WHY[right])) for wrong, told in _MISTAKES[right].items()]
        yield draft(step.name, text, right, mistakes, explanation)


def _kept(step: Step) -> str | None:
    """What the layer keeps, in words; None where that is not asked."""
    if step.type not in ASKED or step.layer.chosen.get("inplace"):
        return None
    shapes = step.input_shapes
    match step.layer.kept(shapes, step.output_shapes, (True,) * len(shapes)):
        case Kept(inputs=(0,), outputs=(), own=()):
            return INPUT
        case Kept(inputs=(), outputs=(0,), own=()):
            return OUTPUT
        case Kept(inputs=(0,), own=(own,)) if own.what == "indices":
            return INDICES
        case Kept(inputs=(), own=(own,)) if own.what == "the mask":
            return MASK
        case Kept(inputs=(), outputs=(), own=(), within=0):
            return NOTHING
    return None


_DROPOUTS = "That is what Dropout keeps."
_MISTAKES = {
    INPUT: {
        OUTPUT: "That is what the layer after it may keep; here {}.",
        NOTHING: "That leaves nothing to compute the weights' gradient from: {}.",
        MASK: _DROPOUTS,
    },
    OUTPUT: {
        INPUT: "That is not needed: {}.",
        NOTHING: "That would work for a layer with the same slope everywhere; here {}.",
        MASK: _DROPOUTS,
    },
    INDICES: {
        INPUT: "That forgets the places of the largest values: {}.",
        OUTPUT: "That does not show where its values came from: {}.",
        NOTHING: "That forgets that {}.",
    },
    MASK: {
        INPUT: "That is not needed: {}, and the factors tell where.",
        NOTHING: "That forgets which values were dropped: {}.",
        OUTPUT: "That does not distinguish a dropped value from one that was 0 before.",
    },
    NOTHING: {
        INPUT: "That is kept where values are computed with; here {}.",
        OUTPUT: "That is kept where the slope follows from the result; here {}.",
        MASK: _DROPOUTS,
    },
}
"""By what is right: what people take instead, and the sentence about it, which is given the reason."""


def optimizer_values(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many numbers Adam remembers for a layer."""
    for step in shuffled(rng, subject.weighted):
        count = step.parameters
        if count == 0 or 3 * count >= BEYOND_PAPER:
            continue
        text = f"How many values does Adam keep for the parameters of {made(step)}, not counting step counters?"
        weights = count - (step.bias_shape or (0,))[0]
        mistakes = [
            (count, "That is one for each parameter, as SGD with momentum has; Adam keeps two."),
            (3 * count, "That counts the parameters themselves too, which the layer keeps, not Adam."),
            (FLOAT * ADAMS * count, "That counts bytes: each value takes 4 bytes in float32."),
        ]
        if weights != count:
            mistakes.insert(1, (ADAMS * weights, "That forgets the biases, which are trained like the weights."))
        explanation = (
            f"For each of the {count:,} parameters Adam keeps the average of its gradients and that of their squares: "
            f"2 · {count:,} = {ADAMS * count:,}."
        )
        yield number(step.name, text, ADAMS * count, mistakes, explanation)


def training_bytes(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many bytes weights, gradients and Adam's state take together."""
    count = subject.trace.parameters
    whole = 2 + ADAMS
    if len(subject.owners) < len(subject.steps):
        return  # shared weights: whose are they?
    if not subject.runs or count == 0 or whole * FLOAT * count >= BEYOND_PAPER:
        return
    text = (
        f"This network has {count:,} parameters in float32, and Adam trains it. How many bytes do its parameters, "
        "their gradients and what Adam keeps take together, not counting step counters?"
    )
    mistakes = [
        (FLOAT * count, "That is the parameters alone."),
        (2 * FLOAT * count, "That forgets what Adam keeps: two values for each parameter."),
        (3 * FLOAT * count, "That counts one value of Adam's for each parameter; it keeps two."),
        (whole * count, "That counts values; each takes 4 bytes in float32."),
    ]
    explanation = (
        f"A parameter, its gradient and Adam's two running averages, 4 bytes each: 4 · 4 · {count:,} = "
        f"{whole * FLOAT * count:,}."
    )
    yield number("", text, whole * FLOAT * count, mistakes, explanation)


TEMPLATES = {
    "kept-for-backward": kept_for_backward,
    "optimizer-values": optimizer_values,
    "training-bytes": training_bytes,
}
