"""The network: an input shape, a number of classes, and layers in order. Frozen; every edit returns a new one."""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.parameter import LARGEST_WIDTH, MOST_AXES, written
from layerscope.text import is_word

MOST_LAYERS = limits.LAYERS.most
LARGEST_IMAGE = limits.IMAGE.most
LONGEST_NAME = limits.NAME.most
PLAIN = (int, float, bool, str, type(None))


class NetworkError(ValueError):
    """An edit that makes no network; the message is a sentence for the user."""


@dataclass(frozen=True, eq=False)
class Network:
    """`input_shape` without batch axis: (C, H, W), (C, L), (C, D, H, W) or (F,). `classes` is None where the output
    is not one number per class. Hashable; equal by what runs: the width that the head keeps for the day when it is the
    head no more does not count."""

    input_shape: Shape
    layers: tuple[Layer, ...]
    classes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "input_shape", tuple(self.input_shape))
        object.__setattr__(self, "layers", tuple(self.layers))
        _check_input(self.input_shape, self.classes)
        if len(self.layers) > MOST_LAYERS:
            raise NetworkError(limits.LAYERS.sentence(found=len(self.layers)))
        seen: set[str] = set()
        for layer in self.layers:
            check_name(layer.name)
            if layer.name in seen:
                raise NetworkError(f"Two layers are named {layer.name}; each needs its own name.")
            seen.add(layer.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    @cached_property
    def _value(self) -> tuple[Shape, int | None, tuple[Layer, ...]]:
        return self.input_shape, self.classes, self.resolved

    def __getitem__(self, name: str) -> Layer:
        """The layer of that name."""
        return self.layers[self.index(name)]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names in order."""
        return tuple(layer.name for layer in self.layers)

    def index(self, name: str) -> int:
        """The place of the layer of that name, counted from 0."""
        if name not in self.names:
            raise NetworkError(f"There is no layer named {name}; there are {', '.join(self.names)}.")
        return self.names.index(name)

    @cached_property
    def head(self) -> str | None:
        """The layer whose outputs are the classes: the last one with weights, if its outputs become the result."""
        if self.classes is None:
            return None
        for place in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[place]
            if isinstance(layer, Linear):
                return layer.name
            if layer.head is not None:
                after = self.layers[place + 1 :]
                pooled = any(getattr(later, "output_size", None) in (1, (1,) * later.dims) for later in after)
                return layer.name if pooled and any(later.type == "Flatten" for later in after) else None
            if not layer.keeps_channels and layer.type != "Flatten":
                return None
        return None

    @cached_property
    def resolved(self) -> tuple[Layer, ...]:
        """The layers with the head's width set to the number of classes."""
        return tuple(
            layer.with_chosen(layer.head, self.classes) if layer.name == self.head and layer.head is not None else layer
            for layer in self.layers
        )

    def with_argument(self, name: str, parameter: str, value: Any) -> "Network":
        """The network with one argument of one layer changed. A value that cannot work is kept: `trace` says why."""
        layer = self[name]
        if parameter not in layer.parameters():
            raise NetworkError(self._not_yours(layer, parameter))
        if name == self.head and parameter == layer.head:
            raise NetworkError(
                f"{name}.{parameter} is the number of classes, {self.classes}; change the classes instead."
            )
        return self._with(layer.with_chosen(parameter, _plain(value)))

    def _not_yours(self, layer: Layer, parameter: str) -> str:
        if parameter in layer.decides:
            return f"{layer.name}.{parameter} is decided by the shape that arrives at {layer.name}."
        choices = ", ".join(layer.parameters()) or "none"
        return f"{layer.type} has no parameter {parameter} to choose; it has {choices}."

    def _with(self, layer: Layer) -> "Network":
        place = self.index(layer.name)
        return replace(self, layers=(*self.layers[:place], layer, *self.layers[place + 1 :]))

    def with_input(self, input_shape: Iterable[int]) -> "Network":
        """The network on another input."""
        return replace(self, input_shape=tuple(input_shape))

    def with_classes(self, classes: int | None) -> "Network":
        """The network for another number of classes."""
        return replace(self, classes=classes)

    def insert(self, place: int, layer: Layer | str) -> "Network":
        """The network with a layer put before `place` (0 is the front). A string is a type's name, such as "ReLU"."""
        if isinstance(layer, str):
            if layer not in CATALOGUE:
                raise NetworkError(f"There is no layer type {layer}; there are {', '.join(CATALOGUE)}.")
            layer = CATALOGUE[layer].fresh(self.free_name(CATALOGUE[layer].stem))
        place = min(max(place, 0), len(self.layers))
        return replace(self, layers=(*self.layers[:place], layer, *self.layers[place:]))

    def remove(self, name: str) -> "Network":
        """The network without that layer."""
        place = self.index(name)
        return replace(self, layers=self.layers[:place] + self.layers[place + 1 :])

    def move(self, name: str, place: int) -> "Network":
        """The network with that layer at `place`, counted from 0 after it was taken out."""
        return self.remove(name).insert(place, self[name])

    def duplicate(self, name: str) -> "Network":
        """The network with a copy of that layer right behind it."""
        layer = self[name]
        copy = replace(layer, name=self.free_name(layer.stem))
        return self.insert(self.index(name) + 1, copy)

    def free_name(self, stem: str) -> str:
        """The first name of that stem that is not taken: conv1, conv2, ..."""
        return next(f"{stem}{n}" for n in range(1, MOST_LAYERS + 2) if f"{stem}{n}" not in self.names)


def _plain(value: Any) -> Any:
    """A value that a layer can hold and be compared and remembered by; a list becomes a tuple."""
    value = tuple(value) if isinstance(value, list | tuple) else value
    parts = value if isinstance(value, tuple) else (value,)
    strange = len(parts) > MOST_AXES or any(isinstance(part, str) and not is_word(part) for part in parts)
    if any(type(part) is float and not isfinite(part) for part in parts):
        raise NetworkError("A number of a layer is finite; this one is not.")
    if strange or any(type(part) not in PLAIN for part in parts):
        raise NetworkError("A value is a number, a word, True, False or None, or a short row of those such as (3, 3).")
    return value


@lru_cache(maxsize=1024)
def check_name(name: str) -> None:
    """Raise NetworkError unless `name` can be an attribute of an nn.Module."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise NetworkError("A layer's name is made of letters, digits and underscores, such as conv1.")
    if len(name) > LONGEST_NAME:
        raise NetworkError(limits.NAME.sentence(found=len(name)))
    if keyword.iskeyword(name):
        raise NetworkError(f"{name} is a word of Python's own and cannot name a layer.")


def _check_input(shape: Shape, classes: int | None) -> None:
    if not 1 <= len(shape) <= 4 or any(type(size) is not int for size in shape):
        raise NetworkError("An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes.")
    for size, limit in zip(shape, (LARGEST_WIDTH, *[LARGEST_IMAGE] * 3), strict=False):
        if not 1 <= size <= limit:
            raise NetworkError(limits.IMAGE.sentence(found=written(size), expected=f"from 1 to {limit:,}"))
    if classes is not None and (type(classes) is not int or not 1 <= classes <= LARGEST_WIDTH):
        raise NetworkError(f"The number of classes is {written(classes)}; from 1 to {LARGEST_WIDTH:,} would work.")
