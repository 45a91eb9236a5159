"""Code as a card of the stage: coloured pieces, and the lines that belong to the selected layer."""

import keyword
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from layerscope import limits
from layerscope.blocks import rows_of
from layerscope.source.text.scan import STRING
from layerscope.source.writer import Style, written
from layerscope.steps import Trace
from layerscope.ui.session import Session

Part = dict[str, Any]
Pieces = list[tuple[str, str]]

STYLES = {"course": "Functions", "modules": "Modules", "sequential": "Sequential"}
EXTRAS = {"plain": "Plain", "shapes": "+ shapes", "hints": "+ type hints", "both": "+ both"}

_COLOURED = re.compile(
    rf"(?P<comment>\#[^\n]*+)|(?P<string>{STRING})"
    r"|(?P<number>0[xX]\w++|\.?[0-9](?:[eE][-+][0-9]|[\w.])*+)|(?P<word>\w++)",
    re.DOTALL,
)
"""What has a colour, in programs and in halves of them.

It is linear: each piece begins with another letter, and what a piece has taken is never given back. Python's own
tokenize is not, in the halves: it tries blanks and quotes again from each that stands there.
"""


def network_code(now: Trace, session: Session) -> Part:
    """The network as code in the style that was chosen."""
    code = written(now.network, **code_options(session))
    lit = {line for name in rows_of(now.network, session.selected) for line in code.lines.get(name, ())}
    return {
        "key": "code",
        "title": "Code",
        "height": 240,
        **code_part(code.text, lit=lit),
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
    """The card's lines. `lit` and `wrong` are line numbers, counted from 1.

    Of a long text the beginning is drawn, which a note says; the exported text is whole.
    """
    body = source.removesuffix("\n")
    rows = body[: limits.CODE.most].split("\n", limits.DRAWN.most)[: limits.DRAWN.most]
    drawn = "\n".join(rows)
    lines = [
        {"pieces": pieces, "lit": number in lit, "tone": "error" if number in wrong else ""}
        for number, pieces in enumerate(_coloured(f"{drawn}\n"), 1)
    ]
    note = "" if len(drawn) == len(body) else limits.DRAWN.sentence(shown=len(rows), found=source.count("\n") + 1)
    return {"code": lines, "source": source, "file": "network.py", **({"note": note} if note else {})}


@lru_cache(maxsize=16)
def _coloured(source: str) -> tuple[Pieces, ...]:
    """Each line as (kind, text) pieces, whether it is a whole program or half of one."""
    lines: list[Pieces] = [[]]
    at = 0
    source = source.removesuffix("\n")
    for match in _COLOURED.finditer(source):
        kind = match.lastgroup or ""
        if kind == "word" and not keyword.iskeyword(match[0]):
            continue
        _add(lines, "plain", source[at : match.start()])
        _add(lines, kind, match[0])
        at = match.end()
    _add(lines, "plain", source[at:])
    return tuple(pieces or [("plain", "")] for pieces in lines)


def _add(lines: list[Pieces], kind: str, text: str) -> None:
    """One piece more; what goes over several lines is a piece of each."""
    first, *others = text.split("\n")
    if first:
        lines[-1].append((kind, first))
    lines += [[(kind, row)] if row else [] for row in others]
