"""Changes that may mend code that Python cannot read. They are guesses: who offers one has read the code with it."""

import re
from collections.abc import Iterator
from itertools import islice

from layerscope.source.reading import Change, Span
from layerscope.source.text.paste import Paste
from layerscope.source.text.scan import TOKEN

MOST, MOST_SIGNS = 4, 200
"""Ways that are tried, and signs that one of them replaces."""
CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "«": '"', "»": '"', "‹": "'", "›": "'"}
PLAIN = {"、": ",", "。": ".", "【": "[", "】": "]", "−": "-", "–": "-", "—": "-", "×": "*", "…": "..."}
STRAIGHT = str.maketrans(CURLY | PLAIN)
"""Python's own signs, for those that word processors and other keyboards put in their places."""
_ONE_EQUALS = re.compile(r"(?<![=!<>:+\-*/%@&|^])=(?!=)")
_BETWEEN = re.compile(r"(?<=[\w)\]}\"'])[ \t]+(?=[\w\"'\[(])")
Way = tuple[Change, ...]


def cures(error: SyntaxError, paste: Paste) -> tuple[Way, ...]:
    """Changes after which Python may read the paste, the likeliest first."""
    line, message = error.lineno or 0, error.msg or ""
    if not 0 < line <= len(paste.lines):
        return ()
    return tuple(islice(_cures(message, line, error, paste), MOST))


def _cures(message: str, line: int, error: SyntaxError, paste: Paste) -> Iterator[Way]:
    if "invalid" in message and (signs := tuple(islice(_straightened(paste), MOST_SIGNS))):
        yield signs
    elif message.startswith("expected ':'"):
        yield (_at_end(paste, line, ":", "end the line with :"),)
    elif found := re.match(r"'([(\[{])' was never closed", message):
        yield from _closed(paste, line, CLOSED_BY[found[1]])
        yield from _commas(paste, line, len(paste.lines))
    elif "Maybe you meant '=='" in message and (sign := _ONE_EQUALS.search(paste.lines[line - 1])):
        yield (Change(_span(paste, line, sign.start(), sign.end()), "==", "write =="),)
    elif re.match(r"unmatched '[)\]}]'", message) and error.offset:
        place = _span(paste, line, error.offset - 1, error.offset)
        yield (Change(place, "", "remove the bracket that closes nothing"),)
    elif message.startswith("invalid syntax"):
        yield from _between(paste, line, error)
        yield from _commas(paste, line, max(line, error.end_lineno or line))
        if line > 1:
            yield from _commas(paste, line - 1, line)


def _straightened(paste: Paste) -> Iterator[Change]:
    """Each sign that Python does not know, outside of strings and comments, in its own way of writing it."""
    for number, row in enumerate(paste.lines, 1):
        for column, sign in enumerate(row):
            if (straight := sign.translate(STRAIGHT)) != sign:
                yield Change(_span(paste, number, column, column + 1), straight, "write plain signs")


def _closed(paste: Paste, line: int, bracket: str) -> Iterator[Way]:
    """The bracket at the end of a later line that lacks one, which then is missing to the one of `line`, or there."""
    lacking = (number for number in range(line + 1, len(paste.lines) + 1) if _lacks(paste.lines[number - 1], bracket))
    for number in (*islice(lacking, 2), line):
        row = paste.lines[number - 1]
        end = _end(row)
        end -= row[:end].endswith(",")
        yield (Change(_span(paste, number, end, end), bracket, f"close the bracket with {bracket}"),)


def _lacks(row: str, bracket: str) -> bool:
    """Whether a line opens one bracket more of a kind than it closes, and has more after it."""
    opening = next(sign for sign, closing in CLOSED_BY.items() if closing == bracket)
    signs = [match["sign"] for match in TOKEN.finditer(row) if match.lastgroup == "sign"]
    return signs.count(opening) == signs.count(bracket) + 1 and not row[: _end(row)].endswith(opening)


def _commas(paste: Paste, first: int, last: int) -> Iterator[Way]:
    """A comma at the end of one of the lines from `first` up to the one before `last`, where something may end."""
    for number in range(first, min(last, len(paste.lines))):
        row, end = paste.lines[number - 1], _end(paste.lines[number - 1])
        if end and (row[end - 1].isalnum() or row[end - 1] in "_)]}\"'"):
            yield (_at_end(paste, number, ",", "end the line with a comma"),)


def _between(paste: Paste, line: int, error: SyntaxError) -> Iterator[Way]:
    """A comma between two values of a line, where Python stopped."""
    end = error.end_offset if error.end_lineno == line and error.end_offset else 0
    for blanks in _BETWEEN.finditer(paste.lines[line - 1], max(0, (error.offset or 1) - 1), max(0, end - 1)):
        yield (Change(_span(paste, line, blanks.start(), blanks.start()), ",", "write a comma"),)


def _at_end(paste: Paste, line: int, text: str, words: str) -> Change:
    end = _end(paste.lines[line - 1])
    return Change(_span(paste, line, end, end), text, words)


def _end(row: str) -> int:
    """Where the code of a line ends, and its comment may begin."""
    ends = [match.end() for match in TOKEN.finditer(row) if match.lastgroup in ("text", "word", "sign")]
    return ends[-1] if ends else 0


def _span(paste: Paste, line: int, start: int, end: int) -> Span:
    cut = paste.cut[line - 1] + 1
    return Span(line, start + cut, line, end + cut)
