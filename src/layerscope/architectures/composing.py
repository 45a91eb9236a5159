"""Blocks: rows with names of their own, which pure functions put one after the other or side by side.

A block calls its rows by short names ("conv1") and what it is given `INPUT`; its first row reads that unless it says
otherwise, and its last row is what it gives. Names become paths, as in PyTorch, when the block stands in another one:
a block under "layer1" in which a block stands under "0" has a row "layer1.0.conv1". A layer alone is a block too: its
name is its path. A block without rows gives what it is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import repeat
from typing import Any, NamedTuple

from layerscope.layers.activation import ReLU
from layerscope.layers.adaptive import AdaptiveAvgPool2d
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv2d
from layerscope.layers.joining import Add
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import MaxPool2d
from layerscope.layers.regularization import Dropout
from layerscope.layers.reshape import Flatten
from layerscope.layers.stacking import Concat
from layerscope.network import Input, Network

INPUT = "input"
"""What a block is given, in what its rows read; of a whole network, its input."""


class Row(NamedTuple):
    """A layer in a block: its name there, and what it reads; () is the row above."""

    layer: Layer
    name: str
    inputs: tuple[str, ...] = ()


Block = tuple[Row, ...]
Blocks = Mapping[str, Layer | Block]
"""Blocks by their paths, one after the other."""


def network(input_shape: Shape, block: Block, classes: int | None, *, words: int | None = None) -> Network:
    """The block as a network of its own; `words` says how many different indices arrive in the place of values."""
    layers = tuple(replace(row.layer, name=row.name, inputs=row.inputs) for row in block)
    if words is None:
        return Network(input_shape, layers, classes)
    return Network(input_shape, layers, classes, inputs=(Input(INPUT, input_shape, "indices", words),))


def chained(*parts: Blocks | Block) -> Block:
    """Blocks one after the other: those of a mapping each under its path, others with their names as they are."""
    rows: list[Row] = []
    given = INPUT
    for part in parts:
        for path, block in part.items() if isinstance(part, Mapping) else [("", part)]:
            rows += _under(path, (Row(block, ""),) if isinstance(block, Layer) else block, given)
            given = rows[-1].name if rows else INPUT
    return tuple(rows)


def numbered(*blocks: Layer | Block) -> Block:
    """Blocks one after the other under "0", "1", ..., as in nn.Sequential."""
    return chained({str(n): block for n, block in enumerate(blocks)})


def forked(branches: Iterable[Block], path: str, join: Layer, *, given: Iterable[str] = repeat(INPUT)) -> Block:
    """Blocks side by side, and the row that joins what they give, in their order. All are given the same, or each the
    row of that name, such as one of the outputs of a row that splits."""
    rows: list[Row] = []
    ends: list[str] = []
    for branch, source in zip(branches, given, strict=False):
        rows += _reading(source, branch)
        ends.append(branch[-1].name if branch else source)
    return (*rows, Row(join, path, tuple(ends)))


def _reading(source: str, block: Block) -> Block:
    """The block, given the row of that name; its first row says so, that the block may stand anywhere."""
    rows = _under("", block, source)
    if not rows or rows[0].inputs or not rows[0].layer.takes[1]:
        return rows
    return (rows[0]._replace(inputs=(source,)), *rows[1:])


def _under(path: str, block: Block, given: str) -> Block:
    """The block's rows under a path; where they read INPUT, they read the row `given`."""

    def full(name: str) -> str:
        return f"{path}.{name}" if path and name else path or name

    def read(name: str) -> str:
        return given if name == INPUT else full(name)

    return tuple([Row(layer, full(name), tuple(map(read, inputs))) for layer, name, inputs in block])


def conv(out_channels: int, kernel_size: int | tuple[int, ...], stride: int = 1, **more: Any) -> Layer:
    """A convolution that keeps the size at stride 1 unless `padding` says otherwise; its kernel is odd."""
    if "padding" not in more:
        more["padding"] = kernel_size // 2 if isinstance(kernel_size, int) else tuple(size // 2 for size in kernel_size)
    return Conv2d(name="", out_channels=out_channels, kernel_size=kernel_size, stride=stride, **more)


def pool(kernel_size: int, stride: int | None = None, **more: Any) -> Layer:
    return MaxPool2d(name="", kernel_size=kernel_size, stride=stride, **more)


def fc(out_features: int) -> Layer:
    return Linear(name="", out_features=out_features)


def norm(**more: Any) -> Layer:
    return BatchNorm2d(name="", **more)


def dropout(p: float) -> Layer:
    return Dropout(name="", p=p)


RELU, NORM, FLATTEN = ReLU(name=""), norm(), Flatten(name="")
AVGPOOL = AdaptiveAvgPool2d(name="", output_size=1)
ADD, CONCAT = Add(name=""), Concat(name="")
