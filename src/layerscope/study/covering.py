"""Which places of an input support a class, found by covering them: where the score falls, they supported it.

Method: M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. It needs no map
before the classes, so it also serves networks of Linear layers and transformers. One pass for each square.

Of a sequence the steps are covered. Index 0 is one like any other, so a step of indices is covered by making the vector
zero that an Embedding has for it: J. Li et al., "Understanding Neural Networks through Representation Erasure",
2016.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.building import called, rows_in_turn
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.class_maps import missing
from layerscope.study.inside import LookError, as_batch, complaint, cost, prepared, refusals
from layerscope.study.places import Places, embeddings, places
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
    if first.kind != "values" and not (len(first.shape) == 1 and embeddings(traced.network)):
        return (
            f"{first.name} holds indices, and 0 is one like any other. A step can be covered only where an Embedding "
            f"alone reads them, which gives each step a vector."
        )
    if len(first.shape) > 3:
        return (
            f"{first.name} is a volume, and the heat is drawn over two axes only; this view works for images, signals, "
            f"sequences and rows of values."
        )
    if square(traced) is None:
        return limits.INSIDE_COVERED.sentence(found=cost(traced)[1])
    return ""


def square(traced: Trace) -> tuple[int, int] | None:
    """The smallest square, as rows and columns, that the limits allow; None where not even large ones are."""
    rows, columns, steps_first = places(traced.network)
    is_sequence = steps_first or traced.network.inputs[0].kind != "values"
    passes = limits.INSIDE_COVERED.most // max(1, cost(traced)[1]) - 1
    most = limits.INSIDE_SQUARES.most ** (2 if is_sequence else 1)  # a step is a thing of its own, a pixel is not
    for along in range(most, FEWEST - 1, -1):
        side = ceil(max(rows, columns) / along)
        if ceil(rows / side) * ceil(columns / side) <= passes:
            return min(side, rows), min(side, columns)
    return None


def effort(traced: Trace) -> int:
    """Operations that covering the whole input takes, at most."""
    rows, columns, _ = places(traced.network)
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
    looked_up = embeddings(network) if network.inputs[0].kind != "values" else ()

    def scores(batch: Tensor) -> Tensor:
        rest = [other.expand(len(batch), *other.shape[1:]) for other in others]
        if not looked_up:
            return made(batch, *rest).reshape(len(batch), classes)  # type: ignore[no-any-return]
        with _erased(made, looked_up, batch):
            left: Tensor = made(first.expand(len(batch), -1), *rest)
        return left.reshape(len(batch), classes)

    whole, where = torch.ones(first.shape) if looked_up else first, places(network)
    with refusals():
        plain = scores(whole)[0]
        after = torch.cat([scores(torch.stack(some)) for some in _in_parts(_covers(whole[0], where, size), at_once)])
    grid = (classes, ceil(where.rows / size[0]), ceil(where.columns / size[1]))
    return Covered((plain - after).T.reshape(grid), size, plain)


@contextmanager
def _erased(made: nn.Module, rows: tuple[str, ...], kept: Tensor) -> Iterator[None]:
    """What these rows of Embedding output becomes zero where `kept`, (batch, steps), is."""
    modules, turns = called(made), rows_in_turn(made)

    def hook(module: nn.Module, _inputs: Any, found: Tensor) -> Tensor:
        return found * kept[:, :, None] if next(turns[module]) in rows else found

    with ExitStack() as hooks:
        for module in {modules[name] for name in rows}:
            hooks.callback(module.register_forward_hook(hook).remove)
        yield


def _covers(image: Tensor, where: Places, size: tuple[int, int]) -> Iterator[Tensor]:
    """The image with one square of zeros, row by row; of a sequence one stretch of steps."""
    turned = image.T if where.steps_first else image
    planes = turned.reshape(-1, where.rows, where.columns)
    for row in range(0, where.rows, size[0]):
        for column in range(0, where.columns, size[1]):
            copy = planes.clone()
            copy[:, row : row + size[0], column : column + size[1]] = 0
            covered = copy.reshape(turned.shape)
            yield covered.T if where.steps_first else covered


def _in_parts(images: Iterator[Tensor], most: int) -> Iterator[list[Tensor]]:
    while some := list(islice(images, most)):
        yield some
