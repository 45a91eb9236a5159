"""What autograd saves of one row, asked of torch: the real module, run under fake tensors.

It is run with two batches, which tells what each saved tensor takes for each sample and what it takes once.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from layerscope.building import unfilled
from layerscope.layers.base import Layer, Shape
from layerscope.layers.kept import WEIGHTS
from layerscope.layers.question import Question
from layerscope.study.fakes import fake_tensors

BATCHES = (2, 3)
"""A batch of one is refused by BatchNorm, which then has one value for each channel."""
AUTOCAST = {"autocast": torch.bfloat16, "autocast-float16": torch.float16}
"""In what type autocast computes, by the names of the precisions with it."""
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int64": torch.int64}
TYPES |= dict.fromkeys(AUTOCAST, torch.float32)
"""Of what type the weights and inputs of a network are, by the names of precisions; int64 are indices."""
Strides = tuple[tuple[int, ...], ...]


class Law(NamedTuple):
    """Bytes as a function of the batch."""

    per_sample: int = 0
    once: int = 0

    def at(self, batch: int) -> int:
        """The bytes for so many samples."""
        return self.per_sample * batch + self.once

    def plus(self, other: "Law", times: int = 1) -> "Law":
        """Both together."""
        return Law(self.per_sample + times * other.per_sample, self.once + times * other.once)


class Value(NamedTuple):
    """A row's input: its shape without batch, its type, and whether a gradient is wanted of it.

    `strides` for each of `BATCHES`; None where it lies in memory in the order of its axes.
    """

    shape: Shape
    dtype: torch.dtype
    wants_gradient: bool
    strides: Strides | None = None


class Output(NamedTuple):
    """What leaves a row: in whose memory it lies (an input's place, WEIGHTS, or None for its own), and how."""

    size: Law
    within: int | None
    dtype: torch.dtype
    strides: Strides | None = None


@dataclass(frozen=True)
class Saved:
    """What a row makes and keeps; inputs and outputs that it keeps by their places, and tensors of its own."""

    outputs: tuple[Output, ...]
    inputs: tuple[int, ...] = ()
    ports: tuple[int, ...] = ()
    own: tuple[Law, ...] = ()
    is_measured: bool = False


class SavedError(Exception):
    """Torch does not run the row on fake tensors; the message is a sentence."""


class UnaskedError(SavedError):
    """No formula tells what a row keeps, and torch may not be asked."""

    def __init__(self) -> None:
        super().__init__("PyTorch has to be asked what this network keeps.")


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Autocast for the names of precisions that have it; nothing for the others."""
    with torch.autocast("cpu", AUTOCAST.get(dtype, torch.bfloat16), enabled=dtype in AUTOCAST):
        yield


def ask_saved(
    layer: Layer,
    arguments: dict[str, Any],
    values: tuple[Value, ...],
    same: tuple[int, ...],
    dtype: str,
    is_real: bool = False,
) -> Saved:
    """What torch saves when `layer` trains on these inputs. `same` says which input each is first: (0, 0) is x · x.

    `is_real` has it run for real, which takes memory and time. Raises SavedError.
    """
    return _ask(Question(layer, (values, same, dtype, tuple(arguments.items()), is_real)))


@lru_cache(maxsize=4096)
def _ask(question: Question) -> Saved:
    values, same, dtype, arguments, is_real = question.given
    try:
        with nullcontext() if is_real else fake_tensors(), torch.enable_grad():
            module = lowered(unfilled(question.layer, dict(arguments)).train(), dtype)
            few, more = (_run(question.layer, module, values, same, dtype, place) for place in range(len(BATCHES)))
    except Exception as error:  # whatever torch raises, such as for values that a shape depends on
        raise SavedError(f"PyTorch does not run {question.layer.type} on tensors without values.") from error
    return _both(few, more)


def lowered(module: nn.Module, dtype: str) -> nn.Module:
    """The module with its weights and buffers in bfloat16, where the precision says so."""
    if dtype != "bfloat16":
        return module
    known: dict[nn.Parameter, nn.Parameter] = {}  # a tensor that two modules hold stays one
    for part in module.modules():
        for name, each in part.named_parameters(recurse=False, remove_duplicate=False):
            if each not in known:
                known[each] = nn.Parameter(each.detach().to(torch.bfloat16))
            setattr(part, name, known[each])
        for name, buffer in part.named_buffers(recurse=False):
            if buffer.is_floating_point():
                setattr(part, name, buffer.to(torch.bfloat16))
    return module


class _Seen(NamedTuple):
    """One run: sizes in bytes."""

    sizes: tuple[int, ...]
    within: tuple[int | None, ...]
    types: tuple[torch.dtype, ...]
    strides: tuple[tuple[int, ...] | None, ...]
    inputs: tuple[int, ...]
    ports: tuple[int, ...]
    own: tuple[int, ...]


def _run(
    layer: Layer, module: nn.Module, values: Iterable[Value], same: tuple[int, ...], dtype: str, place: int
) -> _Seen:
    seed = torch.empty((), requires_grad=True)
    fresh = [_fresh(value, seed, place) for value in values]
    tensors = [fresh[first] for first in same]
    weights = {storage(each) for each in (*module.parameters(), *module.buffers())}
    saved: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        saved.setdefault(storage(tensor), tensor.untyped_storage())
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor), precision(dtype):
        made = layer.unpack(layer.call(module, *tensors))
    arrived, left = [storage(tensor) for tensor in tensors], [storage(tensor) for tensor in made]
    known = {*weights, *arrived, *left}
    return _Seen(
        tuple(tensor.untyped_storage().nbytes() for tensor in made),
        tuple(WEIGHTS if key in weights else arrived.index(key) if key in arrived else None for key in left),
        tuple(tensor.dtype for tensor in made),
        tuple(None if tensor.is_contiguous() else tensor.stride() for tensor in made),
        tuple(i for i, key in enumerate(arrived) if key in saved and key not in arrived[:i]),
        tuple(i for i, key in enumerate(left) if key in saved and key not in {*arrived, *weights, *left[:i]}),
        tuple(size.nbytes() for key, size in saved.items() if key not in known),
    )


def _both(few: _Seen, more: _Seen) -> Saved:
    def law(less: int, greater: int) -> Law:
        per_sample = (greater - less) // (BATCHES[1] - BATCHES[0])
        return Law(per_sample, less - BATCHES[0] * per_sample)

    strides = [
        None if one is None or two is None else (one, two) for one, two in zip(few.strides, more.strides, strict=True)
    ]
    sizes = map(law, few.sizes, more.sizes)
    outputs = tuple(map(Output, sizes, few.within, few.types, strides))
    return Saved(outputs, few.inputs, few.ports, tuple(map(law, few.own, more.own)), is_measured=True)


class _Made(torch.autograd.Function):
    """A tensor that is not a leaf, as what another row made is none: an activation may overwrite it."""

    @staticmethod
    def forward(ctx: Any, seed: Tensor, value: Value, place: int) -> Tensor:
        return _empty(value, place)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return gradients[0].sum(), None, None


def _fresh(value: Value, seed: Tensor, place: int) -> Tensor:
    if not value.wants_gradient:
        return _empty(value, place)
    made: Tensor = _Made.apply(seed, value, place)  # type: ignore[no-untyped-call]
    return made


def _empty(value: Value, place: int) -> Tensor:
    sizes = (BATCHES[place], *value.shape)
    if value.strides is None:
        return torch.empty(sizes, dtype=value.dtype, device="cpu")
    return torch.empty_strided(sizes, value.strides[place], dtype=value.dtype, device="cpu")


def storage(tensor: Tensor) -> int:
    """What tells the memory of one tensor from another's, for as long as both are there."""
    return int(tensor.untyped_storage()._cdata)
