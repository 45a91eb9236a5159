"""Code that Python itself cannot read, told in words that help."""

import re
import unicodedata

from layerscope.source.reading import SourceError
from layerscope.source.text.paste import Paste
from layerscope.source.text.scan import TOKEN
from layerscope.source.text.syntax_cures import CURLY, PLAIN, cures

_LONGEST = 120

_HINTS = (
    (r"'(.)' was never closed", "The {0} here is never closed."),
    (r"closing parenthesis '(.)' does not match .* '(.)'.*", "This {0} does not match the {1} it should close."),
    (r"unmatched '(.)'", "This {0} closes nothing: its opening bracket is missing."),
    (r"expected ':'", "A colon : is missing here."),
    (r"expected an indented block.*", "What comes after the colon is missing here, or it is not indented."),
    (r"unexpected indent", "This line is indented more than the one before, for no reason."),
    (r"unindent does not match.*", "This line's indentation matches no line before it."),
    (r"inconsistent use of tabs.*", "Tabs and spaces are mixed in the indentation. Use spaces only."),
    (r"unterminated .*string literal.*", "The string that starts here is never closed."),
    (r"invalid syntax\. Perhaps you forgot a comma\?", "Something is missing here, perhaps a comma."),
    (r"invalid syntax. Maybe you meant '==' .*", "There is one = here; you probably mean ==."),
    (r"Missing parentheses in call to 'print'.*", "print needs brackets in Python 3: print(...)."),
    (r"positional argument follows keyword argument.*", "Arguments without a name must come before named ones."),
    (r"too many levels of indentation", "The lines are indented too deeply."),
    (r"Exceeds the limit.*", "A number here has too many digits."),
    (r"unexpected EOF.*", "The code stops in the middle. Copy all of it."),
)  # fmt: skip


def syntax_error(error: SyntaxError, paste: Paste) -> SourceError:
    """The same in our words, with its place in the paste."""
    line = error.lineno if error.lineno and 0 < error.lineno <= len(paste.lines) else None
    column = None
    if line is not None:
        row = paste.lines[line - 1]
        start = len(row) - len(row.lstrip())  # where Python sees wrong indentation differs between its versions
        offset = start + 1 if isinstance(error, IndentationError) else error.offset or 1
        column = min(max(offset, 1), len(row) + 1) + paste.cut[line - 1]
    opened = _open_bracket(paste, line, column)
    return SourceError(_reason(error.msg or "", paste, line, opened), line, column, cures(error, paste), True)


def _reason(message: str, paste: Paste, line: int | None, opened: tuple[str, int, int] | None) -> str:
    message = message[:_LONGEST]
    row = paste.lines[line - 1] if line else ""
    for character, straight in CURLY.items():
        if f"'{character}'" in message or (character in row and "invalid" in message):
            return f"There is a curly quote {character} here, which Python does not accept; use a straight {straight}."
    foreign = re.match(r"invalid character '(.)'", message)
    if foreign and (plain := PLAIN.get(foreign[1]) or _narrow(foreign[1])):
        name = unicodedata.name(foreign[1], "character").lower().replace("fullwidth", "full-width")
        article = "an" if name[0] in "aeiou" else "a"
        return f"There is {article} {name} {foreign[1]} here, which Python does not accept; use a plain {plain}."
    if strange := re.match(r"invalid (?:non-printable )?character .*?(U\+[0-9A-F]+)", message):
        return f"There is a character ({strange[1]}) here that Python does not accept. Type the line again."
    for pattern, words in _HINTS:
        if found := re.fullmatch(pattern, message):
            return words.format(*found.groups())
    if opened is not None:
        bracket, line, column = opened
        return f"Python cannot continue here: the {bracket} in line {line}, column {column} is still open."
    return f"Python cannot read this: {message or 'invalid syntax'}."


def _narrow(character: str) -> str:
    """The ASCII sign of a full-width one; "" where it is none."""
    return chr(ord(character) - 0xFEE0) if "\uff01" <= character <= "\uff5e" else ""


def _open_bracket(paste: Paste, line: int | None, column: int | None) -> tuple[str, int, int] | None:
    """The last bracket that is open where the parser stopped, and its place."""
    if line is None or column is None:
        return None
    opened: list[tuple[str, int, int]] = []
    row, start = 1, 0
    for match in TOKEN.finditer(paste.text):
        kind = match.lastgroup or 0
        token, place = match[kind], match.start(kind) - start + 1 + paste.cut[row - 1]
        if row > line or (row == line and place >= column):
            break
        if kind == "sign" and token in "([{":
            opened.append((token, row, place))
        elif kind == "sign" and token in ")]}" and opened:
            opened.pop()
        if "\n" in token:
            row, start = row + token.count("\n"), match.start(kind) + token.rindex("\n") + 1
    return opened[-1] if opened else None
