"""Written code, really run."""

from collections.abc import Iterator
from random import Random
from typing import Any

import torch
from torch import nn

from layerscope.network import Network
from layerscope.tracing import trace
from tests.oracle import random_network


def built(source: str, device: str = "cpu") -> nn.Module:
    """The module that the code makes, ready for inference. Nothing but the code's own imports is there."""
    space: dict[str, Any] = {"__name__": "written"}
    with torch.device(device):
        exec(compile(source, "written.py", "exec", dont_inherit=True), space)
        module = space["network"] if "network" in space else space["Network"]()
    assert isinstance(module, nn.Module)
    return module.eval()


def random_runnable(count: int, first_seed: int = 0) -> Iterator[Network]:
    """Random networks that run."""
    seed = first_seed
    while count:
        network = random_network(Random(seed))
        seed += 1
        if network.layers and trace(network).error is None:
            count -= 1
            yield network
