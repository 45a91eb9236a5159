"""Sliders of a lesson and what moves with them: only that runs again while a hand moves one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from layerscope.ui import state
from layerscope.ui.stage.stage import Event, stage

Part = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A slider of `Page.moving`."""

    key: str
    label: str
    low: int
    high: int
    value: int
    help: str


@st.fragment
def moving(key: str, sliders: tuple[Slider, ...], show: Callable[[dict[str, int]], Part]) -> None:
    """Draw the sliders and what `show` makes of their values; a value is kept within its slider's bounds."""
    values = {slider.key: state.kept(f"{key}.{slider.key}", slider.value) for slider in sliders}
    values = {slider.key: min(max(values[slider.key], slider.low), slider.high) for slider in sliders}

    def take(event: Event) -> None:
        look(event)
        if event["key"] in values and type(event["value"]) in (int, float):
            state.remember(f"{key}.{event['key']}", int(event["value"]))

    controls = [_control(slider, values[slider.key]) for slider in sliders]
    panel = {"title": "Try it", "subtitle": "", "actions": [], "text": "", "controls": controls}
    stage({"panel": panel, "narrow": state.session().narrow, **show(values)}, key=key, on_event=take)


def _control(slider: Slider, value: int) -> Part:
    return {
        "key": slider.key, "label": slider.label, "kind": "range", "value": value,
        "low": slider.low, "high": slider.high, "step": 1, "help": slider.help, "error": None, "typed": None,
    }  # fmt: skip


def look(event: Event) -> None:
    """What the browser says of the stage's width. A click in a picture selects nothing."""
    if event["key"] == "narrow":
        state.session().narrow = event["value"] is True
