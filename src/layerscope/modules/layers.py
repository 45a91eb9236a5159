"""What a live module of torch's means in rows: its class by name, its arguments from its attributes."""

from collections.abc import Callable
from inspect import signature
from typing import Any

from torch import nn
from torch.nn import functional

from layerscope.catalogue import CATALOGUE
from layerscope.layers.attention import MASKS
from layerscope.layers.base import Layer
from layerscope.modules.draft import Case, Draft
from layerscope.modules.record import refs

_UNTOLD = object()
_SHAPES = frozenset({"normalized_shape", "unflattened_size"})
"""Arguments that are a row of sizes even where they are alike."""

_ENCODER: dict[str, Callable[[Any], Any]] = {
    "nhead": lambda layer: layer.self_attn.num_heads,
    "dim_feedforward": lambda layer: layer.linear1.out_features,
    "dropout": lambda layer: layer.dropout.p,
    "activation": lambda layer: {functional.relu: "relu", functional.gelu: "gelu"}[layer.activation],
    "layer_norm_eps": lambda layer: layer.norm1.eps,
    "batch_first": lambda layer: layer.self_attn.batch_first,
    "bias": lambda layer: layer.linear1.bias is not None,
}
_KEPT_ELSEWHERE: dict[type[nn.Module], dict[str, Callable[[Any], Any]]] = {
    nn.MultiheadAttention: {
        "bias": lambda layer: layer.in_proj_bias is not None,
        "add_bias_kv": lambda layer: layer.bias_k is not None,
    },
    nn.TransformerEncoderLayer: _ENCODER,
    nn.TransformerDecoderLayer: _ENCODER,
}
"""Where torch keeps no argument under its own name."""


def row_type(module: nn.Module) -> type[Layer] | None:
    """The row type that stands for just this class."""
    kind = CATALOGUE.get(type(module).__name__)
    return kind if kind is not None and kind.torch_class is type(module) else None


def arguments(module: nn.Module, kind: type[Layer]) -> dict[str, Any]:
    """The arguments that a module was built with, as far as its attributes tell; the others keep their defaults."""
    found = {name: _argument(module, name) for name in kind.parameters()}
    return {name: _row(name, value) for name, value in found.items() if value is not _UNTOLD}


def _argument(module: nn.Module, name: str) -> Any:
    special = _KEPT_ELSEWHERE.get(type(module), {})
    if name in special:
        return special[name](module)
    value = getattr(module, name, _UNTOLD)
    if name == "bias" and (value is None or isinstance(value, nn.Parameter)):
        return value is not None
    return _UNTOLD if value is None and name == "eps" else value


def _row(name: str, value: Any) -> Any:
    """A value as a row has it: one number where every axis has the same."""
    if name in _SHAPES or not isinstance(value, list | tuple):
        return tuple(value) if isinstance(value, list) else value
    alike = len(value) > 1 and len({*value}) == 1 and type(value[0]) is int
    return value[0] if alike else tuple(value)


def drafts(case: Case) -> list[Draft] | None:
    """The row for a module's call; None where there is no row type for its class."""
    module = case.call.module
    kind = row_type(module) if module is not None else None
    if kind is None or module is None:
        return None
    try:
        values = arguments(module, kind)
    except (AttributeError, KeyError):  # somebody has changed its attributes: then it is none of torch's any more
        return None
    given = case.bound(*signature(module.forward).parameters)
    masks = tuple(ref.value for ref in refs([given.pop(name, None) for name in MASKS]))
    reads = tuple(ref.value for ref in refs(*given.values()))
    if isinstance(module, nn.MultiheadAttention) and len({*reads}) == 1:
        reads = reads[:1]
    return [Draft(kind.__name__, values, reads, path=case.call.path, masks=masks)]
