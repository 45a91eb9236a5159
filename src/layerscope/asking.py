"""Asking torch: what one layer makes of one input shape.

The real module is built without initialising its weights and run on a batch of zero, so shapes and errors come from
torch's own kernels while no weight is written or read. Answers are remembered by (layer without its name, shape),
which makes a rebuild after one move cost only the layers whose input or arguments changed.
"""

import inspect
from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count, mm_flop

from layerscope import limits, workload
from layerscope.formatting import shape_text
from layerscope.formula import Check, Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.linear import Linear
from layerscope.layers.opaque import Measured
from layerscope.layers.question import Kinds, Question
from layerscope.unfilled import build

_REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError)
_MATRIX_PRODUCT = inspect.unwrap(mm_flop)  # without the search for tensors in its arguments


class Answer(NamedTuple):
    """What torch said: one shape for each port. On failure there are none, and `message` is our sentence."""

    arguments: dict[str, Any]
    output_shapes: tuple[Shape, ...] = ()
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: int = 0
    macs: int = 0
    checks: tuple[Check, ...] = ()
    message: str | None = None

    @property
    def output_shape(self) -> Shape | None:
        """The first port's; None on failure."""
        return self.output_shapes[0] if self.output_shapes else None


def ask(layer: Layer, *shapes: Shape, kinds: Kinds = ()) -> Answer:
    """Build `layer` for inputs of these shapes (no batch axis), run it, and remember what came of it.

    Call it under `torch.no_grad`, which is entered once for a whole walk.
    """
    try:
        question = Question(layer, shapes, kinds)
    except TypeError:  # a value that cannot be remembered, such as a dict, is never one that torch takes
        return Answer(layer.arguments(*shapes), message=layer.complaint(*shapes) or "A value is of no known kind.")
    return _ask(question)


def _wrong_count(layer: Layer, found: int) -> str:
    fewest, most = layer.takes
    bound = fewest if found < fewest else most
    expected = "" if fewest == most else "at least " if found < fewest else "at most "
    return f"{layer.type} takes {expected}{bound} input{'' if bound == 1 else 's'}, not {found}."


def _wrong_kind(layer: Layer, kinds: Kinds) -> str | None:
    if layer.wants == "values" and any(kinds):
        return f"{layer.type} computes with values, but its input holds indices. Put an Embedding before it."
    if layer.wants == "indices" and not all(kinds or (False,)):
        return f"{layer.type} looks up indices, but its input holds values."
    return None


@lru_cache(maxsize=8192)
def _ask(question: Question) -> Answer:
    layer, shapes, kinds = question.layer, question.shapes, question.kinds
    if not layer.takes[0] <= len(shapes) <= layer.takes[1]:
        return Answer(layer.chosen, message=_wrong_count(layer, len(shapes)))
    complaint = _wrong_kind(layer, kinds) or layer.complaint(*shapes)
    arguments = layer.arguments(*shapes)
    if complaint is not None:
        return Answer(arguments, message=complaint)
    sizes = layer.port_formulas(*shapes)
    for size in (size for port in sizes for size in port[1:]):
        if size.value > limits.AXIS.most:
            told = limits.AXIS.sentence(quantity=size.quantity.removeprefix("output "), found=size.value)
            return Answer(arguments, message=told)
    count = layer.parameter_formula(*shapes)
    try:
        module, device = _module(layer, arguments, shapes, count)
        weight_shape, bias_shape, parameters = _weights(module)
        if type(layer).prepare is not Layer.prepare:
            layer.prepare(module, *shapes)
        results = layer.unpack(layer.call(module, *_tensors(shapes, kinds, 0, device)))
        output_shapes = tuple([tuple(result.shape[1:]) for result in results])
    except _REFUSALS as error:
        words = words_about(layer, arguments, *shapes, kinds=kinds) or first_line(error)
        return Answer(arguments, message=f"torch does not run it: {words}")
    if any(result.shape[:1] != (0,) or 0 in result.shape[1:] for result in results):
        return Answer(arguments, message=f"{layer.type} leaves no cells of {', '.join(map(shape_text, shapes))}.")
    mac_formula = layer.mac_formula(*shapes[:1], output_shapes[0], *shapes[1:])  # type: ignore[call-arg]
    macs = _macs(layer, module, arguments, shapes, kinds, weight_shape, output_shapes[0])
    checks = tuple(_checks(sizes, output_shapes, count, parameters, mac_formula, macs))
    return Answer(arguments, output_shapes, weight_shape, bias_shape, parameters, macs, checks)


def _tensors(shapes: tuple[Shape, ...], kinds: Kinds, batch: int, device: str) -> list[Tensor]:
    """Inputs of these shapes with a batch axis in front. Device and type are said: others may be torch's default."""
    types = [torch.int64 if kind else torch.float32 for kind in kinds] or [torch.float32] * len(shapes)
    make = torch.empty if batch == 0 else torch.zeros  # zeros are indices too
    return [make((batch, *shape), dtype=dtype, device=device) for shape, dtype in zip(shapes, types, strict=True)]


def _module(
    layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...], count: Formula | None
) -> tuple[nn.Module, str]:
    """The real module, ready for inference, and its device. One that depends on no shape serves for every shape."""
    weights = count.value if count else 0
    if not (weights or layer.decides or type(layer).prepare is not Layer.prepare or "normalized_shape" in arguments):
        return _shared(Question(layer, ())), "cpu"
    tables = layer.tables(*shapes)
    if weights <= limits.REAL_WEIGHT.most and tables <= limits.TABLES.most:
        return build(layer, layer.asked(arguments)), "cpu"
    module = build(layer, layer.asked(arguments), "meta")
    if not isinstance(layer, Linear) and not tables:
        return module, "meta"  # the first question to that device takes torch a second, once a process
    held: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
    for tensors in held:
        tensors.update({name: _stand_in(value) for name, value in tensors.items() if value is not None})
    return module, "cpu"


