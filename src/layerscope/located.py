"""JSON whose values know their line, read with bounds on everything.

Python's own reader accepts NaN and repeated keys, nests as deep as it is told to, and knows lines only of syntax
errors. Here every error has its line, and whatever a person pasted costs no more than its length.
"""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from layerscope import limits
from layerscope.text import is_whole

DEEPEST = limits.JSON_DEPTH.most
LONGEST_NUMBER = limits.JSON_NUMBER.most

_TOKEN = re.compile(
    r"""\s*+(?:
      (?P<mark>[{}\[\],:])
    | (?P<text>"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+")
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?![\w.]))
    | (?P<word>-?[A-Za-z_]\w*+)
    | (?P<end>\Z)
    | (?P<other>.))""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
"""One token with the blanks before it.

It matches at every place, the end included, and gives no blanks, letters or digits back. Where a text or a number is
broken off, that token is tried in vain, and the reader stops at the next one; so a paste is gone through twice at most.
"""
_WORDS = {"true": True, "false": False, "null": None}


class LocatedError(ValueError):
    """Text that is not JSON, or more than is read; the message is a sentence with the line in front."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")


class Located(NamedTuple):
    """A value and its line, counted from 1. Objects and lists hold Located values in turn."""

    value: Any
    line: int


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def read_located(text: str) -> Located:
    """The value that the text holds. Raises LocatedError."""
    reader = _Reader(text)
    value = reader.value(1)
    reader.expect("end")
    return value


def shown(text: str, longest: int = 40) -> str:
    """A text as JSON writes it, cut where it is long; never raw."""
    return json.dumps(text if len(text) <= longest else f"{text[:longest]}...")


def _tokens(text: str) -> Iterator[_Token]:
    line, place = 1, 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "end"
        start = match.start(kind)
        line += text.count("\n", place, start)
        place = start
        yield _Token(kind, match[kind] or "the end", line)
    while True:
        yield _Token("end", "the end", line)


class _Reader:
    """Walks over the tokens; `now` is the one that is looked at."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._values = 0
        self.now = next(self._tokens)

    def step(self) -> _Token:
        token, self.now = self.now, next(self._tokens)
        return token

    def expect(self, what: str) -> _Token:
        """The token that has to stand here: one of the marks in `what`, or of the kind that it names."""
        marks = what.split(" or ")
        if self.now.text in marks and self.now.kind == "mark":
            return self.step()
        if self.now.kind == what:
            return self.step()
        names = {"end": "Nothing more", "text": 'A name such as "kernel_size"'}
        self.refuse(f"{names.get(what, what)} was expected here, not {self.what_stands()}.")

    def what_stands(self) -> str:
        if self.now.text == '"':
            return 'a " without a second one on the line'
        return self.now.text if self.now.kind in ("end", "mark") else shown(self.now.text)

    def refuse(self, sentence: str) -> NoReturn:
        raise LocatedError(self.now.line, sentence)

    def value(self, depth: int) -> Located:
        if depth > DEEPEST:
            self.refuse(limits.JSON_DEPTH.sentence())
        self._values += 1
        if self._values > limits.JSON_VALUES.most:
            self.refuse(limits.JSON_VALUES.sentence())
        token = self.now
        if token.kind == "mark" and token.text in "{[":
            self.step()
            return Located(self.members(depth) if token.text == "{" else self.entries(depth), token.line)
        value: Any
        if token.kind == "text":
            value = self.text(token)
        elif token.kind == "number":
            value = self.number(token)
        elif token.kind == "word" and token.text in _WORDS:
            value = _WORDS[token.text]
        elif token.kind == "word":
            self.refuse(
                f"{shown(token.text)} is not a JSON value; a number, a text in quotes, true or null would work."
            )
        elif token.text in "+-.0123456789" and token.kind == "other":
            self.refuse("This is not a JSON number; write it like 1, -2.5 or 1e-05.")
        else:
            self.refuse(f"A value was expected here, not {self.what_stands()}.")
        self.step()
        return Located(value, token.line)

    def text(self, token: _Token) -> str:
        """What stands in quotes. Half a character, such as \\ud800 alone, can be neither shown nor sent."""
        value: str = json.loads(token.text) if "\\" in token.text else token.text[1:-1]
        if not is_whole(value):
            raise LocatedError(token.line, limits.HALF_A_CHARACTER)
        return value

    def number(self, token: _Token) -> int | float:
        if len(token.text) > LONGEST_NUMBER:
            self.refuse(limits.JSON_NUMBER.sentence(found=len(token.text)))
        if not {".", "e", "E"} & set(token.text):
            return int(token.text)
        value = float(token.text)
        if not isfinite(value):
            self.refuse(f"{token.text} is too large for a number.")
        return value

    def members(self, depth: int) -> dict[str, Located]:
        found: dict[str, Located] = {}
        while self.now.text != "}" or self.now.kind != "mark" or found:
            token = self.expect("text")
            key = self.text(token)
            if key in found:
                raise LocatedError(token.line, f"{shown(key)} appears twice in the same object; keep one.")
            self.expect(":")
            found[key] = Located(self.value(depth + 1).value, token.line)
            if self.expect(", or }").text == "}":
                return found
        self.step()
        return found

    def entries(self, depth: int) -> list[Located]:
        found: list[Located] = []
        while self.now.text != "]" or self.now.kind != "mark" or found:
            found.append(self.value(depth + 1))
            if self.expect(", or ]").text == "]":
                return found
        self.step()
        return found
