"""Who may import whom: the house's floors and its doors, read from the source with ast.

FLOORS is the arrow of ARCHITECTURE.md: a room knows only the rooms on lower floors, and none
beside it. LIBRARIES says which packages from outside a room may use. A new room gets its place
here; a file that has none fails.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "layerscope"
DOORS = {PACKAGE / "__init__.py", PACKAGE / "jobs" / "__init__.py"}

# A room is a module or a folder of the package, or `pages`, or `app`. Lowest floor first.
FLOORS = [
    {"lazily", "limits", "once", "user_folder", "version"},
    {"text", "cells"},
    {"trail", "reach"},
    {"axis_field"},
    {"parameter", "formula", "receptive", "formatting", "packing", "located", "checkwords"},
    {"layers"},
    {"catalogue"},
    {"inputs", "wiring"},
    {"ties"},
    {"rows"},
    {"network"},
    {"architectures", "workload", "unfilled", "macs", "blocks"},
    {"probe"},
    {"asking"},
    {"indices", "seeing", "wired_rows", "step_errors"},
    {"steps", "closed_form"},
    {"rewiring", "searching"},
    {"unusual", "other_values", "alternatives"},
    {"repair"},
    {"tracing"},
    {"renaming"},
    {"metrics", "explain", "changes", "blueprints", "pairing", "layer_lists"},
    {"weight_story", "shape_story", "edit_titles", "warned", "contrast", "repair_notes"},
    {"causes"},
    {"contrast_numbers"},
    {"contrast_story"},
    {"story", "insertion", "targets", "task"},
    {"guesses", "link", "interchange", "datasets", "presets", "mistakes", "glossary", "torch_functions"},
    {"modules"},
    {"source"},
    {"building"},
    {"weights", "decoder"},
    {"assignment"},
    {"study"},
    {"tables"},
    {"figures"},
    {"notebook"},
    {"jobs"},
    {"ui"},
    {"pages"},
    {"app"},
]
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}

ENGINE = {"torch"}
LIBRARIES = {
    **dict.fromkeys(
        [
            "layers",
            "network",
            "unfilled",
            "macs",
            "probe",
            "asking",
            "indices",
            "steps",
            "repair",
            "tracing",
            "pairing",
            "mistakes",
        ],
        ENGINE,
    ),
    "building": {"torch"},
    "insertion": {"torch"},
    "weights": {"safetensors"},
    "study": {"torch", "pandas", "safetensors", "sklearn", "optuna", "pooch", "requests", "PIL"},
    "jobs": {"torch", "dask", "distributed", "sqlalchemy"},
    "user_folder": {"platformdirs"},
    "tables": {"pandas"},
    "figures": {"pandas", "plotly"},
    "modules": ENGINE,
    "source": ENGINE,
    "notebook": {"torch", "pandas", "plotly"},
    "ui": {"torch", "pandas", "plotly", "streamlit", "starlette", "uvicorn", "orjson", "segno", "google"},
    "pages": {"torch", "pandas", "plotly", "streamlit"},
    "app": {"streamlit"},
}

# Session state and the address belong to three modules. The stage only empties its own letter box,
# which Streamlit keeps there.
VISIT = {"layerscope.ui.state", "layerscope.ui.answering", "layerscope.ui.remembered"}
OWNERS = {"session_state": {*VISIT, "layerscope.ui.stage.stage"}, "query_params": VISIT}


def module_name(path: Path) -> str:
    """Dotted name of a source file: layerscope.layers.base, pages.explore, app."""
    base = PACKAGE.parent if path.is_relative_to(PACKAGE) else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The room that a module stands in: `layers` for layerscope.layers.base."""
    parts = module.split(".")
    return parts[1] if parts[0] == "layerscope" and len(parts) > 1 else parts[0]


def imported(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                origin = ".".join([*above, *filter(None, [origin])])
            # `from layerscope import network` names the room only in what it imports.
            names = [f"{origin}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in names)


def breaches(source: str, module: str) -> list[str]:
    """Say what a file does that its place in the house forbids."""
    tree = ast.parse(source)
    room = room_of(module)
    found = []
    for line, name in imported(tree, module):
        package = name.split(".")[0]
        other = room_of(name)
        if package in {"layerscope", "pages", "app"}:
            if other not in FLOOR:
                found.append(f"line {line}: {name} is in no known room")
            elif room == other == "pages":
                found.append(f"line {line}: a page imports another page, {name}")
            elif room != other and FLOOR[other] >= FLOOR[room]:
                found.append(f"line {line}: {room} imports {other}, which is not below it")
        elif package not in sys.stdlib_module_names | LIBRARIES.get(room, set()):
            found.append(f"line {line}: {room} imports {package}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and module not in OWNERS.get(node.attr, {module}):
            found.append(f"line {node.lineno}: {node.attr} belongs to {OWNERS[node.attr]}")
    return found


SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "pages").rglob("*.py"), *ROOT.glob("app.py")])


def test_there_is_something_to_check() -> None:
    assert PACKAGE / "__init__.py" in SOURCES


def misplaced(path: Path) -> list[str]:
    """What a file does that its place forbids, and what no other file may be."""
    source = path.read_text(encoding="utf-8")
    if path in DOORS:  # public names, loaded when they are used: test_public_names.py
        return []
    if path.name == "__init__.py":
        return ["an import in __init__.py is one that nobody sees: keep it empty"] if source else []
    if room_of(module_name(path)) not in FLOOR:
        return [f"give {path.name} a place in FLOORS"]
    return breaches(source, module_name(path))


def test_a_file_keeps_to_its_place() -> None:
    assert [f"{module_name(path)}: {what}" for path in SOURCES for what in misplaced(path)] == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("layerscope.network", "from layerscope.layers.base import Layer"),
        ("layerscope.network", "from layerscope import catalogue"),
        ("layerscope.layers.linear", "from . import base"),
        ("layerscope.layers.linear", "from ..parameter import Parameter"),
        ("layerscope.tracing", "import torch.nn as nn"),
        ("layerscope.ui.state", "import streamlit as st; st.session_state['a'] = 1"),
        ("pages.explore", "from layerscope.ui.panels import stage"),
    ],
)
def test_what_is_allowed(module: str, source: str) -> None:
    assert breaches(source, module) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("layerscope.layers.base", "from layerscope.network import Network"),
        ("layerscope.layers.base", "from layerscope import network"),
        ("layerscope.layers.base", "from ..network import Network"),
        ("layerscope.layers.base", "def late():\n    import layerscope.network"),
        ("layerscope.metrics", "from layerscope import explain"),
        ("layerscope.network", "from layerscope import attic"),
        ("layerscope.tracing", "import pandas"),
        ("layerscope.figures.flow", "import streamlit as st"),
        ("layerscope.link", "import plotly.graph_objects as go"),
        ("layerscope.ui.panels", "import streamlit as st; st.session_state['a'] = 1"),
        ("pages.explore", "import streamlit as st; st.query_params['net'] = ''"),
        ("pages.explore", "from pages.sweep import sweep"),
        ("app", "from pages import explore, sweep; import torch"),
    ],
)
def test_what_is_forbidden(module: str, source: str) -> None:
    assert breaches(source, module) != []
