"""Which places of an input support a class, found by covering them: where the score falls, they supported it.

Method: M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. It needs no map
before the classes, so it also serves networks of Linear layers and transformers. One pass for each square.

Of a volume blocks are covered, of a sequence the steps. Index 0 is one like any other, so a step of indices is covered
by making the vector zero that an Embedding has for it: J. Li et al., "Understanding Neural Networks through
Representation Erasure", 2016.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice, product
from math import ceil, prod
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
    """(classes, rows, columns) of squares, or (classes, slices, rows, columns) of blocks: by how much a score falls;
    negative where it rises."""
    square: tuple[int, ...]
    """Rows and columns of the input that one square covers, or slices, rows and columns; at the end of an axis, what is
    left."""
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
    if square(traced) is None:
        return limits.INSIDE_COVERED.sentence(found=cost(traced)[1])
    return ""


def square(traced: Trace) -> tuple[int, ...] | None:
    """The smallest square, as rows and columns, that the limits allow, or block of a volume; None where not even large
    ones are allowed."""
    sizes, steps_first = places(traced.network)
    is_sequence = steps_first or traced.network.inputs[0].kind != "values"
    passes = limits.INSIDE_COVERED.most // max(1, cost(traced)[1]) - 1
    most = limits.INSIDE_SQUARES.most ** (2 if is_sequence else 1)  # a step is a thing of its own, a pixel is not
    for along in range(most, FEWEST - 1, -1):
        side = ceil(max(sizes) / along)
        if prod(_grid(sizes, [side] * len(sizes))) <= passes:
            return tuple(min(side, size) for size in sizes)
    return None


def _grid(sizes: Sequence[int], square: Sequence[int]) -> tuple[int, ...]:
    """How many squares there are along each axis."""
    return tuple(ceil(size / side) for size, side in zip(sizes, square, strict=True))


def effort(traced: Trace) -> int:
    """Operations that covering the whole input takes, at most."""
    sizes = places(traced.network).sizes
    return (prod(_grid(sizes, square(traced) or sizes)) + 1) * cost(traced)[1]


@torch.no_grad()
def covered(network: Network, image: Any, seed: int = 0, weights: Mapping[str, Any] | None = None) -> Covered:
    """Cover the network's first input with zeros, one square or block at a time; arguments are those of `inside.look`.

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
    return Covered((plain - after).T.reshape(classes, *_grid(where.sizes, size)), size, plain)


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


def _covers(image: Tensor, where: Places, size: Sequence[int]) -> Iterator[Tensor]:
    """The image with one square of zeros, row by row; of a sequence one stretch of steps, of a volume one block."""
    turned = image.T if where.steps_first else image
    planes = turned.reshape(-1, *where.sizes)
    for corner in product(*(range(0, end, side) for end, side in zip(where.sizes, size, strict=True))):
        copy = planes.clone()
        copy[:, *(slice(at, at + side) for at, side in zip(corner, size, strict=True))] = 0
        covered = copy.reshape(turned.shape)
        yield covered.T if where.steps_first else covered


def _in_parts(images: Iterator[Tensor], most: int) -> Iterator[list[Tensor]]:
    while some := list(islice(images, most)):
        yield some
