"""Loops that only fill parameters with numbers: for m in self.modules(): if isinstance(m, nn.Conv2d): nn.init....

Nothing that is shown depends on these numbers, so such a loop is followed for one module of each kind: a network has
hundreds of modules and few kinds.
"""

import ast
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import Scope
from layerscope.source.python.values import Symbol
from layerscope.source.text.scan import walk
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_ASKING = frozenset({
    "isinstance", "issubclass", "hasattr", "len", "type", "int", "float", "abs", "min", "max", "sqrt", "log", "size",
    "dim", "numel", "find", "startswith", "endswith", "lower", "calculate_gain",
})  # fmt: skip
"""Calls that answer a question and change nothing."""
_CHANGING = (ast.Lambda, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield)
"""Expressions that may give a name a value, or call something."""


def of_each_kind(run: "Evaluator", node: ast.For, row: Sequence[Any], scope: Scope) -> Sequence[Any]:
    """The last module of each kind, in order, where the loop's body only fills parameters; else all that is there."""
    if len(row) < 2 or _kind(row[0]) is None or None in (kinds := [_kind(value) for value in row]):
        return row
    known = world_of(run).filling
    if id(node) not in known:
        names = {part.id for part in walk(node.target) if isinstance(part, ast.Name)}
        known[id(node)] = not node.orelse and all(_fills(run, part, names, scope) for part in node.body)
    if not known[id(node)]:
        return row
    last = dict(zip(kinds, range(len(row)), strict=True))
    return [row[place] for place in sorted(last.values())]


def _kind(value: Any) -> Hashable:
    """What tells modules apart that are not alike; None for what is not a module."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):  # a name and the module
        value = value[1]
    if isinstance(value, LayerModule):
        return value.type
    if isinstance(value, ModuleObject):
        return id(value.cls)
    return value.kind if isinstance(value, Group) else None


def _fills(run: "Evaluator", node: ast.stmt, names: set[str], scope: Scope) -> bool:
    """Whether a statement does nothing but fill parameters; `names` stand for the modules."""
    match node:
        case ast.If():
            parts = [*node.body, *node.orelse]
            return _asks(node.test) and all(_fills(run, part, names, scope) for part in parts)
        case ast.With():
            unnamed = all(item.optional_vars is None for item in node.items)
            return unnamed and all(_fills(run, part, names, scope) for part in node.body)
        case ast.Expr(value=ast.Call() as call):
            given = [*call.args, *(word.value for word in call.keywords)]
            return _is_filler(run, call.func, names, scope) and all(map(_asks, given))
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _asks(node: ast.expr) -> bool:
    """Whether an expression changes nothing."""
    for part in walk(node):
        if isinstance(part, _CHANGING):
            return False
        if isinstance(part, ast.Call) and getattr(part.func, "attr", getattr(part.func, "id", "")) not in _ASKING:
            return False
    return True


def _is_filler(run: "Evaluator", node: ast.expr, names: set[str], scope: Scope) -> bool:
    """Whether that is called which fills a tensor: nn.init.zeros_, m.weight.data.normal_."""
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    is_filling = (words[0] if words else node.id).endswith("_")
    if node.id in names:
        return is_filling and len(words) > 1
    known = scope.find(node.id)
    value = known.names[node.id] if known is not None else None
    path = value.path if isinstance(value, Symbol) else (run.world.assumed(node.id) or "") if known is None else ""
    return bool(path) and (is_filling or "init" in (*path.split("."), *words[1:]))
