"""Real convolutions of one small image by one kernel, for the lesson about kernels. torch does the arithmetic."""

from collections.abc import Callable
from functools import lru_cache
from math import sqrt

import torch
from torch.nn import functional, init

from layerscope.figures.convolving import View
from layerscope.figures.garments import t_shirt

Kernel = tuple[tuple[float, ...], ...]
SMALLEST, LARGEST = 2, 5
"""Kernel sizes whose products can be read at the back of a room."""
USUAL = 3


def _towards(place: int, size: int) -> float:
    """−1 before the middle, 1 behind it."""
    twice = 2 * place - (size - 1)
    return float((twice > 0) - (twice < 0))


def _upright(size: int) -> Kernel:
    return ((*(_towards(column, size) for column in range(size)),),) * size


def _flat(size: int) -> Kernel:
    return tuple((_towards(row, size),) * size for row in range(size))


def _blur(size: int) -> Kernel:
    return ((round(1 / size**2, 2),) * size,) * size


def _fresh(size: int) -> Kernel:
    """As nn.Conv2d starts its weight, in two digits: what is drawn is what is multiplied."""
    weight = torch.empty(1, 1, size, size)
    init.kaiming_uniform_(weight, a=sqrt(5), generator=torch.Generator().manual_seed(7))
    return tuple(tuple(round(value, 2) for value in row) for row in weight[0, 0].tolist())


KERNELS: tuple[tuple[str, Callable[[int], Kernel]], ...] = (
    ("upright edges", _upright),
    ("flat edges", _flat),
    ("blur", _blur),
    ("fresh from torch", _fresh),
)
"""What a kernel finds, and its weights for a size."""


@lru_cache(maxsize=64)
def sums(kernel: int, size: int) -> tuple[tuple[float, ...], ...]:
    """The map that torch makes of the image with the kernel at that place of KERNELS; no bias."""
    return convolved(t_shirt(), KERNELS[kernel][1](size))


def convolved(image: tuple[tuple[float, ...], ...], kernel: Kernel) -> tuple[tuple[float, ...], ...]:
    """torch's F.conv2d, in the two digits of the weights."""
    rows = functional.conv2d(_tensor(image), _tensor(kernel))[0, 0].tolist()
    return tuple(tuple(round(value, 2) for value in row) for row in rows)


def view(kernel: int, size: int, row: int, column: int) -> View:
    """One window of the image."""
    return View(t_shirt(), KERNELS[kernel][1](size), sums(kernel, size), row, column)


def _tensor(numbers: tuple[tuple[float, ...], ...]) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)[None, None]
