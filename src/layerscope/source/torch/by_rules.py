"""Rows by the rules that live modules use: each plan is believed only if its formulas give what torch gives."""

import ast
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope import closed_form
from layerscope.layers.base import Layer, Shape
from layerscope.modules.draft import ABOVE, Case
from layerscope.modules.functions import rows_of
from layerscope.modules.record import Call as ModuleCall
from layerscope.modules.record import Ref, Source, Value
from layerscope.modules.sample import Seen
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH, Output, Row
from layerscope.source.torch import adding
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import unnamed
from layerscope.ties import TENSORS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


@dataclass(frozen=True)
class Plan:
    """A row to be tried: what it reads is a tensor, or ABOVE for the row before it."""

    type: str
    arguments: dict[str, Any]
    reads: tuple[Any, ...]
    makes: int | None = None
    weights: tuple[Tensor, ...] = ()


def by_rules(name: str, call: Call, given: list[Tensor], results: list[Tensor]) -> list[Plan] | None:
    """What the rules of live modules make of the call."""
    values = [*given, *results]
    numbers = {id(value): place for place, value in enumerate(values)}
    case = _Case(name, call, values, numbers, range(len(given), len(values)))
    drafts = rows_of(case)
    if drafts is None or any(values[mask].weights for draft in drafts for mask in draft.masks):
        return None  # a mask that is learned counts
    return [
        Plan(
            draft.type, draft.arguments, tuple(ABOVE if read == ABOVE else values[read] for read in draft.reads),
            draft.makes, tuple(values[weight] for weight in draft.weights),
        )
        for draft in drafts
    ]  # fmt: skip


class _Case(Case):
    """A call of the paste as the rules of live modules see one."""

    def __init__(self, name: str, call: Call, values: list[Tensor], numbers: dict[int, int], makes: range) -> None:
        def referred(part: Any) -> Any:
            if isinstance(part, Tensor):
                return Ref(numbers[id(part)])
            if isinstance(part, list | tuple):
                return type(part)(map(referred, part))
            return int(part) if isinstance(part, int) and type(part) is not bool else part

        kwargs = {key: referred(part) for key, part in call.kwargs.items()}
        self.place = 0
        self.call = ModuleCall("", name, tuple(map(referred, call.args)), kwargs, tuple(makes), 0)
        self.sample = _Values(values)  # type: ignore[assignment]


class _Values:
    """Tensors as `modules.sample` has them."""

    def __init__(self, values: list[Tensor]) -> None:
        self.values = [_seen(value) for value in values]
        self.live = frozenset(
            place
            for place, value in enumerate(values)
            if value.carries or (value.origin is None and value.axis is not None)
        )


def _seen(tensor: Tensor) -> Seen:
    axis = tensor.axis
    times = tensor.shape[axis] // BATCH if axis is not None else 1
    source = None if tensor.carries else Source.CONSTANT
    return Seen(tensor.sample, axis, times, len(tensor.shape), Value(tensor.shape, tensor.dtype, source))


def tried(run: "Evaluator", plans: list[Plan], results: list[Tensor], node: ast.AST) -> bool:
    """Add the rows of the plans if together they give what torch gave."""
    if not all(_is_its_own(run, weight) for plan in plans for weight in plan.weights):
        return False
    built: list[tuple[Layer, list[Shape], Plan]] = []
    shapes: list[tuple[Shape, ...]] = []
    for plan in plans:
        found = [shapes[-1][0] if read == ABOVE else _arriving(read, plan, results[0]) for read in plan.reads]
        arriving = [shape for shape in found if shape is not None]
        if len(arriving) < len(found):
            return False
        try:
            layer = unnamed(plan.type, **plan.arguments)
        except (TypeError, ValueError, KeyError):
            return False
        outputs = closed_form.output_shapes(layer, *arriving)
        learned = sum(prod(weight.shape) for weight in plan.weights)
        if outputs is None or (plan.weights and adding.weights_of(layer, arriving[0]) != learned):
            return False  # such as a norm that has a scale and no shift
        built.append((layer, arriving, plan))
        shapes.append(outputs)
    side_by_side = plans[0].makes is not None
    gives = [outputs[0] for outputs in shapes] if side_by_side else list(shapes[-1])
    wanted = [result.sample for result in results]
    if len(gives) < len(wanted) or gives[: len(wanted)] != wanted:
        return False
    row: Row | None = None
    for (layer, arriving, plan), outputs in zip(built, shapes, strict=True):
        reads = [
            Output(row) if read == ABOVE and row is not None else adding.origin(run, read, shape, node)
            for read, shape in zip(plan.reads, arriving, strict=True)
        ]
        row = adding.merged(run, layer, reads, node) or adding.add(run, layer, reads, arriving, node, outputs=outputs)
        row.outputs = outputs
        if plan.weights:
            pairs = zip(TENSORS, plan.weights, strict=False)
            row.tensors = {name: tensor.parameter for name, tensor in pairs if tensor.parameter is not None}
            adding.tell(run, plan.weights)
        if side_by_side and plan.makes is not None and plan.makes < len(results):
            results[plan.makes].origin = Output(row)
    if not side_by_side and row is not None:
        for port, result in enumerate(results):
            result.origin = Output(row, port)
    return True


def _is_its_own(run: "Evaluator", weight: Tensor) -> bool:
    """Whether a layer with this weight has as many learnable values as the code: not where the weight is worked out
    from fewer, or from those of another layer, as in F.linear(x, self.encoder.weight.t())."""
    if weight.parameter is not None or not weight.weights:
        return True
    of_others = weight.weights - adding.untold(run, weight.weights)
    return not of_others and sum(each.count for each in weight.weights) == prod(weight.shape)


def _arriving(tensor: Tensor, plan: Plan, result: Tensor) -> Shape | None:
    """The shape of one sample; that of a constant as torch lines its axes up with what it meets."""
    if tensor.carries or tensor.axis is not None:
        return tensor.sample
    partner = next((read for read in plan.reads if isinstance(read, Tensor) and read.carries), None)
    rank, axis = (len(partner.shape), partner.axis) if partner is not None else (len(result.shape), result.axis)
    missing = rank - len(tensor.shape)
    if plan.type == "MatMul" and len(tensor.shape) == 2 and axis == 0:
        return tensor.shape
    if missing < 0 or axis is None:
        return None
    sizes = [1] * missing + [*tensor.shape]
    return tuple(sizes) if sizes.pop(axis) == 1 else None
