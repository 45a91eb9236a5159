"""Every part of the stage with made-up data, to look at and to test.

`?tone=error`, `?large=1`, `?damaged=1` and `?slow=0.3` (seconds an answer takes) choose a
variant. What Python was told is written into the page, for the tests to read.
"""

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from layerscope.ui.packed import packed
from layerscope.ui.server import is_page_run
from layerscope.ui.stage.assets import publish
from layerscope.ui.stage.stage import Event, stage

LAYERS = [
    ("conv1", "Conv2d", "6×24×24", "156"),
    ("relu1", "ReLU", "6×24×24", "0"),
    ("pool1", "MaxPool2d", "6×12×12", "0"),
    ("conv2", "Conv2d", "12×8×8", "1,812"),
    ("relu2", "ReLU", "12×8×8", "0"),
    ("pool2", "MaxPool2d", "12×4×4", "0"),
    ("flatten", "Flatten", "192", "0"),
    ("fc1", "Linear", "120", "23,160"),
    ("relu3", "ReLU", "120", "0"),
    ("fc2", "Linear", "60", "7,260"),
    ("relu4", "ReLU", "60", "0"),
    ("out", "Linear", "10", "610"),
]
ERROR = {
    "tone": "error",
    "title": "fc1 cannot take what flatten puts out",
    "text": "fc1 was told to expect 192 values for each image, but flatten puts out 300.",
    "quote": "mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)",
    "changes": [],
    "actions": [
        {"key": "repair:0", "label": "fc1.in_features 300"},
        {"key": "repair:1", "label": "conv1.kernel_size 5"},
    ],
}
DAMAGED: dict[str, Any] = {
    "totals": "none",
    "message": {"tone": "__proto__", "changes": [None, 3, {"key": None}]},
    "outline": {"items": [None, {"key": "a", "name": "<img src=x onerror=f()>"}, {"key": "a"}]},
    "panel": {
        "title": ["?"],
        "controls": [{"key": "x", "kind": "constructor"}, {"kind": "range", "low": "low"}, 5],
    },
    "figures": [{"key": "f", "data": "?", "layout": 3}, None, {"height": "high"}],
    "view": 3,
    "tables": [{"columns": 5, "rows": [None, {"cells": 4}], "foot": 3}],
    "shortcuts": [1],
}


def kernel_size() -> int | str:
    size: int | str = st.session_state.get("kernel_size", 5)
    return size


def apply(event: Event) -> None:
    """Remember what happened, as an app's state would."""
    state = st.session_state
    state.setdefault("events", []).append(dict(event))
    time.sleep(float(st.query_params.get("slow", 0)))
    match event["key"]:
        case "conv1.kernel_size":
            if event["value"] != kernel_size():
                state["before"] = kernel_size()
            state["kernel_size"] = event["value"]
        case "select" | "chart" | "view" | "bias" | "padding_mode" | "padding" as name:
            state[name] = event["value"]


def controls() -> list[dict[str, Any]]:
    state = st.session_state
    size = kernel_size()
    wrong = not isinstance(size, int | float) or size < 1
    before = state.get("before")
    return [
        {
            "key": "conv1.in_channels",
            "label": "in_channels",
            "kind": "readonly",
            "value": "1",
            "why": "the images are grey: one colour channel",
            "tag": "images",
            "help": "The number of planes that the layer takes in.",
        },
        {
            "key": "conv1.out_channels",
            "label": "out_channels",
            "kind": "range",
            "value": 6,
            "low": 1,
            "high": 64,
            "step": 1,
            "help": "The number of filters: each makes one feature map.",
        },
        {
            "key": "conv1.kernel_size",
            "label": "kernel_size",
            "kind": "range",
            "value": 5 if wrong else size,
            "low": 1,
            "high": 11,
            "step": 1,
            "help": "Rows and columns of a filter: output = floor((i + 2p - k)/s) + 1.",
            "lit": f"{before} → {size}" if before and not wrong and before != size else None,
            "error": f"kernel_size must be a whole number from 1, not {size!r}." if wrong else None,
            "typed": str(size) if wrong else None,
            "toggles": [{"key": "split:conv1.kernel_size", "label": "per axis", "pressed": False}],
        },
        {
            "key": "padding",
            "label": "padding",
            "kind": "text",
            "value": state.get("padding", "0"),
            "placeholder": "0 or same",
            "help": "Cells added on each side.",
        },
        {
            "key": "padding_mode",
            "label": "padding_mode",
            "kind": "choice",
            "value": state.get("padding_mode", "zeros"),
            "options": [{"value": name, "label": name} for name in ("zeros", "reflect")],
        },
        {"key": "bias", "label": "bias", "kind": "switch", "value": state.get("bias", True)},
        {
            "key": "conv1.dilation",
            "label": "dilation",
            "kind": "range",
            "value": 1,
            "low": 1,
            "high": 5,
            "step": 1,
            "more": True,
        },
        {
            "key": "conv1.groups",
            "label": "groups",
            "kind": "range",
            "value": 1,
            "low": 1,
            "high": 6,
            "step": 1,
            "more": True,
        },
    ]


