"""Multiply-accumulates of one sample by torch's own rules, those of FlopCounterMode."""

import inspect
from collections.abc import Callable
from functools import cache, partial
from math import prod
from typing import Any

from torch import nn
from torch.utils.flop_counter import conv_flop_count, mm_flop

from layerscope.layers.base import Layer, Shape
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear
from layerscope.layers.opaque import Measured

Counting = Callable[[Any, nn.Module, tuple[Shape, ...], Any, Shape], int | None]
"""From a layer, its module and the shapes of its inputs, its weight and its first output. None: torch has to watch."""

_MATRIX_PRODUCT = inspect.unwrap(mm_flop)  # without the search for tensors in its arguments


@cache
def counting(layer_type: type[Layer]) -> Counting:
    """How the multiply-accumulates of layers of that type are counted."""
    if issubclass(layer_type, Measured):
        return lambda layer, *_: int(layer.macs)  # counted by those rules when the model ran
    if issubclass(layer_type, AnyConvolution):
        return partial(_convolution_macs, layer_type.torch_class.__name__.startswith("ConvTranspose"))
    if issubclass(layer_type, Linear):
        return _linear_macs
    return _product_macs if layer_type.multiplies else lambda *_: 0


def _convolution_macs(
    transposed: bool, layer: Layer, module: nn.Module, shapes: tuple[Shape, ...], weight: Shape, output: Shape
) -> int:
    return int(conv_flop_count([1, *shapes[0]], list(weight), [1, *output], transposed=transposed)) // 2


def _linear_macs(layer: Layer, module: nn.Module, shapes: tuple[Shape, ...], weight: Shape, output: Shape) -> int:
    return int(_MATRIX_PRODUCT((prod(output[:-1]), weight[1]), (weight[1], weight[0]))) // 2


def _product_macs(
    layer: Layer, module: nn.Module, shapes: tuple[Shape, ...], weight: Shape | None, output: Shape
) -> int | None:
    products = layer.products(module, *shapes)
    if products is None:
        return None
    return sum(times * int(_MATRIX_PRODUCT((n, k), (k, m))) for n, k, m, times in products) // 2
