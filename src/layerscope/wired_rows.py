"""Rows that name others: what kind of values each gets, and why one of them does not run."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from layerscope import ties, wiring
from layerscope.asking import Answer
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.layers.question import Kinds
from layerscope.network import Network


def kinds_of(network: Network) -> Sequence[Kinds]:
    """For each row, whether its inputs hold indices; nothing where all hold values."""
    inputs = [given.kind == "indices" for given in network.inputs]
    if not any(inputs) and not any(layer.makes_indices for layer in network.layers):
        return ()
    made, kinds = list[bool](), list[Kinds]()
    for layer, sources in zip(network.layers, network.wiring, strict=True):
        kinds.append(tuple([inputs[~row] if row < 0 else made[row] for row, _ in sources]))
        made.append(layer.makes_indices or (layer.passes_kind and all(kinds[-1])))  # torch makes values of both
    return kinds


def refusal(
    network: Network, place: int, layer: Layer, shapes: tuple[Shape, ...], said: Answer, answers: Mapping[str, Answer]
) -> str | None:
    """Why a row that names others, is called again, or holds their tensors does not run; None where it does.

    `layer` is the row with its width resolved; `answers` holds what torch said of the rows whose weights it uses.
    """
    message = said.message
    if message is not None or layer.of or len(shapes) < len(network.wiring[place]):
        message = unwired(network, place, shapes, said, answers[layer.of].arguments if layer.of else {})
    return untied(layer, said, answers) if layer.tied and message is None else message


def unwired(
    network: Network, place: int, shapes: tuple[Shape, ...], answer: Answer, owner: Mapping[str, Any]
) -> str | None:
    """Why a row that names other rows does not run. Layers know their inputs by number, the network by name.

    `owner` holds the arguments of the row whose module is called again.
    """
    layer = network.layers[place]
    if len(shapes) < len(network.wiring[place]):
        return _missing_output(network, place)
    if answer.message is not None:
        names = network.before(layer.name)
        return re.sub(r"\binput (\d+)\b", lambda number: names[int(number[1]) - 1], answer.message)
    return _other_weights(layer, answer, owner) if layer.of else None


def _missing_output(network: Network, place: int) -> str:
    """Why a row cannot read the output that it names."""
    layer = network.layers[place]
    for reference in layer.inputs:
        name, port = wiring.parts(reference)
        if port and port not in (ports := network[name].ports if name in network.names else ()):
            known = f"has the outputs {', '.join(ports)}" if ports else "has only one output"
            return f"{layer.name} reads output {port} of {name}, but {name} {known}."
    return f"{layer.name} reads an output that is not there."


def _other_weights(layer: Layer, answer: Answer, owner: Mapping[str, Any]) -> str | None:
    """Why the module of another row cannot be called with these inputs; None where it can."""
    for name in layer.decides:
        old, new = owner.get(name), answer.arguments.get(name)
        if old != new:
            return f"{layer.name} calls {layer.of} again, whose {name} is {old}, but its input needs {new}."
    return None


def untied(layer: Layer, answer: Answer, owners: Mapping[str, Answer]) -> str | None:
    """Why a row cannot hold the tensors of those rows, by name; None where it can."""
    for tensor, name in ties.named(layer):
        mine, other = (said.weight_shape if tensor == "weight" else said.bias_shape for said in (answer, owners[name]))
        if mine is None or other is None:
            lacking = layer.name if mine is None else name
            return f"{layer.name} and {name} share one {tensor}, but {lacking} has no {tensor}."
        if mine != other:
            return (
                f"{layer.name} and {name} share one {tensor}, but that of {name} is {_sizes(other)} and {layer.name} "
                f"needs {_sizes(mine)}."
            )
    return None


def _sizes(shape: Shape) -> str:
    return shape_text(shape) if len(shape) > 1 else f"{shape[0]:,} long"
