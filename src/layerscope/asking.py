"""Asking torch: what one layer makes of one input shape.

The real module is built without initialising its weights and run on a batch of zero, so shapes and errors come from
torch's own kernels while no weight is written or read. Answers are remembered by (layer without its name, shape),
which makes a rebuild after one move cost only the layers whose input or arguments changed.
"""

import inspect
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache, lru_cache
from math import prod
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import conv_flop_count, mm_flop

from layerscope.formula import Check, Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear

LARGEST_REAL_WEIGHT = 2**28
"""Weights beyond 1 GiB (of float32) are only thought of, on torch's meta device."""
LARGEST_REAL_AVERAGE = 2**22
"""So are layers with more channels: their running averages would be written, not only allocated."""
LARGEST_SECOND_OPINION = 2**22

_MATRIX_PRODUCT = inspect.unwrap(mm_flop)  # without the search for tensors in its arguments


class Answer(NamedTuple):
    """What torch said. On failure the shapes are None, `message` is ours and `torch_message` torch's own."""

    arguments: dict[str, Any]
    output_shape: Shape | None = None
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: int = 0
    macs: int = 0
    checks: tuple[Check, ...] = ()
    message: str | None = None
    torch_message: str = ""


def ask(layer: Layer, shape: Shape) -> Answer:
    """Build `layer` for an input of `shape` (no batch axis), run it, and remember what came of it.

    Call it under `torch.no_grad`, which is entered once for a whole walk.
    """
    try:
        question = _Question(layer.signature, shape, layer)
    except TypeError:  # a value that cannot be remembered, such as a dict, is never one that torch takes
        return Answer(layer.arguments(shape), message=layer.complaint(shape) or "A value is of no known kind.")
    return _ask(question)


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
    count = layer.parameter_formula(shape)
    device = "meta" if _is_huge(layer, arguments, count) else "cpu"
    try:
        module = _module(layer, arguments, device)
        weight_shape, bias_shape, parameters = _weights(module)
        layer.prepare(module, shape)
        output = module(torch.empty(0, *shape, device=device))
        output_shape = tuple(output.shape[1:])
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        words = _torch_words(layer, arguments, shape) or first_line(error)
        return Answer(arguments, message=f"torch does not run it: {words}", torch_message=words)
    if output.shape[0] != 0 or 0 in output_shape:
        return Answer(arguments, message=f"{layer.type} leaves no cells of {shape}.")
    mac_formula = layer.mac_formula(shape, output_shape)
    macs = _macs(layer, shape, weight_shape, output_shape)
    checks = tuple(_checks(layer.output_formulas(shape), output_shape, count, parameters, mac_formula, macs))
    return Answer(arguments, output_shape, weight_shape, bias_shape, parameters, macs, checks)


@cache
def _uninitialised(layer_type: type[Layer]) -> type[nn.Module]:
    """The real torch class, without the work of filling its weights with random numbers."""
    return type(layer_type.__name__, (_Quick, layer_type.torch_class), {"reset_parameters": lambda self: None})


class _Quick(nn.Module):
    """Sets plain attributes without Module's search for parameters and submodules in them, a third of the cost."""

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) in _PLAIN:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)


_PLAIN = frozenset({bool, int, float, str, tuple})


def _is_huge(layer: Layer, arguments: dict[str, Any], count: Formula | None) -> bool:
    widest = max((arguments[name] for name in layer.decides), default=0)
    return widest > LARGEST_REAL_AVERAGE or (count is not None and count.value > LARGEST_REAL_WEIGHT)


def _module(layer: Layer, arguments: dict[str, Any], device: str) -> nn.Module:
    """The real module, ready for inference. One that no shape has a say in serves for every shape."""
    if not layer.decides and type(layer).prepare is Layer.prepare and "normalized_shape" not in arguments:
        return _shared(_Question(layer.signature, (), layer))
    with torch.device(device) if device == "meta" else nullcontext():
        return _uninitialised(type(layer))(**arguments).eval()


@lru_cache(maxsize=1024)
def _shared(question: _Question) -> nn.Module:
    layer = question.layer
    return _uninitialised(type(layer))(**layer.chosen).eval()


