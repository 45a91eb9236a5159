"""Dataclasses and named tuples of a paste: what their annotations declare, and how their objects begin."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.values import Call

if TYPE_CHECKING:
    from layerscope.source.python.classes import Object, UserClass
    from layerscope.source.python.evaluator import Evaluator


def declared(cls: "UserClass") -> dict[str, ast.AnnAssign]:
    """The annotations by name, those of the classes that it is built on first; one that comes again keeps its place."""
    rows = [row for above in reversed(cls.line) for row in above.fields]
    return {row.target.id: row for row in rows if isinstance(row.target, ast.Name) and not _says(row, "ClassVar")}


def begin(run: "Evaluator", of: "Object", call: Call) -> None:
    """What the __init__ that Python writes for such a class does: values or defaults, then __post_init__."""
    rows = declared(of.cls)
    given = call.bound(*(name for name, row in rows.items() if not _is_left_out(row)))
    handed: list[Any] = []
    for name, row in rows.items():
        if name in given:
            value = given[name]
        elif row.value is not None and not _is_left_out(row):
            value = _own(of.cls.find(name))
        else:
            continue
        if _says(row, "InitVar"):
            handed.append(value)
        else:
            of.set_attribute(run, name, value)
    after = of.cls.find("__post_init__")
    if isinstance(after, UserFunction):
        after.call(run, Call(call.node, [of, *handed]))


def _own(value: Any) -> Any:
    """A default as each object gets its own: that of field(default_factory=list)."""
    return list(value) if type(value) is list else dict(value) if type(value) is dict else value


def _says(row: ast.AnnAssign, word: str) -> bool:
    hint = row.annotation.value if isinstance(row.annotation, ast.Subscript) else row.annotation
    return word == getattr(hint, "attr", getattr(hint, "id", ""))


def _is_left_out(row: ast.AnnAssign) -> bool:
    """Whether nobody hands it over: field(init=False), which __post_init__ sets."""
    keywords = row.value.keywords if isinstance(row.value, ast.Call) else []
    return any(
        each.arg == "init" and isinstance(each.value, ast.Constant) and not each.value.value for each in keywords
    )
