"""What a new visitor reads beside the network: what this is, and one task that invites them to move something."""

from typing import Any

from layerscope import story
from layerscope.changes import Ripple
from layerscope.ui.session import Session

Part = dict[str, Any]

WHAT = "See how each PyTorch layer's parameters decide tensor shapes and weight counts."
WHOM = "For students, teachers and engineers."
QUIET = "Nothing is trained on this page: you see shapes and counts."
QUIET_INSIDE = "Nothing is trained on this page."
"""The view of a layer's inside says itself where its weights come from."""
CLOSE = "greeted"
"""The event that closes the introduction."""


def beside(session: Session, seen: Ripple, told: Part) -> Part:
    """The message `told` with the introduction and the task, as far as they have a place in it.

    `seen` is what is on the screen: while a guess is awaited, the network before the change.
    """
    task, now = session.current_task, seen.after
    if told["tone"] in ("changed", "right", "wrong") and task is not None:
        if task.is_done(now):
            return told | {"task": {"text": f"Done: {task.result}.", "done": True}}
        return told if session.achieved else told | {"task": {"text": f"Try it: {task.goal}", "done": False}}
    if told["tone"] != "rest" or not now.network.layers:
        return told
    if session.assignment is not None:
        return told | _introduction(session)
    if task is not None:
        told = told | {"title": f"Try it: {task.watch if session.achieved else task.goal}"}
    introduction = _introduction(session)
    if session.narrow and "lead" in introduction:  # on a phone all of it shares a few lines
        told = told | {"text": story.resting(now, asked_of(session), is_brief=True)}
    return told | introduction


def asked_of(session: Session) -> tuple[str, str] | None:
    """The layer and what of it the task asks for."""
    task = session.current_task
    return (task.layer, task.what) if task is not None else None


def _introduction(session: Session) -> Part:
    """Until something was changed, or it was closed; not where a teacher's question is to be read. Where a guess comes
    first, the mark of a question has its place, so that the title does not move when the question comes."""
    if session.view.predict == "on":
        return {"tone": "soon"}
    if session.is_set_a_question or session.greeted or not session.history.is_empty or session.gesture is not None:
        return {}
    note = QUIET_INSIDE if session.view.chart == "inside" else QUIET
    return {"lead": {"text": WHAT, "whom": WHOM, "note": note, "close": CLOSE}}
