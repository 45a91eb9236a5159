"""Questions about trying out combinations of hyperparameters."""

from collections.abc import Iterator
from itertools import combinations, islice
from math import prod
from random import Random
from typing import Any

from layerscope.study.quiz.drafting import BEYOND_PAPER, Draft, number, shuffled
from layerscope.study.quiz.subject import Subject

OF_TRAINING: dict[str, tuple[Any, ...]] = {
    "lr": (0.01, 0.001, 0.1, 0.0001),
    "batch_size": (100, 1000, 10, 50),
    "shuffle": (True, False),
}
EPOCHS = (3, 5, 10)


def grid_runs(subject: Subject, rng: Random) -> Iterator[Draft]:
    """How many runs a grid has."""
    choices = OF_TRAINING | _of_network(subject)
    pairs = list(combinations(choices, 2)) + list(combinations(choices, 3))
    for names in shuffled(rng, pairs)[:3]:
        lists = {name: choices[name][: rng.randint(2, len(choices[name]))] for name in names}
        sizes, epochs = [len(values) for values in lists.values()], rng.choice(EPOCHS)
        runs = prod(sizes)
        shown = "; ".join(f"{name}: {', '.join(map(str, values))}" for name, values in lists.items())
        text = f"You train every combination once, for {epochs} epochs ({shown}). How many runs is that?"
        explanation = (
            f"Each value of one list is combined with each value of the others: {'·'.join(map(str, sizes))} = {runs}."
        )
        mistakes = [
            (
                sum(sizes),
                "That adds the lengths of the lists; the values of one are combined with those of the others.",
            ),
            (
                sum(sizes) - len(sizes) + 1,
                "That changes one value at a time from a starting point; a grid combines all values.",
            ),
            (runs * epochs, "That counts epochs; one run includes all of its epochs."),
            (prod(sizes[:-1]), "That leaves out the last list."),
            (max(sizes), "That is the length of the longest list; its values are combined with those of the others."),
            (len(sizes), "That counts the lists, not their values."),
        ]
        sensible = [(value, mistake) for value, mistake in mistakes if value < BEYOND_PAPER]
        yield number("", text, runs, sensible, explanation, 2)


def _of_network(subject: Subject) -> dict[str, tuple[Any, ...]]:
    """Values to try for widths of the network."""
    lists: dict[str, tuple[Any, ...]] = {}
    for step in islice(filter(subject.is_free, subject.weighted[:-1]), 4):
        name = "out_features" if "out_features" in step.arguments else "out_channels"
        width = step.arguments[name]
        lists[f"{step.name}.{name}"] = (width, 2 * width, 3 * width)
    return lists


TEMPLATES = {"grid-runs": grid_runs}
