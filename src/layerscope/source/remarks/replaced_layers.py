"""Two layers under one name: the second takes the place of the first, which is lost."""

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import Scope
from layerscope.source.reading import Span
from layerscope.source.text.scan import walk
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_NUMBERED = re.compile(r"([A-Za-z_]\w{0,60}?)(\d{0,4})")
MOST_NAMES = 100
"""Names that are tried for the second layer."""


@dataclass(frozen=True)
class _Names:
    """The attributes of self that the code reads or sets, and those that it sets."""

    all: frozenset[str]
    set: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Names":
        found = re.findall(r"\bself\.(\w{1,80})([ \t]{0,8}=(?!=))?", text)
        return cls(frozenset(name for name, _ in found), frozenset(name for name, sign in found if sign))


class LayersSet:
    """Where the layers of the objects that are being made were set."""

    def __init__(self) -> None:
        self._set: dict[tuple[int, str], tuple[ast.Assign, Module]] = {}
        self._names: _Names | None = None

    def remembered(self, run: "Evaluator", node: ast.Assign, value: Module, scope: Scope) -> ast.Assign:
        """A layer is set: the statement that is meant, with another name where the second of two was forgotten."""
        target = node.targets[0]
        if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
            return node
        known = scope.find(target.value.id)
        owner = known.names[target.value.id] if known is not None else None
        if not isinstance(owner, ModuleObject):
            return node
        first, before = self._set.get((id(owner), target.attr), (node, value))
        self._set[id(owner), target.attr] = node, value
        is_kept = owner.attributes.get(target.attr) is before
        beside = first.col_offset == node.col_offset and first.lineno < node.lineno
        if first is node or not is_kept or not beside or _is_used(run, before) or _reads(node, target):
            return node
        if _holds(value, before):
            return node
        self._names = self._names or _Names.of(run.paste.text)
        return _told(run, self._names, owner, (first, before), (node, value))


def _is_used(run: "Evaluator", module: Module) -> bool:
    """Whether it is called already, or a part of something else too."""
    return any(id(each) in world_of(run).record.calls for _, each in walked(module)[:MOST_NAMES])


def _reads(node: ast.Assign, target: ast.Attribute) -> bool:
    """Whether the second is made of the first: self.net = nn.Sequential(*list(self.net.children())[:-1])."""
    inside = (part for part in walk(node.value) if isinstance(part, ast.Attribute) and part.attr == target.attr)
    return any(isinstance(part.value, ast.Name) for part in inside)


def _holds(value: Module, before: Module) -> bool:
    """Whether the second is the first one, or is built on it: self.fc = nn.Sequential(self.fc, nn.ReLU())."""
    return any(each is before for _, each in walked(value))


def _told(
    run: "Evaluator",
    names: _Names,
    owner: ModuleObject,
    first: tuple[ast.Assign, Module],
    second: tuple[ast.Assign, Module],
) -> ast.Assign:
    node, target = second[0], second[0].targets[0]
    assert isinstance(target, ast.Attribute)
    name, line = target.attr, run.paste.place(first[0])[0]
    here = run.paste.place(node)[0]
    other = _free(run, names, owner, name)
    goes_on = _width(first[1], "out") is not None and _width(first[1], "out") == _width(second[1], "in")
    alike = goes_on and _width(second[1], "out") == _width(second[1], "in") == _width(first[1], "in")
    words = f"self.{name} is set twice: line {here} overwrites line {line}, whose layer is lost."
    if other and (other in names.all or (goes_on and not alike)):
        run.remarks.flaw(
            f"{words} Line {here} was probably meant to be self.{other}; Layerscope assumes this fix.", node,
            kind="replaced", tone="error", title=f"self.{name} is set twice",
            label=f"Line {here}: write self.{other}", changes=((run.paste.last_name(target), other),),
        )  # fmt: skip
        renamed = ast.copy_location(ast.Attribute(target.value, other, target.ctx), target)
        return ast.copy_location(ast.Assign(targets=[renamed], value=node.value), node)
    run.remarks.flaw(
        f"{words} Delete line {line}, or give one of them another name.", node,
        kind="replaced", title=f"self.{name} is set twice",
        **_deleted(run, first[0]),
    )  # fmt: skip
    return node


def _free(run: "Evaluator", known: _Names, owner: ModuleObject, name: str) -> str:
    """The name that comes next: conv4 after conv3; one that forward uses and nothing sets, if there is one."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return ""
    start = int(found[2] or 1) + 1
    names = [f"{found[1]}{number}" for number in range(start, start + MOST_NAMES)]
    unset = [each for each in names if each not in known.set]
    run.tick(owner.node, len(names))
    return unset[0] if unset and unset[0] not in owner.attributes else ""


def _width(module: Module, side: str) -> Any:
    """How many channels or features the first layer takes ("in"), or the last one gives ("out")."""
    layers = [each for _, each in walked(module)[:MOST_NAMES] if isinstance(each, LayerModule) and each.layer]
    if isinstance(module, ModuleObject | Group) and not layers:
        return None
    for each in layers if side == "in" else layers[::-1]:
        if side == "in" and each.in_values:
            return each.in_values[0].value
        chosen = each.layer.chosen if each.layer is not None else {}
        width = chosen.get("out_channels", chosen.get("out_features"))
        if side == "out" and width is not None:
            return width
    return None


def _deleted(run: "Evaluator", node: ast.Assign) -> dict[str, Any]:
    """The change that takes a statement's line away; none where it shares its lines."""
    rows = run.paste.lines
    line, end = node.lineno, node.end_lineno or node.lineno
    alone = run.paste.indentation(node) is not None and not rows[end - 1][_end(node, rows[end - 1]) :].strip()
    return {"label": f"Line {line}: delete it", "changes": ((Span(line, 1, end + 1, 1), ""),)} if alone else {}


def _end(node: ast.Assign, row: str) -> int:
    return len(row.encode()[: node.end_col_offset].decode(errors="ignore"))
