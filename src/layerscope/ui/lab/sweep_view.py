"""What the Sweep page shows, as words of its address. Knows no screen.

first=conv1.kernel_size:1:11:1  second=...  see=parameters,fc1.in_features  log=on
where=fc1.in_features <= 200  best=-macs  brush=parameters:0:50000
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from layerscope import limits
from layerscope.layers.base import Layer, axis_names
from layerscope.network import Network
from layerscope.parameter import Kind
from layerscope.study.sweep import SweepError, size_of

MOST_SEEN = 4
"""Pictures at once: with more there is nothing to compare."""
POINTS = 32
"""Values of a range that nobody typed, at most."""
_RANGE = re.compile(r"([\w.,* ]{1,200}):(-?\d{1,9}):(-?\d{1,9}):(\d{1,9})", re.ASCII)
_BRUSH = re.compile(r"([\w.,*]{1,200}):(-?\d{1,18}):(-?\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Span:
    """A key of the sweep with its values: from `low` to `high` by `step`."""

    key: str
    low: int
    high: int
    step: int = 1

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1, max(self.step, 1))

    @property
    def written(self) -> str:
        return f"{self.key}:{self.low}:{self.high}:{self.step}"


@dataclass(frozen=True)
class View:
    """Everything that the page shows of a network."""

    first: Span
    second: Span | None = None
    see: tuple[str, ...] = ()
    """Which values are drawn; empty: the usual ones."""
    log: bool = False
    where: str = ""
    best: str = ""
    """What the table is sorted by, with "-" before it for the largest first; empty: parameters."""
    brushes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The part of each value's range that is kept, the newest last."""

    @property
    def grid(self) -> dict[str, range]:
        return {span.key: span.values for span in (self.first, self.second) if span is not None}

    def words(self) -> dict[str, str]:
        """The view for an address."""
        return {
            "first": self.first.written,
            "second": self.second.written if self.second else "",
            "see": ",".join(self.see),
            "log": "on" if self.log else "",
            "where": self.where,
            "best": self.best,
            "brush": ";".join(f"{name}:{low}:{high}" for name, (low, high) in self.brushes.items()),
        }

    def brushed(self, name: str, low: int, high: int) -> "View":
        """The view with a part of one value's range kept, as the newest brush."""
        others = {key: span for key, span in self.brushes.items() if key != name}
        return replace(self, brushes=others | {name: (low, high)})


def read(network: Network, words: Mapping[str, str]) -> View:
    """The view that an address asks for. What it does not know it leaves at the usual: a view is never an error."""
    first = _span(network, words.get("first", "")) or next(iter(spans(network).values()))
    second = _span(network, words.get("second", ""))
    brushes = {}
    for text in words.get("brush", "").split(";")[: limits.SWEEP_BRUSHES.most]:
        if (found := _BRUSH.fullmatch(text)) is not None:
            brushes[found[1]] = (int(found[2]), int(found[3]))
    return View(
        first,
        second if second is not None and second.key != first.key else None,
        tuple(filter(None, words.get("see", "").split(",")))[:MOST_SEEN],
        words.get("log") == "on",
        words.get("where", "")[: limits.CONDITION.most + 1],
        words.get("best", "")[: limits.SWEEP_KEY.most],
        brushes,
    )


def _span(network: Network, text: str) -> Span | None:
    """The key and its range, where this network has such a key; the address may come from another one's."""
    found = _RANGE.fullmatch(text)
    try:
        return Span(found[1], *map(int, found.groups()[1:])) if found and size_of(network, {found[1]: (1,)}) else None
    except SweepError:
        return None


def spans(network: Network) -> dict[str, Span]:
    """What can be swept, with values to begin with: rows' whole numbers first, as people choose kernel sizes first."""
    found = sorted(_of_rows(network), key=lambda pair: pair[0])
    every = {span.key: span for _, span in found}
    shared: dict[str, list[Span]] = {}
    for row in network.layers:
        for name in row.parameters():
            if (span := every.get(f"{row.name}.{name}")) is not None:
                shared.setdefault(f"{row.type}.{name}", []).append(span)
    together = {key: replace(same[0], key=key) for key, same in shared.items() if len(same) > 1}
    return every | together | {span.key: span for span in _of_input(network)}


def menu(network: Network) -> list[str]:
    """What can be swept, in the order of the menu: all rows of a type together first, as single ones may be many."""
    return sorted(spans(network), key=lambda key: titled(key) == key)


def _of_rows(network: Network) -> Iterator[tuple[int, Span]]:
    for row in network.resolved:
        for name, parameter in row.parameters().items():
            value = row.chosen[name]
            is_head = row.name == network.head and name == row.head
            if row.of or is_head or parameter.kind is not Kind.INTEGER or parameter.comfortable is None:
                continue
            rank = 0 if name == "kernel_size" and row.decides else 1 if parameter.everyday else 2
            low, high = (int(end) for end in parameter.comfortable)
            number = _one(value)
            if number is not None and number > high:
                low, high = max(low, number // 2), min(2 * number, int(parameter.high))
            yield rank, _spread(f"{row.name}.{name}", low, high, number)


def _of_input(network: Network) -> Iterator[Span]:
    for given in network.inputs:
        names = axis_names(given.shape)
        sizes = dict(zip(names, given.shape, strict=True))
        if len(names) > 2 and len(set(given.shape[1:])) == 1:
            yield _spread(given.name, max(1, given.shape[1] // 2), 2 * given.shape[1], given.shape[1])
        for name in names:
            size = sizes[name]
            span = (1, max(4, size)) if name == "channels" else (max(1, size // 2), 2 * size)
            yield _spread(f"{given.name}.{name}", *span, size)
    if network.classes is not None:
        yield _spread("classes", 2, max(2 * network.classes, 4), network.classes)


def _spread(key: str, low: int, high: int, present: int | None) -> Span:
    """Values from low to high, so few that they are seen at once, the present one among them where there is one."""
    step = max(1, ceil((high - low + 1) / POINTS))
    if present is not None and low <= present <= high:
        low += (present - low) % step
    return Span(key, low, high, step)


def _one(value: object) -> int | None:
    """A value as one whole number, also where it is given for each axis alike."""
    parts = set(value) if isinstance(value, tuple) else {value}
    number = next(iter(parts)) if len(parts) == 1 else None
    return number if type(number) is int else None


def present(network: Network, key: str) -> int | None:
    """The value of a key in the network as it is; None where there is none, or where layers differ."""
    rows, _, name = key.rpartition(".")
    layers: list[Layer] = [row for row in network.resolved if rows in (row.name, row.type) and name in row.parameters()]
    if layers:
        return _one(tuple(row.chosen[name] for row in layers))
    for given in network.inputs:
        sizes = dict(zip(axis_names(given.shape), given.shape, strict=True))
        if key == given.name:
            return _one(given.shape[1:] or given.shape)
        if rows == given.name and name in sizes:
            return sizes[name]
    return network.classes if key == "classes" else None


def titled(key: str) -> str:
    """A key as the menus show it."""
    rows, _, name = key.rpartition(".")
    return f"all {rows} layers: {name}" if rows[:1].isupper() and name else key
