"""What can be swept of a network, and the values that each begins with. Knows no screen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from layerscope.layers.base import Layer, axis_names
from layerscope.network import Network
from layerscope.parameter import Kind, Parameter
from layerscope.ui.lab.typed import one_by_one, text_of

POINTS = 32
"""Values of a range that nobody typed, at most."""
SHORT = 12
"""Values of a range that are listed one by one."""
MARKS = 4
"""Parts into which a list of numbers that nobody typed divides its range."""


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

    @property
    def text(self) -> str:
        """The values as they would be typed."""
        few = len(self.values) <= SHORT
        return ", ".join(map(str, self.values)) if few else f"{self.low} to {self.high} step {self.step}"


@dataclass(frozen=True)
class Listed:
    """A key of the sweep with its values as somebody types them."""

    key: str
    text: str

    @property
    def values(self) -> tuple[Any, ...]:
        """Raises SweepError."""
        return one_by_one(self.key, self.text)

    @property
    def written(self) -> str:
        return f"{self.key}={self.text}"


Swept = Span | Listed


def spans(network: Network) -> dict[str, Swept]:
    """What can be swept, with values to begin with: rows' whole numbers first, as people choose kernel sizes first;
    then switches, words, and fractions."""
    found = sorted(_of_rows(network), key=lambda pair: pair[0])
    every = {span.key: span for _, span in found}
    shared: dict[str, list[Swept]] = {}
    for row in network.layers:
        for name in row.parameters():
            if (span := every.get(f"{row.name}.{name}")) is not None:
                shared.setdefault(f"{row.type}.{name}", []).append(span)
    together = {key: replace(same[0], key=key) for key, same in shared.items() if len(same) > 1}
    return every | together | {span.key: span for span in _of_input(network)}


def menu(network: Network) -> list[str]:
    """What can be swept, in the order of the menu: all rows of a type together first, as single ones may be many."""
    return sorted(spans(network), key=lambda key: titled(key) == key)


def _of_rows(network: Network) -> Iterator[tuple[int, Swept]]:
    for row in network.resolved:
        for name, parameter in row.parameters().items():
            if row.of or (row.name == network.head and name == row.head):
                continue
            key, value = f"{row.name}.{name}", row.chosen[name]
            if parameter.kind is Kind.INTEGER and parameter.comfortable is not None:
                rank = 0 if name == "kernel_size" and row.decides else 1 if parameter.everyday else 2
                yield rank, _whole(key, parameter, one(value))
            elif texts := _texts(parameter, one(value)):
                yield 3 if parameter.kind is not Kind.NUMBER else 4, Listed(key, ", ".join(texts))


def _whole(key: str, parameter: Parameter, present: Any) -> Span:
    low, high = (int(end) for end in parameter.comfortable or (1, 1))
    number = present if type(present) is int else None
    if number is not None and number > high:
        low, high = max(low, number // 2), min(2 * number, int(parameter.high))
    return _spread(key, low, high, number)


def _texts(parameter: Parameter, present: Any) -> list[str]:
    """The values of a switch or of words, and some of a number; none of what is seldom chosen or has no few values."""
    if parameter.kind is Kind.SWITCH:
        return ["False", "True"]
    if parameter.kind is Kind.CHOICE:
        return list(parameter.words)
    if parameter.kind is not Kind.NUMBER or not parameter.everyday or parameter.comfortable is None:
        return []
    low, high = parameter.comfortable
    marks = {low + (high - low) * part / MARKS for part in range(MARKS + 1)}
    return [text_of(mark) for mark in sorted(marks | ({present} if type(present) in (int, float) else set()))]


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


def one(value: Any) -> Any:
    """A value, also where it is given for each axis alike; None where the axes differ."""
    parts = value if isinstance(value, tuple) else (value,)
    return parts[0] if parts and all(part == parts[0] for part in parts) else None


def present(network: Network, key: str) -> Any:
    """The value of a key in the network as it is; None where there is none, or where layers differ."""
    rows, _, name = key.rpartition(".")
    layers: list[Layer] = [row for row in network.resolved if rows in (row.name, row.type) and name in row.parameters()]
    if layers:
        return one(tuple(one(row.chosen[name]) for row in layers))
    for given in network.inputs:
        sizes = dict(zip(axis_names(given.shape), given.shape, strict=True))
        if key == given.name:
            return one(given.shape[1:] or given.shape)
        if rows == given.name and name in sizes:
            return sizes[name]
    return network.classes if key == "classes" else None


def titled(key: str) -> str:
    """A key as the menus show it."""
    rows, _, name = key.rpartition(".")
    return f"All {rows} layers: {name}" if rows[:1].isupper() and name else key
