"""Questions about the cells of the input that a sum depends on."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import NamedTuple

from layerscope.explain import written_count
from layerscope.layers.base import AXES
from layerscope.steps import Step
from layerscope.study.quiz.branching import drafts, residual_network
from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shuffled
from layerscope.study.quiz.subject import Subject, is_plain, slides


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
        text = (
            f"Along the {name}, one value of {first} depends on {big} cells of the input, and one value of {second} on "
        )
        text += (
            f"{written_count(small, 'cell')}. {step.name} adds the two. On how many cells along the {name} does one "
        )
        text += "value of the sum depend, from the first to the last?"
        explanation = (
            "Both look at the same place, and the sum depends on every cell that either depends on: the larger of "
        )
        explanation += f"{big} and {small}, so {right}."
        mistakes = [
            (big + small, f"That adds {big} + {small}; both look at the same place, so they share those cells."),
            (small, f"That would be the number for {second} alone; through {first} the sum depends on more cells."),
            (
                big + small - 1,
                f"That treats {big} and {small} as layers one after the other; these are side by side.",
            ),
            (
                (big + small) // 2,
                f"That is the mean of {big} and {small}; the sum loses no cell that either depends on.",
            ),
            (big - small, f"That subtracts {small} from {big}; the sum loses no cell that either depends on."),
            (big * small, f"That multiplies {big}·{small}; both look at the same place."),
            (whole, "That is the whole input, however far the two paths reach."),
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
