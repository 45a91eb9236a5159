"""Activations: functions of each value by itself (softmax: of a whole axis)."""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape
from layerscope.layers.kept import INPUT, OUTPUT, VIEW, Kept
from layerscope.layers.one_value import Branch, as_it_is, from_zero
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach, Window

INPLACE = "Overwrites its input to save memory; it changes no shape and no count."


@dataclass(frozen=True, kw_only=True)
class Overwriting(Layer, ABC):
    """A curve whose only argument is whether it overwrites its input."""

    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)


@dataclass(frozen=True, kw_only=True)
class ReLU(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReLU
    stem: ClassVar[str] = "relu"
    keeps: ClassVar[Kept | None] = OUTPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("max(0, {x})"),)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LeakyReLU
    stem: ClassVar[str] = "leaky"
    keeps: ClassVar[Kept | None] = INPUT
    result_tells: ClassVar[bool] = True

    negative_slope: float = chosen(
        0.01, help="The slope below zero: y = negative_slope · x.",
        kind=Kind.NUMBER, low=0, high=1000, comfortable=(0, 1), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return from_zero("{negative_slope} × {x}")


@dataclass(frozen=True, kw_only=True)
class PReLU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.PReLU
    stem: ClassVar[str] = "prelu"
    keeps: ClassVar[Kept | None] = INPUT
    lowers: ClassVar[bool] = True

    num_parameters: int = chosen(
        1, help="Learnable slopes a of y = a · x below zero: 1 for all channels, or one per channel.",
        low=1, comfortable=(1, 64), everyday=True,
    )  # fmt: skip
    init: float = chosen(
        0.25,
        help="The slope a to begin with: y = a · x below zero.",
        kind=Kind.NUMBER,
        low=-1000,
        high=1000,
        comfortable=(0, 1),
    )

    def misfit(self, shape: Shape) -> str | None:
        if self.num_parameters in (1, *shape[:1]):
            return None
        channels = f" or the number of channels, {shape[0]}," if shape else ""
        return f"num_parameters is {self.num_parameters}; 1{channels} would work."

    def parameter_formula(self, shape: Shape) -> Formula:
        numbers = (("num_parameters", self.num_parameters),)
        return Formula("parameters", "num_parameters", numbers, self.num_parameters)

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return from_zero("{weight} × {x}")


@dataclass(frozen=True, kw_only=True)
class ELU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ELU
    stem: ClassVar[str] = "elu"
    keeps: ClassVar[Kept | None] = INPUT
    result_tells: ClassVar[bool] = True

    alpha: float = chosen(
        1.0, help="How low it goes: y = alpha · (exp(x) − 1) below zero, which approaches −alpha.",
        kind=Kind.NUMBER, low=0, high=1000, comfortable=(0, 3), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return from_zero("{alpha} × (exp({x}) − 1)")


@dataclass(frozen=True, kw_only=True)
class GELU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.GELU
    stem: ClassVar[str] = "gelu"
    keeps: ClassVar[Kept | None] = INPUT

    approximate: str = chosen(
        "none", help="How Φ is worked out in y = x · Φ(x): exactly, or with tanh.", kind=Kind.CHOICE,
        words=("none", "tanh"), everyday=True,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        if self.approximate == "tanh":
            return (Branch("{x} / 2 × (1 + tanh(√(2 / π) × ({x} + 0.044715 × {x}³)))"),)
        return (Branch("{x} / 2 × (1 + erf({x} / √2))"),)


@dataclass(frozen=True, kw_only=True)
class SiLU(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.SiLU
    stem: ClassVar[str] = "silu"
    keeps: ClassVar[Kept | None] = INPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} / (1 + exp(−{x}))"),)


@dataclass(frozen=True, kw_only=True)
class Hardswish(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Hardswish
    stem: ClassVar[str] = "hardswish"
    keeps: ClassVar[Kept | None] = INPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} × min(max(0, {x} + 3), 6) / 6"),)


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Sigmoid
    stem: ClassVar[str] = "sigmoid"
    keeps: ClassVar[Kept | None] = OUTPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("1 / (1 + exp(−{x}))"),)


@dataclass(frozen=True, kw_only=True)
class Tanh(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Tanh
    stem: ClassVar[str] = "tanh"
    keeps: ClassVar[Kept | None] = OUTPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("tanh({x})"),)


@dataclass(frozen=True, kw_only=True)
class _AnySoftmax(Layer, ABC):
    """Turns the values along one axis into shares that add up to 1."""

    stem: ClassVar[str] = "softmax"
    keeps: ClassVar[Kept | None] = OUTPUT

    dim: int | None = chosen(
        None, help="The axis along which y = exp(x) / Σ exp(x) adds up to 1; the batch is axis 0, classes are axis 1.",
        low=-5, high=4, comfortable=(-1, 4), optional=True, everyday=True, starter=1,
    )  # fmt: skip

    def axis(self, shape: Shape) -> int:
        """The axis meant, counted with the batch axis, as torch resolves it."""
        if self.dim is None:
            return 0 if len(shape) + 1 in (0, 1, 3) else 1
        return self.dim if self.dim >= 0 else self.dim + len(shape) + 1

    def misfit(self, shape: Shape) -> str | None:
        if 0 <= self.axis(shape) <= len(shape):
            return None
        return (
            f"dim is {self.dim}, but with the batch axis there are {len(shape) + 1} axes: "
            f"{-len(shape) - 1} to {len(shape)} would work."
        )

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        if isinstance(module, nn.Softmax | nn.LogSoftmax | nn.Softmin):  # torch warns about dim=None on every call
            module.dim = self.axis(shape)

    def warning(self, shape: Shape) -> str | None:
        if self.axis(shape) != 0:
            return None
        return "This softmax runs over the batch axis: the images of a batch compete with each other. Use dim=1."

    def reach(self, shape: Shape) -> Reach:
        spatial = self.axis(shape) - 2
        return tuple(WHOLE if i == spatial else SAME for i in range(len(shape) - 1))


@dataclass(frozen=True, kw_only=True)
class Softmax(_AnySoftmax):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softmax

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("exp({x}) / {total}"),)


@dataclass(frozen=True, kw_only=True)
class LogSoftmax(_AnySoftmax):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LogSoftmax

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} − log({total})"),)


