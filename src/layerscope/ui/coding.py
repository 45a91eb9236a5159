"""Code as a card of the stage: coloured pieces, and the lines that belong to the selected layer."""

import io
import keyword
import tokenize
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from layerscope.source.writer import Style, written
from layerscope.steps import Trace
from layerscope.ui.session import Session

Part = dict[str, Any]
Pieces = list[tuple[str, str]]

STYLES = {"course": "functions", "modules": "modules", "sequential": "Sequential"}
EXTRAS = {"plain": "plain", "shapes": "+ shapes", "hints": "+ type hints", "both": "+ both"}
KINDS = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "number"}


def network_code(now: Trace, session: Session) -> Part:
    """The network as code in the style that was chosen."""
    code = written(now.network, **code_options(session))
    return {
        "key": "code",
        "title": "Code",
        "height": 240,
        **code_part(code.text, lit=code.lines.get(session.selected, ())),
    }


def code_options(session: Session) -> dict[str, Any]:
    """How the code is to be written, as arguments of the writer."""
    extras = session.view.extras
    return {
        "style": Style(session.view.code),
        "shapes": extras in ("shapes", "both"),
        "hints": extras in ("hints", "both"),
    }


def code_part(source: str, lit: Collection[int] = (), wrong: Collection[int] = ()) -> Part:
    """The card's lines. `lit` and `wrong` are line numbers, counted from 1."""
    lines = [
        {"pieces": pieces, "lit": number in lit, "tone": "error" if number in wrong else ""}
        for number, pieces in enumerate(_coloured(source), 1)
    ]
    return {"code": lines, "source": source, "file": "network.py"}


@lru_cache(maxsize=64)
def _coloured(source: str) -> tuple[Pieces, ...]:
    """Each line as (kind, text) pieces; what Python cannot take apart stays plain."""
    lines = source.removesuffix("\n").split("\n")
    marks: dict[int, list[tuple[int, int, str]]] = {}
    try:
        for line, start, end, kind in _marks(source):
            marks.setdefault(line, []).append((start, end, kind))
    except (tokenize.TokenError, SyntaxError, ValueError):  # half a program: what came before is coloured
        pass
    return tuple(_pieces(text, marks.get(number, [])) for number, text in enumerate(lines, 1))


def _marks(source: str) -> Iterator[tuple[int, int, int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = KINDS.get(token.type, "")
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kind = "word"
        if kind:
            (first, start), (last, end) = token.start, token.end
            for line in range(first, last + 1):
                yield line, start if line == first else 0, end if line == last else len(token.line) + len(source), kind


def _pieces(text: str, marks: list[tuple[int, int, str]]) -> Pieces:
    pieces, at = [], 0
    for start, end, kind in marks:
        if start > at:
            pieces.append(("plain", text[at:start]))
        pieces.append((kind, text[start:end]))
        at = min(end, len(text))
    if at < len(text) or not pieces:
        pieces.append(("plain", text[at:]))
    return pieces
