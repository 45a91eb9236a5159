"""Recurrent layers: they read a sequence step by step and carry a state along.

A sequence is (length, features). The outputs are torch's: `output` has the last layer's state at every step, `h_n`
(and the LSTM's `c_n`) each layer's state after the last step. torch keeps the batch of states on axis 1, also where
batch_first is True; `call` and `unpack` have it in front.
"""

import typing
from abc import ABC
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from inspect import signature
from typing import Any, ClassVar

from torch import Tensor, nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Product, Shape, arrival
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import MOST_REPEATS, Kind, chosen
from layerscope.receptive import WHOLE, Reach

BATCH_FIRST = (
    "The order of the axes: True for (batch, length, features), False for (length, batch, features). It changes no "
    "shape without the batch and no count."
)
SEQUENCE = "(length, features)"


def sequence_complaint(kind: str, *shapes: Shape) -> str | None:
    """The sentence for an input that is not a sequence."""
    for shape in shapes:
        if len(shape) != 2:
            return f"{kind} expects {SEQUENCE} but gets {arrival(shape)}."
    return None


@dataclass(frozen=True, kw_only=True)
class _Recurrent(SeveralInputs, ABC):
    """What RNN, LSTM and GRU share. Each step multiplies all weight matrices once."""

    features_last: ClassVar[bool | None] = True
    decides: ClassVar[tuple[str, ...]] = ("input_size",)
    keeps_channels: ClassVar[bool] = False
    multiplies: ClassVar[bool] = True
    takes: ClassVar[tuple[int, int]] = (1, 2)
    gates: ClassVar[int]
    """How many matrices of hidden_size rows there are for the input, and as many for the state."""
    states: ClassVar[tuple[str, ...]] = ("h_n",)

    hidden_size: int = chosen(
        help="How many values the state has: output = (length, hidden_size), or 2·hidden_size where bidirectional.",
        low=1, comfortable=(1, 512), everyday=True, starter=64,
    )  # fmt: skip
    num_layers: int = chosen(
        1, help="How many layers are stacked, each on the output of the one below: h_n = (num_layers, hidden_size).",
        low=1, high=MOST_REPEATS, comfortable=(1, 4), everyday=True,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Two learnable numbers for each row of the matrices: 2·gates·hidden_size more parameters a layer.",
        kind=Kind.SWITCH,
    )  # fmt: skip
    batch_first: bool = chosen(False, help=BATCH_FIRST, kind=Kind.SWITCH, starter=True)
    dropout: float = chosen(
        0.0, help="The probability of a zero between two stacked layers while training; no count depends on it.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1),
    )  # fmt: skip
    bidirectional: bool = chosen(
        False, help="Reads the sequence from its end too: the features double, and so do the parameters of a layer.",
        kind=Kind.SWITCH, everyday=True,
    )  # fmt: skip

    @classmethod
    @cache
    def _signature(cls) -> tuple[str, ...]:
        written, *_ = typing.get_overloads(cls.torch_class.__init__)  # what runs takes *args
        return tuple(signature(written).parameters)

    @property
    def ports(self) -> tuple[str, ...]:
        return "output", *self.states

    @property
    def batch_axis(self) -> int:
        return 0 if self.batch_first else 1

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def width(self) -> int:
        """How many values one direction hands on at each step."""
        return self.hidden_size

    def _sizes(self) -> tuple[int, ...]:
        """How many values each state has."""
        return (self.width,)

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {"input_size": shapes[0][-1]}

    def asked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return arguments | {"dropout": 0.0}  # torch remarks on every single layer with dropout

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        sequence, *states = (tensor.transpose(0, 1) for tensor in tensors)
        if self.batch_first:
            sequence = tensors[0]
        if not states:
            return module(sequence)
        return module(sequence, tuple(states) if len(self.states) > 1 else states[0])

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        output, left = result
        states = left if isinstance(left, tuple) else (left,)
        output = output if self.batch_first else output.transpose(0, 1)
        return output, *(state.transpose(0, 1) for state in states)

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        # torch goes through all steps, even of an empty batch, and each of them is alike.
        module.forward = partial(_first_step, module.forward, self.batch_first, shapes[0][0])

    def rank_complaint(self, *shapes: Shape) -> str | None:
        return sequence_complaint(self.type, shapes[0])

    def misfit(self, *shapes: Shape) -> str | None:
        states = shapes[1:]
        if states and len(states) != len(self.states):
            return "LSTM takes both h_0 and c_0 or neither; only one state is given."
        for name, size, state in zip(("h_0", "c_0"), self._sizes(), states, strict=False):
            wanted = (self.directions * self.num_layers, size)
            if state != wanted:
                return f"{self.type} expects {name} to be {shape_text(wanted)} but gets {shape_text(state)}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        length = Formula("output length", "i", (("i", shapes[0][0]),), shapes[0][0])
        return length, self._width("output features", self._width_name, self.width, self.directions)

    @property
    def _width_name(self) -> str:
        return "hidden_size"

    @staticmethod
    def _width(quantity: str, name: str, size: int, directions: int) -> Formula:
        return Formula(quantity, f"2·{name}" if directions == 2 else name, ((name, size),), directions * size)

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        layers = self.directions * self.num_layers
        symbols = "2·num_layers" if self.bidirectional else "num_layers"
        names = (self._width_name, "hidden_size")
        return self.output_formulas(*shapes), *(
            (
                Formula(f"{state} layers", symbols, (("num_layers", self.num_layers),), layers),
                self._width(f"{state} features", name, size, 1),
            )
            for state, name, size in zip(self.states, names, self._sizes(), strict=False)
        )

    def _weights(self, features: int) -> int:
        """Values in the matrices of one layer and direction that reads so many features."""
        projection = self.width * self.hidden_size if self.width != self.hidden_size else 0
        return self.gates * self.hidden_size * (features + self.width) + projection

    def _all_weights(self, features: int) -> int:
        above = (self.num_layers - 1) * self._weights(self.directions * self.width)
        return self.directions * (self._weights(features) + above)

    def parameter_formula(self, *shapes: Shape) -> Formula:
        features = shapes[0][-1]
        gates, is_projected = f"{self.gates}·" if self.gates > 1 else "", self.width != self.hidden_size
        width, biases = "R" if is_projected else "H", " + 2" if self.bias else ""

        def layer(read: str) -> str:
            return f"{gates}H·({read} + {width}{biases})" + (" + R·H" if is_projected else "")

        symbols = layer("F")
        if self.num_layers > 1:
            above = layer(f"2·{width}" if self.bidirectional else width)
            symbols += f" + (n − 1)·({above})" if is_projected else f" + (n − 1)·{above}"
        if self.bidirectional:
            symbols = f"2·({symbols})" if self.num_layers > 1 or is_projected else f"2·{symbols}"
        letters = (("F", features), ("H", self.hidden_size), ("R", self.width), ("n", self.num_layers))
        numbers = tuple((letter, number) for letter, number in letters if letter in symbols)
        biases_in_all = 2 * self.gates * self.hidden_size * self.num_layers * self.directions * self.bias
        return Formula("parameters", symbols, numbers, self._all_weights(features) + biases_in_all)

    def mac_formula(self, *shapes: Shape) -> Formula:
        shape = shapes[0]
        weights = self._all_weights(shape[-1])
        numbers = (("length", shape[0]), ("weights", weights))
        return Formula("MACs", "length·weights", numbers, shape[0] * weights)

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        matrices = (weight.shape for weight in module.parameters() if weight.ndim == 2)
        return (Product(shapes[0][0], columns, rows) for rows, columns in matrices)

    def scratch(self, *shapes: Shape) -> int:
        return shapes[0][0] * self.gates * self.hidden_size * self.directions

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE

    def warning(self, *shapes: Shape) -> str | None:
        if self.dropout > 0 and self.num_layers == 1:
            return (
                f"dropout acts between stacked layers, and num_layers is 1: it does nothing. "
                f"A Dropout after {self.type} would work."
            )
        return None if self.batch_first else seq_first_warning(self.type)


