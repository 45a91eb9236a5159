"""The Sweep page's questions: what is swept over which range, what is drawn, and which settings are wanted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from layerscope import limits
from layerscope.network import Network
from layerscope.study.condition import plain
from layerscope.study.sweep import Sweep
from layerscope.text import in_streamlit
from layerscope.ui import remembered
from layerscope.ui.lab import sweep_said
from layerscope.ui.lab.sweep_view import MOST_SEEN, Span, View, menu, spans, titled

NOTHING = "nothing else"
FIRST, SECOND = "sweep.first", "sweep.second"
WORDS = ("first", "second", "see", "log", "where", "best", "brush")
_LARGEST = 10**9 - 1


def words() -> dict[str, str]:
    """The page's own words in the address."""
    return {name: remembered.parameter(name) for name in WORDS}


def write(view: View) -> None:
    """Put a view into the address: one step of the browser's history."""
    remembered.set_parameters(**view.words())


def ranges(network: Network, view: View) -> None:
    """What is swept, and from where to where."""
    known = menu(network)
    _range(FIRST, "Sweep", network, view.first, known, view)
    _range(SECOND, "Second parameter", network, view.second, [NOTHING, *known], view)


def _range(name: str, label: str, network: Network, span: Span | None, options: list[str], view: View) -> None:
    """One key with its range. Another key begins with the values that suit it."""
    chosen = span.key if span is not None else NOTHING
    options = options if chosen in options else [chosen, *options]

    def put(new: Span | None) -> None:
        if name == FIRST:
            write(replace(view, brushes={}, first=new or view.first))
        else:
            write(replace(view, brushes={}, second=new))

    def take_key() -> None:
        key = str(remembered.widget_value(name))
        put(None if key == NOTHING else spans(network).get(key, span))

    def take_range() -> None:
        ends = [remembered.widget_value(f"{name}.{end}") for end in ("low", "high", "step")]
        numbers = [end for end in ends if isinstance(end, int)]
        if span is not None and len(numbers) == len(ends):
            put(Span(span.key, *numbers))

    remembered.remember(name, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=name.replace(".", "-")):
        st.selectbox(
            label,
            options,
            key=name,
            format_func=lambda key: "none" if key == NOTHING else titled(key),
            on_change=take_key,
            width=300,
        )
        if span is not None:
            for end, title, least in (("low", "from", -_LARGEST), ("high", "to", -_LARGEST), ("step", "step", 1)):
                remembered.show(f"{name}.{end}", getattr(span, end))
                st.number_input(
                    title, least, _LARGEST, step=1, key=f"{name}.{end}", on_change=take_range, width=120
                )  # fmt: skip


def drawn(result: Sweep, view: View) -> None:
    """What is drawn, and whether on a logarithmic scale."""
    known, now = sweep_said.measures(result), list(sweep_said.seen(result, view))

    def take_seen() -> None:
        chosen = remembered.widget_value("sweep.see")
        write(replace(view, see=tuple(map(str, chosen)) if isinstance(chosen, list) else ()))

    remembered.remember("sweep.see", now)
    remembered.remember("sweep.log", view.log)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "Show", known, key="sweep.see", max_selections=MOST_SEEN, on_change=take_seen, width=520,
            format_func=sweep_said.titled_measure,
        )  # fmt: skip
        st.toggle("Log scale", key="sweep.log", on_change=lambda: write(replace(view, log=not view.log)))


def condition(result: Sweep, view: View) -> None:
    """Which settings are wanted, and which of them come first."""
    remembered.show("sweep.where", view.where)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="sweep-condition"):
        st.text_input(
            "Which settings meet this condition?", key="sweep.where", max_chars=limits.CONDITION.most,
            placeholder="fc1.in_features <= 200 and parameters <= 50_000", width=640,
            on_change=lambda: write(replace(view, where=plain(str(remembered.widget_value("sweep.where") or "")))),
            help="Names as in the table and in the list above; numbers such as 50_000, 50k or 5M; <, <=, ==, !=, >=, "
            ">; and, or, not; + - * /.",
        )  # fmt: skip
        st.button("Use this condition", key="sweep.use")  # leaving the field is what sends it
    with st.container(horizontal=True, gap="small", key="sweep-examples"):
        for number, text in enumerate(sweep_said.examples(result)):
            st.button(
                in_streamlit(text), key=f"sweep.example.{number}", on_click=write, args=(replace(view, where=text),)
            )
        if view.where or view.brushes:
            st.button(
                "Show all settings", key="sweep.all", on_click=write, args=(replace(view, where="", brushes={}),),
                icon=":material/undo:",
            )  # fmt: skip
    orders = [f"{sign}{name}" for name in sweep_said.measures(result) for sign in ("", "-")]
    name, is_ascending = sweep_said.best_of(result, view)
    remembered.remember("sweep.best", name if is_ascending else f"-{name}")
    st.selectbox(
        "Sort by", orders, key="sweep.best", format_func=sweep_said.titled_order, width=380,
        on_change=lambda: write(replace(view, best=str(remembered.widget_value("sweep.best") or ""))),
    )  # fmt: skip


def brushes(result: Sweep, view: View, columns: Sequence[str]) -> None:
    """A range for each axis of the parallel coordinates; the newest is undone first."""
    frame = result.frame()
    frame = frame[frame["runs"]]
    with st.container(horizontal=True, gap="medium", key="sweep-brushes"):
        for column in columns:
            low, high = int(frame[column].min()), -int(-frame[column].max() // 1)
            if not -(2**53) < low < high < 2**53:
                continue
            key = f"sweep.brush.{column}"
            start, end = view.brushes.get(column, (low, high))
            start = min(max(start, low), high)
            remembered.remember(key, (start, min(max(end, start), high)))
            st.slider(
                in_streamlit(sweep_said.titled_measure(column)),
                low,
                high,
                key=key,
                on_change=_brushed,
                args=(view, column),
                width=220,
            )
    if view.brushes:
        newest = list(view.brushes)[-1]
        others = {name: span for name, span in view.brushes.items() if name != newest}
        with st.container(horizontal=True, gap="small"):
            st.button("Undo the last brush", key="sweep.unbrush", on_click=write, args=(replace(view, brushes=others),))
            st.button("Clear all brushes", key="sweep.nobrush", on_click=write, args=(replace(view, brushes={}),))


def _brushed(view: View, column: str) -> None:
    span: Any = remembered.widget_value(f"sweep.brush.{column}")
    if isinstance(span, tuple) and len(span) == 2:
        write(view.brushed(column, int(span[0]), int(span[1])))
