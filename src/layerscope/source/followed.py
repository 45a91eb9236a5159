"""What came of following one network of a paste: its layers, where they stand, and what was written for them."""

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.documented import Documented
from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Fault, Source
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
    instance: Any = None
    """The object of the class."""
    inputs: tuple[str, ...] = ("input",)
    """What the network's inputs are called."""
    sources: tuple[Source, ...] = ()
    """The outputs, where they are not simply what the last row gives."""
    documented: Documented | None = None

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers under their names."""
        calls = {id(use): name for use, name in self.pairs}
        return tuple(
            replace(
                use.made.layer,
                name=name,
                inputs=self._reads(place, use),
                of=calls.get(id(use.again), "") if use.again is not None else "",
            )
            for place, (use, name) in enumerate(self.pairs)
            if use.made.layer is not None
        )

    def _reads(self, place: int, use: Use) -> tuple[str, ...]:
        """The names of what a row reads; () for the row above."""
        return () if use.reads == ((place, 0),) else tuple(map(self.named, use.reads))

    def named(self, source: Source) -> str:
        """The name of an input or of a row's output."""
        position, port = source
        if position <= 0:
            return self.inputs[-position]
        layer = self.uses[position - 1].made.layer
        ports = layer.ports if layer is not None else ()
        return f"{self.names[position - 1]}:{ports[port]}" if port and port < len(ports) else self.names[position - 1]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what leaves the network, () for what the last row gives."""
        plain = self.sources in ((), ((len(self.uses), 0),))
        return () if plain else tuple(map(self.named, self.sources))

    @cached_property
    def is_chain(self) -> bool:
        """Whether each row reads the row above alone, and one input comes in."""
        alone = len(self.inputs) == 1 and not self.outputs
        return alone and not any(layer.inputs or layer.of or layer.ports for layer in self.layers)

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
