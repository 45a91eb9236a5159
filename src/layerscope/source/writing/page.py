"""How code is laid out, and its lines so far with the layers that they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from layerscope.source.spelling import remark


class Style(Enum):
    """How the code is laid out; the values are words for an address."""

    COURSE = "course"
    """Attributes for what has weights, functions for the rest."""
    MODULES = "modules"
    """An attribute for each layer."""
    SEQUENTIAL = "sequential"
    """`network = nn.Sequential(...)` with the layers' names."""


@dataclass
class Page:
    """Lines so far, and whose they are."""

    rows: list[str] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, *rows: str, layers: Iterable[str] = ()) -> None:
        """Lines that belong to these layers."""
        first = len(self.rows) + 1
        for layer in layers:
            self.lines.setdefault(layer, []).extend(range(first, first + len(rows)))
        self.rows.extend(rows)

    def remark(self, texts: Iterable[str], indent: str) -> None:
        """Comments on lines of their own."""
        self.add(*(line for text in texts for line in remark(text, indent)))
