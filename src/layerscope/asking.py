"""Asking torch: what one layer makes of one input shape.

The real module is built without initialising its weights and run on a batch of zero, so shapes and errors come from
torch's own kernels while no weight is written or read. Answers are remembered by (layer without its name, shape),
which makes a rebuild after one move cost only the layers whose input or arguments changed.
"""

import inspect
from collections.abc import Iterator
from functools import cache, lru_cache
from math import prod
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import conv_flop_count, mm_flop

from layerscope import limits, workload
from layerscope.formula import Check, Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear
from layerscope.layers.question import Question

_MATRIX_PRODUCT = inspect.unwrap(mm_flop)  # without the search for tensors in its arguments


class Answer(NamedTuple):
    """What torch said. On failure the shapes are None, and `message` is our sentence."""

    arguments: dict[str, Any]
    output_shape: Shape | None = None
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: int = 0
    macs: int = 0
    checks: tuple[Check, ...] = ()
    message: str | None = None


def ask(layer: Layer, shape: Shape) -> Answer:
    """Build `layer` for an input of `shape` (no batch axis), run it, and remember what came of it.

    Call it under `torch.no_grad`, which is entered once for a whole walk.
    """
    try:
        question = Question(layer.signature, shape, layer)
    except TypeError:  # a value that cannot be remembered, such as a dict, is never one that torch takes
        return Answer(layer.arguments(shape), message=layer.complaint(shape) or "A value is of no known kind.")
    return _ask(question)


@lru_cache(maxsize=4096)
def _ask(question: Question) -> Answer:
    layer, shape = question.layer, question.shape
    complaint = layer.complaint(shape)
    arguments = layer.arguments(shape)
    if complaint is not None:
        return Answer(arguments, message=complaint)
    sizes = layer.output_formulas(shape)
    for size in sizes[1:]:
        if size.value > limits.AXIS.most:
            told = limits.AXIS.sentence(quantity=size.quantity.removeprefix("output "), found=size.value)
            return Answer(arguments, message=told)
    count = layer.parameter_formula(shape)
    try:
        module, device = _module(layer, arguments, shape, count)
        weight_shape, bias_shape, parameters = _weights(module)
        layer.prepare(module, shape)
        output = module(torch.empty(0, *shape, device=device))
        output_shape = tuple(output.shape[1:])
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        words = words_about(layer, arguments, shape) or first_line(error)
        return Answer(arguments, message=f"torch does not run it: {words}")
    if output.shape[0] != 0 or 0 in output_shape:
        return Answer(arguments, message=f"{layer.type} leaves no cells of {shape}.")
    mac_formula = layer.mac_formula(shape, output_shape)
    macs = _macs(layer, shape, weight_shape, output_shape)
    checks = tuple(_checks(sizes, output_shape, count, parameters, mac_formula, macs))
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


def _module(layer: Layer, arguments: dict[str, Any], shape: Shape, count: Formula | None) -> tuple[nn.Module, str]:
    """The real module, ready for inference, and its device. One that depends on no shape serves for every shape."""
    if not layer.decides and type(layer).prepare is Layer.prepare and "normalized_shape" not in arguments:
        return _shared(Question(layer.signature, (), layer)), "cpu"
    kind = _uninitialised(type(layer))
    weights = count.value if count else 0
    is_huge = weights > limits.REAL_WEIGHT.most or layer.tables(shape) > limits.TABLES.most
    if not is_huge:
        return kind(**arguments).eval(), "cpu"
    module = kind(**arguments, device="meta").eval()
    if not isinstance(layer, Linear) and not layer.tables(shape):
        return module, "meta"  # the first question to that device takes torch a second, once a process
    held: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
    for tensors in held:
        tensors.update({name: _stand_in(value) for name, value in tensors.items() if value is not None})
    return module, "cpu"


def _stand_in(tensor: torch.Tensor) -> torch.Tensor:
    """One number that stands in all places of `tensor`: real, of the same shape, and of no size to speak of."""
    return torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)


@lru_cache(maxsize=1024)
def _shared(question: Question) -> nn.Module:
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
    """What torch itself says when the layer is built with `arguments` and run; "" where it says nothing or might cost.

    `arguments` may be others than those that `shape` decides. Words about one sample are what people know, those about
    a batch of zero cost nothing. Where torch refuses an empty batch, it refuses one sample in the same way before it
    computes anything, unless an axis is missing and it takes the batch for the channels.
    """
    if not workload.is_light_when_empty(layer, arguments, shape):
        return ""
    words = _words(layer, arguments, (0, *shape))
    refuses_all = bool(words) and len(shape) != layer.dims and prod(shape) <= limits.REFUSED.most
    if refuses_all or workload.is_light_for_one(layer, shape):
        words = _words(layer, arguments, (1, *shape))
    return words


@torch.no_grad()
def _words(layer: Layer, arguments: dict[str, Any], shape: Shape) -> str:
    try:
        _uninitialised(type(layer))(**arguments).eval()(torch.empty(shape))
    except Exception as error:  # any refusal will do: its words are shown, nothing is decided by it
        return first_line(error)
    return ""


def first_line(error: Exception) -> str:
    """An error's own words, as far as its first line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
