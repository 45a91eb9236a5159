"""The quiz's front door: questions about a network, made from templates."""

from collections.abc import Callable, Iterable, Iterator
from random import Random

from layerscope.network import Network
from layerscope.study.quiz import (
    arguments,
    counting,
    errors,
    filters,
    grids,
    images,
    joins,
    lengths,
    memory,
    ripples,
    sizes,
    skips,
    windows,
)
from layerscope.study.quiz.drafting import Draft, finished
from layerscope.study.quiz.question import Question
from layerscope.study.quiz.subject import Subject

FAMILIES = (arguments, ripples, sizes, lengths, images, filters, counting, memory, windows, joins, skips, errors, grids)
TEMPLATES: dict[str, Callable[[Subject, Random], Iterator[Draft]]] = {
    key: template for family in FAMILIES for key, template in family.TEMPLATES.items()
}
ALL = tuple(TEMPLATES)
"""The templates' names, in the order in which a course comes to them."""


def questions(network: Network, seed: int, count: int = 10, templates: Iterable[str] = ALL) -> tuple[Question, ...]:
    """At most `count` questions about the network, always the same for the same arguments.

    As many different templates as there are, then the same ones about other layers; what the network cannot serve is
    left out, so there may be fewer. Raises ValueError for a template that does not exist.
    """
    wanted = set(templates)
    if unknown := sorted(wanted - set(ALL)):
        raise ValueError(f"There is no template {unknown[0]}; there are {', '.join(ALL)}.")
    subject = Subject(network)
    order = [key for key in ALL if key in wanted]
    Random(f"{seed}").shuffle(order)
    sources = {key: _of_template(key, subject, seed) for key in order}
    chosen: list[Question] = []
    while sources and len(chosen) < count:
        found = list(_one_of_each(sources, count - len(chosen)))
        chosen += sorted(found, key=lambda question: ALL.index(question.key))
    return tuple(chosen)


def _one_of_each(sources: dict[str, Iterator[Question]], most: int) -> Iterator[Question]:
    """The next question of each template, at most so many. Templates that have no more are taken out."""
    for key in list(sources):
        if most == 0:
            return
        question = next(sources[key], None)
        if question is None:
            del sources[key]
        else:
            most -= 1
            yield question


def _of_template(key: str, subject: Subject, seed: int) -> Iterator[Question]:
    rng = Random(f"{seed} {key}")
    for draft in TEMPLATES[key](subject, rng):
        question = finished(key, subject.network, draft, rng)
        if question is not None:
            yield question
