"""Lesson 2: who decides each value, and what follows when the data changes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from layerscope.changes import Ripple, ripple
from layerscope.explain import as_sentence, reason, role_text, value_text, with_reason
from layerscope.figures import flow
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.parameter import LARGEST_WIDTH, Role
from layerscope.steps import Step, Trace
from layerscope.story import story
from layerscope.tracing import trace
from layerscope.ui import parts
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.lessons.page import Page
from layerscope.ui.lessons.progress import LONGEST
from layerscope.ui.session import Session

Part = dict[str, Any]
ROLES = {Role.YOU: "you", Role.DATA: "the data", Role.LAYER: "the layer before"}
WIDTHS = ("in_channels", "in_features", "out_channels", "out_features")
MOST_SORTED = 6
MOST_OPTIONS = 4


class Value(NamedTuple):
    """One row of the table."""

    step: Step
    argument: str

    @property
    def label(self) -> str:
        return f"{self.step.name}.{self.argument}"

    @property
    def role(self) -> Role:
        return self.step.decisions[self.argument].role


def needs(network: Network) -> str:
    """What a network must have: values of each kind."""
    roles = {value.role for value in _values(trace(network))}
    if Role.LAYER not in roles:
        return "none of its layers decides a value of a later layer"
    if Role.DATA not in roles:
        return "the data decides none of its values"
    return "" if Role.YOU in roles else "it has no number of channels or features to choose"


def body(page: Page) -> None:
    """Sort the values; then the images change, then the classes; at the end, both can be changed."""
    page.say(
        "A network's constructor holds three kinds of values. Some you choose: **hyperparameters**. No rule "
        "determines them; people start with what worked before and tune it by trial and error. Some follow from the "
        "data: from the input, or from the number of classes. The rest follow from the layer before."
    )
    values = _values(page.trace)
    asked = _to_sort(values)
    known: set[str] = set()
    for place, value in enumerate(asked):
        question = f"Who decides {value.label}?"
        number = value_text(value.step.arguments[value.argument])
        told = f"{int(number):,}" if number.isdecimal() else number
        because = reason(page.trace, value.step, value.argument).removesuffix(f": {number}")
        why = f"{value.label} is {told}{with_reason(page.trace, because)}."
        if not page.predict(f"who{place}", question, ROLES[value.role], why, list(ROLES.values())):
            page.figures("sort", [], tables=[_table(page.trace, known)])
            return
        known.add(value.label)
    seen = ripple(page.trace, page.trace)
    for key, new, words in _other_data(page.network):
        coming = ripple(page.trace, trace(new))
        if not _ask_what_changes(page, key, words, coming):
            page.figures("sort", **_shown(seen))
            return
        seen = coming
    _try(page)


def _values(seen: Trace) -> list[Value]:
    """The table: of up to five layers the widths and the kernel_size."""
    weighty = [step for step in seen.steps if not {*WIDTHS}.isdisjoint(step.decisions)]
    sliding = [step for step in weighty if "in_channels" in step.decisions]
    linear = [step for step in weighty if "in_features" in step.decisions]
    names = {step.name for step in (*sliding[:2], *linear[:2], *weighty[-1:])}
    wanted = (*WIDTHS, "kernel_size")
    return [
        Value(step, argument)
        for step in weighty
        if step.name in names
        for argument in step.arguments
        if argument in wanted
    ]


def _to_sort(values: Sequence[Value]) -> list[Value]:
    """Six of them, two of each kind where there are two, in the order of the table."""
    picked: dict[str, Value] = {}
    for role in ROLES:
        different = {value.argument: value for value in reversed(values) if value.role is role}
        first = [value for value in values if different.get(value.argument) is value][:2]
        picked |= {value.label: value for value in first}
    for value in values:
        if len(picked) < MOST_SORTED:
            picked.setdefault(value.label, value)
    return [value for value in values if value.label in picked]


def _other_data(network: Network) -> list[tuple[str, Network, str]]:
    """The two changes of the data that run: another kind of input, another number of classes."""
    shape, classes = network.input_shape, network.classes
    found = []
    image = len(shape) == 3
    channels = (3 if shape[0] != 3 else 1) if image else min(shape[0] + 1, LARGEST_WIDTH)
    new = (channels, *shape[1:])
    words = {3: "The images become RGB", 1: "The images become grayscale"}[channels] if image else "The data changes"
    found.append(("input", network.with_input(new), f"{words}: {shape_text(new)} instead of {shape_text(shape)}."))
    if classes is not None and network.head is not None:
        many = 100 if classes != 100 else 10
        found.append(("classes", network.with_classes(many), f"The data has {many} classes instead of {classes:,}."))
    return [(key, new, words) for key, new, words in found if new != network and trace(new).error is None]


def _ask_what_changes(page: Page, key: str, words: str, coming: Ripple) -> bool:
    """Ask which value of the table changes; where it is not one, how many."""
    values = _values(page.trace)
    changes = {change.label: change for change in coming.decided}
    changed = [value for value in values if value.label in changes]
    told = ", ".join(
        f"{value.label} {value_text(changes[value.label].old)} → {value_text(changes[value.label].new)}"
        for value in changed
    )
    why = f"{told or 'None of them changes'}. {_why_no_more(coming)}{story(coming)}"
    if len(changed) != 1:
        return page.predict(key, f"{words} How many values in the table change?", str(len(changed)), why)
    ranked = sorted(values, key=lambda value: (value not in changed, value.role is Role.YOU))
    options = [_option(value, page.network) for value in values if value in ranked[:MOST_OPTIONS]]
    question = f"{words} Which value in the table changes?"
    return page.predict(key, question, _option(changed[0], page.network), why, options)


def _why_no_more(coming: Ripple) -> str:
    """Why nothing changes after the changed layer."""
    if coming.shapes or not coming.decided:
        return ""
    last = coming.decided[-1].layer
    return f"The output of {last} keeps its shape, so nothing after it changes. "


def _option(value: Value, network: Network) -> str:
    if len(value.label) <= LONGEST:
        return value.label
    return f"layer {network.index(value.step.name) + 1} {value.argument}"


def _try(page: Page) -> None:
    """Sliders for the data; the table shows what follows."""
    page.say(
        "Now change the data yourself. The data decides the first layer's input size and, in a classifier, the last "
        "layer's output size. A linear layer has no channels: its `in_features` are the `out_features` of the layer "
        "before, or the number of values after **flatten**."
    )
    network, first = page.network, page.network.input_shape[0]
    image = len(network.input_shape) > 1
    label, most = ("input channels", max(4, first)) if image else ("input values", min(2 * first, LARGEST_WIDTH))
    sliders = [Slider("first", label, 1, most, first, "How many channels (or values) one sample has.")]
    if network.classes is not None and network.head is not None:
        most = max(100, network.classes)
        sliders.append(Slider("classes", "classes", 1, most, network.classes, "How many classes the data has."))

    def show(now: dict[str, int]) -> Part:
        other = network.with_input((now["first"], *network.input_shape[1:]))
        other = other.with_classes(now["classes"]) if "classes" in now else other
        seen = ripple(page.trace, trace(other))
        return _shown(seen, [_flow(page, seen)])

    page.moving("course" if page.is_course else "mine", sliders, show)


def _shown(seen: Ripple, figures: Sequence[Part] = ()) -> Part:
    """The table with what changed lit, and in words what happened."""
    told = parts.message(Session(), seen) | {"actions": [], "changes": []}
    if seen.is_empty:  # as large as what comes, so that nothing moves when it does
        told |= {
            "tone": "rest",
            "title": "Try it: drag a slider",
            "text": "The values that follow are marked in the table.",
        }
    return {"figures": list(figures), "tables": [_table(seen.after, None, seen)], "message": told}


def _flow(page: Page, seen: Ripple) -> Part:
    before = {change.layer: change.old for change in seen.shapes}
    base = flow.shapes_of(seen.before.network)
    river = flow.flow(seen.after, None, seen.touched, before=before, base=base, width=400, height=page.strip_height)
    return {
        "key": "flow", "title": "Tensor flow", "description": flow.description(seen.after), "height": 260,
        "marks": True, "note": flow.legend(seen.after, seen.touched, river), **river,
    }  # fmt: skip


def _table(now: Trace, known: set[str] | None, seen: Ripple | None = None) -> Part:
    """The rows; who decides, and why, only for the values in `known`, or for all of them."""
    rows = []
    for value in _values(now):
        step, argument = value
        told = known is None or value.label in known
        why = [role_text(step, argument), as_sentence(now, reason(now, step, argument))] if told else ["?", ""]
        cells = [step.name, argument, value_text(step.arguments[argument]), *why]
        lit = seen is not None and seen.of(step.name, argument) is not None
        rows.append({"key": value.label, "cells": cells, "tone": "ok", "lit": lit, "selected": False})
    names = ("layer", "parameter", "value", "decided by", "why")
    columns = [{"label": name, "align": "right" if name == "value" else "left"} for name in names]
    return {"key": "sort", "caption": "Where each value comes from", "columns": columns, "rows": rows, "foot": None}
