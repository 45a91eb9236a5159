"""One row more, and the rows of what depends on no input: parameters and other constants."""

import ast
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import closed_form
from layerscope.asking import ask
from layerscope.layers.base import Layer, Shape
from layerscope.layers.learned import Parameter
from layerscope.layers.opaque import Constant, flat
from layerscope.network import MOST_LAYERS
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault
from layerscope.source.record import BATCH, Output, Row, whole
from layerscope.source.torch.tensor import Tensor, Weights
from layerscope.source.torch.worlds import world_of
from layerscope.unfilled import build

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def add(
    run: "Evaluator", layer: Layer, reads: Sequence[Output], shapes: Sequence[Shape], node: ast.AST, *,
    outputs: tuple[Shape, ...] | None = None, **more: Any,
) -> Row:  # fmt: skip
    """One row more; `outputs` is what it gives, where that is known. Raises Fault where there are too many."""
    record = world_of(run).record
    if len(record.rows) >= MOST_LAYERS:
        raise Fault(f"The limit is {MOST_LAYERS:,} layers; this code has more.", node)
    run.tick(node)
    outputs = outputs_of(layer, shapes) if outputs is None else outputs
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


def merged(run: "Evaluator", layer: Layer, reads: list[Output], node: ast.AST) -> Row | None:
    """In code written row by row x + y + z is one row: the one before, with an input more."""
    last = world_of(run).record.rows[-1] if world_of(run).exact and world_of(run).record.rows else None
    inner = getattr(node, "left", None) or next(iter(getattr(node, "args", ())), None)
    if last is None or last.node is not inner or last.type != layer.type or reads[0] != Output(last):
        return None
    last.reads, last.node = (*last.reads, *reads[1:]), node
    return last


def origin(run: "Evaluator", tensor: Tensor, shape: Shape, node: ast.AST) -> Output:
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
        counted = untold(run, holders)
        count = sum(weight.count for weight in counted)
        world_of(run).told_weights |= holders
        layer = _parameter(tensor, shape) if count else None
        if layer is None:
            layer = Constant(
                name="", called="Parameter" if holders else "Constant", gives=flat((shape,)), weights=count
            )
        known[key] = add(run, layer, (), (), tensor.node or node, module=tensor.owner)
        if layer.type == "Constant":
            world_of(run).counted |= dict.fromkeys(counted, known[key])
        world_of(run).alive.append(tensor)
    return known[key]


def tell(run: "Evaluator", tensors: Iterable[Any]) -> None:
    """Rows hold these parameters, so that no other row counts them."""
    told = (each.weights for each in tensors if isinstance(each, Tensor))
    world_of(run).told_weights |= frozenset[Weights]().union(*told)


def untold(run: "Evaluator", weights: frozenset[Weights]) -> frozenset[Weights]:
    """Those weights that no row counts: none of its own, and no layer that was called."""
    world = world_of(run)
    called = world.record.calls
    left = weights - world.told_weights
    return frozenset(each for each in left if holder(each.owner) not in called)


def holder(owner: Any) -> int:
    """The id of the layer that holds a weight."""
    return int(owner[0]) if isinstance(owner, tuple) else id(owner)


def called(run: "Evaluator", module: Any) -> None:
    """A layer has a row of its own, which counts its weights: a constant that was made with them does not any more."""
    world = world_of(run)
    for weight in [weight for weight in world.counted if holder(weight.owner) == id(module)]:
        row = world.counted.pop(weight)
        row.layer = row.layer.with_chosen("weights", row.layer.chosen["weights"] - weight.count)


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


def outputs_of(layer: Layer, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes that a layer gives; () where it does not run."""
    return closed_form.output_shapes(layer, *shapes) or ()


def weight_shape(layer: Layer, decided: dict[str, Any], name: str) -> Shape | None:
    """The shape of a layer's weight or bias, or of what a norm keeps; None where it has none, or not all that decides
    it is known."""
    try:
        return _weight_shapes(layer, tuple(decided.items())).get(name)
    except Exception:  # whatever torch says of these arguments, the shape is not known
        return None


@lru_cache(maxsize=1_024)
def _weight_shapes(layer: Layer, decided: tuple[tuple[str, Any], ...]) -> dict[str, Shape]:
    """By name. Raises whatever torch raises."""
    module = build(layer, layer.chosen | dict(decided), "meta")
    return {name: tuple(held.shape) for name, held in [*module.named_parameters(), *module.named_buffers()]}


def weights_of(layer: Layer, shape: Shape) -> int:
    """How many learnable values a layer has for this input."""
    with torch.no_grad():
        return ask(layer, shape, kinds=(layer.wants == "indices",)).parameters
