"""Jobs that train: what they say, and what they tell."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from layerscope import limits
from layerscope.interchange import InterchangeError, from_json, to_json
from layerscope.jobs.kinds import Fields, Report
from layerscope.jobs.ticket import JobError
from layerscope.network import Network
from layerscope.study import data, states
from layerscope.study.data import Data
from layerscope.study.plan import Plan, PlanError
from layerscope.study.sets import DIGITS, KNOWN, DataError
from layerscope.study.splitting import split
from layerscope.study.suiting import TrainError, check
from layerscope.study.training import Moment, Trainer
from layerscope.study.trial import fit

SETS = (DIGITS, *KNOWN)
"""Sets of images that a job may name: no path, as it would be read on another computer."""


STATE = "state_file"
"""The field of a trial's result with what it can go on from, in base64."""
SPARE_BYTES = 2**16
"""For the names in a file of tensors."""


class Asked(NamedTuple):
    """What a job wants trained."""

    network: Network
    images: Data
    plan: Plan
    bars: tuple[float | None, ...]


def job(network: Network, plan: Plan, images: str, bars: tuple[float | None, ...] | None = None) -> dict[str, Any]:
    """A job that trains, as JSON values. With bars it is a trial. Raises JobError."""
    try:
        fields = {"network": to_json(network), "plan": plan.to_json(), "data": {"name": images}}
    except InterchangeError as error:
        raise JobError(str(error)) from error
    return fields if bars is None else fields | {"bars": list(bars)}


def asked(fields: Fields) -> Asked:
    """What a job says, checked before anything of its size is allocated. Raises JobError."""
    texts = [fields.get(name) for name in ("network", "plan")]
    if not all(isinstance(text, str) for text in texts):
        raise JobError("A training run needs a network and a plan, each as the text of its JSON.")
    where = fields.get("data")
    name = where.get("name") if isinstance(where, Mapping) else None
    if not isinstance(name, str) or name not in SETS or len(where or ()) > 1:
        raise JobError(f"A training run needs images by name: {', '.join(SETS)}.")
    try:
        network, plan = from_json(str(texts[0])), Plan.from_json(str(texts[1]))
        images = data.load(name)
        check(network, images, plan, len(split(images).training))
    except (InterchangeError, PlanError, TrainError, DataError) as error:
        raise JobError(str(error)) from error
    return Asked(network, images, plan, _bars(fields.get("bars", [])))


def _bars(given: Any) -> tuple[float | None, ...]:
    is_list = isinstance(given, list) and len(given) <= limits.TRAIN_EPOCHS.most
    if not is_list or not all(bar is None or (type(bar) in (int, float) and 0 <= bar <= 1) for bar in given):
        raise JobError("The bars of a trial are a list of accuracies from 0 to 1, or null, one for each epoch.")
    return tuple(given)


def attempt(fields: Fields, report: Report) -> dict[str, Any]:
    """A trial: see `study.trial.fit`. Its result is an outcome as JSON, and in it what the training can go on from."""
    network, images, plan, bars = asked(fields)
    ended = list[bytes]()
    try:
        outcome = fit(
            network, images, plan, bars, lambda moment: report(**asdict(moment)),
            lambda trainer: ended.append(states.written(trainer.state())),
        )  # fmt: skip
    except TrainError as error:
        raise JobError(str(error)) from error
    return outcome.to_json() | {STATE: b64encode(b"".join(ended)).decode()}


def state_taken(value: dict[str, Any]) -> bytes:
    """Take out of a trial's result what it can go on from; b"" where it has none, or more than is kept of a trial.

    The queue keeps results for a while, which must not hold so much.
    """
    text = value.pop(STATE, "")
    try:
        found = b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""
    return found if len(found) <= limits.TRIAL_STATE.most + SPARE_BYTES else b""


def train(fields: Fields, report: Report) -> dict[str, Any]:
    """A training: its curve, the scores of held-out images, and the weights as a safetensors file in base64."""
    network, images, plan, _ = asked(fields)
    try:
        trainer = Trainer(network, images, plan)
        for moment in trainer.moments():
            if not report(**asdict(moment)):
                break
        run = trainer.run()
    except TrainError as error:
        raise JobError(str(error)) from error
    return {
        "rows": [list(row) for row in run.rows], "accuracy": run.accuracy, "loss": run.loss, "exploded": run.exploded,
        "stopped": run.stopped, "places": run.places.tolist(), "labels": run.labels.tolist(),
        "probabilities": run.probabilities.tolist(), "weights": b64encode(run.weights_file()).decode(),
        "watched": run.watched, "threads": run.threads,
    }  # fmt: skip


def moment(told: Mapping[str, Any]) -> Moment | None:
    """Where a training is, of what its job told last; None before its first step."""
    return Moment(**told) if told.keys() == Moment.__dataclass_fields__.keys() else None
