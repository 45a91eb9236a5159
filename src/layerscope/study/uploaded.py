"""Weights from a safetensors file: read, and compared with those of a network's module. No other form is opened."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from layerscope import limits
from layerscope.building import module
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.steps import BYTES_PER_VALUE
from layerscope.tracing import trace

Weights = dict[str, Tensor]
MOST_TOLD = 3
"""So many mismatches of a kind are told one by one."""
LARGEST = 1e6
"""Weights beyond that size would soon make maps whose values float32 does not hold."""


class WeightsFileError(ValueError):
    """A file that holds no weights for this network; the message is a sentence for the user."""


class PartialWeightsError(WeightsFileError):
    """A file that holds weights for a part of this network only, which `fitting` gives."""


def read_weights(data: bytes, network: Network) -> Weights:
    """The tensors of a safetensors file as float32, whose names and shapes are those of the network's state_dict.

    Raises WeightsFileError with what does not fit, PartialWeightsError where something does.
    """
    found = opened(data)
    story = trace(network)
    if story.error is not None:
        raise WeightsFileError(f"{story.steps[-1].name} does not run, so the shapes of its weights are not known.")
    if story.parameters * BYTES_PER_VALUE > 4 * limits.WEIGHTS_FILE.most:  # as float8 they would still not fit
        raise WeightsFileError(
            f"This network has {story.parameters:,} parameters; a file of at most {limits.WEIGHTS_FILE.most:,} bytes "
            "does not hold them."
        )
    wanted = module(network).state_dict()
    if wrong := " ".join(mismatches(found, wanted)):
        kind = PartialWeightsError if fitting(found, wanted) else WeightsFileError
        raise kind(f"The file does not fit this network. {wrong}")
    return found


@lru_cache(maxsize=8)
def opened(data: bytes) -> Weights:
    """The tensors of a safetensors file; real numbers as float32. Do not change them. Raises WeightsFileError."""
    if len(data) > limits.WEIGHTS_FILE.most:
        raise WeightsFileError(limits.WEIGHTS_FILE.sentence(found=len(data)))
    try:
        found = safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise WeightsFileError("This is not a safetensors file, or a part of it is missing.") from error
    if not found:
        raise WeightsFileError("The file holds no tensors.")
    for name, tensor in found.items():
        if tensor.is_complex() or tensor.dtype == torch.bool:
            raise WeightsFileError(f"{name} holds {_dtype(tensor)}; weights are real numbers.")
        if tensor.is_floating_point():
            found[name] = values = tensor.float()
            if values.numel() and not float(values.abs().max()) <= LARGEST:  # a NaN is not less than anything
                raise WeightsFileError(f"{name} holds a value that is not a number, or is larger than {LARGEST:,.0f}.")
    return found


def fitting(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Weights:
    """The tensors whose name and shape a state_dict has: what is left of a file once the network was changed."""
    return {name: found[name] for name, tensor in wanted.items() if name in found and _fits(found[name], tensor)}


def mismatches(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Iterator[str]:
    """A sentence for the tensors that are missing, one for those of another shape or kind, one for unknown ones."""
    if missing := [name for name in wanted if name not in found]:
        yield f"Missing: {_first(missing)}."
    both = [(name, tensor, found[name]) for name, tensor in wanted.items() if name in found]
    if differ := [_differ(name, one, other) for name, one, other in both if not _fits(other, one)]:
        yield _first(differ, "; ", "; and") + "."
    if unknown := [name for name in found if name not in wanted]:
        yield f"Not in this network: {_first(unknown)}."


def _differ(name: str, wanted: Tensor, found: Tensor) -> str:
    written = _shape if found.shape != wanted.shape else _dtype
    return f"{name} expects {written(wanted)}, but gets {written(found)}"


def _first(told: Sequence[str], between: str = ", ", last: str = " and") -> str:
    """The first of them, and how many more there are."""
    more = len(told) - MOST_TOLD
    return between.join(told[:MOST_TOLD]) + (f"{last} {more:,} more" if more > 0 else "")


def _fits(tensor: Tensor, wanted: Tensor) -> bool:
    return tensor.shape == wanted.shape and tensor.is_floating_point() == wanted.is_floating_point()


def _shape(tensor: Tensor) -> str:
    return shape_text(tuple(tensor.shape)) if tensor.ndim else "one number"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
