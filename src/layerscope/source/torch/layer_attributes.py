"""Attributes of torch's layers: reading and tying their weights, and setting arguments after they were made."""

import ast
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.source.python.values import Unknown
from layerscope.source.torch import adding
from layerscope.source.torch.layers import argument
from layerscope.source.torch.modules import KEPT, LayerModule, Learned, UnknownParameter
from layerscope.source.torch.tensor import Tensor, Weights
from layerscope.source.torch.worlds import shared, world_of
from layerscope.ties import TENSORS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_OTHER_TENSORS = ("weight_", "bias_", "in_proj_")
"""What the parameters of recurrent layers and of attention begin with."""
LIVE = frozenset({"stride", "padding", "dilation", "p", "ceil_mode", "inplace", "negative_slope", "eps", "momentum"})
"""Attributes that a layer's forward looks at; all others were used when its weights were made."""


def weight(run: "Evaluator", module: LayerModule, name: str, node: ast.AST) -> Any:
    """layer.weight, norm.running_mean: a tensor where all is written that decides its sizes."""
    layer = module.layer
    if layer is None:
        return run.unknown(node)
    decided = {each.parameter: each.value for each in module.in_values}
    shape = adding.weight_shape(layer, decided, name)
    if shape is None and (name in KEPT or (name == "bias" and layer.chosen.get("bias") is False)):
        return None  # a norm with track_running_stats=False, a layer with bias=False
    if shape is None:
        unknown = run.unknown(node)
        return UnknownParameter(unknown.quote, unknown.why, node, parameter=(module, name))
    if name in KEPT:
        return Tensor(shape, node=node, owner=module)
    weights = frozenset({Weights((id(module), name), prod(shape))})
    return Tensor(shape, weights=weights, node=node, owner=module, parameter=(module, name))


STACKS = {"encoder": "TransformerEncoder", "decoder": "TransformerDecoder"}
"""What an nn.Transformer holds, each with a LayerNorm at its end."""


def part(module: LayerModule, name: str) -> LayerModule | None:
    """transformer.encoder: the layers that a Transformer holds, made with its arguments; None for anything else."""
    if module.type != "Transformer" or name not in STACKS or module.layer is None:
        return None
    if name not in module.parts:
        chosen = module.layer.chosen
        values = {key: chosen[key] for key in CATALOGUE[STACKS[name]].parameters() if key in chosen}
        values |= {"num_layers": chosen[f"num_{name}_layers"], "norm": True}
        layer = shared(CATALOGUE[STACKS[name]], values)
        module.parts[name] = LayerModule(
            STACKS[name], module.node, layer, module.in_values, name=name, owner=module, untold=module.untold
        )
    return module.parts[name]


def changed(run: "Evaluator", module: LayerModule, name: str, value: Any) -> bool:
    """layer.weight = other.weight: from now on it is one tensor, which both hold."""
    if run.asides and not run.making:
        return True
    value = value.tensor if isinstance(value, Learned) else value
    if value is None and name in TENSORS and module.layer is not None:
        _remove(module, module.layer, name)
        return True
    if name in TENSORS and isinstance(value, Tensor | UnknownParameter) and value.parameter is not None:
        module.given[name] = value
        world_of(run).changed(module)
        if value.parameter[1] not in ("", name):
            run.remarks.note(
                f"{name} of one layer and {value.parameter[1]} of another are the same tensor here; PyTorch counts "
                "it once, the table counts both.", module.node,
            )  # fmt: skip
        return True
    if isinstance(value, Unknown) and name.startswith(_OTHER_TENSORS):
        run.remarks.note(
            f"The code does not say which tensor {name} is set to; if two layers share it, PyTorch counts it once, "
            "the table counts both.", module.node,
        )  # fmt: skip
    if module.layer is not None and name in module.layer.chosen:
        return _set(run, module, module.layer, name, value)
    return True


def _remove(module: LayerModule, layer: Layer, name: str) -> None:
    """layer.bias = None: it has none from now on."""
    if name == "bias" and "bias" in layer.parameters():
        module.layer = layer.with_chosen("bias", False)
    else:
        module.removed = (*module.removed, name)


def _set(run: "Evaluator", module: LayerModule, layer: Layer, name: str, value: Any) -> bool:
    """conv.stride = (1, 1) takes effect; fc.out_features = 10 changes no weight."""
    if name in LIVE and not isinstance(value, Unknown):
        module.layer = layer.with_chosen(name, argument(run, value, name, module.node))
        return True
    shown = f"{getattr(module, 'path', '') or module.name or layer.type}.{name}"
    run.remarks.note(
        f"Setting {shown} changes no weight: the layer stays as it was made. Replace it with a new layer.", module.node
    )
    return False
