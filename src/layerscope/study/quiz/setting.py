"""Which questions a quiz asks: about whose network, from which seed. Both stand in the address."""

from random import Random

from layerscope import limits
from layerscope.network import Network
from layerscope.presets import CHAINS, DEFAULT, PRESETS, TITLES
from layerscope.study.quiz.making import ALL, questions
from layerscope.study.quiz.networks import Difficulty, random_network
from layerscope.study.quiz.question import Question
from layerscope.tracing import trace

COUNT = 10
LARGEST_SEED = limits.SEED.most
MINE = "mine"
RANDOM = {difficulty.value: difficulty for difficulty in Difficulty}
SOURCES = (DEFAULT, MINE, *RANDOM, *(name for name in CHAINS if name != DEFAULT))
"""Words for the address: a preset's name, "mine", or a difficulty of random networks."""
NAMES = {MINE: "Your network (from Explore)", **{word: f"Random networks, {word}" for word in RANDOM}, **TITLES}


def asked(source: str, seed: int, mine: Network, count: int = COUNT) -> tuple[Question, ...]:
    """The quiz of that source and seed, always the same for the same arguments. An unknown source is the course's."""
    if source in RANDOM:
        return tuple(_on_random_networks(RANDOM[source], seed, count))
    network = mine if source == MINE and mine.is_chain else PRESETS[source if source in CHAINS else DEFAULT]
    return questions(network, seed, count)


def failing(network: Network) -> str:
    """Why a network's quiz is about something else or only about a part of it; empty where it is about all of it."""
    if not network.is_chain:
        return "This network branches. The questions are about chains, so these are about the course's network."
    seen = trace(network)
    if seen.error is None:
        return ""
    *before, failed = [step.name for step in seen.steps]
    said = f"This network does not run: {failed} fails. {seen.error.message}"
    if before:
        return f"{said} The questions are about what comes before it: {', '.join(before)}."
    return f"{said} No layer comes before it, so the questions are about runs of a training, which need no network."


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


def seed_of(text: str) -> int:
    """The seed of an address; 1 where it says none."""
    return int(text) if text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LARGEST_SEED else 1
