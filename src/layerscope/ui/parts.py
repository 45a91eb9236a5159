"""The parts of the stage, made from a session and its traces. Plain JSON; nothing here knows Streamlit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from layerscope import blocks, edit_titles, story
from layerscope.changes import Change, Ripple
from layerscope.changes import ripple as changed
from layerscope.explain import value_text
from layerscope.formatting import capital, ending, shape_text
from layerscope.repair import flatten_before
from layerscope.repair_notes import caution
from layerscope.steps import Trace
from layerscope.ui import first_sight, prediction
from layerscope.ui.outline import outline
from layerscope.ui.panel import panel
from layerscope.ui.session import Session
from layerscope.ui.totals import totals
from layerscope.ui.views import DETAILS, Part, against, choice, figures, is_large, table_part
from layerscope.warned import first_warned, warning_title

SHORTCUTS = {
    "mod+z": "undo",
    "mod+shift+z": "redo",
    "mod+y": "redo",
    "alt+r": "reset",
    "alt+arrowup": "previous",
    "alt+arrowdown": "next",
}

BEGINNING = (
    "{} goes in, and nothing happens to it yet. Begin with one of these, choose any type with “Add a layer”, or load a "
    "network above."
)
FIRST = [
    {"key": "add:Conv2d", "label": "Conv2d"},
    {"key": "add:Flatten", "label": "Flatten"},
    {"key": "add:Linear", "label": "Linear"},
]
MARKED = "What follows from a change is marked in the list, the pictures and the table."
FEW_REPAIRS = 3
"""So many repairs are seen at once; the others are folded, so that the pictures stay in sight."""
MOST_CHIPS = 6
"""So many changed values are told beside the sentence; the list and the table mark all of them."""
MOST_OF_CHIP = 36
"""So many characters of a value's name have room in a chip."""


def message(session: Session, ripple: Ripple) -> Part:
    """The ripple: what was done, what followed, why; or why the network does not run, and what mends it."""
    now = ripple.after
    if session.asked is not None:
        return _message("ask", **prediction.question(session, ripple))
    if session.notice and now.error is not None:  # what fails, and what would mend it, must not be lost
        return message(replace(session, notice=""), ripple) | {"note": f"Not possible: {session.notice}"}
    if session.notice:
        return _message("warning", "That change is not possible", session.notice)
    if not now.network.layers:
        return _message(
            "rest", "Add a first layer", BEGINNING.format(shape_text(now.network.input_shape)), actions=FIRST
        )
    if session.guess:
        return prediction.judged(session, ripple, message(replace(session, guess=""), ripple))
    if now.error is not None:
        step = now.steps[-1]
        actions = [*_repairs(session, now), *_alike(session)]
        quote = now.error.torch_message or None
        cause = f"{_title(session, ripple)}: " if ripple.edits else ""
        return _message("error", f"{cause}{step.name} does not run", now.error.message, quote=quote, actions=actions)
    warned = first_warned(now)
    changes = _chips(ripple)
    if warned is not None:
        fix = {"key": f"flatten:{warned.name}", "label": f"Insert a Flatten before {warned.name}"}
        mended = flatten_before(now.network, warned.name) if warned.type == "Linear" else None
        actions = ([fix] if mended is not None and session.allows(mended.network) else []) + _alike(session)
        return _message("warning", warning_title(warned), warned.warning or "", changes=changes, actions=actions)
    if ripple.is_empty and session.gesture is not None:  # a hand that came back; the words stay in their place
        return _message("changed", "Back to where it was", _resting(session, now))
    if ripple.is_empty and session.view.predict == "on":
        title, hides = prediction.invitation(session)
        return _message("rest", title, hides)
    if ripple.is_empty:
        return _message("rest", "Drag a slider and watch what changes", _resting(session, now))
    told = story.story(ripple, is_brief=session.narrow)
    title, word = _title(session, ripple), None
    if session.stepped and session.compared == session.before:
        word = session.stepped  # what was undone is told as it had been done: "Undone: added bn1"
        title = edit_titles.title(changed(now, ripple.before) if word == "Undone" else ripple)
    return _message("changed", title, told, word=word, changes=changes, actions=_alike(session))


