"""Legal values of every parameter of every layer type, and networks made of them, whether they run or not."""

from dataclasses import replace
from random import Random
from typing import Any

from layerscope.catalogue import CATALOGUE, MEASURED
from layerscope.layers.base import Layer
from layerscope.network import LARGEST_IMAGE, Input, Network
from layerscope.parameter import Kind, Parameter

TYPES = tuple(known for known in CATALOGUE.values() if known not in MEASURED)
CHAINED = tuple(known for known in TYPES if known.takes[0] <= 1 <= known.takes[1])
"""Those that can stand in a chain."""
NAMES = ("conv2", "relu1", "fc1", "out", "as", "n", "x", "_", "_a", "Z9", "z", "a" * 40, "Conv2d", "my_layer")


def legal_value(rng: Random, parameter: Parameter, axes: int) -> Any:
    """A value that the parameter itself does not complain about, of any of its forms."""
    if parameter.optional and rng.random() < 0.2:
        return None
    if parameter.words and (parameter.kind is Kind.CHOICE or rng.random() < 0.2):
        return rng.choice(parameter.words)
    if parameter.kind is Kind.WORD:
        return rng.choice(("einsum", "Attention"))
    if parameter.kind is Kind.SHAPE:
        many = tuple(_integer(rng, parameter) for _ in range(rng.randint(1, 4)))
        return many[0] if parameter.bare and rng.random() < 0.3 else many
    if parameter.per_axis and rng.random() < 0.4:
        parts = tuple(_number(rng, parameter) for _ in range(axes))
        return (None, *parts[1:]) if parameter.keeps_size and rng.random() < 0.4 else parts
    return _number(rng, parameter)


def _number(rng: Random, parameter: Parameter) -> Any:
    if parameter.kind is Kind.SWITCH:
        return rng.random() < 0.5
    if parameter.kind is Kind.INTEGER:
        return _integer(rng, parameter)
    low, high = parameter.low, parameter.high
    picked = (low, high, rng.uniform(low, high), rng.random() * 10.0 ** -rng.randint(0, 12), int(high), 0.5, 1.0, 1e-5)
    value = rng.choice(picked)
    return value if low <= value <= high else low


def _integer(rng: Random, parameter: Parameter) -> int:
    low, high = int(parameter.low), int(parameter.high)
    return rng.choice((low, high, rng.randint(low, high), rng.randint(low, min(high, 9))))


def legal_layer(rng: Random, layer_type: type[Layer], name: str) -> Layer:
    """A layer of that type with legal values, most of them torch's defaults where there are any."""
    axes = layer_type.dims or 2
    if layer_type.__name__ == "ZeroPad2d":
        axes = 4
    fresh = layer_type.fresh(name)
    for key, parameter in layer_type.parameters().items():
        if rng.random() < 0.6:
            fresh = fresh.with_chosen(key, legal_value(rng, parameter, axes))
    return fresh


def legal_network(rng: Random, longest: int = 12) -> Network:
    """A network of legal layers in any order: few run, but each of them can be had by moving controls."""
    channels = rng.choice((1, 3, rng.randint(1, 65_536)))
    shape = (channels, *(rng.randint(1, LARGEST_IMAGE) for _ in range(rng.randint(0, 3))))
    network = Network(shape, (), rng.choice((None, 1, 10, rng.randint(1, 65_536))))
    for _ in range(rng.randint(0, longest)):
        layer_type = rng.choice(CHAINED)
        name = rng.choice(NAMES) if rng.random() < 0.2 else network.free_name(layer_type.stem)
        if name in network.names or name == "as":  # a keyword of Python's
            name = network.free_name(layer_type.stem)
        network = network.insert(rng.randint(0, len(network.layers)), legal_layer(rng, layer_type, name))
    return network


GIVEN = (
    (Input("input", (3, 8, 8)),),
    (Input("input", (5, 7)),),
    (Input("input", (16,)),),
    (Input("input", (5,), "indices", 9),),
    (Input("x", (5, 7)), Input("y", (5, 7))),
)


def legal_graph(rng: Random, longest: int = 3) -> Network:
    """Legal rows of any type that read any values before them, in blocks or in none; a fifth of such networks run."""
    inputs = rng.choice(GIVEN)
    values = [given.name for given in inputs]
    rows: list[Layer] = []
    for place in range(rng.randint(1, longest)):
        layer_type = rng.choice(TYPES)
        row = legal_layer(rng, layer_type, f"{rng.choice(('', '', '', 'a.', 'b.0.'))}{layer_type.stem}{place}")
        fewest, most = layer_type.takes
        count = rng.randint(fewest, min(most, max(fewest, 3)))
        names_nothing = count == 1 and rng.random() < 0.4
        row = replace(row, inputs=() if names_nothing else tuple(rng.choice(values[-6:]) for _ in range(count)))
        rows.append(row)
        values += [row.name, *(f"{row.name}:{port}" for port in row.ports[1:5])]
    names = [row.name for row in rows]
    outputs = tuple(rng.sample(names, 2)) if len(names) > 1 and rng.random() < 0.3 else ()
    return Network(inputs[0].shape, tuple(rows), rng.choice((None, 10)), inputs, outputs)
