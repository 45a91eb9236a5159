"""What expressions are worth. What is not understood is Unknown; it becomes a refusal only where it matters."""

import ast
from abc import ABC
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.source.interpreter import constants
from layerscope.source.interpreter.machine import CHAIN, Call, Machine
from layerscope.source.interpreter.values import (
    Data,
    Dim,
    Fault,
    Given,
    Group,
    Instance,
    Scope,
    Sizes,
    Super,
    Symbol,
    Training,
    Unknown,
    UserFunction,
)  # fmt: skip

ASSUMED = {
    "nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math",
    "OrderedDict": "collections.OrderedDict", "partial": "functools.partial", "copy": "copy",
}  # fmt: skip
"""Names that a paste without its import lines uses, and what they nearly always are."""
_LAYERS = {*CATALOGUE, "Sequential", "ModuleList", "ModuleDict", "Module"}


class Expressions(Machine, ABC):
    """Names, operators, rows, conditions and comprehensions."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        self.tick(node)
        method = getattr(self, f"_on_{type(node).__name__.lower()}", None)
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
        if node.id in ASSUMED or node.id in _LAYERS:
            path = ASSUMED.get(node.id, f"torch.nn.{node.id}")
            self.note(f"{node.id} is never imported; {path} is meant.")
            return Symbol(path)
        if node.id == "__name__":
            return "__main__"
        return self.unknown(node, f"{node.id} is not defined in the code.")

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

    def _on_binop(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.binary(node.op, self.evaluate(node.left, scope), self.evaluate(node.right, scope), node)

    def binary(self, operator: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        if isinstance(left, Data) or isinstance(right, Data):
            return self._on_tensor(operator, left, right, node)
        if isinstance(left, Dim) or isinstance(right, Dim):
            return self._of_sizes(operator, left, right, node)
        if isinstance(left, list) and isinstance(right, tuple | range) and isinstance(operator, ast.Add):
            right = list(right)
        if not isinstance(left, constants.CONSTANTS) or not isinstance(right, constants.CONSTANTS):
            return self.unknown(node, among=[left, right])
        try:
            result = constants.combine(operator, left, right)
            self.tick(node, len(result) if isinstance(result, list | tuple | str) else 1)
            return result
        except (ValueError, TypeError, ArithmeticError) as error:
            return self.unknown(node, f"{self.paste.quote(node)} cannot be worked out: {_lower(error)}")

    def _on_tensor(self, operator: ast.operator, left: Any, right: Any, node: ast.AST) -> Data:
        sign = constants.SIGNS.get(type(operator), "operator")
        data, other = (left, right) if isinstance(left, Data) else (right, left)
        if isinstance(other, Data) and sign == "+":
            raise Fault(f"The + adds two branches (a residual connection). {CHAIN}", node)
        if isinstance(other, Data):
            raise Fault(f"The {sign} combines two tensors. {CHAIN}", node)
        if type(other) not in (int, float, bool, Given):
            text = other.text if isinstance(other, Unknown) else "something else than a number"
            raise Fault(f"The {sign} combines the tensor with {text}, which is no layer. {CHAIN}", node)
        self.note(f"{sign} with a number is left out: it changes values, no shapes and no counts.", node)
        return data

    def _of_sizes(self, operator: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Products of the tensor's sizes, and quotients that take the batch away again."""
        if isinstance(operator, ast.Mult):
            if isinstance(left, Dim) and isinstance(right, Dim):
                axes = tuple(sorted((*left.axes, *right.axes)))
                return Dim(left.data, axes, left.rest or right.rest, left.factor * right.factor)
            dim, number = (left, right) if isinstance(left, Dim) else (right, left)
            if type(number) in (int, Given) and number.bit_length() <= 64:
                return Dim(dim.data, dim.axes, dim.rest, dim.factor * int(number))
        if isinstance(operator, ast.Div | ast.FloorDiv) and isinstance(left, Dim) and isinstance(right, Dim):
            if right.axes == (0,) and 0 in left.axes and not right.rest:
                return Dim(left.data, tuple(axis for axis in left.axes if axis), left.rest, left.factor)
        return self.unknown(node, f"{self.paste.quote(node)} depends on the sizes of the tensor.", [left, right])

    def _on_unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Not):
            truth = self.truth(value)
            return self.unknown(node, among=[value]) if truth is None else not truth
        if isinstance(value, Data):
            self.note("The sign in front of the tensor is left out: it changes values, no shapes.", node)
            return value
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return -constants.plain(value)
        return value if isinstance(node.op, ast.UAdd) and isinstance(value, int | float) else self.unknown(node)

    def _on_boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for part in node.values:
            value = self.evaluate(part, scope)
            truth = self.truth(value)
            if truth is None:
                return self.unknown(node, among=[value])
            if truth is isinstance(node.op, ast.Or):
                return value
        return value

    def truth(self, value: Any) -> bool | None:
        """Whether a condition holds; None where that cannot be told."""
        if isinstance(value, Training):
            self.note("self.training is read as True, as while training.")
            return True
        if isinstance(value, Unknown | Data | Dim | Sizes):
            return None
        return bool(value.children) if isinstance(value, Group) else bool(value)

    def _on_compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.evaluate(node.left, scope)
        for operator, part in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(part, scope)
            holds = self._holds(operator, left, right)
            if holds is None:
                return self.unknown(node, among=[left, right])
            if not holds:
                return False
            left = right
        return True

    def _holds(self, operator: ast.cmpop, left: Any, right: Any) -> bool | None:
        if isinstance(operator, ast.Is | ast.IsNot):
            if isinstance(left, Unknown) and left.missing:
                return None
            same = left is right if right is None or type(right) is bool else None
            return same if isinstance(operator, ast.Is) or same is None else not same
        if isinstance(left, str) and isinstance(right, Group) and isinstance(operator, ast.In | ast.NotIn):
            right = list(right.children)
        if isinstance(left, Symbol) and isinstance(right, Symbol) and isinstance(operator, ast.Eq | ast.NotEq):
            return (left == right) is isinstance(operator, ast.Eq)
        if not constants.is_constant(left) or not constants.is_constant(right):
            return None
        try:
            return constants.compare(operator, left, right)
        except TypeError:
            return None

    def _on_ifexp(self, node: ast.IfExp, scope: Scope) -> Any:
        condition = self.evaluate(node.test, scope)
        truth = self.truth(condition)
        if truth is None:
            return self.unknown(node, f"Whether {self.paste.quote(node.test)} holds cannot be told from the code.")
        return self.evaluate(node.body if truth else node.orelse, scope)

    def _on_subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        if isinstance(value, Data):
            raise Fault(f"A part of the tensor is cut out here. {CHAIN}", node)
        place = self._place(node.slice, scope)
        if isinstance(value, Sizes):
            return self._axis_of(value, place, node)
        if isinstance(value, Unknown) or isinstance(place, Unknown):
            return self.unknown(node, among=[value, place])
        rows = list(value.children.values()) if isinstance(value, Group) and not isinstance(place, str) else value
        rows = value.children if isinstance(value, Group) and isinstance(place, str) else rows
        if not isinstance(rows, list | tuple | str | dict | range):
            return self.unknown(node)
        try:
            found: Any = rows[place]
        except (KeyError, IndexError, TypeError, ValueError):
            return self.unknown(node, f"There is no {self.paste.quote(node)}.")
        self.tick(node, len(found) if isinstance(place, slice) and isinstance(found, list | tuple) else 1)
        if isinstance(value, Group) and isinstance(place, slice):
            part = Group(value.kind, node)
            for child in found:
                part.add(child)
            return part
        return found

    def _place(self, node: ast.expr, scope: Scope) -> Any:
        if not isinstance(node, ast.Slice):
            return constants.plain(self.evaluate(node, scope))
        ends = [None if part is None else constants.plain(self.evaluate(part, scope)) for part in _ends(node)]
        wrong = [end for end in ends if end is not None and type(end) is not int]
        return self.unknown(node, among=wrong) if wrong else slice(*ends)

    def _axis_of(self, sizes: Sizes, place: Any, node: ast.AST) -> Any:
        """x.shape[0], x.shape[1:], x.size()[-2:]."""
        axes = None if sizes.data.axes is None else sizes.data.axes + 2
        if isinstance(place, slice) and place.step in (None, 1) and sizes.stop is None:
            start = place.start or 0
            if start < 0:
                start = axes + start if axes is not None and start + axes >= 0 else -1
            if start >= 0 and place.stop is None:
                return Sizes(sizes.data, sizes.start + start)
            if start >= 0 and type(place.stop) is int and start < place.stop <= 5:
                return tuple(Dim(sizes.data, (sizes.start + axis,)) for axis in range(start, place.stop))
        if type(place) is int:
            if place < 0 and axes is not None:
                place += axes - sizes.start
            if 0 <= place <= 5:
                return Dim(sizes.data, (sizes.start + place,))
        return self.unknown(node, f"{self.paste.quote(node)} depends on the sizes of the tensor.")

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
            self.note("print is left out.", node)
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

    def items(self, value: Any, node: ast.AST) -> list[Any] | None:
        """What a loop would walk over; None where that cannot be told."""
        if isinstance(value, Instance) and value.children is not None:
            value = value.children
        if isinstance(value, Group):
            value = list(value.children) if value.kind == "ModuleDict" else value.values
        if isinstance(value, list | tuple | dict | range | str):
            self.tick(node, len(value))
            return list(value)
        return None

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, scope: Scope) -> Any:
        inner = Scope({}, scope)
        results: list[Any] = []

        def turn(depth: int) -> bool:
            if depth == len(node.generators):
                parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
                results.append(tuple(self.evaluate(part, inner) for part in parts))
                return True
            loop = node.generators[depth]
            row = self.items(self.evaluate(loop.iter, inner), node)
            if row is None:
                return False
            for item in row:
                self.bind(loop.target, item, inner)
                truths = [self.truth(self.evaluate(test, inner)) for test in loop.ifs]
                if None in truths or (all(truths) and not turn(depth + 1)):
                    return False
            return True

        if not turn(0):
            return self.unknown(node)
        if not isinstance(node, ast.DictComp):
            return [result[0] for result in results]
        keyed = all(isinstance(key, str | int | bool | None) for key, _ in results)
        return dict(results) if keyed else self.unknown(node)

    _on_listcomp = _on_generatorexp = _on_dictcomp = _comprehension

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a name, or several, their values."""
        raise NotImplementedError


def _ends(node: ast.Slice) -> tuple[ast.expr | None, ...]:
    return node.lower, node.upper, node.step


def _lower(error: Exception) -> str:
    text = str(error)[:100]
    return text[:1].lower() + text[1:] if text.endswith(".") else f"{text}."