def seq_first_warning(kind: str) -> str:
    """What to know where batch_first is False, torch's default."""
    return (
        f"batch_first is False, so {kind} expects (length, batch, features). A batch of shape (batch, length, "
        "features) runs too, but then samples and steps are mixed up; batch_first=True keeps them apart."
    )


def _first_step(forward: Callable[..., Any], batch_first: bool, length: int, sequence: Tensor, *states: Any) -> Any:
    """What `forward` makes of a sequence's first step, stretched to the whole length."""
    axis = 1 if batch_first else 0
    output, left = forward(sequence.narrow(axis, 0, 1), *states)
    sizes = list(output.shape)
    sizes[axis] = length
    return output.expand(sizes), left


@dataclass(frozen=True, kw_only=True)
class RNN(_Recurrent):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.RNN
    stem: ClassVar[str] = "rnn"
    gates: ClassVar[int] = 1

    nonlinearity: str = chosen(
        "tanh", help="The curve in h = tanh(W·x + U·h); it changes no shape and no count.",
        kind=Kind.CHOICE, words=("tanh", "relu"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LSTM(_Recurrent):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LSTM
    stem: ClassVar[str] = "lstm"
    gates: ClassVar[int] = 4
    takes: ClassVar[tuple[int, int]] = (1, 3)
    states: ClassVar[tuple[str, ...]] = ("h_n", "c_n")
    has_workspace: ClassVar[bool] = True

    proj_size: int = chosen(
        0, help="0, or fewer values than hidden_size that h is projected to: output = (length, proj_size).",
        low=0, comfortable=(0, 256),
    )  # fmt: skip

    @property
    def width(self) -> int:
        return self.proj_size or self.hidden_size

    @property
    def _width_name(self) -> str:
        return "proj_size" if self.proj_size else "hidden_size"

    def _sizes(self) -> tuple[int, ...]:
        return self.width, self.hidden_size

    def misfit(self, *shapes: Shape) -> str | None:
        if self.proj_size >= self.hidden_size:
            return f"proj_size must be smaller than hidden_size, {self.hidden_size:,}; proj_size is {self.proj_size:,}."
        return super().misfit(*shapes)


@dataclass(frozen=True, kw_only=True)
class GRU(_Recurrent):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.GRU
    stem: ClassVar[str] = "gru"
    gates: ClassVar[int] = 3