def is_known(name: str) -> bool:
    """Whether torch has a module, or anything else, of that name: nn.Linear."""
    return hasattr(nn, name)


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    for memory in (_ask, _shared, unchanged):
        memory.cache_clear()


def _weights(module: nn.Module) -> tuple[Shape | None, Shape | None, int]:
    """Shapes of weight and bias, and the number of all learnable values."""
    shapes = {name: tuple(value.shape) for name, value in module._parameters.items() if value is not None}
    return shapes.get("weight"), shapes.get("bias"), sum(map(prod, shapes.values()))


def _macs(layer: Layer, shape: Shape, weight: Shape | None, output: Shape) -> int:
    """Multiply-accumulates of one sample by torch's own rules, those of FlopCounterMode."""
    if isinstance(layer, AnyConvolution) and weight is not None:
        transposed = layer.torch_class.__name__.startswith("ConvTranspose")
        return int(conv_flop_count([1, *shape], list(weight), [1, *output], transposed=transposed)) // 2
    if isinstance(layer, Linear) and weight is not None:
        positions = prod(output[:-1])
        return int(_MATRIX_PRODUCT((positions, weight[1]), (weight[1], weight[0]))) // 2
    return 0


def _checks(
    sizes: tuple[Formula, ...],
    output: Shape,
    count: Formula | None,
    parameters: int,
    mac_formula: Formula | None,
    macs: int,
) -> Iterator[Check]:
    """Our formulas beside torch's answers; where one side has nothing and the other something, that shows too."""
    yield from map(Check, sizes, output)
    if len(sizes) != len(output):
        yield Check(Formula("output axes", "n", (("n", len(sizes)),), len(sizes)), len(output))
    for formula, answer in ((count, parameters), (mac_formula, macs)):
        if formula is not None or answer:
            yield Check(formula or Formula("unexpected", "0", (), 0), answer)


def words_about(layer: Layer, arguments: dict[str, Any], shape: Shape) -> str:
    """What torch says when `layer` is built with these arguments and not with those that `shape` decides.

    "" where torch says nothing, or where asking would take much memory.
    """
    numbers = [abs(n) for v in arguments.values() for n in (v if isinstance(v, tuple) else (v,)) if type(n) is int]
    if prod(max(n, 1) for n in numbers) > LARGEST_REAL_WEIGHT:
        return ""
    return _torch_words(layer, arguments, shape)


def _torch_words(layer: Layer, arguments: dict[str, Any], shape: Shape) -> str:
    """What torch itself says when the layer is really run on one sample; "" where it says nothing or it would cost."""
    if prod(shape) > LARGEST_SECOND_OPINION or _weight_count(layer, shape) > LARGEST_REAL_WEIGHT:
        return ""
    words = ""
    for batch in (0, 1):  # words about a batch of zero cost nothing; those about one sample are what people know
        costs = batch or layer.rank_complaint(shape)  # with an axis too few, torch takes the batch for the channels
        if costs and not words and not _is_modest(arguments, shape):
            break
        try:
            module = _uninitialised(type(layer))(**arguments).eval()
            with torch.no_grad():
                module(torch.zeros(batch, *shape))
            words = ""
        except Exception as error:  # any refusal will do: its words are shown, nothing is decided by it
            words = first_line(error)
    return words


def _weight_count(layer: Layer, shape: Shape) -> int:
    """How many weights an unsound layer would have; 0 where not even that can be said."""
    try:
        formula = layer.parameter_formula(shape)
        return abs(int(formula.value)) if formula else 0
    except (TypeError, ValueError, ArithmeticError):
        return 0


def _is_modest(arguments: dict[str, Any], shape: Shape) -> bool:
    """Whether running the layer for real would stay small, whatever was typed."""
    values = [n for v in arguments.values() for n in (v if isinstance(v, tuple) else (v,))]
    numbers = [abs(n) for n in values if type(n) in (int, float)]
    known = all(type(v) in (int, float, bool, str, type(None)) for v in values)  # to torch b"9" is a row of numbers
    return known and all(n <= 4096 for n in numbers) and prod(max(int(n), 1) for n in numbers) * prod(shape) < 2**28


def first_line(error: Exception) -> str:
    """An error's own words, as far as its first line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
