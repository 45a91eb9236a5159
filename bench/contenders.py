"""Who is timed: torchinfo, fvcore and torch's FlopCounterMode, each in several modes, and ours.

A contender is a function without arguments that looks at one network and returns its totals. The
peers get their model already built; ours builds the network from its layers each time.
"""

import functools
import itertools
import logging
from collections.abc import Callable
from dataclasses import replace

import torch
import torchinfo
from fvcore.nn import FlopCountAnalysis, parameter_count
from torch.utils.flop_counter import FlopCounterMode

from bench.networks import MODULES, NETWORKS
from layerscope.network import Network
from layerscope.tracing import trace

logging.getLogger("fvcore").setLevel(logging.ERROR)

Totals = tuple[int, int]
"""Parameters and MACs; the peers count the latter by conventions of their own."""

Contender = Callable[[], Totals]
Look = Callable[[torch.nn.Module, torch.Tensor], Totals]

DEVICES = ("cpu", "meta")


def _torchinfo(model: torch.nn.Module, image: torch.Tensor) -> Totals:
    seen = torchinfo.summary(model, input_data=image, device=image.device, mode="eval", verbose=0)
    return seen.total_params, seen.total_mult_adds


def _fvcore(model: torch.nn.Module, image: torch.Tensor) -> Totals:
    count = FlopCountAnalysis(model, image)
    count.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return parameter_count(model)[""], int(count.total())


def _flop_counter(model: torch.nn.Module, image: torch.Tensor) -> Totals:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(image)
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2


PEERS: dict[str, Look] = {
    "torchinfo": _torchinfo,
    "fvcore": _fvcore,
    "FlopCounterMode": _flop_counter,
}


def peer(name: str, network: str, device: str) -> Contender:
    """A peer with its model built, on real tensors ("cpu") or on ones without data ("meta")."""
    build, shape = MODULES[network]
    with torch.device(device):
        model = build().eval()
        image = torch.empty(1, *shape) if device == "meta" else torch.zeros(1, *shape)
    return functools.partial(PEERS[name], model, image)


def ours(network: str) -> Contender:
    """Our whole way: new layers, a new Network, its trace with every step, and the totals."""
    original = NETWORKS[network]

    def look() -> Totals:
        layers = tuple(replace(layer) for layer in original.layers)
        return _traced(Network(original.input_shape, layers, original.classes))

    return look


def ours_after_a_move(network: str) -> Contender:
    """One slider move: the first layer gets a width that was never seen, the rest is remembered.

    The totals are those of the changed network, so they are no check on anything.
    """
    original = NETWORKS[network]
    first = original.layers[0].name
    widths = itertools.count(100)

    def look() -> Totals:
        return _traced(original.with_argument(first, "out_channels", next(widths)))

    return look


def _traced(network: Network) -> Totals:
    seen = trace(network)
    return seen.parameters, seen.macs
