"""Prediction mode: what a change does stays hidden until a guess has been typed; then both are shown.

While a question is open the stage shows the network as it was before the change, so that no number, picture or colour
tells the answer; only the control that was moved shows its new value.
"""

from dataclasses import replace
from typing import Any

from layerscope import edit_titles, guesses, limits, targets
from layerscope.changes import Ripple, ripple
from layerscope.steps import Trace
from layerscope.tracing import trace
from layerscope.ui.session import Session

WAITING = "The rest of the page waits for your guess."
BEFORE = "before your change"
"""Said in the title of a view of the network as it was."""
FORMER = {"word": "Before", "told": f"B{BEFORE[1:]}"}
"""What marks the list and the pictures while they show the network as it was; in few words, and where there is room."""
EITHER = [{"key": "guess:runs", "label": "It runs"}, {"key": "guess:fails", "label": "It does not run"}]
"""The two answers to whether the network runs."""
TONES = {True: "right", False: "wrong", None: "changed"}


def invitation(session: Session) -> tuple[str, str]:
    """What is said before the first change: that a guess will be asked for, and about what. A title and a sentence."""
    target = session.target
    what = "what will happen" if target.kind == targets.ANY else f"{target.question[0].lower()}{target.question[1:]}"
    return f"Drag a slider, then predict: {what}", "The result stays hidden until you have guessed."


def hidden(session: Session, seen: Ripple) -> tuple[Session, Ripple]:
    """The session and the comparison to draw instead: the last change has not been made yet."""
    before = seen.before
    shown = replace(session, network=before.network, before=before.network)
    return shown, ripple(before if shown.compared == before.network else trace(shown.compared), before)


def question(session: Session, seen: Ripple) -> dict[str, Any]:
    """The message while a guess is awaited."""
    target = session.target
    wrong = session.typed.get("guess", ("", ""))[1]
    asked = f"{edit_titles.title(seen)}: {target.question[0].lower()}{target.question[1:]}"
    told = ""
    if target.kind == targets.ANY:
        name = _layer(session, seen)
        shape = f"the shape that {name} outputs, " if name else ""
        told = f"Guess {shape}a value that follows, such as in_features, the parameter count, or “does not run”."
    text = f"{session.notice} {wrong or told} {WAITING}".strip()
    parts: dict[str, Any] = {"title": asked, "text": " ".join(text.split())}
    if target.kind == targets.RUNS:
        return parts | {"actions": EITHER}
    hint = guesses.example(target, seen.before, seen.after) or "in your own words"
    ask = {"key": "guess", "label": "Your guess", "hint": hint, "button": "Show", "most": limits.GUESS.most,
           "digits": _is_counted(target, seen.before)}  # fmt: skip
    # A keyboard of digits could not type that it does not run.
    return parts | {"ask": ask} | ({} if target.kind == targets.TEXT else {"actions": EITHER[1:]})


def _is_counted(target: targets.Target, before: Trace) -> bool:
    """Whether a guess is one whole number, for which a phone shows its keyboard of digits."""
    if target.kind != targets.VALUE:
        return target.kind == targets.PARAMETERS
    step = before.by_name.get(target.layer)
    return step is not None and type(step.arguments.get(target.argument)) is int


def judged(session: Session, seen: Ripple, told: dict[str, Any]) -> dict[str, Any]:
    """The message once a guess was typed: the verdict first, its reason, then what the change did."""
    last = seen if session.compared == session.before else ripple(trace(session.before), seen.after)
    follows = [(change.layer, change.what) for change in last.decided]
    found = guesses.verdict(session.guess, session.target, seen.after, _layer(session, last), follows)
    text = _once(found.why, told["text"])
    return told | {
        "tone": TONES[found.right],
        "title": found.says,
        "text": text,
        "note": None if told["changes"] else told["title"],
    }


def _once(why: str, story: str) -> str:
    """The reason, then what the change did; where one of them holds the other's numbers, it alone."""
    if story in why:
        return why
    words, _, formula = why.removesuffix(".").partition(": ")
    is_told = not words or (" = " in formula and formula in story)
    return story if is_told else f"{why} {story}"


def _layer(session: Session, seen: Ripple) -> str:
    """The layer that was changed; the selected one where that was something else."""
    return next((edit.layer for edit in seen.edits if edit.layer), session.row)
