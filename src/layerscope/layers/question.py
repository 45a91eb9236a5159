"""A layer on its inputs, as the key of a memory."""

from typing import Any

from layerscope.layers.base import Layer

Kinds = tuple[bool, ...]
"""Whether each input holds indices; empty where all hold values."""


class Question:
    """Everything that an answer depends on, so not the layer's name. Raises TypeError for values without a hash.

    `given` is what is known of the inputs: their shapes, or what they decide.
    """

    __slots__ = ("_hash", "_key", "layer")

    def __init__(self, layer: Layer, given: tuple[Any, ...], kinds: Kinds = ()) -> None:
        self.layer = layer
        self._key = key = given, layer.signature, kinds
        self._hash = hash(key)

    @property
    def given(self) -> tuple[Any, ...]:
        """What is known of the inputs."""
        return self._key[0]

    @property
    def kinds(self) -> Kinds:
        """Whether each input holds indices; empty where all hold values."""
        return self._key[2]

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return type(other) is Question and self._key == other._key