def _stand_in(tensor: torch.Tensor) -> torch.Tensor:
    """One number that stands in all places of `tensor`: real, of the same shape, and of no size to speak of."""
    return torch.zeros((), dtype=tensor.dtype, device="cpu").expand(tensor.shape)


@lru_cache(maxsize=1024)
def _shared(question: Question) -> nn.Module:
    return build(question.layer, question.layer.chosen)


def is_known(name: str) -> bool:
    """Whether torch has a module, or anything else, of that name: nn.Linear."""
    return hasattr(nn, name)


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    for memory in (_ask, _shared, unchanged):
        memory.cache_clear()


def _weights(module: nn.Module) -> tuple[Shape | None, Shape | None, int]:
    """Shapes of weight and bias, and the number of all learnable values, those of modules inside included."""
    shapes = {name: tuple(value.shape) for name, value in module._parameters.items() if value is not None}
    count = sum(value.numel() for value in module.parameters()) if module._modules else sum(map(prod, shapes.values()))
    return shapes.get("weight"), shapes.get("bias"), count


def _macs(
    layer: Layer,
    module: nn.Module,
    arguments: dict[str, Any],
    shapes: tuple[Shape, ...],
    kinds: Kinds,
    weight: Shape | None,
    output: Shape,
) -> int:
    """Multiply-accumulates of one sample by torch's own rules, those of FlopCounterMode."""
    if isinstance(layer, Measured):
        return layer.macs  # counted by those rules when the model ran
    if isinstance(layer, AnyConvolution) and weight is not None:
        transposed = layer.torch_class.__name__.startswith("ConvTranspose")
        return int(conv_flop_count([1, *shapes[0]], list(weight), [1, *output], transposed=transposed)) // 2
    if isinstance(layer, Linear) and weight is not None:
        positions = prod(output[:-1])
        return int(_MATRIX_PRODUCT((positions, weight[1]), (weight[1], weight[0]))) // 2
    if not layer.multiplies:
        return 0
    products = layer.products(module, *shapes)
    if products is None:
        return _counted(layer, arguments, shapes, kinds)
    return sum(times * int(_MATRIX_PRODUCT((n, k), (k, m))) for n, k, m, times in products) // 2


def _counted(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...], kinds: Kinds) -> int:
    """What torch's counter counts while one sample goes through on the meta device, where nothing is computed."""
    module = build(layer, layer.asked(arguments), "meta")
    with FlopCounterMode(display=False) as counter:
        layer.call(module, *_tensors(shapes, kinds, 1, "meta"))
    return int(counter.get_total_flops()) // 2


def _checks(
    sizes: tuple[tuple[Formula, ...], ...],
    outputs: tuple[Shape, ...],
    count: Formula | None,
    parameters: int,
    mac_formula: Formula | None,
    macs: int,
) -> Iterator[Check]:
    """Our formulas beside torch's answers; where one side has nothing and the other something, that shows too.

    A layer that has no formulas for its outputs is not compared.
    """
    for formulas, output in zip(sizes, outputs, strict=False):
        yield from map(Check, formulas, output)
        if len(formulas) != len(output):
            yield Check(Formula("output axes", "n", (("n", len(formulas)),), len(formulas)), len(output))
    if sizes and len(sizes) != len(outputs):
        yield Check(Formula("outputs", "n", (("n", len(sizes)),), len(sizes)), len(outputs))
    for formula, answer in ((count, parameters), (mac_formula, macs)):
        if formula is not None or (answer and sizes):
            yield Check(formula or Formula("unexpected", "0", (), 0), answer)


def words_about(layer: Layer, arguments: dict[str, Any], *shapes: Shape, kinds: Kinds = ()) -> str:
    """What torch itself says when the layer is built with `arguments` and run; "" where it says nothing or might cost.

    `arguments` may be others than those that `shapes` decide. Words about one sample are what people know, those about
    a batch of zero cost nothing. Where torch refuses an empty batch, it refuses one sample in the same way before it
    computes anything, unless an axis is missing and it takes the batch for the channels.
    """
    if not (all(shapes) or arguments.keys() >= {*layer.decides}):
        return ""  # one number per sample decides nothing, so no module can be built
    if not workload.is_light_when_empty(layer, arguments, *shapes):
        return ""
    words = _words(layer, arguments, shapes, kinds, 0)
    has_its_axes = all(len(shape) != layer.dims for shape in shapes)
    refuses_all = bool(words) and has_its_axes and sum(map(prod, shapes)) <= limits.REFUSED.most
    if refuses_all or workload.is_light_for_one(layer, *shapes):
        words = _words(layer, arguments, shapes, kinds, 1)
    return words


@torch.no_grad()
def _words(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...], kinds: Kinds, batch: int) -> str:
    try:
        module = build(layer, layer.asked(arguments))
        layer.call(module, *_tensors(shapes, kinds, batch, "cpu"))
    except Exception as error:  # any refusal will do: its words are shown, nothing is decided by it
        return first_line(error)
    return ""


def first_line(error: Exception) -> str:
    """An error's own words, as far as its first line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
