"""How one value of a layer's output is written out, where that is a formula of few numbers."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Branch(NamedTuple):
    """A formula whose numbers stand in braces by their names: "{negative_slope} × {x}".

    `x` is what is read, of several inputs a, b, ...; other names are the layer's arguments, tensors and statistics.
    """

    text: str
    holds: Callable[[Tensor], Tensor] | None = None
    """For which of the values that are read it is the formula; None for all that no branch before it takes."""
    said: str = ""
    """What stands for the formula in words; empty where the names of its numbers do."""


def as_it_is(said: str = "") -> tuple[Branch, ...]:
    """The value that is read, unchanged."""
    return (Branch("{x}", said=said),)


def from_zero(below: str) -> tuple[Branch, ...]:
    """The value itself where it is positive, else a formula."""
    return Branch("{x}", lambda x: x > 0), Branch(below)


def normalized(*, has_weight: bool, has_bias: bool) -> tuple[Branch, ...]:
    """A value with a mean and a variance that it shares with others."""
    text = "({x} − {mean}) / √({variance} + {eps})"
    return (Branch(text + " × {weight}" * has_weight + " + {bias}" * has_bias),)
