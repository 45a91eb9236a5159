"""Asking torch: what one layer makes of one input shape.

The real module is built without initialising its weights and run on a batch of zero, so shapes and errors come from
torch's own kernels while no weight is written or read. Answers are remembered by (layer without its name, shape),
which makes a rebuild after one move cost only the layers whose input or arguments changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import repeat
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from layerscope import limits, workload
from layerscope.formatting import shape_text
from layerscope.formula import Check, Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.question import Kinds, Question
from layerscope.macs import counting
from layerscope.probe import NO_PREPARING, asked, kept, probe
from layerscope.unfilled import build

_REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError)


@dataclass(frozen=True)
class Answer:
    """What torch said: one shape for each port. On failure there are none, and `message` is our sentence."""

    arguments: dict[str, Any]
    output_shapes: tuple[Shape, ...] = ()
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: int = 0
    macs: int = 0
    message: str | None = None
    find_checks: Callable[[], Iterator[Check]] = field(default=tuple[Check, ...]().__iter__, repr=False, compare=False)

    @property
    def output_shape(self) -> Shape | None:
        """The first port's; None on failure."""
        return self.output_shapes[0] if self.output_shapes else None

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Our formulas beside torch's answers, written down when somebody looks."""
        return tuple(self.find_checks())


def ask(layer: Layer, *shapes: Shape, kinds: Kinds = ()) -> Answer:
    """Build `layer` for inputs of these shapes (no batch axis), run it, and remember the result.

    Call it under `torch.no_grad`, which is entered once for a whole walk.
    """
    try:
        question = Question(layer, shapes, kinds)
    except TypeError:  # a value that cannot be remembered, such as a dict, is never one that torch takes
        return Answer(
            layer.arguments(*shapes), message=layer.complaint(*shapes) or "A value has a type that no layer takes."
        )
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
    layer, shapes, kinds = question.layer, question.given, question.kinds
    if not layer.takes[0] <= len(shapes) <= layer.takes[1]:
        return Answer(layer.chosen, message=_wrong_count(layer, len(shapes)))
    complaint = _wrong_kind(layer, kinds) or layer.complaint(*shapes)
    arguments = layer.arguments(*shapes)
    if complaint is not None:
        return Answer(arguments, message=complaint)
    count = layer.parameter_formula(*shapes)
    # What costs even for an empty batch must be known to be small before; else the sizes that torch gives tell.
    is_dear = layer.tables(*shapes) or (count is not None and count.value > limits.REAL_WEIGHT.most)
    if is_dear and (told := _too_large(layer, shapes)):
        return Answer(arguments, message=told)
    try:
        built = probe(layer, arguments, shapes, count)
        if type(layer).prepare not in NO_PREPARING:
            layer.prepare(built.module, *shapes)
        inputs = map(_empty, shapes, kinds or repeat(False), repeat(built.device))
        results = [tuple(result.shape) for result in layer.unpack(layer.call(built.module, *inputs))]
    except _REFUSALS as error:
        if told := _too_large(layer, shapes):
            return Answer(arguments, message=told)
        words = words_about(layer, arguments, *shapes, kinds=kinds) or first_line(error)
        return Answer(arguments, message=f"PyTorch does not run it: {words}")
    outputs = tuple([result[1:] for result in results])
    sizes = [size for output in outputs for size in output]
    if sizes and max(sizes) > limits.AXIS.most and (told := _too_large(layer, shapes)):
        return Answer(arguments, message=told)
    if 0 in sizes or [result[:1] for result in results] != [(0,)] * len(results):
        told = ", ".join(map(shape_text, shapes))
        return Answer(arguments, message=f"The output of {layer.type} for {told} would be empty.")
    macs = counting(type(layer))(layer, built.module, shapes, built.weight_shape, outputs[0])
    if macs is None:
        macs = _counted(layer, arguments, shapes, kinds)
    checks = partial(_checks, layer, shapes, outputs, count, built.parameters, macs)
    return Answer(arguments, outputs, built.weight_shape, built.bias_shape, built.parameters, macs, None, checks)


def _too_large(layer: Layer, shapes: tuple[Shape, ...]) -> str | None:
    """The sentence about an axis of an output that is too large, by the closed formulas. What leaves all as it is makes
    none."""
    if type(layer).output_formulas is Layer.output_formulas and type(layer).port_formulas is Layer.port_formulas:
        return None
    for port in layer.port_formulas(*shapes):
        for size in port[1:]:
            if size.value > limits.AXIS.most:
                return limits.AXIS.sentence(quantity=size.quantity.removeprefix("output "), found=size.value)
    return None


@lru_cache(maxsize=1024)
def _empty(shape: Shape, is_index: bool, device: str) -> Tensor:
    """A batch of zero. Device and type are said: others may be torch's default."""
    return torch.empty((0, *shape), dtype=torch.int64 if is_index else torch.float32, device=device)


def _zeros(shapes: tuple[Shape, ...], kinds: Kinds, batch: int, device: str) -> list[Tensor]:
    """Inputs of these shapes with a batch axis in front; zeros are indices too."""
    types = [torch.int64 if kind else torch.float32 for kind in kinds] or [torch.float32] * len(shapes)
    pairs = zip(shapes, types, strict=True)
    return [torch.zeros((batch, *shape), dtype=dtype, device=device) for shape, dtype in pairs]


def is_known(name: str) -> bool:
    """Whether torch has a module, or anything else, of that name: nn.Linear."""
    return hasattr(nn, name)


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    for memory in (_ask, kept, _empty, unchanged):
        memory.cache_clear()


def _counted(layer: Layer, arguments: dict[str, Any], shapes: tuple[Shape, ...], kinds: Kinds) -> int:
    """What torch's counter counts while one sample goes through on the meta device, where nothing is computed."""
    module = build(layer, asked(layer, arguments), "meta")
    with FlopCounterMode(display=False) as counter:
        layer.call(module, *_zeros(shapes, kinds, 1, "meta"))
    return int(counter.get_total_flops()) // 2


def _checks(
    layer: Layer,
    shapes: tuple[Shape, ...],
    outputs: tuple[Shape, ...],
    count: Formula | None,
    parameters: int,
    macs: int,
) -> Iterator[Check]:
    """Our formulas beside torch's answers; where one side has nothing and the other something, that shows too.

    A layer that has no formulas for its outputs is not compared.
    """
    sizes = layer.port_formulas(*shapes)
    for formulas, output in zip(sizes, outputs, strict=False):
        yield from map(Check, formulas, output)
        if len(formulas) != len(output):
            yield Check(Formula("output axes", "n", (("n", len(formulas)),), len(formulas)), len(output))
    if sizes and len(sizes) != len(outputs):
        yield Check(Formula("outputs", "n", (("n", len(sizes)),), len(sizes)), len(outputs))
    mac_formula = layer.mac_formula(*shapes[:1], outputs[0], *shapes[1:])  # type: ignore[call-arg]
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
        module = build(layer, asked(layer, arguments))
        layer.call(module, *_zeros(shapes, kinds, batch, "cpu"))
    except Exception as error:  # any refusal will do: its words are shown, nothing is decided by it
        return first_line(error)
    return ""


def first_line(error: Exception) -> str:
    """An error's own words, as far as its first line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
