"""A recurrent layer's single step, for loops that are written out: one vector and the state before it."""

from abc import ABC
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Product, Shape, arrival
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen
from layerscope.receptive import WHOLE, Reach


@dataclass(frozen=True, kw_only=True)
class _Cell(SeveralInputs, ABC):
    """A step of RNN, LSTM or GRU. Without a state it begins with zeros."""

    stem: ClassVar[str] = "cell"
    decides: ClassVar[tuple[str, ...]] = ("input_size",)
    keeps_channels: ClassVar[bool] = False
    multiplies: ClassVar[bool] = True
    takes: ClassVar[tuple[int, int]] = (1, 2)
    gates: ClassVar[int]
    states: ClassVar[tuple[str, ...]] = ("h_0",)

    hidden_size: int = chosen(
        help="How many values the state has: output = hidden_size.",
        low=1, comfortable=(1, 512), everyday=True, starter=64,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Two learnable numbers for each row of the matrices: 2·gates·hidden_size more parameters.",
        kind=Kind.SWITCH,
    )  # fmt: skip

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {"input_size": shapes[0][-1]} if shapes[0] else {}

    def rank_complaint(self, *shapes: Shape) -> str | None:
        if len(shapes[0]) == 1:
            return None
        told = arrival(shapes[0]) if shapes[0] else "one number"
        return f"{self.type} expects (features), one step of a sequence, but gets {told}."

    def misfit(self, *shapes: Shape) -> str | None:
        states = shapes[1:]
        if states and len(states) != len(self.states):
            return f"{self.type} takes both h_0 and c_0 or neither; only one state is given."
        for name, state in zip(self.states, states, strict=False):
            if state != (self.hidden_size,):
                given = shape_text(state) if state else "one number"
                return f"{self.type} expects {name} to be {self.hidden_size:,} values but gets {given}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        numbers = (("hidden_size", self.hidden_size),)
        return (Formula("output features", "hidden_size", numbers, self.hidden_size),)

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        return (self.output_formulas(*shapes),) * len(self.states)

    def _weights(self, features: int) -> int:
        return self.gates * self.hidden_size * (features + self.hidden_size)

    def parameter_formula(self, *shapes: Shape) -> Formula:
        features, gates = shapes[0][-1], f"{self.gates}·" if self.gates > 1 else ""
        numbers = (("F", features), ("H", self.hidden_size))
        symbols = f"{gates}H·(F + H{' + 2' if self.bias else ''})"
        value = self._weights(features) + 2 * self.gates * self.hidden_size * self.bias
        return Formula("parameters", symbols, numbers, value)

    def mac_formula(self, *shapes: Shape) -> Formula:
        weights = self._weights(shapes[0][-1])
        return Formula("MACs", "weights", (("weights", weights),), weights)

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        matrices = (weight.shape for weight in module.parameters() if weight.ndim == 2)
        return (Product(1, columns, rows) for rows, columns in matrices)

    def scratch(self, *shapes: Shape) -> int:
        return self.gates * self.hidden_size

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE


@dataclass(frozen=True, kw_only=True)
class RNNCell(_Cell):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.RNNCell
    gates: ClassVar[int] = 1

    nonlinearity: str = chosen(
        "tanh", help="The curve in h = tanh(W·x + U·h); it changes no shape and no count.",
        kind=Kind.CHOICE, words=("tanh", "relu"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LSTMCell(_Cell):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LSTMCell
    gates: ClassVar[int] = 4
    takes: ClassVar[tuple[int, int]] = (1, 3)
    states: ClassVar[tuple[str, ...]] = ("h_0", "c_0")

    @property
    def ports(self) -> tuple[str, ...]:
        return "h_1", "c_1"

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        vector, *states = tensors
        return module(vector, tuple(states)) if states else module(vector)

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        return tuple(result)


@dataclass(frozen=True, kw_only=True)
class GRUCell(_Cell):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.GRUCell
    gates: ClassVar[int] = 3
