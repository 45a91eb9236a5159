"""Networks of which some rows hold tensors of others."""

from random import Random
from typing import Any

from torch import nn

from layerscope.network import Network
from layerscope.tracing import trace


def tied(network: Network) -> dict[str, tuple[str, ...]]:
    """The rows that hold tensors of others."""
    return {layer.name: layer.tied for layer in network.layers if layer.tied}


def total(built: nn.Module) -> int:
    return sum(weight.numel() for weight in built.parameters())


def with_random_ties(rng: Random, network: Network) -> Network:
    """The network with some of its tensors in the place of others of the same shape and name."""
    held: dict[tuple[str, Any], list[str]] = {}
    for step in trace(network).steps:
        if step.error is None and not step.layer.of and step.type != "Parameter":
            for tensor, shape in (("weight", step.weight_shape), ("bias", step.bias_shape)):
                if shape is not None:
                    held.setdefault((tensor, shape), []).append(step.name)
    for (tensor, _), names in held.items():
        for name in names:
            if len(names) > 1 and rng.random() < 0.6:
                other = rng.choice([each for each in names if each != name])
                network = network.with_tied(name, (*network[name].tied, f"{other}:{tensor}"))
    return network
