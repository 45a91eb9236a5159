"""Handing tensors to modules: to objects of the paste's own classes, to nn.Sequential, to torch's layers."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.callables import DEEPEST_CALLS, Bound, UserFunction
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.record import Lookup
from layerscope.source.torch import applying, creating
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Tried
from layerscope.source.torch.open_input import OpenInput, SeveralFault
from layerscope.source.torch.tensor import Tensor, tensors_given
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_OF_TWO_STATES = ("LSTM", "LSTMCell")
DROPPING = ("StochasticDepth", "DropPath")
"""What classes are called that drop a branch while training."""


def forward(run: "Evaluator", instance: ModuleObject, call: Call) -> Any:
    """Call an object of the paste's own class of modules. Raises Fault."""
    function = run.watch.forward_of(run, instance.cls)
    if world_of(run).is_example(run, call):
        return world_of(run).showing.calls(instance, call)
    chosen = instance.attributes.get("forward")  # self.forward = self.forward_fast, in __init__
    if isinstance(chosen, Bound):
        function, instance = chosen.function, chosen.to
    if isinstance(function, UserFunction):
        world_of(run).within.append(instance)
        try:
            if instance.cls.name in DROPPING and call.args and isinstance(call.args[0], Tensor):
                return _dropped(run, instance, call.args[0], call.node)
            return run.watch.returned(run, function, function.call(run, call.with_first(instance)))
        finally:
            world_of(run).within.pop()
    if instance.group is not None:
        return instance.group.call(run, call)
    raise Fault(f"{instance.cls.name} has no forward, so it cannot be called.", call.node)


def _dropped(run: "Evaluator", instance: ModuleObject, of: Tensor, node: ast.AST) -> Any:
    """Stochastic depth: it is a row of its own, whatever the class does for it."""
    numbers = [
        value for value in instance.attributes.values() if isinstance(value, int | float) and type(value) is not bool
    ]
    mode = instance.attributes.get("mode")
    known = mode if mode in ("row", "batch") else "row"
    layer = unnamed("StochasticDepth", p=constants.plain(numbers[0]) if numbers else 0.0, mode=known)
    return applying.apply(run, layer, [of], node)


def through(run: "Evaluator", group: Group, call: Call) -> Any:
    """nn.Sequential: each layer is given what the one before it gives. Raises Fault."""
    if len(call.everything) != 1:
        raise Fault(
            f"An nn.Sequential expects one input; {run.paste.quote(call.node)} passes {len(call.everything)}.",
            call.node,
        )
    value = call.everything[0]
    if world_of(run).is_example(run, call):
        return world_of(run).showing.calls(group, call)
    if run.calls >= DEEPEST_CALLS:
        raise Fault(f"Groups of layers are nested too deeply here; the limit is {DEEPEST_CALLS} levels.", call.node)
    run.calls += 1
    try:
        for child in group.values:
            if isinstance(child, LayerModule) and isinstance(value, tuple):
                at = call.nodes.get(0) if value is call.everything[0] else None
                value = run.watch.single(run, value, at, call.node)
            value = run.call(child, Call(call.node, [value]))
    finally:
        run.calls -= 1
    return value


def feed(run: "Evaluator", module: LayerModule, call: Call) -> Any:
    """Call a layer of torch's. Raises Fault."""
    call = run.watch.handing(run, call, module)
    tensors = tensors_given(run, call)
    if not tensors:
        unknown = next((value for value in call.everything if isinstance(value, Unknown)), None)
        return run.unknown(call.node, among=[unknown] if unknown is not None else ())
    if module.fault is not None or module.layer is None:
        raise module.fault or Fault("Layerscope cannot read this layer.", module.node)
    run.watch.feeding(run, module, call)
    layer = module.layer
    for name in module.removed:
        shown = f"{getattr(module, 'path', '') or module.name or layer.type}.{name}"
        run.remarks.note(f"{shown} is set to None; the table still counts it, PyTorch does not.", module.node)
    for place, tensor in enumerate(tensors):
        if isinstance(tensor, OpenInput):
            is_recurrent = layer.type.removesuffix("Cell") in applying.RECURRENT
            if tensor.is_open and len(tensors) == 2 and place and layer.type in _OF_TWO_STATES:
                raise SeveralFault(tensor.entry.given.name, 2, call.node)
            all_there = len(tensors) == layer.takes[1]  # else one name may stand for both states of an LSTM
            tensor.meet(layer, module.in_values, is_state=place > 0 and is_recurrent and all_there)
    if world_of(run).is_example(run, call):
        world_of(run).showing.calls(module, call)
    elif run.making and module.tried is None and not any(tensor.carries for tensor in tensors):
        module.tried = Tried(tensors[0].shape, call.node)
    elif module.type == "Embedding" and (bounds := creating.bounds_of(tensors[0].numbers)) is not None:
        world_of(run).record.lookups.append(Lookup(module, *bounds, call.nodes.get(0, call.node)))
    if not any(tensor.carries for tensor in tensors):
        return applying.of_constants(module, layer, tensors, call.node)
    read = applying.read_by(run, module, layer, call, tensors)
    return applying.apply(run, layer, read, call.node, module=module, in_values=module.in_values, untold=module.untold)
