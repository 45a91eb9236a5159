"""What a sweep changes: keys such as "conv1.kernel_size" with their values, and the rows that each value changes.

A key names one argument of a row ("conv1.kernel_size"), the same argument of several rows ("conv1,conv2.kernel_size",
"conv*.out_channels", or "Conv2d.kernel_size" for all of a type), an axis of an input ("input.height", or "input" for
all its axes but the channels), or the number of classes ("classes").
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import islice
from math import prod
from typing import Any

from layerscope import limits
from layerscope.layers.base import Layer, Shape, axis_names
from layerscope.network import Network, NetworkError
from layerscope.parameter import written

CLASSES = "classes"
HEAD = -1
"""Stands among the places of rows for what decides which row is the head, and how wide it is."""


class SweepError(ValueError):
    """What cannot be swept; the message is a sentence for the user."""


@dataclass(frozen=True)
class Axis:
    """One key of a sweep. `targets` are the arguments that take each value, by their full names."""

    key: str
    values: tuple[Any, ...]
    targets: tuple[str, ...]
    edit: Callable[[Network, Any], Network]
    """The network with a value; raises NetworkError where it can hold none such."""


@dataclass(frozen=True)
class Variant:
    """What one choice of values makes of the network: rows by their places, and inputs, that are not as they were."""

    rows: dict[int, Layer]
    inputs: dict[int, Shape]
    head: str | None = None
    """The row whose width is the number of classes."""
    problem: str = ""
    """Why no network can hold these values."""


@dataclass(frozen=True)
class Group:
    """Keys whose values change the same rows, as places among the keys; other groups change other rows."""

    keys: tuple[int, ...]
    variants: dict[tuple[int, ...], Variant]
    """By the places of the values among those of the keys."""

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows that any choice changes."""
        return tuple(sorted({row for variant in self.variants.values() for row in variant.rows}))

    @cached_property
    def inputs(self) -> tuple[int, ...]:
        """The inputs that any choice changes."""
        return tuple(sorted({place for variant in self.variants.values() for place in variant.inputs}))

    @property
    def start(self) -> int:
        """The first row that any choice changes, or that reads an input which it changes."""
        return 0 if self.inputs else min(self.rows, default=limits.LAYERS.most)


def axes(network: Network, grid: Mapping[str, Iterable[Any]]) -> tuple[Axis, ...]:
    """The keys of a sweep, checked. Raises SweepError."""
    if not grid:
        raise SweepError('Name at least one thing to sweep, such as {"conv1.kernel_size": range(1, 12)}.')
    found: list[Axis] = []
    taken: dict[str, str] = {}
    for key, given in grid.items():
        targets, edit = _target(network, key)
        for target in targets:
            if target in taken:
                raise SweepError(f"{taken[target]} and {key} both change {target}; leave one of them out.")
            taken[target] = key
        found.append(Axis(key, _values(key, given), targets, edit))
    size = prod(len(axis.values) for axis in found)
    if size > limits.SWEEP.most:
        raise SweepError(limits.SWEEP.sentence(found=size))
    if (rows := size * len(network.layers)) > limits.SWEEP_ROWS.most:
        raise SweepError(limits.SWEEP_ROWS.sentence(found=rows, networks=size, layers=len(network.layers)))
    return tuple(found)


