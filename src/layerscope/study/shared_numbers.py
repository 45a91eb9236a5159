"""The numbers of a formula besides what it reads: arguments, weights, and statistics that values share."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from layerscope.layers.activation import LogSoftmax, Softmax, Softmin
from layerscope.layers.base import Layer
from layerscope.layers.layer_norms import LayerNorm, RMSNorm
from layerscope.layers.normalization import GroupNorm

Numbers = Mapping[str, float | Tensor]
_SHARES = Softmax, LogSoftmax, Softmin
_LAST_AXES = LayerNorm, RMSNorm


def numbers(layer: Layer, module: nn.Module, given: Tensor, made: Tensor, names: frozenset[str]) -> Numbers:
    """The numbers of those names, each one number or a tensor that broadcasts to the output.

    What a mean or a sum goes over is double precision, as torch adds up in several lanes. Tensors have no batch axis.
    """
    arguments = {name: value for name, value in vars(layer).items() if name in names and type(value) in (int, float)}
    if names == arguments.keys():
        return arguments
    x = given.double()
    ways: dict[str, Callable[[], float | Tensor]] = {
        "mean": lambda: _running(module, "running_mean", x, lambda: _mean(layer, x, x)),
        "variance": lambda: _running(module, "running_var", x, lambda: _variance(layer, x)),
        "mean_of_squares": lambda: _mean(layer, x, x**2),
        "eps": lambda: torch.finfo(given.dtype).eps,
        "total": lambda: _total(layer, x.exp()),
        "total_of_opposites": lambda: _total(layer, (-x).exp()),
        "weight": lambda: _own(layer, module, "weight", made),
        "bias": lambda: _own(layer, module, "bias", made),
        "column": lambda: torch.arange(made.shape[-1]),
    }
    return arguments | {name: ways[name]() for name in names - arguments.keys()}


def _running(module: nn.Module, name: str, x: Tensor, own: Callable[[], Tensor]) -> Tensor:
    """A running average of each channel; where the module keeps none, the sample's own statistics."""
    kept: Tensor | None = getattr(module, name, None)
    return own() if kept is None else _by_channel(kept, x)


def _mean(layer: Layer, x: Tensor, values: Tensor) -> Tensor:
    """The mean of what is normalized together, at each of its places: the last axes, a group of channels, or one."""
    if isinstance(layer, _LAST_AXES):
        normalized = layer.arguments(tuple(x.shape))["normalized_shape"]
        axes = len(normalized) if isinstance(normalized, tuple) else 1
        return values.mean(tuple(range(-axes, 0)), keepdim=True)
    groups = layer.num_groups if isinstance(layer, GroupNorm) else len(x)
    return values.reshape(groups, -1).mean(1, keepdim=True).expand(groups, x.numel() // groups).reshape(x.shape)


def _variance(layer: Layer, x: Tensor) -> Tensor:
    return _mean(layer, x, (x - _mean(layer, x, x)) ** 2)


def _total(layer: Layer, values: Tensor) -> Tensor:
    """The sum along the axis of a softmax; over the batch each value is its own."""
    assert isinstance(layer, _SHARES)
    axis = layer.axis(tuple(values.shape)) - 1
    return values if axis < 0 else values.sum(axis, keepdim=True)


def _own(layer: Layer, module: nn.Module, name: str, made: Tensor) -> Tensor:
    """A tensor of the module's: one number for each place of the last axes, or for each channel."""
    tensor: Tensor = getattr(module, name).detach()
    return tensor if isinstance(layer, _LAST_AXES) else _by_channel(tensor, made)


def _by_channel(tensor: Tensor, values: Tensor) -> Tensor:
    return tensor.reshape(-1, *[1] * (values.ndim - 1))
