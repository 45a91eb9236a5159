"""A training in sight: its curves, what it says of a few images, the maps of its first convolution; pause and stop."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from layerscope.figures import training as pictures
from layerscope.study.outcome import first_loss_sentence
from layerscope.study.picturing import MOST, sheet
from layerscope.study.training import Peek
from layerscope.ui import focus, state
from layerscope.ui.lab import runner, train_said
from layerscope.ui.lab.runner import ENDED, PAUSED, Seen
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.whose import here
from layerscope.ui.stage.stage import Event, stage

SECONDS = 0.33
"""Between two looks at it."""
CURVES_HEIGHT, NARROW_HEIGHT, LOW_HEIGHT = 260, 460, 240


def follow(token: str, is_paused: bool = False, is_stopped: bool = False) -> None:
    """Where the keyboard goes on after a press on a button that another one takes the place of. Where a training ends
    by itself nobody has pressed anything, and the page stays where it is."""
    button = "go-further" if is_stopped else "continue" if is_paused else "pause"
    focus.follow("train", (token, is_paused, is_stopped), f".st-key-train-{button} button")


def draw_empty(classes: int, steps: int) -> None:
    """The curves before there are any, so that the drawing program is there when they come."""
    curves = _card("", pictures.curves((), classes, steps, state.session().narrow))
    stage({"figures": [curves], "narrow": state.session().narrow}, key="train-live", on_event=_on_event)


def draw(token: str, seen: Seen) -> None:
    """Draw it, again and again while it goes on: only this part of the page."""
    watch = st.fragment(_watch, run_every=SECONDS if seen.state != ENDED else None)
    watch(token, seen.state != ENDED)


def _watch(token: str, was_busy: bool) -> None:
    seen = runner.look(token, here())
    if seen is None or (was_busy and seen.state == ENDED):
        st.rerun()  # the whole page: the result is below
    if was_busy:
        _controls(token, seen)
        follow(token, seen.state == PAUSED)
    stage({"figures": _figures(seen), "narrow": state.session().narrow}, key="train-live", on_event=_on_event)
    if (first := next((row.loss for row in seen.rows if row.loss is not None), None)) is not None:
        say(first_loss_sentence(first, len(seen.data.classes)), role="")


def _controls(token: str, seen: Seen) -> None:
    moment = seen.moment
    done = moment.step / max(moment.steps, 1) if moment else 0.0
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train-controls"):
        if seen.state == PAUSED:
            st.button("Continue", key="train.continue", icon=":material/play_arrow:",
                      on_click=runner.pause, args=(token, False))  # fmt: skip
        else:
            st.button("Pause", key="train.pause", icon=":material/pause:", on_click=runner.pause, args=(token, True))
        st.button("Stop", key="train.stop", icon=":material/stop:", on_click=runner.stop, args=(token,))
        st.progress(min(done, 1.0), train_said.progress(seen))


def _figures(seen: Seen) -> list[dict[str, Any]]:
    found = [_curves(seen)]
    if (peek := seen.peek) is not None:
        found += [_says(seen, peek), *_insides(peek, seen.data.label(int(peek.places[0])))]
    return found


def _curves(seen: Seen) -> dict[str, Any]:
    steps = seen.moment.steps if seen.moment else train_said.planned(seen.data, seen.plan)
    if seen.state == ENDED and seen.rows:
        steps = seen.rows[-1].step  # what was planned after it never came
    drawn = pictures.curves(seen.rows, len(seen.data.classes), steps, state.session().narrow)
    return _card(train_said.numbers(seen), drawn, train_said.progress(seen))


def _card(numbers: str, drawn: dict[str, Any], progress: str = "") -> dict[str, Any]:
    colours = [("training batch", pictures.BLUE), ("held-out images", pictures.ORANGE)]
    entries = [{"label": label, "color": color} for label, color in colours]
    return {
        "key": "train-curves", "title": "Learning curves", "note": numbers, "description": f"{progress} {numbers}",
        "height": NARROW_HEIGHT if state.session().narrow else CURVES_HEIGHT,
        "guide": {"label": "Colors", "hint": "", "entries": entries}, **drawn,
    }  # fmt: skip


def _says(seen: Seen, peek: Peek) -> dict[str, Any]:
    """What it says of some held-out images."""
    classes = seen.data.classes
    labels = [seen.data.label(place) for place in peek.places.tolist()]
    guesses = [classes[at] for at in peek.probabilities.argmax(1).tolist()]
    return {
        "key": "train-says", "title": f"Predictions for {len(labels)} held-out images", "height": LOW_HEIGHT,
        "note": "framed: the correct class",
        "description": "; ".join(f"{one}, predicted as {guess}" for one, guess in zip(labels, guesses, strict=True)),
        **pictures.predictions(labels, classes, peek.probabilities.tolist()),
    }  # fmt: skip


def _insides(peek: Peek, label: str) -> Iterator[dict[str, Any]]:
    """Maps and kernels of the first convolution."""
    if peek.maps is not None:
        yield {
            "key": "train-maps", "title": f"Feature maps of {peek.layer}", "height": LOW_HEIGHT,
            "note": f"for the first of these images: {label}{train_said.first(MOST, len(peek.maps), 'maps')}",
            "description": f"{len(peek.maps)} maps",
            **pictures.tiles(sheet(peek.maps)),
        }  # fmt: skip
    if peek.kernels is not None:
        yield {
            "key": "train-weights", "title": f"Kernels of {peek.layer}", "height": LOW_HEIGHT,
            "note": f"of the first input channel{train_said.first(MOST, len(peek.kernels), 'filters')}",
            "description": f"{len(peek.kernels)} kernels",
            **pictures.tiles(sheet(peek.kernels[:, 0]), around_zero=True),
        }  # fmt: skip


def _on_event(event: Event) -> None:
    if event["key"] == "narrow":
        state.session().narrow = event["value"] is True
