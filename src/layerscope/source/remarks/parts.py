"""A part that is set into something outside the code: net.fc = nn.Sequential(...) of a network that nobody sees."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import Scope
from layerscope.source.python.values import Symbol, Unknown

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


_OF_ANOTHER = (ast.Attribute, ast.Subscript)


class Parts:
    """Which modules are parts of something unknown, and where they are set."""

    def __init__(self) -> None:
        self._set: dict[int, tuple[ast.expr, str]] = {}

    def note(self, run: "Evaluator", node: ast.Assign, value: Any, scope: Scope) -> None:
        """A module is set at module level."""
        target: ast.expr = node.targets[0]
        root = target
        while isinstance(root, _OF_ANOTHER):
            root = root.value
        if root is target or not isinstance(root, ast.Name):
            return
        known = scope.find(root.id)
        owner = known.names[root.id] if known is not None else None
        if owner is None or isinstance(owner, Unknown | Symbol):
            self._set[id(value)] = target, root.id

    def remark(self, run: "Evaluator", network: Any) -> None:
        """Say that what is shown is a part, where it is one."""
        if id(network) not in self._set:
            return
        target, name = self._set[id(network)]
        text = run.paste.quote(target)
        run.remarks.flaw(
            f"{text} is part of {name}, whose layers are not in this code. Only {text} is shown, not the "
            f"whole network.", target, kind="part", title=f"Only a part of {name} is shown",
        )  # fmt: skip
