"""Following one network of a paste: it is constructed, and tensors are handed through it."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from layerscope.inputs import Input
from layerscope.network import MOST_LAYERS
from layerscope.source.absent import NOTHING
from layerscope.source.docstrings import Documented
from layerscope.source.followed import Followed
from layerscope.source.meant_objects import constructed
from layerscope.source.names import names_of
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Call, Fault, Unknown, carries
from layerscope.source.record import BATCH, Entry, Output, Row
from layerscope.source.remarks import methods_for_forward
from layerscope.source.remarks.forward_errors import FLATTEN, Step
from layerscope.source.remarks.unused_layers import still_counted
from layerscope.source.rewriting import casts, idioms, shuffles
from layerscope.source.taking import called, dtypes, parameter
from layerscope.source.torch import applying
from layerscope.source.torch.adding import holder
from layerscope.source.torch.containers import Group
from layerscope.source.torch.fields import inside
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.open_input import USUAL, OpenInput, usual
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.world import TorchWorld, input_of
from layerscope.source.torch.worlds import unnamed, world_of

STEPS_FIRST = 3
"""Axes of a result with its steps in front of the batch."""


def follow(
    run: Evaluator, world: TorchWorld, name: str | None, network: Any, node: ast.AST, inputs: Sequence[Input | str],
    axis: int = 0, documented: Documented | None = None,
) -> Followed:  # fmt: skip
    """Construct the network and hand tensors through it. Nothing is raised: a Fault is in the result.

    An input that is only a name has the shape that the first layer takes which it meets.
    """
    world.begin()
    run.calls, run.by_chance = 0, False
    entries = [
        Entry(given, min(world.way.axes.get(given.name, axis), len(given.shape)))
        if isinstance(given, Input)
        else Entry(Input(given, USUAL), axis, is_met=False)
        for given in inputs
    ]
    world.record.entries = entries
    fault: Fault | None = None
    value: Any = None
    meant, leaving, order = network, tuple[Output, ...](), tuple[Step, ...]()
    try:
        network = constructed(run, world, network, node)
        if isinstance(network, ModuleObject) and network.group is None and not run.watch.forward_of(run, network.cls):
            tensors = _given(run, network, inputs, entries)
            if (methods := run.watch.methods_for(run, network.cls)) is not None:
                value, leaving = _by_methods(run, network, methods, Call(node, [network, *tensors]))
            else:
                leaving, order = _in_order(run, network, tensors[0], node)
        elif isinstance(network, Module):
            tensors = _given(run, network, inputs, entries)
            with _as_it_was(network):
                value = run.call(network, called(run, network, node, tensors))
            idle = isinstance(network, ModuleObject) and network.group is None and not world.record.rows
            if idle and isinstance(network, ModuleObject) and not isinstance(value, Unknown):
                leaving, order = _in_order(run, network, _given(run, network, inputs, entries)[0], node)
            else:
                leaving = _result(run, value, network)
        else:
            raise Fault(NOTHING, None)
        if not world.record.rows:
            raise Fault(f"{name or 'This network'} has no layers.", node)
    except Fault as error:
        fault = error
    run.watch.followed(run, network)
    rows = _without_spare(world.record.rows, leaving)
    if fault is None and leaving and not world.exact:
        rows = _needed(run, rows, leaving)
    if not world.exact:
        rows = casts.with_casts(shuffles.with_shuffles(list(rows), leaving), world.casts, leaving)
    is_chain = not world.exact and idioms.is_chain(rows, entries, leaving)
    if is_chain:
        rows, leaving = idioms.rewritten(run, rows, entries[0]), ()
        if len(rows) > MOST_LAYERS:  # a reshape became two rows
            fault = fault or Fault(f"The limit is {MOST_LAYERS:,} layers; this code has more.", rows[MOST_LAYERS].node)
            rows = rows[:MOST_LAYERS]
    in_a_row = not world.exact and idioms.is_chain(rows, entries, ())  # whatever it returns on the way
    names = tuple(names_of(rows, network, is_chain or in_a_row))
    return Followed(
        run,
        name,
        tuple(rows),
        names,
        fault,
        meant,
        network,
        tuple(entries),
        leaving,
        documented,
        world.input_sizes,
        order,
        world.says_batch,
        world.makes_batch,
        _used(world),
        value,
        frozenset(world.told_weights),
        run.by_chance or world.asked_for_mode,
        world.way,
        dict(run.remarks.notes),
    )


def _used(world: TorchWorld) -> frozenset[int]:
    """The ids of the modules that are called, that rows stand for, or whose weights are read."""
    modules = (row.module for row in world.record.rows if row.module is not None)
    return frozenset([*world.record.calls, *map(id, modules), *(holder(each.owner) for each in world.told_weights)])


@contextmanager
def _as_it_was(network: Module) -> Iterator[None]:
    """Afterwards, remove the results that forward kept in attributes, such as a state: the next time is another
    record."""
    kept = [(each, dict(each.attributes)) for _, each in walked(network) if isinstance(each, ModuleObject)]
    try:
        yield
    finally:
        for each, before in kept:
            for name in [name for name, value in each.attributes.items() if carries([value])]:
                del each.attributes[name]
                each.attributes.update({name: before[name]} if name in before else {})


def _given(
    run: Evaluator, network: Module, inputs: Sequence[Input | str], entries: Sequence[Entry]
) -> list[Tensor]:  # fmt: skip
    """A tensor for each input."""
    return [
        _of_entry(run, network, entry, dtype) if isinstance(given, Input) else OpenInput(entry, usual(network))
        for given, entry, dtype in zip(inputs, entries, dtypes(run, network, inputs), strict=True)
    ]


def _of_entry(run: Evaluator, network: Module, entry: Entry, dtype: torch.dtype) -> Tensor:
    """The tensor of an input; where that is one number for each sample, what a row takes out of an input of length 1,
    as a network's input has at least one axis."""
    given = entry.given
    tensor = input_of(entry, entry.axis, given.shape, dtype)
    if world_of(run).way.is_bare:
        return Tensor((given.shape[0] * BATCH, *given.shape[1:]), dtype, Output(entry))
    if given.name not in world_of(run).way.single_numbers:
        return tensor
    run.remarks.note(f"{given.name} is one number per sample; it is shown as an input of length 1.")
    select = unnamed("Select", dim=1, index=0)
    taken: Tensor = applying.apply(run, select, [tensor], parameter(run, network, given.name))
    return taken


