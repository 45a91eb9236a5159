"""Which places of an input support a class, found by covering them: where the score falls, they supported it.

Method: M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. It needs no map
before the classes, so it also serves networks of Linear layers and transformers. One pass for each square.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.class_maps import missing
from layerscope.study.inside import LookError, as_batch, complaint, cost, prepared, refusals
from layerscope.tracing import trace

FEWEST = 4
"""Squares along the longer axis, below which a map says nothing."""
BATCH = 64


@dataclass(frozen=True)
class Covered:
    """What covering an input with zeros, square by square, does to the score of each class."""

    drops: Tensor
    """(classes, rows, columns) of squares: by how much a score falls; negative where it rises."""
    square: tuple[int, int]
    """Rows and columns of the input that one square covers; at the end of an axis, what is left."""
    scores: Tensor
    """One number for each class, with nothing covered."""


def uncoverable(traced: Trace) -> str:
    """Why the input of a network with classes is not covered, as a sentence; "" where it is."""
    first = traced.network.inputs[0]
    if first.kind != "values":
        return f"This network reads indices ({first.name}), not an image, so there is nothing to cover."
    if len(first.shape) > 3:
        return f"{first.name} is a volume; this view works for images, signals and rows of values."
    if square(traced) is None:
        return limits.INSIDE_COVERED.sentence(found=cost(traced)[1])
    return ""


def square(traced: Trace) -> tuple[int, int] | None:
    """The smallest square, as rows and columns, that the limits allow; None where not even large ones are."""
    rows, columns = _plane(traced.network.input_shape)
    passes = limits.INSIDE_COVERED.most // max(1, cost(traced)[1]) - 1
    for along in range(limits.INSIDE_SQUARES.most, FEWEST - 1, -1):
        side = ceil(max(rows, columns) / along)
        if ceil(rows / side) * ceil(columns / side) <= passes:
            return min(side, rows), min(side, columns)
    return None


def effort(traced: Trace) -> int:
    """Operations that covering the whole input takes, at most."""
    rows, columns = _plane(traced.network.input_shape)
    high, wide = square(traced) or (rows, columns)
    return (ceil(rows / high) * ceil(columns / wide) + 1) * cost(traced)[1]


@torch.no_grad()
def covered(network: Network, image: Any, seed: int = 0, weights: Mapping[str, Any] | None = None) -> Covered:
    """Cover the network's first input with zeros, one square at a time; the arguments are those of `inside.look`.

    Raises LookError where the network has no classes, reads no image, or where all passes together take too much.
    """
    traced = trace(network)
    if wrong := missing(traced) or complaint(traced) or uncoverable(traced):
        raise LookError(wrong)
    given = as_batch(network, image)
    size = square(traced)
    assert size is not None
    (classes,) = traced.output_shapes[0]
    values = cost(traced)[0] - traced.parameters
    at_once = max(1, min(BATCH, 4 * limits.INSIDE_MOVING.most // max(1, values)))
    made = prepared(network, seed, weights)
    first, *others = given.values()

    def scores(batch: Tensor) -> Tensor:
        left: Tensor = made(batch, *(other.expand(len(batch), *other.shape[1:]) for other in others))
        return left.reshape(len(batch), classes)

    with refusals():
        plain = scores(first)[0]
        after = torch.cat([scores(torch.stack(some)) for some in _in_parts(_covers(first[0], size), at_once)])
    rows, columns = _plane(network.input_shape)
    grid = (classes, ceil(rows / size[0]), ceil(columns / size[1]))
    return Covered((plain - after).T.reshape(grid), size, plain)


def _plane(shape: Shape) -> tuple[int, int]:
    """Rows and columns of an input: a signal, or a row of values, is one row."""
    return (shape[-2], shape[-1]) if len(shape) > 2 else (1, shape[-1])


def _covers(image: Tensor, size: tuple[int, int]) -> Iterator[Tensor]:
    """The image with one square of zeros, row by row."""
    rows, columns = _plane(tuple(image.shape))
    planes = image.reshape(-1, rows, columns)
    for row in range(0, rows, size[0]):
        for column in range(0, columns, size[1]):
            copy = planes.clone()
            copy[:, row : row + size[0], column : column + size[1]] = 0
            yield copy.reshape(image.shape)


def _in_parts(images: Iterator[Tensor], most: int) -> Iterator[list[Tensor]]:
    while some := list(islice(images, most)):
        yield some
