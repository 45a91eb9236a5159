"""What assignments do: names, attributes, items, and values taken apart."""

import ast
from abc import ABC
from typing import Any

from layerscope.source.interpreter.machine import CHAIN, LONGEST_ROW
from layerscope.source.interpreter.made import Group, Instance, Learned, Made, Scope
from layerscope.source.interpreter.rows import Rows
from layerscope.source.interpreter.values import Dim, Fault, Sizes


class Binding(Rows, ABC):
    """Giving names their values."""

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            if isinstance(owner, Instance):
                self.set_attribute(owner, target.attr, value)
                self._from_outside(owner, value, scope)
            elif isinstance(owner, Group) and owner.kind == "Module":
                owner.add(value, target.attr)
        elif isinstance(target, ast.Subscript):
            owner, place = self.evaluate(target.value, scope), self.evaluate(target.slice, scope)
            self._set_item(owner, place, value, target)
            self._from_outside(owner, value, scope)

    @staticmethod
    def _from_outside(owner: Any, value: Any, scope: Scope) -> None:
        """Remember of the whole network that a layer of it was set by none of its own methods."""
        if scope.instance is None and isinstance(value, Made | Group | Instance):
            while isinstance(owner, Group | Instance):
                if isinstance(owner, Instance):
                    owner.changed = True
                owner = owner.owner

    def _set_item(self, owner: Any, place: Any, value: Any, node: ast.AST) -> None:
        if isinstance(owner, Group) and isinstance(place, str | int):
            key = str(place)
            if key in owner.children or owner.kind == "ModuleDict":
                owner.children[key] = value
                return
        in_table = isinstance(owner, dict) and isinstance(place, str | int) and len(owner) < LONGEST_ROW
        in_row = isinstance(owner, list) and isinstance(place, int) and -len(owner) <= place < len(owner)
        if in_table or in_row:
            owner[place] = value
        elif self.carries(value) or isinstance(owner, list | dict | Group):
            raise Fault(f"What {self.paste.quote(node)} becomes cannot be told from the code.", node)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
        count = len(target.elts)
        if isinstance(value, Sizes) and value.start == 0 and value.stop is None:
            row: list[Any] | None = [Dim(value.data, (axis,)) for axis in range(count)]
        else:
            row = self.items(value, target)
        stars = [n for n, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
        if row is not None and len(stars) == 1 and len(row) >= count - 1:
            first, behind = stars[0], count - stars[0] - 1
            row = [*row[:first], row[first : len(row) - behind], *row[len(row) - behind :]]
        if self.carries(value) and (row is None or len(row) != count):
            raise Fault(f"The tensor is taken apart here. {CHAIN}", target)
        for place, part in enumerate(target.elts):
            known = row is not None and len(row) == count
            item = row[place] if known and row is not None else self.unknown(target, among=[value])
            self.bind(part.value if isinstance(part, ast.Starred) else part, item, scope)

    def set_attribute(self, owner: Instance, name: str, value: Any) -> None:
        """self.name = value: layers learn what they are called."""
        owner.attributes[name] = value
        if isinstance(value, Learned) and value.name is None:
            value.owner, value.name = owner, name
        if isinstance(value, Made | Group | Instance) and not owner.initialised and owner.early is None:
            owner.early = value.node
        # A child of a group that has no name of its own yet gets this one too.
        if isinstance(value, Made | Group | Instance) and value.name is None:
            value.owner, value.name = owner, name
