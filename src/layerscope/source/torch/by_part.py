"""Modules that are called on parts of each sample, as a CNN is on frames: x.view(batch * frames, 3, 32, 32).

A row shows one sample, so the module is shown once for each part, with the same weights, as in
torch.stack([cnn(x[:, i]) for i in range(frames)], dim=1).
"""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layerscope.layers.base import Layer
from layerscope.network import MOST_LAYERS
from layerscope.source.python.values import Call, Fault
from layerscope.source.record import BATCH, Output, Row, whole
from layerscope.source.torch import adding
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

OF_A_MAP = 3
"""Axes from which on each part is handed on alone; rows of values are put together again at once."""
_ON_EACH_ROW = frozenset({
    "Linear", "LayerNorm", "RMSNorm", "Embedding", "Flatten", "Unflatten", "Reshape", "Softmax", "LogSoftmax",
    "Softmin", "GLU", "PReLU",
})  # fmt: skip
"""Layers that look at the last axes, or are told along which they work, so that parts in front do not matter."""


def times(value: Any) -> int:
    """Into how many parts each sample was cut that stand on the batch axis; 1 for a tensor of samples."""
    if not isinstance(value, Tensor) or (isinstance(value, OpenInput) and value.is_open) or not value.carries:
        return 1
    count = value.shape[0] // BATCH if value.shape else 0
    return count if count > 1 and value.shape[0] == count * BATCH else 1


def takes_whole(layer: Layer) -> bool:
    """Whether a layer works on all axes of a part, so that it has to be given one at a time."""
    if layer.type in _ON_EACH_ROW:
        return False
    return bool(layer.dims or layer.decides or layer.ports or layer.takes != (1, 1) or "Norm" in layer.type)


def each(run: "Evaluator", module: Module, call: Call) -> Any:
    """What a module gives for parts of samples, called on one after the other; None where it is called as it stands.

    Raises Fault.
    """
    given = call.everything
    count = max(map(times, given), default=1)
    if count < 2 or _counts_otherwise(run):
        return None
    layers = [found for _, found in walked(module) if isinstance(found, LayerModule)]
    if not any(layer.layer is not None and takes_whole(layer.layer) for layer in layers):
        return None
    if any(isinstance(value, Tensor) and value.carries and times(value) != count for value in given):
        return None
    _check_room(run, call.node, len(layers), count)
    rows = {id(value): apart(run, value, call.node) for value in given if times(value) == count}

    def of_part(place: int, value: Any) -> Any:
        return rows[id(value)][place] if id(value) in rows else value

    results = [
        run.call(module, Call(call.node, [of_part(place, value) for value in call.args],
                              {name: of_part(place, value) for name, value in call.kwargs.items()}, call.nodes))
        for place in range(count)
    ]  # fmt: skip
    return _together(run, results, call.node)


def layer_on_each(
    run: "Evaluator", layer: Layer, of: Tensor, node: ast.AST, apply: Callable[[Tensor], Any]
) -> Any:  # fmt: skip
    """What a layer gives for parts of samples, where it takes one at a time; None where it is one row for all.

    What keeps the form of maps that were made one by one goes on so. Raises Fault.
    """
    count = times(of)
    if count < 2 or _counts_otherwise(run) or of.shape[1:2] == (BATCH,):
        return None
    goes_on = bool(of.parts) and len(of.shape) > OF_A_MAP and layer.type not in _ON_EACH_ROW
    if not takes_whole(layer) and not goes_on:
        return None
    _check_room(run, node, 1, count)
    return _together(run, [apply(part) for part in apart(run, of, node)], node)


def _counts_otherwise(run: "Evaluator") -> bool:
    """Whether the batch axis holds something else: rows as they are written, or the steps of one sequence."""
    world = world_of(run)
    return world.exact or world.way.is_bare or world.is_one_by_one


def apart(run: "Evaluator", of: Tensor, node: ast.AST) -> tuple[Tensor, ...]:
    """The parts of each sample, each as a tensor of its own."""
    if of.parts:
        return of.parts
    sizes, origin = of.sample, of.origin
    assert origin is not None
    rows = [
        adding.add(run, unnamed("Select", dim=1, index=place), [origin], [sizes], node) for place in range(sizes[0])
    ]
    return tuple(Tensor(whole(sizes[1:]), of.dtype, Output(row), node=node) for row in rows)


def _together(run: "Evaluator", results: list[Any], node: ast.AST) -> Any:
    """What was made of the parts as one tensor; one for each place, where there are several. Raises Fault."""
    first = results[0]
    if isinstance(first, tuple | list):
        return type(first)(_together(run, list(row), node) for row in zip(*results, strict=True))
    axis = first.axis if isinstance(first, Tensor) else None
    if axis is None or not all(isinstance(each, Tensor) and each.carries and each.axis == axis for each in results):
        raise Fault(
            f"{run.paste.quote(node)} gets {len(results)} parts of each sample, which the code put on the batch axis, "
            "and does not give one tensor for each.", node,
        )  # fmt: skip
    sizes = [each.sample for each in results]
    reads = [each.origin for each in results if each.origin is not None]
    row: Row = adding.add(run, unnamed("Stack", dim=1), reads, sizes, node)
    row.is_spare = True
    shape = (*first.shape[:axis], len(results) * BATCH, *first.shape[axis + 1 :])
    return Tensor(shape, first.dtype, Output(row), node=node, parts=() if axis else tuple(results))


def _check_room(run: "Evaluator", node: ast.AST, layers: int, count: int) -> None:
    """Raise Fault where there would be too many rows."""
    if len(world_of(run).record.rows) + layers * count > MOST_LAYERS:
        raise Fault(
            f"{run.paste.quote(node)} gets {count} parts of each sample, which the code put on the batch axis. "
            f"Layerscope shows its layers once for each part, at most {MOST_LAYERS:,} in all. Hand it fewer parts in "
            "the example, such as 2 frames, to see the network.", node,
        )  # fmt: skip
