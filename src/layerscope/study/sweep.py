"""A sweep: one network with every combination of some values, each asked of torch, as one table.

result = sweep(network, {"conv1.kernel_size": range(1, 12), "conv2.kernel_size": range(1, 12)})
result.frame()
result.where("fc1.in_features <= 200 and parameters <= 50_000")
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from math import prod
from typing import Any

import pandas as pd
import torch

from layerscope.layers.base import Shape, axis_names
from layerscope.network import Network
from layerscope.parameter import written
from layerscope.study.condition import check, matching
from layerscope.study.condition_text import ConditionError
from layerscope.study.grid import Axis, SweepError, axes, groups
from layerscope.study.rowwise import Measured, Walk

__all__ = ["ConditionError", "Sweep", "SweepError", "size_of", "sweep"]

TOTALS = ("parameters", "macs", "activation_bytes", "receptive_field")
LARGEST = 2**63 - 1
FACTS = frozenset({"runs", "fails", "reason"})
"""Columns that tell of networks that do not run."""


@dataclass(frozen=True)
class Sweep:
    """What became of each combination, in the order of `itertools.product`: the last key changes fastest."""

    network: Network
    axes: tuple[Axis, ...]
    measured: tuple[Measured, ...]

    def frame(self) -> pd.DataFrame:
        """One row a combination: what was swept, whether it runs and why not, and what follows from it.

        Columns: each key (a number, or text where its values are not numbers), `runs`, `fails` (the row of the network
        that does not run) and `reason`; `parameters`, `macs` (for one sample, bias not counted), `activation_bytes`
        (all outputs of one sample in float32) as in a trace; `receptive_field`, in cells of the first spatial axis, of
        the last map whose cells do not all see the same, with its sizes as `last_map.height` and so on; the output's
        sizes as `output.features` or `output.channels`, `output.height`; and every argument that is decided by the
        data, such as `fc1.in_features`. What follows from a network that does not run is NaN.
        """
        return self._frame.copy()

    def where(self, condition: str) -> pd.DataFrame:
        """The rows of the frame that a condition holds for, such as "fc1.in_features <= 200 and parameters <= 50_000",
        or "conv1.padding_mode == 'zeros' and conv1.bias" where these are swept.

        Networks that do not run are left out unless the condition names `runs`, `fails` or `reason`. Raises
        ConditionError.
        """
        checked = check(condition, self._frame, self.aliases)
        rows = matching(checked, self._frame)
        return rows if FACTS & {*checked.names} else rows[rows["runs"]]

    def at(self, number: int) -> Network:
        """The network of a row of the frame. Raises NetworkError where no network can hold its values."""
        result = self.network
        for axis, place in zip(self.axes, self._places(number), strict=True):
            result = axis.edit(result, axis.values[place])
        return result

    def chosen(self, number: int) -> dict[str, Any]:
        """The values of a row of the frame, by key."""
        return {axis.key: axis.values[n] for axis, n in zip(self.axes, self._places(number), strict=True)}

    @property
    def aliases(self) -> dict[str, str]:
        """Names that a condition may use for a column beside the column's own: "conv1.kernel_size" for a joint key."""
        return {target: axis.key for axis in self.axes for target in axis.targets}

    def _places(self, number: int) -> tuple[int, ...]:
        places = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            places.append(place)
        return tuple(reversed(places))

    @cached_property
    def _frame(self) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        measured, repeats = self.measured, len(self.measured)
        for axis in self.axes:
            repeats //= len(axis.values)
            each = [value for value in axis.values for _ in range(repeats)]
            columns[axis.key] = _swept(each * (len(measured) // len(each)))
        columns["runs"] = [not one.reason for one in measured]
        columns["fails"] = [one.fails for one in measured]
        columns["reason"] = [one.reason for one in measured]
        for name in TOTALS:
            columns[name] = _numbers([None if one.reason else getattr(one, name) for one in measured])
        columns |= _sizes("output", [one.output_shape for one in measured])
        columns |= _sizes("last_map", [one.map_shape for one in measured])
        taken = self.aliases
        found: dict[str, list[int | None]] = {}
        for number, one in enumerate(measured):
            for name, value in one.values:
                if name not in taken:
                    found.setdefault(name, [None] * len(measured))[number] = value
        return pd.DataFrame(columns | {name: _numbers(values) for name, values in found.items()})


@torch.no_grad()
def sweep(
    network: Network,
    grid: Mapping[str, Iterable[Any]],
    on_progress: Callable[[int, int], object] | None = None,
) -> Sweep:
    """The network with every combination of the grid's values; see `grid` for its keys.

    A value that the network cannot take gives a combination that does not run. `on_progress` is told after each
    combination how many are done, of how many, and while it prepares them that none is; what it raises ends the sweep.
    Raises SweepError.
    """
    swept = axes(network, grid)
    total = prod(len(axis.values) for axis in swept)
    parts = groups(network, swept, None if on_progress is None else partial(on_progress, 0, total))
    heads = {network.head, *(variant.head for part in parts for variant in part.variants.values())}
    walk, result = Walk(network, heads), list[Measured]()
    layers, inputs = list(network.resolved), [given.shape for given in network.inputs]
    base, shapes = tuple(layers), tuple(inputs)
    before: list[Any] = [None] * len(parts)
    dirty = 0
    for number, places in enumerate(product(*(range(len(axis.values)) for axis in swept))):
        for at, part in enumerate(parts):
            variant = part.variants[tuple([places[key] for key in part.keys])]
            if variant is before[at]:
                continue
            before[at] = variant
            dirty = min(dirty, part.start)
            for place in part.rows:
                layers[place] = variant.rows.get(place, base[place])
            for place in part.inputs:
                inputs[place] = variant.inputs.get(place, shapes[place])
        if problem := next((variant.problem for variant in before if variant.problem), ""):
            result.append(Measured("", problem))
        else:
            result.append(walk.measure(layers, inputs, dirty, partial(_edited, network, swept, places)))
            dirty = len(layers)
        if on_progress is not None:
            on_progress(number + 1, total)
    return Sweep(network, swept, tuple(result))


def size_of(network: Network, grid: Mapping[str, Iterable[Any]]) -> int:
    """How many networks a sweep would have. Raises SweepError where it is refused."""
    return prod(len(axis.values) for axis in axes(network, grid))


def _edited(network: Network, swept: Sequence[Axis], places: Sequence[int]) -> Network:
    for axis, place in zip(swept, places, strict=True):
        network = axis.edit(network, axis.values[place])
    return network


def _swept(values: Sequence[Any]) -> Any:
    """A key's column: numbers, or text where some are none."""
    if all(type(value) is bool for value in values):
        return pd.array(values, dtype="bool")
    if all(type(value) in (int, float) for value in values):
        return _numbers(values)
    return [value if isinstance(value, str) else written(value) for value in values]


def _numbers(values: Sequence[Any]) -> pd.Series:
    """Whole numbers where all are there and fit 64 bits, else floating-point ones with NaN for what is not there."""
    whole = all(type(value) is int and abs(value) <= LARGEST for value in values)
    return pd.Series(values, dtype="int64" if whole else "float64")


def _sizes(title: str, shapes: Sequence[Shape]) -> dict[str, pd.Series]:
    """A column for each axis of the shapes."""
    names = dict.fromkeys(name for shape in set(shapes) if shape for name in axis_names(shape))
    by_name = [dict(zip(axis_names(shape), shape, strict=True)) if shape else {} for shape in shapes]
    return {f"{title}.{name}": _numbers([each.get(name) for each in by_name]) for name in names}
