"""Rows of the network from what the paste calls: each is believed only if its formulas give what torch gives."""

import ast
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import closed_form, limits
from layerscope.layers.base import Layer, Shape
from layerscope.layers.opaque import Opaque, flat
from layerscope.modules.row_names import word
from layerscope.source.python.values import Call, CodeFault, Fault
from layerscope.source.record import BATCH, Output, batch_axis, whole
from layerscope.source.remarks.joined_tensors import along_the_batch
from layerscope.source.torch import adding, astray, neighbors
from layerscope.source.torch.as_written import written
from layerscope.source.torch.by_rules import Plan, by_rules, tried
from layerscope.source.torch.fields import Fields
from layerscope.source.torch.misfits import misfit
from layerscope.source.torch.places import Places
from layerscope.source.torch.questions import Question, counted
from layerscope.source.torch.tensor import DRAWING, Tensor, Weights, is_small, leaves
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_FAILING = frozenset({
    "add", "sub", "mul", "div", "matmul", "bmm", "mm", "maximum", "minimum", "cat", "concat", "concatenate", "stack",
    "select", "permute", "transpose", "chunk", "split", "narrow",
})  # fmt: skip
"""Functions whose row is shown although torch refuses it: the network says why, and what would help."""
_TO_FLOATS = frozenset({"Divide", "Function", "Mean"})
"""Rows that make fractions of whole numbers, or may: torch says it."""
_BATCH_FIRST = (BATCH,)


def _planned(name: str, call: Call) -> tuple[Layer, list[Tensor]] | None:
    """The row that a function is as it is written, and what it reads; None where no row is written so."""
    plan = written(name, call)
    if plan is None:
        return None
    kind, values, reads = plan
    try:
        return unnamed(kind, **values), reads
    except (TypeError, ValueError):
        return None


def simple(run: "Evaluator", name: str, call: Call, given: list[Tensor]) -> Any:
    """What a function gives that is one row as it is written, by its formulas; None where torch has to be asked."""
    for tensor in given:
        if tensor.origin is None or tensor.shape[:1] != _BATCH_FIRST:
            return None
    plan = _planned(name, call) if name not in ("max", "min", "sort") else None
    if plan is None or len(set(map(id, plan[1]))) != len(set(map(id, given))):
        return None
    layer, reads = plan
    if layer.type in _TO_FLOATS and not reads[0].dtype.is_floating_point:
        return None
    outputs = closed_form.output_shapes(layer, *[tensor.sample for tensor in reads])
    return None if outputs is None else _row_of(run, layer, reads, call, outputs)


def as_it_stands(run: "Evaluator", name: str, call: Call) -> Any:
    """What a function gives in code written row by row, where each call is a row; None where no row is written so."""
    plan = _planned(name, call)
    if plan is None or not all(tensor.origin is not None for tensor in plan[1]):
        return None
    layer, reads = plan
    if layer.type == "Transpose" and call.args[1:] and 0 in call.args[1:]:
        # By place it only moves the batch; a row that does so is written by name.
        return reads[0].changed(shape=(1, BATCH)) if reads[0].shape == (BATCH,) else None  # what turns it does not run
    found = _row_of(run, layer, reads, call)
    return Fields({"values": found}) if name == "sort" else found


def _row_of(
    run: "Evaluator", layer: Layer, reads: list[Tensor], call: Call, outputs: tuple[Shape, ...] | None = None
) -> Any:
    """What a row gives by its formulas, which `outputs` is where it is known; what it might have given where it does
    not run."""
    shapes = [tensor.sample for tensor in reads]
    known = adding.outputs_of(layer, shapes) if outputs is None else outputs
    outputs = known or (adding.assumed(layer, shapes),) * max(len(layer.ports), 1)
    origins = [tensor.origin for tensor in reads if tensor.origin is not None]
    row = adding.merged(run, layer, origins, call.node) or adding.add(
        run, layer, origins, shapes, call.node, outputs=known
    )
    dtype = reads[0].dtype
    results = [Tensor(whole(shape), dtype, Output(row, port), node=call.node) for port, shape in enumerate(outputs)]
    return tuple(results) if layer.ports else results[0]


def check_joined(run: "Evaluator", name: str, call: Call) -> None:
    """Raise Fault where samples of several tensors would become one batch."""
    given = call.bound("tensors", "dim")
    dim, tensors = given.get("dim", given.get("axis", 0)), list(leaves(given.get("tensors")))
    axes = {tensor.axis for tensor in tensors if tensor.carries}
    rank = len(tensors[0].shape) if tensors else 0
    if isinstance(dim, int) and (dim % rank if rank else 0) in axes and name not in ("stack",):
        along_the_batch(run, name, call)
        raise Fault(f"{run.paste.quote(call.node)} joins samples into one batch.", call.node)


# What torch gave


def made(
    run: "Evaluator", question: Question, call: Call, given: list[Tensor], result: Any, is_live: bool
) -> Any:  # fmt: skip
    """The values that a function of torch gave for the `given` tensors, with their rows. Raises Fault."""
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
        is_drawn = question.name in DRAWING or any(tensor.is_drawn for tensor in given)
        results = [
            Tensor(
                tuple(each.shape),
                each.dtype,
                weights=weights,
                node=call.node,
                owner=owner,
                made=maker,
                is_drawn=is_drawn,
            )
            for each in tensors
        ]
        return _shaped(result, results)
    outputs = [_output(run, part, call.node, given, question.name) for part in tensors]
    if _is_named(result):
        read = [tensor.changed() for tensor in given]  # as they are now: a method such as scatter_ may change them
        outputs[1:] = [_places(run, question, call, read, part) for part in outputs[1:]]
    known = [part for part in outputs if isinstance(part, Tensor) and not isinstance(part, Places)]
    if known:
        _with_rows(run, question, call, given, known)
    return _shaped(result, outputs)


