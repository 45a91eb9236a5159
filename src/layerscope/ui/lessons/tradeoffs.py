"""Lesson: what a larger kernel and more filters cost, and which settings are better in everything."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from layerscope.explain import written_count
from layerscope.figures import flow, sweeping
from layerscope.figures.sweep_words import named
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv2d
from layerscope.layers.linear import Linear
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.sweep import Sweep
from layerscope.tracing import trace
from layerscope.ui.lab import sweep_run
from layerscope.ui.lessons.page import Page, Part

KERNELS = range(1, 12)
FEW = 60
"""Layers up to which both kernels take all of these values; in larger networks only the odd ones."""
FALLS, STAYS, GROWS = "it falls", "it stays the same", "it grows"
TIMES = ("about 2 times", "about 3 times", "about 4 times", "about 8 times")
YES, NO = "yes", "no"


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    if trace(network).error is not None:
        return "it does not run"
    found = list(_square(network))
    if len(found) < 2 or not _reader(network) or not list(_convolutions(network)):
        return "it has no two Conv2d layers before a Linear layer"
    if len(_runs(_swept(network, found[0]))) < 2:
        return f"{found[0].name} can have no other kernel_size"
    return "" if trace(_wider(network)).error is None else "not all its Conv2d layers can have twice as many filters"


def body(page: Page) -> None:
    """One kernel over a range, the widths doubled, then two kernels at once; each with its prediction."""
    network = page.network
    first, second = list(_square(network))[:2]
    page.say(
        "Hyperparameters are chosen by trial and error. Many trials need no training at all: what a setting costs, and "
        "whether it runs at all, is known at once. Trying a range of values one after the other is called a **sweep**."
    )
    one = _swept(network, first)
    if not _kernel(page, one, first.name):
        page.figures("before", [_flow(page)])
        return
    page.next_row()
    if not _plateau(page, one, first.name):
        return
    page.next_row()
    if not _widths(page):
        return
    page.next_row()
    if not _better(page, first.name, second.name):
        return
    page.say(
        "Where no setting is better in everything, you have a **trade-off**: to pay less of one, you pay more of "
        "another. The Sweep page, in the Lab, sweeps any parameter over your own range, and finds all settings that "
        "meet a condition such as `parameters <= 50_000 and macs <= 200_000`. It cannot tell how well a network "
        "learns: to find out, train the settings that are left."
    )


def _square(network: Network) -> Iterator[Layer]:
    """The convolutions whose kernel is one number."""
    for row in network.layers:
        if isinstance(row, Conv2d) and not row.of and type(row.kernel_size) is int:
            yield row


def _reader(network: Network) -> str:
    """The first Linear, whose in_features follow from the maps."""
    return next((row.name for row in network.layers if isinstance(row, Linear)), "")


def _swept(network: Network, row: Layer) -> Sweep:
    return sweep_run.at_once(network, {f"{row.name}.kernel_size": KERNELS})


def _now(network: Network, name: str) -> int:
    return int(network[name].chosen["kernel_size"])


def _kernel(page: Page, one: Sweep, name: str) -> bool:
    """Ask what a larger kernel makes of the whole network's parameter count."""
    network, key, frame = page.network, f"{name}.kernel_size", _runs(one)
    now, new = _pair(frame, key, _now(network, name))
    old, then = (trace(network.with_argument(name, "kernel_size", value)) for value in (now, new))
    change = then.parameters - old.parameters
    answer = FALLS if change < 0 else GROWS if change > 0 else STAYS
    question = f"{key} goes from {now} to {new}. What becomes of the parameter count of the whole network?"
    why = f"{name} itself goes from {_own(old, name)} to {_own(then, name)} parameters. "
    why += _reading(network, old, then)
    why += f"The total goes from {old.parameters:,} to {then.parameters:,}."
    if not page.predict("kernel", question, answer, why, (FALLS, STAYS, GROWS)):
        return False
    page.figures("kernel", [_line(page, one, name, "parameters"), _line(page, one, name, "macs")])
    return True


def _pair(frame: pd.DataFrame, key: str, now: int) -> tuple[int, int]:
    """The present value and a larger one: the next for which the total falls, else the largest that runs."""
    counts = {int(value): count for value, count in zip(frame[key], frame["parameters"], strict=True)}
    larger = [value for value in counts if value > now] or [value for value in counts if value != now]
    start = counts.get(now, 0)
    return now, next((value for value in larger if counts[value] < start), larger[-1])


def _own(seen: Trace, name: str) -> str:
    return f"{seen.by_name[name].parameters:,}"


def _reading(network: Network, old: Trace, new: Trace) -> str:
    """What the first Linear has to do with it."""
    name = _reader(network)
    before, after = (seen.by_name[name].arguments["in_features"] for seen in (old, new))
    if before == after:
        return f"{name} reads {before:,} values before and after. "
    return f"But {name} now reads {after:,} values instead of {before:,}, and each has a weight to every output. "


