"""Tables that are read with dots: SimpleNamespace(width=64), a configuration."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


_ROWS = (list, tuple, dict)


@dataclass(eq=False, repr=False)
class Fields(Value):
    """Values by name, and by place."""

    fields: dict[str, Any]

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return any(isinstance(part, Value) and part.carries for part in inside(self))

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        row = list(self.fields.values())
        if isinstance(place, str) and place in self.fields:
            return self.fields[place]
        return row[place] if isinstance(place, int) and -len(row) <= place < len(row) else run.unknown(node)

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return list(self.fields.values())

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return self.fields[name] if name in self.fields else run.unknown(node)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.fields[name] = value
        return True

    def truth(self, run: "Evaluator") -> bool | None:
        return True


_TABLES = (list, tuple, dict, Fields)
DEEPEST = 3
"""How deep rows and tables are looked into: a row in a table in a row."""


def inside(value: Any) -> list[Any]:
    """What is not a row or table in a value, in rows and tables of them too; each row once: a row may hold itself."""
    row = value.fields if isinstance(value, Fields) else value
    if not isinstance(row, _ROWS):
        return [row]
    parts = [*row.values()] if isinstance(row, dict) else [*row]
    for part in parts:
        if isinstance(part, _TABLES):
            found: list[Any] = []
            _gather(row, DEEPEST, set(), found)
            return found
    return parts  # as most are


def _gather(row: Any, depth: int, seen: set[int], found: list[Any]) -> None:
    """Put what is in a row, or in the rows in it, to what was found."""
    if not depth or id(row) in seen:
        return
    seen.add(id(row))
    for value in row.values() if isinstance(row, dict) else row:
        part = value.fields if isinstance(value, Fields) else value
        if isinstance(part, _ROWS):
            _gather(part, depth - 1, seen, found)
        else:
            found.append(part)


@dataclass(frozen=True, eq=False)
class RecordType(Value):
    """A named tuple's class."""

    names: tuple[str, ...]

    def call(self, run: "Evaluator", call: Call) -> Any:
        given = call.bound(*self.names)
        return Fields({name: given.get(name, run.unknown(call.node)) for name in self.names})

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return run.unknown(node)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        return True
