"""Training a network on labelled images: a plain loop that knows no screen and reports through a callback.

run = train(network, load("digits"), epochs=5)
run.accuracy, run.curves, run.confusion

`Trainer` is the same loop one batch at a time, for a page or a job that pauses it.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from layerscope import limits
from layerscope.building import BuildError
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.exploding import explosion
from layerscope.study.inside import LookError, cost, prepared
from layerscope.study.moments import Moment, Peek, Stop
from layerscope.study.outcome import COLUMNS, Row, Run, Weights, run_of
from layerscope.study.plan import Plan, PlanError
from layerscope.study.scoring import Scorer, accuracy, batches, cloned, copied
from layerscope.study.splitting import Split, split
from layerscope.study.suiting import Offer, TrainError, check
from layerscope.study.threads import computing_on

__all__ = ["COLUMNS", "Moment", "Offer", "Peek", "Plan", "PlanError", "Run", "Stop", "TrainError", "Trainer", "train"]

EVERY = 100
"""Held-out images are measured after so many steps, and after each epoch."""
STOPPED_SECONDS = 0.7
"""So long are held-out images measured once somebody has stopped a training."""
Result = TypeVar("Result")


def train(
    network: Network,
    data: Data,
    *,
    optimizer: str = "Adam",
    lr: float = 1e-3,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    batch: int = 100,
    epochs: int = 10,
    augmentation: bool = False,
    seed: int = 0,
    weights: Mapping[str, Any] | None = None,
    device: str | None = None,
    images: Split | None = None,
    threads: int = 1,
    on_step: Callable[[Moment], Any] | None = None,
) -> Run:
    """Train a network, freshly initialised from `seed` or from `weights`, with cross-entropy.

    The same arguments give the same curve, bit for bit, on the same computer, and that of the Train page; the random
    state of this program stays as it is. `threads` of torch's compute it: another number of them rounds sums in another
    way. `on_step` is called after each batch, those that only measure too; it returns False or
    raises Stop to end the training. `images` are those to train on and those held out; without it they are divided as
    always. Raises TrainError where the network cannot be trained on these images, before
    anything is allocated, and PlanError for settings out of bounds.
    """
    plan = Plan(optimizer, lr, momentum, weight_decay, batch, epochs, augmentation, seed)
    with computing_on(threads):
        trainer = Trainer(network, data, plan, weights=weights, device=device, images=images)
        for moment in trainer.moments():
            try:
                if on_step is not None and on_step(moment) is False:
                    break
            except Stop:
                break
        return trainer.run()


class Trainer:
    """A training that goes on batch by batch: `for moment in trainer.moments()`, as often as one likes, then `run()`.

    Leaving the loop is a pause; another `moments()` continues. `state()` holds all that the rest depends on: another
    Trainer with more epochs goes on from it, and 3 epochs and 2 further ones give what 5 give at once.

    longer = Trainer(network, data, replace(plan, epochs=5))
    longer.restore(trainer.state())
    """

    def __init__(
        self, network: Network, data: Data, plan: Plan, *, weights: Mapping[str, Any] | None = None,
        device: str | None = None, images: Split | None = None,
    ) -> None:  # fmt: skip
        self.network, self.data, self.plan = network, data, plan
        self.is_continued = bool(weights)
        self._split = images or split(data)
        traced = check(network, data, plan, len(self._split.training))
        self.device = torch.device(device or _best_device())
        try:
            self.module = prepared(network, plan.seed, weights).to(self.device)
        except (BuildError, LookError) as error:
            raise TrainError(str(error)) from error
        self.before: Weights = copied(self.module)
        self._optimizer = plan.make(self.module.parameters())
        self._mixing = torch.Generator().manual_seed(plan.seed)
        self._order = torch.empty(0, dtype=torch.int64)
        self._scorer = Scorer(self.module, data, network.input_shape, self.device, plan.seed)
        if not plan.augmentation:
            self._scorer.bring_ahead()
        self.epoch_steps = plan.epoch_steps(len(self._split.training))
        self.steps = plan.epochs * self.epoch_steps
        affordable = limits.TRAIN_WATCHING.most // max(1, cost(traced)[1])
        self._watched = self._split.held[: min(limits.TRAIN_WATCHED.most, max(plan.batch, affordable))]
        self.step, self.exploded, self._measured = 0, "", -1
        self.seconds = 0.0
        """Spent on training and measuring."""
        self._rows = list[Row]()
        self._scores: Tensor | None = None
        """Of all held-out images, once the training is at its end."""

    def moments(self) -> Iterator[Moment]:
        """Train, and yield after each batch. It ends at the last step, or where the loss explodes."""
        while True:
            if self._is_due():
                yield from self._watch()
            if self.exploded or self.step >= self.steps:
                break
            self._timed(self._train_batch)
            yield self._moment()
        if self._scores is None:
            scores = list[Tensor]()
            for places in batches(self._split.held, self.plan.batch):
                scores.append(self._timed(self._scorer.measured, places))
                yield self._moment()
            self._scores = torch.cat(scores)

    def run(self) -> Run:
        """The result so far. One that was stopped is measured on so many held-out images as a moment allows."""
        scores, stopped = self._scores, self._scores is None
        if scores is None:
            until, some = monotonic() + STOPPED_SECONDS, list[Tensor]()
            for places in batches(self._watched, self.plan.batch):
                some.append(self._scorer.measured(places))
                if monotonic() > until:
                    break
            scores = torch.cat(some)
        rows = self._ending(scores) if stopped else self._rows
        return run_of(
            self.network, self.data, self.plan, rows, scores.cpu(), self._split.held,
            weights=copied(self.module), before=self.before, exploded=self.exploded, stopped=stopped,
            is_continued=self.is_continued, watched=len(self._watched), threads=torch.get_num_threads(),
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """All that the rest of the training depends on, as tensors and plain values; a copy."""
        return {
            "step": self.step, "exploded": self.exploded, "seconds": self.seconds, "rows": list(self._rows),
            "measured": self._measured, "order": self._order.clone(), "mixing": self._mixing.get_state(),
            "draws": self._scorer.draws.generator.get_state(), "before": dict(self.before),
            "module": copied(self.module), "optimizer": cloned(self._optimizer.state_dict()),
            "device": self.device.type,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another Trainer of the same network, data and plan was; this one's plan may have more epochs.

        What both have from the start may be left out: the weights then, and the optimizer's settings.
        """
        self.step, self.exploded, self.seconds = state["step"], state["exploded"], state["seconds"]
        self._rows, self._measured, self._order = list(state["rows"]), state["measured"], state["order"].clone()
        self._mixing.set_state(state["mixing"])
        self._scorer.draws.generator.set_state(state["draws"])
        self.before = dict(state.get("before", self.before))
        self.module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(self._optimizer.state_dict() | cloned(state["optimizer"]))
        self._scores = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The curve so far. Another thread may ask."""
        return tuple(self._rows)

    def peek(self, places: Tensor) -> Peek:
        """What the module makes of some images now."""
        return self._scorer.peek(places)

    def _is_due(self) -> bool:
        is_time = self.step % EVERY == 0 or self.step % self.epoch_steps == 0
        return is_time and self._measured != self.step and not self.exploded

    def _ending(self, scores: Tensor) -> list[Row]:
        """The curve with what was measured where it was stopped, as its last point. `_rows` stays without it: training
        goes on from there. Scores of fewer images than the curve has elsewhere are left out.
        """
        rows = list(self._rows)
        if rows and rows[-1].held_loss is None and len(scores) == len(self._watched):
            loss, right = self._held(scores)
            rows[-1] = rows[-1]._replace(held_loss=loss, held_accuracy=right)
        return rows

    def _held(self, scores: Tensor) -> tuple[float, float]:
        """Loss and accuracy of the watched images."""
        every, labels = scores.cpu(), self.data.labels[self._watched]
        return functional.cross_entropy(every, labels).item(), accuracy(every, labels)

    def _watch(self) -> Iterator[Moment]:
        """Measure the held-out images that are watched, and write it into the curve."""
        scores = list[Tensor]()
        for places in batches(self._watched, self.plan.batch):
            if scores:
                yield self._moment()
            scores.append(self._timed(self._scorer.measured, places))
        held = self._held(torch.cat(scores))
        if not self._rows:
            self._rows.append(Row(0, 0, self.seconds, None, None, *held))
        else:
            last = self._rows.pop()
            self._rows.append(last._replace(seconds=self.seconds, held_loss=held[0], held_accuracy=held[1]))
        self._measured = self.step
        yield self._moment()

    def _train_batch(self) -> None:
        """One step: the loss of a batch, and weights that are a little better."""
        at = self.step % self.epoch_steps
        if at == 0:
            mixed = torch.randperm(len(self._split.training), generator=self._mixing)
            self._order = self._split.training[mixed]
        places = self._order[at * self.plan.batch : (at + 1) * self.plan.batch]
        labels = self.data.labels[places].to(self.device)
        self._optimizer.zero_grad()
        scores = self._scorer.learning(places, self._mixing if self.plan.augmentation else None)
        loss = functional.cross_entropy(scores, labels)
        epoch = self.step // self.epoch_steps + 1
        self._rows.append(
            Row(self.step + 1, epoch, self.seconds, loss.item(), accuracy(scores, labels), None, None)
        )  # fmt: skip
        self.exploded = explosion(self._rows, len(self.data.classes), self.plan.lr)
        if self.exploded:
            return
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self.step += 1

    def _timed(self, work: Callable[..., Result], *arguments: Any) -> Result:
        start = monotonic()
        made = work(*arguments)
        self.seconds += monotonic() - start
        return made

    def _moment(self) -> Moment:
        last = self._rows[-1] if self._rows else Row(0, 0, 0.0, None, None, None, None)
        held = next((row for row in reversed(self._rows) if row.held_loss is not None), last)
        left = self.seconds / self.step * (self.steps - self.step) if self.step else 0.0
        return Moment(
            last.step, self.steps, last.epoch, last.loss, last.accuracy, held.held_loss, held.held_accuracy,
            self.seconds, left,
        )  # fmt: skip


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