def _plateau(page: Page, one: Sweep, name: str) -> bool:
    """Ask for how many values the first Linear stays as it is."""
    network, key = page.network, f"{name}.kernel_size"
    frame, column = _runs(one), f"{_reader(network)}.in_features"
    now = trace(network).by_name[_reader(network)].arguments["in_features"]
    same = [int(value) for value, count in zip(frame[key], frame[column], strict=True) if count == now]
    page.say(
        "A curve with steps is typical: pooling and strides round down, so several settings give maps of the same size."
    )
    question = f"{key} may be 1 to {KERNELS[-1]}. For how many of these values is {column} {now:,}, as it is now?"
    why = f"For {written_count(len(same), 'value')}: {', '.join(map(str, same))}. " if same else "For none of them. "
    why += "Where maps shrink by less than pooling rounds away, nothing changes after it."
    if not page.predict("plateau", question, str(len(same)), why):
        return False
    page.figures("plateau", [_line(page, one, name, column)])
    return True


def _widths(page: Page) -> bool:
    """Ask what twice as many filters make of the work."""
    network = page.network
    old, new = (_work(trace(each)) for each in (network, _wider(network)))
    first = next(_convolutions(network)).name
    question = "All Conv2d layers get twice as many filters. How many times as many MACs do they need then, together?"
    answer = min(TIMES, key=lambda words: abs(int(words.split()[1]) - new / old))
    why = (
        f"{first} has twice as many filters over the same input: 2 times. Every later layer has twice as many filters, "
    )
    why += f"and each of them is twice as deep: 4 times. Together: {new:,} instead of {old:,}, {new / old:.1f} times."
    if not page.predict("widths", question, answer, why, TIMES):
        return False
    sweep = sweep_run.at_once(network, {f"{first}.out_channels": _around(network[first].chosen["out_channels"])})
    page.figures("widths", [_line(page, sweep, first, "macs", "out_channels")])
    return True


def _wider(network: Network) -> Network:
    for row in _convolutions(network):
        network = network.with_argument(row.name, "out_channels", 2 * row.chosen["out_channels"])
    return network


def _around(width: int) -> range:
    step = max(1, width // 8)
    return range(step, 2 * width + 1, step)


def _convolutions(network: Network) -> Iterator[Layer]:
    """Those whose filters may be counted anew: what is not the head, and has no groups."""
    for row in network.layers:
        if isinstance(row, Conv2d) and not row.of and row.groups == 1 and row.name != network.head:
            yield row


def _work(seen: Trace) -> int:
    """The multiply-accumulates of the convolutions."""
    return sum(step.macs for step in seen.steps if isinstance(step.layer, Conv2d))


def _better(page: Page, first: str, second: str) -> bool:
    """Ask whether another pair of kernels costs less of both."""
    network = page.network
    kernels = KERNELS if len(network.layers) <= FEW else KERNELS[::2]
    keys = (f"{first}.kernel_size", f"{second}.kernel_size")
    both = sweep_run.at_once(network, dict.fromkeys(keys, kernels))
    seen, frame = trace(network), _runs(both)
    less = frame[(frame["parameters"] < seen.parameters) & (frame["macs"] < seen.macs)]
    answer = NO if less.empty else YES
    question = (
        f"Now {keys[0]} and {keys[1]}, both from 1 to {KERNELS[-1]}: is there a setting with fewer "
        f"parameters than the {seen.parameters:,} of this network and with fewer MACs than its {seen.macs:,}?"
    )
    if less.empty:
        why = f"None of the {len(frame):,} settings that run has less of both: there, this network is a trade-off."
    else:
        row = less.sort_values("parameters").iloc[0]
        chosen = {key: int(row[key]) for key in keys}
        setting = " and ".join(f"{key} {value}" for key, value in chosen.items())
        why = f"{len(less):,} of the {len(frame):,} settings that run do. With {setting} it has "
        why += f"{int(row['parameters']):,} parameters and {int(row['macs']):,} MACs."
    if not page.predict("better", question, answer, why, (YES, NO)):
        return False
    now = (_now(network, first), _now(network, second))
    page.figures("better", [_map(both, keys, measure, now) for measure in ("parameters", "macs")])
    return True


def _runs(result: Sweep) -> pd.DataFrame:
    frame = result.frame()
    return frame[frame["runs"]]


def _line(page: Page, result: Sweep, name: str, measure: str, parameter: str = "kernel_size") -> Part:
    key, now = f"{name}.{parameter}", page.network[name].chosen[parameter]
    figure = sweeping.line(result.frame(), key, measure, now=now, opens=())
    return _part(f"{named(measure)} over {key}", figure, _told(result, measure), 210, "◆")


def _map(result: Sweep, keys: tuple[str, str], measure: str, now: tuple[Any, Any]) -> Part:
    figure = sweeping.heat(result.frame(), keys, measure, log=True, now=now, opens=())
    return _part(f"{named(measure)} over both kernels", figure, _told(result, measure), 300, "□")


def _flow(page: Page) -> Part:
    """The network as it is: what it costs is not an answer yet."""
    return {
        "key": "flow", "title": "The network", "description": flow.description(page.trace), "height": 250,
        "marks": True,
        **flow.flow(page.trace, None, width=page.width),
    }  # fmt: skip


def _told(result: Sweep, measure: str) -> str:
    values = _runs(result)[measure]
    return f"{named(measure)} from {values.min():,.0f} to {values.max():,.0f}"


def _part(title: str, figure: Part, told: str, height: int, mark: str) -> Part:
    note = f"{mark} the network as it is"
    return {"key": title, "title": title, "description": told, "height": height, "note": note, **figure}
