"""What a live module of torch's means in rows: its class by name, its arguments from its attributes."""

import inspect
from typing import Any

from torch import nn

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.modules.draft import Case, Draft
from layerscope.modules.record import Ref, refs


def row_type(module: nn.Module) -> type[Layer] | None:
    """The row type that stands for just this class."""
    kind = CATALOGUE.get(type(module).__name__)
    return kind if kind is not None and kind.torch_class is type(module) else None


def arguments(module: nn.Module, kind: type[Layer]) -> dict[str, Any]:
    """The arguments that a module was built with, read from its attributes, as the row type has them."""
    found: dict[str, Any] = {}
    for name in kind.parameters():
        value = _argument(module, name, kind)
        if value is not _UNTOLD:
            found[name] = _plain(value)
    return found


_UNTOLD = object()
_HELD = {"bias": "bias", "affine": "weight", "elementwise_affine": "weight", "learnable": "weight"}


def _argument(module: nn.Module, name: str, kind: type[Layer]) -> Any:
    if name in ("add_bias_kv",):
        return module.bias_k is not None
    if name == "bias" and isinstance(module, nn.MultiheadAttention):
        return module.in_proj_bias is not None
    value = getattr(module, name, _UNTOLD)
    if value is None and name == "bias":
        return False
    if isinstance(value, nn.Parameter):
        return True
    if name == "eps" and value is None:
        return _UNTOLD
    if name == "inplace":
        return bool(value)
    return value


def _plain(value: Any) -> Any:
    """A value as a row has it: one number where every axis has the same."""
    if isinstance(value, list | tuple):
        value = tuple(value)
        if len(value) > 1 and len(set(value)) == 1 and all(type(part) is int for part in value):
            return value[0]
    return value


def drafts(case: Case) -> list[Draft] | None:
    """The row for a module's call; None where there is no row type for its class."""
    module = case.call.module
    kind = row_type(module) if module is not None else None
    if kind is None or module is None:
        return None
    given = [part for part in (*case.call.args, *case.call.kwargs.values()) if isinstance(part, Ref)]
    if len(given) != len(list(refs(case.call.args, case.call.kwargs))):
        given = list(refs(case.call.args, case.call.kwargs))
    reads = tuple(part.value for part in given)
    if isinstance(module, nn.MultiheadAttention) and len(set(reads)) == 1:
        reads = reads[:1]
    return [Draft(kind.__name__, _known(module, kind), reads, path=case.call.path)]


def _known(module: nn.Module, kind: type[Layer]) -> dict[str, Any]:
    values = arguments(module, kind)
    shape_names = {"normalized_shape", "unflattened_size"}
    for name in shape_names & values.keys():
        value = getattr(module, name)
        values[name] = tuple(value) if isinstance(value, list | tuple) else (value,)
    return values


def made_with(module: nn.Module, name: str) -> Any:
    """What the module was built with, for arguments that the input decides: in_features."""
    return inspect.getattr_static(module, name, None)
