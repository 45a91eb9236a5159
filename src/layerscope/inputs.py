"""What a network is declared with: its inputs, and the names of its rows."""

import keyword
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.parameter import LARGEST_WIDTH, written

LARGEST_IMAGE = limits.IMAGE.most
LONGEST_NAME = limits.NAME.most

_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")


class NetworkError(ValueError):
    """An edit that makes no network; the message is a sentence for the user."""


@dataclass(frozen=True)
class Input:
    """What goes into a network, without batch axis: values, or indices from 0 to `high` - 1."""

    name: str
    shape: Shape
    kind: Literal["values", "indices"] = "values"
    high: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))
        check_name(self.name)
        check_shape(self.shape)
        if self.kind not in ("values", "indices"):
            raise NetworkError(f"The kind of an input is {written(self.kind)}; values and indices would work.")
        if self.high is not None and (type(self.high) is not int or not 1 <= self.high <= limits.ENTRIES.most):
            raise NetworkError(limits.ENTRIES.sentence(name="high", found=written(self.high)))


@lru_cache(maxsize=1024)
def usual_input(shape: Shape) -> Input:
    """The one input of a network that says no more of it than its shape."""
    return Input("input", shape)


@lru_cache(maxsize=4096)
def check_name(name: str) -> None:
    """Raise NetworkError unless `name` is the path of a module: identifiers, or places in a list, with dots between."""
    if not isinstance(name, str) or not all(_PART.fullmatch(part) for part in name.split(".")):
        raise NetworkError(
            "A layer's name is made of letters, digits and underscores, such as conv1; dots separate the blocks "
            "that contain it, such as layer1.0.conv1."
        )
    if len(name) > LONGEST_NAME:
        raise NetworkError(limits.NAME.sentence(found=len(name)))
    if word := next(filter(keyword.iskeyword, name.split(".")), None):
        raise NetworkError(f"{word} is a word of Python's own and cannot name a layer.")


def paths_above(name: str) -> tuple[str, ...]:
    """The blocks that a row or a block stands in, the outermost first: layer1, layer1.0 for layer1.0.conv1."""
    parts = name.split(".")
    return tuple(".".join(parts[:length]) for length in range(1, len(parts)))


@lru_cache(maxsize=256)
def blocks_of(names: tuple[str, ...]) -> frozenset[str]:
    """The paths of all blocks that rows of these names stand in."""
    return frozenset(path for name in names if "." in name for path in paths_above(name))


def check_blocks(names: tuple[str, ...]) -> None:
    """Raise NetworkError where a row has the name of a block: a module's parts would be those of another one."""
    if both := blocks_of(names).intersection(names):
        block = min(both)
        inside = next(name for name in names if name.startswith(f"{block}."))
        raise NetworkError(f"{block} names both a layer and the block that contains {inside}; rename one of them.")


def check_shape(shape: Shape) -> None:
    """Raise NetworkError unless `shape` can be an input's, without batch axis."""
    if not 1 <= len(shape) <= 4 or any(type(size) is not int for size in shape):
        raise NetworkError("An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes.")
    for size, limit in zip(shape, (LARGEST_WIDTH, *[LARGEST_IMAGE] * 3), strict=False):
        if not 1 <= size <= limit:
            raise NetworkError(limits.IMAGE.sentence(found=written(size), expected=f"from 1 to {limit:,}"))


def check_classes(classes: int | None) -> None:
    """Raise NetworkError unless `classes` is a number of classes, or None."""
    if classes is not None and (type(classes) is not int or not 1 <= classes <= LARGEST_WIDTH):
        raise NetworkError(f"The number of classes is {written(classes)}; from 1 to {LARGEST_WIDTH:,} would work.")
