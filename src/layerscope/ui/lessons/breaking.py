"""The part of lesson 5 that is done by hand: a number is changed, torch stops, and another number must follow."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from layerscope.decoder.decoding import decode
from layerscope.explain import reason, value_text
from layerscope.figures import flow
from layerscope.mistakes.breaks import Break, Failure, breaks, run, written
from layerscope.mistakes.mistake import UnsuitableError
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.tracing import trace
from layerscope.ui.coding import code_part
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.lessons.page import Page, Part, Task, Values
from layerscope.ui.lessons.progress import layer_option

BROKEN = "broken"
"""The key of the control that breaks the network; the others have the keys of written values."""
MOST_VALUES = 4
MOST_OPTIONS = 4
RUNS = "none, it runs"
LEAST_HIGH = 8


def ask(page: Page) -> bool:
    """One break after the other, each predicted, made and fixed; whether all were."""
    for place, made in enumerate(breaks(page.network)):
        if place:
            page.next_row()
        if not _predicted(page, made) or not page.task(f"fix_{made.key}", _task(page, made)):
            return False
    return True


def _predicted(page: Page, made: Break) -> bool:
    """Ask at which layer torch stops."""
    network = page.network
    stops, argument = made.follows.rsplit(".", 1)
    after = trace(made.changed(made.suggested))
    weighted = [label.rsplit(".", 1)[0] for label in written(network)]
    place = weighted.index(stops)
    shown = weighted[max(0, min(place - 1, len(weighted) - MOST_OPTIONS)) :][:MOST_OPTIONS]
    options = [*(layer_option(name, network.index(name)) for name in shown), RUNS]
    question = f"{_becomes(made, made.suggested)}. No other number in your code changes. Where does PyTorch stop?"
    needed = after.by_name[stops].arguments[argument]
    why = f"{stops} is the first layer that reads the change: {reason(after, after.by_name[stops], argument)}. "
    why += f"Your code still says {argument}={written(network)[made.follows]:,} instead of {needed:,}."
    return page.predict(f"where_{made.key}", question, layer_option(stops, network.index(stops)), why, options)


def _becomes(made: Break, value: int) -> str:
    return f"{made.told.format(f'{value:,}')} instead of {made.start:,}"


def _task(page: Page, made: Break) -> Task:
    layer, argument = made.follows.rsplit(".", 1)
    after = trace(made.changed(made.suggested))
    needed = after.by_name[layer].arguments[argument]
    told = f"Break it: move “{made.label}” to {made.suggested:,} or another value. Then leave it there, and fix the "
    told += "network: change the number that no longer fits."
    with_it = _becomes(made, made.suggested)
    why = f"{with_it}, so {made.follows} must be {needed:,}: {reason(after, after.by_name[layer], argument)}."
    return Task(
        told, _controls(page.network, made, {}), partial(_shown, page, made),
        partial(_is_fixed, page.network, made), f"{made.follows} follows", why,
        _controls(page.network, made, {BROKEN: made.suggested, made.follows: needed}),
    )  # fmt: skip


def _controls(network: Network, made: Break, values: Mapping[str, int]) -> list[Slider]:
    """The number that breaks it, and the written values around the one that must follow."""
    start = written(network)
    labels = list(start)
    place = labels.index(made.follows)
    around = labels[max(0, min(place - 1, len(labels) - MOST_VALUES)) :][:MOST_VALUES]
    reached = [
        trace(made.changed(value)) for value in {made.low, made.start, made.suggested, made.high}
    ]  # the largest and the smallest that may be needed
    sliders = [
        Slider(
            BROKEN, made.label, made.low, made.high, values.get(BROKEN, made.start),
            "The number that you change first.",
        )
    ]  # fmt: skip
    for label in around:
        layer, argument = label.rsplit(".", 1)
        needed = [seen.by_name[layer].arguments.get(argument, 1) for seen in reached if layer in seen.by_name]
        high = max(LEAST_HIGH, 2 ** max(*needed, start[label]).bit_length())
        help_text = "A number in your code. It must be what the layer before it outputs."
        sliders.append(Slider(label, label, 1, high, values.get(label, start[label]), help_text))
    return sliders


def _is_fixed(network: Network, made: Break, values: Values) -> bool:
    """Whether the network was broken, and runs again with the change in it."""
    own = _written(network, values)
    return (
        values[BROKEN] != made.start
        and own[made.follows] != written(network)[made.follows]
        and _failure(made.changed(values[BROKEN]), own) is None
    )


def _written(network: Network, values: Values) -> dict[str, int]:
    start = written(network)
    return start | {label: value for label, value in values.items() if label in start}


def _failure(network: Network, values: Mapping[str, int]) -> Failure | None:
    try:
        return run(network, values)
    except UnsuitableError as error:
        return Failure(network.names[0], f"Not run: {error}", "")


def _shown(page: Page, made: Break, values: Values) -> Part:
    """The code, torch's answer to it, and the tensors as far as they get."""
    network, own = made.changed(values[BROKEN]), _written(page.network, values)
    failure = _failure(network, own)
    return {
        "message": _message(page.network, made, values, failure),
        "figures": [_code(network, own, failure), _flow(page, network, failure)],
    }


