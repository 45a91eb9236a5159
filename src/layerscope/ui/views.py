"""The larger parts of the stage: its pictures and its table, each with the choices that belong to it."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from layerscope.blocks import rows_of
from layerscope.changes import Ripple
from layerscope.explain import DEFAULT
from layerscope.figures import bars, flow
from layerscope.figures import key as colour_key
from layerscope.once import recent
from layerscope.parameter import Role
from layerscope.steps import Trace
from layerscope.tables import Table, formulas, reasons, summary
from layerscope.ui import inside
from layerscope.ui.coding import EXTRAS, STYLES, network_code
from layerscope.ui.outline import closed_by_hand
from layerscope.ui.prediction import BEFORE
from layerscope.ui.session import Session
from layerscope.ui.written_parts import Written

Part = dict[str, Any]

CHARTS = {
    "weights": "Weights",
    "macs": "MACs",
    "memory": "Memory",
    "receptive_field": "Receptive field",
    "code": "Code",
    "inside": "Inside",
}


MOST_OF_PICTURES = 16_000_000
"""Bytes of pictures that are kept, of 0.02 to 0.2 MB each: what a preview has drawn is not made anew once its move is
made to last, nor for others of a class who make the same move."""


def figures(session: Session, ripple: Ripple) -> list[Mapping[str, Any]]:
    """The tensor flow, and below it the chart by layer or the code."""
    draw = {"code": _code, "inside": _inside}.get(session.view.chart)
    drawn = _pictures(session, ripple)
    return [*drawn, draw(session, ripple.after)] if draw else [*drawn]


def _look(session: Session, ripple: Ripple) -> Hashable:
    """All that the flow and the chart by layer depend on."""
    networks = (session.network, session.beginning, ripple.before.network, ripple.after.network)
    renamed = tuple(ripple.renamed.items())
    seen = (session.selected, session.view, session.narrow, session.fixes_layers)
    return tuple([network.digest for network in networks]), renamed, seen


def _bytes(pictures: tuple[Written, ...]) -> int:
    return sum(len(picture.text) for picture in pictures)


@recent(MOST_OF_PICTURES, _look, _bytes)
def _pictures(session: Session, ripple: Ripple) -> tuple[Written, ...]:
    if session.view.chart in ("code", "inside"):
        return (Written(_flow(session, ripple)),)
    return Written(_flow(session, ripple)), Written(_bars(session, ripple))


def _flow(session: Session, ripple: Ripple) -> Part:
    now, large = ripple.after, is_large(session)
    before = {change.layer: change.old for change in ripple.shapes}
    if (edit := ripple.of("", "input")) is not None:
        before[now.network.inputs[0].name] = edit.old
    width, hints = flow.width_on(session.narrow), SEEN_HINTS if session.fixes_layers else HINTS
    river = flow.flow(
        now, session.selected, ripple.touched, before=before, base=flow.shapes_of(session.opened),
        width=width, large=large, height=flow_height(session),
        opened=frozenset(session.view.opened), closed=closed_by_hand(session),
    )  # fmt: skip
    return {
        "key": "flow",
        "title": "Tensor flow",
        "description": flow.description(now),
        "height": 272,
        "marks": True,
        **river,
        "choices": [against(session)],
        "guide": {"label": "Key", "entries": colour_key.key(river), "hint": hints[session.narrow]},
        "note": flow.legend(now, ripple.touched, river),
        "saved": " · ".join(["Tensor flow", *filter(None, [flow.legend(now, frozenset())])]),
    }


HINTS = {False: "Click a block to change that layer", True: "Tap a block to change that layer"}
SEEN_HINTS = {False: "Click a block to see that layer", True: "Tap a block to see that layer"}
"""Where a teacher's link locks layers: most have nothing to be changed."""
PHONE_HEIGHT = 134.0
"""How high the tensor flow is on a phone, where it stays on the screen above the sliders."""


def is_large(session: Session) -> bool:
    """Whether type is as large as for a projector; on a phone there is no room for it, and no back row."""
    return session.view.type_size == "large" and not session.narrow


def flow_height(session: Session) -> float:
    """How high the tensor flow is taken to be, in pixels."""
    return PHONE_HEIGHT if session.narrow else flow.HEIGHT


