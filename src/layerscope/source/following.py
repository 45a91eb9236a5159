"""Following one network of a paste: it is constructed, and tensors are handed through it."""

import ast
from typing import Any

from layerscope.source import unused
from layerscope.source.absent import NOTHING
from layerscope.source.documented import Documented, row_by_row
from layerscope.source.followed import Code, Followed
from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.machine import Call
from layerscope.source.interpreter.made import Group, Instance, Made, UserClass, UserFunction
from layerscope.source.interpreter.naming import names
from layerscope.source.interpreter.paths import paths
from layerscope.source.interpreter.values import Data, Fault, Source, Unknown
from layerscope.source.results import is_chain, needed, result_of

MOST_INPUTS = 16


def followed(code: Code, machine: Interpreter, name: str | None, network: Any, node: ast.AST) -> Followed:
    """Construct a network and hand its inputs through it.

    One input is tried first. Where that stops and forward takes more, it is given all of them.
    """
    documented = row_by_row(code.tree, name)
    takes = _takes(machine, network)
    if documented is not None and len(documented.inputs) != len(takes):
        documented = None  # the code was changed since it was written
    machine.exact = documented is not None
    notes = dict(machine.notes)
    several = documented is not None and len(documented.inputs) > 1
    found = _attempt(machine, name, network, node, takes if several else takes[:1], documented)
    if found.fault is not None and len(takes) > 1 and not several:
        first, machine.notes = dict(machine.notes), notes
        again = _attempt(machine, name, network, node, takes, documented)
        if again.fault is None or len(again.uses) > len(found.uses):
            found = again
        else:
            machine.notes = first
    unused.remarks(found, found.instance)
    return found


def _takes(machine: Interpreter, network: Any) -> tuple[str, ...]:
    """The parameters of forward that have no default, without self; one where that cannot be told."""
    cls = network if isinstance(network, UserClass) else network.cls if isinstance(network, Instance) else None
    function = cls.find("forward") if cls is not None else None
    if not isinstance(function, UserFunction):
        return ("input",)
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    bare = [arg.arg for arg in positional[1 : len(positional) - len(spec.defaults)]]
    return tuple(bare[:MOST_INPUTS]) or ("input",)


def _attempt(
    machine: Interpreter, name: str | None, network: Any, node: ast.AST, takes: tuple[str, ...],
    documented: Documented | None,
) -> Followed:  # fmt: skip
    fault: Fault | None = None
    meant, outputs = network, tuple[Source, ...]()
    machine.begin()
    try:
        if isinstance(network, UserClass):
            network = machine.changed_object(network) or _object_of(machine, network, node)
        elif isinstance(network, UserFunction):
            network = machine.call(network, Call(node))
        if isinstance(network, Instance) and network.children is None and not machine.forward_of(network.cls):
            machine.without_forward(network)
            _in_order(machine, network)
        elif isinstance(network, Instance | Group | Made):
            given = Call(node, [Data(-place) for place in range(len(takes))])
            outputs = result_of(machine.call(network, given), machine, network)
            if not machine.uses and isinstance(network, Instance):
                machine.note("forward calls no layer; the layers are read in the order of __init__.", node)
                _in_order(machine, network)
        else:
            raise Fault(NOTHING, None)
        if not machine.uses:
            raise Fault(f"{name or 'This network'} has no layers.", node)
    except Fault as error:
        fault = error
    if fault is None and outputs and not machine.exact:
        outputs = needed(machine, outputs)
    plain = is_chain(machine.uses, outputs) and len(takes) == 1 and not machine.exact
    given_names = names(machine.uses, network) if plain else paths(machine.uses, network)
    inputs = tuple(each.name for each in documented.inputs) if documented else takes if len(takes) > 1 else ("input",)
    return Followed(
        machine, name, tuple(machine.uses), tuple(given_names), fault, meant, network, inputs, outputs, documented
    )


def _object_of(machine: Interpreter, network: UserClass, node: ast.AST) -> Instance:
    """A new object, made as the paste makes one."""
    call = machine.constructed.get(network.name)
    if call is None and _needs_arguments(network):
        call = machine.made_by_a_function(network.name)
    return machine.instantiate(network, call or Call(node))


def _needs_arguments(network: UserClass) -> bool:
    init = network.find("__init__")
    spec = init.node.args if isinstance(init, UserFunction) else None
    return spec is not None and len(spec.args) - 1 > len(spec.defaults)


def _in_order(machine: Interpreter, network: Instance) -> None:
    data: Any = Data(0)
    for value in network.attributes.values():
        if isinstance(value, Made | Instance) or (isinstance(value, Group) and value.kind == "Sequential"):
            data = machine.feed(value, data[0] if isinstance(data, tuple) else data, value.node)
        elif isinstance(value, Unknown) and "nn." in value.reason:
            raise Fault(value.reason, value.node)
