"""The kinds of jobs: a fixed table. What a job may say is checked here, before it is submitted and again in the worker.

A job is our JSON: text and numbers, no code and nothing pickled.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from layerscope import limits
from layerscope.jobs.ticket import JobError
from layerscope.located import Located, LocatedError, read_located

Fields = Mapping[str, Any]


class Report(Protocol):
    """What a running job tells after each of its steps; False where it is to end."""

    def __call__(self, **told: Any) -> bool: ...


@dataclass(frozen=True)
class Kind:
    """One kind of job."""

    fields: frozenset[str]
    """What it may say; `check` tells what it must."""
    check: Callable[[Fields], object]
    """Raises JobError for what cannot be run, before anything of its size is allocated."""
    run: Callable[[Fields, Report], dict[str, Any]]
    """The work; what it returns is JSON."""


def written(kind: str, job: Mapping[str, Any]) -> str:
    """A job as text, checked. Raises JobError."""
    try:
        text = json.dumps(dict(job), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise JobError("A job holds only numbers, texts, lists and objects.") from error
    read(kind, text)
    return text


def read(kind: str, text: str) -> Fields:
    """What a job says, checked. Raises JobError."""
    if kind not in KINDS:
        raise JobError(f"There is no job of that kind; {', '.join(KINDS)} are known.")
    if not isinstance(text, str) or len(text) > limits.JOB_TEXT.most:
        raise JobError(limits.JOB_TEXT.sentence())
    try:
        fields = _plain(read_located(text))
    except LocatedError as error:
        raise JobError(f"The job is not JSON that can be read. {error}") from error
    if not isinstance(fields, dict):
        raise JobError("A job is an object with named fields.")
    if unknown := fields.keys() - KINDS[kind].fields:
        raise JobError(f"A {kind} job has no field {json.dumps(min(unknown)[:40])}.")
    KINDS[kind].check(fields)
    return fields


def _plain(located: Located) -> Any:
    """A value without its lines. It is nested no deeper than the reader allows."""
    value = located.value
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def whole(fields: Fields, name: str, limit: limits.Limit) -> int:
    """A whole number of a job, from 0 to the limit. Raises JobError."""
    value = fields.get(name)
    if type(value) is not int or not 0 <= value <= limit.most:
        raise JobError(limit.sentence(name=name))
    return value


def _check_drill(fields: Fields) -> None:
    whole(fields, "steps", limits.DRILL_STEPS)
    whole(fields, "milliseconds", limits.DRILL_MILLISECONDS)


def _drill(fields: Fields, report: Report) -> dict[str, Any]:
    """Wait so many steps: what shows that a cluster works, and how fast it answers."""
    done = 0
    for done in range(1, fields["steps"] + 1):
        time.sleep(fields["milliseconds"] / 1_000)
        if not report(step=done, steps=fields["steps"], process=os.getpid()):
            break
    return {"steps": done, "process": os.getpid()}


def _check_training(fields: Fields) -> None:
    from layerscope.jobs import training  # here and below, as it needs torch, which a worker loads meanwhile

    training.asked(fields)


def _train(fields: Fields, report: Report) -> dict[str, Any]:
    from layerscope.jobs import training

    return training.train(fields, report)


def _try(fields: Fields, report: Report) -> dict[str, Any]:
    from layerscope.jobs import training

    return training.attempt(fields, report)


_TRAINING = frozenset({"network", "plan", "data"})
KINDS: dict[str, Kind] = {
    "train": Kind(_TRAINING, _check_training, _train),
    "trial": Kind(_TRAINING | {"bars"}, _check_training, _try),
    "drill": Kind(frozenset({"steps", "milliseconds"}), _check_drill, _drill),
}
