"""What the Code page's stages show of a paste: the editor, the message with its corrections, the tensor flow."""

from layerscope.figures import flow
from layerscope.formatting import joined, shape_text
from layerscope.ui.changing import change
from layerscope.ui.correcting import corrected
from layerscope.ui.editing import editor
from layerscope.ui.offered import ALL
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood
from layerscope.ui.understood import Part, Understood
from layerscope.ui.verdict import message
from layerscope.ui.verdict_words import plain

EVERY = f"correct:{ALL}"


def editor_data(here: Pasted) -> Part:
    """What the stage of the editor shows: the code with the lines that matter marked."""
    seen = understood(here)
    return {"editor": editor(here, seen, _selected(here, seen))}


def _selected(here: Pasted, seen: Understood | None) -> str:
    """The layer that is pointed out: the one that was chosen, else the first that is wrong."""
    if seen is None or seen.trace is None:
        return ""
    if here.selected in seen.trace.network.names:
        return here.selected
    if seen.wrong:
        return seen.wrong[0].layer
    return seen.trace.steps[-1].name if seen.trace.error is not None else ""


def stage_data(here: Pasted) -> Part:
    """What the stage shows of the paste: what is to be said of it, its corrections, the tensor flow."""
    seen = understood(here)
    if seen is None:
        title = "Paste a class, an nn.Sequential, or a network as JSON"
        text = "Your code is read, never run. You see the network, which layer fails and why, and the corrected line."
        return {"message": plain("rest", title, text, [{"key": "example", "label": "Show me an example"}])}
    told = {**message(seen), "linked": True, "wide": True}
    told["actions"] = _changed(here, told["actions"])
    data: Part = {"message": told, "figures": [], "narrow": here.narrow}
    if seen.trace is not None and seen.trace.steps:
        selected = _selected(here, seen)
        failing = frozenset(mismatch.layer for mismatch in seen.wrong)
        data["figures"].append(
            {
                "key": "flow",
                "title": "Tensor flow",
                "height": 250,
                "description": flow.description(seen.trace, failing),
                **flow.flow(seen.trace, selected or None, failing=failing, width=flow.width_on(here.narrow)),
                "note": _told(seen),
            }
        )
    return data


def cures_data(here: Pasted) -> Part | None:
    """The corrections of the code alone, beside an error that is explained for it; None where there are none."""
    seen = understood(here)
    told = message(seen) if seen is not None else {"actions": []}
    actions = [action for action in told["actions"] if action["key"].startswith("correct:")]
    if not actions:
        return None
    text = "A click changes the code and shows it."
    return {"message": plain("rest", "Corrections for your code", text, _changed(here, actions))}


def _changed(here: Pasted, actions: list[Part]) -> list[Part]:
    """The buttons, those that correct with the lines before and after."""
    return _told_apart([_with_change(here, action) for action in actions])


def _with_change(here: Pasted, action: Part) -> Part:
    """A correction with the lines before and after it."""
    verb, _, which = action["key"].partition(":")
    return {**action, **change(here.text, corrected(here, which))} if verb == "correct" else action


def _told_apart(actions: list[Part]) -> list[Part]:
    """The corrections, each line of them once: what the one for all changes stands under the others already."""
    shown = {_change_of(row) for action in actions if action["key"] != EVERY for row in action.get("rows", ())}
    return [
        {**action, "rows": [row for row in action["rows"] if _change_of(row) not in shown]}
        if action["key"] == EVERY
        else action
        for action in actions
    ]


def _change_of(row: Part) -> tuple[object, ...]:
    """Without its number: with imports added above it, the same line is further down."""
    return row["kind"], "".join(text for _, text in row["pieces"])


def _told(seen: Understood) -> str:
    """How the shapes of the inputs were known."""
    how = seen.reading.shape_told if seen.reading is not None else "JSON"
    if seen.network is None:
        return ""
    inputs = seen.network.inputs
    one = len(inputs) == 1
    given = (
        f"input {shape_text(inputs[0].shape)}"
        if one
        else "inputs " + joined([f"{each.name} {shape_text(each.shape)}" for each in inputs])
    )
    if seen.reading is not None and seen.reading.doubt:
        return f"{given}: your code does not say {'it' if one else 'them'}"
    words = {"layers": "worked out from the layers", "given": f"as you typed {'it' if one else 'them'}"}
    size = seen.reading.size.words if seen.reading is not None else ""
    return f"{given}, {size or words.get(how, f'from the {how}')}"
