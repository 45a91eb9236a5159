"""The places that a function picks beside the values: values, places = torch.topk(x, 2). Most code drops them, so their
row is added once something reads them."""

from collections.abc import Callable

import torch

from layerscope.layers.base import Shape
from layerscope.source.record import Output
from layerscope.source.torch.tensor import Tensor


class Places(Tensor):
    """A tensor of whole numbers whose row is added by `add` when it is first asked for."""

    def __init__(self, shape: Shape, dtype: torch.dtype, made: Tensor, add: Callable[[Tensor], None]) -> None:
        super().__init__(shape, dtype, node=made.node)
        self._made, self._add = made, add

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return True

    @property
    def origin(self) -> Output | None:
        """The row; added now where it is not there yet."""
        if self._made.origin is None:
            self._add(self._made)
        return self._made.origin

    @origin.setter
    def origin(self, value: Output | None) -> None:
        if value is not None:
            self._made.origin = value
