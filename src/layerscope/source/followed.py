"""What came of following one network of a paste: its layers, where they stand, and what was written for them."""

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Fault
from layerscope.source.reading import Span, Written


@dataclass(frozen=True)
class Code:
    """A syntax tree and all its nodes."""

    tree: ast.Module
    nodes: Sequence[ast.AST]


@dataclass(frozen=True)
class Followed:
    """What came of following one network of a paste."""

    machine: Interpreter
    name: str | None
    uses: tuple[Use, ...]
    names: tuple[str, ...]
    fault: Fault | None
    network: Any = None
    """The class, or the group of layers, that was followed."""

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers under their names."""
        return tuple(replace(use.made.layer, name=name) for use, name in self.pairs if use.made.layer is not None)

    def spans(self) -> dict[str, tuple[Span, ...]]:
        """Where each layer is constructed and called."""
        place = self.machine.paste.span
        pairs = (
            (name, (place(use.made.node), place(use.node))) for use, name in zip(self.uses, self.names, strict=True)
        )
        return {name: tuple(dict.fromkeys(spans)) for name, spans in pairs}

    def written(self) -> tuple[Written, ...]:
        """The in-values as they stand in the code."""
        paste = self.machine.paste
        rows = [(name, row, paste.span(row.node)) for use, name in self.pairs for row in use.made.in_values]
        places = Counter(span for _, _, span in rows)
        return tuple(
            Written(name, row.parameter, paste.segment(row.node), row.value, span, places[span], row.rows)
            for name, row, span in rows
        )

    @property
    def pairs(self) -> list[tuple[Use, str]]:
        """The layers with their names."""
        return list(zip(self.uses, self.names, strict=True))