def _resting(session: Session, now: Trace) -> str:
    """Where a teacher asks, nothing of a value: how it comes about may be what students are to find out."""
    return MARKED if session.is_set_a_question else story.resting(now, first_sight.asked_of(session))


def _repairs(session: Session, now: Trace) -> list[Part]:
    """What mends the network: first what gives nothing away; what gives something away says so."""
    error, names = now.error, now.network.names
    found = [
        {"key": f"repair:{i}", "label": capital(repair.label, names), "note": caution(now, repair)}
        for i, repair in enumerate(error.repairs if error is not None else ())
        if session.allows(repair.network)
    ]
    found.sort(key=lambda action: bool(action["note"]))
    return [{**action, "more": place >= FEW_REPAIRS} for place, action in enumerate(found)]


def _title(session: Session, ripple: Ripple) -> str:
    """What was done; since the network was opened, where that is what it is compared with."""
    title = edit_titles.title(ripple)
    return f"Since the start: {title}" if session.view.against == "start" else title


def _chips(ripple: Ripple) -> list[Part]:
    """What changed, value by value: those alike as one, and of many the first."""
    found = edit_titles.alike((*ripple.edits, *ripple.decided))
    chips = [_chip(_called(changes), changes[0].old, changes[0].new) for changes in found[:MOST_CHIPS]]
    if len(found) > MOST_CHIPS:
        chips.append({"key": "more", "label": f"and {len(found) - MOST_CHIPS} more", "old": "", "new": ""})
    old, new = ripple.before.parameters, ripple.after.parameters
    return (
        chips
        if old == new or ripple.before.error is not None
        else [*chips, _chip("parameters", f"{old:,}", f"{new:,}")]
    )


def _called(changes: Sequence[Change]) -> str:
    label = ending(changes[0].label, MOST_OF_CHIP)
    return label if len(changes) == 1 else f"{label} and {len(changes) - 1} alike"


def _alike(session: Session) -> list[Part]:
    """The offer to do the last change to all equal blocks."""
    changes = [] if session.fixes_layers else blocks.changes_alike(session.before, session.network)
    count = max((len(names) + 1 for names, _, _ in changes), default=0)
    return [{"key": "alike", "label": f"Change all {count} alike"}] if count else []


def _message(tone: str, title: str, text: str, **more: Any) -> Part:
    return {"tone": tone, "title": title, "text": text, "quote": None, "changes": [], "actions": []} | more


def _chip(label: str, old: Any, new: Any) -> Part:
    if isinstance(old, tuple) and ".inputs" in label:
        old, new = (", ".join(value) for value in (old, new))
    texts = [value if isinstance(value, str) else value_text(value) for value in (old, new)]
    return {"key": label, "label": label, "old": texts[0], "new": texts[1]}


TELLING = ("changed", "right", "wrong", "calm")
"""Tones of messages about a change and what it did."""


def stage_data(session: Session, ripple: Ripple, *, has_table: bool = True) -> Part:
    """Everything that the stage draws. Without `has_table` the table that it shows stays."""
    shown, seen = (session, ripple) if session.asked is None else prediction.hidden(session, ripple)
    told = first_sight.beside(session, seen, message(session, ripple))
    # The sentence says too what changed; after a guess it is long, for a projector large: it gets the whole width.
    wide = told["tone"] in TELLING and (is_large(session) or bool(session.guess))
    return {
        "narrow": session.narrow,
        "strip": True,
        "large": is_large(session),
        "former": None if session.asked is None else prediction.FORMER,
        "totals": totals(seen),
        "message": told | {"moving": session.gesture is not None, "wide": wide},
        "outline": outline(shown, seen),
        "panel": panel(session, ripple),
        "figures": figures(shown, seen),
        "against": against(session),
        "view": choice("details", "Details", session.view.details, DETAILS),
        **({"tables": [table_part(shown, seen)]} if has_table else {}),
        "shortcuts": SHORTCUTS,
    }
