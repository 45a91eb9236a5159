"""A closed formula with its numbers filled in: the thing that stands beside torch's answer."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_SYMBOL = re.compile(r"[A-Za-z_]+")


class Formula(NamedTuple):
    """One quantity computed without torch.

    `symbols` is the formula in the field's letters ("floor((i + 2·p − d·(k − 1) − 1) / s) + 1"), `numbers` says what
    each letter stands for here, `value` is the result as our own arithmetic gives it.
    """

    quantity: str
    symbols: str
    numbers: tuple[tuple[str, int], ...]
    value: int

    @property
    def filled(self) -> str:
        """The formula with the numbers in place of the letters."""
        numbers: Mapping[str, int] = dict(self.numbers)
        return _SYMBOL.sub(lambda word: _written(numbers.get(word[0], word[0])), self.symbols)


class Check(NamedTuple):
    """A formula beside what torch says of the same quantity."""

    formula: Formula
    torch: int

    @property
    def agrees(self) -> bool:
        return self.formula.value == self.torch


def _written(value: int | str) -> str:
    return f"({value})" if isinstance(value, int) and value < 0 else str(value)
