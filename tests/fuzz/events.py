"""What a hand, or a client of somebody's own making, may send to the stage: sequences of events."""

from random import Random
from typing import Any

from layerscope.link import CHOICES
from layerscope.network import Network
from tests.fuzz.networks import WRONG

VERBS = ("repair:0", "repair:9", "flatten:fc1", "split:conv1.kernel_size", "same:conv1.padding", "none:pool1.stride")
COMMANDS = (
    "undo", "redo", "reset", "move_up", "move_down", "previous", "next", "duplicate", "remove", "narrow", "guess",
    "select", "nonsense", "a.b.c.d", "", ".", "..", "conv1..0", "\ud800",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *WRONG, 1, 2, 3, 5, 7, 11, 64, 1024, 65_536, "(5, 3)", "5x3", "1e999", "nan", "9" * 50, "a" * 100_000, "same",
    "none", [3, 3], [[3]], {"a": 1}, True, False, "conv1", "fc1", "does not run", "6x24x24", "\ud800", "<b>x</b>",
    "![](http://x)", float("inf"), float("nan"),
)  # fmt: skip
Event = tuple[str, Any, str]


def sequence(rng: Random, network: Network) -> list[Event]:
    """Up to thirty events, most of them about controls that exist."""
    return [_event(rng, network) for _ in range(rng.randint(1, 30))]


def _event(rng: Random, network: Network) -> Event:
    phase = rng.choice(("input", "commit", "commit"))
    kind = rng.random()
    if kind < 0.6 and network.layers:
        layer = rng.choice(network.layers)
        name = rng.choice((*layer.parameters(), *layer.decides, "nothing"))
        axis = rng.choice(("", "", ".0", ".1", ".9"))
        return f"{layer.name}.{name}{axis}", rng.choice(VALUES), phase
    if kind < 0.75:
        key = rng.choice(tuple(CHOICES))
        return key, rng.choice((*CHOICES[key], "nonsense", 5)), phase
    return rng.choice((*COMMANDS, *VERBS)), rng.choice(VALUES), phase
