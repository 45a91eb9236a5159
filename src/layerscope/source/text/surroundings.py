"""What surrounds code where people copy it: what the console answered, an error, sentences.

Every function takes the lines and how many characters each has lost so far, and takes more off; no line is added or
lost, so that every place stays what it is in the paste.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from keyword import iskeyword, issoftkeyword
from operator import and_

SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f\u3000\u2009\u2002\u2003"), " ")
"""Blanks that web pages and word processors use; Python knows but one."""

# Linear, as each is tried at the beginnings of lines only, does not leave its line, and gives no blanks back.
PROMPT = re.compile(r"\s*+(?:(?:>>>|\.\.\.:?)(?: |$)|In \[[\d *]*+\]: ?)")
CODE = re.compile(r"^[ \t]*+(?:class \w++.*:|def \w++\(|import \w|from [\w.]++ import )", re.MULTILINE)
"""Lines of code without a prompt before them: then prompts are part of a docstring."""
FIRST_PROMPT = re.compile(r"^[^\S\n]*+(?:>>>(?: |$)|In \[[\d *]*+\]:)", re.MULTILINE)
_ANSWER = re.compile(r"Out ?\[\d++\]:")
_CELL = re.compile(r"In \[[\d *]*+\]:[ ]?")
_OPEN_CELL = re.compile(r"In \[[\d *]*+\]:(?:[^\S\n]*+|.*[(\[{,:]\s*+)$")
COMMAND = re.compile(r"\s*+(?:%%?[A-Za-z]|!(?!=)|```|~~~|\?|(?:pip|conda) install |Out\[\d++\]:|\$ )")
_TRACEBACK = re.compile(r"\s*+(?:Traceback \(most recent call last\):|-{20,}+$|[\w.]*(?:Error|Exception): )")
_SAID = re.compile(r"[\w.]*(?:Error|Exception): ")
_SENTENCE = re.compile(r"[ \t]*+[A-Za-z'\u2018\u2019\"][^=(){}\[\]@#\\]*+$")
_BOLD = re.compile(r"([ \t]*+)\*\*(?![ *])(.*[^ *])\*\*\s*")
_FOREIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIGNS = frozenset("=()[]{}#'\"\\:")
_QUOTES = re.compile(r"\"{3}|'{3}")
_STARTS = frozenset({"import", "from", "class", "def", "return", "for", "while", "if", "else", "elif", "with", "try",
                     "except", "finally", "pass", "break", "continue", "raise", "assert", "del", "global", "nonlocal",
                     "lambda", "yield", "not", "async", "await", "print"})  # fmt: skip
_WORD = re.compile(r"[A-Za-z\d'\u2018\u2019-]{1,40}[,.!?:]{0,3}")
_PLAIN = re.compile(r"[A-Za-z\d'\u2018\u2019-]+,?")
MOST_WORDS = 6
"""Words at the beginning of a line that are looked at."""
_MARKS = " \t0123456789|:.)+-"


def take_prompts(rows: list[str], cut: list[int]) -> None:
    """Leave what was typed after prompts; what the console answered goes."""
    for n, row in enumerate(rows):
        prompt = PROMPT.match(row)
        cut[n] += prompt.end() if prompt else 0
        rows[n] = row[prompt.end() :] if prompt else ""


def has_cells(rows: Sequence[str]) -> bool:
    """Whether code without prompts stands below an "In [3]:", as in a notebook."""
    return any(_OPEN_CELL.match(row) and below.strip() and not PROMPT.match(below) for row, below in pairwise(rows))


def take_cells(rows: list[str], cut: list[int]) -> None:
    """Take off "In [3]:" where a notebook's cell begins, and what stands below "Out[3]:"."""
    is_answer = False
    for n, row in enumerate(rows):
        is_answer = bool(_ANSWER.match(row)) or (is_answer and bool(row.strip()) and not _CELL.match(row))
        rows[n] = "" if is_answer else row
    strip(rows, cut, {n: mark.end() for n, row in enumerate(rows) if (mark := _CELL.match(row))})


def strip(rows: list[str], cut: list[int], ends: dict[int, int]) -> None:
    """Take so many characters off the beginnings of some lines."""
    for n, end in ends.items():
        rows[n], cut[n] = rows[n][end:], cut[n] + end


def error_among_prompts(rows: list[str]) -> str:
    """The last error that a console answered with; "" where it answered with none."""
    answers = [not PROMPT.match(row) for row in rows]
    last = next((n for n in range(len(rows) - 1, -1, -1) if answers[n] and "Error" in rows[n]), None)
    if last is None:
        return ""
    first, end = last, last
    while first and answers[first - 1]:
        first -= 1
    while end + 1 < len(rows) and answers[end + 1]:
        end += 1
    start = next((n for n in range(first, last + 1) if _TRACEBACK.match(rows[n])), None)
    return "" if start is None else "\n".join(rows[start : end + 1]).rstrip()


