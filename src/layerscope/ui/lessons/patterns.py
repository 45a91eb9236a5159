"""Lesson 8: patterns that many architectures share, in numbers."""

from typing import Any

from layerscope.figures import profile
from layerscope.formatting import compact, percent
from layerscope.network import Network
from layerscope.presets import PRESETS, TITLES
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from layerscope.ui.lessons.page import BRANCHES, Page

KNOWN = ("lenet5", "alexnet", "vgg16")
FAMOUS = "vgg16"
BOTH_WIDTHS = 400
"""Pixels: the picture must be legible on a phone too."""
GROW, STAY, SHRINK = "they grow", "they stay", "they shrink"
CONVOLUTIONS, LINEARS, EQUAL = "the convolutions", "the Linear layers", "both the same"


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    if not network.is_chain:
        return BRANCHES
    seen = trace(network)
    return "" if _convolutions(seen) and _linears(seen) else "it does not have both convolutions and Linear layers"


def body(page: Page) -> None:
    """Shapes first, then where the weights and the work are, then the famous networks side by side."""
    page.say(
        f"{_names()} are three networks that many later ones are modeled on. What happens to the **channels** from "
        "layer to layer? And where are most of the **weights** and most of the work? " + _beside(page)
    )
    known = _channels(page)
    seen = _network_to_show(page) if known else trace(PRESETS[FAMOUS])
    title = "By layer" if known else f"{TITLES[FAMOUS]}: the height"
    page.figures("profile", [_figure(seen, title, known)])
    if known:
        page.next_row()
        if tables := _tables(page, _counted(page)):
            page.figures("where", [], tables=tables)


def _channels(page: Page) -> bool:
    """Ask how the channels go; whether that was answered."""
    famous = trace(PRESETS[FAMOUS])
    shrinks = f"from {famous.network.input_shape[1]} to {famous.by_name['flatten'].input_shape[1]}"
    first, last = (_convolutions(famous)[end].arguments["out_channels"] for end in (0, -1))
    grown = (
        f"{TITLES[FAMOUS]} goes from {first} to {last} channels: fewer positions, but more kinds of features at each."
    )
    way = GROW if last > first else SHRINK if last < first else STAY
    question = f"In {TITLES[FAMOUS]} the height shrinks {shrinks}. What do the channels do meanwhile?"
    if not page.predict("channels", question, way, grown, (GROW, STAY, SHRINK)):
        return False
    features = [f"{step.arguments['out_features']:,}" for step in _linears(famous)]
    page.say(
        f"Halve the height and width and double the channels, and a convolution needs as many MACs as before: a "
        f"quarter of the positions, four times the weights. After its **flatten**, {TITLES[FAMOUS]} has "
        f"{', then '.join(features)} **features**."
    )
    page.tell(course_of(page.trace))
    return True


