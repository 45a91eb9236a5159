"""What a live model did and no row can say: measured once, and shown as it was measured.

An opaque row cannot be edited or worked out for another input. It holds plain numbers only, so that it can be in a link
or a file like any other row.
"""

from abc import ABC
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.functional import Functional
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen
from layerscope.receptive import WHOLE, Reach

MOST_NUMBERS = limits.VALUES.most
_COUNTING = frozenset({"argmax", "argmin", "argsort", "bucketize", "multinomial", "searchsorted", "to_indices"})
"""Functions that give whole numbers, which name entries; `to_indices` is x.long()."""


def flat(shapes: tuple[Shape, ...]) -> tuple[int, ...]:
    """Shapes as one row of numbers, the rank before each: (3, 64, 56, 56, 1, 10). What does not fit is left out."""
    numbers: tuple[int, ...] = ()
    for shape in shapes:
        if len(numbers) + 1 + len(shape) > MOST_NUMBERS:
            break
        numbers += (len(shape), *shape)
    return numbers


def unflattened(numbers: tuple[int, ...]) -> tuple[Shape, ...]:
    """The shapes of `flat`. What is not a row of shapes gives none."""
    shapes: list[Shape] = []
    while numbers:
        rank = numbers[0]
        if len(numbers) <= rank:
            return ()
        shapes.append(numbers[1 : rank + 1])
        numbers = numbers[rank + 1 :]
    return tuple(shapes)


class _Measured(Functional):
    """Gives zeros of the measured shape: what was measured is its size, not what it computes."""

    def __init__(self, called: str, gives: tuple[int, ...], weights: int, macs: int, device: str | None) -> None:
        super().__init__()
        if min(weights, macs) < 0:
            raise ValueError("weights and macs are counts, so they cannot be negative")
        self.called, self.gives, self.weights, self.macs = called, gives, weights, macs
        if weights:
            self.weight = nn.Parameter(torch.empty(weights, device=device))

    def _zeros(self, batch: int, device: torch.device | str) -> Tensor:
        return torch.zeros((batch, *unflattened(self.gives)[0]), device=device)


class _Opaque(_Measured):
    def __init__(
        self,
        called: str,
        gives: tuple[int, ...],
        weights: int = 0,
        macs: int = 0,
        reads: tuple[int, ...] = (),
        device: str | None = None,
    ) -> None:
        super().__init__(called, gives, weights, macs, device)
        self.reads = reads

    def forward(self, *inputs: Tensor) -> Tensor:
        return self._zeros(inputs[0].shape[0], inputs[0].device)


class _Constant(_Measured):
    def __init__(
        self, called: str, gives: tuple[int, ...], weights: int = 0, macs: int = 0, device: str | None = None
    ) -> None:
        super().__init__(called, gives, weights, macs, device)

    def forward(self, batch: int = 0) -> Tensor:
        return self._zeros(batch, "cpu")


@dataclass(frozen=True, kw_only=True)
class Measured(SeveralInputs, ABC):
    """A shape, a number of parameters, and multiply-accumulates that were measured when a live model ran."""

    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    keeps_channels: ClassVar[bool] = False

    called: str = chosen(
        help="The class or the function that was measured; it changes no shape.", kind=Kind.WORD, starter="measured"
    )
    gives: Any = chosen(
        help="Output = these sizes, the number of axes before them: 3, 64, 56, 56.", kind=Kind.SHAPE,
        high=limits.AXIS.most, starter=(1, 1),
    )  # fmt: skip
    weights: int = chosen(
        0, help="The number of parameters = this number.", high=limits.MEASURED.most, comfortable=(0, 1_000_000)
    )
    macs: int = chosen(
        0, help="Multiply-accumulates of one sample = this number.", high=limits.MEASURED.most,
        comfortable=(0, 1_000_000),
    )  # fmt: skip

    @property
    def makes_indices(self) -> bool:
        name = str(self.called)
        return name in _COUNTING or name.endswith("_indices")

    def misfit(self, *shapes: Shape) -> str | None:
        gives = unflattened(self.gives)
        if len(gives) == 1 and 0 in gives[0]:
            return f"The output of {self.called} would be empty."
        if len(gives) != 1 or len(gives[0]) >= limits.RANK.most:
            return "gives is one shape, the number of axes before it, such as 3, 64, 56, 56."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        return tuple(same._replace(symbols="as measured", numbers=()) for same in unchanged(unflattened(self.gives)[0]))

    def parameter_formula(self, *shapes: Shape) -> Formula | None:
        return Formula("parameters", "as measured", (), self.weights) if self.weights else None

    def mac_formula(self, *shapes: Shape) -> Formula | None:
        return Formula("MACs", "as measured", (), self.macs) if self.macs else None

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE


@dataclass(frozen=True, kw_only=True)
class Opaque(Measured):
    """https://docs.pytorch.org/docs/stable/nn.html

    A call of a live model for which there is no row type. `reads` holds the shapes of its inputs, each after its number
    of axes: (3, 64, 56, 56). Inputs beyond those that fit into one argument are not compared.
    """

    torch_class: ClassVar[type[nn.Module]] = _Opaque
    stem: ClassVar[str] = "opaque"
    takes: ClassVar[tuple[int, int]] = (1, limits.JOINED.most)

    reads: Any = chosen(
        (), help="The shapes on which it was measured, the number of axes before each; output = as measured.",
        kind=Kind.SHAPE, high=limits.AXIS.most,
    )  # fmt: skip

    @property
    def origin(self) -> str:
        if self.called == "to_indices":
            return (
                "Here the code makes whole numbers of its input, as x.long does. They name entries in the layer that "
                "comes next; there is nothing to change here."
            )
        return (
            f"No layer type here does what {self.called} does. Its sizes and counts are what PyTorch gave for this "
            "call, so there is nothing to change here."
        )

    def misfit(self, *shapes: Shape) -> str | None:
        for place, (old, new) in enumerate(zip(unflattened(self.reads), shapes, strict=False), 1):
            if old != new:
                which = f"input {place}" if len(shapes) > 1 else "its input"
                return (
                    f"{self.called} was measured while {which} was {_named(old)}, and gets {_named(new)}: "
                    "run the model on the new size, and read it again."
                )
        return super().misfit(*shapes)


@dataclass(frozen=True, kw_only=True)
class Constant(Measured):
    """https://docs.pytorch.org/docs/stable/nn.html

    What a live model makes of its weights or of numbers alone, such as a table of positions: no input decides it.
    """

    torch_class: ClassVar[type[nn.Module]] = _Constant
    stem: ClassVar[str] = "constant"
    takes: ClassVar[tuple[int, int]] = (0, 0)

    @property
    def origin(self) -> str:
        return f"{self.called}: the model makes it without any input, so there is nothing to change here."


def complaint_about_running(layers: Iterable[Layer]) -> str | None:
    """A sentence where one of the rows can be counted but not run, as it was only measured."""
    layer = next((layer for layer in layers if isinstance(layer, Measured)), None)
    if layer is None:
        return None
    return (
        f"{layer.name} stands for {layer.called}, for which there is no layer type here: its sizes and costs are "
        "known, but not what it computes. Only the model itself can run it."
    )


def _named(shape: Shape) -> str:
    return shape_text(shape) if shape else "one number"
