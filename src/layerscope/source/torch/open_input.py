"""An input whose shape nobody told: the first layer that it meets says what it takes."""

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch

from layerscope.inputs import Input, NetworkError
from layerscope.layers.base import Layer, Shape
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.python.values import Fault
from layerscope.source.record import Entry, InValue, Output, whole
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

ANY_SIZE = {1: 224, 2: 224, 3: 64}
"""Cells along an axis of what a convolution is shown on, where nothing says how many there are."""
LENGTH = 16
"""Steps of a sequence, where nothing says how many there are."""
WIDTH = 64
"""Values in a row, where nothing says how many there are."""
USUAL: Shape = (1, 28, 28)
Met = tuple[Shape, int, str]
"""The shape of one sample, where the batch stands, and whether there are values or indices."""


def met(layer: Layer, in_values: Iterable[InValue]) -> Met | None:
    """What a layer takes, as far as it says so; None where it takes anything."""
    written = {value.parameter: value.value for value in in_values}
    widths = [value for value in written.values() if type(value) is int and 0 < value <= LARGEST_WIDTH]
    if layer.wants == "indices":
        return (LENGTH,), 0, "indices"
    if layer.dims and "in_channels" in layer.decides:
        size = 1 if layer.type.startswith("ConvTranspose") else ANY_SIZE[layer.dims]
        return ((widths or [1])[0], *(size,) * layer.dims), 0, "values"
    if {"input_size", "embed_dim", "d_model"} & {*layer.decides}:
        if layer.type.endswith("Cell"):
            return ((widths or [LENGTH])[0],), 0, "values"
        return (LENGTH, (widths or [64])[0]), layer.batch_axis, "values"
    if "in_features" in layer.decides and widths:
        return (widths[0],), 0, "values"
    if "num_features" in layer.decides and widths:
        dims = int(layer.type[-2]) if layer.type[-2:-1].isdigit() else 1
        return (widths[0], *(ANY_SIZE[dims],) * (dims if dims > 1 else 0)), 0, "values"
    if layer.dims:
        return (1, *(ANY_SIZE[layer.dims],) * layer.dims), 0, "values"
    if "normalized_shape" in written:
        shape = written["normalized_shape"]
        return (LENGTH, shape) if isinstance(shape, int) else (*shape,), 0, "values"
    return None


def met_as_state(layer: Layer) -> Met:
    """What a recurrent layer takes for a state."""
    if layer.type.endswith("Cell"):
        return (layer.chosen["hidden_size"],), 0, "values"
    _, state, *_ = layer.port_formulas((1, 1))
    return tuple(size.value for size in state), 1, "values"


def usual(top: Any) -> Met:
    """What the network's first layer takes that says so, in the order in which the layers are kept."""
    layers = [module for _, module in walked(top) if isinstance(module, LayerModule)] if isinstance(top, Module) else []
    found = (met(module.layer, module.in_values) for module in layers if module.layer is not None)
    return next((each for each in found if each is not None), (USUAL, 0, "values"))


class SeveralFault(Fault):
    """An input is several tensors: the code takes so many out of it, or an LSTM reads both of its states from it."""

    def __init__(self, name: str, count: int, node: ast.AST) -> None:
        super().__init__(f"{name} is a tuple of {count} tensors.", node)
        self.name, self.count = name, count


class OpenInput(Tensor):
    """The tensor of an entry whose shape is told by what it meets first, or else by `otherwise`."""

    def __init__(self, entry: Entry, otherwise: Met) -> None:
        self.entry, self.otherwise = entry, otherwise
        self.origin, self.weights = Output(entry), frozenset()
        self.node = self.owner = self.numbers = None
        self.ended, self.goes_on, self.is_cast = "", None, False
        self.is_open = True

    def __getattr__(self, name: str) -> Any:
        if name not in ("shape", "dtype"):
            raise AttributeError(name)
        self.entry.is_guessed = True
        self.settle(self.otherwise)
        return self.__dict__[name]

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        if self.is_open and isinstance(node, ast.Tuple):  # hidden, cell = state
            raise SeveralFault(self.entry.given.name, len(node.elts), node)
        return super().items(run, node)

    def meet(self, layer: Layer, in_values: Iterable[InValue], is_state: bool = False) -> None:
        """The input is handed to this layer, a recurrent one where it is a state."""
        if self.is_open and is_state:
            self.settle(met_as_state(layer))
        elif self.is_open:
            self.settle(met(layer, in_values) or self._row(layer))

    def _row(self, layer: Layer) -> Met:
        """What is shown to a layer that does not say what it takes: a row of values, if it takes rows."""
        takes_rows = "in_features" in layer.decides or layer.type == "BatchNorm1d"
        return ((WIDTH,), 0, "values") if takes_rows and self.otherwise[0] == USUAL else self.otherwise

    def settle(self, found: Met) -> None:
        """The shape is decided."""
        shape, axis, kind = found
        self.is_open = False
        name = self.entry.given.name
        try:
            self.entry.given = Input(name, shape, kind)  # type: ignore[arg-type]
        except NetworkError:  # beyond what an input can be
            shape, axis, kind = USUAL, 0, "values"
            self.entry.given = Input(name, shape)
        self.entry.is_met = True
        self.entry.axis = axis = min(max(axis, self.entry.axis), len(shape))
        self.shape = whole(shape, axis)
        self.dtype = torch.int64 if kind == "indices" else torch.float32
