"""The Memory page's pictures and tables, as the stage draws them. Knows no screen."""

from typing import Any

from layerscope import tables
from layerscope.figures import memory as pictures
from layerscope.study.estimate import Memory, Peak
from layerscope.study.timeline import Moment
from layerscope.ui.lab import memory_said
from layerscope.ui.views import choice

EXTRA = 90
"""So much higher a picture is on a phone, where its choices take lines of their own."""
SHARED = "shared tensors are counted once, at the first layer"


def moments(memory: Memory, card: int, at: str, moment: Moment | None, narrow: bool) -> list[dict[str, Any]]:
    """The peak, or the moment that is selected, as one bar; the step moment by moment."""
    width = pictures.NARROW if narrow else pictures.WIDTH
    layer = moment.layer if moment else at
    told = memory_said.selected(memory, at, moment) if at else memory.sentence
    seen = {pictures.key_of(one): pictures.moment_words(one) for one in memory.moments}
    chosen = {at} if moment else {key for key in seen if key.partition(":")[2] == layer != ""}
    title = f"The peak: {memory.moment}"
    if moment:
        title = f"Selected: {Peak(moment.phase, moment.layer)}"
    figures = [
        _figure("peak", title, pictures.BAR_HEIGHT + pictures.KEY_HEIGHT * (1 + narrow),
                pictures.bar(memory, card, width, moment), "", told),
        _figure("step", "One training step, moment by moment" if memory.trains else "Forward, layer by layer",
                pictures.STEP_HEIGHT + EXTRA * narrow, pictures.step(memory, card, frozenset(chosen)),
                f"◆ peak: {memory.moment}", told),
    ]  # fmt: skip
    figures[1]["choices"] = [_menu("Moment", at if moment else "", {"": "Select a moment"} | seen)]
    figures[0]["guide"] = {"label": "Parts", "entries": pictures.bar_key(memory, moment), "hint": ""}
    figures[1]["guide"] = {"label": "Colors", "entries": pictures.key(memory), "hint": ""}
    return figures


def layers(memory: Memory, layer: str, narrow: bool) -> dict[str, Any]:
    """What each row keeps."""
    width = pictures.NARROW if narrow else pictures.WIDTH
    names = {name: name for name in memory.traced.network.names}
    return _figure(
        "rows", "What each layer keeps for the backward pass", pictures.ROWS_HEIGHT,
        pictures.rows(memory, width, layer), memory_said.kept_by(memory, layer) or SHARED,
        pictures.rows_description(memory),
    ) | {"choices": [_menu("Layer", layer, {"": "Select a layer"} | names)]}  # fmt: skip


def _menu(label: str, value: str, options: dict[str, str]) -> dict[str, Any]:
    """What a click in the chart chooses, by keyboard."""
    return choice("select", label, value, options) | {"menu": True}


def _figure(key: str, title: str, height: int, figure: dict[str, Any], note: str, told: str) -> dict[str, Any]:
    return {"key": f"memory-{key}", "title": title, "height": height, "description": told, "note": note, **figure}


def table(key: str, made: tables.Table, layer: str) -> dict[str, Any]:
    columns = [{"label": name, "align": "right" if name in made.numeric else "left"} for name in made.columns]
    rows = [
        {"key": name, "cells": cells, "tone": "ok", "selected": name == layer}
        for name, cells in zip(made.keys, made.rows, strict=True)
    ]
    return {"key": f"memory-{key}", "caption": made.caption, "columns": columns, "rows": rows, "foot": made.foot}