def _message(network: Network, made: Break, values: Values, failure: Failure | None) -> Part:
    if failure is not None:
        decoded = decode(failure.message, None)
        says = decoded.says if decoded is not None else "Read which two numbers differ."
        title = f"{failure.layer} stops with an error"
        if not failure.label:
            says += " No other number in this list fixes that; go on with another value."
        return _part("error", title, says, failure.message)
    if _is_fixed(network, made, values):
        return _part("calm", "It runs again", f"{_becomes(made, values[BROKEN])}, and {made.follows} follows.")
    if values[BROKEN] != made.start:
        return _part("rest", "It still runs", "This value changes no number that your code holds. Try another one.")
    return _part("rest", "It runs", f"Now break it: move “{made.label}”.")


def _part(tone: str, title: str, text: str, quote: str | None = None) -> Part:
    return {"tone": tone, "title": title, "text": text, "quote": quote, "changes": [], "actions": []}


def _code(network: Network, own: Mapping[str, int], failure: Failure | None) -> Part:
    """The lines of the constructor that hold a written value, as somebody typed them."""
    seen = trace(network)
    lines, wrong = [], []
    for label, value in own.items():
        layer, argument = label.rsplit(".", 1)
        if layer not in seen.by_name:  # after the layer that fails
            continue
        lines.append(f"self.{layer} = {_call(seen, layer, argument, value)}")
        if failure is not None and failure.layer == layer:
            wrong.append(len(lines))
    images = f"# images: {' × '.join(map(str, network.input_shape))} each"
    text = "\n".join([images, *lines])
    return {
        "key": "code", "title": "Your code", "height": 56 + 18 * (len(lines) + 1), "file": "network.py",
        **code_part(text, wrong=[line + 1 for line in wrong]),
    }  # fmt: skip


def _call(seen: Trace, layer: str, argument: str, value: int) -> str:
    """A layer's call: its sizes without names, then what differs from torch's defaults."""
    step = seen.by_name[layer]
    out = argument.replace("in_", "out_")
    given: dict[str, Any] = {**step.arguments, argument: value}
    usual = type(step.layer).usual
    sizes = [str(given[name]) for name in (argument, out) if name in given and name.startswith(("in_", "out_", "num_"))]
    rest = [
        f"{name}={value_text(given[name])}"
        for name in step.layer.chosen
        if name not in (argument, out) and (name == "kernel_size" or given[name] != usual(name))
    ]
    return f"nn.{step.type}({', '.join([*dict.fromkeys(sizes), *rest])})"


def _flow(page: Page, network: Network, failure: Failure | None) -> Part:
    """The tensors up to the layer that fails."""
    seen = trace(network)
    if failure is not None and failure.label:
        seen = trace(network.first(network.index(failure.layer)))
    title = f"Tensor flow up to {failure.layer}" if failure is not None else "Tensor flow"
    return {
        "key": "flow", "title": title, "description": flow.description(seen), "height": 260, "marks": True,
        "stays": True, **flow.flow(seen, None, width=page.width, height=page.strip_height),
    }  # fmt: skip
