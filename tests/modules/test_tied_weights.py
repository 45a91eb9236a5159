"""One tensor in several modules: it counts once, in the summary and wherever the network goes from there."""

from itertools import pairwise
from random import Random

import pytest
import torch
from torch import nn

import layerscope
from layerscope.building import BuildError, module
from layerscope.interchange import from_json, to_json
from layerscope.layers.opaque import Measured
from layerscope.link import decode, encode
from layerscope.network import Network
from layerscope.source.reader import read
from layerscope.tracing import trace
from tests.large import one_in

SEEDS = range(120)


def total(model: nn.Module) -> int:
    """What people compute: `parameters()` gives a tensor that several modules hold once."""
    return sum(weight.numel() for weight in model.parameters())


class Words(nn.Module):
    """Indices through an embedding and Linears, some back and forth between the two widths."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        width = rng.choice((8, 12))
        self.embed = nn.Embedding(20, width, padding_idx=rng.choice((None, 0)))
        widths = [width, *(rng.choice((width, 20)) for _ in range(rng.randint(1, 6)))]
        self.parts = nn.ModuleList(nn.Linear(*pair, bias=rng.random() < 0.6) for pair in pairwise(widths))
        self.norms = nn.ModuleList(nn.LayerNorm(wide, eps=rng.choice((1e-5, 1e-3))) for wide in widths[1:])

    def forward(self, x):
        x = self.embed(x)
        for part, norm in zip(self.parts, self.norms, strict=True):
            x = norm(part(x))
        return x


class Maps(nn.Module):
    """Convolutions and batch norms of the same widths, with other strides and paddings."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self.parts = nn.ModuleList()
        for _ in range(rng.randint(2, 6)):
            stride, bias = rng.choice((1, 1, 2)), rng.random() < 0.6
            self.parts.append(nn.Conv2d(4, 4, 3, stride=stride, padding=rng.choice((1, 2)), bias=bias))
            if rng.random() < 0.4:
                self.parts.append(nn.BatchNorm2d(4))
            if rng.random() < 0.3:
                self.parts.append(rng.choice([*self.parts]))  # a whole module called again

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x


def tied(rng: Random, model: nn.Module) -> nn.Module:
    """The model with some of its tensors put in the place of others of the same shape, in other modules or not."""
    held = [(part, name) for part in model.modules() for name in part._parameters if part._parameters[name] is not None]
    for part, name in held:
        alike = [(other, key) for other, key in held if getattr(other, key).shape == getattr(part, name).shape]
        if rng.random() < 0.5:
            other, key = rng.choice(alike)
            setattr(part, name, getattr(other, key))
    return model


def tied_pairs(rng: Random, model: nn.Module) -> nn.Module:
    """The same with weight and bias at once, as whole modules are tied."""
    parts = [part for part in model.modules() if part._parameters]
    for part in parts:

        def shapes(one: nn.Module) -> dict[str, object]:
            return {name: weight.shape for name, weight in one.named_parameters(recurse=False)}

        alike = [other for other in parts if type(other) is type(part) and shapes(other) == shapes(part)]
        if rng.random() < 0.5:
            other = rng.choice(alike)
            for name in shapes(part):
                setattr(part, name, getattr(other, name))
    return model


def drawn(seed: int) -> tuple[nn.Module, torch.Tensor]:
    """A model with tied weights, and two samples for it."""
    rng = Random(seed)
    kind = rng.choice((Words, Maps))
    model = rng.choice((tied, tied_pairs))(rng, kind(rng)).eval()
    return model, torch.zeros(2, 7, dtype=torch.long) if kind is Words else torch.zeros(2, 4, 20, 20)


@pytest.mark.parametrize("seed", one_in(3, SEEDS))
def test_totals_are_torchs_wherever_the_network_goes(seed: int) -> None:
    model, sample = drawn(seed)
    seen = layerscope.summary(model, input_data=sample)
    assert seen.error is None
    assert seen.parameters == total(model)
    assert seen.frame()["parameters"].sum() == sum(line.parameters for line in seen.lines) == total(model)
    assert f"{total(model):,}" in repr(seen)
    assert seen.trace.output_shape == tuple(model(sample).shape[1:])
    for network in (decode(encode(seen.network)), from_json(to_json(seen.network))):
        assert network == seen.network
        assert trace(network).parameters == total(model)
    if any(isinstance(layer, Measured) for layer in seen.network.layers):
        assert all(name in repr(seen) for name in seen.sharing)
        with pytest.raises(BuildError, match="for which there is no layer type here"):
            module(seen.network)
        return
    built = module(seen.network)
    assert total(built) == total(model)
    assert built(sample).shape == model(sample).shape
    assert _read_back(seen.network).layers == seen.network.layers


def _read_back(network: Network) -> Network:
    return read(layerscope.write(network), [given.shape for given in network.inputs])


def test_both_ways_are_met() -> None:
    """The seeds above hold ties that a row can hold and ties that it cannot; each must be met often."""
    met = {"of": 0, "tied": 0, "measured": 0}
    for seed in SEEDS[::3]:
        model, sample = drawn(seed)
        network = layerscope.from_module(model, input_data=sample)
        met["of"] += any(layer.of for layer in network.layers)
        met["tied"] += any(layer.tied for layer in network.layers)
        met["measured"] += any(isinstance(layer, Measured) for layer in network.layers)
    assert min(met.values()) > len(SEEDS) // 18, met


def test_the_weights_of_another_stride_are_not_that_module_called_again() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1, stride=2))
    model[1].weight, model[1].bias = model[0].weight, model[0].bias
    seen = layerscope.summary(model, (1, 3, 8, 8))
    assert seen.trace.output_shape == (3, 4, 4)
    assert seen.parameters == total(model) == 84
    first, second = seen.network.names
    assert seen.network[second].tied == (f"{first}:weight", f"{first}:bias")
    assert seen.network[second].of == ""
