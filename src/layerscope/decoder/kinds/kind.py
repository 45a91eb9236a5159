"""What a kind of error is: its name, a text that torch really writes, the patterns of its wordings, its explanation.

A pattern begins with fixed words and repeats nothing without a bound, so a hostile paste costs no more than its
length. Whitespace is one blank by then: an error may be pasted across lines. Its groups have names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from layerscope.decoder.answer import Explanation
from layerscope.decoder.found import Found
from layerscope.network import Network
from layerscope.once import once

Explain = Callable[[Found, Network | None], Explanation]
"""Explains a message in a paste, for the network that it is about where one is known."""


@dataclass(frozen=True)
class Wording:
    """A pattern, and the text that it was made of.

    A paste without the longest word that all matches have is not searched: to look for a word in a long text takes a
    hundredth of a search for a pattern that begins with any name.
    """

    pattern: re.Pattern[str]
    text: str

    @once
    def word(self) -> str:
        """What stands in all that the pattern matches; "" where there is no such word."""
        return longest_word(self.text)

    def found(self, text: str) -> Iterator[re.Match[str]]:
        """All places of a text that it matches, one after the other."""
        return self.pattern.finditer(text) if self.word in text else iter(())


@dataclass(frozen=True)
class Kind:
    """A kind of error. `name` stands in the list of what is known, `example` is a text that torch really writes."""

    name: str
    example: str
    wordings: tuple[Wording, ...]
    explain: Explain


def kind(name: str, example: str, patterns: tuple[str, ...], explain: Explain) -> Kind:
    """A kind whose patterns are texts; their blanks may be lost in the paste, as at the end of a terminal's line."""
    wordings = tuple(Wording(re.compile(_loose(pattern)), pattern) for pattern in patterns)
    return Kind(name, example, wordings, explain)


def longest_word(pattern: str) -> str:
    """The longest run of letters, digits and _ without which nothing matches; "" where there may be none.

    Groups count for nothing, as they may be left out or hold alternatives, and nor does a letter that may be missing.
    """
    depth, run, longest = 0, "", ""
    for piece in _PIECES.finditer(pattern):
        text = piece[0]
        depth += (text[0] == "(") - (text[0] == ")")
        if depth == 0 and text[0] == "|":
            return ""
        if depth == 0 and _IN_A_WORD.fullmatch(text):
            run += text
            longest = max(longest, run, key=len)
        else:
            run = ""
    return longest


_PIECES = re.compile(r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)(?:[?*+]|\{[^}]*\})?", re.DOTALL)
"""One after the other: a character, an escape, a class or a bracket of a group, with what says how often."""
_IN_A_WORD = re.compile(r"\w")


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
