"""Lesson 6: counting weights and biases, and why a smaller kernel can give a bigger network."""

from typing import Any

from layerscope.changes import Ripple
from layerscope.explain import reason, value_text
from layerscope.figures import bars
from layerscope.formatting import percent, shape_text
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.story import story
from layerscope.tracing import trace
from layerscope.ui import parts
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.lessons.page import BRANCHES, Page
from layerscope.ui.lessons.progress import layer_option
from layerscope.ui.lessons.smaller import MOST_KERNEL, changed, closing, convolutions, kernels, reader
from layerscope.ui.session import Session

Part = dict[str, Any]
MOST_OPTIONS = 4
MORE, FEWER, SAME = "more", "fewer", "the same number"


def needs(network: Network) -> str:
    """What a network must have: a last convolution whose kernel can change, and a linear layer after it."""
    if not network.is_chain:
        return BRANCHES
    seen = trace(network)
    if not convolutions(seen) or reader(seen) is None:
        return "it has no convolution with a linear layer after it"
    name = convolutions(seen)[-1].name
    return "" if _other(network) else f"{name} does not run with any other kernel_size"


def body(page: Page) -> None:
    """Two layers counted by hand, the largest one guessed, then another kernel: first fc1, then the total."""
    page.say(
        "Training changes the numbers in two tensors of a layer: its **weight** and its **bias**. Both count. "
        "A **convolution** has `out_channels` **filters**. That is their number, not their **depth**: each is "
        f"{_depth(page.trace)}. Every filter, and every output of a linear layer, has one bias too, unless you "
        "pass `bias=False`. It is easy to forget."
    )
    known = _counted(page)
    largest = _largest(page) if len(known) == 2 else None
    if largest and _other_kernel(page):
        _try(page)
        return
    figures = [_bars(page.trace)] if largest else []
    page.figures("count", figures, tables=[_table(page.trace, None if largest else known)])


def _depth(seen: Trace) -> str:
    """How deep a filter is, in the simplest words that are true of the network."""
    if any(step.arguments["groups"] > 1 for step in convolutions(seen)):
        return "`in_channels / groups` deep, as each of the **groups** reads its own channels"
    return "`in_channels` deep"


def _counted(page: Page) -> set[str]:
    """Ask for the parameters of a convolution and of a linear layer, the easiest to count; which are known now."""
    known: set[str] = set()
    linear = [step for step in page.trace.steps if step.type == "Linear"]
    conv = min(convolutions(page.trace), key=lambda step: (step.input_shape[0] == 1, step.parameters))
    small = min(linear, key=lambda step: step.parameters)
    for key, step in (("conv", conv), ("linear", small)):
        wanted = ("in_channels", "in_features", "out_channels", "out_features", "kernel_size")
        usual = {"groups": 1, "bias": True}
        told = [f"{name}={value_text(step.arguments[name])}" for name in wanted if name in step.arguments]
        told += [f"{name}={v}" for name, v in step.arguments.items() if usual.get(name, v) != v]
        question = f"{step.name} has {', '.join(told)}. How many numbers do its weight and bias hold together?"
        if not page.predict(key, question, f"{step.parameters:,}", _why_so_many(step)):
            return known
        known.add(step.name)
    return known


def _why_so_many(step: Step) -> str:
    formula = next(check.formula for check in step.checks if check.formula.quantity == "parameters")
    written = f"{formula.symbols} = {formula.filled} = {step.parameters:,}"
    if step.bias_shape is None or step.weight_shape is None:
        return f"There is no bias, only the weight: {written}."
    bias = step.bias_shape[0]
    shape = shape_text(step.weight_shape)
    return f"The weight {shape} holds {step.parameters - bias:,} numbers, and the bias {bias:,}: {written}."


def _largest(page: Page) -> bool:
    """Ask which layer has the most."""
    ranked: dict[int, Step] = {}
    for step in page.trace.steps:
        if step.parameters:
            ranked.setdefault(step.parameters, step)
    shown = [ranked[count] for count in sorted(ranked, reverse=True)[:MOST_OPTIONS]]
    if len(shown) < 2:
        return True
    part = percent(shown[0].parameters / page.trace.parameters)
    formula = next(check.formula for check in shown[0].checks if check.formula.quantity == "parameters")
    why = f"{shown[0].name} has {part} of all {page.trace.parameters:,}: {formula.filled} = {shown[0].parameters:,}."
    order = sorted(shown, key=lambda step: page.network.index(step.name))
    options = [layer_option(step.name, page.network.index(step.name)) for step in order]
    question = "Which layer has the most weights and biases?"
    return page.predict("most", question, layer_option(shown[0].name, page.network.index(shown[0].name)), why, options)


