"""A tensor of learnable values that no layer owns: a class token, positions, a layer's scale."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.overrides import handle_torch_function, has_torch_function_unary

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Shape, unchanged
from layerscope.layers.functional import Functional
from layerscope.layers.kept import WEIGHTS, Kept
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen


class _Parameter(Functional):
    """`weight` has just the shape given, as in torch's state_dict.

    Called with a number of samples, it gives the value to each of them; without, to none.
    """

    def __init__(self, shape: tuple[int, ...], ndim: int | None = None, device: str | None = None) -> None:
        super().__init__()
        if ndim is not None and ndim < len(shape):
            raise ValueError(f"ndim has to be at least {len(shape)}, the axes of shape, but got {ndim}")
        self.shape, self.ndim = shape, ndim
        self.weight = nn.Parameter(torch.empty(shape, device=device))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        fill: dict[str, Any] = {"std": 0.02, "generator": None}
        if has_torch_function_unary(self.weight):  # a mode sees this filling as a whole, as it does torch's others
            handle_torch_function(nn.init.trunc_normal_, (self.weight,), self.weight, **fill)
        else:
            nn.init.trunc_normal_(self.weight, **fill)

    def forward(self, batch: int = 0) -> Tensor:
        sizes = _per_sample(self.weight.shape, self.ndim)
        return self.weight.reshape(sizes).expand(batch, *sizes)


def _per_sample(shape: tuple[int, ...], ndim: int | None) -> Shape:
    """The sizes of one sample's value where torch's broadcasting lines the axes up from the last of `ndim`."""
    return tuple(shape) if ndim is None else ((1,) * min(ndim - len(shape), limits.RANK.most) + tuple(shape))[1:]


@dataclass(frozen=True, kw_only=True)
class Parameter(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html

    `shape` is the tensor's own, as in a state_dict. `ndim` says how many axes it has to its readers, the batch counted,
    as torch lines axes up from the last one: a class token (1, 1, 768) with ndim=3 gives each sample (1, 768), its own
    first axis standing for the batch; (768,) with ndim=3 gives (1, 768). Without ndim the batch is put in front of it:
    a layer's scale (96, 1, 1) gives each sample (96, 1, 1).
    """

    torch_class: ClassVar[type[nn.Module]] = _Parameter
    stem: ClassVar[str] = "param"
    takes: ClassVar[tuple[int, int]] = (0, 0)
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = Kept(within=WEIGHTS)

    shape: Any = chosen(
        help="The sizes of the tensor; the number of parameters = their product.",
        kind=Kind.SHAPE, low=1, everyday=True, starter=(1,),
    )  # fmt: skip
    ndim: int | None = chosen(
        None, help="How many axes its readers see, the batch counted; None: one more than shape has. Missing ones are "
        "axes of 1 in front.",
        low=1, high=limits.RANK.most, comfortable=(1, 5), optional=True,
    )  # fmt: skip

    def misfit(self, *shapes: Shape) -> str | None:
        axes = len(self.shape) + 1 if self.ndim is None else self.ndim
        if axes > limits.RANK.most:
            return limits.RANK.sentence(found=axes)
        if axes < len(self.shape):
            return f"shape has {len(self.shape)} axes, which is more than ndim, {axes}."
        if axes == len(self.shape) and self.shape[0] != 1:
            return f"With ndim={axes} the first axis stands for the batch and has to be 1; it is {self.shape[0]:,}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        return unchanged(_per_sample(self.shape, self.ndim))

    def shown(self, shape: Shape) -> Shape:
        """The tensor's own sizes, without the axes of 1 that only its readers see in front of them."""
        return shape[-len(self.shape) :]

    def parameter_formula(self, *shapes: Shape) -> Formula:
        names = [f"n_{letter}" for letter in "abcdefgh"[: len(self.shape)]]
        return Formula("parameters", "·".join(names), tuple(zip(names, self.shape, strict=True)), prod(self.shape))
