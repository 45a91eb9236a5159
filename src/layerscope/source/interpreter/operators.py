"""What operators and conditions give, on constants, on the tensor and on its sizes."""

import ast
from abc import ABC
from dataclasses import replace
from math import isfinite
from typing import Any

from layerscope.source.interpreter import constants
from layerscope.source.interpreter.machine import CHAIN, Machine
from layerscope.source.interpreter.made import Group, Scope
from layerscope.source.interpreter.values import Data, Dim, Fault, Filled, Given, Sizes, Symbol, Training, Unknown

JOINING = {"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "@": "MatMul"}


class Operators(Machine, ABC):
    """+, *, not, and, <, and what holds."""

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
        if isinstance(left, Data) and isinstance(right, Data) and sign in JOINING:
            return self.joined(JOINING[sign], [left, right], node)
        if isinstance(other, Data):
            raise Fault(f"The {sign} combines two tensors. {CHAIN}", node)
        if isinstance(other, Filled):
            self.note(f"{self.paste.quote(node)} is read without the tensor of random or equal numbers in it.", node)
            return data
        if type(other) not in (int, float, bool, Given):
            text = other.quote() if isinstance(other, Unknown) else "something else than a number"
            raise Fault(f"The {sign} combines the tensor with {text}, which is no layer. {CHAIN}", node)
        if (self.exact or self.branches) and (step := _with_number(sign, float(other), other, left is data)):
            kind, values = step
            result: Data = self.record(kind, values, [data], node)
            return result
        self.note(f"{sign} with a number is left out: it changes values, no shapes and no counts.", node)
        return data

    def joined(self, kind: str, tensors: list[Data], node: ast.AST) -> Data:
        """x + y and the like. Code written row by row has x + y + z for one row."""
        merged = self.uses[-1] if self.exact and isinstance(node, ast.BinOp | ast.Call) and self.uses else None
        first = tensors[0]
        inner = getattr(node, "left", None) or next(iter(getattr(node, "args", ())), None)
        if (
            merged is not None
            and merged.node is inner
            and first.position == len(self.uses)
            and kind == merged.made.type
        ):
            reads = (*merged.reads, *(each.source for each in tensors[1:]))
            self.uses[-1] = replace(merged, reads=reads, node=node)
            return first
        joined: Data = self.record(kind, {}, tensors, node)
        return joined

    def _of_sizes(self, operator: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """Products of the tensor's sizes, and quotients that take the batch away again."""
        if isinstance(operator, ast.Mult):
            if isinstance(left, Dim) and isinstance(right, Dim):
                axes = tuple(sorted((*left.axes, *right.axes)))
                return Dim(
                    left.data, axes, left.rest or right.rest, left.factor * right.factor, left.divisor * right.divisor
                )
            dim, number = (left, right) if isinstance(left, Dim) else (right, left)
            if type(number) in (int, Given) and number.bit_length() <= 64:
                return replace(dim, factor=dim.factor * int(number))
        by_number = isinstance(operator, ast.Div | ast.FloorDiv) and type(right) in (int, Given)
        if by_number and isinstance(left, Dim) and 0 < right < 2**31:
            return replace(left, divisor=left.divisor * int(right))
        divided = isinstance(operator, ast.Div | ast.FloorDiv) and isinstance(left, Dim) and 0 in left.axes
        if divided and isinstance(right, Dim) and right.is_batch:
            return replace(left, axes=tuple(axis for axis in left.axes if axis))
        return self.unknown(node, f"{self.paste.quote(node)} depends on the sizes of the tensor.", [left, right])

    def _on_binop(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.binary(node.op, self.evaluate(node.left, scope), self.evaluate(node.right, scope), node)

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
        decisive, value, open_value = isinstance(node.op, ast.Or), None, None
        for part in node.values:
            value = self.evaluate(part, scope)
            truth = self.truth(value)
            if truth is decisive:  # whatever the others are
                return value if open_value is None else decisive
            open_value = self.unknown(node, among=[value]) if truth is None else open_value
        return value if open_value is None else open_value

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
            holds = self._holds(operator, left, right, part)
            if holds is None:
                return self.unknown(node, among=[left, right])
            if not holds:
                return False
            left = right
        return True

    def _holds(self, operator: ast.cmpop, left: Any, right: Any, node: ast.AST) -> bool | None:
        if isinstance(operator, ast.Is | ast.IsNot):
            if isinstance(left, Unknown) and left.missing:
                return None
            same = left is right if right is None or type(right) is bool else None
            return same if isinstance(operator, ast.Is) or same is None else not same
        if isinstance(left, str) and isinstance(right, Group) and isinstance(operator, ast.In | ast.NotIn):
            right = list(right.children)
        if isinstance(left, Symbol) and isinstance(right, Symbol) and isinstance(operator, ast.Eq | ast.NotEq):
            return (left == right) is isinstance(operator, ast.Eq)
        if isinstance(left, Sizes) and isinstance(right, Sizes) and isinstance(operator, ast.Eq | ast.NotEq):
            self.note(f"{self.paste.quote(node)} is taken to have the shape that it is compared with.", node)
            return isinstance(operator, ast.Eq)
        if not self.is_constant(left, node) or not self.is_constant(right, node):
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


def _with_number(sign: str, number: float, written: Any, is_left: bool) -> tuple[str, dict[str, Any]] | None:
    """The row of an operation with a number; None where there is none. `is_left`: the tensor stands before the sign."""
    written = constants.plain(written)
    if not isfinite(number) or (not is_left and sign not in "+*"):
        return None
    if sign == "/":
        return ("Scale", {"factor": 1 / number}) if number else None
    kind, parameter = {
        "+": ("Shift", "amount"),
        "-": ("Shift", "amount"),
        "*": ("Scale", "factor"),
        "**": ("Power", "exponent"),
    }.get(sign, ("", ""))
    return (kind, {parameter: -written if sign == "-" else written}) if kind else None


def _lower(error: Exception) -> str:
    text = str(error)[:100]
    return text[:1].lower() + text[1:] if text.endswith(".") else f"{text}."
