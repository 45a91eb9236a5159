"""The text of a condition: numbers, names and quoted words in it, and what is said where it cannot be read.

Numbers may be written as people write them: 5M, 50k, 1.5 MiB, 50,000.
"""

import keyword
import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from layerscope import limits

QUOTED = r"""'[^'\\]*'|"[^"\\]*\""""
"""A word in quotes, without anything that would have to be escaped."""
PARTS = re.compile(rf"(?P<word>{QUOTED})|(?<![\w.])[A-Za-z_]\w*(?:\.\w+)*", re.ASCII)
"""Words in quotes, and names, which may hold dots and numbers, as "layer1.0.conv1.kernel_size" does."""
_SHORT = re.compile(
    rf"(?P<word>{QUOTED})|"
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+|\d[\d_]{0,20})(?P<part>\.\d{1,20})?\s?(?:(?P<times>[kKMG]i|[kKMG])B?)?(?![\w.])",
    re.ASCII,
)
"""A number with commas, or with a letter for thousands, millions or milliards after it, or with a unit of bytes; or a
word, which stays."""
_TIMES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "ki": 2**10, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_INCOMPLETE = re.compile(r"(?:[-+*/<>=(]|\b(?:and|or|not))$")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "≤": "<=", "≥": ">=", "≠": "!="})
"""Quotes as a phone types them, and signs as a page shows them."""
SHORT_WORD = 40
"""Characters of a word that a sentence quotes as an example."""
WORKS = "Write names, numbers, words in quotes, comparisons such as <=, and, or, not, + - * / // % and parentheses."


class ConditionError(ValueError):
    """A condition that cannot be used; the message is a sentence for the visitor."""


def plain(text: str) -> str:
    """A condition with numbers and quotes as Python writes them: parameters < 5_000_000 for parameters < 5M."""

    def spelled(match: re.Match[str]) -> str:
        if match["word"]:
            return match[0]
        digits, part, times = match["digits"].replace(",", "_"), match["part"] or "", match["times"]
        if times is None:
            return match[0].replace(",", "_")
        value = Decimal(digits.replace("_", "") + part) * _TIMES[times]
        return f"{int(value):_}" if value == int(value) else str(value)

    return _SHORT.sub(spelled, text.translate(_STRAIGHT))


def check_parentheses(text: str) -> None:
    """Before Python's parser sees them, whose own stack is small."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth > limits.CONDITION_DEPTH.most:
            raise ConditionError(limits.CONDITION_DEPTH.sentence())


def unknown(name: str, known: list[str], words: Iterable[str]) -> str:
    """What is said of a name that is none of the `known`; it may be one of the `words` without its quotes."""
    if keyword.iskeyword(name):
        return f"{name} is not allowed in a condition. {WORKS}"
    if name in words:
        return f"Words need quotes: write {quoted(name)}."
    near = get_close_matches(name, known, 3, 0.6)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"Available: {', '.join(known[:12])} and others."
    return f"There is no value called “{name[: limits.NAME.most]}”. {meant}"


def unread(text: str) -> str:
    """What is said of a text that is not an expression."""
    if turned := re.search(r"=([<>])", text):
        return f"Write {turned[1]}= instead of {turned[0]}."
    if re.search(r"(?<![<>=!])=(?!=)", text):
        return "Write == to say that two values are equal."
    if re.search(r"[&|]", text):
        return "Write and, or, not between conditions instead of & and |."
    is_incomplete = _INCOMPLETE.search(text.strip()) or text.count("(") > text.count(")")
    return f"This condition {'is incomplete' if is_incomplete else 'cannot be read'}. {WORKS}"


def quoted(word: str) -> str:
    """A word as a condition has it."""
    return f"'{word}'" if '"' in word else f'"{word}"'


def holds_words(column: str, frame: pd.DataFrame) -> str:
    """How a column of words is compared, with the shortest of them as an example."""
    words = sorted((word for word in set(frame[column]) if word), key=lambda word: (len(word), word))
    example = f", as in {column} == {quoted(words[0])}" if words and len(words[0]) <= SHORT_WORD else ""
    return f"{column} holds words; compare it with == or !={example}."


def not_words(column: str, frame: pd.DataFrame) -> str:
    """What is said where a word is compared with a column that has none."""
    if is_bool_dtype(frame[column]):
        return f"{column} is True or False, without quotes: write {column} == True."
    return f"{column} holds numbers; compare it with a number."


def every_word(frame: pd.DataFrame) -> set[str]:
    """The values of all columns of words."""
    return {word for name in frame if not is_numeric_dtype(frame[name]) for word in frame[name].unique()}
