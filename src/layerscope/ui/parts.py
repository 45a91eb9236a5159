"""The parts of the stage, made from a session and its traces. Plain JSON; nothing here knows Streamlit."""

from dataclasses import replace
from typing import Any

from layerscope import story
from layerscope.changes import Ripple
from layerscope.explain import value_text
from layerscope.formatting import bytes_text, cells_text, compact, shape_text
from layerscope.glossary import more
from layerscope.metrics import is_followed, unread
from layerscope.steps import Step, Trace
from layerscope.ui import prediction
from layerscope.ui.controls import controls, locked
from layerscope.ui.session import Session
from layerscope.ui.views import DETAILS, Part, choice, figures, table_part

SHORTCUTS = {
    "mod+z": "undo",
    "mod+shift+z": "redo",
    "mod+y": "redo",
    "alt+r": "reset",
    "alt+arrowup": "previous",
    "alt+arrowdown": "next",
}


MANY = 14
"""More layers than this are searched by typing."""
PARAMETERS_HELP = "Weights and biases: what training changes."
MACS_HELP = "Multiply-accumulates for one sample, bias not counted: FlopCounterMode's count, halved"
MEMORY_HELP = "All layers' outputs for one sample in float32; 1 kB is 1,000 bytes"


def totals(ripple: Ripple) -> list[Part]:
    """The strip of figures about the whole network."""
    now, old = ripple.after, ripple.before
    scope = ", up to the layer that fails." if now.error else "."
    memory = [bytes_text(trace.activation_bytes) for trace in (now, old)]
    entries = (
        (
            "parameters",
            "Parameters",
            f"{now.parameters:,}",
            f"{old.parameters:,}",
            PARAMETERS_HELP,
            "learnable parameter",
        ),
        ("macs", "MACs", f"{now.macs:,}", f"{old.macs:,}", MACS_HELP + scope, "MAC"),
        ("memory", "Activations", *memory, MEMORY_HELP + scope, "activation"),
        ("output", "Output", _output(now), _output(old), "What the last layer puts out for one sample.", "shape"),
    )
    tiles = [
        {
            "key": key, "label": label, "value": value, "change": f"was {was}" if value != was else None, "help": text,
            "more_help": more(term),
        }
        for key, label, value, was, text, term in entries
    ]  # fmt: skip
    return [*tiles, _agreement(now)]


def _output(trace: Trace) -> str:
    return shape_text(trace.output_shape) if trace.output_shape else "none"


def _agreement(trace: Trace) -> Part:
    checks = [check for step in trace.steps for check in step.checks]
    wrong = sum(not check.agrees for check in checks)
    value = f"{len(checks)} of {len(checks)} agree" if not wrong else f"{wrong} of {len(checks)} DISAGREE"
    help_text = "closed formulas for sizes, parameters and MACs, compared with what torch says of the built modules"
    return {"key": "checks", "label": "Formulas and torch", "value": value, "change": None, "help": help_text}


def message(session: Session, ripple: Ripple) -> Part:
    """The ripple: what was done, what followed, why; or why the network does not run, and what mends it."""
    now = ripple.after
    if session.asked is not None:
        title, text = prediction.question(session, ripple)
        return _message("ask", title, f"{session.notice} {text}".strip(), ask=prediction.ASK)
    if session.notice:
        return _message("warning", "That cannot be done", session.notice)
    if session.guess and not ripple.is_empty:
        told = message(replace(session, guess=""), ripple)
        return told | {"note": prediction.verdict(session, ripple)}
    if now.error is not None:
        step = now.steps[-1]
        actions = [{"key": f"repair:{i}", "label": r.label} for i, r in enumerate(now.error.repairs)]
        quote = now.error.torch_message or None
        cause = f"{story.title(ripple)}: " if ripple.edits else ""
        return _message("error", f"{cause}{step.name} does not run", now.error.message, quote=quote, actions=actions)
    warned = story.warned(now)
    changes = [_chip(change.label, change.old, change.new) for change in (*ripple.edits, *ripple.decided)]
    if ripple.before.parameters != now.parameters:
        changes.append(_chip("parameters", f"{ripple.before.parameters:,}", f"{now.parameters:,}"))
    if warned is not None:
        fix = {"key": f"flatten:{warned.name}", "label": f"insert a Flatten before {warned.name}"}
        actions = [fix] if warned.type == "Linear" else []
        return _message("warning", story.about_warned(warned), warned.warning or "", changes=changes, actions=actions)
    if ripple.is_empty:
        return _message("calm", "Move a slider", story.resting(now))
    return _message("changed", story.title(ripple), story.story(ripple), changes=changes)


def _message(tone: str, title: str, text: str, **more: Any) -> Part:
    return {"tone": tone, "title": title, "text": text, "quote": None, "changes": [], "actions": []} | more


