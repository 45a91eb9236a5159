"""A layer on its inputs, as the key of a memory."""

from typing import Any

from layerscope.layers.base import Layer

Kinds = tuple[bool, ...]
"""Whether each input holds indices; empty where all hold values."""


class Question:
    """Everything that an answer depends on, so not the layer's name. Raises TypeError for values without a hash.

    `given` is what is known of the inputs: their shapes.
    """

    __slots__ = ("_hash", "_key", "given", "kinds", "layer")

    def __init__(self, layer: Layer, given: tuple[Any, ...], kinds: Kinds = ()) -> None:
        self.layer, self.given, self.kinds = layer, given, kinds
        self._key: tuple[Any, ...] = (given, layer.signature, kinds)
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self._key == other._key