def _by_methods(
    run: Evaluator, network: ModuleObject, methods: UserFunction, call: Call
) -> tuple[Any, tuple[Output, ...]]:
    """What the methods give that stand in for a forward, and its outputs. Raises Fault."""
    world = world_of(run)
    world.within.append(network)
    try:
        with _as_it_was(network):
            value = run.call(methods, call)
    finally:
        world.within.pop()
    if not any(leaves(value)):
        raise Fault(methods_for_forward.sentence(network.cls), network.cls.node)
    return value, _result(run, value, network)


def _in_order(
    run: Evaluator, network: ModuleObject, data: Any, node: ast.AST
) -> tuple[tuple[Output, ...], tuple[Step, ...]]:
    """The layers one after the other, where no forward says more; a Linear after feature maps is given them flat.

    One that the layer above does not suit reads the last tensor before that does: two heads read what one body gives.
    """
    rows = world_of(run).record.rows
    order: list[Step] = []
    before: list[Any] = []
    maps = False
    for name, value in network.attributes.items():
        if isinstance(value, LayerModule | ModuleObject) or (isinstance(value, Group) and value.kind == "Sequential"):
            layers = [each for _, each in walked(value) if isinstance(each, LayerModule)]
            if maps and layers and layers[0].type == "Linear" and isinstance(data, Tensor) and len(data.sample) > 1:
                data = world_of(run).method(run, data, "flatten", Call(value.node, [1]))
                order.append(Step(FLATTEN, tuple(rows[-1:])))
            start = len(rows)
            data = next((each for each in (data, *reversed(before)) if _suits(layers[:1], each)), data)
            before.append(data)
            found = run.call(value, Call(value.node, [data]))
            data = next(leaves(found), data)
            order.append(Step(name, tuple(rows[start:])))
            maps = maps or any(each.layer is not None and each.layer.dims for each in layers)
        elif isinstance(value, Unknown) and "nn." in value.reason:
            raise Fault(value.reason, value.node)
    read = {id(output.origin) for row in rows for output in row.reads}
    ends = [Output(row) for row in rows[:-1] if id(row) not in read]
    last = [data.origin] if isinstance(data, Tensor) and data.origin is not None else []
    return (*ends, *last), tuple(order)


