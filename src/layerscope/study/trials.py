"""Trials: one network with many settings, each trained on the same images, as one table.

result = trials(network, {"conv1.kernel_size": [3, 5, 7], "lr": [0.01, 0.001]}, load("digits"), plan=Plan(epochs=3))
result.frame()
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from layerscope import limits
from layerscope.network import Network, NetworkError
from layerscope.parameter import written
from layerscope.study.data import Data
from layerscope.study.grid import SweepError
from layerscope.study.memory import training_memory
from layerscope.study.plan import Plan, PlanError
from layerscope.study.space import Between, Space, dimensions, grid_size, tried
from layerscope.study.splitting import split
from layerscope.study.suggesting import Asked, Grid, Sampler, Tpe
from layerscope.study.suiting import TrainError, check
from layerscope.study.trial import FAILED, Outcome, Trial, fit
from layerscope.tracing import trace

GRID, TPE = SAMPLERS = ("grid", "tpe")
FACTS = ("state", "reason", "accuracy", "loss", "parameters", "macs", "memory", "seconds", "epochs_run", "epochs")


@dataclass(frozen=True)
class Candidate:
    """A setting that can be trained: its network, its training, and the bars of a search."""

    number: int
    network: Network
    plan: Plan
    bars: tuple[float | None, ...]


Runner = Callable[[Sequence[Candidate]], Iterable[tuple[int, Outcome]]]
"""Trains candidates in any order, side by side or not, and tells of each by its number."""


@dataclass(frozen=True)
class Trials:
    """What came of each setting."""

    network: Network
    plan: Plan
    space: Space
    done: tuple[Trial, ...]
    count: int
    """How many there are to be."""

    def frame(self) -> pd.DataFrame:
        """One row a trial, its number as the index.

        Columns: each key; `state` ("finished", "cut short" by the search, "exploded", "stopped", "failed" or "not
        started") and `reason`; `accuracy` (0 to 1) and `loss` on held-out images; `parameters`, `macs` of one sample,
        `memory` (bytes at the peak of a training step), `seconds`; `epochs_run`, of the `epochs` that were asked for.
        What is not known is NaN.
        """
        rows = sorted(self.done, key=lambda trial: trial.number)
        columns: dict[str, Any] = {}
        for dimension in self.space:
            values = [trial.setting[dimension.key] for trial in rows]
            columns[dimension.key] = values if dimension.is_ordered else [_text(value) for value in values]
        columns["state"] = [trial.outcome.state for trial in rows]
        columns["reason"] = [trial.outcome.reason for trial in rows]
        for name in ("accuracy", "loss"):
            columns[name] = pd.Series([getattr(trial.outcome, name) for trial in rows], dtype="float64")
        for name in ("parameters", "macs", "memory"):
            columns[name] = pd.Series([getattr(trial, name) for trial in rows], dtype="float64")
        columns["seconds"] = pd.Series([trial.outcome.seconds for trial in rows], dtype="float64")
        columns["epochs_run"] = pd.Series([trial.outcome.epochs for trial in rows], dtype="float64")
        columns["epochs"] = [trial.setting.get("epochs", self.plan.epochs) for trial in rows]
        frame = pd.DataFrame(columns)
        frame.index = pd.Index([trial.number for trial in rows], name="trial", dtype="int64")
        return frame

    def at(self, number: int) -> tuple[Network, Plan]:
        """The network and the training of a trial. Raises NetworkError and PlanError where there can be none such."""
        trial = next(trial for trial in self.done if trial.number == number)
        return tried(self.network, self.plan, self.space, trial.setting)


def trials(
    network: Network,
    space: Mapping[str, Iterable[Any] | Between],
    data: Data,
    *,
    sampler: str = GRID,
    count: int = 20,
    seed: int = 0,
    plan: Plan | None = None,
    prunes: bool = True,
    runner: Runner | None = None,
    known: Iterable[Trial] = (),
    on_trial: Callable[[Trial], Any] | None = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Trials:
    """Train the network with many settings.

    `space`: the keys of a sweep ("conv1.kernel_size") and of a `Plan` ("lr", "batch", "epochs", "seed", ...), each with
    a list of values or a range. `sampler`: "grid" tries every combination, "tpe" lets Optuna choose `count` of them by
    what came of those before; `prunes` says whether it may cut bad ones short. Settings that cannot be trained are
    trials too, with the reason. `plan` is what the keys do not say.

    `runner` trains (in this process where it is None); the numbers are the same wherever it does. `known` trials, from
    an interrupted call of the same arguments, are not trained again. `on_trial` is called with each trial, `is_wanted`
    before new ones begin. Raises SweepError.
    """
    plan = plan or Plan()
    known_by_number = {trial.number: trial for trial in known}
    made = dimensions(network, space)
    asking, total = _sampler(made, sampler, count, seed, prunes)
    work = _Work(network, plan, made, data, runner or _here(data), on_trial or (lambda trial: None))
    while is_wanted() and (asked := asking.ask()):
        found = list(work.done_of(asked, known_by_number))
        if len(found) < len(asked):
            break
        asking.tell(found)
    return Trials(network, plan, made, tuple(work.done), total)


def size_of(space: Space, sampler: str, count: int) -> int:
    """How many trials there are to be. Raises SweepError."""
    if sampler not in SAMPLERS:
        raise SweepError(f"There is no sampler {written(sampler)[:40]}; {' and '.join(SAMPLERS)} are known.")
    if sampler == GRID:
        return grid_size(space)
    if type(count) is not int or not 1 <= count <= limits.TRIALS.most:
        raise SweepError(limits.TRIALS.sentence(found=count))
    return count


def _sampler(space: Space, name: str, count: int, seed: int, prunes: bool) -> tuple[Sampler, int]:
    total = size_of(space, name, count)
    return (Grid(space) if name == GRID else Tpe(space, count, seed, prunes=prunes)), total


@dataclass
class _Work:
    network: Network
    plan: Plan
    space: Space
    data: Data
    runner: Runner
    on_trial: Callable[[Trial], Any]

    def __post_init__(self) -> None:
        self.done: list[Trial] = []
        self._images = len(split(self.data).training)

    def done_of(self, asked: Sequence[Asked], known: Mapping[int, Trial]) -> Iterator[Trial]:
        """Each trial as it is done; in no order."""
        open_trials: dict[int, Trial] = {}
        candidates = []
        for each in asked:
            if (before := known.get(each.number)) is not None and before.setting == each.setting:
                yield self._note(before)
                continue
            trial, candidate = self._prepared(each)
            if same := self._same(trial):
                yield self._note(replace(trial, outcome=same))
            elif candidate is None:
                yield self._note(trial)
            else:
                open_trials[each.number] = trial
                candidates.append(candidate)
        for number, outcome in self.runner(candidates) if candidates else ():
            yield self._note(replace(open_trials[number], outcome=outcome))

    def _note(self, trial: Trial) -> Trial:
        self.done.append(trial)
        self.on_trial(trial)
        return trial

    def _same(self, trial: Trial) -> Outcome | None:
        """What came of an earlier trial of the same setting. One that was cut short might have been no other time."""
        for before in self.done:
            if before.setting == trial.setting and before.is_whole:
                return replace(before.outcome, seconds=0.0, reason=f"the same setting as trial {before.number}")
        return None

    def _prepared(self, asked: Asked) -> tuple[Trial, Candidate | None]:
        """A trial that is still to be trained, or that cannot be, with the reason."""
        trial = Trial(asked.number, asked.setting, Outcome(FAILED))
        try:
            network, plan = tried(self.network, self.plan, self.space, asked.setting)
            traced = trace(network)
            if traced.error is None:
                trial = replace(trial, parameters=traced.parameters, macs=traced.macs)
            check(network, self.data, plan, self._images)
            trial = replace(trial, memory=training_memory(network, plan.batch, plan.kind).peak)
        except (NetworkError, PlanError, TrainError) as error:
            return replace(trial, outcome=Outcome(FAILED, reason=str(error))), None
        return trial, Candidate(asked.number, network, plan, asked.bars)


def _here(data: Data) -> Runner:
    """Train one after the other in this process."""

    def run(candidates: Sequence[Candidate]) -> Iterator[tuple[int, Outcome]]:
        for each in candidates:
            try:
                yield each.number, fit(each.network, data, each.plan, each.bars)
            except TrainError as error:
                yield each.number, Outcome(FAILED, reason=str(error))

    return run


def _text(value: Any) -> str:
    return value if isinstance(value, str) else written(value)