def _places(run: "Evaluator", question: Question, call: Call, given: list[Tensor], part: Any) -> Any:
    """What a function gives beside the values, such as the places where it found them."""
    if not isinstance(part, Tensor):
        return part
    return Places(part.shape, part.dtype, part, lambda made: _measured(run, question, call, given, [made], "_indices"))


def too_many(run: "Evaluator", count: int, node: ast.AST) -> Fault:
    """The fault of a function that gives more tensors than a row may have outputs."""
    return Fault(f"{run.paste.quote(node)} gives {count:,} tensors; the limit is {limits.PORTS.most}.", node)


_OVER_SAMPLES = frozenset({"mean", "sum", "std", "var", "var_mean", "std_mean", "amax", "amin", "logsumexp", "norm"})
"""Functions that make one result of all samples."""


def _is_over_samples(name: str, part: torch.Tensor, given: list[Tensor]) -> bool:
    """Whether a function goes over the samples, or works on what is one for all of them already; none of them is
    picked."""
    if any(size % BATCH == 0 for size in part.shape if size):
        return False
    live = [tensor for tensor in given if tensor.origin is not None]
    return (name in _OVER_SAMPLES and part.dim() > 0) or (bool(live) and all(tensor.is_shared for tensor in live))


def _output(run: "Evaluator", part: torch.Tensor, node: ast.AST, given: list[Tensor], name: str) -> Any:
    """A tensor that depends on an input; Unknown where it is not one result for each sample."""
    if sum(size % BATCH == 0 for size in part.shape if size) == 1:
        return Tensor(tuple(part.shape), part.dtype, node=node)
    layers = astray.above(given[0].origin)
    if not layers and not neighbors.is_graph(run) and _is_over_samples(name, part, given):
        if not all(tensor.is_shared for tensor in given if tensor.origin is not None):
            words = f"{run.paste.quote(node)} is one result for the whole batch: its row shows what each sample gets."
            run.remarks.note(words, node)
        return Tensor(tuple(part.shape), part.dtype, node=node)
    if layers:
        came_first = all(entry.axis == 0 for entry in world_of(run).record.entries)
        world_of(run).picked[id(node)] = astray.Picked(layers, came_first and given[0].axis == 1)
    words = f"{run.paste.quote(node)} does not give one result per sample: it mixes samples or picks one."
    if neighbors.is_graph(run):
        words = f"{run.paste.quote(node)} mixes the nodes: the first axis of the inputs is the nodes of one graph, not "
        words += "samples. Compute it before the call, and hand the matrix that multiplies the nodes to forward. "
        words += "Attention needs the weights: write it for a batch of graphs, (batch, nodes, features), with "
        words += "torch.matmul for torch.mm, .transpose(-2, -1) for .T and dims counted from the end."
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


def _with_rows(run: "Evaluator", question: Question, call: Call, given: list[Tensor], results: list[Tensor]) -> None:
    """Give the results of a function their rows."""
    name = question.name
    if results[0].axis is None or any(tensor.is_shared for tensor in given):
        _measured(run, question, call, given, results)
        return
    in_front = all(tensor.axis == 0 for tensor in given if tensor.carries) and results[0].axis == 0
    plan = written(name, call) if in_front else None
    if plan is not None and tried(run, [Plan(plan[0], plan[1], tuple(plan[2]))], results, call.node):
        return
    plans = by_rules(name, call, given, results)
    if plans == [] and len({tensor.sample for tensor in (given[0], *results)}) == 1:
        for result in results:
            result.origin, result.ended = given[0].origin, given[0].ended
        return
    if plans and tried(run, plans, results, call.node):
        return
    _measured(run, question, call, given, results)


def _measured(
    run: "Evaluator", question: Question, call: Call, given: list[Tensor], results: list[Tensor], kind: str = ""
) -> None:
    """A row that says no more than its size: what no other row can say. `kind` is what of the function it gives."""
    read = [tensor for tensor in dict.fromkeys(given) if tensor.carries]
    weights = adding.untold(run, frozenset[Weights]().union(*(tensor.weights for tensor in given)))
    world_of(run).told_weights |= weights
    count, macs = sum(weight.count for weight in weights), counted(question) // BATCH
    for result in results:
        shapes = tuple(tensor.sample for tensor in read)
        layer = Opaque(
            name="",
            called=word(question.name + kind),
            reads=flat(shapes),
            gives=flat((result.sample,)),
            weights=count,
            macs=macs,
        )
        row = adding.add(run, layer, [tensor.origin for tensor in read if tensor.origin is not None], shapes, call.node)
        result.origin = Output(row)
        if count:  # until a layer that holds them is called, and counts them itself
            world_of(run).counted |= dict.fromkeys(weights, row)
        count = macs = 0
    run.remarks.measured(call.node)


# What torch refused


def refused(run: "Evaluator", space: str, name: str, call: Call, words: str) -> Any:
    """The row of a function that torch refuses, if it has one; raises Fault with torch's words where it has none."""
    given = list(leaves(call.everything))
    plan = _planned(name, call) if name in _FAILING else None
    if plan is None or any(tensor.axis != 0 or not tensor.carries for tensor in given):
        raise misfit(run, call) or CodeFault(f"PyTorch refuses {run.paste.quote(call.node)}: {words}", call.node)
    layer, reads = plan
    return _row_of(run, layer, reads, call)