def figures(size: float) -> list[dict[str, Any]]:
    names = [name for name, *_ in LAYERS]
    sizes = [max(1.0, 3000 / (1 + index) - 40 * size) for index in range(len(names))]
    waves = [[math.sin(x * y / (2 + size)) for x in range(28)] for y in range(28)]
    chart = st.session_state.get("chart", "weights")
    return [
        {
            "key": "flow",
            "title": "Tensor flow",
            "description": "The number of values after each layer falls from 3,456 to 10.",
            "height": 250,
            "data": [{"type": "bar", "x": names, "y": sizes, "customdata": [[name] for name in names]}],
            "layout": {
                "yaxis": {"title": {"text": "values"}},
                "annotations": [
                    {
                        "text": "here",
                        "x": "conv2",
                        "y": sizes[3],
                        "font": {"color": "var(--st-text-color)"},
                    }
                ],
            },
        },
        {
            "key": "look",
            "title": "conv1",
            "description": "One kernel of conv1.",
            "height": 250,
            "data": [
                {"type": "heatmap", "z": waves, "colorscale": "Viridis"}
                if chart == "weights"
                else {"type": "scatter", "mode": "lines", "y": waves[3]}
            ],
            "layout": {"xaxis": {"title": {"text": "column", "standoff": 4}}},
            "choices": [
                {
                    "key": "chart",
                    "label": "Chart",
                    "value": chart,
                    "options": [
                        {"value": "weights", "label": "Weights"},
                        {"value": "maps", "label": "Feature maps"},
                    ],
                }
            ],
        },
    ]


def described() -> dict[str, Any]:
    state = st.session_state
    size = kernel_size()
    number = float(size) if isinstance(size, int | float) else 5.0
    before = state.get("before")
    moved = before is not None and before != size
    view = state.get("view", "reasons")
    selected = state.get("select", "conv1")
    many = min(int(number), 5) if number % 2 else 0
    told = state.get("events", [])
    changes = [
        {"key": f"fc{i}.in_features", "label": f"fc{i}.in_features", "old": "192", "new": "300"}
        for i in range(1, 2 + many)
    ]
    calm = {
        "tone": "changed" if moved else "calm",
        "title": f"conv1.kernel_size {before} → {size}" if moved else "Everything fits",
        "text": "Each map that leaves conv1 is larger, so flatten hands fc1 more values. " * (2 if number % 2 else 1)
        if moved
        else "Move a slider and watch what must follow.",
        "changes": changes if moved else [],
        "actions": [],
        "moving": bool(told) and told[-1]["phase"] == "input",
    }
    tone = st.query_params.get("tone")
    tones = ["ok"] * 7 + (["error"] + ["unreached"] * 4 if tone == "error" else ["ok"] * 5)
    rows = [
        {
            "key": name,
            "cells": [name, kind, detail, note],
            "tone": tones[index],
            "lit": moved and name == "fc1",
            "selected": name == selected,
        }
        for index, (name, kind, detail, note) in enumerate(LAYERS)
    ]
    return {
        "large": st.query_params.get("large") == "1",
        "totals": [
            {
                "key": "parameters",
                "label": "Parameters",
                "value": f"{32_998 + int(number) * 100:,}",
                "change": "was 44,710" if moved else None,
                "help": "All the numbers that training changes.",
            },
            {"key": "macs", "label": "MACs per image", "value": "231,000", "change": None},
            {"key": "memory", "label": "Memory", "value": "129 KiB", "change": None},
            {"key": "field", "label": "Receptive field", "value": "16×16", "change": None},
            {"key": "fits", "label": "Runs", "value": "yes", "change": None, "help": "In torch."},
        ],
        "message": ERROR if tone == "error" else calm,
        "outline": {
            "label": "Layers",
            "items": [
                {
                    "key": name,
                    "name": name,
                    "type": kind,
                    "detail": detail,
                    "note": note,
                    "tone": tones[index],
                    "lit": moved and name in ("conv1", "fc1"),
                }
                for index, (name, kind, detail, note) in enumerate(LAYERS)
            ],
            "selected": selected,
        },
        "panel": {
            "title": "conv1",
            "subtitle": "Conv2d",
            "text": "Slides each filter over the image and adds up the products.",
            "actions": [
                {"key": "move_up", "label": "Move up", "icon": "↑", "disabled": True},
                {"key": "move_down", "label": "Move down", "icon": "↓"},
                {"key": "remove", "label": "Remove", "icon": "×"},
            ],
            "controls": controls(),
        },
        "figures": figures(number),
        "view": {
            "key": "view",
            "label": "Details",
            "value": view,
            "options": [
                {"value": "reasons", "label": "Reasons"},
                {"value": "cost", "label": "Cost"},
            ],
        },
        "tables": [
            {
                "key": view,
                "caption": f"Table of {view}: one row for each layer",
                "columns": [
                    {"label": "Layer", "align": "left"},
                    {"label": "Type", "align": "left"},
                    {"label": "Puts out", "align": "right"},
                    {"label": "Parameters", "align": "right"},
                ],
                "rows": rows,
                "foot": ["Total", "", "", "32,998"],
            }
        ],
        "shortcuts": {"mod+z": "undo", "mod+shift+z": "redo", "mod+y": "redo"},
    }


@st.fragment
def explorer() -> None:
    data: Mapping[str, Any] = described()
    if st.query_params.get("damaged"):
        data = DAMAGED
    if st.query_params.get("noplotly"):
        data = {**data, "plotly": "app/static/missing.js"}
    stage(data, key="explorer", on_event=apply)
    with st.container(key="events"):
        st.code(json.dumps(st.session_state.get("events", [])), language=None)


if is_page_run():
    st.set_page_config(page_title="Stage", layout="wide")
    st.html(
        "<style>.stMainBlockContainer{padding:60px 2rem 1rem;}"
        "@media (max-width:600px){.stMainBlockContainer{padding:60px 1rem 1rem;}}</style>"
    )
    st.html("<h1 style='font-size:1.5rem;margin:0'>Stage</h1>")
    explorer()
else:
    publish(Path(__file__).parent / "static")
    app = st.App(__file__, middleware=packed(Path(__file__)))