def _suits(layers: Sequence[LayerModule], data: Any) -> bool:
    """Whether a tensor has rows of as many values as the first of these layers, a Linear, is written for."""
    wanted = [value.value for layer in layers if layer.type == "Linear" for value in layer.in_values]
    is_known = isinstance(data, Tensor) and not getattr(data, "is_open", False)
    return is_known and 1 < len(data.shape) <= STEPS_FIRST and [*data.shape[-1:]] == wanted[:1]


def _result(run: Evaluator, value: Any, network: Any) -> tuple[Output, ...]:
    """The outputs in what forward returns. Raises Fault."""
    tensors = [tensor for tensor in leaves(value) if tensor.origin is not None]
    if shared := [tensor for tensor in tensors if tensor.is_shared]:
        tensors = [tensor for tensor in tensors if not tensor.is_shared]
        what = run.paste.quote(shared[0].node) if shared[0].node is not None else "A result"
        words = f"{what} is one result for the whole batch: it mixes samples."
        if not tensors:
            raise Fault(words, shared[0].node)
        run.remarks.note(f"{words} It is not shown.", shared[0].node)
    record = world_of(run).record
    expected = {0, *(entry.axis for entry in record.entries)}
    own = [
        tensor for tensor in tensors if tensor.origin is None or not tensor.origin.port
    ]  # torch's states have the batch on axis 1
    back = [tensor for tensor in tensors if tensor.origin is not None and isinstance(tensor.origin.origin, Entry)]
    if back and len(back) < len(tensors):
        run.remarks.note("forward also returns its input as it is, which is not shown.")
        tensors = [tensor for tensor in tensors if tensor not in back]
        own = [tensor for tensor in own if tensor not in back]
    turned = next((tensor for tensor in own if tensor.axis not in expected), None)
    if turned is not None and not any(row.layer.batch_axis for row in record.rows):
        words = f"forward returns a tensor with the batch on axis {turned.axis}"
        if turned.axis != 1 or len(turned.shape) != STEPS_FIRST or turned.shape[0] == 1:
            raise Fault(f"{words}.", turned.node)
        run.remarks.note(f"{words}, after the steps, as nn.CTCLoss wants it.", turned.node)
    unknown = next((part for part in inside(value) if isinstance(part, Unknown)), None)
    if not tensors and unknown is not None:
        raise Fault(unknown.reason, unknown.node)
    if not tensors:
        run.watch.returned_nothing(run, network, value)
        last = world_of(run).record.rows[-1:]
        return tuple(Output(row) for row in last)
    if unknown is not None and unknown.of_numbers:
        run.remarks.note(f"{unknown.reason} It is not shown.", unknown.node)
    return tuple(dict.fromkeys(tensor.origin for tensor in tensors if tensor.origin is not None))


def _without_spare(rows: list[Row], leaving: Sequence[Output]) -> list[Row]:
    """The rows without what only puts parts together that nothing reads as one."""
    if not any(row.is_spare for row in rows):
        return rows
    read = {id(output.origin) for row in rows for output in row.reads} | {id(output.origin) for output in leaving}
    return [row for row in rows if not row.is_spare or id(row) in read]


def _needed(run: Evaluator, rows: Sequence[Row], leaving: Sequence[Output]) -> list[Row]:
    """The rows that some output needs, in order."""
    waiting = [output.origin for output in leaving]
    used: set[int] = set()
    while waiting:
        origin = waiting.pop()
        if isinstance(origin, Row) and id(origin) not in used:
            used.add(id(origin))
            waiting.extend(read.origin for read in origin.reads)
    kept = [row for row in rows if id(row) in used]
    if len(kept) == len(rows) or not kept:
        return list(rows)
    shown = {id(row.node) for row in kept}
    for row in rows:
        if id(row.node) not in shown:
            run.remarks.unmeasured(row.node)
    modules = {id(row.module): row.module for row in kept}
    idle = {id(row.module): row.module for row in rows if id(row.module) not in modules}
    count = still_counted(each for each in idle.values() if isinstance(each, LayerModule))
    counted = f"; PyTorch still counts its {count:,} parameters" if count else ""
    run.remarks.note(f"What forward computes but does not return is not shown{counted}.")
    first: dict[int, Row] = {}
    for row in kept:
        if row.module is not None and row.again is not None:
            row.again = first.get(id(row.module))
        first.setdefault(id(row.module), row)
    return kept
