"""Which images of a set excite a layer's maps most: each image goes through the module once, as far as time allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.inside import LookError, complaint, cost, prepared
from layerscope.tracing import trace

BATCH = 64
SHOWN = 9


@dataclass(frozen=True)
class Excited:
    """For each map of a row its strongest images, the strongest first: arrays are (maps, images).

    `values` has the largest value of the map on that image, `cells` where it is in the map, counted row by row.
    """

    images: Tensor
    values: Tensor
    cells: Tensor
    looked_at: int
    """So many images of the set, from its beginning, were compared."""


def affordable(network: Network, count: int) -> int:
    """How many images of a set can be run through this network, by the closed formulas."""
    return min(count, limits.INSIDE_SET.most // max(1, cost(trace(network))[1]))


@torch.no_grad()
def exciting(
    network: Network, data: Data, seed: int = 0, weights: Mapping[str, Any] | None = None, seconds: float | None = None
) -> Excited:
    """The images of `data` on which the maps of the network's last row reach their largest values.

    A map is one entry along the row's first axis: a feature map of a convolution, a value of a Linear. At most
    `limits.INSIDE_SET` operations are made and, looked up after each batch, `seconds` taken. Raises LookError.
    """
    traced = trace(network)
    if wrong := complaint(traced):
        raise LookError(wrong)
    if len(network.inputs) > 1 or network.inputs[0].kind != "values":
        raise LookError("This network does not read one image, so there are no images to compare.")
    values, operations = cost(traced)
    count = affordable(network, len(data))
    last = traced.steps[-1]
    if count < 1:
        raise LookError(limits.INSIDE_SET.sentence(name=last.name, found=operations))
    made = prepared(network, seed, weights)
    shape = last.output_shape or ()
    width = min(shape[0] if shape else 1, limits.INSIDE_EXCITED.most)
    size = max(1, min(BATCH, 4 * limits.INSIDE_MOVING.most // max(1, values - traced.parameters)))
    best = torch.empty(0, width), torch.empty(0, width, dtype=torch.int64), torch.empty(0, width, dtype=torch.int64)
    until, seen = monotonic() + (limits.INSIDE_SECONDS.most if seconds is None else seconds), 0
    while seen < count and (not seen or monotonic() < until):
        end = min(seen + size, count)
        best = _best(best, _maps(made, data.batch(slice(seen, end), network.input_shape), shape), width, seen)
        seen = end
    return Excited(best[1].T, best[0].T, best[2].T, seen)


def _maps(made: torch.nn.Module, batch: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What leaves the last row: (images, maps, cells)."""
    try:
        left = made(batch)
    except (RuntimeError, ValueError, IndexError) as error:
        raise LookError(f"PyTorch does not run these images: {str(error).splitlines()[0][:200]}") from error
    first: Tensor = left[0] if isinstance(left, tuple) else left
    return first.reshape(len(batch), shape[0] if shape else 1, prod(shape[1:])).float()


def _best(best: tuple[Tensor, Tensor, Tensor], maps: Tensor, width: int, first: int) -> tuple[Tensor, Tensor, Tensor]:
    """The strongest of those so far and of a batch, whose images are counted from `first`."""
    values, cells = maps[:, :width].max(dim=2)
    places = torch.arange(first, first + len(maps))[:, None].expand(-1, width)
    joined = [torch.cat(pair) for pair in zip(best, (values, places, cells), strict=True)]
    order = joined[0].nan_to_num(-torch.inf).argsort(dim=0, descending=True, stable=True)[:SHOWN]
    return joined[0].gather(0, order), joined[1].gather(0, order), joined[2].gather(0, order)
