"""Many small pictures on one sheet, all on one scale: a layer's feature maps, or its weight tensor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, prod

import torch
from torch import Tensor
from torch.nn import functional

from layerscope import limits
from layerscope.formatting import shape_text

A_LINE = 32
"""Values of a vector that stand in one line."""


@dataclass(frozen=True)
class Sheet:
    """Tiles in lines: `tiles` is (down, across, rows, columns); NaN is an empty place.

    `words` names one value, with {down}, {across}, {row}, {column} and {place} (row by row in its tile) for numbers,
    which begin at those of `first`.
    """

    tiles: Tensor
    words: str
    whole: tuple[int, ...]
    """The shape of what is drawn here, or of what its parts are drawn of."""
    cut: str = ""
    """What part of it is here, as words: "the first 64 of 512 maps"."""
    shrunk: int = 1
    """A tile's cell is the mean of so many cells along each axis."""
    first: Mapping[str, int] = field(default_factory=dict)
    """The numbers of the first tile, or of the first cell, where it isn't 0."""
    beyond: tuple[int, int] = (0, 0)
    """How many maps, filters or rows there are, and kernels or columns of each, where not all are here."""

    @property
    def most(self) -> float:
        """The size of the largest value, where the colors end; what is not finite does not count."""
        return float(self.tiles.nan_to_num(0, 0, 0).abs().max()) if self.tiles.numel() else 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value on the sheet."""
        values = self.tiles[self.tiles.isfinite()]
        return (float(values.min()), float(values.max())) if values.numel() else (0.0, 0.0)

    @property
    def told(self) -> str:
        """What is on the sheet, as words for a screen reader and for the line above it."""
        mean = f"each cell is the mean of {self.shrunk}×{self.shrunk}" if self.shrunk > 1 else ""
        return ", ".join(filter(None, [shape_text(self.whole), self.cut, mean]))


def maps(tensor: Tensor, at: tuple[int, int] = (0, 0)) -> Sheet:
    """What leaves a row for one sample: a tile for each channel of feature maps, one tile for anything else.

    Of what is too much it is the part that holds map and slice, or row and column, number `at`.
    """
    shape = tuple(tensor.shape)
    if tensor.ndim <= 2:
        return _plain(tensor, at)
    tiles = tensor.reshape(shape[0], -1, *shape[-2:])
    part = _part(("maps", "slices"), tuple(tiles.shape[:2]), (limits.INSIDE_MAPS.most, limits.INSIDE_KERNELS.most), at)
    tiles = part.of(tiles)
    if tensor.ndim == 3:
        tiles, words, axes = tiles.transpose(0, 1), "map {across}, row {row}, column {column}", ("across", "down")
    else:
        words, axes = "map {down}, slice {across}, row {row}, column {column}", ("down", "across")
    tiles, shrunk = _fitting(tiles)
    return Sheet(tiles, words, shape, part.said, shrunk, part.first(axes), part.beyond)


def _fitting(tiles: Tensor) -> tuple[Tensor, int]:
    """The tiles, and 1; of more cells than a sheet may have, means of so many along each axis, and that number."""
    side = 1
    while prod(tiles.shape[:2]) * prod(ceil(size / side) for size in tiles.shape[2:]) > limits.INSIDE_SHEET.most:
        side += 1
    return (_mean_of(tiles, side) if side > 1 else tiles), side


def _mean_of(tiles: Tensor, side: int) -> Tensor:
    """Means of side×side cells; at the end of an axis, of those that are left."""
    down, across, rows, columns = tiles.shape
    flat = tiles.reshape(-1, 1, rows, columns)
    return functional.avg_pool2d(flat, (min(side, rows), min(side, columns)), side, ceil_mode=True).reshape(
        down, across, ceil(rows / side), ceil(columns / side)
    )


def weights(tensor: Tensor, at: tuple[int, int] = (0, 0)) -> Sheet:
    """A weight tensor: a line of kernels for each filter of a convolution, a matrix, or a vector.

    Of what is too much it is the part that holds filter and kernel, or row and column, number `at`.
    """
    shape = tuple(tensor.shape)
    if tensor.ndim <= 2:
        return _plain(tensor, at)
    kernels = tensor[:, :, None] if tensor.ndim == 3 else tensor
    slices = prod(kernels.shape[2:-2])
    kernels = kernels.reshape(shape[0], -1, *kernels.shape[-2:])
    called = "kernel" if slices == 1 else "slice"  # of the kernels of a volume each slice is a tile
    place = "column {column}" if tensor.ndim == 3 else "row {row}, column {column}"
    side = min(kernels.shape[1], limits.INSIDE_KERNELS.most) * prod(kernels.shape[2:])
    filters = min(limits.INSIDE_MAPS.most, max(1, limits.INSIDE_SHEET.most // side))  # kernels as large as images
    most = filters, limits.INSIDE_KERNELS.most
    part = _part(("filters", "kernels"), tuple(kernels.shape[:2]), most, at)
    words, first = f"filter {{down}}, {called} {{across}}, {place}", part.first(("down", "across"))
    tiles, shrunk = _fitting(part.of(kernels))  # a single kernel may have more cells than a sheet
    return Sheet(tiles, words, shape, part.said, shrunk, first, part.beyond)


@dataclass(frozen=True)
class _Part:
    """A part of a tensor along its first two axes."""

    start: tuple[int, int]
    most: tuple[int, int]
    said: str
    """What part it is, as words; "" for all of it."""
    beyond: tuple[int, int]

    def of(self, tensor: Tensor) -> Tensor:
        return tensor[tuple(slice(begin, begin + most) for begin, most in zip(self.start, self.most, strict=True))]

    def first(self, axes: tuple[str, str]) -> dict[str, int]:
        return {axis: begin for axis, begin in zip(axes, self.start, strict=True) if begin}


def _part(
    called: tuple[str, str], sizes: tuple[int, ...], most: tuple[int, int], at: tuple[int, int], each: str = " of each"
) -> _Part:
    """The part that holds the place `at`: parts of so many along both axes lie beside each other."""
    starts, words = [], []
    for axis, (name, size, limit, wanted) in enumerate(zip(called, sizes, most, at, strict=True)):
        start = min(wanted, max(size - 1, 0)) // limit * limit
        starts.append(start)
        if size > limit:
            end = min(start + limit, size) - 1
            part = f"{name} {start:,} to {end:,} of {size:,}" if start else f"the first {limit:,} of {size:,} {name}"
            words.append(part + (each if axis else ""))
    beyond = [size if size > limit else 0 for size, limit in zip(sizes, most, strict=True)]
    return _Part((starts[0], starts[1]), most, " and ".join(words), (beyond[0], beyond[1]))


def _plain(tensor: Tensor, at: tuple[int, int]) -> Sheet:
    """A tensor without maps or kernels: a matrix, or a vector."""
    if tensor.ndim == 2:
        most = (limits.INSIDE_MATRIX.most,) * 2
        part = _part(("rows", "columns"), tuple(tensor.shape), most, at, each="")
        words, first = "row {row}, column {column}", part.first(("row", "column"))
        return Sheet(part.of(tensor)[None, None], words, tuple(tensor.shape), part.said, 1, first, part.beyond)
    return vector(tensor, at[0])


def vector(tensor: Tensor, at: int = 0, line: int = A_LINE) -> Sheet:
    """Values in lines of so many, the last one filled up: the part that holds number `at`."""
    values = tensor.reshape(-1, 1)
    part = _part(("values", ""), tuple(values.shape), (A_LINE * limits.INSIDE_MATRIX.most, 1), (at, 0))
    shown = part.of(values)[:, 0].float()
    wide = min(line, max(1, len(shown)))
    lines = ceil(max(1, len(shown)) / wide)
    filled = torch.full((lines * wide,), torch.nan)
    filled[: len(shown)] = shown
    tiles, shape, first = filled.reshape(1, 1, lines, wide), tuple(tensor.shape) or (1,), part.first(("place", ""))
    return Sheet(tiles, "value {place}", shape, part.said, 1, first, part.beyond)
