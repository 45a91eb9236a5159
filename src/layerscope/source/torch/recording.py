"""Rows of the network from what the paste calls: each is believed only if its formulas give what torch gives."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import closed_form, limits
from layerscope.asking import ask
from layerscope.layers.base import Layer, Shape
from layerscope.layers.learned import Parameter
from layerscope.layers.opaque import Constant, Opaque, flat
from layerscope.modules.draft import ABOVE, Case
from layerscope.modules.functions import rows_of
from layerscope.modules.record import Call as ModuleCall
from layerscope.modules.record import Ref, Source, Value
from layerscope.modules.row_names import word
from layerscope.modules.sample import Seen
from layerscope.network import MOST_LAYERS
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault
from layerscope.source.record import BATCH, Output, Row, batch_axis, whole
from layerscope.source.torch.as_written import written
from layerscope.source.torch.fields import Fields
from layerscope.source.torch.questions import Question, counted
from layerscope.source.torch.tensor import Tensor, Weights, is_small, leaves
from layerscope.source.torch.worlds import unnamed, world_of
from layerscope.unfilled import build

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_FAILING = frozenset({
    "add", "sub", "mul", "div", "matmul", "bmm", "mm", "maximum", "minimum", "cat", "concat", "concatenate", "stack",
    "select", "permute", "transpose", "chunk", "split", "narrow",
})  # fmt: skip
"""Functions whose row is shown although torch refuses it: the network says why, and what would help."""


def add(
    run: "Evaluator", layer: Layer, reads: Sequence[Output], shapes: Sequence[Shape], node: ast.AST, **more: Any
) -> Row:
    """One row more. Raises Fault where there are too many."""
    record = world_of(run).record
    if len(record.rows) >= MOST_LAYERS:
        raise Fault(f"There are more than {MOST_LAYERS:,} layers, the limit.", node)
    run.tick(node)
    outputs = closed_form.output_shapes(layer, *shapes) or ()
    row = Row(layer, tuple(reads), node, inside=world_of(run).inside, outputs=outputs, **more)
    record.rows.append(row)
    return row


def assumed(layer: Layer, shapes: Sequence[Shape]) -> Shape:
    """What a row that does not run would give if it did, so that what comes after it can be read too."""
    first = shapes[0] if shapes else ()
    chosen = layer.chosen
    for name, place in (("out_channels", 0), ("out_features", -1), ("embedding_dim", -1), ("hidden_size", -1)):
        if type(width := chosen.get(name)) is int and first:
            axes = list(first)
            axes[place] = width
            return tuple(axes)
    return (prod(first),) if layer.type == "Flatten" else first


def simple(run: "Evaluator", name: str, call: Call, given: list[Tensor]) -> Any:
    """What a function gives that is one row as it is written, by its formulas; None where torch has to be asked."""
    if any(tensor.axis != 0 or not tensor.carries for tensor in given) or name in ("max", "min", "sort"):
        return None
    plan = written(name, call)
    if plan is None or len({id(tensor) for tensor in plan[2]}) != len({id(tensor) for tensor in given}):
        return None
    try:
        layer = unnamed(plan[0], **plan[1])
    except (TypeError, ValueError):
        return None
    shapes = [tensor.sample for tensor in plan[2]]
    if closed_form.output_shapes(layer, *shapes) is None or any(tensor.shape[0] != BATCH for tensor in given):
        return None
    return _row_of(run, layer, plan[2], shapes, call)


def as_it_stands(run: "Evaluator", name: str, call: Call) -> Any:
    """What a function gives in code written row by row, where each call is a row; None where no row is written so."""
    plan = written(name, call)
    if plan is None or not all(tensor.origin is not None for tensor in plan[2]):
        return None
    if plan[0] == "Transpose" and call.args[1:] and 0 in call.args[1:]:
        # By place it only moves the batch; a row that does so is written by name.
        of = plan[2][0]
        return of.changed(shape=(1, BATCH)) if of.shape == (BATCH,) else None  # what turns it does not run
    try:
        layer = unnamed(plan[0], **plan[1])
    except (TypeError, ValueError):
        return None
    shapes = [tensor.sample for tensor in plan[2]]
    found = _row_of(run, layer, plan[2], shapes, call)
    return Fields({"values": found}) if name == "sort" else found


def _row_of(run: "Evaluator", layer: Layer, reads: list[Tensor], shapes: list[Shape], call: Call) -> Any:
    """What a row gives by its formulas; what it might have given where it does not run."""
    outputs = closed_form.output_shapes(layer, *shapes) or (assumed(layer, shapes),) * max(len(layer.ports), 1)
    origins = [tensor.origin for tensor in reads if tensor.origin is not None]
    row = _merged(run, layer, origins, call.node) or add(run, layer, origins, shapes, call.node)
    dtype = reads[0].dtype
    results = [Tensor(whole(shape), dtype, Output(row, port), node=call.node) for port, shape in enumerate(outputs)]
    return tuple(results) if layer.ports else results[0]


def _merged(run: "Evaluator", layer: Layer, reads: list[Output], node: ast.AST) -> Row | None:
    """In code written row by row x + y + z is one row: the one before, with an input more."""
    last = world_of(run).record.rows[-1] if world_of(run).exact and world_of(run).record.rows else None
    inner = getattr(node, "left", None) or next(iter(getattr(node, "args", ())), None)
    if last is None or last.node is not inner or last.type != layer.type or reads[0] != Output(last):
        return None
    last.reads, last.node = (*last.reads, *reads[1:]), node
    return last


def check_joined(run: "Evaluator", name: str, call: Call) -> None:
    """Raise Fault where samples of several tensors would become one batch."""
    given = call.bound("tensors", "dim")
    dim, tensors = given.get("dim", given.get("axis", 0)), list(leaves(given.get("tensors")))
    axes = {tensor.axis for tensor in tensors if tensor.carries}
    rank = len(tensors[0].shape) if tensors else 0
    if isinstance(dim, int) and (dim % rank if rank else 0) in axes and name not in ("stack",):
        raise Fault(f"{run.paste.quote(call.node)} joins samples into one batch.", call.node)


# What torch gave


def made(run: "Evaluator", question: Question, call: Call, result: Any, is_live: bool) -> Any:
    """The values that a function of torch gave, with their rows. Raises Fault."""
    given = list(leaves([*call.args, call.kwargs]))
    tensors = [part for part in _parts(result) if isinstance(part, torch.Tensor)]
    if len(tensors) > limits.PORTS.most:
        raise too_many(run, len(tensors), call.node)
    if not all(is_small(tuple(part.shape)) for part in tensors):
        found = max(prod(part.shape) // (BATCH if batch_axis(part.shape) is not None else 1) for part in tensors)
        raise Fault(limits.TENSOR_CELLS.sentence(text=run.paste.quote(call.node), found=found), call.node)
    if not is_live:
        weights = frozenset[Weights]().union(*(tensor.weights for tensor in given))
        owners = {id(tensor.owner): tensor.owner for tensor in given if tensor.owner is not None}
        owner = next(iter(owners.values())) if len(owners) == 1 else None
        makers = {id(tensor.made): tensor.made for tensor in given}
        maker = given[0].made if len(makers) == 1 else None
        results = [
            Tensor(tuple(each.shape), each.dtype, weights=weights, node=call.node, owner=owner, made=maker)
            for each in tensors
        ]
        return _shaped(result, results)
    outputs = [_output(run, part, call.node) for part in tensors]
    if _is_named(result):  # places and the like are numbers of no row
        outputs[1:] = [run.unknown(call.node) for _ in outputs[1:]]
    known = [part for part in outputs if isinstance(part, Tensor)]
    if known:
        _with_rows(run, question, call, given, known)
    return _shaped(result, outputs)


def too_many(run: "Evaluator", count: int, node: ast.AST) -> Fault:
    """The fault of a function that gives more tensors than a row may have outputs."""
    return Fault(f"{run.paste.quote(node)} gives {count:,} tensors; the most is {limits.PORTS.most}.", node)


def _output(run: "Evaluator", part: torch.Tensor, node: ast.AST) -> Any:
    """A tensor that depends on an input; Unknown where it is not one result for each sample."""
    if sum(size % BATCH == 0 for size in part.shape if size) == 1:
        return Tensor(tuple(part.shape), part.dtype, node=node)
    words = f"{run.paste.quote(node)} is not one result for each sample: it mixes the samples of a batch or picks one."
    return replace(run.unknown(node, words), of_numbers=True)


def _parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def _shaped(result: Any, values: list[Any]) -> Any:
    """The values in the form that torch gave them."""
    if isinstance(result, torch.Tensor):
        return values[0]
    if _is_named(result):
        return Fields(dict(zip(type(result).__match_args__, values, strict=False)))
    return tuple(values) if isinstance(result, tuple) else values


def _is_named(result: Any) -> bool:
    return type(result).__module__ == "torch.return_types"


@dataclass(frozen=True)
class _Plan:
    """A row to be tried: what it reads is a tensor, or ABOVE for the row before it."""

    type: str
    arguments: dict[str, Any]
    reads: tuple[Any, ...]
    makes: int | None = None
    weights: tuple[Tensor, ...] = ()


def _with_rows(run: "Evaluator", question: Question, call: Call, given: list[Tensor], results: list[Tensor]) -> None:
    """Give the results of a function their rows."""
    name = question.name
    in_front = all(tensor.axis == 0 for tensor in given if tensor.carries) and results[0].axis == 0
    plan = written(name, call) if in_front else None
    if plan is not None and _tried(run, [_Plan(plan[0], plan[1], tuple(plan[2]))], results, call.node):
        return
    plans = _by_rules(name, call, given, results)
    if plans == [] and len({tensor.sample for tensor in (given[0], *results)}) == 1:
        for result in results:
            result.origin, result.ended = given[0].origin, given[0].ended
        return
    if plans and _tried(run, plans, results, call.node):
        return
    _measured(run, question, call, given, results)


def _by_rules(name: str, call: Call, given: list[Tensor], results: list[Tensor]) -> list[_Plan] | None:
    """What the rules of live modules make of the call."""
    values = [*given, *results]
    numbers = {id(value): place for place, value in enumerate(values)}
    case = _Case(name, call, values, numbers, range(len(given), len(values)))
    drafts = rows_of(case)
    if drafts is None:
        return None
    return [
        _Plan(
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


def _tried(run: "Evaluator", plans: list[_Plan], results: list[Tensor], node: ast.AST) -> bool:
    """Add the rows of the plans if together they give what torch gave."""
    built: list[tuple[Layer, list[Shape], _Plan]] = []
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
        if outputs is None:
            return False
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
            Output(row) if read == ABOVE and row is not None else _origin(run, read, shape, node)
            for read, shape in zip(plan.reads, arriving, strict=True)
        ]
        row = _merged(run, layer, reads, node) or add(run, layer, reads, arriving, node)
        row.outputs = outputs
        if side_by_side and plan.makes is not None and plan.makes < len(results):
            results[plan.makes].origin = Output(row)
    if not side_by_side and row is not None:
        for port, result in enumerate(results):
            result.origin = Output(row, port)
    return True


def _arriving(tensor: Tensor, plan: _Plan, result: Tensor) -> Shape | None:
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


def _origin(run: "Evaluator", tensor: Tensor, shape: Shape, node: ast.AST) -> Output:
    """Where a tensor comes from; a constant gets a row, once for each shape that it is seen in."""
    if tensor.origin is not None:
        return tensor.origin
    return Output(constant(run, tensor, shape, node))


def constant(run: "Evaluator", tensor: Tensor, shape: Shape, node: ast.AST) -> Row:
    """The row of a tensor that depends on no input."""
    known = world_of(run).constants
    if (row := known.get(id(tensor.owner))) is not None:
        layer = _parameter(tensor, shape)
        if layer is not None:
            row.layer, row.outputs = layer, (shape,)
        return row
    holders = frozenset(tensor.weights)
    key = (id(tensor.owner) if tensor.owner is not None else id(tensor), holders, shape)
    if key not in known:
        told = world_of(run).told_weights
        count = sum(weight.count for weight in holders - told)
        told |= holders
        layer = _parameter(tensor, shape) if count else None
        if layer is None:
            layer = Constant(
                name="", called="Parameter" if holders else "Constant", gives=flat((shape,)), weights=count
            )
        known[key] = add(run, layer, (), (), tensor.node or node, module=tensor.owner)
        world_of(run).alive.append(tensor)
    return known[key]


def exact_parameter(run: "Evaluator", learned: Any, node: ast.AST) -> None:
    """In code written row by row a parameter is a row where it is named."""
    if id(learned) in world_of(run).constants:
        return
    shape = learned.tensor.shape
    ndim = len(shape) if len(shape) > 1 and shape[0] == 1 else None
    layer = Parameter(name="", shape=shape, ndim=ndim)
    world_of(run).constants[id(learned)] = add(run, layer, (), (), node, module=learned)
    world_of(run).told_weights |= learned.tensor.weights


def repeated(run: "Evaluator", tensor: Tensor, call: Call) -> Tensor | None:
    """A parameter, once for each sample: self.token.expand(x.size(0), -1, -1). None where it is more than that."""
    only = call.args[0] if len(call.args) == 1 else None
    sizes = [plain(size) for size in (only if isinstance(only, list | tuple) else call.args)]
    own = tensor.shape
    shape = (1,) * (len(sizes) - len(own)) + own
    simple = all(type(size) is int and size in (-1, 1, have) for size, have in zip(sizes[1:], shape[1:], strict=False))
    if len(sizes) < len(own) or not sizes or sizes[0] != BATCH or not simple or shape[0] != 1:
        row = world_of(run).constants.get(id(tensor.owner)) if world_of(run).exact else None
        if row is None or sizes[:1] != [BATCH]:
            return None
        row.layer = Parameter(name="", shape=own, ndim=len(sizes))
        return Tensor(whole(own), tensor.dtype, Output(row), node=call.node)
    row = constant(run, tensor, shape[1:], call.node)
    if row.type != "Parameter" or row.outputs != (shape[1:],):
        return None
    return Tensor((BATCH, *shape[1:]), tensor.dtype, Output(row), node=call.node)


def _parameter(tensor: Tensor, wanted: Shape) -> Layer | None:
    """The row of a parameter seen by its readers in the shape `wanted`; None where it is more than that."""
    only = next(iter(tensor.weights)) if len(tensor.weights) == 1 else None
    held = getattr(only.owner, "tensor", None) if only is not None else None
    if held is None or prod(held.shape) != prod(wanted):
        return None
    for ndim in (None, len(wanted) + 1):
        layer = Parameter(name="", shape=held.shape, ndim=ndim)
        if closed_form.output_shapes(layer) == (wanted,):
            return layer
    return None


def _measured(run: "Evaluator", question: Question, call: Call, given: list[Tensor], results: list[Tensor]) -> None:
    """A row that says no more than its size: what no other row can say."""
    read = [tensor for tensor in dict.fromkeys(given) if tensor.carries]
    weights = frozenset[Weights]().union(*(tensor.weights for tensor in given)) - world_of(run).told_weights
    world_of(run).told_weights |= weights
    count, macs = sum(weight.count for weight in weights), counted(question) // BATCH
    for result in results:
        shapes = tuple(tensor.sample for tensor in read)
        layer = Opaque(
            name="",
            called=word(question.name),
            reads=flat(shapes),
            gives=flat((result.sample,)),
            weights=count,
            macs=macs,
        )
        row = add(run, layer, [tensor.origin for tensor in read if tensor.origin is not None], shapes, call.node)
        result.origin = Output(row)
        count = macs = 0
    run.remarks.note(
        f"{run.paste.quote(call.node)} has no row of its own here: it is shown as torch measures it, for this input.",
        call.node,
    )  # fmt: skip


# What torch refused


def refused(run: "Evaluator", space: str, name: str, call: Call, words: str) -> Any:
    """The row of a function that torch refuses, if it has one; raises Fault with torch's words where it has none."""
    given = list(leaves([*call.args, call.kwargs]))
    plan = written(name, call) if name in _FAILING else None
    if plan is None or any(tensor.axis != 0 or not tensor.carries for tensor in given):
        raise Fault(f"torch refuses {run.paste.quote(call.node)}: {words}", call.node)
    try:
        layer = unnamed(plan[0], **plan[1])
    except (TypeError, ValueError):
        raise Fault(f"torch refuses {run.paste.quote(call.node)}: {words}", call.node) from None
    shapes = [tensor.sample for tensor in plan[2]]
    return _row_of(run, layer, plan[2], shapes, call)


def outputs_of(layer: Layer, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes that a layer gives; () where it does not run."""
    return closed_form.output_shapes(layer, *shapes) or ()


def weight_shape(layer: Layer, decided: dict[str, Any], name: str) -> Shape | None:
    """The shape of a layer's weight or bias; None where the layer has none, or not all is known that decides it."""
    try:
        return _weight_shapes(layer, tuple(decided.items())).get(name)
    except Exception:  # whatever torch says of these arguments, the shape is not known
        return None


@lru_cache(maxsize=1_024)
def _weight_shapes(layer: Layer, decided: tuple[tuple[str, Any], ...]) -> dict[str, Shape]:
    """By name. Raises whatever torch raises."""
    module = build(layer, layer.chosen | dict(decided), "meta")
    return {name: tuple(held.shape) for name, held in module.named_parameters()}


def weights_of(layer: Layer, shape: Shape) -> int:
    """How many learnable values a layer has for what arrives."""
    with torch.no_grad():
        return ask(layer, shape).parameters
