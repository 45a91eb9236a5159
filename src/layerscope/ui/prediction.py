"""Prediction mode: what a change does stays hidden until a guess has been typed; then both are shown.

While a question is open the stage shows the network as it was before the change, so that no number, picture or colour
tells the answer; only the control that was moved shows its new value.
"""

import re
from dataclasses import replace
from typing import Any

from layerscope import story
from layerscope.changes import Ripple, ripple
from layerscope.formatting import shape_text
from layerscope.ui.session import Session

HIDDEN = "?"
ASK = {"key": "guess", "label": "Your guess", "hint": "such as 8×10×10 or 12,345", "button": "Show"}
_RUNNING = re.compile(r"run|work|fail|error|break|crash", re.IGNORECASE)
"""Words of a guess about whether the network runs."""
_FAILING = re.compile(r"fail|error|break|crash|\b(no|not|cannot|never)\b|n['’]?t\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*[x×*]\s*|\s*,\s+|\s+")


def hidden(session: Session, seen: Ripple) -> tuple[Session, Ripple]:
    """The session and the comparison to draw instead: nothing has changed yet."""
    before = seen.before
    return replace(session, network=before.network, before=before.network, asked=None), ripple(before, before)


def question(session: Session, seen: Ripple) -> tuple[str, str]:
    """The title and the text of the message while a guess is awaited."""
    name = _layer(session, seen)
    what = f"the shape that leaves {name}, the number of parameters in total" if name else "the parameters in total"
    wrong = session.typed.get("guess", ("", ""))[1]
    text = wrong or f"Everything else still shows the network as it was. Guess {what}, or “does not run”."
    return f"{story.title(seen)}: what will happen?", text


def as_it_was(controls: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panel's controls, with what others decide as it was before the change; nothing moves by that."""
    then = {control["key"]: control for control in before}
    hidden = {"value": HIDDEN, "why": "", "lit": None}
    return [then.get(c["key"], c | hidden) if c["kind"] == "readonly" else c for c in controls]


def verdict(session: Session, seen: Ripple) -> str:
    """The guess beside the truth, beside the message about the change."""
    now, name = seen.after, _layer(session, seen)
    step = now.by_name.get(name)
    shape = step.output_shape if step else now.output_shape
    leaves = f"{name} puts out {shape_text(shape)}" if shape is not None else f"{name or 'the network'} does not run"
    parameters = None if now.error else now.parameters
    judged = {True: "Right: ", False: "Not quite: ", None: ""}[is_right(session.guess, shape, parameters)]
    if parameters is not None:
        rest = f", and the network has {parameters:,} parameters"
    else:
        rest = "" if shape is None else f", but {now.steps[-1].name} does not run"
    return f"You guessed {session.guess}. {judged}{leaves}{rest}."


def complaint(guess: str) -> str:
    """Why that is no guess; empty if it is one. Somebody may also guess that the network fails."""
    is_one = any(character.isdigit() for character in guess) or _RUNNING.search(guess)
    return "" if is_one else f'{guess!r} is no guess yet: a shape such as 8×10×10, a number, or "does not run" is.'


def is_right(guess: str, shape: tuple[int, ...] | None, parameters: int | None) -> bool | None:
    """Whether a guess names the shape, the total, or whether the network runs; None where it says neither.

    `parameters` is None where the network does not run.
    """
    text = guess.strip().strip("()[]")
    if not any(character.isdigit() for character in text):
        if not _RUNNING.search(text):
            return None
        return bool(_FAILING.search(text)) == (parameters is None)
    if re.fullmatch(r"\d{1,3}([,_ ]\d{3})+", text) and int(re.sub(r"\D", "", text)) == parameters:
        return True
    parts = _SEVERAL.split(text) if _SEVERAL.search(text) else text.split(",")
    numbers = [part.replace(",", "").replace("_", "") for part in parts if part]
    if not numbers or not all(len(number) < 20 and number.isdecimal() for number in numbers):
        return None
    values = tuple(int(number) for number in numbers)
    return values in (shape, (parameters,))


def _layer(session: Session, seen: Ripple) -> str:
    """The layer that was changed; the selected one where that was something else."""
    return next((edit.layer for edit in seen.edits if edit.layer), session.row)