def _counted(page: Page) -> int:
    """Ask where the weights and the work are, one question after the other; how many were answered."""
    seen, famous = page.trace, trace(PRESETS[FAMOUS])
    weights = [sum(step.parameters for step in kind) for kind in (_convolutions(seen), _linears(seen))]
    if not page.predict("weights", "Which layers of this network hold more weights and biases?", _more(*weights),
                        _sums(weights, "weights and biases"), _options(weights)):  # fmt: skip
        return 1
    work = [sum(step.macs for step in kind) for kind in (_convolutions(seen), _linears(seen))]
    why = f"A kernel is used again at every position, a Linear weight only once. {_sums(work, 'MACs')}"
    page.say("Work is counted in **MACs** (multiply-accumulates): one multiplication and one addition.")
    if not page.predict("work", "Which layers of this network need more multiply-accumulates for one sample?",
                        _more(*work), why, _options(work)):  # fmt: skip
        return 2
    totals = {TITLES[key]: _in_linears(trace(PRESETS[key])) for key in KNOWN}
    why = "; ".join(f"{name} {count:,}" for name, count in totals.items()) + "."
    if not page.predict("linear", "Which of these has the most weights and biases in its Linear layers?",
                        max(totals, key=totals.__getitem__), why, tuple(totals)):  # fmt: skip
        return 3
    one = _linears(famous)[0]
    share = round(100 * one.parameters / famous.parameters)
    why = (
        f"Each of its {one.arguments['in_features']:,} inputs is connected to each of its "
        f"{one.arguments['out_features']:,} outputs: {one.parameters:,} of {famous.parameters:,}. Many later networks "
        "put an AdaptiveAvgPool2d(1) before it, which leaves one value per map."
    )
    options = tuple(f"about {part} in 100" for part in sorted({share, 100 - share, share // 10, 50}))
    question = f"What share of all weights and biases of {TITLES[FAMOUS]} does its first Linear layer hold?"
    return 5 if page.predict("first", question, f"about {share} in 100", why, options) else 4


def _names() -> str:
    *others, last = (TITLES[key] for key in KNOWN)
    return f"{', '.join(others)} and {last}"


def _beside(page: Page) -> str:
    if _is_known(page.network):
        return "The network on the right is one of them."
    shown = "The default network" if page.is_course else "Yours"
    return f"{shown} is compared with them."


def _is_known(network: Network) -> bool:
    return network in [PRESETS[key] for key in KNOWN]


def course_of(seen: Trace) -> str:
    """How height, channels and features go in a network, in numbers; each run of equal ones once."""
    told = [f"{line.name} {_run(line.values)}" for line in profile.lines(seen)]
    return f"In this network, from the input on: {'; '.join(told)}."


def _run(values: tuple[int | None, ...]) -> str:
    known = [value for value in values if value is not None]
    kept = [value for place, value in enumerate(known) if place == 0 or value != known[place - 1]]
    return ", ".join(f"{value:,}" for value in kept)


def _convolutions(seen: Trace) -> list[Step]:
    return [step for step in seen.steps if step.layer.stem == "conv" and "out_channels" in step.arguments]


def _linears(seen: Trace) -> list[Step]:
    return [step for step in seen.steps if step.type == "Linear"]


def _in_linears(seen: Trace) -> int:
    return sum(step.parameters for step in _linears(seen))


def _more(convolutions: int, linears: int) -> str:
    return EQUAL if convolutions == linears else CONVOLUTIONS if convolutions > linears else LINEARS


def _options(counts: list[int]) -> tuple[str, ...]:
    return (CONVOLUTIONS, LINEARS, EQUAL) if counts[0] == counts[1] else (CONVOLUTIONS, LINEARS)


def _sums(counts: list[int], unit: str) -> str:
    return f"Convolutions: {counts[0]:,} {unit}. Linear layers: {counts[1]:,}."


def _network_to_show(page: Page) -> Trace:
    names = {TITLES[key]: trace(PRESETS[key]) for key in reversed(KNOWN)}
    if not _is_known(page.network):
        names["This network"] = page.trace
    return names[page.pick("shown", "Shown", list(names), TITLES[FAMOUS])]


def _figure(seen: Trace, title: str, widths: bool) -> dict[str, Any]:
    return {
        "key": "profile", "title": title, "description": profile.description(seen, widths), "height": 420,
        "note": profile.legend(seen, widths), **profile.profile(seen, widths=widths, height=380, width=BOTH_WIDTHS),
    }  # fmt: skip


def _tables(page: Page, known: int) -> list[dict[str, Any]]:
    """What was predicted so far, in numbers; nothing of what is still to be asked."""
    if known < 2:
        return []
    famous = {TITLES[key]: trace(PRESETS[key]) for key in KNOWN}
    name = next((name for name, seen in famous.items() if seen.network == page.network), "this network")
    networks = {name: page.trace} | (famous if known >= 4 else {})
    columns = [
        "network",
        "weights in conv",
        "weights in Linear",
        "MACs in conv",
        "MACs in Linear",
        "first Linear's share",
    ]
    shown = columns[: {2: 3, 3: 5, 4: 5}.get(known, 6)]
    rows = [_row(name, seen)[: len(shown)] for name, seen in networks.items()]
    return [{
        "key": "where", "caption": "Where the weights (with biases) and the work are", "foot": [],
        "columns": [{"label": name, "align": "right" if i else "left"} for i, name in enumerate(shown)],
        "rows": [{"key": row[0], "cells": row, "tone": "ok", "lit": False, "selected": False} for row in rows],
    }]  # fmt: skip


def _row(name: str, seen: Trace) -> list[str]:
    kinds = _convolutions(seen), _linears(seen)
    values = [sum(step.parameters for step in kind) for kind in kinds]
    work = [sum(step.macs for step in kind) for kind in kinds]
    share = kinds[1][0].parameters / seen.parameters
    return [name, *(f"{compact(count)}" for count in (*values, *work)), percent(share)]
