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
    return questions(network_of(source, mine), seed, count)


def network_of(source: str, mine: Network) -> Network:
    """The network of a source that is no difficulty; the course's for an unknown one."""
    return mine if source == MINE else PRESETS.get(source, PRESETS[DEFAULT])


def failing(network: Network) -> str:
    """Why a network's quiz is about something else or only about a part of it; empty where it is about all of it."""
    seen = trace(network)
    if seen.error is None:
        return ""
    *before, failed = [step.name for step in seen.steps]
    said = f"This network does not run: {failed} fails. {seen.error.message}"
    if before:
        return f"{said} The questions are about what comes before it: {', '.join(before)}."
    own = "small networks that the quiz makes for itself, and about training runs"
    return f"{said} No layer comes before it, so the questions are about {own}."


def unasked(network: Network) -> str:
    """What a quiz does not ask about on a network that branches; empty for a chain."""
    if network.is_chain:
        return ""
    return (
        "This network branches. The quiz asks about its layers one by one, and about what joins its branches. It does "
        "not ask about the largest and smallest image or the causes of errors, and asks what follows from a change "
        "only where layers stand one after another."
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


def seed_of(text: str) -> int:
    """The seed of an address; 1 where it says none."""
    return int(text) if text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LARGEST_SEED else 1
