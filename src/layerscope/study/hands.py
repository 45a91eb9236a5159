"""Kernels that are set by hand: well-known ones for any size, and numbers of one's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from layerscope.building import called, module
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.study.moving import CONVOLUTIONS

Kernel = tuple[tuple[float, ...], ...]
"""Rows of weights."""
EVERY = -1
"""In the place of a channel: each kernel of the filter; of a slice: a kernel as a whole."""


@dataclass(frozen=True)
class Hand:
    """One kernel of a filter, or with EVERY each of them, set by hand: a key of STARTERS, or numbers; of a volume's
    kernel those of one slice.

    A starter leaves the filter without bias, so that its map shows what the kernel does.
    """

    layer: str
    filter: int
    channel: int
    kernel: str | Kernel
    slice: int = EVERY


def _toward(size: int) -> Tensor:
    """−1 before the middle, 1 after it."""
    return (2 * torch.arange(size, dtype=torch.float64) - (size - 1)).sign()


def _vertical(size: Shape) -> Tensor:
    return _toward(size[-1]).expand(size)


def _horizontal(size: Shape) -> Tensor:
    return _toward(size[-2])[:, None].expand(size)


def _blur(size: Shape) -> Tensor:
    return torch.full(size, 1 / prod(size), dtype=torch.float64)


def _identity(size: Shape) -> Tensor:
    kernel = torch.zeros(size, dtype=torch.float64)
    kernel[tuple((cells - 1) // 2 for cells in size)] = 1
    return kernel


def _sharpen(size: Shape) -> Tensor:
    """Twice the cell itself, less the mean around it."""
    return 2 * _identity(size) - _blur(size)


STARTERS: dict[str, tuple[str, Callable[[Shape], Tensor]]] = {
    "vertical": ("vertical edges", _vertical),
    "horizontal": ("horizontal edges", _horizontal),
    "blur": ("blur", _blur),
    "sharpen": ("sharpen", _sharpen),
    "identity": ("identity", _identity),
}
"""What a kernel does, and its weights for a number of slices, rows and columns; edges are alike in every slice."""


def starter(key: str, size: Shape) -> Kernel:
    """A well-known kernel for a kernel_size along one axis or two."""
    return tuple(map(tuple, _started(key, (1, *size)[-2:]).tolist()))


def _started(key: str, size: Shape) -> Tensor:
    """A well-known kernel for a kernel_size along one axis, two or three."""
    return STARTERS[key][1]((1, *size) if len(size) == 1 else size).reshape(size)


def replaced(
    network: Network, seed: int, hands: Iterable[Hand], given: Mapping[str, Tensor] | None = None
) -> dict[str, Tensor]:
    """The weights and biases that the hands change, for `inside.look`, by their keys in the module's state_dict.

    The hands change fresh weights, or those `given`, which are in the result too.

    Later hands stand over earlier ones; those of layers, filters, channels and slices that the network does not have,
    and those of layers with another number of axes, count for nothing. Rows and columns of another size are cut or
    filled up with 0 around their middle.
    """
    fits = [hand for hand in hands if hand.layer in network.names and isinstance(network[hand.layer], CONVOLUTIONS)]
    changed = dict(given or {})
    if not fits:
        return changed
    made = module(network, seed)
    state, rows = made.state_dict(keep_vars=True), called(made)
    keys = {id(tensor): key for key, tensor in state.items()}
    ours: set[str] = set()

    def values_of(tensor: Tensor) -> Tensor:
        """A tensor's values, to be changed."""
        key = keys[id(tensor)]
        if key not in ours:
            changed[key] = changed.get(key, tensor.detach()).clone()
            ours.add(key)
        return changed[key]

    for hand in fits:
        weight, bias = rows[hand.layer].weight, rows[hand.layer].bias
        if not isinstance(weight, Tensor) or not 0 <= hand.filter < len(weight):
            continue
        values = values_of(weight)
        for channel in range(weight.shape[1]) if hand.channel == EVERY else [hand.channel]:
            if 0 <= channel < weight.shape[1]:
                _set(values[hand.filter, channel], hand)
        if isinstance(bias, Tensor) and isinstance(hand.kernel, str):
            values_of(bias)[hand.filter] = 0
    return changed


def _set(kernel: Tensor, hand: Hand) -> None:
    """Put into a kernel what the hand has for it, if anything."""
    if isinstance(hand.kernel, str):
        kernel[...] = _started(hand.kernel, tuple(kernel.shape))
    elif kernel.ndim < 3 and hand.slice == EVERY:
        kernel[...] = _sized(hand.kernel, tuple(kernel.shape))
    elif kernel.ndim == 3 and 0 <= hand.slice < len(kernel):
        kernel[hand.slice] = _sized(hand.kernel, tuple(kernel.shape[1:]))


def _sized(kernel: Kernel, size: Shape) -> Tensor:
    """The kernel with `size` cells along its axes."""
    given = torch.tensor(kernel)
    wanted = (1, *size)[-2:]
    fitted = torch.zeros(wanted)
    cuts, places = [], []
    for have, want in zip(given.shape, wanted, strict=True):
        shared = min(have, want)
        cuts.append(slice((have - shared) // 2, (have - shared) // 2 + shared))
        places.append(slice((want - shared) // 2, (want - shared) // 2 + shared))
    fitted[tuple(places)] = given[tuple(cuts)]
    return fitted.reshape(size)
