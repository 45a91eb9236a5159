"""Building torch's modules without the work of filling their weights with random numbers.

Nothing of torch is changed for that, so it is safe among threads: a module's own filling is left out by a subclass,
that of modules inside it by a mode which holds for the thread and the moment in which they are built.
"""

from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from layerscope.layers.base import Layer

_FILLING = dict.fromkeys(("reset_parameters", "_reset_parameters"), lambda self: None)
_FILLING_CALLS = frozenset({"uniform_", "normal_", "fill_", "zero_"})
_PLAIN = frozenset({bool, int, float, str, tuple})


def build(layer: Layer, arguments: dict[str, Any], device: str = "cpu") -> nn.Module:
    """The real module of `layer`, ready for inference. Device and type are said: others may be torch's defaults."""
    kind, factory = _uninitialised(type(layer)), _factory(type(layer), device)
    if not layer.has_parts:
        return kind(**arguments, **factory).eval()
    with _Unfilled():
        return kind(**arguments, **factory).eval()


@cache
def _uninitialised(layer_type: type[Layer]) -> type[nn.Module]:
    """The real torch class, which leaves its weights as they are."""
    return type(layer_type.__name__, (_Quick, layer_type.torch_class), _FILLING)


class _Quick(nn.Module):
    """Sets plain attributes without Module's search for parameters and submodules in them, a third of the cost."""

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) in _PLAIN:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)


@cache
def _factory(layer_type: type[Layer], device: str) -> dict[str, Any]:
    """Where the weights lie and of what type they are, as far as the module takes it."""
    taken = layer_type._signature()
    return {name: value for name, value in (("device", device), ("dtype", torch.float32)) if name in taken}


class _Unfilled(TorchFunctionMode):
    """Leaves tensors as they are where a module would fill them."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func.__name__ in _FILLING_CALLS or getattr(func, "__module__", None) == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
