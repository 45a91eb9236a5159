"""What runs in a worker process: one job at a time, which tells how far it is and ends when nobody wants it any more.

Dask does not interrupt a task that runs. So the job asks after each of its batches, and the answer is there already:
the server puts it into this process (`refuse`), and the task's own state says whether the server went away.
"""

import json
import time
from collections import OrderedDict
from threading import Thread
from typing import Any

from layerscope import limits
from layerscope.jobs import kinds
from layerscope.jobs.ticket import JobError

_REFUSED_KEPT = 256
_refused: OrderedDict[str, None] = OrderedDict()
"""Runs that are to end, the newest last."""


def dask_setup(worker: Any) -> None:
    """Called when a worker starts: torch is loaded beside, so that the first job need not wait for it all."""
    Thread(target=_warm_up, name="layerscope-warm-up", daemon=True).start()


def _warm_up() -> None:
    import torch

    torch.set_num_threads(1)


def refuse(run: str) -> None:
    """Have a run of a job end: in each worker, as it may begin on any."""
    _refused[run] = None
    while len(_refused) > _REFUSED_KEPT:
        _refused.popitem(last=False)


def run_job(kind: str, text: str, run: str, topic: str) -> str:
    """Do a job; its result as JSON. `run` names this try of it, `topic` is where its progress goes.

    The input is checked as if nobody had done so. Raises JobError.
    """
    fields = kinds.read(kind, text)
    reporting = Reporting(run, topic)
    value = kinds.KINDS[kind].run(fields, reporting)
    answer = json.dumps({"is_whole": not reporting.is_ended, "reason": reporting.reason, "value": value})
    if len(answer) > limits.JOB_RESULT.most:
        raise JobError(limits.JOB_RESULT.sentence())
    return answer


class Reporting:
    """Tells the progress of a run, some times a second at most, and asks whether it is to go on."""

    def __init__(self, run: str, topic: str) -> None:
        from distributed import get_worker

        self._run, self._topic = run, topic
        self._worker = get_worker()
        self._began = time.monotonic()
        self._next = 0.0
        self.is_ended = False
        self.reason = ""

    def __call__(self, **told: Any) -> bool:
        """Tell how far it is. False where the job is to end."""
        if self._run in _refused:
            self.is_ended = True
        elif (now := time.monotonic()) >= self._next:
            self._next = now + 1 / limits.JOB_TOLD.most
            self._tell(told, now)
        return not self.is_ended

    def _tell(self, told: dict[str, Any], now: float) -> None:
        if now - self._began > limits.JOB_SECONDS.most:
            self.is_ended, self.reason = True, limits.JOB_SECONDS.sentence()
        elif _is_abandoned(self._worker, self._run):
            self.is_ended = True
        else:
            self._worker.log_event(self._topic, {"run": self._run, "told": told})


def _is_abandoned(worker: Any, run: str) -> bool:
    """Whether the task is still computed but nobody waits for it: its server or its scheduler went away."""
    task = worker.state.tasks.get(run)
    return task is None or task.state == "cancelled"
