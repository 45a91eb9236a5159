"""Many small pictures on one sheet, all on one scale: a layer's feature maps, or its weight tensor."""

from dataclasses import dataclass
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

    `words` names one value, with {down}, {across}, {row}, {column} and {place} (row by row in its tile) for numbers.
    """

    tiles: Tensor
    words: str
    whole: tuple[int, ...]
    """The shape of what is drawn here, or of what its first parts are drawn of."""
    cut: str = ""
    """What is left out, as words: "the first 64 of 512 maps"."""
    shrunk: int = 1
    """A tile's cell is the mean of so many cells along each axis."""

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


def maps(tensor: Tensor) -> Sheet:
    """What leaves a row for one sample: a tile for each channel of feature maps, one tile for anything else."""
    shape = tuple(tensor.shape)
    if tensor.ndim <= 2:
        return _plain(tensor)
    tiles = tensor.reshape(shape[0], -1, *shape[-2:])
    tiles, cut = _cut(tiles, ("maps", "slices"))
    if tensor.ndim == 3:
        tiles, words = tiles.transpose(0, 1), "map {across}, row {row}, column {column}"
    else:
        words = "map {down}, slice {across}, row {row}, column {column}"
    shrunk = 1
    while prod(tiles.shape[:2]) * prod(ceil(size / shrunk) for size in shape[-2:]) > limits.INSIDE_SHEET.most:
        shrunk += 1
    if shrunk > 1:
        tiles = _mean_of(tiles, shrunk)
    return Sheet(tiles, words, shape, cut, shrunk)


def _mean_of(tiles: Tensor, side: int) -> Tensor:
    """Means of side×side cells; at the end of an axis, of those that are left."""
    down, across, rows, columns = tiles.shape
    flat = tiles.reshape(-1, 1, rows, columns)
    return functional.avg_pool2d(flat, (min(side, rows), min(side, columns)), side, ceil_mode=True).reshape(
        down, across, ceil(rows / side), ceil(columns / side)
    )


def weights(tensor: Tensor) -> Sheet:
    """A weight tensor: a line of kernels for each filter of a convolution, a matrix, or a vector."""
    shape = tuple(tensor.shape)
    if tensor.ndim <= 2:
        return _plain(tensor)
    kernels = tensor[:, :, None] if tensor.ndim == 3 else tensor
    slices = prod(kernels.shape[2:-2])
    tiles, cut = _cut(kernels.reshape(shape[0], -1, *kernels.shape[-2:]), ("filters", "kernels"))
    called = "kernel" if slices == 1 else "slice"  # of the kernels of a volume each slice is a tile
    place = "column {column}" if tensor.ndim == 3 else "row {row}, column {column}"
    side = 1
    while prod(tiles.shape) > limits.INSIDE_SHEET.most and len(tiles) > 1:  # kernels as large as images
        side += 1
        tiles = tiles[: max(1, shape[0] // side)]
        cut = f"the first {len(tiles)} of {shape[0]:,} filters"
    return Sheet(tiles, f"filter {{down}}, {called} {{across}}, {place}", shape, cut)


def _cut(tiles: Tensor, called: tuple[str, str]) -> tuple[Tensor, str]:
    """The first tiles each way, and the words for that."""
    most = limits.INSIDE_MAPS.most, limits.INSIDE_KERNELS.most
    left_out = [
        f"the first {limit} of {size:,} {name}" + (" of each" if axis else "")
        for axis, (name, size, limit) in enumerate(zip(called, tiles.shape[:2], most, strict=True))
        if size > limit
    ]
    return tiles[: most[0], : most[1]], " and ".join(left_out)


def _plain(tensor: Tensor) -> Sheet:
    """A tensor without maps or kernels: a matrix, or a vector."""
    if tensor.ndim == 2:
        return _matrix(tensor, "row {row}, column {column}")
    return _vector(tensor, "value {place}", "values")


def _matrix(tensor: Tensor, words: str) -> Sheet:
    most = limits.INSIDE_MATRIX.most
    left_out = [
        f"the first {most} of {size:,} {name}"
        for name, size in zip(("rows", "columns"), tensor.shape, strict=True)
        if size > most
    ]
    return Sheet(tensor[:most, :most][None, None], words, tuple(tensor.shape), " and ".join(left_out))


def _vector(tensor: Tensor, words: str, called: str) -> Sheet:
    """Values in lines, the last one filled up."""
    values = tensor.reshape(-1)
    most = A_LINE * limits.INSIDE_MATRIX.most
    cut = f"the first {most:,} of {len(values):,} {called}" if len(values) > most else ""
    shown = values[:most].float()
    wide = min(A_LINE, max(1, len(shown)))
    lines = ceil(max(1, len(shown)) / wide)
    filled = torch.full((lines * wide,), torch.nan)
    filled[: len(shown)] = shown
    return Sheet(filled.reshape(1, 1, lines, wide), words, tuple(tensor.shape) or (1,), cut)
