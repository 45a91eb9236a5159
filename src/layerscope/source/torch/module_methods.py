"""What torch's modules and containers of them can be asked to do: children(), append(...), eval()."""

import itertools
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.torch.containers import Group
from layerscope.source.torch.fields import Fields
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import Learned, Module, walked
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

KEEPING = frozenset({
    "to", "cuda", "cpu", "float", "double", "half", "bfloat16", "eval", "train", "requires_grad_", "apply", "type",
    "share_memory", "to_empty", "compile",
})  # fmt: skip
"""Methods of a module that give the module back."""
PASSED_OVER = frozenset({
    "buffers", "extra_repr", "load_state_dict", "log", "log_dict", "named_buffers", "named_parameters", "parameters",
    "state_dict", "zero_grad", "reset_parameters", "init_weights", "_init_weights",
    "register_full_backward_hook", "register_forward_hook", "register_forward_pre_hook", "_log_api_usage_once",
    "tie_weights", "post_init",
})  # fmt: skip
"""Methods of a module that change no shape and make no layer."""
HOOKS = ("register_forward_hook", "register_forward_pre_hook")


def called(run: "Evaluator", module: Module, name: str, call: Call) -> Any:
    if name in ("train", "eval"):
        world_of(run).mode(run, module, name, call)
    if name in KEEPING:
        return module
    if name in HOOKS:
        run.remarks.note(f"What {run.paste.quote(call.node)} adds to the network is not shown.", call.node)
    if name in PASSED_OVER:
        return run.unknown(call.node)
    return METHODS[name](run, module, call)


def _named(call: Call) -> str | None:
    key = call.kwargs.get("name", call.args[0] if call.args else None)
    return str(constants.plain(key)) if isinstance(key, str | int) else None


def _add(run: "Evaluator", module: Module, call: Call) -> Any:
    """add_module(name, module), register_module, register_parameter."""
    name, values = _named(call), call.everything
    if name is None or len(values) != 2:
        raise Fault(f"The code does not say the name of this layer: {run.paste.quote(call.node)}.", call.node)
    module.set_attribute(run, name, values[-1])
    return None


def _buffer(run: "Evaluator", module: Module, call: Call) -> Any:
    """register_buffer(name, tensor, persistent)."""
    values = call.bound("name", "tensor", "persistent")
    name, tensor = values.get("name"), values.get("tensor")
    if isinstance(name, str):
        held = Learned(call.node, tensor, is_parameter=False) if isinstance(tensor, Tensor) else tensor
        module.set_attribute(run, name, held)
    return None


def _children(run: "Evaluator", module: Module, call: Call) -> Any:
    return [child for child in module.children().values() if not isinstance(child, Learned)]


def _named_children(run: "Evaluator", module: Module, call: Call) -> Any:
    return [(name, child) for name, child in module.children().items() if not isinstance(child, Learned)]


def _modules(run: "Evaluator", module: Module, call: Call) -> Any:
    found = [each for _, each in walked(module) if not isinstance(each, Learned)]
    run.tick(call.node, len(found))
    return found


def _named_modules(run: "Evaluator", module: Module, call: Call) -> Any:
    found = [(path, each) for path, each in walked(module) if not isinstance(each, Learned)]
    run.tick(call.node, len(found))
    return found


def _submodule(run: "Evaluator", module: Module, call: Call) -> Any:
    """module.get_submodule("block.0")."""
    path = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], str) else ""
    value: Any = module
    for name in path.split(".") if path else ():
        value = value.children().get(name) if isinstance(value, Module) else None
    return run.unknown(call.node) if value is None else value


def _forward(run: "Evaluator", module: Module, call: Call) -> Any:
    return module.call(run, call)


def _hyperparameters(run: "Evaluator", module: Module, call: Call) -> None:
    """Lightning's self.save_hyperparameters(): self.hparams holds what __init__ was given, or what is named."""
    table = next((value for value in call.args if isinstance(value, dict | Fields)), None)
    if isinstance(table, dict):
        table = Fields(dict(table))
    if table is None and isinstance(module, ModuleObject) and call.scope is not None:
        init = module.cls.find("__init__")
        names = [*itertools.chain(*init.parameters[:2])][1:] if isinstance(init, UserFunction) else []
        ignored = call.kwargs.get("ignore", ())
        left_out = {ignored} if isinstance(ignored, str) else {name for name in ignored if isinstance(name, str)}
        wanted = [name for name in call.args if isinstance(name, str)] or names
        known = call.scope.names
        table = Fields({name: known[name] for name in wanted if name in known and name not in left_out})
    module.set_attribute(run, "hparams", table)


METHODS = {
    "add_module": _add, "register_module": _add, "register_parameter": _add, "register_buffer": _buffer,
    "children": _children, "named_children": _named_children, "modules": _modules, "named_modules": _named_modules,
    "get_submodule": _submodule, "forward": _forward, "__call__": _forward,
    "save_hyperparameters": _hyperparameters,
}  # fmt: skip


def of_group(run: "Evaluator", group: Group, name: str, call: Call) -> Any:
    args, values = call.args, call.everything
    if len(group.held) > constants.LONGEST_ROW:
        raise Fault(f"The limit is {constants.LONGEST_ROW:,} layers here; this code has more.", call.node)
    if name == "append" and len(values) == 1:
        group.add(values[0])
        return group
    if name in ("extend", "update") and len(values) == 1:
        for key, value in _pairs(run, values[0], call):
            group.add(value, key)
        return group
    if name == "insert" and len(args) == 2 and isinstance(args[0], int):
        row = group.values
        row.insert(args[0], args[1])
        group.held.clear()
        for child in row:
            group.add(child)
        return group
    if name in ("add_module", "register_module", "register_parameter") and len(values) == 2:
        key = _named(call)
        if key is not None:
            return group.add(values[-1], key)
    if name in ("pop", "get") and args:
        key = group.key(constants.plain(args[0]))
        found = group.held.get(key) if key is not None else None
        if found is not None and name == "pop":
            del group.held[str(key)]
        return found if found is not None else args[1] if len(args) > 1 else run.unknown(call.node)
    if name == "values":
        return group.values
    if name == "items":
        return list(group.held.items())
    if name == "keys":
        return list(group.held)
    method = group.method(run, name, call.node)
    return run.strange(method, call) if isinstance(method, Unknown) else method.call(run, call)


OF_GROUP = frozenset({"append", "extend", "insert", "update", "pop", "get", "values", "items", "keys"})
"""Methods that containers have on top of those of all modules."""


def _pairs(run: "Evaluator", value: Any, call: Call) -> list[tuple[str | None, Any]]:
    if isinstance(value, Group) and value.kind == "ModuleDict":
        value = value.held
    if isinstance(value, dict):
        return [(str(key), child) for key, child in value.items()]
    row = run.items(value, call.node)
    if row is None:
        raise Fault(f"The code does not say what {run.paste.quote(call.node)} adds.", call.node)
    return [(None, child) for child in row]


def is_known(name: str) -> bool:
    """Whether every module has a method of that name."""
    return name in METHODS or name in KEEPING or name in PASSED_OVER
