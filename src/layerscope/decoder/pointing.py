"""Which layer the lines of a traceback name: x = self.conv3(x)."""

import re
from collections.abc import Collection, Iterator

Lines = tuple[tuple[str, ...], ...]
"""For each line of a paste that calls layers, their names."""

_CALL = re.compile(r"\bself\.(\w{1,60})\(")
_ARROW = re.compile(r"\W{0,8}(?:-{1,8}>|❱|>)\s{0,8}\d")
"""How a notebook marks the line that failed among its neighbours."""


def called(text: str) -> Lines:
    """The calls in the lines of a paste; where arrows mark lines, only in those."""
    lines = text.splitlines()
    marked = tuple(_calls(line for line in lines if _ARROW.match(line)))
    return marked or tuple(_calls(lines))


def _calls(lines: Collection[str] | Iterator[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if names := tuple(_CALL.findall(line)):
            yield names


def pointed(lines: Lines, names: Collection[str]) -> tuple[str, ...]:
    """Those of `names` that the last line with any of them calls: a traceback ends with the line that failed."""
    for line in reversed(lines):
        if here := tuple(name for name in line if name in names):
            return here
    return ()
