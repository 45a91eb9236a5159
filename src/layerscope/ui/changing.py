"""What a correction changes of a text, for the page: the lines before and after, and the edits that make it."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from layerscope import limits
from layerscope.ui.understood import Part

Hunk = tuple[int, int, int, int]
"""From and to among the old lines, from and to among the new ones."""

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


def change(old: str, new: str) -> Part:
    """The rows that show a change, its edits, and the length of `old`.

    An edit is its start and end in `old`, what belongs there, and what stands there now; all counted as in JavaScript.
    """
    before, after = _lines(old), _lines(new)
    starts = [0, *accumulate(_length(line) for line in before)]
    hunks = list(_hunks(before, after))
    edits = [[starts[i], starts[to], "".join(after[j:end]), "".join(before[i:to])] for i, to, j, end in hunks]
    rows = [row for hunk in hunks for row in _rows(before, after, hunk)]
    most = limits.CHANGED.most
    more = limits.CHANGED.sentence(shown=most, found=len(rows)) if len(rows) > most else ""
    return {"edits": edits, "length": starts[-1], "rows": rows[:most], "more": more}


def _lines(text: str) -> list[str]:
    """The lines with their ends."""
    rows = text.split("\n")
    return [*(f"{row}\n" for row in rows[:-1]), rows[-1]]


def _length(text: str) -> int:
    """How long a text is in JavaScript, to which an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _hunks(before: list[str], after: list[str]) -> Iterator[Hunk]:
    """Where the lines differ. What is long is not compared line by line: that takes the square of its length."""
    least = min(len(before), len(after))
    head = next((n for n in range(least) if before[n] != after[n]), least)
    tail = next((n for n in range(least - head) if before[-1 - n] != after[-1 - n]), least - head)
    end, stop = len(before) - tail, len(after) - tail
    if max(end, stop) - head > limits.COMPARED.most:
        yield head, end, head, stop
        return
    matcher = SequenceMatcher(None, before[head:end], after[head:stop], autojunk=False)
    for tag, i, to, j, last in matcher.get_opcodes():
        if tag != "equal":
            yield head + i, head + to, head + j, head + last


def _rows(before: list[str], after: list[str], hunk: Hunk) -> Iterator[Part]:
    i, to, j, end = hunk
    old, new = before[i:to], after[j:end]
    margin = min((len(row) - len(row.lstrip(" ")) for row in [*old, *new] if row.strip()), default=0)
    pairs: list[tuple[str | None, str | None]] = list(zip(old, new, strict=True)) if len(old) == len(new) else []
    if not pairs:
        pairs = [*((row, None) for row in old), *((None, row) for row in new)]
    n, m = i, j
    for was, becomes in pairs:
        kept, made = _compared(was, becomes, margin)
        if was is not None:
            n += 1
            yield {"line": n, "kind": "old", "pieces": kept}
        if becomes is not None:
            m += 1
            yield {"line": m, "kind": "new", "pieces": made}


Pieces = list[tuple[bool, str]]
"""Pieces of a line, each with whether it differs."""


def _compared(was: str | None, becomes: str | None, margin: int) -> tuple[Pieces, Pieces]:
    """Both lines in pieces; where one of them is missing the other is shown as it is."""
    most = limits.CHANGED_LINE.most
    old, new = ((line or "").removesuffix("\n")[margin:] for line in (was, becomes))
    if was is None or becomes is None or max(len(old), len(new)) > most:
        return [(False, old[:most])], [(False, new[:most])]
    a, b = _PIECE.findall(old), _PIECE.findall(new)
    kept: Pieces = []
    made: Pieces = []
    for tag, i, to, j, end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for pieces, words in ((kept, a[i:to]), (made, b[j:end])):
            if words:
                pieces.append((tag != "equal", "".join(words)))
    return kept, made
