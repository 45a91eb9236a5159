"""Nothing in the app may depend on the time of day: clocks are put forward and back. Ages of kept trials alone do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import layerscope

SOURCES = Path(layerscope.__file__).parent
OF_DAY = {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"}
ALLOWED = {"jobs/kept.py": ["time.time"]}
"""How old trials are outlasts the server, and so the only clock that runs on meanwhile."""


def times_of_day(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name("time"), attr=name) if name in OF_DAY:
                yield f"time.{name}"
            case ast.ImportFrom(module="time", names=names):
                yield from (f"time.{one.name}" for one in names if one.name in OF_DAY)
            case ast.ImportFrom(module="datetime") | ast.Import(names=[ast.alias("datetime")]):
                yield "datetime"


def test_intervals_are_measured_by_a_clock_that_nobody_puts_forward_or_back():
    modules = {path.relative_to(SOURCES).as_posix(): path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")}
    found = {name: list(times_of_day(ast.parse(text))) for name, text in modules.items() if "time" in text}
    assert {name: uses for name, uses in found.items() if uses} == ALLOWED
    scripts = [path for path in SOURCES.rglob("*.js") if re.search(r"Date\.now|new Date", path.read_text("utf-8"))]
    assert scripts == []
