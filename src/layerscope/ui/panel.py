"""The panel: the selected row's controls, what it reads, and what can be done with it; or the selected block."""

from dataclasses import replace
from typing import Any

from layerscope import blocks
from layerscope.changes import Ripple
from layerscope.explain import merged_sizes, sharing, value_text
from layerscope.formatting import lost_cells, shape_text
from layerscope.layers.base import Shape
from layerscope.metrics import is_followed, unread
from layerscope.steps import Step
from layerscope.ui import prediction
from layerscope.ui.connections import connections
from layerscope.ui.controls import controls, locked
from layerscope.ui.outline import beside, called
from layerscope.ui.session import Session

Part = dict[str, Any]

CELLS = {(2, 0): "row", (2, 1): "column", (3, 0): "slice", (3, 1): "row", (3, 2): "column"}
"""What an index along an axis of a map is called, by (number of axes, axis)."""


def panel(session: Session, ripple: Ripple) -> Part | None:
    """The selected layer's controls and what can be done with it."""
    now, name = ripple.after, session.selected
    if not name:
        return None
    actions = [
        {"key": "move_up", "label": "Move up", "icon": "↑", "disabled": not beside(session, -1)},
        {"key": "move_down", "label": "Move down", "icon": "↓", "disabled": not beside(session, 1)},
        {"key": "duplicate", "label": "Duplicate", "icon": "Duplicate", "disabled": False},
        {"key": "remove", "label": "Remove", "icon": "✕", "disabled": False},
    ]
    if session.fixes_layers:
        actions = []
    named = {"rename": _naming(session, name)} if actions and session.asked is None else {}
    if name not in now.network.names:
        return _block(session, ripple, actions) | named
    if session.asked is not None:
        return {"title": name, "actions": actions, **_waiting(session, ripple, name)}
    step = now.by_name.get(name)
    part: Part = {"title": name, "subtitle": called(now.network[name], step), "actions": actions, **named}
    if step is None:
        text = f"Not reached: {now.steps[-1].name} comes before it and does not run."
        return part | {"text": text, "controls": []}
    lit = {c.what: _arrow(c.old, c.new) for c in (*ripple.edits, *ripple.decided) if c.layer == name}
    built = locked(controls(now, step, session.typed, lit), step, session)
    words = sharing(step)
    text = ". ".join(filter(None, (_in_and_out(step), words and f"{words[0].upper()}{words[1:]}", step.layer.origin)))
    part |= {"note": _left_over(step), "ways": _ways(session)}
    return part | {"text": text, "controls": built, "wiring": connections(session, now, step)}


def _naming(session: Session, name: str) -> Part:
    """The field in which a layer or a block gets another name."""
    key = f"rename:{name}"
    typed, error = session.typed.get(key, (None, None))
    control = {"key": key, "label": "Name", "kind": "text", "value": name, "error": error, "typed": typed}
    return {"label": f"Rename {name}", "control": control}


def _ways(session: Session) -> list[Part]:
    """What else there is to see of a layer: how its values come about, or what it outputs."""
    is_open = session.view.chart == "inside"
    return [{"key": "inside", "label": "Close inside view" if is_open else "Look inside", "reveals": "inside"}]


def _waiting(session: Session, ripple: Ripple, name: str) -> Part:
    """The layer's values as they were, and the chosen ones as they are: not even which controls there are may tell."""
    layer, then = ripple.after.network[name], ripple.before.by_name.get(name)
    if then is None or then.type != layer.type:
        return {"subtitle": called(layer, None), "text": prediction.WAITING, "controls": []}
    lit = {edit.what: _arrow(edit.old, edit.new) for edit in ripple.edits if edit.layer == name}
    moved = replace(then, layer=layer)
    built = locked(controls(ripple.before, moved, session.typed, lit), moved, session)
    return {
        "subtitle": called(then.layer, then),
        "text": _before(_in_and_out(then)),
        "note": None if _left_over(then) is None else "",  # the old value's cells
        "controls": built,
        "ways": _ways(session),
    }


def _block(session: Session, ripple: Ripple, actions: list[Part]) -> Part:
    """What a block takes and gives, how much it holds, and how many like it there are."""
    now, path = ripple.after if session.asked is None else ripple.before, session.selected
    names = blocks.rows_of(now.network, path)
    steps = [now.by_name[name] for name in names if name in now.by_name]
    equal = len(blocks.alike(now.network, path))
    count = f"block of {len(names)} layer{'' if len(names) == 1 else 's'}"
    part = {"title": path, "subtitle": f"{count}, one of {equal} alike" if equal > 1 else count, "actions": actions}
    if not names:  # added while a guess is awaited
        return part | {"subtitle": "block", "text": prediction.WAITING, "controls": []}
    if len(steps) < len(names) or steps[-1].output_shape is None:
        last = now.steps[-1]
        where = f"{last.name} in it does not run" if last in steps else f"{last.name} comes before it and does not run"
        return part | {"text": f"Not reached: {where}.", "controls": [], "wiring": connections(session, now, None)}
    total = sum(step.parameters for step in steps)
    text = (
        f"{_shapes(steps[0].shown_input_shapes) or 'nothing'} → {shape_text(steps[-1].output_shape)}; "
        f"{total:,} parameter{'' if total == 1 else 's'}, {sum(step.macs for step in steps):,} MACs"
    )
    text = text if session.asked is None else _before(text)
    return part | {"text": text, "controls": [], "wiring": connections(session, now, None)}


def _before(text: str) -> str:
    """What was so before the change that waits for a guess. The word is short: a second line would move the sliders."""
    return f"Before: {text}"


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(map(shape_text, shapes)) if len(shapes) < 4 else f"{len(shapes)} inputs"


def _in_and_out(step: Step) -> str:
    leaves = " and ".join(map(shape_text, step.shown_shapes)) or "?"
    product = merged_sizes(step)
    return f"{_shapes(step.shown_input_shapes)} → {leaves}{f' ({product})' if product else ''}".lstrip()


def _left_over(step: Step) -> str | None:
    """Which cells of the input no window reads; "" keeps the line free for it, so that no slider moves when it comes.

    None for layers without a window.
    """
    if not {"stride", "kernel_size"} & set(step.arguments):
        return None
    if not is_followed(step):
        is_running = step.output_shape is not None
        return "Too long to look for cells that are never read" if is_running else ""
    sizes, left_over = step.input_shape[1:], unread(step)
    kinds = [CELLS.get((len(sizes), axis), "cell") for axis in range(len(sizes))]
    lost = lost_cells(zip(kinds, left_over, sizes, strict=False), is_brief=True)  # which ones, the picture shows
    return f"Never read: {lost}" if lost else ""


def _arrow(old: Any, new: Any) -> str:
    return f"{value_text(old)} → {value_text(new)}"
