"""Which settings come next: all of a grid at once, or a search by Optuna that learns from the trials before.

A search asks for a few settings at a time and is told of all of them before it asks again, in their order. So its
suggestions depend on the seed and on what came of the trials, never on how many of them ran side by side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from statistics import median
from typing import Any, Protocol

from layerscope.study.space import Between, Dimension, Setting, Space, steps

TOGETHER = 2
"""Trials of a search that are asked for at a time, and so run side by side, however many workers there are: what is
suggested and what is cut short depends on this number, and a seed is to give the same trials on every cluster."""
RANDOM = 8
"""The first trials of a search are drawn at random."""
BARS_FROM = 4
"""Trials that have ended before others are cut short: a median of fewer says little."""
FREE_EPOCHS = 1
"""Epochs in which no trial is cut short."""


@dataclass(frozen=True)
class Asked:
    """A setting to try."""

    number: int
    setting: Setting
    bars: tuple[float | None, ...] = ()
    """For each epoch the accuracy that its best so far must reach, or the trial is cut short; None: no bar."""


class Told(Protocol):
    """What a sampler learns of a trial."""

    @property
    def number(self) -> int: ...
    @property
    def accuracy(self) -> float | None: ...
    @property
    def curve(self) -> Sequence[float]: ...
    @property
    def is_whole(self) -> bool: ...


class Sampler(Protocol):
    """Asked until it gives nothing; told of each answer before it is asked again."""

    def ask(self) -> list[Asked]: ...
    def tell(self, trials: Sequence[Told]) -> None: ...


class Grid:
    """Every combination, in the order of `itertools.product`: the last key changes fastest."""

    def __init__(self, space: Space) -> None:
        keys = [dimension.key for dimension in space]
        every = product(*map(steps, space))
        self._rest = [Asked(number, dict(zip(keys, values, strict=True))) for number, values in enumerate(every)]

    def ask(self) -> list[Asked]:
        asked, self._rest = self._rest, []
        return asked

    def tell(self, trials: Sequence[Told]) -> None:
        pass


class Tpe:
    """Optuna's tree-structured Parzen estimator. Trials below the median of those before may be cut short."""

    def __init__(self, space: Space, count: int, seed: int, *, prunes: bool = True, together: int = TOGETHER) -> None:
        import optuna

        self._optuna = optuna
        self._space, self._count, self._together, self._prunes = space, count, together, prunes
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM)
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        optuna.logging.set_verbosity(level)
        self._open: dict[int, Any] = {}
        self._curves: list[Sequence[float]] = []
        """Of trials that were not cut short."""
        self._next = 0

    def ask(self) -> list[Asked]:
        bars, asked = tuple(self._bars()) if self._prunes else (), []
        for number in range(self._next, min(self._next + self._together, self._count)):
            trial = self._open[number] = self._study.ask()
            asked.append(Asked(number, {each.key: _suggested(trial, each) for each in self._space}, bars))
        self._next += len(asked)
        return asked

    def _bars(self) -> Iterator[float | None]:
        """The medians, as Optuna's MedianPruner has them."""
        if len(self._curves) < BARS_FROM:
            return
        for epoch in range(max(map(len, self._curves))):
            known = [curve[epoch] for curve in self._curves if len(curve) > epoch]
            yield median(known) if epoch >= FREE_EPOCHS else None

    def tell(self, trials: Sequence[Told]) -> None:
        states = self._optuna.trial.TrialState
        for told in sorted(trials, key=lambda each: each.number):
            trial = self._open.pop(told.number)
            for epoch, accuracy in enumerate(told.curve):
                trial.report(accuracy, epoch)
            if told.accuracy is None:
                self._study.tell(trial, state=states.FAIL)
            elif told.is_whole:
                self._curves.append(told.curve)
                self._study.tell(trial, told.accuracy)
            else:
                self._study.tell(trial, state=states.PRUNED)


def _suggested(trial: Any, dimension: Dimension) -> Any:
    """A value of a key. Of an ordered list its place is suggested, so that neighbors count as such."""
    key, values = dimension.key, dimension.values
    if isinstance(values, Between):
        if values.is_whole:
            return trial.suggest_int(key, values.low, int(_last(values)), step=values.step or 1, log=values.log)
        return trial.suggest_float(key, float(values.low), _last(values), step=values.step, log=values.log)
    if dimension.is_ordered and len(values) > 1:
        ordered = sorted(values)
        return ordered[trial.suggest_int(key, 0, len(ordered) - 1)]
    return values[trial.suggest_categorical(key, range(len(values)))]


def _last(values: Between) -> float:
    """The last number that the steps of a range reach, as Optuna warns of any other end. In decimals 0.3 is 3 * 0.1."""
    if values.step is None:
        return float(values.high)
    low, high, step = (Decimal(str(number)) for number in (values.low, values.high, values.step))
    return float(high - (high - low) % step)
