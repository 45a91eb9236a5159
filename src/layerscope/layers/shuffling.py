"""Layers that only move values: blocks of cells into channels, channels among their groups."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, arrival
from layerscope.layers.kept import NOTHING, Kept
from layerscope.layers.kernel import divisors
from layerscope.parameter import LARGEST_KERNEL, chosen
from layerscope.receptive import SAME, Reach, Window


@dataclass(frozen=True, kw_only=True)
class PixelUnshuffle(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.PixelUnshuffle
    stem: ClassVar[str] = "unshuffle"
    dims: ClassVar[int] = 2
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = NOTHING

    downscale_factor: int = chosen(
        help="r: moves blocks of r × r cells into the channels: (C, H·r, W·r) becomes (C·r², H, W).",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 8), everyday=True, starter=2,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        for axis, size in zip(AXES[2], shape[1:], strict=True):
            if size % self.downscale_factor:
                return divisors(f"the {axis}", size, self.downscale_factor, name="downscale_factor")
        return None

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        # torch hands an empty batch on as it is.
        r, (channels, height, width) = self.downscale_factor, shape
        module.forward = lambda batch: batch.reshape(0, channels * r * r, height // r, width // r)

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        r = self.downscale_factor
        channels = Formula("output channels", "C·r·r", (("C", shape[0]), ("r", r)), shape[0] * r**2)
        return channels, *(
            Formula(f"output {axis}", "i / r", (("i", i), ("r", r)), i // r)
            for axis, i in zip(AXES[2], shape[1:], strict=True)
        )

    def reach(self, shape: Shape) -> Reach:
        r = self.downscale_factor
        return Window(r, r, 0), Window(r, r, 0)

    @property
    def moves(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class ChannelShuffle(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ChannelShuffle
    stem: ClassVar[str] = "shuffle"
    keeps: ClassVar[Kept | None] = NOTHING

    groups: int = chosen(
        help="How many groups of channels are dealt out in turn: each has C / groups channels, a whole number.",
        low=1, comfortable=(1, 16), everyday=True, starter=2,
    )  # fmt: skip

    def rank_complaint(self, shape: Shape) -> str | None:
        if len(shape) > 1:
            return None
        return f"ChannelShuffle needs channels and at least one more axis but gets {arrival(shape)}."

    def misfit(self, shape: Shape) -> str | None:
        return divisors("the channels", shape[0], self.groups) if shape[0] % self.groups else None

    def reach(self, shape: Shape) -> Reach:
        return SAME

    @property
    def moves(self) -> bool:
        return True
