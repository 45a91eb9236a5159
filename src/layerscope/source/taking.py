"""What the forward of a network takes, as its parameters and the code's own first call say it."""

import ast
import inspect
from collections.abc import Sequence
from typing import Any

import torch

from layerscope.inputs import Input
from layerscope.network import LONGEST_NAME
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Call
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module
from layerscope.source.torch.showing import Shown
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

MOST_INPUTS = 16


def takes(run: Evaluator, network: Any) -> tuple[str, ...]:
    """The parameters of forward that have no default, without self and without those that the code's own call gives
    constants; one where that is not known."""
    if isinstance(network, LayerModule) and network.layer is not None and network.layer.takes[0] > 1:
        signature = inspect.signature(getattr(torch.nn, network.type).forward)
        return tuple(signature.parameters)[1 : 1 + network.layer.takes[0]]
    constants, several = _constants(run, network), _several(run, network)
    names = [name for name in _parameters(run, network) if name not in constants]
    return tuple(each for name in names for each in several.get(name, {name: name}))[:MOST_INPUTS] or ("input",)


def _parameters(run: Evaluator, network: Any) -> list[str]:
    """The parameters of forward that have no default, without self."""
    cls = _class_of(network)
    function = (run.watch.forward_of(run, cls) or run.watch.methods_for(run, cls)) if cls is not None else None
    if not isinstance(function, UserFunction):
        return []
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    return [arg.arg for arg in positional[1 : len(positional) - len(spec.defaults)]]


def _constants(run: Evaluator, network: Any) -> dict[str, Any]:
    """The parameters of forward that the first call in the code gives constants: net(x, None). {} where it gives no
    tensor."""
    shown, names = _shown(run, network), _parameters(run, network)
    found = shown.constants(names) if shown is not None and len(names) > 1 else {}
    return found if len(found) < len(names) else {}


def _several(run: Evaluator, network: Any) -> dict[str, dict[str, Any]]:
    """The parameters of forward that the first call in the code gives several tensors, {"image": x, "text": y} or
    (x, y): what each of them is called as an input, and its key or place."""
    shown, names = _shown(run, network), _parameters(run, network)
    given = shown.call.bound(*names) if shown is not None else {}
    several = world_of(run).tuples.items()
    found: dict[str, dict[Any, Any]] = {name: _numbered(name, count) for name, count in several if name in names}
    for name, value in given.items():
        if name not in names or not isinstance(value, dict | list | tuple) or not 0 < len(value) <= MOST_INPUTS:
            continue
        parts = value.values() if isinstance(value, dict) else value
        keys = {key: key for key in value} if isinstance(value, dict) else _numbered(name, len(value))
        if all(isinstance(part, Tensor) for part in parts) and all(_is_name(key) for key in keys):
            found[name] = keys
    return found


def _numbered(name: str, count: int) -> dict[Any, Any]:
    return {f"{name}{place + 1}": place for place in range(count)}


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and key.isidentifier() and len(key) <= LONGEST_NAME


def _shown(run: Evaluator, network: Any) -> Shown | None:
    """The first call of a network in the code."""
    cls = _class_of(network)
    return next((each for each in world_of(run).showing.shown if cls is not None and each.network is cls), None)


def _class_of(network: Any) -> UserClass | None:
    return network if isinstance(network, UserClass) else network.cls if isinstance(network, ModuleObject) else None


def called(run: Evaluator, network: Module, node: ast.AST, tensors: list[Tensor]) -> Call:
    """The call that hands tensors to a network, in the form and with the constants that the code's own call has."""
    constants, several = _constants(run, network), _several(run, network)
    if not constants and not several:
        return Call(node, list(tensors))
    given: dict[str, Any] = dict(zip(takes(run, network), tensors, strict=False))
    for name, keys in several.items():
        parts = {key: given.pop(each) for each, key in keys.items() if each in given}
        given[name] = tuple(parts.values()) if 0 in parts else parts
    return Call(node, [], given | constants)


def dtypes(run: Evaluator, network: Any, inputs: Sequence[Input | str]) -> list[torch.dtype]:
    """What kind of numbers each input holds: indices are whole numbers, and so is one of several inputs for which the
    first call in the code hands over whole numbers, such as lengths."""
    shown = _shown(run, network) if len(inputs) > 1 else None
    given = shown.call.bound(*_parameters(run, network)) if shown is not None else {}
    types = {name: value.dtype for name, value in given.items() if isinstance(value, Tensor)}
    return [
        torch.int64 if isinstance(each, Input) and each.kind == "indices"
        else types.get(each.name if isinstance(each, Input) else each, torch.float32)
        for each in inputs
    ]  # fmt: skip


def parameter(run: Evaluator, network: Module, name: str) -> ast.AST:
    """Where forward names an input."""
    cls = _class_of(network)
    function = run.watch.forward_of(run, cls) if cls is not None else None
    named = function.node.args.args if isinstance(function, UserFunction) else []
    return next((arg for arg in named if arg.arg == name), network.node)
