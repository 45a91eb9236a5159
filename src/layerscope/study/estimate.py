"""What is told of a network's memory: bytes by part and by row, their peak, and the largest batch that a card holds."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from layerscope import limits
from layerscope.formatting import bytes_text
from layerscope.steps import Trace
from layerscope.study import optimizers
from layerscope.study.keeping import Keeping
from layerscope.study.parts import Parts
from layerscope.study.timeline import AGAIN, BACKWARD, FORWARD, STEP, Moment

TRAINING, INFERENCE = MODES = ("training", "inference")
_PHASES = {
    FORWARD: "the forward pass of {}",
    AGAIN: "the backward pass while {} is recomputed",
    BACKWARD: "the backward pass of {}",
    STEP: "the optimizer's step",
}


class EstimateError(ValueError):
    """What no memory can be told of; the message is a sentence for the user."""


class UnaskedEstimateError(EstimateError):
    """Formulas alone do not tell it, and torch may not be asked."""


def checked_batch(batch: Any) -> int:
    """The batch itself. Raises EstimateError where none is that large."""
    if type(batch) is not int or not 1 <= batch <= limits.MEMORY_BATCH.most:
        raise EstimateError(limits.MEMORY_BATCH.sentence(found=str(batch)[:40]))
    return batch


@dataclass(frozen=True)
class Peak:
    """The moment at which most memory is in use."""

    phase: str
    """"forward", "backward", "recomputation" (of a checkpointed block) or "step"."""
    layer: str
    """The row that runs; "" in the optimizer's step."""

    def __str__(self) -> str:
        return _PHASES[self.phase].format(self.layer)


@dataclass(frozen=True)
class RowMemory:
    """One row's share in bytes. What several rows keep counts at the first of them."""

    name: str
    type: str
    kept: int
    weights: int
    gradients: int
    optimizer: int
    is_measured: bool
    """Whether torch was asked what it keeps, as no formula tells."""


@dataclass(frozen=True)
class Memory:
    """Bytes, for one training step, or for inference. They are those of tensors: a card needs room for the
    CUDA context besides (`cards.CONTEXT`)."""

    traced: Trace
    batch: int
    kind: optimizers.Kind
    dtype: str
    mode: str
    checkpoint: tuple[str, ...]
    kept: Keeping
    static: Parts
    moments: tuple[Moment, ...]

    @property
    def weights(self) -> int:
        """Learnable values: weights and biases."""
        return self.static.weights

    @property
    def buffers(self) -> int:
        """What a module holds besides, such as the running averages of BatchNorm."""
        return self.static.buffers

    @property
    def gradients(self) -> int:
        """One for each weight, of its type; all of them are there when the optimizer steps."""
        return self.weights if self.trains else 0

    @property
    def optimizer(self) -> int:
        """The optimizer's state, from its first step on."""
        return self.kind.state(self.weights, self.static.tensors) if self.trains else 0

    @cached_property
    def activations(self) -> int:
        """What is kept for the backward pass when the forward pass is done; the first layer keeps the batch itself."""
        if not self.trains:
            return 0
        return next(moment for moment in reversed(self.moments) if moment.phase == FORWARD).activations.at(self.batch)

    @property
    def temporaries(self) -> int:
        """What else lies in memory at the peak: gradients of activations, outputs that are not kept."""
        return self._highest.temporaries.at(self.batch)

    @property
    def peak(self) -> int:
        """The most that is in use at any moment, as far as tensors of the network go."""
        return self.fixed + self._highest.total.at(self.batch)

    @property
    def moment(self) -> Peak:
        """When that is, and which row causes it."""
        return Peak(self._highest.phase, self._highest.layer)

    @property
    def at_peak(self) -> dict[str, int]:
        """The parts of the peak, which add up to it."""
        return self.at(self._highest)

    def at(self, moment: Moment) -> dict[str, int]:
        """The parts of what is in use at a moment."""
        return {
            "weights": self.weights,
            "buffers": self.buffers,
            "optimizer": self.optimizer,
            "gradients": moment.gradients,
            "activations": moment.activations.at(self.batch),
            "temporaries": moment.temporaries.at(self.batch),
        }

    @property
    def fixed(self) -> int:
        """What is there at every moment: weights, buffers, and the optimizer's state."""
        return self.weights + self.buffers + self.optimizer

    @property
    def trains(self) -> bool:
        """Whether it is training that is looked at."""
        return self.mode == TRAINING

    @cached_property
    def _highest(self) -> Moment:
        return max(self.moments, key=lambda moment: moment.total.at(self.batch))

    @cached_property
    def rows(self) -> tuple[RowMemory, ...]:
        """What each row keeps, in the order of the rows; the columns add up to the totals, without a checkpoint."""
        shares = dict.fromkeys(self.traced.network.names, 0)
        for block, name in self.kept.kept().items():
            shares[name] += self.kept.sizes[block].at(self.batch)
        found = []
        for step, row, own in zip(self.traced.steps, self.kept.rows, self.static.rows, strict=True):
            state = self.kind.state(row.weights, own.tensors) if self.trains else 0
            gradients = row.weights if self.trains else 0
            found.append(
                RowMemory(step.name, step.type, shares[step.name], row.weights, gradients, state, row.is_measured)
            )
        return tuple(found)

    def largest_batch(self, card_bytes: int) -> int:
        """The largest batch whose peak so many bytes hold, up to the limit; 0 where not even one fits.

        Of a card give `cards.room_on` it: the CUDA context takes a part of it.
        """
        largest = limits.MEMORY_BATCH.most
        for total in {moment.total for moment in self.moments}:
            room = card_bytes - self.fixed - total.once
            if total.at(1) > card_bytes - self.fixed:
                return 0
            if total.per_sample:
                largest = min(largest, room // total.per_sample)
        return largest

    def with_batch(self, batch: int) -> "Memory":
        """The same for another batch. Raises EstimateError."""
        return replace(self, batch=checked_batch(batch))

    @property
    def sentence(self) -> str:
        """What was found, in one breath."""
        needs = f"{bytes_text(self.peak)} at a batch size of {self.batch:,}"
        if not self.trains:
            return f"Inference needs {needs}; the peak is in {self.moment}."
        parts = self.at_peak
        main = max(("weights", "optimizer", "gradients", "activations", "temporaries"), key=lambda name: parts[name])
        share = round(100 * parts[main] / self.peak) if self.peak else 0
        return f"Training needs {needs}; the peak is in {self.moment}. {_NAMED[main]} {share}% of it."


_NAMED = {
    "weights": "The weights are",
    "optimizer": "The optimizer's state is",
    "gradients": "The gradients of the weights are",
    "activations": "Activations kept for the backward pass are",
    "temporaries": "Temporary tensors are",
}