def _other_kernel(page: Page) -> bool:
    """Ask what another kernel_size of the last convolution does, first to the linear layer, then to the total."""
    kernel = _other(page.network)
    seen = changed(page.network, kernel)
    conv, taker = convolutions(page.trace)[-1], reader(seen.after)
    if taker is None:  # it was there before
        return True
    old = value_text(conv.arguments["kernel_size"])
    first = f"{conv.name}.kernel_size becomes {kernel} instead of {old}. What must {taker.name}.in_features be then?"
    then, now = conv.output_shape or (), seen.after.by_name[conv.name].output_shape or ()
    instead = "as before" if now == then else f"instead of {shape_text(then)}"
    way = seen.after.steps[seen.after.network.index(conv.name) : seen.after.network.index(taker.name)]
    fixing = next((step for step in way if step.type.startswith("Adaptive") and step.output_shape), None)
    fixed = f", of which {fixing.name} always makes {shape_text(fixing.output_shape or ())}" if fixing else ""
    why = f"{conv.name} outputs {shape_text(now)} {instead}{fixed}. {taker.name} reads "
    why += f"{reason(seen.after, taker, 'in_features')}."
    if not page.predict("features", first, f"{taker.arguments['in_features']:,}", why):
        return False
    before, after = seen.before.parameters, seen.after.parameters
    answer = SAME if before == after else MORE if after > before else FEWER
    second = f"With kernel_size {kernel}, how many weights and biases does the whole network have?"
    return page.predict("total", second, answer, story(seen), [MORE, FEWER, SAME])


def _try(page: Page) -> None:
    """The slider: everything that the last convolution's kernel changes."""
    network, conv = page.network, convolutions(page.trace)[-1]
    page.tell(closing(network))
    given = conv.arguments["kernel_size"]
    usual = given if type(given) is int else max(given)
    runs = kernels(network)
    slider = Slider(
        "kernel", f"{conv.name}.kernel_size", min(runs[0], usual), max(runs[-1], usual), usual,
        "Height and width of each kernel of the last convolution.",
    )  # fmt: skip
    page.moving("course" if page.is_course else "mine", [slider], lambda values: _shown(network, values["kernel"]))


def _shown(network: Network, kernel: int) -> Part:
    seen = changed(network, kernel)
    totals = [_tile("parameters", "Parameters", f"{seen.before.parameters:,}", f"{seen.after.parameters:,}")]
    for step, what in ((reader(seen.before), "in_features"), (convolutions(seen.before)[-1], "output")):
        if step and (now := seen.after.by_name.get(step.name)) and now.output_shape:
            totals.append(_tile(what, f"{step.name}.{what}", _value(step, what), _value(now, what)))
    return {
        "totals": totals,
        "message": parts.message(Session(), seen) | {"actions": [], "changes": []},
        "figures": [_bars(seen.after, seen.touched)],
        "tables": [_table(seen.after, None, seen)],
    }


def _value(step: Step, what: str) -> str:
    return shape_text(step.output_shape or ()) if what == "output" else f"{step.arguments[what]:,}"


def _tile(key: str, label: str, old: str, new: str) -> Part:
    return {"key": key, "label": label, "value": new, "change": f"was {old}" if old != new else None, "help": ""}


def _bars(seen: Trace, changed: frozenset[str] = frozenset()) -> Part:
    return {
        "key": "bars", "title": "Weights and biases by layer", "description": bars.description(seen), "height": 270,
        "marks": True, "note": bars.legend(seen, bars.Measure.WEIGHTS), **bars.bars(seen, changed=changed, width=380),
    }  # fmt: skip


def _table(seen: Trace, known: set[str] | None, change: Ripple | None = None) -> Part:
    """Every layer with weights; the counts of the layers in `known`, or all of them."""
    rows = []
    for step in seen.steps:
        if step.weight_shape is not None:
            count = f"{step.parameters:,}" if known is None or step.name in known else "?"
            cells = [step.name, shape_text(step.weight_shape), shape_text(step.bias_shape or ()) or "none", count]
            lit = change.of(step.name, "parameters") is not None if change else bool(known) and count != "?"
            rows.append({"key": step.name, "cells": cells, "tone": "ok", "lit": lit, "selected": False})
    columns = [{"label": name, "align": "left"} for name in ("layer", "weight", "bias")]
    return {
        "key": "count", "caption": "The tensors that training changes", "rows": rows,
        "columns": [*columns, {"label": "parameters", "align": "right"}],
        "foot": ["total", "", "", f"{seen.parameters:,}" if known is None else "?"],
    }  # fmt: skip


def _other(network: Network) -> int:
    """A smaller kernel_size that runs, two less if possible; a larger one where there is none; 0 for none at all."""
    now = convolutions(trace(network))[-1].arguments["kernel_size"]
    size = now if type(now) is int else min(now)
    runs = kernels(network)
    wanted = [size - 2, *range(size - 1, 0, -1), size + 2, *range(size + 1, MOST_KERNEL + 1)]
    return next((k for k in wanted if k in runs), 0)