@dataclass(frozen=True, kw_only=True)
class Softmin(_AnySoftmax):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softmin

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("exp(−{x}) / {total_of_opposites}"),)


@dataclass(frozen=True, kw_only=True)
class GLU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.GLU
    stem: ClassVar[str] = "glu"
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = INPUT

    dim: int = chosen(
        -1, help="The axis that is halved, the batch being axis 0: y = first half · sigmoid(second half).",
        low=-5, high=4, comfortable=(-1, 4), everyday=True,
    )  # fmt: skip

    def _axis(self, shape: Shape) -> int:
        """The axis meant, counted with the batch axis."""
        return self.dim if self.dim >= 0 else self.dim + len(shape) + 1

    def misfit(self, shape: Shape) -> str | None:
        axis = self._axis(shape)
        if axis == 0:
            return f"dim={self.dim} is the batch axis: samples would be mixed. The first axis of a sample is 1."
        if not 0 < axis <= len(shape):
            return f"dim is {self.dim}, but with the batch axis there are {len(shape) + 1} axes."
        if shape[axis - 1] % 2:
            return f"GLU halves axis {axis}, whose size must be even; it is {shape[axis - 1]:,}."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        kept, place = list(super().output_formulas(shape)), self._axis(shape) - 1
        kept[place] = Formula(kept[place].quantity, "i / 2", (("i", shape[place]),), shape[place] // 2)
        return tuple(kept)

    def reach(self, shape: Shape) -> Reach:
        half = shape[self._axis(shape) - 1] // 2
        both = Window(half + 1, 1, 0, half)  # the cell in its place and that of the second half
        return tuple(both if axis == self._axis(shape) else SAME for axis in range(2, len(shape) + 1))


@dataclass(frozen=True, kw_only=True)
class Identity(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Identity
    stem: ClassVar[str] = "identity"
    keeps: ClassVar[Kept | None] = VIEW

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return as_it_is("x, which it leaves as it is")
