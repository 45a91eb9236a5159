"""What expressions are worth. What is not understood is Unknown; it becomes a refusal only where it matters."""

import ast
from abc import ABC
from dataclasses import replace
from typing import Any

from layerscope.catalogue import TORCH_LAYERS
from layerscope.source.interpreter import constants
from layerscope.source.interpreter.machine import Call, handler
from layerscope.source.interpreter.made import Scope, Super, UserFunction
from layerscope.source.interpreter.misgiven import Misgiven
from layerscope.source.interpreter.operators import Operators
from layerscope.source.interpreter.values import Symbol

ASSUMED = {
    "nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math",
    "OrderedDict": "collections.OrderedDict", "partial": "functools.partial", "copy": "copy",
}  # fmt: skip
"""Names that a paste without its import lines uses, and what they nearly always are."""
LAYERS = {
    *TORCH_LAYERS,
    "Sequential",
    "ModuleList",
    "ModuleDict",
    "Module",
    "TransformerEncoder",
    "TransformerDecoder",
    "Transformer",
}


class Expressions(Operators, Misgiven, ABC):
    """Names, constants, rows and the arguments of calls."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        self.tick(node)
        method = getattr(self, handler("_on_", type(node).__name__), None)
        return self.unknown(node) if method is None else method(node, scope)

    def _on_constant(self, node: ast.Constant, scope: Scope) -> Any:
        try:
            return constants.bounded(node.value)
        except constants.TooLargeError as error:
            return node.value if isinstance(node.value, str) else self.unknown(node, self._large(node, error))

    def _large(self, node: ast.AST, error: Exception) -> str:
        return f"{self.paste.quote(node)} cannot be worked out. {error}"

    def _on_name(self, node: ast.Name, scope: Scope) -> Any:
        known = scope.find(node.id)
        if known is not None:
            return known.names[node.id]
        if node.id in constants.BUILTINS:
            return Symbol(f"builtins.{node.id}")
        if node.id in ASSUMED or node.id in LAYERS:
            path = ASSUMED.get(node.id, f"torch.nn.{node.id}")
            self.assume(node.id, path)
            return Symbol(path)
        if node.id == "__name__":
            return "__main__"
        return replace(self.unknown(node, f"{node.id} is not defined in the code."), undefined=node)

    def _on_attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.attribute(self.evaluate(node.value, scope), node.attr, node)

    def _on_tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        return tuple(self._on_list(node, scope))

    def _on_list(self, node: ast.List | ast.Tuple, scope: Scope) -> list[Any]:
        values: list[Any] = []
        for part in node.elts:
            if isinstance(part, ast.Starred):
                values.extend(self.items(self.evaluate(part.value, scope), part) or [])
            else:
                values.append(self.evaluate(part, scope))
        return values

    def _on_dict(self, node: ast.Dict, scope: Scope) -> Any:
        result: dict[Any, Any] = {}
        for key, part in zip(node.keys, node.values, strict=True):
            value = self.evaluate(part, scope)
            name = None if key is None else self.evaluate(key, scope)
            if key is None and isinstance(value, dict):
                self.tick(node, len(value))
                result |= value
            elif isinstance(name, str | int | float | bool) or (name is None and key is not None):
                result[name] = value
            else:
                return self.unknown(node, among=[name, value])
        return result

    def _on_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.evaluate(part.value, scope)
                if not isinstance(value, str | int | float | bool) or part.format_spec is not None:
                    return self.unknown(node, among=[value])
                text += str(constants.plain(value))
            elif isinstance(part, ast.Constant):
                text += str(part.value)
            if len(text) > constants.LONGEST_TEXT:
                return self.unknown(node)
        return text

    def _on_lambda(self, node: ast.Lambda, scope: Scope) -> UserFunction:
        return UserFunction(node, scope)

    def _on_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        scope.names[node.target.id] = value = self.evaluate(node.value, scope)
        return value

    def _on_call(self, node: ast.Call, scope: Scope) -> Any:
        function = self.evaluate(node.func, scope)
        if function == Symbol("builtins.print"):
            return None
        if function == Symbol("builtins.super"):
            return self._super(scope, node)
        return self.call(function, self._arguments(node, scope))

    def _super(self, scope: Scope, node: ast.AST) -> Any:
        inside: Scope | None = scope
        while inside is not None and inside.instance is None:
            inside = inside.outer
        if inside is None or inside.instance is None or inside.owner is None:
            return self.unknown(node)
        if isinstance(node, ast.Call) and len(node.args) == 1:  # super(Net) alone reaches nothing
            inside.instance.unbound = node
            return self.unknown(node)
        if isinstance(node, ast.Call) and node.args:
            self.named_super(node, scope, inside.instance)
        return Super(inside.instance, inside.owner.bases)

    def _arguments(self, node: ast.Call, scope: Scope) -> Call:
        call = Call(node)
        for part in node.args:
            if isinstance(part, ast.Starred):
                value = self.evaluate(part.value, scope)
                row = self.items(value, part)
                for item in [value] if row is None else row:
                    call.nodes[len(call.args)] = part.value
                    call.args.append(item)
            else:
                call.nodes[len(call.args)] = part
                call.args.append(self.evaluate(part, scope))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                call.kwargs[keyword.arg], call.nodes[keyword.arg] = value, keyword.value
            elif isinstance(value, dict):
                for name in [name for name in value if isinstance(name, str)]:
                    call.kwargs[name], call.nodes[name] = value[name], keyword.value
        return call
