"""Asking torch: what one layer makes of one input shape.

The real module is built without initialising its weights and run on a batch of zero, so shapes and errors come from
torch's own kernels while no weight is written or read. Answers are remembered by (layer without its name, shape),
which makes a rebuild after one move cost only the layers whose input or arguments changed.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import conv_flop_count, mm_flop

from layerscope.formula import Check, Formula
from layerscope.layers.base import Layer, Shape
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear

LARGEST_REAL_WEIGHT = 2**28
"""Weights beyond 1 GiB (of float32) are only thought of, on torch's meta device."""
LARGEST_SECOND_OPINION = 2**22


@dataclass(frozen=True)
class Answer:
    """What torch said. On failure the shapes are None, `message` is ours and `torch_message` torch's own."""

    arguments: dict[str, Any]
    output_shape: Shape | None = None
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: int = 0
    macs: int = 0
    checks: tuple[Check, ...] = ()
    mac_formula: Formula | None = None
    message: str | None = None
    torch_message: str = ""


def ask(layer: Layer, shape: Shape) -> Answer:
    """Build `layer` for an input of `shape` (no batch axis), run it, and remember what came of it."""
    return _ask(_Question(layer.signature, shape, layer))


class _Question:
    """The key of the memory: everything that torch's answer depends on, so not the layer's name."""

    __slots__ = ("_hash", "layer", "shape", "signature")

    def __init__(self, signature: tuple[Any, ...], shape: Shape, layer: Layer) -> None:
        self.signature, self.shape, self.layer = signature, shape, layer
        self._hash = hash((signature, shape))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self.shape == other.shape and self.signature == other.signature


@lru_cache(maxsize=4096)
def _ask(question: _Question) -> Answer:
    layer, shape = question.layer, question.shape
    complaint = layer.complaint(shape)
    arguments = layer.arguments(shape)
    if complaint is not None:
        return Answer(arguments, message=complaint, torch_message=_torch_words(layer, arguments, shape))
    try:
        module = _build(layer, arguments, shape)
        weight_shape, bias_shape, parameters = _weights(module)
        layer.prepare(module, shape)
        device = "meta" if _is_huge(layer, shape) else "cpu"
        with torch.no_grad():
            output = module(torch.empty(0, *shape, device=device))
        output_shape = tuple(output.shape[1:])
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        words = _torch_words(layer, arguments, shape) or _first_line(error)
        return Answer(arguments, message=f"{layer.type} cannot work on this input.", torch_message=words)
    if output.shape[0] != 0 or 0 in output_shape:
        return Answer(arguments, message=f"{layer.type} leaves no cells of {shape}.")
    mac_formula = layer.mac_formula(shape, output_shape)
    macs = _macs(layer, shape, weight_shape, output_shape)
    checks = tuple(_checks(layer, shape, output_shape, parameters, mac_formula, macs))
    return Answer(arguments, output_shape, weight_shape, bias_shape, parameters, macs, checks, mac_formula)


@cache
def _uninitialised(layer_type: type[Layer]) -> type[nn.Module]:
    """The real torch class, without the work of filling its weights with random numbers."""
    return type(layer_type.__name__, (layer_type.torch_class,), {"reset_parameters": lambda self: None})


def _is_huge(layer: Layer, shape: Shape) -> bool:
    formula = layer.parameter_formula(shape)
    return formula is not None and formula.value > LARGEST_REAL_WEIGHT


def _build(layer: Layer, arguments: dict[str, Any], shape: Shape) -> nn.Module:
    if _is_huge(layer, shape):
        with torch.device("meta"):
            return _uninitialised(type(layer))(**arguments).eval()
    return _uninitialised(type(layer))(**arguments).eval()


def _weights(module: nn.Module) -> tuple[Shape | None, Shape | None, int]:
    """Shapes of weight and bias, and the number of all learnable values."""
    weight, bias = (getattr(module, name, None) for name in ("weight", "bias"))
    count = sum(parameter.numel() for parameter in module.parameters())
    return (
        tuple(weight.shape) if isinstance(weight, torch.Tensor) else None,
        tuple(bias.shape) if isinstance(bias, torch.Tensor) else None,
        count,
    )


def _macs(layer: Layer, shape: Shape, weight: Shape | None, output: Shape) -> int:
    """Multiply-accumulates of one sample by torch's own rules, those of FlopCounterMode."""
    if isinstance(layer, AnyConvolution) and weight is not None:
        transposed = layer.torch_class.__name__.startswith("ConvTranspose")
        return int(conv_flop_count([1, *shape], list(weight), [1, *output], transposed=transposed)) // 2
    if isinstance(layer, Linear) and weight is not None:
        positions = prod(output[:-1])
        return int(mm_flop((positions, weight[1]), (weight[1], weight[0]))) // 2
    return 0


def _checks(
    layer: Layer,
    shape: Shape,
    output: Shape,
    parameters: int,
    mac_formula: Formula | None,
    macs: int,
) -> list[Check]:
    formulas = layer.output_formulas(shape)
    checks = [Check(f, size) for f, size in zip(formulas, output, strict=False)]
    if len(formulas) != len(output):
        checks.append(Check(Formula("output axes", "n", (("n", len(formulas)),), len(formulas)), len(output)))
    count = layer.parameter_formula(shape) or Formula("parameters", "0", (), 0)
    if count.value or parameters:
        checks.append(Check(count, parameters))
    if mac_formula is not None or macs:
        checks.append(Check(mac_formula or Formula("MACs", "0", (), 0), macs))
    return checks


def _torch_words(layer: Layer, arguments: dict[str, Any], shape: Shape) -> str:
    """What torch itself says when the layer is really run on one sample; "" where it says nothing or it would cost."""
    if prod(shape) > LARGEST_SECOND_OPINION or not _is_modest(layer, arguments, shape):
        return ""
    try:
        module = _uninitialised(type(layer))(**arguments).eval()
        with torch.no_grad():
            module(torch.zeros(1, *shape))
    except Exception as error:  # any refusal will do: its words are shown, nothing is decided by it
        return _first_line(error)
    return ""


def _is_modest(layer: Layer, arguments: dict[str, Any], shape: Shape) -> bool:
    """Whether building and running the layer for real would stay small, whatever was typed."""
    numbers = [n for v in arguments.values() for n in (v if isinstance(v, tuple) else (v,))]
    numbers = [abs(n) for n in numbers if type(n) in (int, float)]
    return all(n <= 4096 for n in numbers) and prod(max(int(n), 1) for n in numbers) * prod(shape) < 2**28


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
