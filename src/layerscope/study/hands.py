"""Kernels that are set by hand: well-known ones for any size, and numbers of one's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from layerscope.building import called, module
from layerscope.network import Network
from layerscope.study.moving import CONVOLUTIONS

Kernel = tuple[tuple[float, ...], ...]
"""Rows of weights."""
EVERY = -1
"""In the place of a channel: each kernel of the filter."""


@dataclass(frozen=True)
class Hand:
    """One kernel of a filter, or with EVERY each of them, set by hand: a key of STARTERS, or numbers.

    A starter leaves the filter without bias, so that its map shows what the kernel does.
    """

    layer: str
    filter: int
    channel: int
    kernel: str | Kernel


def _toward(place: int, size: int) -> float:
    """−1 before the middle, 1 after it."""
    twice = 2 * place - (size - 1)
    return float((twice > 0) - (twice < 0))


def _vertical(rows: int, columns: int) -> Kernel:
    return tuple(tuple(_toward(column, columns) for column in range(columns)) for _ in range(rows))


def _horizontal(rows: int, columns: int) -> Kernel:
    return tuple((_toward(row, rows),) * columns for row in range(rows))


def _blur(rows: int, columns: int) -> Kernel:
    return ((1 / (rows * columns),) * columns,) * rows


def _identity(rows: int, columns: int) -> Kernel:
    middle = (rows - 1) // 2, (columns - 1) // 2
    return tuple(tuple(float((row, column) == middle) for column in range(columns)) for row in range(rows))


def _sharpen(rows: int, columns: int) -> Kernel:
    """Twice the cell itself, less the mean around it."""
    pairs = zip(_identity(rows, columns), _blur(rows, columns), strict=True)
    return tuple(tuple(2 * one - mean for one, mean in zip(*pair, strict=True)) for pair in pairs)


STARTERS: dict[str, tuple[str, Callable[[int, int], Kernel]]] = {
    "vertical": ("vertical edges", _vertical),
    "horizontal": ("horizontal edges", _horizontal),
    "blur": ("blur", _blur),
    "sharpen": ("sharpen", _sharpen),
    "identity": ("identity", _identity),
}
"""What a kernel does, and its weights for a number of rows and columns."""


def starter(key: str, size: tuple[int, ...]) -> Kernel:
    """A well-known kernel for a kernel_size along one axis or two."""
    return STARTERS[key][1](*size) if len(size) > 1 else STARTERS[key][1](1, *size)


def replaced(
    network: Network, seed: int, hands: Iterable[Hand], given: Mapping[str, Tensor] | None = None
) -> dict[str, Tensor]:
    """The weights and biases that the hands change, for `inside.look`, by their keys in the module's state_dict.

    The hands change fresh weights, or those `given`, which are in the result too.

    Later hands stand over earlier ones; those of layers, filters and channels that the network does not have, and those
    of layers with another number of axes, count for nothing. A kernel of another size is cut or filled up with 0 around
    its middle.
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
        if not isinstance(weight, Tensor) or weight.ndim > 4 or not 0 <= hand.filter < len(weight):
            continue
        values = values_of(weight)
        size = tuple(weight.shape[2:])
        for channel in range(weight.shape[1]) if hand.channel == EVERY else [hand.channel]:
            if 0 <= channel < weight.shape[1]:
                values[hand.filter, channel] = _sized(hand.kernel, size)
        if isinstance(bias, Tensor) and isinstance(hand.kernel, str):
            values_of(bias)[hand.filter] = 0
    return changed


def _sized(kernel: str | Kernel, size: tuple[int, ...]) -> Tensor:
    """The kernel with `size` cells along its axes."""
    if isinstance(kernel, str):
        return torch.tensor(starter(kernel, size)).reshape(size)
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
