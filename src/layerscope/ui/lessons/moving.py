"""Controls of a lesson and what moves with them: only that runs again while a hand moves one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from layerscope.ui import remembered, state
from layerscope.ui.stage.stage import Event, stage

Part = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A slider of `Page.moving`: a whole number."""

    key: str
    label: str
    low: int
    high: int
    value: int
    help: str

    def within(self, value: Any) -> int | None:
        """The value as this control can have it; None where it is not a value for it."""
        return min(max(int(value), self.low), self.high) if type(value) in (int, float) else None

    def part(self, value: int) -> Part:
        """What the stage draws."""
        span = {"low": self.low, "high": self.high, "step": 1, "typed": None}
        return {"kind": "range", **span, **_described(self, value)}


@dataclass(frozen=True)
class Choice:
    """A choice of `Page.moving`: one word of several."""

    key: str
    label: str
    options: tuple[str, ...]
    value: str
    help: str

    def within(self, value: Any) -> str | None:
        """The value as this control can have it; None where it is not a value for it."""
        return value if value in self.options else None

    def part(self, value: str) -> Part:
        """What the stage draws."""
        options = [{"value": option, "label": option} for option in self.options]
        return {"kind": "choice", "options": options, **_described(self, value)}


@dataclass(frozen=True)
class Switch:
    """A switch of `Page.moving`: yes or no."""

    key: str
    label: str
    value: bool
    help: str

    def within(self, value: Any) -> bool | None:
        """The value as this control can have it; None where it is not a value for it."""
        return value if type(value) is bool else None

    def part(self, value: bool) -> Part:
        """What the stage draws."""
        return {"kind": "switch", **_described(self, value)}


Control = Slider | Choice | Switch


def _nothing(_: dict[str, Any]) -> bool:
    return False


@st.fragment
def moving(
    key: str,
    controls: tuple[Control, ...],
    show: Callable[[dict[str, Any]], Part],
    reached: Callable[[dict[str, Any]], bool] = _nothing,
) -> None:
    """Draw the controls and what `show` makes of their values; each value is one that its control can have.

    `show` gives a message and figures: on a phone the message and a figure, the first or the one that says `stays`, are
    above the sliders wherever these are scrolled to.

    `reached` is asked unless a hand is still moving a slider. Where it says that something was reached just now, the
    whole page is drawn again.
    """
    known = {control.key: control for control in controls}
    held = f"{key}.held"
    values = _values(key, controls)
    if not remembered.kept(held, False) and reached(values):
        st.rerun()

    def take(event: Event) -> None:
        look(event)
        control = known.get(event["key"])
        if control is not None and (value := control.within(event["value"])) is not None:
            remembered.remember(f"{key}.{control.key}", value)
            remembered.remember(held, event["phase"] == "input")

    parts = [control.part(values[control.key]) for control in controls]
    panel = {"title": "Try it", "subtitle": "", "actions": [], "text": "", "controls": parts}
    data = {"panel": panel, "narrow": state.session().narrow, "strip": True, **show(values)}
    stage(data, key=key, on_event=take)


def _values(key: str, controls: tuple[Control, ...]) -> dict[str, Any]:
    """What each control stands at."""
    values: dict[str, Any] = {}
    for control in controls:
        within = control.within(remembered.kept(f"{key}.{control.key}", control.value))
        values[control.key] = control.value if within is None else within
    return values


def _described(control: Control, value: Any) -> Part:
    return {"key": control.key, "label": control.label, "value": value, "help": control.help, "error": None}


def look(event: Event) -> None:
    """What the browser says of the stage's width. A click in a picture selects nothing."""
    if event["key"] == "narrow":
        state.session().narrow = event["value"] is True
