"""The torch that a paste is followed with, by its evaluator, which knows only that it has some world."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator
    from layerscope.source.torch.world import TorchWorld

REMEMBERED = 1_024
"""Layers that are kept, as networks are made of few different ones."""


def world_of(run: "Evaluator") -> "TorchWorld":
    """What the libraries mean to the paste that is being followed."""
    return run.world  # type: ignore[return-value]


def unnamed(kind: str, **values: Any) -> Layer:
    """A layer of that type that has no name yet. Raises TypeError and ValueError as the layer's class does."""
    return shared(CATALOGUE[kind], values)


def shared(kind: type[Layer], values: dict[str, Any]) -> Layer:
    """The same, with these arguments. Equal ones are one: blocks repeat, and what is worked out of a layer stays.

    The types of the values count too: to Python True equals 1 and 2.0 equals 2, to torch they do not.
    """
    row = tuple(values.items())
    kinds = tuple([_kinds(value) if type(value) is tuple else type(value) for value in values.values()])
    try:
        return _made(kind, row, kinds)
    except TypeError:  # a value without a hash, which the layer may refuse or not
        return kind(name="", **values)


def _kinds(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([_kinds(part) if type(part) is tuple else type(part) for part in row])


@lru_cache(maxsize=REMEMBERED)
def _made(kind: type[Layer], row: tuple[tuple[str, Any], ...], kinds: tuple[Any, ...]) -> Layer:
    return kind(name="", **dict(row))
