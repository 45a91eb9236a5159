"""The teacher's form as text, so that a reload of the page loses nothing of it."""

import json
from contextlib import suppress
from typing import Any

from layerscope import limits
from layerscope.assignment import LONGEST_QUESTION
from layerscope.link import LinkError, decode, encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.quiz.setting import LARGEST_SEED, SOURCES
from layerscope.text import is_whole
from layerscope.ui import remembered, state

FIELDS = (
    "page", "question", "about", "seed", "free", "rest", "own_copy", "predict", "layer", "value", "large", "silent",
)  # fmt: skip
_NOTHING: dict[str, Any] = {
    "page": "explore", "question": "", "seed": 1, "free": [], "rest": "open",
    "own_copy": False, "predict": "nothing", "large": False, "silent": False,
}  # fmt: skip


_FOLLOWED = "teach.explore"


def follow_explore(any_guess: str) -> None:
    """The form begins with the projector and the predictions as Explore has them, and follows when they change there.

    `any_guess` is what the form calls a prediction about anything, which is Explore's.
    """
    usual = _as_explore(any_guess)
    before = remembered.kept(_FOLLOWED, dict[str, Any]())
    for name, value in usual.items():
        if before.get(name) != value:
            remembered.remember(f"teach.{name}", value)
    remembered.remember(_FOLLOWED, usual)


def _as_explore(any_guess: str) -> dict[str, Any]:
    view = state.session().view
    return {"large": view.type_size == "large", "predict": any_guess if view.predict == "on" else _NOTHING["predict"]}


def written(network: Network, any_guess: str) -> str:
    """What stands in the form and which network it is about, as JSON; "" for a form that nobody has touched."""
    untouched = _NOTHING | _as_explore(any_guess)
    values = {name: remembered.widget_value(f"teach.{name}") for name in FIELDS}
    told = {name: value for name, value in values.items() if value is not None and value != untouched.get(name)}
    if network != PRESETS[DEFAULT]:
        with suppress(LinkError):  # too long: a reload forgets the network, not the form
            told["net"] = encode(network)
    elif told.keys() <= {"about", "layer", "value"}:
        return ""
    return json.dumps(told) if told else ""


def restore(text: str, pages: tuple[str, ...], rests: tuple[str, ...], predicts: tuple[str, ...]) -> None:
    """Fill the form with what `written` gave; what does not fit any more is left out."""
    try:
        told = json.loads(text) if len(text) <= limits.CLASS_TEXT.most else None
    except (ValueError, RecursionError):
        return
    if not isinstance(told, dict):
        return
    question, free = told.get("question"), told.get("free")
    fits = {
        "page": told.get("page") in pages,
        "rest": told.get("rest") in rests,
        "about": told.get("about") in SOURCES,
        "question": isinstance(question, str) and len(question) <= LONGEST_QUESTION and is_whole(question),
        "seed": type(told.get("seed")) is int and 1 <= told["seed"] <= LARGEST_SEED,
        "free": isinstance(free, list) and all(isinstance(name, str) and is_whole(name) for name in free),
        "predict": told.get("predict") in predicts,
        **{name: isinstance(told.get(name), str) and is_whole(told[name]) for name in ("layer", "value")},
        **{name: type(told.get(name)) is bool for name in ("own_copy", "large", "silent")},
    }
    for name, is_fit in fits.items():
        if is_fit:
            remembered.remember(f"teach.{name}", told[name])
    if isinstance(told.get("net"), str) and state.session().network == PRESETS[DEFAULT]:
        try:
            state.begin_with(decode(told["net"]))
        except LinkError:
            return
