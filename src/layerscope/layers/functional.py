"""What the rows of torch's functions share: their modules, and the names of axes.

Every row is a module. Where torch has a function only, the layer's file has a small module that calls it.
"""

import inspect
from collections.abc import Sequence
from typing import Any

from torch import nn

from layerscope.layers.base import Shape


class Functional(nn.Module):
    """A function of torch's as a module; its attributes are the function's arguments."""

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("_")

    def extra_repr(self) -> str:
        """The arguments, as torch's own modules show theirs."""
        names = inspect.signature(type(self).__init__).parameters
        return ", ".join(f"{name}={vars(self)[name]!r}" for name in names if name in vars(self))


def place(dim: int, axes: int) -> int:
    """An axis counted from the front: -1 is the last of `axes`, the batch counted."""
    return dim if dim >= 0 else dim + axes


def dim_complaint(name: str, dim: int, shape: Shape, more: int = 0) -> str | None:
    """A sentence where `dim` is the batch axis or beyond those of `shape`; `more` axes are about to be added."""
    axes = len(shape) + 1 + more
    if place(dim, axes) == 0:
        return f"{name}={dim} is the batch axis: samples would be mixed. The first axis of a sample is 1."
    if not 0 < place(dim, axes) < axes:
        return f"{name} is {dim}, but with the batch axis there {'is 1 axis' if axes == 1 else f'are {axes} axes'}."
    return None


def dims_complaint(name: str, dims: Sequence[int], shape: Shape) -> str | None:
    """The same for several axes, of which each may be named once."""
    if wrong := next((wrong for dim in dims if (wrong := dim_complaint(name, dim, shape))), None):
        return wrong
    places = [place(dim, len(shape) + 1) for dim in dims]
    twice = next((axis for axis in places if places.count(axis) > 1), None)
    return None if twice is None else f"{name} names axis {twice} twice; once is enough."


def several(value: Any) -> tuple[Any, ...]:
    """An argument that torch takes as a number or several: 2 -> (2,)."""
    return value if isinstance(value, tuple) else (value,)
