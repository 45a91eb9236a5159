"""A layer on an input, as the key of a memory."""

from typing import Any

from layerscope.layers.base import Layer, Shape


class Question:
    """Everything that an answer depends on, so not the layer's name. Raises TypeError for values without a hash."""

    __slots__ = ("_hash", "layer", "shape", "signature")

    def __init__(self, signature: tuple[Any, ...], shape: Shape, layer: Layer) -> None:
        self.signature, self.shape, self.layer = signature, shape, layer
        self._hash = hash((signature, shape))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.shape == other.shape and self.signature == other.signature
