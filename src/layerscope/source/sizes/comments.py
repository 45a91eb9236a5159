"""Sizes that comments and docstrings tell of the input: # x: (N, 3, 32, 32), # 32x32 RGB images."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from layerscope.source.reading import Span
from layerscope.source.sizes.evidence import Case, Evidence, Row
from layerscope.source.text.scan import TOKEN

_SIZE = r"(?:\d{1,6}|[A-Za-z_](?:(?!x[\dA-Z])\w){0,19})"
_ROW = rf"[(\[]? ?{_SIZE}(?:(?: ?[,x×*] ?){_SIZE}){{1,4}}(?: ?[)\]])?"
_PIXELS = r"\d{1,6} ?[x×] ?\d{1,6}(?: ?[x×] ?\d{1,6})?"
_NAMED = re.compile(
    r"(?:the )?(?P<name>[A-Za-z_]\w{0,39})\b(?:\.shape|\.size\(\))?(?: \([A-Za-z_., ]{1,40}\))?"
    rf"[^\d(\[.;!?\"]{{0,60}}?(?P<row>{_ROW})"
)
_BARE = re.compile(rf"(?:shape:? |size:? )?(?P<row>{_ROW})")
_IMAGES = re.compile(
    rf"(?:the )?(?:(?:inputs?|images?|pictures?|photos?|data)\b[^\d(\[]{{0,40}}?)?(?P<row>{_PIXELS}),? ?"
    r"(?:pixels? |px )?(?P<kind>rgb|gr[ae]y(?:-?scale)?|colou?r|black[- ]and[- ]white|images?|inputs?|pixels?|px)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\b((?:[A-Z] ?= ?){1,3})(\d{1,6})\b")
_INPUTS = frozenset({"input", "inputs", "image", "images", "img", "imgs", "x", "data", "sample", "samples"})
_Names = Mapping[str, str]
"""The input that a word in small letters means; "" where that may be any."""
_BETWEEN = re.compile(r" ?[,×*] ?| x |(?<=[\dA-Z])x(?=[\dA-Z])")
_ARROW = re.compile(r"- ?>|= ?>|→")
_DIGIT = re.compile(r"\d")
_BATCH = re.compile(r"(?:n|b|bs|batch\w*|\w*batch)", re.IGNORECASE)


@dataclass(frozen=True)
class _Zone:
    """The lines of a method in which a comment speaks of the input: those up to its first statement."""

    first: int
    last: int
    begins: int
    """The line of the first statement."""
    is_forward: bool


def find(case: Case) -> Iterator[Evidence]:
    """One for each comment and docstring that tells a row of sizes of the input."""
    zones = list(_zones(case))
    names = dict.fromkeys(_INPUTS, "") | {name.lower(): name for name in case.inputs}
    text = case.paste.text
    if any(_DIGIT.search(row.partition("#")[2]) for row in case.paste.lines):  # telling comments apart takes longer
        for line, column, comment in _comments(text):
            zone = next((zone for zone in zones if zone.first <= line <= zone.last), None)
            if zone is not None and line > zone.begins:
                continue
            body, *others = _ARROW.split(comment.lstrip("#!: \t"), maxsplit=1)
            on_the_statement = zone is not None and line == zone.begins and zone.is_forward
            if on_the_statement and not others:
                continue
            span = Span(line, column, line, column + len(comment))
            words = f"as the comment in line {line} says"
            yield from _told(body, names, zone is not None and zone.is_forward, "comment", words, span)
    for node in case.modules:
        yield from _docstring(case, node, names)
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "forward":
                yield from _docstring(case, part, names)


def _zones(case: Case) -> Iterator[_Zone]:
    for node in case.modules:
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                body = [each for each in part.body if not _is_passed_over(each)]
                begins = body[0].lineno if body and part.name in ("forward", "__init__") else part.lineno - 1
                yield _Zone(part.lineno, part.end_lineno or part.lineno, begins, part.name == "forward")


def _is_passed_over(statement: ast.stmt) -> bool:
    """A docstring, or the call of super().__init__()."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "__init__"
    )


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of each comment."""
    line, start = 1, 0
    for match in TOKEN.finditer(text):
        token = match[match.lastgroup or 0]
        if match.lastgroup == "skip" and token.startswith("#"):
            yield line, match.start("skip") - start + 1, token
        if "\n" in token:
            line += token.count("\n")
            start = match.end() - len(token) + token.rindex("\n") + 1


def _docstring(case: Case, node: ast.ClassDef | ast.FunctionDef, names: _Names) -> Iterator[Evidence]:
    text = ast.get_docstring(node, clean=False)
    if not text:
        return
    first = node.body[0]
    for number, row in enumerate(text.split("\n")):
        line = first.lineno + number
        span = Span(line, 1, line, len(row) + 1)
        body = _ARROW.split(row.strip().lstrip("-*: "), maxsplit=1)[0]
        yield from _told(body, names, False, "docstring", f"as the docstring in line {line} says", span)


def _told(body: str, names: _Names, bare: bool, kind: str, words: str, span: Span) -> Iterator[Evidence]:
    """What one line of words says; `bare` where it stands at the input and needs no name."""
    if found := _IMAGES.match(body):
        yield Evidence(_of_images(found["row"], found["kind"].lower()), kind, words, span)
        return
    named = _NAMED.match(body)
    if named is not None and named["name"].lower() in names:
        name, row = named["name"], named["row"]
        rest = body[named.end("row") :]
    elif bare and (found := _BARE.match(body)):
        name, row, rest = "", found["row"], body[found.end("row") :]
    else:
        return
    letters = {letter: int(size) for letters, size in _LETTERS.findall(rest) for letter in letters if letter.isalpha()}
    if not letters and not any(map(str.isdigit, row)) and (again := re.search(rf"= ?({_ROW})", rest)):
        row = again[1]
    if any(sizes := _sizes(row, letters)):
        first = re.match(r"[(\[]? ?(\w+)", row)
        batched = True if first and _BATCH.fullmatch(first[1]) else None
        if len(sizes) == 2 and re.search(r"\d ?[x×] ?\d", row):
            sizes, batched = (None, *sizes), False
        yield Evidence(sizes, kind, words, span, batched, names.get(name.lower(), ""))


def _sizes(row: str, letters: dict[str, int]) -> Row:
    """The sizes of "(N, 3, 32, 32)" or "3x32x32"; None for each that has a name and no number."""
    parts = _BETWEEN.split(row.strip("()[] "))
    return tuple(int(part) if part.isdecimal() else letters.get(part) for part in parts)


def _of_images(row: str, kind: str) -> Row:
    sizes = tuple(map(int, re.findall(r"\d+", row)))
    if len(sizes) == 3:
        return (sizes[2], *sizes[:2]) if sizes[2] in (1, 3, 4) and sizes[0] not in (1, 3, 4) else sizes
    color = 1 if kind.startswith(("gr", "black")) else 3 if kind.startswith(("rgb", "col")) else None
    return (color, *sizes)