def _bars(session: Session, ripple: Ripple) -> Part:
    now, view = ripple.after, session.view
    measure, scale = bars.Measure[view.chart.upper()], bars.Scale(view.scale)
    chart = bars.bars(
        now, measure, scale, session.selected, ripple.touched, before=ripple.before, base=session.opened,
        width=flow.width_on(session.narrow), large=is_large(session),
    )  # fmt: skip
    return {
        "key": "bars",
        "title": "By layer",
        "description": bars.description(now, measure),
        "note": bars.legend(now, measure, chart),
        "saved": " · ".join([bars.title(measure, scale), *filter(None, [bars.legend(now, measure)])]),
        "height": 300 if session.narrow else 240,  # the choices take a line of their own
        "choices": [
            charts(session),
            choice("scale", "Scale", view.scale, {"linear": "Linear", "log": "Log"}),
        ],
        "marks": True,
        **chart,
    }


def _code(session: Session, now: Trace) -> Part:
    view = session.view
    return network_code(now, session) | {
        "choices": [
            charts(session),
            choice("code", "Style", view.code, STYLES) | {"menu": True},
            choice("extras", "Besides", view.extras, EXTRAS) | {"menu": True},
        ]
    }


def _inside(session: Session, now: Trace) -> Part:
    """A look inside the selected layer. While a hand moves a slider, only what is quick follows."""
    lens = session.view.lens
    drawn = inside.card(
        now.network, session.selected if lens == "window" else session.row, session.looking, lens=lens,
        is_narrow=session.narrow, is_large=session.view.type_size == "large", is_moving=session.gesture is not None,
        has_lab=not session.fixes_layers,
    )  # fmt: skip
    if session.asked is not None and drawn["inside"]:
        drawn |= {"title": f"{drawn['title']}, {BEFORE}"}
    lenses = choice("lens", "Look at", lens, inside.LENSES)
    return drawn | {"choices": [charts(session)], "lenses": [lenses], "close": "inside"}


AGAINST = {"step": "Last step", "start": "Start"}


def against(session: Session) -> Part:
    """With what the network is compared; its label is to be seen."""
    return choice("against", "Compared with", session.view.against, AGAINST) | {"named": True}


def choice(key: str, label: str, value: str, options: dict[str, str]) -> Part:
    shown = [{"value": option, "label": text} for option, text in options.items()]
    return {"key": key, "label": label, "value": value, "options": shown}


def charts(session: Session) -> Part:
    """What there is to see below the tensor flow. A look inside is higher than a chart: it is brought into sight."""
    chosen = choice("chart", "Chart", session.view.chart, CHARTS)
    shown = [one | {"reveals": "inside"} if one["value"] == "inside" else one for one in chosen["options"]]
    return chosen | {"options": shown}


DETAILS = {"reasons": "Why these values", "summary": "Summary", "formulas": "Formulas checked"}


def table(session: Session, ripple: Ripple) -> Table:
    """The table that is open."""
    now = ripple.after
    if session.view.details == "summary":
        return summary(now)
    if session.view.details == "formulas" and session.selected in now.by_name:
        return formulas(now, now.by_name[session.selected])
    return reasons(now)


def _as_given(session: Session, shown: Table) -> Table:
    """The table of reasons as a teacher's link leaves it: what it locks is its choice, unless PyTorch's default, and
    what it hides has no row."""
    given = session.assignment
    if given is None or not given.fixes_layers or session.view.details != "reasons":
        return shown
    rows, keys = [], []
    for key, (layer, name, value, who, why) in zip(shown.keys, shown.rows, strict=True):
        is_locked = who in (Role.YOU.value, DEFAULT) and not given.is_free(layer, name)
        if is_locked and given.rest == "hidden":
            continue
        if is_locked and who == DEFAULT:
            why = why.removesuffix("; you may change it")
        elif is_locked:
            who, why = "your teacher", "Set by your teacher"
        rows.append((layer, name, value, who, why))
        keys.append(key)
    return replace(shown, rows=tuple(rows), keys=tuple(keys))


def table_part(session: Session, ripple: Ripple) -> Part:
    """The open table in the stage's form."""
    shown = _as_given(session, table(session, ripple))
    selected = {*rows_of(ripple.after.network, session.selected)}
    changed = {(c.layer, c.what) for c in (*ripple.edits, *ripple.decided)}
    is_summary = session.view.details == "summary"
    rows = [
        {
            "key": f"{key}.{row[1]}",
            "cells": row,
            "tone": "ok",
            "lit": key in ripple.touched if is_summary else (key, row[1]) in changed,
            "selected": key in selected,
        }
        for key, row in zip(shown.keys, shown.rows, strict=True)
    ]
    columns = [{"label": name, "align": "right" if name in shown.numeric else "left"} for name in shown.columns]
    return {
        "key": session.view.details, "caption": shown.caption, "columns": columns, "rows": rows, "foot": shown.foot,
        "folds": True,
    }  # fmt: skip
