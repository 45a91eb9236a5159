"""Values and calls as Python text, laid out as `ruff format` leaves them at 88 or 100 characters a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from textwrap import wrap
from typing import Any

MOST_REMARK_LINES = 3
LONGEST_LINE = 88
STEP = "    "
_LONGEST_DECIMAL = 128
"""Bits of the largest whole number that is written with decimal digits; Python limits those, not hexadecimal ones."""


@dataclass(frozen=True)
class Argument:
    """One argument of a call: `text` on one line, or `opening`, a line for each of `parts`, and `closing`."""

    text: str
    opening: str = ""
    parts: tuple[str, ...] = ()
    closing: str = ""

    def lines(self, indent: str) -> Iterable[str]:
        """The argument on lines of its own, with the comma after it."""
        if not self.parts or len(indent) + len(self.text) < LONGEST_LINE:
            return [f"{indent}{self.text},"]
        inside = (f"{indent}{STEP}{part}," for part in self.parts)
        return [f"{indent}{self.opening}", *inside, f"{indent}{self.closing},"]


def argument(name: str, value: Any) -> Argument:
    """An argument passed by keyword: kernel_size=5."""
    text = f"{name}={value_text(value)}"
    if not isinstance(value, tuple | list):
        return Argument(text)
    opening, closing = "()" if isinstance(value, tuple) else "[]"
    return Argument(text, f"{name}={opening}", tuple(map(value_text, value)), closing)


def value_text(value: Any) -> str:
    """A value as Python reads it back, type and all. ASCII only."""
    if isinstance(value, tuple):
        return f"({', '.join(map(value_text, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, str):
        text = ascii(value)
        return text if '"' in value or "'" in value else f'"{text[1:-1]}"'
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if type(value) is int and value.bit_length() > _LONGEST_DECIMAL:
        return f"{'-' if value < 0 else ''}0x{abs(value):X}"
    return repr(value)


def call(
    before: str, function: str, arguments: Sequence[Argument], after: str = "", comment: str = "", indent: str = ""
) -> list[str]:
    """The lines of `before function(arguments) after  # comment`, one argument a line where one line is too long."""
    comment = f"  # {comment}" if comment else ""
    line = f"{indent}{before}{function}({', '.join(each.text for each in arguments)}){after}{comment}"
    if len(line) <= LONGEST_LINE or not arguments:
        return [line]
    inside = (line for each in arguments for line in each.lines(indent + STEP))
    return [f"{indent}{before}{function}(", *inside, f"{indent}){after}{comment}"]


def remark(text: str, indent: str) -> list[str]:
    """A comment on lines of its own: a few at most, and without characters that would end it or turn it around."""
    plain = " ".join("".join(c for c in " ".join(text.split()) if c.isprintable()).split())
    lines = wrap(plain, LONGEST_LINE - len(indent) - 2, max_lines=MOST_REMARK_LINES, placeholder=" ...")
    return [f"{indent}# {line}" for line in lines]
