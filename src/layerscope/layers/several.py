"""Rows that take another number of inputs than one."""

from abc import ABC
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from torch import nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, arrival
from layerscope.receptive import SAME, Reach

MOST_INPUTS = limits.JOINED.most


@dataclass(frozen=True, kw_only=True)
class SeveralInputs(Layer, ABC):
    """The methods of a layer, on the shapes of any number of inputs."""

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {}

    def values_per_parameter(self, *shapes: Shape) -> int:
        return 0

    def rank_complaint(self, *shapes: Shape) -> str | None:
        return None

    def misfit(self, *shapes: Shape) -> str | None:
        return None

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        return None

    def parameter_formula(self, *shapes: Shape) -> Formula | None:
        return None

    def mac_formula(self, *shapes: Shape) -> Formula | None:
        return None

    def tables(self, *shapes: Shape) -> int:
        return 0

    def scratch(self, *shapes: Shape) -> int:
        return 0

    def reach(self, *shapes: Shape) -> Reach:
        return SAME

    def warning(self, *shapes: Shape) -> str | None:
        return None


def given(place: int, shape: Shape) -> str:
    """What an input is, in a sentence: "input 1 gives 64×56×56"."""
    return f"input {place + 1} gives {arrival(shape)}"


@lru_cache(maxsize=MOST_INPUTS)
def letters(count: int) -> tuple[str, ...]:
    """Names for so many numbers in a formula: a, b, ..., z, aa, ab."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return tuple(alphabet[i // 26 - 1] * (i >= 26) + alphabet[i % 26] for i in range(count))
