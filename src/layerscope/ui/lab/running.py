"""One training in a thread of this process, as pages see it. Knows nothing of other training runs."""

import gc
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from threading import Thread, main_thread
from time import monotonic, thread_time
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.outcome import Row, Run
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.training import Moment, Peek, Trainer, TrainError

WAITING, RUNNING, PAUSED, ENDED = "waiting", "running", "paused", "ended"
PEEK_SECONDS = 0.3
ROW_BYTES = 250
"""About what a row of the curve takes in memory."""
MOST_SLOW = 2
"""Slow steps in a row after which it ends: what the formulas count says little of how fast it is done."""
EYES = 6
"""Held-out images that are looked at while it learns."""
BEFORE_ITS_FIRST_STEP = "The training was stopped before its first step."


class Training(Thread):
    """One training. Its fields are read by pages while it goes on; each is replaced as a whole.

    It ends with the process, which waits for it: torch aborts where it computes in a thread as the interpreter goes
    away. `session` is whose page began it. One that goes on where `before` ended shows what came of that until it has
    an outcome of its own; one that goes on from `ending` knows nothing else of it.
    """

    def __init__(
        self, session: str, network: Network, data: Data, plan: Plan, before: "Training | None" = None,
        ending: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name="layerscope-training", daemon=False)  # Python waits for it
        self.session, self.network, self.set, self.plan = session, network, data, plan
        self.state, self.said = WAITING, ""
        self.moment: Moment | None = None
        self.rows: tuple[Row, ...] = ()
        self.peek: Peek | None = None
        self.outcome: Run | None = None
        self.ending = ending
        """All that further epochs depend on (`Trainer.state`), once it has ended."""
        self.watchers = dict.fromkeys([session])
        """Sessions whose pages show it, the newest last."""
        self.looked = monotonic()
        """When a page last asked for it."""
        self.cared = self.shown = monotonic()
        """When it was last asked whether a page shows it, and when one did."""
        self.is_paused = self.is_stopped = self.is_begun = False
        self._trainer: Trainer | None = None
        if ending is not None:
            self.rows = tuple(ending["rows"])
        if before is not None:
            self.rows, self.peek = before.rows, before.peek
            if (last := before.moment) is not None:
                self.moment = replace(last, steps=last.steps // before.plan.epochs * plan.epochs)
            self.outcome, self.ending = before.outcome, before.ending
            self.watchers = before.watchers | self.watchers

    def may_go_on(self) -> bool:
        """Asked before the first step and after each: it may wait, and says no to end the training."""
        end_with_the_process()
        while self.rests():
            end_with_the_process()
        return not self.is_stopped

    def rests(self) -> bool:
        """Whether it still has to wait after it waited a moment."""
        return False

    def draw_to_here(self) -> None:
        """Its curve up to the step that it has reached, for when it rests; else the curve follows now and then."""
        if self._trainer is not None:
            self.rows = self._trainer.rows

    def run(self) -> None:
        try:
            if self.may_go_on():
                self._train()
            elif self.outcome is None:
                self.said = self.said or BEFORE_ITS_FIRST_STEP
        except TrainError as error:
            self.said = str(error)
        except MemoryError:
            self.said = "The server ran out of memory for this training. Choose a smaller batch or a smaller network."
        except Exception:  # nobody else would hear of it
            logging.getLogger(__name__).exception("A training run failed")
            self.said = "This training failed because of a bug in the app; the server's log has the details."
        finally:
            self._trainer = None

    def _train(self) -> None:
        trainer = self._trainer = Trainer(self.network, self.set, self.plan, device=(self.ending or {}).get("device"))
        if self.ending is not None:
            trainer.restore(self.ending)
        eyes, peeked, before = _one_a_class(self.set), 0.0, trainer.seconds
        slow, began = 0, thread_time()
        for moment in trainer.moments():
            slow = slow + 1 if thread_time() - began > limits.TRAIN_STEP_SECONDS.most else 0
            if self.peek is None or monotonic() - peeked > PEEK_SECONDS:
                self.peek, self.rows, peeked = trainer.peek(eyes), trainer.rows, monotonic()
            self.moment = moment
            if moment.seconds - before > limits.TRAIN_SECONDS.most:
                self.said = limits.TRAIN_SECONDS.sentence()
                break
            if slow == MOST_SLOW:
                self.said = limits.TRAIN_STEP_SECONDS.sentence()
                break
            if not self.may_go_on():
                break
            began = thread_time()
        self.peek, self.rows = trainer.peek(eyes), trainer.rows
        run = trainer.run()
        self.rows = run.rows
        self.outcome, self.ending = run, trainer.state() | {"module": run.weights}

    @property
    def size(self) -> int:
        """Bytes of what is kept of it once it has ended, without its images."""
        held = [self.outcome.weights, self.outcome.before] if self.outcome is not None else []
        kept = {name: part for name, part in (self.ending or {}).items() if name != "rows"}
        found = {id(tensor): tensor.nbytes for tensor in _tensors([*held, kept])}
        return sum(found.values()) + ROW_BYTES * len(self.rows)


def end_with_the_process() -> None:
    """Raise SystemExit where the process ends. It ends this thread alone, without a word: nobody sees the result."""
    if not main_thread().is_alive():
        raise SystemExit


@cache
def warm() -> Thread:
    """Have torch import what its first optimizer asks for: seconds that nobody should wait for after a click."""
    warming = Thread(target=_warm, name="layerscope-warm-training", daemon=False)  # it is in torch, too
    warming.start()
    return warming


def _warm() -> None:
    Plan().make([torch.nn.Parameter(torch.zeros(1))])
    gc.freeze()


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _tensors(part)


def _one_a_class(data: Data) -> Tensor:
    """The first held-out image of each of the first classes."""
    held = split(data).held
    firsts = [(data.labels[held] == label).nonzero() for label in range(min(EYES, len(data.classes)))]
    return held[torch.stack([places[0, 0] for places in firsts if len(places)])]
