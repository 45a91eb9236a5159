"""What trials try: keys of layers such as "conv1.kernel_size", settings of the training such as "lr", and their values.

Keys of layers are those of a sweep (`grid.py`). Values are a list, or a range (`Between`) that a search chooses from.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from math import ceil, floor, isfinite, prod
from typing import Any

from layerscope import limits
from layerscope.network import Network
from layerscope.parameter import Kind, written
from layerscope.study.grid import Axis, SweepError, axes
from layerscope.study.plan import Plan

SETTINGS = tuple(field.name for field in fields(Plan))
_WHOLE_SETTINGS = {field.name for field in fields(Plan) if field.type is int}
Setting = dict[str, Any]
"""One value for each key."""
_PLAIN = (int, float, str, bool)


@dataclass(frozen=True)
class Between:
    """Numbers from `low` to `high`, by `step` where one is given: whole ones where all of these are.

    `log`: small ones are as likely as large ones, as one wants for a learning rate.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False

    @property
    def is_whole(self) -> bool:
        return all(type(number) is int for number in (self.low, self.high, self.step) if number is not None)


@dataclass(frozen=True)
class Dimension:
    """One key: the values that it takes, or the range that they come from."""

    key: str
    values: tuple[Any, ...] | Between
    axis: Axis | None
    """How a network takes a value; None for a setting of the training."""

    @property
    def is_ordered(self) -> bool:
        """Whether all values are numbers, so that a search may learn from neighbors."""
        return isinstance(self.values, Between) or all(type(value) in (int, float) for value in self.values)


Space = tuple[Dimension, ...]


def dimensions(network: Network, given: Mapping[str, Iterable[Any] | Between]) -> Space:
    """The keys with their values, checked. Raises SweepError."""
    if not given:
        raise SweepError('Name at least one thing to try, such as {"conv1.kernel_size": [3, 5, 7]}.')
    if len(given) > limits.TRIAL_KEYS.most:
        raise SweepError(limits.TRIAL_KEYS.sentence(found=len(given)))
    values = {key: checked(key, each) for key, each in given.items()}
    swept = {key: (_first(each),) for key, each in values.items() if key not in SETTINGS}
    found = {axis.key: axis for axis in axes(network, swept)} if swept else {}
    made = tuple(Dimension(key, each, found.get(key)) for key, each in values.items())
    for each in made:
        if isinstance(each.values, Between) and not each.values.is_whole and _takes_whole(network, each):
            raise SweepError(_not_whole(each.key, each.values))
    return made


def _takes_whole(network: Network, dimension: Dimension) -> bool:
    """Whether a key takes whole numbers: every axis of an input and the number of classes do."""
    if dimension.axis is None:
        return dimension.key in _WHOLE_SETTINGS
    rows = (target.rpartition(".") for target in dimension.axis.targets)
    kinds = [network[row].parameters()[name].kind for row, _, name in rows if row in network.names]
    return all(kind in (Kind.INTEGER, Kind.SHAPE) for kind in kinds)


def _not_whole(key: str, given: Between) -> str:
    low, high = ceil(given.low), floor(given.high)
    works = f"{low} to {max(high, low + 1)}" + (f" step {max(1, round(given.step))}" if given.step else "")
    more = (f" step {given.step}" if given.step is not None else "") + (" log" if given.log else "")
    works += " log" if given.log else ""
    return f"{key} takes whole numbers, so {given.low} to {given.high}{more} does not fit; {works} would work."


def grid_size(space: Space) -> int:
    """How many settings a grid has. Raises SweepError where a range has no steps, or where there are too many."""
    size = prod(len(steps(dimension)) for dimension in space)
    if size > limits.TRIALS.most:
        raise SweepError(limits.TRIALS.sentence(found=size))
    return size


def steps(dimension: Dimension) -> tuple[Any, ...]:
    """All values of a key, for a grid. Raises SweepError for a range without steps."""
    given = dimension.values
    if not isinstance(given, Between):
        return given
    step = given.step or (1 if given.is_whole else None)
    if step is None or given.log:
        raise SweepError(f"A grid needs the values of {dimension.key} one by one, such as [0.01, 0.001].")
    return tuple(given.low + step * n for n in range(min(int((given.high - given.low) / step + 1e-9), 10_000) + 1))


def tried(network: Network, plan: Plan, space: Space, setting: Setting) -> tuple[Network, Plan]:
    """The network and the training with a setting. Raises NetworkError and PlanError."""
    plan = replace(plan, **{each.key: setting[each.key] for each in space if each.axis is None})
    for dimension in space:
        if dimension.axis is not None:
            network = dimension.axis.edit(network, setting[dimension.key])
    return network, plan


def to_json(space: Space) -> dict[str, Any]:
    """A space as plain JSON values."""
    return {
        each.key: asdict(each.values) if isinstance(each.values, Between) else [_written(v) for v in each.values]
        for each in space
    }


def from_json(network: Network, fields: Any) -> Space:
    """The space that JSON values hold. Raises SweepError."""
    if not isinstance(fields, dict):
        raise SweepError("What is tried is an object: a name with a list of values for each.")
    return dimensions(network, {key: _given(key, value) for key, value in fields.items()})


def _given(key: str, value: Any) -> Iterable[Any] | Between:
    if isinstance(value, dict):
        if not {"low", "high"} <= value.keys() <= {"low", "high", "step", "log"}:
            raise SweepError(f"A range of {json.dumps(key[:40])} has low, high, step and log.")
        return Between(**value)
    if not isinstance(value, list):
        raise SweepError(f"{json.dumps(key[:40])} needs a list of values, or a range.")
    return value


def _written(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def checked(key: str, given: Iterable[Any] | Between) -> tuple[Any, ...] | Between:
    """The values of one key. Raises SweepError."""
    if isinstance(given, Between):
        return _range(key, given)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SweepError(f"{written(key)} needs several values, such as [3, 5, 7].")
    values = tuple(tuple(v) if isinstance(v, list) else v for v in islice(given, limits.TRIALS.most + 1))
    if not values:
        raise SweepError(f"{key} has no values; give at least one.")
    if len(values) > limits.TRIALS.most:
        raise SweepError(limits.TRIALS.sentence(found=f"more than {limits.TRIALS.most:,}"))
    for value in values:
        if not all(map(_is_plain, value if isinstance(value, tuple) else (value,))):
            raise SweepError(f"{key} has a value that is neither a number nor a word.")
    if len(set(map(repr, values))) < len(values):
        raise SweepError(f"{key} has a value twice; give each once.")
    return values


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN and not (isinstance(value, float) and not isfinite(value))


def _range(key: str, given: Between) -> Between:
    numbers = [end for end in (given.low, given.high, given.step) if end is not None]
    if not all(type(end) in (int, float) and isfinite(end) and abs(end) < 1e9 for end in numbers):
        raise SweepError(f"The range of {key} needs two numbers.")
    if not given.low < given.high:
        raise SweepError(f"The range of {key} goes from {given.low} to {given.high}; the second must be larger.")
    if (given.step is not None and given.step <= 0) or type(given.log) is not bool:
        raise SweepError(f"The step of {key} must be above 0.")
    if given.log and (given.low <= 0 or given.step is not None):
        raise SweepError(f"A log range of {key} must begin above 0 and takes no step.")
    return given


def _first(values: tuple[Any, ...] | Between) -> Any:
    return values.low if isinstance(values, Between) else values[0]
