"""Networks that mean no good: each layer type with ordinary, extreme and wrong values, on inputs of every rank.

A case is text (see `repr`), so that a child process can be handed it, and one that crashes can be named.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from layerscope.catalogue import CATALOGUE, TORCH_LAYERS
from layerscope.layers.base import Layer
from layerscope.network import LARGEST_IMAGE, Network, NetworkError
from layerscope.parameter import LARGEST_WIDTH, Kind, Parameter
from tests.legal import legal_layer, legal_value

SIZES = (1, 2, 3, 7, 8, 28, 31, 224, 300, 512, 1000, 1024, 4095, 4096, 50_000, LARGEST_IMAGE - 1, LARGEST_IMAGE)
CHANNELS = (1, 2, 3, 4, 6, 16, 64, 512, 1000, 4096, LARGEST_WIDTH)
WRONG: tuple[Any, ...] = (
    -1, 0, 10**6, 10**9, 2**31, 2**63, 10**18, 0.5, 1e300, -1e300, True, None, "x", "same", (), (3,), (1, 2), (2,) * 3,
    (1024,) * 3, (None, 5), (10**6, 1), "1", 1e-300,
)  # fmt: skip
ORDINARY = {
    "kernel_size": (1, 2, 3, 5, 7, 11), "stride": (1, 2, 3, None), "padding": (0, 1, 2, "same"), "dilation": (1, 2),
    "out_channels": (1, 6, 16, 64, 512), "out_features": (10, 120, 4096), "output_size": (1, 7), "scale_factor": (2, 4),
    "groups": (1, 2), "num_groups": (1, 4), "upscale_factor": (2, 3), "size": (None, 5), "bias": (True, False),
}  # fmt: skip


def one_layer(rng: Random) -> Network:
    """A network of one layer, or of a few before it that make its input large or of another rank."""
    layer_type = CATALOGUE[rng.choice(tuple(CATALOGUE))]
    shape = (rng.choice(CHANNELS), *(rng.choice(SIZES) for _ in range(rng.randint(0, 3))))
    if layer_type.dims and rng.random() < 0.5:  # the right number of axes
        shape = (shape[0], *(rng.choice(SIZES) for _ in range(layer_type.dims)))
    if rng.random() < 0.3:
        shape = tuple(min(size, 64) for size in shape)
    before = [_layer(rng, CATALOGUE[rng.choice(tuple(CATALOGUE))], "a") for _ in range(rng.random() < 0.25)]
    return Network(shape, (*before, _layer(rng, layer_type, "b")), rng.choice((None, None, 10)))


def joined(rng: Random) -> Network:
    """A few rows that read any of those before them, their ports too, whether they fit or not."""
    shape = (rng.choice(CHANNELS), *(rng.choice(SIZES) for _ in range(rng.randint(0, 3))))
    if rng.random() < 0.6:
        shape = tuple(min(size, 8) for size in shape)
    names, rows = ["input"], list[Layer]()
    for place in range(rng.randint(1, 6)):
        layer_type = CATALOGUE[rng.choice(ROWS if rng.random() < 0.8 else tuple(CATALOGUE))]
        layer = _layer(rng, layer_type, f"row{place}")
        fewest, most = layer_type.takes
        count = max(min(rng.randint(fewest, fewest + 2), most), 0)
        rows.append(replace(layer, inputs=tuple(rng.choice(names) for _ in range(count))))
        names += [f"row{place}:{port}" for port in layer.ports] or [f"row{place}"]
    return Network(shape, tuple(rows))


def _layer(rng: Random, layer_type: type[Layer], name: str) -> Layer:
    kind = rng.random()
    if kind < 0.4:
        return legal_layer(rng, layer_type, name)
    layer = layer_type.fresh(name)
    for key, parameter in layer_type.parameters().items():
        if rng.random() < 0.5:
            layer = layer.with_chosen(key, _value(rng, key, parameter, layer_type.dims or 2, wrong=kind > 0.75))
    return layer


def _value(rng: Random, key: str, parameter: Parameter, axes: int, *, wrong: bool) -> Any:
    if wrong and rng.random() < 0.3:
        return rng.choice(WRONG)
    if key in ORDINARY and rng.random() < 0.6:
        return rng.choice(ORDINARY[key])
    if parameter.kind in (Kind.INTEGER, Kind.NUMBER) and rng.random() < 0.3:
        return parameter.high
    return legal_value(rng, parameter, axes)


def edited(rng: Random, network: Network) -> Network:
    """A known network after a few edits of any kind, extreme ones among them."""
    for _ in range(rng.randint(1, 4)):
        try:
            name = rng.choice(network.names)
            layer = network[name]
            match rng.randrange(5):
                case 0 | 1 if layer.parameters():
                    key = rng.choice(tuple(layer.parameters()))
                    value = _value(rng, key, layer.parameters()[key], layer.dims or 2, wrong=rng.random() < 0.3)
                    network = network.with_argument(name, key, value)
                case 2:
                    network = network.with_input(
                        (network.input_shape[0], *(rng.choice(SIZES) for _ in network.input_shape[1:]))
                    )
                case 3:
                    kind = CATALOGUE[rng.choice(tuple(CATALOGUE))]
                    place = rng.randint(0, len(network.layers))
                    network = network.insert(place, _layer(rng, kind, network.free_name(kind.stem)))
                case _:
                    network = network.remove(name)
        except NetworkError:
            continue
    return network


ROWS = tuple(name for name in CATALOGUE if name not in TORCH_LAYERS)
"""Rows of torch's functions."""
RANKS: tuple[tuple[int, ...], ...] = (
    (1,), (192,), (LARGEST_WIDTH,), (3, 50), (16, LARGEST_IMAGE), (LARGEST_WIDTH, 2), (3, 28, 28), (64, 300, 1000),
    (1, LARGEST_IMAGE, LARGEST_IMAGE), (2, 16, 16, 16), (4, 7, 300, LARGEST_IMAGE), (LARGEST_WIDTH,) * 4,
)  # fmt: skip
"""Inputs of every rank, ordinary ones and the largest."""


def _variants(layer_type: type[Layer]) -> Iterator[Layer]:
    """A layer as it is put in, and with each argument at its ends, far beyond them, and of another kind."""
    fresh = layer_type.fresh("a")
    yield fresh
    for name, parameter in layer_type.parameters().items():
        ends = (int(parameter.low), int(parameter.high), 10**6, *ORDINARY.get(name, ())[:1])
        values = parameter.words or (ends if parameter.kind is not Kind.SWITCH else (True, False))
        yield from (fresh.with_chosen(name, value) for value in (*values, "x", (2, 3)))


@cache
def grid() -> tuple[tuple[tuple[int, ...], Layer], ...]:
    """Every layer type in each of its variants, on every rank."""
    return tuple(
        (shape, layer) for layer_type in CATALOGUE.values() for layer in _variants(layer_type) for shape in RANKS
    )


def in_grid(number: int) -> Network:
    """The network in that place of the grid, which begins again at its end; neighbours are far apart in it."""
    shape, layer = grid()[number * 7_919 % len(grid())]
    return Network(shape, (layer,))
