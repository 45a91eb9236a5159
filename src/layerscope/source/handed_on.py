"""What networks of a paste give to another: netD(netG(noise)) is an example call for both, decoder(*encoder(x)) too."""

import ast
from collections.abc import Mapping
from typing import Any

from layerscope.source.assembly import assembled
from layerscope.source.followed import Code, Followed
from layerscope.source.input_list import Given
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH
from layerscope.source.torch.known_classes import is_module_class
from layerscope.source.torch.modules import Module
from layerscope.source.torch.showing import Result, Shown
from layerscope.source.torch.tensor import Made, Tensor
from layerscope.source.torch.world import TorchWorld

MOST_IN_A_ROW = 4
"""Networks that are called on each other's results."""
MOST_FOLLOWED = 24
"""Calls of other networks that are followed for one network: in a loop of a training each may be called on the results
of all others."""
NOT_TOLD: Given = ()
Known = dict[tuple[ast.Call, int], Any]
"""What calls of networks give, by the call and how many networks in a row were left to follow."""


def look(
    code: Code,
    run: Evaluator,
    world: TorchWorld,
    network: object,
    left: int = MOST_IN_A_ROW,
    known: Known | None = None,
) -> None:
    """Find how large the results of other networks are on which a network is called."""
    known = {} if known is None else known
    for shown in list(world.showing.shown):
        passed = shown.passed if shown.network is network else []
        if not passed or not left:
            continue
        given = {shown.node: _remembered(code, run, world, shown, left, known) for shown in _makers(passed)}
        call = _with_tensors(shown.call, given)
        if call is not None:
            world.showing.hands(shown, call)
            return


def _makers(passed: list[Result]) -> list[Shown]:
    """The calls of other networks whose results are handed over."""
    return list({result.of.node: result.of for result in passed if result.of is not None}.values())


def _remembered(code: Code, run: Evaluator, world: TorchWorld, shown: Shown, left: int, known: Known) -> Any:
    """What a call of a network gives, worked out once; None after too many calls."""
    key = shown.node, left
    if key not in known:
        is_full = len(known) >= MOST_FOLLOWED
        known[key] = None  # while it is worked out, a call that comes back to it gives nothing
        known[key] = None if is_full else _given(code, run, world, shown, left, known)
    return known[key]


def _given(code: Code, run: Evaluator, world: TorchWorld, shown: Shown, left: int, remembered: Known) -> Any:
    """What a call of a network gives, with the sizes that the example has; None where that is not certain."""
    network = shown.network
    if not isinstance(network, Module) and not (isinstance(network, UserClass) and is_module_class(network)):
        return None
    look(code, run, world, network, left - 1, remembered)
    shown = next(each for each in world.showing.shown if each.node is shown.node)
    name = network.name if isinstance(network, UserClass) else None
    before = dict(run.remarks.notes)
    reading, followed = assembled(code, run, world, (name, network, network.node), (), NOT_TOLD)
    run.remarks.notes = before
    known = reading.shape_told == "example call" and reading.refusal is None and reading.network is not None
    batch = _batch(shown, followed) if known and not followed.misfits and followed.is_whole else 0
    return _sized(followed.returned, batch) if batch else None


def _batch(shown: Shown, followed: Followed) -> int:
    """How many samples the example has; 0 where it is not the one on which the network was followed."""
    found: set[int] = set()
    for tensor, entry in zip(shown.given, followed.entries, strict=False):
        sizes, axis = list(tensor.shape), entry.axis
        count = sizes.pop(axis) if axis < len(sizes) else 0
        if tuple(sizes) != entry.given.shape and not (entry.given.shape == (1,) and not sizes):
            return 0
        found.add(count)
    return found.pop() if len(shown.given) == len(followed.entries) and len(found) == 1 else 0


def _sized(value: Any, batch: int) -> Any:
    """The tensors in a result with that many samples; None for all else."""
    if isinstance(value, tuple | list):
        return tuple(_sized(part, batch) for part in value)
    if isinstance(value, dict):
        return {key: _sized(part, batch) for key, part in value.items()}
    if not isinstance(value, Tensor) or value.axis is None or value.ended:
        return None
    sizes = tuple(size // BATCH * batch if size % BATCH == 0 else size for size in value.shape)
    return Tensor(sizes, value.dtype)


def _with_tensors(call: Call, given: Mapping[ast.Call, Any]) -> Call | None:
    """A call with tensors in the place of results; None where one of them is not known."""
    args: list[Any] = []
    starred = {part.value for part in getattr(call.node, "args", ()) if isinstance(part, ast.Starred)}
    for place, value in enumerate(call.args):
        found = _found(value, given, call.node)
        is_spread = call.nodes.get(place) in starred and isinstance(value, Result) and isinstance(found, tuple)
        args += found if is_spread else [found]
    kwargs = {name: _found(value, given, call.node) for name, value in call.kwargs.items()}
    changed = Call(call.node, args, kwargs, call.nodes, call.scope)
    return None if any(value is _UNKNOWN for value in changed.everything) else changed


_UNKNOWN = object()


def _found(value: Any, given: Mapping[ast.Call, Any], node: ast.AST) -> Any:
    """A value with the tensors in the place of results."""
    if isinstance(value, tuple | list) and any(isinstance(part, Result) for part in value):
        parts = tuple(_found(part, given, node) for part in value)
        return _UNKNOWN if _UNKNOWN in parts else parts
    if not isinstance(value, Result) or value.of is None or value.of.node not in given:
        return value
    found = given[value.of.node]
    for place in value.place:
        try:
            found = found[place]
        except (KeyError, IndexError, TypeError):
            return _UNKNOWN
    return _made(found, value)


def _made(found: Any, result: Result) -> Any:
    """Tensors that the call of a network makes."""
    if isinstance(found, tuple):
        parts = tuple(_made(part, result) for part in found)
        return _UNKNOWN if _UNKNOWN in parts else parts
    if not isinstance(found, Tensor) or not isinstance(result.node, ast.Call):
        return _UNKNOWN
    tensor = Tensor(found.shape, found.dtype, node=result.node)
    tensor.made = Made(result.node, (), found.shape)
    return tensor
