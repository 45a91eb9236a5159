"""Round trip: what is written reads back as the very same network."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest

from layerscope.layers.base import Layer, per_axis
from layerscope.layers.layer_norms import LayerNorm
from layerscope.layers.linear import Linear
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.reader import read
from layerscope.source.writer import Style, write
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.legal import legal_network
from tests.oracle import random_network

OPTIONS: list[dict[str, Any]] = [
    {"hints": hints, "shapes": shapes} for hints, shapes in product((False, True), repeat=2)
]


def facts(network: Network) -> tuple[Any, ...]:
    """All that the network says to torch; to Python 2.0 equals 2, to torch it does not."""
    rows = tuple((layer.name, signature(layer)) for layer in network.resolved)
    return network.input_shape, network.classes, rows


def signature(layer: Layer) -> tuple[Any, ...]:
    """What a parameter's readers see of it is told from them."""
    return layer.with_chosen("ndim", None).signature if layer.type == "Parameter" else layer.signature


def as_read(network: Network) -> Network:
    """The network with each LayerNorm as reading takes it: `normalized_shape` is an in-value like in_features.

    One that covers all that arrives follows it; one that covers the last axes keeps only how many they are.
    """
    for name in network.names:
        step = trace(network).by_name.get(name)
        wanted = network[name].chosen.get("normalized_shape")
        if step is None or wanted is None:
            continue
        axes, arriving = len(per_axis(wanted, 1)), step.input_shape
        if axes == len(arriving):
            network = network.with_argument(name, "normalized_shape", None)
        elif axes < len(arriving) and per_axis(wanted, 1) != arriving[-axes:]:
            network = network.with_argument(name, "normalized_shape", arriving[-axes:])
    return network


def check(network: Network, style: Style, **options: Any) -> None:
    code = write(network, style, **options)
    assert facts(read(code)) == facts(as_read(network)), code


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("key", CHAINS)
def test_every_preset(key: str, style: Style) -> None:
    for options in OPTIONS:
        check(PRESETS[key], style, **options)


@pytest.mark.parametrize("make", [legal_network, random_network], ids=["legal", "random"])
@pytest.mark.parametrize("style", Style)
def test_random_networks(make: Callable[[Random], Network], style: Style, thorough: bool) -> None:
    for seed in range(6_000 if thorough else 50):  # with both kinds and three styles, 36,000 networks or 300
        network = make(Random(f"{style.value} {seed}"))
        if network.layers:
            check(network, style, **OPTIONS[seed % 4])


@pytest.mark.parametrize("style", Style)
def test_a_normalized_shape_that_is_not_known(style: Style) -> None:
    check(Network((3,), (Linear(name="fc1", out_features=0), LayerNorm(name="ln1"))), style)


@pytest.mark.parametrize("style", Style)
def test_names_that_torch_uses_itself(style: Style) -> None:
    names = ("forward", "forward_", "training", "__a", "__init__", "append", "_", "t", "self")
    check(
        replace(
            PRESETS["fashion-mnist-cnn"],
            layers=tuple(
                replace(layer, name=name)
                for layer, name in zip(PRESETS["fashion-mnist-cnn"].layers, names, strict=False)
            ),
        ),
        style,
    )
