"""What is written of a block that becomes a class: its constructor and its forward, as text that equal blocks share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.attributes import attribute
from layerscope.source.constructing import Construction
from layerscope.source.spelling import Argument, argument
from layerscope.source.writing.called import Called
from layerscope.source.writing.part_tree import Block

Key = tuple[Any, ...]
"""What equal blocks have in common."""


@dataclass(frozen=True)
class Leaf:
    """An argument of a constructor inside a block. `written` is False where torch would assume that value itself."""

    row: str
    """What holds it, by its attribute: conv1."""
    name: str
    argument: Argument
    written: bool = True

    @property
    def value(self) -> str:
        """The value alone, as text."""
        return self.argument.text.partition("=")[2]


@dataclass(frozen=True)
class Line:
    """A statement of a forward: the rows that it calls, what it is assigned to, and the call."""

    rows: tuple[int, ...]
    target: str
    called: Called


@dataclass(frozen=True)
class Outline:
    """A class for a block. `parameters` are those of its forward; `leaves` all arguments inside it, in order."""

    block: Block
    key: Key
    leaves: tuple[Leaf, ...]
    parameters: tuple[str, ...]
    lines: tuple[Line, ...]
    returned: tuple[str, ...]
    functional: frozenset[int]
    """The rows that are functions of torch's, so that nothing is constructed for them."""


def leaves_of(layer: Layer, name: str, made: Construction) -> Iterator[Leaf]:
    """The arguments of a constructor in torch's order, those that torch would assume by itself too."""
    written = {each.text.partition("=")[0]: each for each in made.arguments}
    for key in dict.fromkeys((*layer._signature(), *written)):
        if key in written:
            yield Leaf(attribute(name), key, written[key])
        elif key in layer.chosen and key not in layer.decides:
            yield Leaf(attribute(name), key, argument(key, layer.chosen[key]), written=False)
