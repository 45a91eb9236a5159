"""What a kind of error is: its name, a text that torch really writes, the patterns of its wordings, its explanation.

A pattern begins with fixed words and repeats nothing without a bound, so a hostile paste costs no more than its
length. Whitespace is one blank by then: an error may be pasted across lines. Its groups have names.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from layerscope.decoder.answer import Explanation
from layerscope.decoder.found import Found
from layerscope.network import Network

Explain = Callable[[Found, Network | None], Explanation]
"""Explains a message in a paste, for the network that it is about where one is known."""


@dataclass(frozen=True)
class Kind:
    """A kind of error. `name` stands in the list of what is known, `example` is a text that torch really writes."""

    name: str
    example: str
    patterns: tuple[re.Pattern[str], ...]
    explain: Explain


def kind(name: str, example: str, patterns: tuple[str, ...], explain: Explain) -> Kind:
    """A kind whose patterns are texts; their blanks may be lost in the paste, as at the end of a terminal's line."""
    return Kind(name, example, tuple(re.compile(_loose(pattern)) for pattern in patterns), explain)


def _loose(pattern: str) -> str:
    """The pattern with each blank optional, but those in [...]: between two digits a blank tells numbers apart."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]\\])+\])| (?![?{*+])", lambda found: found.group(1) or " ?", pattern)


def number(name: str) -> str:
    """A pattern for a whole number of that name."""
    return rf"(?P<{name}>\d{{1,9}})"


def signed(name: str) -> str:
    """A pattern for a whole number of that name, which may be negative."""
    return rf"(?P<{name}>-?\d{{1,9}})"


def sizes(name: str) -> str:
    """A pattern for [2, 3, 28, 28], in old versions without brackets or commas."""
    return rf"\[?(?P<{name}>\d{{1,15}}(?:(?:,[ ]?|[ ])\d{{1,15}}){{0,9}})\]?"


def word(name: str, most: int = 40) -> str:
    """A pattern for a name of Python or a type, with its dots."""
    return rf"(?P<{name}>[\w.]{{1,{most}}})"


def first_word(name: str, most: int = 40) -> str:
    """The same where a pattern begins with it: it is tried once per word, not at each of its letters."""
    return rf"(?<![\w.]){word(name, most)}"
