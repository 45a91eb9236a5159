"""The torch that a paste is followed with, by its evaluator, which knows only that it has some world."""

from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator
    from layerscope.source.torch.world import TorchWorld


def world_of(run: "Evaluator") -> "TorchWorld":
    """What the libraries mean to the paste that is being followed."""
    return run.world  # type: ignore[return-value]


def unnamed(kind: str, **values: Any) -> Layer:
    """A layer of that type that has no name yet. Raises TypeError and ValueError as the layer's class does."""
    return CATALOGUE[kind](name="", **values)
