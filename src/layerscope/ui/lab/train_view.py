"""What the Train page is set to, as words of its address. Knows no screen.

data=digits  optimizer=Adam  lr=0.002  momentum=0.9  decay=0  size=50  epochs=15  augment=on  seed=0
training=<the id of one that was begun>
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from layerscope.study.plan import Plan, PlanError
from layerscope.study.sets import DIGITS, KNOWN

OWN = "own"
SETS = {DIGITS: "Handwritten digits", **{name: known.title for name, known in KNOWN.items()}, OWN: "Your own images"}
USUAL = Plan(lr=2e-3, batch=50, epochs=15)
"""With these the default network classifies more than 95 % of the held-out digits correctly after some ten seconds."""
WORDS = {
    "optimizer": "optimizer", "lr": "lr", "momentum": "momentum", "decay": "weight_decay", "size": "batch",
    "epochs": "epochs", "augment": "augmentation", "seed": "seed",
}  # fmt: skip
"""The word of each setting in the address. "batch" is a word of another page, which has another start."""
TRAINING = "training"
"""The word of the training that is shown; "run" is a word of another page."""
EVERY_WORD = ("data", *WORDS, TRAINING)
LONGEST_ID = 64
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?(e-?\d{1,2})?", re.ASCII)
_KINDS = {field.name: type(getattr(USUAL, field.name)) for field in fields(Plan)}


@dataclass(frozen=True)
class View:
    """The settings, the name of the set, and the training that is shown."""

    data: str = DIGITS
    plan: Plan = USUAL
    training: str = ""

    def words(self) -> dict[str, str]:
        """The view for an address; what is as usual has no word."""
        found = {"data": self.data if self.data != DIGITS else ""}
        for word, name in WORDS.items():
            value = getattr(self.plan, name)
            found[word] = "" if value == getattr(USUAL, name) else _written(value)
        return found | {TRAINING: self.training}

    def with_setting(self, name: str, value: Any) -> "View":
        """The view with one setting changed; as it is where the value is none."""
        try:
            return replace(self, plan=replace(self.plan, **{name: value}))
        except PlanError:
            return self


def titled(name: str) -> str:
    """A set of images as sentences call it: handwritten digits, Fashion-MNIST, your own."""
    return {DIGITS: "handwritten digits", **{name: known.title for name, known in KNOWN.items()}}.get(name, "your own")


def begun_with(name: str, plan: Plan, training: str) -> View:
    """The view of a training that was begun with a set of that name: a visitor's own images have a name each."""
    return View(name if name in SETS else OWN, plan, training)


def read(words: Mapping[str, str]) -> View:
    """The view that an address asks for. What it does not know it leaves at the usual: a view is never an error."""
    name = words.get("data", "")
    view = View(name if name in SETS else DIGITS, training=words.get(TRAINING, "")[:LONGEST_ID])
    for word, setting in WORDS.items():
        if text := words.get(word, ""):
            view = view.with_setting(setting, _value(text, _KINDS[setting]))
    return view


def _value(text: str, kind: type) -> Any:
    """A word as a value of that kind; what is none is left to the plan, which refuses it."""
    if kind is bool:
        return {"on": True, "off": False}.get(text)
    if kind is str:
        return text
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if kind is float else int(text) if text.isdecimal() else None


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
