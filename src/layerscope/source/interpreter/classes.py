"""A class of torch's where a layer belongs: nn.Sequential(nn.Linear(4, 3), nn.ReLU)."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache
from inspect import Parameter, signature
from typing import Any

from layerscope.catalogue import TORCH_LAYERS
from layerscope.source.interpreter.machine import Call
from layerscope.source.interpreter.made import Group
from layerscope.source.interpreter.objects import Objects
from layerscope.source.interpreter.values import Fault, Symbol
from layerscope.source.reading import Span

_OPEN = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class Classes(Objects, ABC):
    """Containers that were given a class."""

    @abstractmethod
    def layer_class(self, name: str, call: Call) -> Any:
        """nn.Name(...)."""

    def constructed_in(self, symbol: Symbol, group: Group, call: Call) -> Any:
        """The layer that is meant by its class, remarked upon; it stays unknown where it needs arguments."""
        if not symbol.path.startswith("torch.nn.") or symbol.last not in TORCH_LAYERS:
            return symbol
        kind = TORCH_LAYERS[symbol.last].torch_class
        needed = _needed(symbol.last)
        shown = f"{symbol.shown}({', '.join(f'{name}=...' for name in needed)})"
        nodes = [node for node in _elements(call.node) if _names(node, symbol)]
        changes: tuple[tuple[Span, str], ...] = tuple((self.paste.behind(node), "()") for node in nodes if not needed)
        reason = f"{symbol.shown} in nn.{group.kind} is the class, not a layer: write {shown}."
        self.flaw(
            reason if needed else f"{reason} It is read that way.", (nodes or [call.node])[0],
            tone="error", title=f"{symbol.shown} lacks its brackets",
            quote=f"{kind.__module__}.{kind.__qualname__} is not a Module subclass",
            label=f"Line {changes[0][0].line}: write {shown}" if changes else "", changes=changes,
        )  # fmt: skip
        return (
            self.unknown(call.node, f"{symbol.shown} is never constructed.")
            if needed
            else self.layer_class(symbol.last, Call(call.node))
        )

    def called_on_data(self, symbol: Symbol, call: Call) -> Fault:
        """nn.ReLU(x): the refusal, and the brackets that are missing, where the class needs no arguments."""
        func = call.node.func if isinstance(call.node, ast.Call) else None
        if symbol.last in TORCH_LAYERS and not _needed(symbol.last) and func is not None:
            line, text = self.paste.place(func)[0], self.paste.quote(func)
            self.flaw(
                f"{text}() makes the layer, and the layer takes the tensor.", call.node,
                title=f"{symbol.shown} lacks its brackets", label=f"Line {line}: write {text}()(...)",
                changes=((self.paste.behind(func), "()"),),
            )  # fmt: skip
        words = f"{symbol.shown} is a class: construct it first, such as {symbol.shown}(...)(x)."
        return Fault(words, call.node)


@cache
def _needed(name: str) -> list[str]:
    """The arguments without a default of one of torch's classes."""
    parameters = signature(TORCH_LAYERS[name].torch_class).parameters.values()
    return [each.name for each in parameters if each.default is Parameter.empty and each.kind not in _OPEN]


def _elements(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a container's call, in a list there too."""
    for part in node.args if isinstance(node, ast.Call) else []:
        part = part.value if isinstance(part, ast.Starred) else part
        yield from part.elts if isinstance(part, ast.List | ast.Tuple) else [part]


def _names(node: ast.AST, symbol: Symbol) -> bool:
    """Whether it is written as that class: nn.ReLU, or ReLU."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == symbol.last
