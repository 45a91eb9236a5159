"""Rows of values: parts of them, loops over them, and sizes of the tensor taken from x.shape."""

import ast
from abc import ABC
from typing import Any

from layerscope.source.interpreter import constants
from layerscope.source.interpreter.expressions import Expressions
from layerscope.source.interpreter.made import Group, Instance, Scope
from layerscope.source.interpreter.values import Data, Dim, Sizes, Unknown


class Rows(Expressions, ABC):
    """Subscripts and comprehensions."""

    def _on_subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        if isinstance(value, Data):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self.cut(value, [self._place(part, scope) for part in parts], node)
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


def _ends(node: ast.Slice) -> tuple[ast.expr | None, ...]:
    return node.lower, node.upper, node.step
