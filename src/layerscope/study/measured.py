"""What torch itself counts for a training step: the real module, really stepped by its optimizer, without memory.

Autograd's hooks for saved tensors count the activations, torch's own tracker counts the rest.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from layerscope import limits
from layerscope.building import unfilled_module
from layerscope.source.torch import questions
from layerscope.steps import Trace
from layerscope.study.culprit import Culprit
from layerscope.study.estimate import INFERENCE, EstimateError, Memory
from layerscope.study.fakes import fake_tensors
from layerscope.study.saved import TYPES, lowered, precision, storage

if TYPE_CHECKING:
    from layerscope.study.tracked import Tracked

CLOSE = 0.02
"""By how much two counts may differ and still agree."""
CLOSE_PEAK = 0.05
"""By how much two peaks may: what a kernel borrows for a moment is not in ours."""


@dataclass(frozen=True)
class Measured:
    """Bytes as torch counts them. `peaks` are by phase: "forward", "backward", "step"."""

    weights: int
    buffers: int
    gradients: int
    optimizer: int
    activations: int
    peaks: dict[str, int]
    culprits: dict[str, Culprit]
    """What ran at the peak of each phase."""

    @property
    def peak(self) -> int:
        """The most at any moment."""
        return max(self.peaks.values())

    @property
    def phase(self) -> str:
        """The phase in which that is."""
        return max(self.peaks, key=self.peaks.__getitem__)


@dataclass(frozen=True)
class Beside:
    """One number of ours beside torch's."""

    name: str
    ours: int
    torchs: int
    agrees: bool
    phase: str = ""
    """Of a peak: the phase in which torch has it, and what runs then."""
    culprit: Culprit | None = None


def beside(memory: Memory) -> tuple[Beside, ...]:
    """Our numbers beside torch's. Raises EstimateError where a network is too large, or does not run without values."""
    real = measure(memory)
    rows = []
    for name, tolerance in (
        ("weights", CLOSE), ("buffers", CLOSE), ("gradients", CLOSE), ("optimizer", CLOSE), ("activations", 0.0),
        ("peak", CLOSE_PEAK),
    ):  # fmt: skip
        ours, torchs = getattr(memory, name), getattr(real, name)
        agrees = abs(ours - torchs) <= tolerance * max(ours, torchs)
        at = (real.phase, real.culprits[real.phase]) if name == "peak" else ("", None)
        rows.append(Beside(name, ours, torchs, agrees, *at))
    return tuple(rows)


def measure(memory: Memory) -> Measured:
    """What torch counts for the same step. Raises EstimateError."""
    found = len(memory.traced.steps)
    if found > limits.MEMORY_STEPPED.most:
        raise EstimateError(limits.MEMORY_STEPPED.sentence(found=found))
    if memory.checkpoint:
        raise EstimateError("PyTorch's tracker is not run with checkpoints; choose none to compare.")
    try:
        return _measure(_Key(memory))
    except (RuntimeError, ValueError, TypeError, NotImplementedError, AssertionError) as error:
        if isinstance(error, EstimateError):
            raise
        raise EstimateError("PyTorch does not run this network on tensors without values.") from error


class _Key:
    """A memory by what its measure depends on."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._key = memory.traced.network, memory.batch, memory.kind.name, memory.dtype, memory.mode

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._key == other._key


class _Loss(torch.autograd.Function):
    """A number made of all outputs, each of which gets a gradient of its own size, as a real loss gives it."""

    @staticmethod
    def forward(ctx: Any, *outputs: Tensor) -> Tensor:
        ctx.kinds = [(each.shape, each.dtype) for each in outputs]
        return torch.empty((), device="cpu")

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return tuple(torch.empty(shape, dtype=dtype, device="cpu") for shape, dtype in ctx.kinds)


@lru_cache(maxsize=64)
def _measure(key: _Key) -> Measured:
    memory = key.memory
    questions.load()
    from layerscope.study.tracked import Tracked  # here, as loading it takes seconds

    with fake_tensors(), torch.set_grad_enabled(memory.mode != INFERENCE):
        return _stepped(memory, Tracked)


def _stepped(memory: Memory, tracker: "type[Tracked]") -> Measured:
    module = lowered(unfilled_module(memory.traced).train(memory.trains), memory.dtype)
    inputs = _samples(memory.traced, memory.batch, memory.dtype)
    if not memory.trains:
        tracked = tracker(module, inputs)
        with tracked.phase("forward"), tracked.watching(module), precision(memory.dtype):
            module(*inputs)
        kinds = tracked.peaks["forward"]
        peaks = {"forward": kinds["Total"]}
        return Measured(kinds["Parameter"], kinds["Buffer"], 0, 0, 0, peaks, tracked.culprits)
    activations = _kept(module, inputs, memory.dtype)
    optimizer = memory.kind.make(module.parameters())
    for _ in range(2):  # the first step makes the optimizer's state
        tracked = tracker(module, inputs)
        tracked.states(optimizer)
        with tracked.phase("forward"), tracked.watching(module), precision(memory.dtype):
            made = module(*inputs)
        outputs = made if isinstance(made, tuple) else (made,)
        loss = _Loss.apply(*(each for each in outputs if each.requires_grad))  # type: ignore[no-untyped-call]
        with tracked.phase("backward"):
            loss.backward()
        with tracked.phase("step"):
            optimizer.step()
            kinds = {str(getattr(kind, "value", kind)): size for kind, size in tracked.now().items()}
        optimizer.zero_grad()
        del made, outputs, loss
    state = sum(
        each.numel() * each.element_size() for kept in optimizer.state.values() for each in kept.values()
        if isinstance(each, Tensor)
    )  # fmt: skip
    peaks = {phase: found["Total"] for phase, found in tracked.peaks.items()}
    return Measured(kinds["Parameter"], kinds["Buffer"], kinds["Gradient"], state, activations, peaks, tracked.culprits)


def _kept(module: Any, inputs: list[Tensor], dtype: str) -> int:
    """The bytes that autograd saves, the module's own tensors left out, and each piece of memory counted once."""
    own = {storage(each) for each in (*module.parameters(), *module.buffers())}
    saved: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        saved.setdefault(storage(tensor), tensor.untyped_storage())
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor), precision(dtype):
        module(*inputs)
    return sum(each.nbytes() for key, each in saved.items() if key not in own)


def _samples(traced: Trace, batch: int, dtype: str) -> list[Tensor]:
    kinds = {"values": TYPES[dtype], "indices": torch.int64}
    return [
        torch.empty((batch, *given.shape), dtype=kinds[given.kind], device="cpu") for given in traced.network.inputs
    ]