def take_bold(rows: list[str], cut: list[int]) -> None:
    """Take the stars off lines that Markdown shows bold: **x = self.fc(x)**."""
    for n, row in enumerate(rows):
        if bold := _BOLD.fullmatch(row):
            cut[n] += 2
            rows[n] = bold[1] + bold[2]


def is_foreign(row: str) -> bool:
    """Whether a line is words of a language without blanks, and no sign of code."""
    return _FOREIGN.search(row) is not None and not _SIGNS.intersection(row)


def is_prose_from(rows: Sequence[str], line: int) -> bool:
    """Whether words that Python cannot read begin in that line, counted from 1, and no code comes after them."""
    words = rows[line - 1].split()[:MOST_WORDS]
    plain = [word[0].isalpha() and word.rstrip(",.!?:'").isalnum() for word in words]
    reads = not words or words[0] in _STARTS or iskeyword(words[0])
    return len(words) > 2 and all(plain[:3]) and not reads and not any(map(is_code, rows[line:]))


def is_code(row: str) -> bool:
    """Whether a line is code for certain, whatever marks stand before it."""
    return CODE.match(row.lstrip(_MARKS)) is not None


def error_of(rows: list[str]) -> range:
    """The lines of an error below the code, to the end, or above it; none where there is none."""
    last = next((n for n in range(len(rows) - 1, -1, -1) if "Error" in rows[n]), -1)
    begins = [n for n, row in enumerate(rows[: last + 1]) if _TRACEBACK.match(row)]
    strings = in_strings(rows) if begins else ()
    start = next((n for n in begins if n not in strings), None)
    if start is None:
        return range(0)
    if not any(map(is_code, rows[:start])):
        said = next((n for n in range(start, last + 1) if _SAID.match(rows[n])), last)
        end = next((n for n in range(said, len(rows)) if not rows[n].strip()), len(rows))
        if any(map(is_code, rows[end:])):
            return range(start, end)
    return range(start, len(rows)) if any(row.strip() for row in rows[:start]) else range(0)


def take_error(rows: list[str]) -> str:
    """Remove an error beside the code; its text, "" where there is none."""
    place = error_of(rows)
    told = "\n".join(rows[n] for n in place)
    for n in place:
        rows[n] = ""
    return told


def sentences(rows: Sequence[str]) -> set[int]:
    """The lines that are English, and those beside them, or at an end of the paste, that are a few words: "Hi all,"."""
    strings = in_strings(rows)
    found = {n for n, row in enumerate(rows) if n not in strings and is_sentence(row)}
    filled = [n for n, row in enumerate(rows) if row.strip()]
    for order in (filled, filled[::-1]):
        near = True
        for n in order:
            near = n in found or (near and n not in strings and _are_words(rows[n]))
            found |= {n} if near else set()
    return found


def in_strings(rows: Sequence[str]) -> set[int]:
    """The lines of strings in three quotes: what they say is part of the code, such as the errors that a docstring
    names and the fences of its example."""
    found: set[int] = set()
    open_one = ""
    for n, row in enumerate(rows):
        quotes = _QUOTES.findall(row)
        found |= {n} if quotes or open_one else set()
        for mark in quotes:
            open_one = mark if not open_one else "" if mark == open_one else open_one
    return set() if open_one else found


def _are_words(row: str) -> bool:
    """Whether a line is a few words that Python would not end so, or have side by side."""
    words = row.split()
    plain = len(words) <= MOST_WORDS and all(map(_WORD.fullmatch, words)) and not row[:1].isspace()
    first = words[0].rstrip(",.!?:") if words else ""
    return plain and not iskeyword(first) and first not in _STARTS and (len(words) > 1 or row.rstrip()[-1] in ",.!?:")


def is_sentence(row: str) -> bool:
    """Whether a line is English rather than Python: words with blanks between them, and no sign of code."""
    words = row.split()
    if len(words) < 2 or not re.fullmatch(r"[.:!?,)\]\w]", row.rstrip()[-1]):
        return False
    if not _SENTENCE.match(row) and not _are_side_by_side(words):
        return False
    first = words[0].strip("'\"").rstrip(":,.")
    if first in _STARTS or (iskeyword(first) and not issoftkeyword(first) and first not in ("None", "True", "False")):
        return False
    return len(words) > 2 or row.rstrip().endswith((":", ".", "!", "?"))


def _are_side_by_side(words: list[str]) -> bool:
    """Whether two words stand at the beginning of a line with nothing between them, as they never do in Python."""
    plain = list(takewhile(_PLAIN.fullmatch, words[:MOST_WORDS]))
    names = [word.isalpha() and not iskeyword(word) and not issoftkeyword(word) for word in plain]
    return any(map(and_, names, names[1:]))
