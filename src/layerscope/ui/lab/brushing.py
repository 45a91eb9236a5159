"""Brushes over the axes of parallel coordinates, as the Sweep page and the Trials page have them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layerscope.text import in_streamlit
from layerscope.ui import remembered

HOW = "Brush an axis with the slider below it."
_Ends = TypeVar("_Ends")


@dataclass(frozen=True)
class Brush:
    """A slider over the values of an axis, as texts, from the first to the last one that is kept."""

    title: str
    every: list[str]
    ends: tuple[str, str]


def below(axes: Sequence[str]) -> dict[str, DeltaGenerator]:
    """The place of each axis's slider: right below it, as both have the same share of the width; on a phone one below
    the other."""
    return dict(zip(axes, st.columns(len(axes), gap="small", vertical_alignment="bottom"), strict=True))


def over_words(
    page: str,
    wanted: Mapping[str, Brush],
    places: Mapping[str, DeltaGenerator],
    take: Callable[[str, tuple[str, str]], None],
) -> None:
    """A slider for each axis at its place; `take` gets the axis and what is kept of it. `page` tells the sliders of
    pages apart.

    A slider over words takes no value from outside once it is there: where the address says otherwise, it is a new one.
    """
    for axis, brush in wanted.items():
        key = f"{page}.brush-words.{axis}"
        if remembered.widget_value(key) not in (None, brush.ends):
            remembered.renew(key)
        places[axis].select_slider(
            in_streamlit(brush.title), brush.every, brush.ends, key=remembered.named(key), on_change=_brushed,
            args=(axis, key, take),
        )  # fmt: skip


def _brushed(axis: str, key: str, take: Callable[[str, tuple[str, str]], None]) -> None:
    span = remembered.widget_value(key)
    if isinstance(span, tuple) and len(span) == 2:
        take(axis, (str(span[0]), str(span[1])))


def undoing(page: str, brushes: Mapping[str, _Ends], put: Callable[[dict[str, _Ends]], None]) -> None:
    """The newest brush is undone first. The buttons are there before the first one, so that nothing moves with it."""
    others = dict(list(brushes.items())[:-1])
    with st.container(horizontal=True, gap="small"):
        st.button("Undo the last brush", key=f"{page}.unbrush", on_click=partial(put, others), disabled=not brushes)
        st.button("Clear all brushes", key=f"{page}.nobrush", on_click=partial(put, {}), disabled=not brushes)
