"""Which questions a quiz asks: about whose network, from which seed. Both stand in the address."""

from random import Random

from layerscope import limits
from layerscope.network import Network
from layerscope.presets import CHAINS, DEFAULT, PRESETS, TITLES
from layerscope.study.quiz import joins, skips
from layerscope.study.quiz.branching import random_branching
from layerscope.study.quiz.making import ALL, questions
from layerscope.study.quiz.networks import Difficulty, random_network
from layerscope.study.quiz.question import Question
from layerscope.tracing import trace

COUNT = 10
LARGEST_SEED = limits.SEED.most
MINE = "mine"
RANDOM = {difficulty.value: difficulty for difficulty in Difficulty}
BRANCHING = "branching"
BRANCHING_PRESETS = tuple(name for name in PRESETS if name not in CHAINS)
SOURCES = (DEFAULT, MINE, *RANDOM, BRANCHING, *(name for name in CHAINS if name != DEFAULT), *BRANCHING_PRESETS)
"""Words for the address: a preset's name, "mine", a difficulty of random networks, or "branching"."""
NAMES = {
    MINE: "Your network (from Explore)", **{word: f"Random networks, {word}" for word in RANDOM},
    BRANCHING: "Random networks that branch", **TITLES,
}  # fmt: skip
OF_BRANCHES = (*joins.TEMPLATES, *skips.TEMPLATES)
"""The templates about what makes a network branch."""


def asked(source: str, seed: int, mine: Network, count: int = COUNT) -> tuple[Question, ...]:
    """The quiz of that source and seed, always the same for the same arguments. An unknown source is the default
    network."""
    if source in RANDOM:
        return tuple(_on_random_networks(RANDOM[source], seed, count))
    if source == BRANCHING:
        return tuple(_on_branching_networks(seed, count))
    return questions(network_of(source, mine), seed, count)


def network_of(source: str, mine: Network) -> Network:
    """The network of a source that has one; the default one for an unknown one."""
    return mine if source == MINE else PRESETS.get(source, PRESETS[DEFAULT])


def failing(network: Network) -> str:
    """Why a network's quiz is about something else or only about a part of it; empty where it is about all of it."""
    seen = trace(network)
    if seen.error is None:
        return ""
    *before, failed = [step.name for step in seen.steps]
    said = f"This network does not run: {failed} fails. {seen.error.message}"
    if before:
        return f"{said} The questions are about the layers before it: {', '.join(before)}."
    own = "small networks that the quiz makes up, and about training runs"
    return f"{said} There is no layer before it, so the questions are about {own}."


def unasked(network: Network) -> str:
    """What a quiz does not ask about on a network that branches; empty for a chain."""
    if network.is_chain:
        return ""
    return (
        "This network branches. The quiz asks about its single layers and about what joins its branches. It does not "
        "ask about the largest or smallest image or the causes of errors, and it asks what follows from a change only "
        "where layers run one after another."
    )


def _on_random_networks(difficulty: Difficulty, seed: int, count: int) -> list[Question]:
    """A network for each two questions, and as many different templates as possible."""
    rng = Random(f"{seed} {difficulty.value}")
    left = list(ALL)
    found: list[Question] = []
    while len(found) < count:
        pair = questions(random_network(rng, difficulty), rng.randrange(10**6), min(2, count - len(found)), left or ALL)
        left = [key for key in left if key not in {question.key for question in pair}]
        found += pair
    return found


def _on_branching_networks(seed: int, count: int) -> list[Question]:
    """A network for each two questions: one about its branches, one about any of its layers; as varied as possible."""
    rng = Random(f"{seed} {BRANCHING}")
    others = tuple(key for key in ALL if key not in OF_BRANCHES)
    found: list[Question] = []
    while len(found) < count:
        network, asked = random_branching(rng), {question.key for question in found}
        first, second = ([key for key in keys if key not in asked] or keys for keys in (OF_BRANCHES, others))
        drawn = questions(network, rng.randrange(10**6), len(first), first)
        found.append(rng.choice([question for question in drawn if question.network == network] or drawn))
        found += questions(network, rng.randrange(10**6), 1, second)
    return found[:count]


def seed_of(text: str) -> int:
    """The seed of an address; 1 where it says none."""
    return int(text) if text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LARGEST_SEED else 1
