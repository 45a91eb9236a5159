"""How the code makes each layer, and writes what a row puts together: what a correction of either has to know."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.once import once
from layerscope.source.python import constants
from layerscope.source.python.callables import Numbers
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Given
from layerscope.source.reading import Argument, Span
from layerscope.source.record import Row
from layerscope.source.text.paste import Paste
from layerscope.source.torch.layers import STACKED, named_arguments
from layerscope.source.torch.modules import LayerModule

LONGEST_TEXT = 60


@dataclass(frozen=True, eq=False)
class Made:
    """The call that made a layer, and the values that the names around it had then.

    `scope` is the same number for calls among the same names. How the call is written is looked up when a correction
    asks, as most code needs none.
    """

    paste: Paste
    node: ast.Call
    called: ast.Attribute | ast.Name
    kind: str
    call: Call
    numbers: dict[str, Numbers]
    scope: int

    @once
    def span(self) -> Span:
        """The call's stretch, the same for all layers that it made."""
        return self.paste.span(self.node)

    @once
    def name(self) -> Span:
        """The last word of what is called."""
        called = self.called
        return self.paste.last_name(called) if isinstance(called, ast.Attribute) else self.paste.span(called)

    @once
    def end(self) -> Span:
        """The place before the last bracket."""
        return self.paste.inside(self.node)

    @once
    def ends_with_comma(self) -> bool:
        """Whether a comma stands after the last argument."""
        return self.paste.segment(self.node)[:-1].rstrip().endswith(",")

    @once
    def arguments(self) -> dict[str, Argument]:
        """The arguments that are written in the call, by torch's names."""
        paste, nodes = self.paste, self.call.nodes
        own = {*map(id, self.node.args), *(id(word.value) for word in self.node.keywords)}
        found = {}
        for key, (name, value) in named_arguments(_names(self.kind), self.call).items():
            written = nodes.get(key)
            if written is not None and id(written) in own:
                origin = paste.span(value.node) if isinstance(value, Given) and not _is_number(written) else None
                found[name] = Argument(paste.segment(written), paste.span(written), _plain(value), origin)
        return found


def made(paste: Paste, pairs: Sequence[tuple[Row, str]]) -> dict[str, Made]:
    """The calls that made the rows' layers, by the rows' names; each module once."""
    found = {}
    for row, name in pairs:
        if (
            isinstance(row.module, LayerModule)
            and row.again is None
            and (told := made_by(paste, row.module)) is not None
        ):
            found[name] = told
    return found


def made_by(paste: Paste, module: LayerModule) -> Made | None:
    """The call that made a module; None where that is not a plain call of its class."""
    call = module.made
    node = call.node if call is not None else None
    if call is None or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
        return None
    if module.type not in CATALOGUE or [part for part in node.args if isinstance(part, ast.Starred)]:
        return None
    kind = f"{module.type}Layer" if module.type in STACKED else module.type  # whose call has the arguments
    given = Call(node, call.args, call.kwargs, call.nodes)  # without the names around it, which hold the whole paste
    return Made(paste, node, node.func, kind, given, module.numbers, id(call.scope))


@cache
def _names(kind: str) -> list[str]:
    """The names of a layer type's arguments in torch's order."""
    return [name for name in CATALOGUE[kind]._signature() if name not in ("self", "args", "kwargs")]


def _plain(value: Any) -> Any:
    """A constant without the memory of where it was written; None for what is none."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return plain(value) if isinstance(value, (*constants.NUMBERS, str)) else None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.BinOp | ast.UnaryOp)


def joined(paste: Paste, pairs: Sequence[tuple[Row, str]]) -> dict[str, tuple[str, ...]]:
    """How the code writes the inputs of the rows that put several together; only where it writes each of them."""
    found = {}
    for row, name in pairs:
        if len(row.reads) > 1 and row.module is None:
            nodes = operands(row.node)
            texts = tuple(paste.segment(node) for node in nodes)
            if len(nodes) == len(row.reads) and all(len(text) <= LONGEST_TEXT and "\n" not in text for text in texts):
                found[name] = texts
    return found


def operands(node: ast.AST) -> Sequence[ast.expr]:
    """What an operation puts together: x + y, x += y, torch.cat([x, y], 1), torch.add(x, y), x.add(y)."""
    if isinstance(node, ast.BinOp):
        return (node.left, node.right)
    if isinstance(node, ast.AugAssign):
        return (node.target, node.value)
    if not isinstance(node, ast.Call) or not node.args:
        return ()
    first = node.args[0]
    if isinstance(first, ast.List | ast.Tuple):
        return first.elts
    is_function = isinstance(node.func, ast.Name) or (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("torch", "F", "operator")
    )
    if is_function or not isinstance(node.func, ast.Attribute):
        return node.args
    return (node.func.value, *node.args)
