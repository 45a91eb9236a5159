"""What a kind of error is: its name, a text that torch really writes, the patterns of its wordings old and new.

A pattern begins with fixed words and repeats nothing without a bound, so a hostile paste costs no more than its
length. Whitespace is one blank by then: an error may be pasted across lines.
"""

import re
from dataclasses import dataclass

NUMBER = r"\d{1,9}"
SIZES = r"\[?(\d{1,15}(?:,? \d{1,15}){0,9})\]?"
"""[2, 3, 28, 28], in old versions without brackets."""


@dataclass(frozen=True)
class Kind:
    """A kind of error: its name for a list, a text that torch really writes, and the patterns of its wordings."""

    name: str
    example: str
    patterns: tuple[re.Pattern[str], ...]


def kind(name: str, example: str, *patterns: str) -> Kind:
    return Kind(name, example, tuple(re.compile(pattern) for pattern in patterns))
