"""Equal blocks as one class: where their arguments differ, the class takes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from layerscope.source.spelling import Argument
from layerscope.source.writing.class_names import class_name
from layerscope.source.writing.outlines import Key, Leaf, Outline


@dataclass
class Template:
    """A class for equal blocks."""

    name: str
    blocks: list[Outline]

    @property
    def first(self) -> Outline:
        """One of the blocks; the others differ in arguments only."""
        return self.blocks[0]

    @cached_property
    def _columns(self) -> tuple[tuple[str, ...], ...]:
        """For each argument its values in all blocks."""
        return tuple(zip(*([leaf.value for leaf in block.leaves] for block in self.blocks), strict=True))

    @cached_property
    def _names(self) -> Mapping[tuple[str, ...], str]:
        """The names of what the constructor takes, by the values in all blocks: equal ones are one parameter."""
        names: dict[tuple[str, ...], str] = {}
        for leaf, values in zip(self.first.leaves, self._columns, strict=True):
            if len(set(values)) > 1 and values not in names:
                names[values] = _free(leaf, set(names.values()))
        return names

    def parameters(self, hints: bool) -> list[str]:
        """What the constructor takes, in order, with its types where all blocks have the same."""
        kinds = [{_type(value) for value in values} for values in self._names]
        return [
            f"{name}: {min(types)}" if hints and len(types) == 1 else name
            for name, types in zip(self._names.values(), kinds, strict=True)
        ]

    @cached_property
    def passed(self) -> list[tuple[int, str]]:
        """Where among the arguments the value of each parameter is found first."""
        return [(self._columns.index(values), name) for values, name in self._names.items()]

    def argument(self, place: int) -> Argument | None:
        """How the class writes its argument at that place; None where torch assumes the value itself."""
        leaf, values = self.first.leaves[place], self._columns[place]
        if (parameter := self._names.get(values)) is not None:
            return Argument(f"{leaf.name}={parameter}")
        return leaf.argument if any(block.leaves[place].written for block in self.blocks) else None

    def value(self, place: int) -> str:
        """The argument's value alone: the name of a parameter, or what it is in all blocks."""
        return self._names.get(self._columns[place], self.first.leaves[place].value)


def _type(value: str) -> str:
    """The type of a value as it is written; a product of numbers is a number."""
    if value in ("True", "False"):
        return "bool"
    if value.startswith("("):
        return "tuple[int, ...]"
    if value.startswith('"'):
        return "str"
    return "int" if all(part.lstrip("-").isdigit() for part in value.split(" * ")) else "float"


def _free(leaf: Leaf, taken: set[str]) -> str:
    row = leaf.row if leaf.row[0].isalpha() else f"part{leaf.row}"
    number, name = 1, leaf.name
    while name in taken:
        name = f"{row}_{leaf.name}" if number == 1 else f"{row}_{leaf.name}_{number}"
        number += 1
    return name


def templates(outlines: Iterable[Outline], top: str, others: Iterable[str]) -> dict[Key, Template]:
    """A class for each kind of block, inner ones before those that use them.

    `top` is the name of the last one, `others` are names that other classes have.
    """
    grouped: dict[Key, list[Outline]] = defaultdict(list)
    for outline in outlines:
        grouped[outline.key].append(outline)
    found: dict[Key, Template] = {}
    taken = {top, *others}
    for key, blocks in grouped.items():
        wished = [key[1]] if key[0] == "wrapper" else [outline.block.path for outline in blocks]
        name = class_name(wished, taken) if all(wished) else top
        taken.add(name)
        found[key] = Template(name, blocks)
    return found
