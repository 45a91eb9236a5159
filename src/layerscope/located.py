"""JSON whose values know their line, read with bounds on everything.

Python's own reader accepts NaN and repeated keys, nests as deep as it is told to, and knows lines only of syntax
errors. Here every error has its line, and whatever a person pasted costs no more than its length.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from layerscope import limits

DEEPEST = limits.JSON_DEPTH.most
LONGEST_NUMBER = limits.JSON_NUMBER.most

_TOKEN = re.compile(
    r"""(?P<mark>[{}\[\],:])
    | (?P<text>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+")
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?P<part>\.[0-9]++)?(?P<power>[eE][-+]?[0-9]++)?(?![\w.]))
    | (?P<word>-?[A-Za-z_]\w*+)
    | (?P<other>\S)""",
    re.VERBOSE | re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None}


class LocatedError(ValueError):
    """Text that is no JSON, or more than is read; the message is a sentence with the line in front."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")


@dataclass(frozen=True)
class Located:
    """A value and its line, counted from 1. Objects and lists hold Located values in turn."""

    value: Any
    line: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int
    is_whole: bool = False


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
        line += text.count("\n", place, match.start())
        place = match.start()
        kind = next(kind for kind in ("mark", "text", "number", "word", "other") if match[kind] is not None)
        yield _Token(kind, match[0], line, match["part"] is None and match["power"] is None)
    yield _Token("end", "the end", line + text.count("\n", place))


class _Reader:
    """Walks over the tokens; `now` is the one that is looked at."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.now = next(self._tokens)

    def step(self) -> _Token:
        token, self.now = self.now, self.now if self.now.kind == "end" else next(self._tokens)
        return token

    def expect(self, what: str) -> _Token:
        """The token that has to stand here: one of the marks in `what`, or of the kind that it names."""
        marks = what.split(" or ")
        if self.now.text in marks and self.now.kind == "mark":
            return self.step()
        if self.now.kind == what:
            return self.step()
        names = {"end": "Nothing more", "text": 'A name such as "kernel_size"'}
        self.refuse(f"{names.get(what, what)} should stand here; there is {self.what_stands()}.")

    def what_stands(self) -> str:
        if self.now.text == '"':
            return 'a " without a second one on the line'
        return self.now.text if self.now.kind in ("end", "mark") else shown(self.now.text)

    def refuse(self, sentence: str) -> NoReturn:
        raise LocatedError(self.now.line, sentence)

    def value(self, depth: int) -> Located:
        if depth > DEEPEST:
            self.refuse(limits.JSON_DEPTH.sentence())
        token = self.now
        if token.kind == "mark" and token.text in "{[":
            self.step()
            return Located(self.members(depth) if token.text == "{" else self.entries(depth), token.line)
        value: Any
        if token.kind == "text":
            value = json.loads(token.text)
        elif token.kind == "number":
            value = self.number(token)
        elif token.kind == "word" and token.text in _WORDS:
            value = _WORDS[token.text]
        elif token.kind == "word":
            self.refuse(
                f"{shown(token.text)} is no value of JSON; a number, a text in quotes, true or null would work."
            )
        elif token.text in "+-.0123456789" and token.kind == "other":
            self.refuse("This is no number of JSON; those are written like 1, -2.5 or 1e-05.")
        else:
            self.refuse(f"A value should stand here; there is {self.what_stands()}.")
        self.step()
        return Located(value, token.line)

    def number(self, token: _Token) -> int | float:
        if len(token.text) > LONGEST_NUMBER:
            self.refuse(limits.JSON_NUMBER.sentence(found=len(token.text)))
        if token.is_whole:
            return int(token.text)
        value = float(token.text)
        if not isfinite(value):
            self.refuse(f"{token.text} is too large for a number.")
        return value

    def members(self, depth: int) -> dict[str, Located]:
        found: dict[str, Located] = {}
        while self.now.text != "}" or self.now.kind != "mark" or found:
            token = self.expect("text")
            key = json.loads(token.text)
            if key in found:
                raise LocatedError(token.line, f"{shown(key)} stands twice in the same object; once is right.")
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
