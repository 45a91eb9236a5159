"""A paste as people make it: prompts, Markdown fences and notebook commands taken off, every place kept.

Columns of Python's syntax trees count bytes of the cleaned text; people count characters of what they pasted. Both are
translated here and nowhere else.
"""

import ast
import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, islice

from layerscope.source.reading import Span
from layerscope.source.text.marks import take_marks
from layerscope.source.text.surroundings import (
    CODE,
    COMMAND,
    FIRST_PROMPT,
    PROMPT,
    SPACES,
    error_among_prompts,
    has_cells,
    in_strings,
    is_foreign,
    is_prose_from,
    sentences,
    take_bold,
    take_cells,
    take_error,
    take_prompts,
)

LONGEST_QUOTE = 60
MOST_QUOTED = 400
"""Characters, blanks and ends of lines among them, that a quote is made of."""
LONGEST_WORD = 40

_ENDLESS = re.compile(rf"\w{{{LONGEST_WORD + 1},}}")


@dataclass(frozen=True)
class Paste:
    """`source` is what was pasted; `lines` are what Python reads; `cut` says how many characters each line lost."""

    source: str
    lines: tuple[str, ...]
    cut: tuple[int, ...]
    error: str = ""
    """The error that stood below the code."""

    def without_sentences(self) -> "Paste":
        """The same paste with its lines of English left out."""
        english = sentences(self.lines)
        rows = ["" if n in english else row for n, row in enumerate(self.lines)]
        cut = [*self.cut]
        _dedent(rows, cut)
        return Paste(self.source, tuple(rows), tuple(cut), self.error)

    def up_to(self, line: int) -> "Paste | None":
        """The code above a line, counted from 1, in which words begin; these are its error. None where code goes on."""
        if not 1 < line <= len(self.lines) or not is_prose_from(self.lines, line):
            return None
        rows = [row if n < line - 1 else "" for n, row in enumerate(self.lines)]
        told = "\n".join(self.lines[line - 1 :])
        return Paste(self.source, tuple(rows), self.cut, self.error or told)

    @classmethod
    def of(cls, source: str) -> "Paste":
        """Take off what surrounds code in consoles, notebooks and web pages; no line is added or lost."""
        rows = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").translate(SPACES).split("\n")
        rows[0] = rows[0].removeprefix("\ufeff")
        cut = [int(source.startswith("\ufeff"))] + [0] * (len(rows) - 1)
        take_marks(rows, cut)
        text, answered = "\n".join(rows), ""
        if FIRST_PROMPT.search(text) and not CODE.search(text) and not has_cells(rows):
            answered = error_among_prompts(rows)
            take_prompts(rows, cut)
        take_cells(rows, cut)
        strings = in_strings(rows)
        fences = [n for n, row in enumerate(rows) if n not in strings and row.lstrip().startswith(("```", "~~~"))]
        if fences:  # only what stands between fences is code
            inside = _between(fences, len(rows))
            rows = [row if n in inside else "" for n, row in enumerate(rows)]
        error = take_error(rows) or answered
        rows = [
            "" if n not in strings and (COMMAND.match(row) or is_foreign(row)) else row for n, row in enumerate(rows)
        ]
        take_bold(rows, cut)
        _dedent(rows, cut)
        return cls(source, tuple(rows), tuple(cut), error)

    @cached_property
    def text(self) -> str:
        """What Python reads."""
        return "\n".join(self.lines)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether Python reads the paste as it is, a byte for each character."""
        return self.source.isascii() and not any(self.cut)

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Line and column of a node, counted from 1 in the characters of what was pasted."""
        line = getattr(node, "lineno", 1)
        return line, self._column(line, getattr(node, "col_offset", 0))

    def span(self, node: ast.AST) -> Span:
        """The stretch of a node."""
        if self._is_plain and (end := getattr(node, "end_lineno", None)):
            return Span(node.lineno, node.col_offset + 1, end, node.end_col_offset + 1)  # type: ignore[attr-defined]
        return Span(*self.place(node), *self._end(node))

    def before(self, node: ast.AST) -> Span:
        """The place right before a node, where something can be inserted."""
        line, column = self.place(node)
        return Span(line, column, line, column)

    def indentation(self, node: ast.AST) -> str | None:
        """What stands before a statement in its line; None where something else does."""
        line, column = self.place(node)
        row = self._rows[line - 1][: column - 1]
        return row if not row.strip() or PROMPT.fullmatch(row.rstrip(" ") + " ") else None

    def margin(self, line: int) -> str | None:
        """The blanks that a line of the source begins with before its code; None where something else stands there."""
        row = self._rows[line - 1][: self.cut[line - 1]]
        return None if row.strip() else row

    def after(self, node: ast.AST) -> Span:
        """The place right after a node."""
        line, column = self._end(node)
        return Span(line, column, line, column)

    def _end(self, node: ast.AST) -> tuple[int, int]:
        line = getattr(node, "end_lineno", None) or self.place(node)[0]
        return line, self._column(line, getattr(node, "end_col_offset", 0))

    @property
    def end(self) -> Span:
        """The place after the last line of code, where lines can be added."""
        line = max((n for n, row in enumerate(self.lines, 1) if row.strip()), default=1)
        column = self.cut[line - 1] + len(self.lines[line - 1].rstrip()) + 1
        return Span(line, column, line, column)

    def inside(self, call: ast.Call) -> Span:
        """The place right before the bracket that ends a call."""
        line, column = self._end(call)
        return Span(line, column - 1, line, column - 1)

    def last_name(self, node: ast.Attribute) -> Span:
        """The stretch of the name after the last dot."""
        line, column = self._end(node)
        return Span(line, column - len(node.attr), line, column)

    def _column(self, line: int, offset: int) -> int:
        if self._is_plain:
            return offset + 1
        row = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        characters = offset if row.isascii() else bisect_right(self._bytes_before(line), offset) - 1
        return characters + 1 + (self.cut[line - 1] if 0 < line <= len(self.cut) else 0)

    def _bytes_before(self, line: int) -> "array[int]":
        """How many bytes stand before each character of a line, and in all; counted once for all of its nodes."""
        if line not in self._bytes:
            widths = (len(letter.encode()) for letter in self.lines[line - 1])
            self._bytes[line] = array("I", [0, *accumulate(widths)])
        return self._bytes[line]

    def segment(self, node: ast.AST, most: int | None = None) -> str:
        """The text of a node as it was written, its first `most` characters."""
        line, column = self.place(node)
        end_line, end_column = self._end(node)
        begin = self._starts[line - 1] + column - 1
        end = self._starts[end_line - 1] + end_column - 1
        return self.source[begin : end if most is None else min(end, begin + most)]

    @cached_property
    def _rows(self) -> list[str]:
        return rows_of(self.source)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line of the source begins."""
        return [0, *accumulate(map(len, self._rows))]

    @cached_property
    def _quotes(self) -> dict[int, str]:
        return {}

    @cached_property
    def _bytes(self) -> "dict[int, array[int]]":
        return {}

    def quote(self, node: ast.AST) -> str:
        """The text of a node for a sentence: on one line and not long. A loop asks for the same one often."""
        if id(node) not in self._quotes:
            self._quotes[id(node)] = self._quoted(node)
        return self._quotes[id(node)]

    def _quoted(self, node: ast.AST) -> str:
        segment = text = self.segment(node, MOST_QUOTED)
        if not text.isprintable():
            text = "".join(letter if letter.isprintable() else " " for letter in text)
        text = " ".join(text.split())
        is_whole = len(text) <= LONGEST_QUOTE and len(segment) < MOST_QUOTED
        return text if is_whole else f"{text[: LONGEST_QUOTE - 3]}..."


def short(sentence: str) -> str:
    """A sentence with no endless word in it."""
    return _ENDLESS.sub(lambda word: f"{word[0][:LONGEST_WORD]}...", sentence)


def rows_of(source: str) -> list[str]:
    """The lines of a source with their ends, as an editor counts them."""
    return re.findall(r"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]++", source)


@lru_cache(maxsize=4)
def _offsets(source: str) -> tuple[int, ...]:
    """Where each line begins, and where the last one ends. One text is asked about many times in a row."""
    return (0, *accumulate(map(len, rows_of(source))))


def _stretch(starts: Sequence[int], span: Span) -> tuple[int, int]:
    """Where a span begins and ends in the source; a line after the last one means the end of the source."""
    last = len(starts) - 1
    first, end = (min(line - 1, last) for line in (span.line, span.end_line))
    return starts[first] + span.column - 1, starts[end] + span.end_column - 1


def between(source: str, span: Span) -> str:
    """The text in a span of the source."""
    return source[slice(*_stretch(_offsets(source), span))]


def replaced(source: str, changes: dict[Span, str]) -> str:
    """The source with other texts in those spans."""
    starts, pieces, rest = _offsets(source), [], len(source)
    for span in sorted(changes, reverse=True):
        begin, end = _stretch(starts, span)
        pieces += [source[end:rest], changes[span]]
        rest = begin
    return "".join([source[:rest], *reversed(pieces)])


def _between(fences: list[int], count: int) -> set[int]:
    """The numbers of the lines between the first fence and the second, the third and the fourth, ..."""
    ends = [*fences, count] if len(fences) % 2 else fences
    return {n for first, last in zip(ends[::2], ends[1::2], strict=True) for n in range(first + 1, last)}


def _dedent(rows: list[str], cut: list[int]) -> None:
    """Take off the blanks that all lines begin with."""
    _dedent_the_first(rows, cut)
    margin = _margin(rows)
    for n, row in enumerate(rows if margin else ()):
        blanks = min(margin, len(row) - len(row.lstrip(" \t")))
        rows[n], cut[n] = row[blanks:], cut[n] + blanks


def _dedent_the_first(rows: list[str], cut: list[int]) -> None:
    """A first line of code that is indented more than the second was only copied with its indentation."""
    code = [*islice((n for n, row in enumerate(rows) if _is_code(row)), 2)]
    if len(code) > 1:
        first, second = (len(rows[n]) - len(rows[n].lstrip(" \t")) for n in code)
        if first > second:
            rows[code[0]] = rows[code[0]][first - second :]
            cut[code[0]] += first - second


def _margin(rows: list[str]) -> int:
    """How many blanks all lines begin with; lines of comment alone do not count."""
    code = [row for row in rows if row and _is_code(row)]
    if not code or len({row[0] if row[0] in " \t" else "" for row in code}) > 1:
        return 0
    return min([len(row) - len(row.lstrip(" \t")) for row in code])


def _is_code(row: str) -> bool:
    """Whether a line holds more than blanks and a comment."""
    return row.lstrip()[:1] not in ("", "#")
