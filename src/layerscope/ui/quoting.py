"""Torch's own words about a layer as the code writes it, on as many samples as the code's example has."""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import nn

from layerscope.asking import first_line, words_about
from layerscope.layers.base import Layer, Shape

LARGEST_BATCH = 2**22
"""Values in a batch that is really made; beyond it the words about one sample must do."""


def words_on_batch(layer: Layer, arguments: dict[str, Any], shape: Shape, batch: int) -> str:
    """What torch says of the layer built with these arguments on `batch` samples; "" where it says nothing.

    A batch of 0 stands for one sample without a batch axis.
    """
    words = words_about(layer, arguments, shape)
    if batch == 1 or (batch and not words) or batch * prod(shape) > LARGEST_BATCH:
        return words
    try:
        module = nn.utils.skip_init(layer.torch_class, **arguments).eval()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            module(torch.zeros(*((batch,) if batch else ()), *shape))
    except (RuntimeError, ValueError, TypeError) as error:
        return (str(error).strip().splitlines() or [words])[0]
    return words


def words_of_joining(layer: Layer, arguments: dict[str, Any], shapes: Sequence[Shape], batch: int) -> str:
    """What torch says of a row without weights that puts several inputs together, on `batch` samples of each; "" where
    it says nothing, or they are large."""
    if batch * sum(map(prod, shapes)) > LARGEST_BATCH:
        return ""
    try:
        module = layer.torch_class(**arguments)
        with torch.no_grad():
            layer.call(module, *(torch.zeros(batch, *shape) for shape in shapes))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return first_line(error)
    return ""


def words_of_view(shape: Shape, batch: int, rows: int | None, width: int) -> str:
    """What torch says of `x.view(rows, width)` on `batch` samples of that shape; "" where it does it.

    `rows` is None for the batch's own size. Nothing is allocated.
    """
    try:
        torch.empty(batch, *shape, device="meta").view(batch if rows is None else rows, width)
    except (RuntimeError, ValueError, TypeError, OverflowError) as error:
        return first_line(error)
    return ""


def cut_by_view(shape: Shape, batch: int, width: int) -> str:
    """In words, what a view of the wrong width makes of a batch that it can cut."""
    values = prod(shape)
    rows = batch * values // width
    if values % width == 0:
        pieces = f"each image into {values // width:,} rows of {width:,}"
    else:
        pieces = f"the {batch:,} images of the batch into {rows:,} row{'s' * (rows != 1)} of {width:,}"
    return f"PyTorch runs it, but splits {pieces}; torch.flatten(x, 1) keeps the images separate."
