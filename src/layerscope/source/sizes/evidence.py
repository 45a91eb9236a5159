"""A piece of a paste that tells the input's size: one signature for all kinds, `find(case) -> Iterator[Evidence]`.

A row of sizes has no batch and its channels first; a size that is not told is None.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from layerscope.source.followed import Code
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.reading import Span
from layerscope.source.text.paste import Paste
from layerscope.source.torch.known_classes import is_module_class

Row = tuple[int | None, ...]

KINDS = ("type hint", "comment", "docstring", "transform", "dataset", "constant", "argument", "text")
"""From the strongest to the weakest."""
OF_IMAGES = ("transform", "dataset", "constant", "argument", "text")
"""Those that speak of images, whatever the network takes."""


@dataclass(frozen=True)
class Evidence:
    """What one place says of the input.

    `words` follow the size in a sentence: "from MNIST in line 5". `is_batched` says whether the first size is that
    of the batch, None where the layers must tell. `name` is the input that is meant, "" for any. `node` is the call
    that makes the size.
    """

    row: Row
    kind: str
    words: str
    span: Span
    is_batched: bool | None = False
    name: str = ""
    node: ast.Call | None = None


@dataclass(frozen=True)
class Case:
    """The paste in which evidence is looked for; `inputs` are the names of what forward takes."""

    code: Code
    run: Evaluator
    inputs: tuple[str, ...] = ()

    @property
    def paste(self) -> Paste:
        return self.run.paste

    @cached_property
    def modules(self) -> tuple[ast.ClassDef, ...]:
        """The classes that are networks, or parts of them."""
        values = self.run.globals.names.values()
        return tuple(value.node for value in values if isinstance(value, UserClass) and is_module_class(value))

    @cached_property
    def calls(self) -> list[ast.Call]:
        """The calls outside of networks, in order of their places."""
        stretches = [(node.lineno, node.end_lineno or node.lineno) for node in self.modules]
        calls = [node for node in self.code.nodes if isinstance(node, ast.Call)]
        outside = [node for node in calls if not any(first <= node.lineno <= last for first, last in stretches)]
        return sorted(outside, key=lambda node: (node.lineno, node.col_offset))

    def worth(self, node: ast.expr | None) -> Any:
        """The value of an expression; None where it is unknown."""
        try:
            return None if node is None else self.run.worth(node)
        except Fault:
            return None

    def line(self, node: ast.AST) -> int:
        """The line of a node in what was pasted."""
        return self.paste.place(node)[0]


def last_word(call: ast.Call) -> str:
    """The last word of what is called: "Resize" for transforms.Resize(64)."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def forwards(case: Case) -> Iterator[ast.FunctionDef]:
    """The forward methods of a paste."""
    for node in case.modules:
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "forward":
                yield part