def _values(key: str, given: Iterable[Any]) -> tuple[Any, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SweepError(f"{key} needs several values, such as range(1, 12) or [3, 5, 7].")
    values = tuple(islice(given, limits.SWEEP.most + 1))
    if not values and isinstance(given, range):
        raise SweepError(f"{key} has no values from {given.start} to {given.stop - 1}; give the smaller number first.")
    if not values:
        raise SweepError(f"{key} has no values; give at least one.")
    if len(values) > limits.SWEEP.most:
        raise SweepError(limits.SWEEP.sentence(found=f"more than {limits.SWEEP.most:,}"))
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _target(network: Network, key: str) -> tuple[tuple[str, ...], Callable[[Network, Any], Network]]:
    """What a key changes, by full names, and how."""
    if not isinstance(key, str) or len(key) > limits.SWEEP_KEY.most:
        raise SweepError(f"There is nothing called {written(key)} to sweep; try {_example(network)}.")
    rows, dot, parameter = key.rpartition(".")
    names = [name for part in rows.split(",") for name in _matching(network, part.strip(), parameter)]
    if dot and names:
        for name in names:
            _check_parameter(network, name, parameter)
        names = list(dict.fromkeys(network[name].of or name for name in names))
        return tuple(f"{name}.{parameter}" for name in names), partial(_with_argument, names, parameter)
    if key == CLASSES:
        if network.classes is None:
            raise SweepError("This network has no number of classes to sweep; set the classes first.")
        return (CLASSES,), _with_classes
    for place, given in enumerate(network.inputs):
        known = axis_names(given.shape)
        wanted = known[1:] or known if key == given.name else (parameter,) if rows == given.name else ()
        if wanted and set(wanted) <= set(known):
            return tuple(f"{given.name}.{axis}" for axis in wanted), partial(_with_axes, place, wanted)
        if wanted:
            raise SweepError(f"{given.name} has no {parameter}; it has {', '.join(known)}.")
    raise SweepError(f"There is nothing called {key} to sweep; try {_example(network)}.")


def _matching(network: Network, pattern: str, parameter: str) -> list[str]:
    """The row of that name; or those of that type or with such names that have the parameter to choose."""
    if pattern in network.names:
        return [pattern]
    rows = [row for row in network.layers if row.type == pattern or ("*" in pattern and fnmatchcase(row.name, pattern))]
    return [row.name for row in rows if parameter in row.parameters() and (row.name, parameter) != _head(network)]


def _head(network: Network) -> tuple[str | None, str | None]:
    """The argument that is the number of classes."""
    return network.head, network[network.head].head if network.head else None


def _check_parameter(network: Network, name: str, parameter: str) -> None:
    """Raise where no value at all can be set, with the sentence that the network has for it."""
    layer = network[network[name].of or name]
    try:
        network.with_argument(name, parameter, layer.chosen.get(parameter))
    except NetworkError as error:
        raise SweepError(str(error)) from error


def _example(network: Network) -> str:
    names = (f"{row.name}.{parameter}" for row in network.layers for parameter in row.parameters() if not row.of)
    return next(names, f"{network.inputs[0].name}.{axis_names(network.input_shape)[0]}")


def _with_argument(names: Sequence[str], parameter: str, network: Network, value: Any) -> Network:
    for name in names:
        network = network.with_argument(name, parameter, value)
    return network


def _with_classes(network: Network, value: Any) -> Network:
    return network.with_classes(value)


def _with_axes(place: int, wanted: Sequence[str], network: Network, value: Any) -> Network:
    given = network.inputs[place]
    sizes = zip(axis_names(given.shape), given.shape, strict=True)
    shape = tuple(value if axis in wanted else size for axis, size in sizes)
    if place == 0:
        return network.with_input(shape)
    changed = replace(given, shape=shape)
    return replace(network, inputs=(*network.inputs[:place], changed, *network.inputs[place + 1 :]))


def groups(network: Network, swept: Sequence[Axis], on_edit: Callable[[], object] | None = None) -> tuple[Group, ...]:
    """The keys in groups that change different rows, each with what its values make of the network.

    `on_edit` is called before each network that is made for that; what it raises ends it.
    """
    alone = [_variants(network, swept, (place,), on_edit) for place in range(len(swept))]
    touched = [_touched(network, axis, variants) for axis, variants in zip(swept, alone, strict=True)]
    found: list[tuple[set[int], list[int]]] = []
    for place, rows in enumerate(touched):
        joined = [group for group in found if group[0] & rows]
        found = [group for group in found if group not in joined]
        found.append((rows.union(*(group[0] for group in joined)), sorted([place, *(k for g in joined for k in g[1])])))
    return tuple(
        Group(tuple(keys), alone[keys[0]] if len(keys) == 1 else _variants(network, swept, keys, on_edit))
        for _, keys in found
    )


def _touched(network: Network, axis: Axis, variants: dict[tuple[int, ...], Variant]) -> set[int]:
    """The places of rows that values of a key change; inputs are counted from -2 downwards."""
    rows = {row for variant in variants.values() for row in variant.rows}
    rows.update(-2 - place for variant in variants.values() for place in variant.inputs)
    decides_head = axis.key == CLASSES or any(
        target.rpartition(".")[2] in (network[name].head, "output_size")
        for target in axis.targets
        if (name := target.rpartition(".")[0]) in network.names
    )
    return rows | {HEAD} if decides_head else rows


def _variants(
    network: Network, swept: Sequence[Axis], keys: Sequence[int], on_edit: Callable[[], object] | None
) -> dict[tuple[int, ...], Variant]:
    """What each choice of values of these keys makes of the network."""
    made: dict[tuple[int, ...], Network | str] = {(): network}
    for key in keys:
        axis = swept[key]
        made = {
            (*chosen, place): _edited(axis, before, value, on_edit)
            for chosen, before in made.items()
            for place, value in enumerate(axis.values)
        }
    return {chosen: _variant(network, result) for chosen, result in made.items()}


def _edited(axis: Axis, before: Network | str, value: Any, on_edit: Callable[[], object] | None) -> Network | str:
    """The network with that value, or why it can have none such."""
    if on_edit is not None:
        on_edit()
    if isinstance(before, str):
        return before
    try:
        return axis.edit(before, value)
    except NetworkError as error:
        return str(error)


def _variant(network: Network, result: Network | str) -> Variant:
    if isinstance(result, str):
        return Variant({}, {}, problem=result)
    pairs = enumerate(zip(network.resolved, result.resolved, strict=True))
    rows = {place: new for place, (old, new) in pairs if new is not old and new.signature != old.signature}
    given = enumerate(zip(network.inputs, result.inputs, strict=True))
    return Variant(rows, {place: new.shape for place, (old, new) in given if new.shape != old.shape}, result.head)
