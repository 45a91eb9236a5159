"""Calls of the network on a tensor whose sizes are not known before the code runs: they tell nothing of the input."""

import ast
from collections.abc import Iterator
from typing import Any

from layerscope.source.python.classes import UserClass
from layerscope.source.sizes.evidence import Case, last_word
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.showing import MAKERS
from layerscope.source.torch.tensor import Tensor


def made_for(case: Case, network: Any) -> Iterator[ast.Call]:
    """The calls such as torch.randn(n, 3, side, side) that make what `network` is called on."""
    bound = {
        node.targets[0].id: node.value
        for node in case.code.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in case.calls:
        given = call.args[0] if call.args and _is_network(call.func, case, network) else None
        made = bound.get(given.id) if isinstance(given, ast.Name) else given
        if isinstance(made, ast.Call) and last_word(made) in MAKERS and not isinstance(case.worth(made), Tensor):
            yield made


def _is_network(func: ast.expr, case: Case, network: Any) -> bool:
    while isinstance(func, ast.Attribute | ast.Call):
        func = func.value if isinstance(func, ast.Attribute) else func.func
    value = case.run.globals.names.get(func.id) if isinstance(func, ast.Name) else None
    known = value.cls if isinstance(value, ModuleObject) else value
    return isinstance(known, UserClass | Group) and known is network
