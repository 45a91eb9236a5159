"""Marks before each line of code where people copy it: a quote's "> ", line numbers, the signs of a diff.

As in surroundings.py, no line is added or lost, and `cut` says how many characters each has lost.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from layerscope.source.text.surroundings import CODE, error_of, is_code, sentences, strip

# Linear, as each is tried at the beginnings of lines only, does not leave its line, and gives no blanks back.
_NUMBERED = re.compile(r"([ \t]*+\d{1,5})(?:[ \t]*+[|:]|[ \t]*+\.(?=[ \t]|$)|\)(?=[ \t]|$)|(?=[ \t]|$))([ \t]*+)")
_MARKED = re.compile(r"^(?:[ \t]?>(?!>)|[ \t]*+\d{1,5}(?!\d)|[+])", re.MULTILINE)
_QUOTED = re.compile(r"[ \t]?+>(?!>)[ ]?")
_HUNK = re.compile(r"(?:@@ |diff --git |index [0-9a-f]{6,}|--- |\+\+\+ |new file mode |\\ No newline)")
LONGEST_NUMBER = 12
"""Characters of a line that is a line's number and blanks."""
FEWEST = 3
"""Lines that must bear a mark before it is taken for one."""


def take_marks(rows: list[str], cut: list[int]) -> None:
    """Take off what stands before lines of code: a quote's "> ", line numbers, the signs of a diff.

    Where only some lines bear a mark, those are the code, if no code stands beside them.
    """
    if _MARKED.search("\n".join(rows)) is None:
        return
    strip(rows, cut, _quoted(rows, _filled(rows)))
    error = error_of(rows)
    for find in (_numbered, _numbers_alone):
        strip(rows, cut, find(rows, _filled(rows, error)))
    _take_diff(rows, cut, _filled(rows, error))


def _filled(rows: Sequence[str], but: range = range(0)) -> list[int]:
    """The numbers of the lines that hold more than blanks, but for some."""
    return [n for n, row in enumerate(rows) if row.strip() and n not in but]


def _quoted(rows: list[str], filled: list[int]) -> dict[int, int]:
    """How much of each line is the sign of a quote."""
    quoted = {n: mark.end() for n in filled if (mark := _QUOTED.match(rows[n]))}
    return quoted if _are_the_code(rows, filled, quoted) else {}


def _numbered(rows: list[str], filled: list[int]) -> dict[int, int]:
    """How much of each line is its number."""
    numbered = _widths(_longest_count(rows, filled))
    return numbered if _are_the_code(rows, filled, numbered) else {}


def _are_the_code(rows: list[str], filled: list[int], marks: dict[int, int]) -> bool:
    """Whether these lines, which bear such marks, are the code of a paste: of the other lines none is."""
    if len(marks) < FEWEST:
        return False
    error = error_of(rows)
    others = [n for n in filled if n not in marks and n not in error]
    if any(CODE.match(rows[n]) for n in others):
        return False
    return any(is_code(rows[n][end:]) for n, end in marks.items()) or not {*others} - sentences(rows)


def _longest_count(rows: list[str], filled: list[int]) -> dict[int, re.Match[str]]:
    """The most lines in a row that begin with numbers, each greater than the one before."""
    best: dict[int, re.Match[str]] = {}
    run: dict[int, re.Match[str]] = {}
    last = 0
    for n in filled:
        mark = _NUMBERED.match(rows[n])
        if mark is None or int(mark[1]) <= last:
            run = {}
        if mark is not None:
            run[n], last = mark, int(mark[1])
        best = run if len(run) > len(best) else best
    return best


def _widths(numbers: dict[int, re.Match[str]]) -> dict[int, int]:
    """How much of each line is its number with what separates it from the code.

    As many blanks stand after each number, or all end in the same column. The line that is indented least shows how
    many or which; where it may be both, the code is indented by even numbers of blanks.
    """
    code = [mark for mark in numbers.values() if mark.end() < len(mark.string)]
    if not code:
        return {}
    if all(mark[2].startswith("\t") for mark in code):
        return {n: min(mark.start(2) + 1, mark.end()) for n, mark in numbers.items()}
    gap, column = min(len(mark[2]) for mark in code), min(mark.end() for mark in code)
    by_gap = sum((len(mark[2]) - gap) % 2 for mark in code)
    by_column = sum((mark.end() - column) % 2 for mark in code)
    if by_column < by_gap and all(mark.start(2) <= column for mark in code):
        return {n: min(column, mark.end()) for n, mark in numbers.items()}
    return {n: min(mark.start(2) + gap, mark.end()) for n, mark in numbers.items()}


def _numbers_alone(rows: list[str], filled: list[int]) -> dict[int, int]:
    """The lines that are a number and nothing else, where they count: a page's column of numbers, copied along."""
    counted = [(n, int(rows[n])) for n in filled if len(rows[n]) <= LONGEST_NUMBER and rows[n].strip().isdecimal()]
    counts = len(counted) >= FEWEST and all(later[1] == before[1] + 1 for before, later in pairwise(counted))
    return {n: len(rows[n]) for n, _ in counted} if counts else {}


def _take_diff(rows: list[str], cut: list[int], filled: list[int]) -> None:
    """The code as it is after the change that a diff shows."""
    bearing = [n for n in filled if rows[n][0] in "+- " or _HUNK.match(rows[n])]
    hunks = [n for n in bearing if _HUNK.match(rows[n])]
    if hunks:  # what stands above the first does not belong to it
        bearing = [n for n in bearing if n >= hunks[0]]
    among = set(hunks)
    others = [n for n in bearing if n not in among]
    added = sum(rows[n][0] == "+" for n in others)
    if not added or (not hunks and added < len(others)):
        return
    if not _are_the_code(rows, filled, dict.fromkeys(bearing, 1)):
        return
    for n in hunks:
        rows[n] = ""
    for n in others:
        if rows[n].startswith("-"):
            rows[n] = ""
        else:
            rows[n], cut[n] = rows[n][1:], cut[n] + 1
