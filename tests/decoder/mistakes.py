"""Real torch networks with a mistake really made, and the words torch has for it."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from layerscope.network import Network
from layerscope.tracing import trace


def torch_words(call: Callable[[], Any]) -> str:
    """What torch says when it refuses; a call that runs is an error of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    raise AssertionError("torch does not refuse it")


def modules_of(network: Network) -> dict[str, nn.Module]:
    """The network's modules, built for what should arrive at each."""
    return {step.name: step.layer.torch_class(**step.arguments) for step in trace(network).steps}


def run(modules: dict[str, nn.Module], value: torch.Tensor, names: tuple[str, ...]) -> torch.Tensor:
    """The modules of these names, one after the other, on a value with its batch axis."""
    for name in names:
        value = modules[name](value)
    return value


def refused(network: Network, made: Network, value: torch.Tensor) -> str | None:
    """Torch's words when the layers of `made` run with the in-values that were right for `network`.

    That is the mistake of a learner: the numbers of one network, the forward pass of another. None where it runs.
    """
    right = {step.name: step.arguments for step in trace(network).steps}
    for layer in made.resolved:
        own = layer.arguments(tuple(value.shape[1:]))
        decided = {key: right[layer.name][key] for key in layer.decides if layer.name in right}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = layer.torch_class(**{**own, **decided}).eval()(value)
            except Exception as error:
                return f"{type(error).__name__}: {error}"
    return None
