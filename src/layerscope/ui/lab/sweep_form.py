"""The Sweep page's questions: what is swept over which range, what is drawn, and which settings are wanted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from layerscope import limits
from layerscope.network import Network
from layerscope.study.condition_text import plain
from layerscope.study.sweep import Sweep
from layerscope.text import in_streamlit
from layerscope.ui import number_field, remembered, state
from layerscope.ui.lab import sweep_fitting, sweep_said
from layerscope.ui.lab.brushing import Brush, below, over_words, undoing
from layerscope.ui.lab.sweep_spans import Listed, Span, Swept, menu, spans, titled
from layerscope.ui.lab.sweep_view import MOST_SEEN, View

NOTHING = "nothing else"
VALUES_HELP = "A list such as 16, 32, 64; words such as same, valid; False, True for a switch; or 0.1 to 0.5 step 0.1."
FIRST, SECOND = "sweep.first", "sweep.second"
WORDS = ("first", "second", "see", "log", "where", "best", "brush")
_LARGEST = 10**9 - 1


def words() -> dict[str, str]:
    """The page's own words in the address."""
    return {name: remembered.parameter(name) for name in WORDS}


def write(view: View) -> None:
    """Put a view into the address: one step of the browser's history."""
    state.write_here(**view.words())


def ranges(network: Network, view: View) -> None:
    """What is swept, and from where to where."""
    known = menu(network)
    _range(FIRST, "Sweep", network, view.first, known, view)
    _range(SECOND, "Second parameter", network, view.second, [NOTHING, *known], view)


def _range(name: str, label: str, network: Network, swept: Swept | None, options: list[str], view: View) -> None:
    """One key with its values. Another key begins with the values that suit it."""
    chosen = swept.key if swept is not None else NOTHING
    options = options if chosen in options else [chosen, *options]

    def put(new: Swept | None) -> None:
        if name == FIRST:
            write(replace(view, brushes={}, first=new or view.first))
        else:
            write(replace(view, brushes={}, second=new))

    def take_key() -> None:
        key = str(remembered.widget_value(name))
        put(None if key == NOTHING else spans(network).get(key, swept))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=name.replace(".", "-")):
        remembered.shown(
            st.selectbox, label, chosen, key=name, options=options, on_change=take_key, width=300,
            format_func=lambda key: "Nothing" if key == NOTHING else titled(key),
        )  # fmt: skip
        if swept is None:
            return
        if isinstance(swept, Span):
            _ends(name, swept, put)
        else:
            _list(name, swept, put)
        usual = spans(network).get(swept.key)
        if isinstance(usual, Span):  # words and switches have no range to go back to
            _way(name, swept, usual, put)


def _ends(name: str, span: Span, put: Callable[[Swept], None]) -> None:
    """From where to where, in which steps."""

    def take() -> None:
        ends = [remembered.widget_value(f"{name}.{end}") for end in ("low", "high", "step")]
        numbers = [end for end in ends if isinstance(end, int)]
        if len(numbers) == len(ends):
            put(Span(span.key, *numbers))

    for end, title, least in (("low", "From", -_LARGEST), ("high", "To", -_LARGEST), ("step", "Step", 1)):
        remembered.shown(
            number_field.number_input, title, getattr(span, end), key=f"{name}.{end}", min_value=least,
            max_value=_LARGEST, step=1, on_change=take, width=120,
        )  # fmt: skip


def _list(name: str, listed: Listed, put: Callable[[Swept], None]) -> None:
    """The values as they are typed."""
    key = f"{name}.values"
    remembered.shown(
        st.text_input, "Values", listed.text, key=key, max_chars=limits.TRIAL_TEXT.most, width=320, help=VALUES_HELP,
        on_change=lambda: put(Listed(listed.key, str(remembered.widget_value(key) or ""))),
    )  # fmt: skip


def _way(name: str, swept: Swept, usual: Span, put: Callable[[Swept], None]) -> None:
    """Whether values are typed one by one."""

    def take() -> None:
        put(Listed(swept.key, swept.text) if isinstance(swept, Span) else usual)

    remembered.shown(st.toggle, "List of values", isinstance(swept, Listed), key=f"{name}.list", on_change=take)


