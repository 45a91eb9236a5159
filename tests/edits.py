"""Random edits of a network, as a hand on the screen would make them."""

from random import Random

from layerscope.catalogue import CATALOGUE
from layerscope.network import Network, NetworkError
from layerscope.presets import PRESETS
from layerscope.steps import Trace
from layerscope.tracing import trace
from tests.legal import legal_value
from tests.oracle import random_network

SMALL_PRESETS = ("fashion-mnist-cnn", "lenet5", "all-convolutional", "depthwise-separable", "decoder", "alexnet")


def edited(rng: Random, network: Network) -> Network:
    """The network after one random edit; now and then one that no longer runs."""
    names = network.names
    kind = rng.choice(("argument",) * 6 + ("input", "classes", "insert", "remove", "move", "duplicate"))
    try:
        if kind == "input":
            return network.with_input(max(1, size + rng.choice((-4, -1, 0, 1, 2, 4))) for size in network.input_shape)
        if kind == "classes":
            return network.with_classes(rng.choice((None, 2, 10, 100)))
        if kind == "insert" or not names:
            return network.insert(rng.randint(0, len(names)), rng.choice(tuple(CATALOGUE)))
        name = rng.choice(names)
        if kind == "remove":
            return network.remove(name)
        if kind == "move":
            return network.move(name, rng.randrange(len(names)))
        if kind == "duplicate":
            return network.duplicate(name)
        layer = network[name]
        if not layer.parameters():
            return network
        parameter = rng.choice(tuple(layer.parameters()))
        current = getattr(layer, parameter)
        value = legal_value(rng, layer.parameters()[parameter], layer.dims or 2)
        if type(current) is int and rng.random() < 0.8:
            value = max(1, current + rng.choice((-2, -1, 1, 2)))
        return network.with_argument(name, parameter, value)
    except NetworkError:  # the head's width, a name twice: not to be had
        return network


def edit_pairs(count: int, seed: int) -> list[tuple[Trace, Trace]]:
    """Traces before and after one to three edits of presets and of random networks, each pair once."""
    rng = Random(seed)
    pairs: list[tuple[Trace, Trace]] = []
    while len(pairs) < count:
        before = PRESETS[rng.choice(SMALL_PRESETS)] if rng.random() < 0.7 else random_network(rng, bad=0)
        after = before
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            after = edited(rng, after)
        if rng.random() < 0.1:
            before, after = after, before
        pairs.append((trace(before), trace(after)))
    return pairs
