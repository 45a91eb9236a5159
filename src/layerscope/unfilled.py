"""Building torch's modules without the work of filling their weights with random numbers.

Nothing of torch is changed for that, so it is safe among threads: a module's own filling is left out by a subclass,
that of modules inside it by a mode which holds for the thread and the moment in which they are built.
"""

from functools import cache
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from layerscope.layers.base import Layer

_FILLING = dict.fromkeys(("reset_parameters", "_reset_parameters"), lambda self: None)
_FILLING_CALLS = frozenset({"uniform_", "normal_", "fill_", "zero_"})
_PLAIN = frozenset({bool, int, float, str, tuple})
_BARE: dict[str, Any] = {
    name: value if isinstance(value, bool | None) else MappingProxyType({}) for name, value in vars(nn.Module()).items()
}
"""What every module begins with. A module that is only asked has no hooks: proxies stand where nothing is added."""


def build(layer: Layer, arguments: dict[str, Any], device: str = "cpu") -> nn.Module:
    """The real module of `layer`, ready for inference. Device and type are said: others may be torch's defaults."""
    kind, factory = _uninitialised(type(layer)), _factory(type(layer), device)
    if layer.has_parts:
        with Unfilled():
            return kind(**arguments, **factory).eval()
    module = kind(**arguments, **factory)
    if module._modules:
        return module.eval()
    module.training = False  # what `eval` does, without a look at modules inside
    return module


@cache
def _uninitialised(layer_type: type[Layer]) -> type[nn.Module]:
    """The real torch class, which leaves its weights as they are. What it takes from nn.Module is the quick way."""
    return type(layer_type.__name__, (layer_type.torch_class, _Quick), _FILLING)


class _Quick(nn.Module):
    """Does without what makes nn.Module slow and a module that is only asked never has: hooks, and names that clash.

    What the module holds is found among its plain attributes too, where Python looks first.
    """

    def __init__(self) -> None:
        self.__dict__.update(_BARE)
        self.__dict__.update(_parameters={}, _buffers={}, _modules={})

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(value)
        if kind in _PLAIN:
            self.__dict__[name] = value
        elif kind is nn.Parameter:
            self._parameters[name] = self.__dict__[name] = value
        else:
            self.__dict__.pop(name, None)
            super().__setattr__(name, value)

    def register_parameter(self, name: str, param: nn.Parameter | None) -> None:
        self._parameters[name] = self.__dict__[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        self._buffers[name] = self.__dict__[name] = tensor

    def __call__(self, *inputs: Tensor, **named: Any) -> Any:
        return self.forward(*inputs, **named)


@cache
def _factory(layer_type: type[Layer], device: str) -> dict[str, Any]:
    """Where the weights lie and of what type they are, as far as the module takes it."""
    taken = layer_type._signature()
    where = {"device": torch.device(device), "dtype": torch.float32}
    return {name: value for name, value in where.items() if name in taken}


class Unfilled(TorchFunctionMode):
    """Leaves tensors as they are where a module would fill them."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func.__name__ in _FILLING_CALLS or getattr(func, "__module__", None) == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
