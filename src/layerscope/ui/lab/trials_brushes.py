"""Brushes over the axes of trials: which of them stand out in the pictures, and are in the table."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from layerscope.text import in_streamlit
from layerscope.ui import remembered
from layerscope.ui.lab import trials_form, trials_said
from layerscope.ui.lab.trials_view import View


def draw(frame: pd.DataFrame, columns: tuple[str, ...], view: View) -> None:
    """A range for each axis; the newest is undone first.

    A slider over words takes no value from outside once it is there: where the address says otherwise, all are new.
    """
    wanted: dict[str, tuple[list[str], tuple[str, str]]] = {}
    for column in columns:
        texts = (trials_said.column_text(column, value) for value in trials_said.options(frame, column))
        if len(every := list(dict.fromkeys(texts))) > 1:
            low, high = view.brushes.get(column, (every[0], every[-1]))
            ends = (low if low in every else every[0], high if high in every else every[-1])
            wanted[column] = (every, ends)
    made = remembered.kept("trials.brushes", 0)
    shown = {column: remembered.widget_value(_brush(made, column)) for column in wanted}
    if any(now is not None and now != wanted[column][1] for column, now in shown.items()):
        made += 1
        remembered.remember("trials.brushes", made)
    with st.container(horizontal=True, gap="medium", key="trials-brushes"):
        for column, (every, ends) in wanted.items():
            key, name = _brush(made, column), trials_said.NAMES.get(column, column)
            st.select_slider(
                in_streamlit(name), every, ends, key=key, on_change=_brushed, args=(view, column, key), width=220
            )  # fmt: skip
    if view.brushes:
        newest = list(view.brushes)[-1]
        others = {name: span for name, span in view.brushes.items() if name != newest}
        with st.container(horizontal=True, gap="small"):
            st.button("Undo the last brush", key="trials.unbrush", on_click=_write, args=(view, others))
            st.button("Clear all brushes", key="trials.nobrush", on_click=_write, args=(view, {}))


def _brush(made: int, column: str) -> str:
    return f"trials.brush.{made}.{column}"


def _brushed(view: View, column: str, key: str) -> None:
    span: Any = remembered.widget_value(key)
    if isinstance(span, tuple) and len(span) == 2:
        trials_form.write(view.brushed(column, str(span[0]), str(span[1])))


def _write(view: View, brushes: dict[str, tuple[str, str]]) -> None:
    trials_form.write(replace(view, brushes=brushes))
