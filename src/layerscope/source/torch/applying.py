"""Handing tensors to a layer: which of them it reads, the row that it becomes, and what it gives."""

import ast
from typing import TYPE_CHECKING, Any

import torch

from layerscope.layers.attention import MASKS
from layerscope.layers.base import Layer, Shape
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.record import BATCH, InValue, Output, Row, whole
from layerscope.source.torch import adding, astray, by_part
from layerscope.source.torch.astray import BatchFault, check_state
from layerscope.source.torch.batch_places import ALONG, along
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import Tensor, Weights, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

SEQUENCES = 3
"""Axes of a batch of sequences: the batch, the steps and the features."""
RECURRENT = ("RNN", "LSTM", "GRU")
_NAMED = MASKS | {"output_size"}
"""Arguments that are not what a layer works on."""


def apply(
    run: "Evaluator", layer: Layer, tensors: list[Tensor], node: ast.AST, *,
    module: LayerModule | None = None, in_values: tuple[InValue, ...] = (),
    untold: tuple[InValue, ...] = (), slip: InValue | None = None,
    gives: Shape | None = None,
) -> Any:  # fmt: skip
    """Hand tensors to a layer: one row more. Raises Fault."""
    first = next(tensor for tensor in tensors if tensor.carries)
    if (shared := next((tensor for tensor in tensors if tensor.is_shared), None)) is not None:
        what = run.paste.quote(shared.node) if shared.node is not None else layer.type
        raise Fault(f"{what} is one result for the whole batch, and a layer is shown for one sample.", node)
    if len(tensors) == 1:

        def on_part(part: Tensor) -> Any:
            return apply(
                run, layer, [part], node, module=module, in_values=in_values, untold=untold, slip=slip, gives=gives
            )  # fmt: skip

        if (found := by_part.layer_on_each(run, layer, first, node, on_part)) is not None:
            return found
    layer = along(layer, first.shape, world_of(run).makes_batch)
    wanted = layer.batch_axis
    for tensor in tensors:
        tensor.go_on(node)
    for tensor in tensors[:1] if layer.type in RECURRENT else tensors:
        if tensor.carries and tensor.axis != wanted and not works_on_each_value(layer) and layer.type not in ALONG:
            name = (module.name if module is not None else None) or layer.type
            words = f"{name} expects the batch on axis {wanted}, but it is on axis {tensor.axis}."
            if module is not None and astray.says_where(module) and len(tensor.shape) != SEQUENCES:
                words = f"{name} expects a batch of sequences, {SEQUENCES} axes, but gets {len(tensor.shape)} axes."
            elif module is not None and astray.says_where(module):
                raise BatchFault(words, node, (module, *astray.above(tensor.origin)))
            raise Fault(words, node)
    shapes = [tensor.sample for tensor in tensors]  # of a tensor without a batch it is the shape
    reads = [
        tensor.origin or Output(adding.constant(run, tensor, shape, node))
        for tensor, shape in zip(tensors, shapes, strict=True)
    ]
    row = adding.add(run, layer, reads, shapes, node, module=module, in_values=in_values, untold=untold, slip=slip)
    if layer.wants == "indices" and first.is_cast and first.origin is not None:
        world_of(run).casts[id(row)] = first.origin
    if module is not None:
        again = world_of(run).record.calls.setdefault(id(module), row)
        learns = has_weights(layer)
        if again is not row and (world_of(run).exact or learns):
            row.again = again
        if again is row and world_of(run).counted:
            adding.called(run, module)
        if learns or module.given:
            row.tensors = module.tensors
            adding.tell(run, module.given.values())
    axis = first.axis or 0
    outputs = row.outputs or ((gives if gives is not None else adding.assumed(layer, shapes)),) * max(
        len(layer.ports), 1
    )
    results = [_result(layer, row, port, shape, first, axis) for port, shape in enumerate(outputs)]
    if not layer.ports:
        return results[0]
    if layer.type in RECURRENT:
        output, *states = results
        return output, tuple(states) if layer.type == "LSTM" else states[0]
    return tuple(results)


