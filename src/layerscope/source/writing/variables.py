"""The names of values in a forward: t for what only the next call reads, a name of its own for what is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerscope.source.writing.helpers import MEASURED
from layerscope.source.writing.part_tree import Value
from layerscope.source.writing.structure import Statement

CURRENT = "t"
ROW = "inputs"
"""All that a block takes, where it does nothing with it but join it."""
RESERVED = frozenset({CURRENT, ROW, "self", "torch", "nn", "F", MEASURED})
_RESERVED = re.compile(rf"({'|'.join(RESERVED)}|x\d*)_*")
"""Names that a forward needs for other things, x and x1 among them, and those that such become."""
UNUSED = "_"
_UNDERSCORED = re.compile(r"(row)*_")
"""Names with an underscore in front, which a variable has where nothing reads it, and those that such become."""


@dataclass(frozen=True)
class Variables:
    """`texts` gives for each value the expression that reads it; `targets` what each statement is assigned to.

    A statement without a target is not a statement of its own: its value is read where it stands, such as self.scale.
    """

    texts: Mapping[Value, str]
    targets: tuple[str, ...]


def variable(name: str) -> str:
    """The variable of a row of that name: layer1.0.add1 -> layer1__0__add1, 3 -> _3, t -> t_, _a -> row_a."""
    text = name.replace(".", "__")
    text = f"row{text}" if _UNDERSCORED.match(text) else text
    text = f"_{text}" if text[:1].isdigit() else text
    return f"{text}_" if _RESERVED.fullmatch(text) else text


def row_name(variable: str) -> str:
    """The name of the row that is kept in that variable, as seen from the forward; "" where it has none."""
    if variable == CURRENT or not variable.strip("_"):
        return ""
    text = variable.removeprefix("_")  # of a number, or of what nothing reads
    text = text.removeprefix("_") if text[1:2].isdigit() else text
    text = text[:-1] if text.endswith("_") and _RESERVED.fullmatch(text) else text
    text = text.removeprefix("row") if _UNDERSCORED.match(text) else text
    return f"{text[:1]}{text[1:].replace('__', '.')}"


class Naming:
    """Names the values of one forward. `inputs` are the parameters' names, `outputs` what is returned."""

    def __init__(self, statements: Sequence[Statement], inputs: Mapping[Value, str], outputs: Sequence[Value]) -> None:
        self._statements = statements
        self._inputs = dict(inputs)
        self._last: dict[Value, int] = {}
        self._first: dict[Value, int] = {}
        for place, statement in enumerate(statements):
            for value in statement.reads:
                self._first.setdefault(value, place)
                self._last[value] = place
        self._last.update(dict.fromkeys(outputs, len(statements)))

    def _passes(self, place: int) -> bool:
        """Whether only the next statement reads what this one gives."""
        after = place + 1
        while after < len(self._statements) and self._is_inline(after):
            after += 1
        values = self._statements[place].gives
        return all(self._last[value] == after for value in values if value in self._last)

    def _is_inline(self, place: int) -> bool:
        """Whether a value that needs no call is first read right after its place."""
        statement = self._statements[place]
        if not statement.is_attribute or self._first.get(statement.gives[0]) != place + 1:
            return False
        return statement.gives[0] in self._statements[place + 1].reads[:2]  # a third operand is read after a sum of two

    def named(self, kept: frozenset[str]) -> Variables:
        """The variables; those of the statements in `kept` have to have their names."""
        texts = dict(self._inputs)
        taken = {*self._inputs.values(), *RESERVED}
        targets = []
        for place, statement in enumerate(self._statements):
            if self._is_inline(place):
                texts[statement.gives[0]] = statement.access
                targets.append("")
                continue
            read = [value for value in statement.gives if value in self._last]
            one = len(read) == 1 or not statement.pattern
            if read and one and statement.name not in kept and self._passes(place):
                own = CURRENT
            else:
                own = _free(variable(statement.name), taken)
            names = [
                own if one else _free(f"{own}_{port}" if n else own, taken) for n, port in enumerate(statement.ports)
            ]
            used = [name if value in self._last else UNUSED for value, name in zip(statement.gives, names, strict=True)]
            unread = _unread(statement.name) if statement.name in kept else UNUSED
            if statement.pattern:
                texts.update(zip(statement.gives, used, strict=True))
                targets.append(statement.pattern.format(*used) if read else unread)
            else:
                texts.update(
                    (value, f"{own}[{n}]" if statement.is_row else own) for n, value in enumerate(statement.gives)
                )
                targets.append(own if read else unread)
            taken.update(name for name in used if name != UNUSED)
        return Variables(texts, tuple(targets))


def _unread(name: str) -> str:
    """The variable of a row that nothing reads: linters take no offence at an underscore in front."""
    text = variable(name)
    return f"_{text[:-1] if text != name and text.endswith('_') else text}"


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
