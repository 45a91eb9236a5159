"""Brushes over the axes of trials: which of them stand out in the pictures, and are in the table."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from layerscope.ui.lab import trials_form, trials_said
from layerscope.ui.lab.brushing import Brush, below, over_words, undoing
from layerscope.ui.lab.trials_view import View


def draw(frame: pd.DataFrame, columns: Sequence[str], view: View) -> None:
    """A range for each axis, below it; the newest is undone first."""
    wanted = {}
    for column in columns:
        texts = (trials_said.column_text(column, value) for value in trials_said.options(frame, column))
        if len(every := list(dict.fromkeys(texts))) > 1:
            low, high = view.brushes.get(column, (every[0], every[-1]))
            ends = (low if low in every else every[0], high if high in every else every[-1])
            wanted[column] = Brush(trials_said.NAMES.get(column, column), every, ends)
    with st.container(key="trials-brushes"):
        over_words(
            "trials", wanted, below(columns), lambda column, ends: trials_form.write(view.brushed(column, *ends))
        )
    undoing("trials", view.brushes, lambda brushes: trials_form.write(replace(view, brushes=brushes)))
