"""Training a network on labelled images: a plain loop that knows no screen and reports through a callback.

run = train(network, load("digits"), epochs=5)
run.accuracy, run.curves, run.confusion

`Trainer` is the same loop one batch at a time, for a page or a job that pauses it.
"""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite, log
from time import monotonic
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from layerscope import limits
from layerscope.building import BuildError, called
from layerscope.network import Network
from layerscope.study.augmenting import augmented
from layerscope.study.data import Data, as_inputs
from layerscope.study.drawing_numbers import Draws
from layerscope.study.inside import LookError, cost, prepared
from layerscope.study.moments import Moment, Peek, Stop
from layerscope.study.outcome import COLUMNS, Row, Run, Weights, run_of
from layerscope.study.plan import Plan, PlanError
from layerscope.study.splitting import Split, split
from layerscope.study.suiting import Offer, TrainError, check

__all__ = ["COLUMNS", "Moment", "Offer", "Peek", "Plan", "PlanError", "Run", "Stop", "TrainError", "Trainer", "train"]

EVERY = 100
"""Held-out images are measured after so many steps, and after each epoch."""
FAR, LAST = 10, 5
"""A loss explodes where the last few are on average so many times the loss of an untrained network."""
STOPPED_SECONDS = 0.7
"""So long are held-out images measured once somebody has stopped a training."""
Result = TypeVar("Result")
_ERRORS = (RuntimeError, ValueError, IndexError, TypeError)


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
    on_step: Callable[[Moment], Any] | None = None,
) -> Run:
    """Train a network, freshly initialised from `seed` or from `weights`, with cross-entropy.

    The same arguments give the same curve, bit for bit, on the same computer and number of threads; the random state of
    this program stays as it is. `on_step` is called after each batch, those that only measure too; it returns False or
    raises Stop to end the training. `images` are those to train on and those held out; without it they are divided as
    always. Raises TrainError where the network cannot be trained on these images, before
    anything is allocated, and PlanError for settings out of bounds.
    """
    plan = Plan(optimizer, lr, momentum, weight_decay, batch, epochs, augmentation, seed)
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

    Leaving the loop is a pause; another `moments()` continues. `state()` holds all that the rest depends on.
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
        self.before: Weights = _copied(self.module)
        self._optimizer = plan.make(self.module.parameters())
        self._mixing = torch.Generator().manual_seed(plan.seed)
        self._draws = Draws(plan.seed, self.device)
        self._order = torch.empty(0, dtype=torch.int64)
        self.epoch_steps = len(self._split.training) // plan.batch
        self.steps = plan.epochs * self.epoch_steps
        affordable = limits.TRAIN_WATCHING.most // max(1, cost(traced)[1])
        self._watched = self._split.held[: min(limits.TRAIN_WATCHED.most, max(plan.batch, affordable))]
        values = len(data) * torch.Size(network.input_shape).numel()
        is_ready = not plan.augmentation and values <= limits.TRAIN_READY.most
        self._ready = data.batch(slice(None), network.input_shape) if is_ready else None
        self.step, self.exploded, self._measured = 0, "", -1
        self._seconds, self._rows = 0.0, list[Row]()
        self._scores: Tensor | None = None
        """Of all held-out images, once the training is at its end."""

    def moments(self) -> Iterator[Moment]:
        """Train, and yield after each batch. It ends at the last step, or where the loss explodes."""
        while True:
            if self._is_due():
                yield from self._watch()
            if self.exploded or self.step == self.steps:
                break
            self._timed(self._train_batch)
            yield self._moment()
        if self._scores is None:
            scores = list[Tensor]()
            for places in self._batches(self._split.held):
                scores.append(self._timed(self._measure, places))
                yield self._moment()
            self._scores = torch.cat(scores)

    def run(self) -> Run:
        """What came of it so far. One that was stopped is measured on so many held-out images as a moment allows."""
        scores, stopped = self._scores, self._scores is None
        if scores is None:
            until, some = monotonic() + STOPPED_SECONDS, list[Tensor]()
            for places in self._batches(self._watched):
                some.append(self._measure(places))
                if monotonic() > until:
                    break
            scores = torch.cat(some)
        return run_of(
            self.network, self.data, self.plan, self._rows, scores.cpu(), self._split.held[: len(scores)],
            weights=_copied(self.module), before=self.before, exploded=self.exploded, stopped=stopped,
            is_continued=self.is_continued, watched=len(self._watched), threads=torch.get_num_threads(),
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """All that the rest of the training depends on, as tensors and plain values; a copy."""
        return {
            "step": self.step, "exploded": self.exploded, "seconds": self._seconds, "rows": list(self._rows),
            "measured": self._measured, "order": self._order.clone(), "mixing": self._mixing.get_state(),
            "draws": self._draws.generator.get_state(), "before": dict(self.before), "module": _copied(self.module),
            "optimizer": _cloned(self._optimizer.state_dict()),
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another Trainer of the same network, data and plan was."""
        self.step, self.exploded, self._seconds = state["step"], state["exploded"], state["seconds"]
        self._rows, self._measured, self._order = list(state["rows"]), state["measured"], state["order"].clone()
        self._mixing.set_state(state["mixing"])
        self._draws.generator.set_state(state["draws"])
        self.before = dict(state["before"])
        self.module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(_cloned(state["optimizer"]))
        self._scores = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The curve so far. Another thread may ask."""
        return tuple(self._rows)

    def peek(self, places: Tensor) -> Peek:
        """What the module makes of some images now."""
        seen = list[Tensor]()
        name, layer = next(((n, m) for n, m in called(self.module).items() if _kernels(m) is not None), ("", None))
        hook = layer.register_forward_hook(lambda *made: seen.append(made[2].detach().clone())) if layer else None
        try:
            probabilities = self._measure(places).softmax(1).nan_to_num(0.0).cpu()
        finally:
            if hook is not None:
                hook.remove()
        maps = seen[0][0].nan_to_num(0.0).cpu() if seen else None
        weight = _kernels(layer) if layer else None
        kernels = None if weight is None else weight.detach().nan_to_num(0.0).cpu().clone()
        return Peek(places, probabilities, name, maps, kernels)

    def _is_due(self) -> bool:
        is_time = self.step % EVERY == 0 or self.step % self.epoch_steps == 0
        return is_time and self._measured != self.step and not self.exploded

    def _watch(self) -> Iterator[Moment]:
        """Measure the held-out images that are watched, and write it into the curve."""
        scores = list[Tensor]()
        for places in self._batches(self._watched):
            if scores:
                yield self._moment()
            scores.append(self._timed(self._measure, places))
        every, labels = torch.cat(scores).cpu(), self.data.labels[self._watched]
        held = (functional.cross_entropy(every, labels).item(), _accuracy(every, labels))
        if not self._rows:
            self._rows.append(Row(0, 0, self._seconds, None, None, *held))
        else:
            last = self._rows.pop()
            self._rows.append(last._replace(seconds=self._seconds, held_loss=held[0], held_accuracy=held[1]))
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
        self.module.train()
        self._optimizer.zero_grad()
        scores = self._called(self._given(places, self.plan.augmentation))
        loss = functional.cross_entropy(scores, labels)
        found = loss.item()
        epoch = self.step // self.epoch_steps + 1
        self._rows.append(Row(self.step + 1, epoch, self._seconds, found, _accuracy(scores, labels), None, None))
        if self._explodes(found):
            return
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self.step += 1

    def _explodes(self, loss: float) -> bool:
        first = next(row.loss for row in self._rows if row.loss is not None)
        last = [row.loss for row in self._rows[-LAST:] if row.loss is not None]
        usual = max(log(len(self.data.classes)), first if isfinite(first) else 0)
        if not isfinite(loss):
            what = f"The loss is no longer a number at step {self.step + 1:,}"
        elif len(last) == LAST and sum(last) / LAST > FAR * usual:
            what = f"The loss rose to {loss:,.3g} at step {self.step + 1:,}"
        else:
            return False
        began = f"; it began at {first:.2f}" if isfinite(first) and len(self._rows) > 1 else ""
        self.exploded = (
            f"{what}{began}. The learning rate {self.plan.lr:g} makes the weights jump too far. Try "
            f"{self.plan.lr / 10:.1g}."
        )
        return True

    def _given(self, places: Tensor, is_augmented: bool) -> Tensor:
        """Images as the network's input."""
        if is_augmented:
            pictures = self.data.images[places].float() / self.data.white
            given = as_inputs(augmented(pictures, self._mixing, self.data.mirrors), self.network.input_shape)
        elif self._ready is not None:
            given = self._ready[places]
        else:
            given = self.data.batch(places, self.network.input_shape)
        return given.to(self.device)

    @torch.no_grad()
    def _measure(self, places: Tensor) -> Tensor:
        self.module.eval()
        return self._called(self._given(places, False))

    def _called(self, given: Tensor) -> Tensor:
        try:
            with self._draws:
                scores: Tensor = self.module(given)
        except _ERRORS as error:
            raise TrainError(f"PyTorch does not train this network: {str(error).splitlines()[0][:200]}") from error
        return scores

    def _batches(self, places: Tensor) -> Iterator[Tensor]:
        for start in range(0, len(places), self.plan.batch):
            yield places[start : start + self.plan.batch]

    def _timed(self, work: Callable[..., Result], *arguments: Any) -> Result:
        start = monotonic()
        made = work(*arguments)
        self._seconds += monotonic() - start
        return made

    def _moment(self) -> Moment:
        last = self._rows[-1] if self._rows else Row(0, 0, 0.0, None, None, None, None)
        held = next((row for row in reversed(self._rows) if row.held_loss is not None), last)
        left = self._seconds / self.step * (self.steps - self.step) if self.step else 0.0
        return Moment(
            last.step, self.steps, last.epoch, last.loss, last.accuracy, held.held_loss, held.held_accuracy,
            self._seconds, left,
        )  # fmt: skip


def _kernels(module: nn.Module) -> Tensor | None:
    """The kernels of a convolution over images, (out channels, in channels, height, width)."""
    weight = getattr(module, "weight", None)
    return weight if isinstance(weight, Tensor) and weight.ndim == 4 else None


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _accuracy(scores: Tensor, labels: Tensor) -> float:
    return (scores.argmax(1) == labels).float().mean().item()


def _copied(module: nn.Module) -> Weights:
    return {name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()}


def _cloned(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: _cloned(part) for key, part in value.items()}
    return [_cloned(part) for part in value] if isinstance(value, list) else value
