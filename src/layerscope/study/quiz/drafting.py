"""From a right answer and the mistakes that people make to a question's options."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from layerscope.network import Network
from layerscope.study.quiz.question import Option, Question

WRONG = 3
"""How many wrong options a question has where there are enough."""
LIKELY = 5
"""The options are taken from so many mistakes, the likeliest; the others stand in where those lead to one value."""
BEYOND_PAPER = 1_000_000
"""Numbers from here on nobody works out by hand; only counts of parameters may be larger."""

T = TypeVar("T")
Mistakes = Iterable[tuple[Any, str]]
"""Pairs of the value that a mistake leads to and the sentence about it; the likeliest mistake first."""


@dataclass(frozen=True)
class Draft:
    """A question before its options are picked and shuffled. `wrong` holds no value twice, nor the right one.

    `network` is one that the template made for itself; None where the question is about the learner's.
    """

    layer: str
    text: str
    right: Option
    wrong: tuple[Option, ...]
    explanation: str
    network: Network | None = None


def draft(
    layer: str,
    text: str,
    right: Hashable,
    mistakes: Mistakes,
    explanation: str,
    write: Callable[[Any], str] = str,
) -> Draft:
    """A draft whose values `write` puts into words; of mistakes that lead to the same value the first counts."""
    wrong: dict[Hashable, str] = {}
    for value, mistake in mistakes:
        wrong.setdefault(value, mistake)
    wrong.pop(right, None)
    options = tuple(Option(write(value), value, mistake) for value, mistake in wrong.items())
    return Draft(layer, text, Option(write(right), right), options, explanation)


def number(
    layer: str, text: str, right: int, mistakes: Iterable[tuple[int, str]], explanation: str, least: int = 1
) -> Draft:
    """A draft whose answer is a whole number of at least `least`; mistakes that lead below it fool nobody."""
    sensible = [(value, mistake) for value, mistake in mistakes if value >= least]
    return draft(layer, text, right, sensible, explanation, "{:,}".format)


def shape(layer: str, text: str, right: tuple[Any, ...], mistakes: Mistakes, explanation: str) -> Draft:
    """A draft whose answer is a shape, written as torch writes it; shapes with an empty axis fool nobody."""
    sensible = [(value, mistake) for value, mistake in mistakes if all(isinstance(n, str) or n > 0 for n in value)]
    return draft(layer, text, right, sensible, explanation, written)


def written(sizes: tuple[Any, ...]) -> str:
    """A shape as torch writes it; "N" stands for the batch."""
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def finished(key: str, network: Network, draft: Draft, rng: Random) -> Question | None:
    """The question with its options picked and shuffled; None where no mistake leads to another value.

    The likeliest mistake is always among them. Where fewer than `WRONG` lead to values of their own, there are fewer.
    """
    if not draft.wrong:
        return None
    first, *others = draft.wrong[:LIKELY]
    options = [draft.right, first, *rng.sample(others, min(len(others), WRONG - 1))]
    rng.shuffle(options)
    answer = options.index(draft.right)
    about = draft.network or network
    return Question(key, draft.text, tuple(options), answer, draft.explanation, about, draft.layer)


def few(names: Iterable[str]) -> str:
    """Names in a row; of many only their number, as "7 layers"."""
    row = list(names)
    return ", ".join(row) if len(row) <= 4 else f"{len(row)} layers"


def shuffled(rng: Random, items: Iterable[T]) -> list[T]:
    """The items in an order that the seed decides."""
    row = list(items)
    rng.shuffle(row)
    return row
