"""What the lines of a traceback name: a layer, x = self.conv3(x), and the place in the learner's own code."""

import re
from collections.abc import Collection, Iterator

Lines = tuple[tuple[str, ...], ...]
"""For each line of a paste that calls layers, their names."""

_CALL = re.compile(r"\bself\.(\w{1,60})\(")
_ARROW = re.compile(r"\W{0,8}(?:-{1,8}>|❱|>)\s{0,8}\d")
"""How a notebook marks the line that failed among its neighbours."""


_PLACE = re.compile(
    r'File "([^"\n]{1,200})", line (\d{1,7})(?:, in \S{1,60})? ?|Cell In ?\[(\d{1,6})\], line (\d{1,7})'
    r"|File ([^\s:]{1,200}\.py):(\d{1,7}), in|<ipython-input-(\d{1,6})-\w{1,40}>"
)
_LIBRARY = ("site-packages", "dist-packages", "/lib/python", "\\lib\\", "<frozen", "/torch/")
_ENDS = re.compile(
    r"\^\^|~~|(?:\w{1,40}\.){0,6}\w{0,40}(?:Error|Exception)\b|The above exception|During handling|Traceback|Cell In"
)
LONGEST_LINE = 100


def where(before: str) -> str:
    """The last line of the learner's own code in a traceback that was put on one line: "net.py, line 17: x =
    self.fc1(x)"; "" for none."""
    place = ""
    for found in _PLACE.finditer(before):
        path, line = found[1] or found[5] or "", found[2] or found[6]
        if cell := found[3] or found[7]:
            place = f"cell {cell}" + (f", line {found[4]}" if found[4] else "")
        elif not any(part in path for part in _LIBRARY):
            rest = before[found.end() : found.end() + 2 * LONGEST_LINE].partition('File "')[0]
            code = _ENDS.split(rest)[0].strip()[:LONGEST_LINE] if found[1] else ""
            name = re.split(r"[/\\]", path)[-1]
            place = f"{name}, line {line}" + (f": {code}" if code else "")
    return place


_NUMBERED = re.compile(r"[^\w\n]{0,12}\d{1,7}[ |│:]{1,8}")
"""What stands before a line of code that a notebook marks."""
_CODE = re.compile(
    r"(?:return|for|with|assert) |\(?[\w.]{1,40}(?:\[[^\]]{0,40}\])?(?: ?, ?[\w.()]{1,40}){0,6}\)? ?[-+*/@|&]?=[^=]"
    r"|[\w.]{1,60}\(.{0,200}[)\]:]$"
)
"""How a line of code begins that stands above a message alone."""

_IN_PROSE = re.compile(r"\b(?:line|notebook|code|row)\W{1,4}(\w[\w.]{0,40} {0,3}[-+*/@|&]?= {0,3}[^=\s].{1,120})")
"""A line of code within a sentence: the error is in this line x = a + b."""


def failing_line(text: str) -> str:
    """The last line of the learner's own code before the error: of a traceback the line below the file's name, of a
    notebook the one with the arrow; without either, the last line of code above the message, or one in a sentence."""
    told, plain, own, awaited = "", "", True, False
    for line in text.splitlines():
        bare = line.strip(" \t`")
        if place := _PLACE.search(line):
            own = not any(part in line for part in _LIBRARY)
            awaited = own and bool(place[1])
        elif any(part in line for part in _LIBRARY):
            own, awaited = False, False
        elif _ENDS.match(bare):
            awaited = False
        elif own and _ARROW.match(line):
            told = _NUMBERED.sub("", line, count=1).strip()
        elif awaited and bare:
            told, awaited = bare, False
        elif _CODE.match(bare):
            plain = bare
    if not told and not plain and (said := _IN_PROSE.search(text)):
        plain = _closed(_ENDS.split(said[1])[0]).strip(" `*\"'")
    return (told or plain)[:LONGEST_LINE]


def _closed(code: str) -> str:
    """The code up to a bracket that closes what the sentence around it opened."""
    depth = 0
    for place, sign in enumerate(code):
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0:
            return code[:place]
    return code


def called(text: str) -> Lines:
    """The calls in the lines of a paste; where arrows mark lines, only in those."""
    lines = text.splitlines()
    marked = tuple(_calls(line for line in lines if _ARROW.match(line)))
    return marked or tuple(_calls(lines))


def _calls(lines: Collection[str] | Iterator[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        if names := tuple(_CALL.findall(line)):
            yield names


def pointed(lines: Lines, names: Collection[str]) -> tuple[str, ...]:
    """Those of `names` that the last line with any of them calls: a traceback ends with the line that failed."""
    for line in reversed(lines):
        if here := tuple(name for name in line if name in names):
            return here
    return ()


def narrowed(lines: Lines, names: Collection[str]) -> tuple[str, ...]:
    """Those of `names` that the traceback points at; all of them where it points at none."""
    return pointed(lines, names) or tuple(names)