def drawn(result: Sweep, view: View) -> None:
    """What is drawn, and whether on a logarithmic scale."""
    known, now = sweep_said.measures(result), list(sweep_said.seen(result, view))

    def take_seen() -> None:
        chosen = remembered.widget_value("sweep.see")
        write(replace(view, see=tuple(map(str, chosen)) if isinstance(chosen, list) else ()))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        remembered.shown(
            st.multiselect, "Show", now, key="sweep.see", options=known, max_selections=MOST_SEEN, on_change=take_seen,
            width=520, format_func=sweep_said.titled_measure,
        )  # fmt: skip
        remembered.shown(
            st.toggle, "Log scale", view.log, key="sweep.log", on_change=lambda: write(replace(view, log=not view.log))
        )


def condition(result: Sweep, view: View, problem: str = "") -> None:
    """Which settings are wanted, and which of them come first; `problem` is why the condition cannot be used."""
    examples = sweep_fitting.examples(result)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="sweep-condition"):
        remembered.shown(
            st.text_input, "Condition", view.where, key="sweep.where",
            max_chars=limits.CONDITION.most, placeholder=examples[0], width=640,
            on_change=lambda: write(replace(view, where=plain(str(remembered.widget_value("sweep.where") or "")))),
            help="Names as in the table and in the list above; numbers such as 50_000, 50k, 5M or 1.5 MiB; words in "
            'quotes, such as "same"; True and False; <, <=, ==, !=, >=, >; and, or, not; + - * / // %.',
        )  # fmt: skip
        st.button("Use this condition", key="sweep.use")  # leaving the field is what sends it
    if problem:
        st.error(in_streamlit(problem))
    with st.container(horizontal=True, gap="small", key="sweep-examples"):
        for number, text in enumerate(examples):
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
    remembered.shown(
        st.selectbox, "Sort by", name if is_ascending else f"-{name}", key="sweep.best", options=orders,
        format_func=sweep_said.titled_order, width=380,
        on_change=lambda: write(replace(view, best=str(remembered.widget_value("sweep.best") or ""))),
    )  # fmt: skip


def brushes(result: Sweep, view: View, columns: Sequence[str]) -> None:
    """A range for each axis of the parallel coordinates, below it; the newest is undone first."""
    frame, one_by_one = result.frame(), {}
    with st.container(key="sweep-brushes"):
        places = below(columns)
        for column in columns:
            title = sweep_said.titled_measure(column)
            if texts := sweep_fitting.written_steps(result, column):
                low, high = _within(view, column, 0, len(texts) - 1)
                if len(texts) > 1:
                    one_by_one[column] = Brush(title, texts, (texts[low], texts[high]))
                continue
            low, high = int(frame[column].min()), int(frame[column].max())
            if not -(2**53) < low < high < 2**53:
                continue
            key = f"sweep.brush.{column}"
            remembered.remember(key, _within(view, column, low, high))
            places[column].slider(
                in_streamlit(title), low, high, format="%,d", key=key, on_change=_brushed,
                args=(view, column, (low, high)),
            )  # fmt: skip

        def take(column: str, ends: tuple[str, str]) -> None:
            texts = one_by_one[column].every
            _brush(view, column, (texts.index(ends[0]), texts.index(ends[1])), (0, len(texts) - 1))

        over_words("sweep", one_by_one, places, take)
    undoing("sweep", view.brushes, lambda kept: write(replace(view, brushes=kept)))


def _within(view: View, column: str, low: int, high: int) -> tuple[int, int]:
    """What a view keeps of an axis, inside its ends."""
    start, end = view.brushes.get(column, (low, high))
    start = min(max(start, low), high)
    return start, min(max(end, start), high)


def _brushed(view: View, column: str, whole: tuple[int, int]) -> None:
    span: Any = remembered.widget_value(f"sweep.brush.{column}")
    if isinstance(span, tuple) and len(span) == 2:
        _brush(view, column, (int(span[0]), int(span[1])), whole)


def _brush(view: View, column: str, span: tuple[int, int], whole: tuple[int, int]) -> None:
    """Keep a part of an axis; a brush over all of it is none, and keeps what has no number too."""
    others = {name: kept for name, kept in view.brushes.items() if name != column}
    write(replace(view, brushes=others) if span == whole else view.brushed(column, *span))
