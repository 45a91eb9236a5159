"""The real module that torch is asked of for one layer: no more of it is built than the answer needs."""

from functools import lru_cache, reduce
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.layers.question import Question
from layerscope.layers.several import SeveralInputs
from layerscope.unfilled import build

NO_PREPARING = (Layer.prepare, SeveralInputs.prepare)
"""The `prepare` of layers whose modules need none."""


class Probe(NamedTuple):
    """A real module, ready for inference, where its weights lie, and what is learnable in it."""

    module: nn.Module
    device: str
    weight_shape: Shape | None
    bias_shape: Shape | None
    parameters: int

    @classmethod
    def of(cls, layer: Layer, module: nn.Module, device: str) -> "Probe":
        """Modules inside count too, and those that are equal to one that was built."""
        shapes = {name: tuple(value.shape) for name, value in module._parameters.items() if value is not None}
        count = _learnable(module) if module._modules else sum(map(prod, shapes.values()))
        for name, path in layer.repeats.items():
            count += (layer.chosen[name] - 1) * _learnable(module.get_submodule(f"{path}.0"))
        return cls(module, device, shapes.get("weight"), shapes.get("bias"), count)


def _learnable(module: nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())


def probe(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...], count: Formula | None) -> Probe:
    """The module for inputs of these shapes. A small one serves for all shapes that decide the same."""
    if layer.repeats:
        single = reduce(lambda one, name: one.with_chosen(name, 1), layer.repeats, layer)
        count = single.parameter_formula(*shapes)
    weights, tables = count.value if count else 0, layer.tables(*shapes)
    if weights + tables <= limits.KEPT_WEIGHT.most and type(layer).prepare in NO_PREPARING:
        return kept(Question(layer, tuple(layer.decided(*shapes).items())))
    if weights <= limits.REAL_WEIGHT.most and tables <= limits.TABLES.most:
        return Probe.of(layer, build(layer, asked(layer, arguments)), "cpu")
    module = build(layer, asked(layer, arguments), "meta")
    if not isinstance(layer, Linear) and not tables:
        return Probe.of(layer, module, "meta")  # the first question to that device takes torch a second, once a process
    for hold, tensors in ((module.register_parameter, module._parameters), (module.register_buffer, module._buffers)):
        for name, value in tensors.items():
            if value is not None:
                hold(name, _stand_in(value))
    return Probe.of(layer, module, "cpu")


@lru_cache(maxsize=128)
def kept(question: Question) -> Probe:
    """The module of a layer whose question names what the input decides, in place of the shapes of inputs."""
    layer = question.layer
    return Probe.of(layer, build(layer, asked(layer, layer.chosen | dict(question.given))), "cpu")


def asked(layer: Layer, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the module that torch is asked of: one is built of modules that are equal and stand in a row."""
    several = [name for name in layer.repeats if type(arguments.get(name)) is int and arguments[name] > 1]
    return layer.asked(arguments) | dict.fromkeys(several, 1)


def _stand_in(tensor: Tensor) -> Any:
    """One number that stands in all places of `tensor`: real, of the same shape, and of no size to speak of."""
    return torch.zeros((), dtype=tensor.dtype, device="cpu").expand(tensor.shape)