def _result(layer: Layer, row: Row, port: int, shape: Shape, first: Tensor, axis: int) -> Tensor:
    """What a row gives at one port, with the batch where torch puts it."""
    place = axis if port == 0 else 1 if layer.type in RECURRENT else 0
    times = first.shape[axis] // BATCH if first.axis is not None else 1
    if times > 1 and shape[:1] == (times,):
        return Tensor(
            (*shape[1 : place + 1], times * BATCH, *shape[place + 1 :]), origin=Output(row, port), node=row.node
        )
    keeps = works_on_each_value(layer) and layer.wants != "indices" and not layer.decides
    dtype = first.dtype if keeps else torch.float32
    is_cast = first.is_cast and layer.passes_kind
    return Tensor(whole(shape, min(place, len(shape))), dtype, Output(row, port), node=row.node, is_cast=is_cast)


def read_by(run: "Evaluator", module: LayerModule, layer: Layer, call: Call, given: list[Tensor]) -> list[Tensor]:
    """Those of the `given` tensors that a layer reads; masks, and states that are zero as torch's own are, are not."""
    if len(call.args) == len(given) == 1 and not call.kwargs:
        return given
    if module.type.removesuffix("Cell") in RECURRENT:
        first, *states = given
        live = [state for state in states if state.carries]
        if not live and states:
            check_state(run, module, first, states, call.node)
        if states and not live:
            run.remarks.note(f"The initial states in {run.paste.quote(call.node)} are not shown.", call.node)
        unknown = [value for value in call.everything[1:] if isinstance(value, Unknown)]
        if unknown:
            raise Fault(unknown[0].reason, unknown[0].node or call.node)
        return [first, *(_of_any_batch(state, module) for state in states)] if live else [first]
    most = layer.takes[1]
    read = list(leaves([*call.args, *(value for name, value in call.kwargs.items() if name not in _NAMED)]))
    if len(read) > most and not (layer.takes[0] < most or module.type.startswith("Transformer")):
        raise Fault(f"{run.paste.quote(call.node)} passes several tensors; the layer expects one.", call.node)
    named = _NAMED & call.kwargs.keys()
    masked = len(read) > most or bool(named) or len(call.args) > most
    if masked and any(value is not None for value in [*call.args[most:], *(call.kwargs[name] for name in named)]):
        run.remarks.note(f"Masks in {run.paste.quote(call.node)} are not shown: they change no shapes.", call.node)
    read = read[:most]
    return attended(run, read, call)


def _of_any_batch(state: Tensor, module: LayerModule) -> Tensor:
    """A state that is made for so many samples as one for any batch: torch.zeros(2, 32, 64) beside another state."""
    place = 0 if module.type.endswith("Cell") else 1
    if state.carries or state.axis is not None or len(state.shape) != place + 2:
        return state
    return state.changed(shape=(*state.shape[:place], BATCH, *state.shape[place + 1 :]))


def attended(run: "Evaluator", read: list[Tensor], call: Call) -> list[Tensor]:
    """What attention reads: query, key and value, or the one tensor that is all three.

    In code written row by row they are written by name where the row names one tensor three times.
    """
    alike = len(read) == 3 and len({tensor.origin for tensor in read}) == 1
    return read[:1] if alike and not (world_of(run).exact and "query" in call.kwargs) else read


def of_constants(module: LayerModule, layer: Layer, tensors: list[Tensor], node: ast.AST) -> Any:
    """A layer called on what no input decides, such as an Embedding of places: its output is learned as a whole."""
    shape = tensors[0].shape
    front, one = (shape[:1], shape[1:]) if len(shape) > 1 else ((), shape)
    outputs = adding.outputs_of(layer, [one])
    if not outputs:
        return Unknown(lambda: module.type, "", node)
    weights = frozenset({Weights(module, adding.weights_of(layer, one))}).union(*(each.weights for each in tensors))
    results = [Tensor((*front, *output), weights=weights, node=node, owner=module) for output in outputs]
    return tuple(results) if layer.ports else results[0]


def works_on_each_value(layer: Layer) -> bool:
    """Whether it does the same wherever the batch is, as it looks at single values or at the last axis alone."""
    if layer.type in ("Linear", "LayerNorm", "Embedding", "RMSNorm"):
        return True
    other = ("Flatten", "Unflatten", "Softmax", "LogSoftmax", "PReLU", "GroupNorm", "Reshape")
    return not layer.dims and not layer.decides and layer.type not in other and layer.takes == (1, 1)


def has_weights(layer: Layer) -> bool:
    """Whether two calls of a layer would share learnable values."""
    if layer.type == "PReLU":
        return True
    if getattr(layer, "affine", None) is False or getattr(layer, "elementwise_affine", None) is False:
        return False
    return type(layer).parameter_formula is not Layer.parameter_formula
