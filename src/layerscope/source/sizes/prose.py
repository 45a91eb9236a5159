"""Sizes that sentences around code tell: "my images are 3 x 150 x 150", "grayscale 48x48 pictures"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from layerscope import limits
from layerscope.source.reading import Span
from layerscope.source.sizes.evidence import Case, Evidence, Row
from layerscope.source.text.paste import rows_of

_PIXELS = re.compile(
    r"(?<![\w.,*/+-])\d{1,5}(?: ?(?:[x\u00d7X*]|by) ?\d{1,5}){1,3}(?=px|p\b|[^\w.*/+-]|[.,;:!?)]|$)(?!\.\d)"
)
_ROW = re.compile(r"[\[(] ?(?:batch\w{0,8}|[A-Z]{1,2}|None|-1|\d{1,5})(?: ?, ?\d{1,5}){1,4} ?,? ?[\])]")
_WORD = r"(?:\b|_)(?:{})(?:\b|_)"
_MEANT = re.compile(
    _WORD.format(
        r"images?|pictures?|photos?|inputs?|(?:mel-?)?spectrograms?|frames?|scans?|slices?|volumes?|crops?|samples?"
        r"|examples?|data|dataset|x_train|resiz\w+|rescal\w+|cropped|reshaped?|mnist|rgb|gr[ae]y(?:-?scale)?"
    ),
    re.IGNORECASE,
)
_SIZED = re.compile(r"(?:resiz|rescal|crop)", re.IGNORECASE)
"""What has the last word on a size."""
_OTHER = re.compile(
    _WORD.format(
        r"kernels?|filters?|strides?|conv\w*|pool\w*|windows?|outputs?|generat\w+|produc\w+|upscal\w+|weights?"
        r"|feature|maps?|labels?|targets?|masks?|mat1|mat2|matri\w+|layers?|expected|expects|got|grids?|patch(?:es)?"
        r"|linear|logits|predictions?|embeddings?|bias|padding|originally|initially|epochs?|gpus?|classes|times|cores?|cards?"
    ),
    re.IGNORECASE,
)
_GRAY = re.compile(r"gr[ae]y|black[- ]and[- ]white|monochrom|\b(?:single|one|1)[- ]channel", re.IGNORECASE)
_COLOR = re.compile(r"\brgb\b|\bcolou?r|\b(?:three|3)[- ]channel", re.IGNORECASE)
_CHANNELS = re.compile(r"\b(\d{1,4})[- ]channels?\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
SMALLEST, MOST_AXES = 8, 5
"""Cells along the side of an image that people write down, and sizes in a row of them."""
NEAR = 60
"""Characters between a size and the word that says what is of that size."""


@dataclass(frozen=True)
class _Told:
    """A size in a sentence. `is_last`: it is what images are made to be."""

    row: Row
    is_batched: bool | None
    line: int
    length: int
    is_last: bool


def find(case: Case) -> Iterator[Evidence]:
    """The size on which all sentences agree; nothing where they do not."""
    told = [each for found in islice(_candidates(case), limits.SIZES.most) if (each := _told(*found)) is not None]
    told = [each for each in told if each.is_last] or told
    if not told or len({each.row[-2:] for each in told}) > 1:
        return
    best = max(told, key=lambda each: len([size for size in each.row if size is not None]))
    span = Span(best.line, 1, best.line, best.length + 1)
    yield Evidence(best.row, "text", f"as your text in line {best.line} says", span, best.is_batched)


def _sentences(case: Case) -> Iterator[tuple[int, str]]:
    """The lines that are not code, the error below it left out; comments have a finder of their own."""
    paste = case.paste
    rows = rows_of(paste.source)
    error = {*map(str.strip, paste.error.split("\n"))}
    for line, (row, code) in enumerate(zip(rows, paste.lines, strict=False), 1):
        if not code.strip() and row.strip() not in error and any(map(str.isdigit, row)):
            yield line, row.rstrip()[: limits.PROSE.most]


def _candidates(case: Case) -> Iterator[tuple[int, str, str, re.Match[str]]]:
    """Whatever looks like sizes: its line, that line's text, its sentence, and where it stands there."""
    for line, text in _sentences(case):
        for sentence in _SENTENCE.split(text):
            for pattern in (_PIXELS, _ROW):
                for found in pattern.finditer(sentence):
                    yield line, text, sentence, found


def _told(line: int, text: str, sentence: str, found: re.Match[str]) -> _Told | None:
    """What is told there; None where it is about something else."""
    before, after = sentence[: found.start()][-NEAR:], sentence[found.end() :][:NEAR]
    meant = _nearest(_MEANT, before, after)
    if meant is None or meant[0] >= (_nearest(_OTHER, before, after) or (NEAR + 1, ""))[0]:
        return None
    row, is_batched = _row(found[0], _channels(sentence))
    return _Told(row, is_batched, line, len(text), bool(_SIZED.match(meant[1]))) if row else None


def _nearest(words: re.Pattern[str], before: str, after: str) -> tuple[int, str] | None:
    """How far the nearest of such words is from a size, and that word."""
    found = [(len(before) - match.end(), match[0]) for match in words.finditer(before)]
    found += [(match.start(), match[0]) for match in words.finditer(after)]
    return min(found, default=None)


def _channels(sentence: str) -> int | None:
    if _GRAY.search(sentence):
        return None if _COLOR.search(sentence) else 1
    if _COLOR.search(sentence):
        return 3
    found = _CHANNELS.search(sentence)
    return int(found[1]) if found else None


def _row(text: str, channels: int | None) -> tuple[Row, bool | None]:
    """The sizes without the batch, or with it where the layers must tell; () where they are not sizes of an input."""
    parts = [part for part in re.split(r"[\s,x\u00d7X*()\[\]]+|by", text) if part]
    sizes: Row = tuple(int(part) if part.isdigit() else None for part in parts)
    if None in sizes[:1]:
        return sizes, True
    if len(sizes) > MOST_AXES or 0 in sizes or (len(sizes) == 2 and min(size or 0 for size in sizes) < SMALLEST):
        return (), False
    if len(sizes) == 2:
        return (channels, *sizes), False
    if len(sizes) == 3:
        last = sizes[2] in (1, 3, 4) and sizes[0] not in (1, 3, 4)
        if last or sizes[0] in (1, 3, 4) or sizes[0] == channels:
            return ((sizes[2], *sizes[:2]) if last else sizes), None
        return (channels, *sizes), False
    return sizes, None
