"""What becomes of each block of a network in code: a class, an nn.Sequential, a list of modules, or a bare module.

A block whose rows run one after the other is called as one. The others only hold their modules: their rows are written
where the block around them is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from torch import nn

from layerscope.network import Network
from layerscope.source.attributes import attribute
from layerscope.source.writing.part_tree import Block, Part, Value, Wires, is_module, tree
from layerscope.ties import named

LSTM = "{0}, ({1}, {2})"
"""How the result of that module is taken apart; the others that give several tensors give a plain tuple."""
_OF_DICT = frozenset(dir(nn.ModuleDict))
"""Names that a module in an nn.ModuleDict cannot have."""


class Kind(Enum):
    """How a block is written."""

    CLASS = "a class with a forward of its own"
    SEQUENTIAL = "nn.Sequential"
    LIST = "nn.ModuleList, of parameters nn.ParameterList"
    DICT = "nn.ModuleDict"
    HOLDER = "nn.Module that holds its parts"


HOLDING = (Kind.LIST, Kind.DICT, Kind.HOLDER)
"""Blocks that are not called: their rows are written where the block around them is."""


@dataclass(frozen=True)
class Statement:
    """One call in a forward: of a row, or of a whole block. `access` is how the forward reaches the module."""

    part: Part | Block
    name: str
    """Its name as seen from the class: a path where blocks that cannot be called are in between."""
    access: str
    reads: tuple[Value, ...]
    gives: tuple[Value, ...]
    ports: tuple[str, ...]
    pattern: str
    """How what it gives is taken apart, such as "{0}, ({1}, {2})"; "" where it is read from one variable."""
    is_row: bool
    """Whether what it gives is a tuple that is read from one variable: chunk1[0]."""
    is_attribute: bool
    """Whether it is a value that the module holds, so that nothing is called."""


class Structure:
    """The blocks of a network, and what each becomes."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.wires = Wires(network)
        self.root = tree(network)
        self._kinds: dict[str, Kind] = {}
        self._shared = [(row, module) for row, module in self.wires.calls(self.root.rows)]

    @cached_property
    def called_again(self) -> frozenset[int]:
        """The rows whose modules later rows call again."""
        return frozenset(module for _, module in self._shared)

    def kind(self, block: Block) -> Kind:
        """What a block becomes."""
        if block.path not in self._kinds:
            self._kinds[block.path] = self._kind(block)
        return self._kinds[block.path]

    def _kind(self, block: Block) -> Kind:
        if block is self.root:
            is_tied = any(layer.tied for layer in self.network.layers)  # which a constructor says
            return Kind.SEQUENTIAL if block.parts and not is_tied and self.is_sequence(block) else Kind.CLASS
        rows = set(block.rows)
        alone = not any(row in rows and module not in rows for row, module in self._shared)
        if block.is_whole and alone and self.wires.entering(block.rows):
            if self.is_sequence(block):
                return Kind.SEQUENTIAL
            if not block.has_digits:
                return Kind.CLASS
        made = [part for part in block.parts if self.is_made(part)]
        numbered = all(part.name == str(n) for n, part in enumerate(made))
        parameters = [isinstance(part, Part) and self._is_parameter(part) for part in made]
        if not made or (any(parameters) and not (numbered and all(parameters))):
            return Kind.HOLDER
        if numbered:
            return Kind.LIST
        has_numbers = any(part.name.isdigit() for part in made)
        return Kind.DICT if has_numbers and not any(part.name in _OF_DICT for part in made) else Kind.HOLDER

    def _is_parameter(self, part: Part) -> bool:
        return self.network.layers[part.row].type == "Parameter"

    def is_sequence(self, block: Block) -> bool:
        """Whether nn.Sequential does what the block does: modules with numbers, each fed by the one before."""
        before: tuple[Value, ...] | None = None
        for part in block.parts:
            reads = self.wires.entering(part.rows)
            fed = len(reads) == 1 and (before is None or reads == before)
            if not part.name.isdigit() or not fed or not self._can_stand_in_a_sequence(part):
                return False
            before = self.wires.leaving(part.rows)
            if len(before) != 1:
                return False
        return self.wires.leaving(block.rows) == before

    def _can_stand_in_a_sequence(self, part: Part | Block) -> bool:
        if isinstance(part, Block):
            return self.kind(part) in (Kind.SEQUENTIAL, Kind.CLASS)
        layer = self.network.layers[part.row]
        return not layer.ports and not layer.of and layer.type != "Parameter" and len(self.wires.reads[part.row]) == 1

    def is_made(self, part: Part | Block) -> bool:
        """Whether something is constructed for it where it stands in a block that only holds its parts."""
        if isinstance(part, Block):
            return self.kind(part) in (Kind.SEQUENTIAL, Kind.CLASS) or any(map(self.is_made, part.parts))
        layer = self.network.layers[part.row]
        return (is_module(layer) or layer.type == "Parameter") and not layer.of

    def is_named(self, block: Block) -> bool:
        """Whether the parts of an nn.Sequential are not simply 0, 1, 2."""
        names = [part.name for part in block.parts]
        return self.kind(block) is Kind.SEQUENTIAL and names != [str(n) for n in range(len(names))]

    def blocks(self, start: Block | None = None) -> Iterator[Block]:
        """All blocks."""
        start = start or self.root
        yield start
        for part in start.parts:
            if isinstance(part, Block):
                yield from self.blocks(part)

    def statements(self, block: Block) -> tuple[Statement, ...]:
        """The calls in the forward of a block that is a class, in order."""
        return tuple(sorted(self._statements(block, "", "self"), key=lambda each: each.part.rows[0]))

    def _statements(self, block: Block, path: str, access: str) -> Iterator[Statement]:
        for part, reached in self.accesses(block, access):
            name = f"{path}.{part.name}" if path else part.name
            if isinstance(part, Block) and self.kind(part) in HOLDING:
                yield from self._statements(part, name, reached)
                continue
            yield self._of_row(part, name, reached) if isinstance(part, Part) else self._of_block(part, name, reached)

    def _of_row(self, part: Part, name: str, access: str) -> Statement:
        layer = self.network.layers[part.row]
        ports = layer.ports or ("",)
        gives = tuple((part.row, port) for port in range(len(ports)))
        pattern = LSTM if layer.type == "LSTM" else _row_of(len(ports)) if is_module(layer) else ""
        return Statement(
            part,
            name,
            access,
            self.wires.reads[part.row],
            gives,
            ports,
            pattern,
            bool(layer.ports) and not pattern,
            layer.type == "Parameter",
        )

    def _of_block(self, block: Block, name: str, access: str) -> Statement:
        gives = self.wires.leaving(block.rows)
        ports = tuple(map(str, range(len(gives))))
        pattern = _row_of(len(gives))
        return Statement(block, name, access, self.wires.entering(block.rows), gives, ports, pattern, False, False)

    def accesses(self, block: Block, access: str) -> Iterator[tuple[Part | Block, str]]:
        """The parts of a block, each with the expression that reaches it."""
        kind = self.kind(block)
        place = 0
        for part in block.parts:
            if kind in (Kind.LIST, Kind.SEQUENTIAL):
                yield part, f"{access}[{place}]"
            elif kind is Kind.DICT:
                yield part, f'{access}["{part.name}"]'
            elif part.name.isdigit():
                held = isinstance(part, Part) and self._is_parameter(part)
                yield part, f'getattr({access}, "{part.name}")' if held else f'{access}.get_submodule("{part.name}")'
            else:
                yield part, f"{access}.{attribute(part.name)}"
            place += self.is_made(part) or kind is Kind.SEQUENTIAL

    def ties(self) -> Iterator[tuple[int, str, str]]:
        """For each tensor that a row has of another one: the row's place, its tensor in the whole's class, and that."""
        for row, layer in enumerate(self.network.layers):
            for tensor, name in named(layer):
                other = self.reached(self.root, self.network.index(name))
                yield row, f"{self.reached(self.root, row)}.{tensor}", f"{other}.{tensor}"

    def reached(self, block: Block, row: int, access: str = "self") -> str:
        """The expression that reaches a row's module from the class of a block around it."""
        for part, here in self.accesses(block, access):
            if isinstance(part, Block) and row in part.rows:
                return self.reached(part, row, here)
            if isinstance(part, Part) and part.row == row:
                return here
        raise KeyError(row)


def _row_of(count: int) -> str:
    """The pattern of a tuple of so many tensors; "" for a single one."""
    return ", ".join(f"{{{port}}}" for port in range(count)) if count > 1 else ""