def _chip(label: str, old: Any, new: Any) -> Part:
    texts = [value if isinstance(value, str) else value_text(value) for value in (old, new)]
    return {"key": label, "label": label, "old": texts[0], "new": texts[1]}


def outline(session: Session, ripple: Ripple) -> Part:
    """The list of layers."""
    now = ripple.after
    items = [
        _outline_item(layer.name, layer.type, now.by_name.get(layer.name), ripple) for layer in now.network.resolved
    ]
    ends = [session.selected in now.network.names[end] or not items for end in (slice(1), slice(-1, None))]
    steps = [
        {"key": "previous", "label": "Previous layer (Alt+↑)", "icon": "‹", "disabled": ends[0]},
        {"key": "next", "label": "Next layer (Alt+↓)", "icon": "›", "disabled": ends[1]},
    ]
    actions = [
        {"key": "undo", "label": "Undo", "disabled": not session.past},
        {"key": "redo", "label": "Redo", "disabled": not session.future},
        {"key": "reset", "label": "Reset", "disabled": session.network == session.beginning == session.home},
    ]
    find = {"label": "Find a layer", "none": "No layer has that in its name, type or shape."}
    return {
        "label": "Layers",
        "items": items,
        "selected": session.selected,
        "steps": steps,
        "find": find if len(items) > MANY else None,
        "actions": actions,
    }


def _outline_item(name: str, kind: str, step: Step | None, ripple: Ripple) -> Part:
    item = {"key": name, "name": name, "type": kind, "detail": "", "note": "", "tone": "unreached", "lit": False}
    if step is None:
        return item
    tone = "error" if step.error else "warning" if step.warning else "ok"
    detail = shape_text(step.output_shape) if step.output_shape else "does not run"
    note = compact(step.parameters) if step.parameters else ""
    return item | {"tone": tone, "detail": detail, "note": note, "lit": name in ripple.touched}


def panel(session: Session, ripple: Ripple) -> Part | None:
    """The selected layer's controls and what can be done with it."""
    now, name = ripple.after, session.selected
    if not name:
        return None
    place = now.network.index(name)
    step = now.by_name.get(name)
    actions = [
        {"key": "move_up", "label": "Move up", "icon": "↑", "disabled": place == 0},
        {"key": "move_down", "label": "Move down", "icon": "↓", "disabled": place == len(now.network.layers) - 1},
        {"key": "duplicate", "label": "Duplicate", "icon": "Copy", "disabled": False},
        {"key": "remove", "label": "Remove", "icon": "✕", "disabled": False},
    ]
    if session.fixes_layers:
        actions = []
    part = {"title": name, "subtitle": now.network[name].type, "actions": actions}
    if step is None and session.asked is not None:
        return part | {"text": "", "controls": []}
    if step is None:
        text = f"Not reached: {now.steps[-1].name} comes before it and does not run."
        return part | {"text": text, "controls": []}
    lit = {c.what: _arrow(c.old, c.new) for c in (*ripple.edits, *ripple.decided) if c.layer == name}
    built = locked(controls(now, step, session.typed, lit), step, session)
    if session.asked is not None:
        then = ripple.before.by_name.get(name)
        told = locked(controls(ripple.before, then, {}, {}), then, session) if then else []
        return part | {"text": _in_and_out(then) if then else "", "controls": prediction.as_it_was(built, told)}
    return part | {"text": _in_and_out(step), "controls": built}


def _in_and_out(step: Step) -> str:
    text = f"{shape_text(step.input_shape)} → {shape_text(step.output_shape) if step.output_shape else '?'}"
    sizes, left_over = step.input_shape[1:], unread(step)
    lost = [
        cells_text(CELLS.get((len(sizes), axis), "cell"), cells, sizes[axis])
        for axis, cells in enumerate(left_over)
        if cells
    ]
    if not is_followed(step):
        return f"{text}; this axis is too long to look for cells that are never read" if step.output_shape else text
    return f"{text}; never read: {', '.join(lost)}" if lost else text


CELLS = {(2, 0): "row", (2, 1): "column", (3, 0): "slice", (3, 1): "row", (3, 2): "column"}
"""What an index along an axis of a map is called, by (number of axes, axis)."""


def _arrow(old: Any, new: Any) -> str:
    return f"{value_text(old)} → {value_text(new)}"


def stage_data(session: Session, ripple: Ripple) -> Part:
    """Everything that the stage draws."""
    shown, seen = (session, ripple) if session.asked is None else prediction.hidden(session, ripple)
    return {
        "narrow": session.narrow,
        "large": session.view.type_size == "large",
        "totals": totals(seen),
        "message": message(session, ripple),
        "outline": outline(shown, seen),
        "panel": panel(session, ripple),
        "figures": figures(shown, seen),
        "view": choice("details", "Details", session.view.details, DETAILS),
        "tables": [table_part(shown, seen)],
        "shortcuts": SHORTCUTS,
    }
