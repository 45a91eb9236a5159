"""One trial: a setting, the training with it, and what came of that."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from time import monotonic
from typing import Any

from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.plan import Plan
from layerscope.study.space import Setting
from layerscope.study.threads import computing_on
from layerscope.study.training import Moment, Trainer

FINISHED, CUT, STOPPED, EXPLODED, FAILED, UNSTARTED = STATES = (
    "finished", "cut short", "stopped", "exploded", "failed", "not started"
)  # fmt: skip
CONTINUED = (FINISHED, CUT, STOPPED)
"""The states of a trial that its training can go on from."""
CUT_REASON = "below the median of earlier trials"


@dataclass(frozen=True)
class Outcome:
    """What came of a training. Accuracies are of held-out images, from 0 to 1."""

    state: str
    accuracy: float | None = None
    loss: float | None = None
    seconds: float = 0.0
    curve: tuple[float, ...] = ()
    """The held-out accuracy after each epoch."""
    reason: str = ""
    epochs: float = 0.0
    """How many were trained; where it ended within one, a part of that."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: it was neither stopped nor never begun."""
        return self.state not in (STOPPED, UNSTARTED)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"curve": list(self.curve)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Outcome":
        """Raises ValueError for what is not an outcome."""
        given = {"epochs": len(given.get("curve", ())), **given}  # which those of earlier versions do not say
        if given.keys() != {each.name for each in fields(cls)} or given["state"] not in STATES:
            raise ValueError("no outcome")
        known = [number for number in (given["accuracy"], given["loss"]) if number is not None]
        numbers = [given["seconds"], given["epochs"], *given["curve"], *known]
        if not all(type(number) in (int, float) for number in numbers) or type(given["reason"]) is not str:
            raise ValueError("no outcome")
        return cls(**{**given, "curve": tuple(given["curve"])})


@dataclass(frozen=True)
class Trial:
    """A setting with its outcome, and what is known of its network without training. `macs` are of one sample."""

    number: int
    setting: Setting
    outcome: Outcome
    parameters: int | None = None
    macs: int | None = None
    memory: int | None = None
    """Bytes at the peak of a training step."""

    @property
    def accuracy(self) -> float | None:
        return self.outcome.accuracy

    @property
    def curve(self) -> Sequence[float]:
        return self.outcome.curve

    @property
    def is_whole(self) -> bool:
        """Whether it was trained to its end."""
        return self.outcome.state in (FINISHED, EXPLODED)

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"outcome": self.outcome.to_json()})

    @classmethod
    def from_json(cls, text: str) -> "Trial":
        """Raises ValueError for what is not a trial."""
        try:
            given = json.loads(text)
            setting = {str(key): tuple(v) if isinstance(v, list) else v for key, v in given.pop("setting").items()}
            return cls(setting=setting, outcome=Outcome.from_json(given.pop("outcome")), **given)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError("no trial") from error


def fit(
    network: Network,
    data: Data,
    plan: Plan,
    bars: Sequence[float | None] = (),
    on_step: Callable[[Moment], bool] | None = None,
    on_end: Callable[[Trainer], Any] | None = None,
) -> Outcome:
    """Train a network and report the result.

    It is cut short after an epoch if its best accuracy so far is below that epoch's bar. `on_step` is called
    after each batch and returns False to stop. `on_end` gets a trainer that can go on: its plan is done, or it was cut
    short or stopped. On one thread, so that every computer of a kind gets the same numbers. Raises TrainError.
    """
    with computing_on(1):
        return _fit(Trainer(network, data, plan, device="cpu"), bars, on_step, on_end)


def _fit(
    trainer: Trainer,
    bars: Sequence[float | None],
    on_step: Callable[[Moment], bool] | None,
    on_end: Callable[[Trainer], Any] | None,
) -> Outcome:
    began, curve, state = monotonic(), list[float](), FINISHED
    last: Moment | None = None
    for moment in trainer.moments():
        if last is not None and moment.step == len(curve) * trainer.epoch_steps + trainer.epoch_steps + 1:
            curve.append(last.held_accuracy or 0.0)
            bar = bars[len(curve) - 1] if len(curve) <= len(bars) else None
            if bar is not None and max(curve) < bar:
                state = CUT
                break
        last = moment
        if on_step is not None and on_step(moment) is False:
            state = STOPPED
            break
    run = trainer.run()
    seconds, epochs = monotonic() - began, trainer.step / trainer.epoch_steps
    if run.exploded:
        return Outcome(EXPLODED, run.accuracy, _finite(run.loss), seconds, tuple(curve), run.exploded, epochs)
    if on_end is not None and state in CONTINUED:
        on_end(trainer)
    if state == FINISHED:
        curve.append(last.held_accuracy if last is not None and last.held_accuracy is not None else run.accuracy)
    reason = CUT_REASON if state == CUT else ""
    accuracy = curve[-1] if state == CUT else run.accuracy
    return Outcome(state, accuracy, _finite(run.loss), seconds, tuple(curve), reason, epochs)


def _finite(loss: float) -> float | None:
    return loss if isfinite(loss) else None
