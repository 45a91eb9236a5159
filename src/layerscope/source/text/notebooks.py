"""Notebooks: the code of their cells as one text, and where a line of that text stands among the cells.

A cell begins with the comment that Jupyter writes there when it exports a notebook as a script: # In[3]:
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

_CELL = re.compile(r"# In\[(\d{1,6}| )\]:[ \t]*+")
_LINE = re.compile(r"\b([Ll]ine (\d{1,6}))\b")


def notebook_code(source: str) -> str | None:
    """The code of a notebook's JSON, its cells one after the other; None where the text is not a notebook."""
    if not source.lstrip().startswith("{") or '"cells"' not in source:
        return None
    try:
        told = json.loads(source)
    except (ValueError, RecursionError):
        return None
    cells = told.get("cells") if isinstance(told, dict) else None
    if not isinstance(cells, list):
        return None
    found = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    texts = [(_number(cell, place), text) for place, cell in enumerate(found, 1) if (text := _text(cell)) is not None]
    if len(texts) < 2:
        return "".join(text for _, text in texts)
    return "\n\n".join(f"# In[{number}]:\n{text}" for number, text in texts)


def _text(cell: dict[str, Any]) -> str | None:
    text = cell.get("source", "")
    text = "".join(part for part in text if isinstance(part, str)) if isinstance(text, list) else text
    return text if isinstance(text, str) else None


def _number(cell: dict[str, Any], place: int) -> int:
    """What Jupyter shows beside the cell: how many ran before it; of one that never ran its place."""
    count = cell.get("execution_count")
    return count if type(count) is int and 0 < count < 1_000_000 else place


def with_cells(source: str) -> Callable[[str], str]:
    """A function that adds the cell, and the line in it, to each line that a sentence names; for code of cells."""
    rows = source.split("\n")
    marks = [(n, mark[1]) for n, row in enumerate(rows, 1) if (mark := _CELL.fullmatch(row))]
    if len(marks) < 2:
        return lambda text: text
    first = [next((n for n in range(at + 1, len(rows) + 1) if rows[n - 1].strip()), at + 1) for at, _ in marks]

    def told(match: re.Match[str]) -> str:
        line = int(match[2])
        cell = bisect_right(marks, (line, "")) - 1
        if cell < 0 or not first[cell] <= line <= len(rows):
            return match[1]
        return f"{match[1]} (In[{marks[cell][1]}]: line {line - first[cell] + 1})"

    return lambda text: _LINE.sub(told, text)
