"""A number that must divide another and does not, such as heads and a width: the numbers nearby that work."""

import ast
from collections.abc import Iterator, Sequence

from layerscope.source import bindings
from layerscope.source.expressing import Edit
from layerscope.source.text.paste import Paste

MOST_PAIRS = 4
"""Divisions of the code that are looked at."""
MOST_NUMBERS = 4
"""Numbers that are tried for each."""


def ways(paste: Paste, nodes: Sequence[ast.AST]) -> Iterator[tuple[Edit, str]]:
    """Other numbers for each divisor that the code writes, the nearest first, with what that changes in words."""
    pairs: dict[str, ast.BinOp] = {}
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.FloorDiv):
            name = ast.unparse(node.right).rpartition(".")[2]
            if name.isidentifier():
                pairs.setdefault(name, node)
    for name, node in [*pairs.items()][:MOST_PAIRS]:
        widths = [number for _, number in _numbers(nodes, ast.unparse(node.left))]
        for place, divisor in _numbers(nodes, name):
            for number in _nearby(divisor, widths):
                yield (paste.span(place), str(number)), f"write {number} for {name}"


def _numbers(nodes: Sequence[ast.AST], text: str) -> Iterator[tuple[ast.Constant, int]]:
    for place in bindings.numbers_for(nodes, text):
        if isinstance(place.value, int):
            yield place, place.value


def _nearby(number: int, widths: Sequence[int]) -> list[int]:
    """Numbers near one, those that divide a width where the code writes one."""
    if not 1 <= number <= max(widths, default=number):
        return []
    known = [each for width in widths if 0 < width <= LARGEST for each in range(1, width + 1) if width % each == 0]
    found = known or [number + step for step in range(-MOST_NUMBERS, MOST_NUMBERS + 1) if number + step > 1]
    others = sorted({*found} - {number}, key=lambda each: (abs(each - number), each))
    return others[:MOST_NUMBERS]


LARGEST = 65_536
"""Widths whose divisors are searched."""
