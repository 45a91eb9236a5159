"""The object of a network that a paste means: made as its code makes one, where it does."""

import ast
from typing import Any

from layerscope.source.builders import needs_arguments
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Call, Fault
from layerscope.source.torch.known_classes import is_module_class
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.world import TorchWorld

MOST_FUNCTIONS = 10


def constructed(run: Evaluator, world: TorchWorld, network: Any, node: ast.AST) -> Any:
    """A new object, made as the paste makes one; what is an object already, is it."""
    if isinstance(network, UserFunction):
        return run.call(network, Call(node))
    if not isinstance(network, UserClass):
        return network
    named = {id(value): value for value in run.globals.names.values() if isinstance(value, ModuleObject)}
    changed = [value for value in named.values() if value.cls is network and value.changed]
    if len(changed) == 1:
        return changed[0]
    if (builder := world.builders.get(network.name)) is not None:
        return run.call(builder, Call(node))
    call = world.constructed.get(network.name)
    if call is None and needs_arguments(network):
        call = _made_by_a_function(run, world, network.name) or _with_configuration(run, network)
    return network.call(run, call or Call(node))


def _made_by_a_function(run: Evaluator, world: TorchWorld, name: str) -> Call | None:
    """How a function of the paste, such as resnet18(), would construct that class; None where none does."""
    world.at_module_level = True
    functions = [value for value in run.globals.names.values() if isinstance(value, UserFunction)]
    for function in functions[:MOST_FUNCTIONS]:
        if name not in world.constructed:
            try:
                run.call(function, Call(function.node))
            except Fault:
                continue
    world.at_module_level = False
    return world.constructed.get(name)


def _with_configuration(run: Evaluator, network: UserClass) -> Call | None:
    """GPT(GPTConfig()) for a class that takes only a configuration, whose class is in the paste with all its values."""
    init = network.find("__init__")
    spec = init.node.args if isinstance(init, UserFunction) else None
    if spec is None or len(spec.args) != 2 + len(spec.defaults) or not isinstance(network.node, ast.ClassDef):
        return None
    wanted = spec.args[1]
    hint = wanted.annotation.id if isinstance(wanted.annotation, ast.Name) else ""
    classes = [value for value in run.globals.names.values() if isinstance(value, UserClass) and _is_plain(value)]
    alike = [cls for cls in classes if cls.name == hint or wanted.arg.lower() in cls.name.lower()]
    if len(alike) != 1:
        return None
    words = f"We assumed {alike[0].name}() for {wanted.arg} of {network.name}."
    line, margin = f"model = {network.name}({alike[0].name}())", run.paste.indentation(network.node)
    changes = () if margin is None else ((run.paste.end, f"\n\n\n{margin}{line}"),)
    run.remarks.offer(words, network.node, f"Add {line}", changes)
    return Call(network.node, [alike[0].call(run, Call(network.node))])


def _is_plain(cls: UserClass) -> bool:
    """Whether a class is not a module, and can be made without arguments."""
    return not is_module_class(cls) and not needs_arguments(cls) and all(row.value for row in cls.fields)
