"""What a record is for one sample: shapes without the batch, axes counted with the batch in front.

The model runs twice, on two batches. The axis whose size differs is the batch, wherever the model has put it; numbers
that differ among the arguments are sizes of it. torch's own rules for the counter are linear in the batch, so the cost
of one sample follows from both runs.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from layerscope.modules.record import Asked, Reason, Record, Shape, Source, Stop, Value

_SAME_VALUES = {"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like"}
_FRESH = _SAME_VALUES | {"new_zeros", "new_ones", "new_empty", "new_full", "new_tensor"}
"""Functions that read of a tensor only what it is, not what is in it."""
_DRAWS = {
    "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "bernoulli", "bernoulli_",
    "multinomial", "normal", "normal_", "uniform_", "random_", "poisson", "exponential_", "geometric_", "cauchy_",
    "log_normal_",
}  # fmt: skip
"""Functions that draw random numbers."""


class Unlike(Exception):  # noqa: N818  it never leaves this package
    """The two runs did not make the same calls, or samples of a batch met, so that one sample is nothing of its own."""


@dataclass(frozen=True)
class Seen:
    """A value of one sample. `axis` is where the batch stood, None where there was none; `times` is how often the
    batch's size that axis had: samples cut into windows stand there one after the other."""

    shape: Shape
    axis: int | None
    times: int
    rank: int
    value: Value

    def dim(self, dim: int) -> int | None:
        """torch's axis number where the batch is axis 0; None for the batch's own axis."""
        dim = dim + self.rank if dim < 0 else dim
        if self.axis is None:
            return dim + 1
        if dim == self.axis:
            return None if self.times == 1 else 1
        shift = 1 if self.times > 1 else 0
        return dim + 1 + shift if dim < self.axis else dim + shift


class Sample:
    """One or two records as one: calls, values for one sample, costs for one sample."""

    def __init__(self, first: Record, second: Record | None = None) -> None:
        self.record = first
        self._other = second
        if second is not None and not _is_alike(first, second):
            raise Unlike
        self.calls = first.calls
        self.outputs = first.outputs
        self.stop = first.stop

    def asks(self, reason: Reason) -> Asked | None:
        """The first place where Python asks for numbers that depend on an input, or that are drawn at random."""
        known = self.live if reason is Reason.VALUES else self._drawn
        return next((asked for asked in self.record.asked if not known.isdisjoint(asked.reads)), None)

    def until(self, asked: Asked, reason: Reason) -> "Sample":
        """The sample up to that place, where it stops."""
        stop = Stop(asked.path, asked.kind, asked.called, "", reason=reason)
        before = self.record.calls[: asked.before]
        return Sample(replace(self.record, calls=before, outputs=(), stop=stop))

    @cached_property
    def values(self) -> tuple[Seen, ...]:
        if self._other is None:
            return tuple(_alone(value, self.record.batch) for value in self.record.values)
        pairs = zip(self.record.values, self._other.values, strict=True)
        return tuple(_compared(value, other, self.record.batch, self._other.batch) for value, other in pairs)

    @cached_property
    def live(self) -> frozenset[int]:
        """The values that depend on an input; the others are weights, and what was made of weights."""
        live = {number for number, value in enumerate(self.record.values) if value.source is Source.INPUT}
        for call in self.calls:
            if not call.is_module and call.name in _FRESH:
                continue
            if not live.isdisjoint(call.reads):
                live.update(call.makes)
        return frozenset(live)

    @cached_property
    def _drawn(self) -> frozenset[int]:
        """The values that depend on a random number."""
        drawn: set[int] = set()
        for call in self.calls:
            if (call.name in _DRAWS and not call.is_module) or not drawn.isdisjoint(call.reads):
                drawn.update(call.makes)
        return frozenset(drawn)

    def macs(self, place: int) -> int:
        """Multiply-accumulates of the call at `place` for one sample."""
        macs, batch = self.calls[place].macs, self.record.batch
        if self._other is None:
            return macs // batch
        more = (self._other.calls[place].macs - macs) // (self._other.batch - batch)
        return macs + more * (1 - batch)


def _is_alike(first: Record, second: Record) -> bool:
    if len(first.values) != len(second.values) or len(first.calls) != len(second.calls):
        return False
    return all(
        (a.path, a.name, a.makes, a.reads) == (b.path, b.name, b.makes, b.reads)
        for a, b in zip(first.calls, second.calls, strict=True)
    ) and all(_has_one_batch(a.shape, b.shape) for a, b in zip(first.values, second.values, strict=True))


def _has_one_batch(shape: Shape, other: Shape) -> bool:
    return len(shape) == len(other) and sum(a != b for a, b in zip(shape, other, strict=True)) <= 1


def _compared(value: Value, other: Value, batch: int, more: int) -> Seen:
    for axis, (size, larger) in enumerate(zip(value.shape, other.shape, strict=True)):
        if size != larger:
            times = (larger - size) // (more - batch)
            return _seen(value, axis, max(times, 1))
    return _seen(value, None, 1)


def _alone(value: Value, batch: int) -> Seen:
    """With one run only the first axis as large as the batch has to do."""
    if value.source in (Source.PARAMETER, Source.BUFFER):
        return _seen(value, None, 1)
    axis = next((axis for axis, size in enumerate(value.shape) if size == batch), None)
    return _seen(value, axis, 1)


def _seen(value: Value, axis: int | None, times: int) -> Seen:
    shape = value.shape
    if axis is not None:
        shape = (*([times] if times > 1 else []), *shape[:axis], *shape[axis + 1 :])
    return Seen(shape, axis, times, len(value.shape), value)
