"""Layers that make maps larger without weights: padding, shuffling channels into space, interpolation."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from struct import Struct
from typing import Any, ClassVar

from torch import nn

from layerscope import limits
from layerscope.cells import Span
from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, arrival, per_axis
from layerscope.layers.kept import NOTHING, Kept
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen
from layerscope.receptive import Reach, Varying, Window


@dataclass(frozen=True, kw_only=True)
class ZeroPad2d(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ZeroPad2d
    stem: ClassVar[str] = "pad"
    dims: ClassVar[int] = 2
    keeps: ClassVar[Kept | None] = NOTHING

    padding: Any = chosen(
        help="Rows and columns of zeros, one number or left, right, top, bottom: output = before + i + after. "
        "A negative number cuts cells away.",
        low=-LARGEST_KERNEL, high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip

    def values_per_parameter(self, shape: Shape) -> int:
        return 4

    def misfit(self, shape: Shape) -> str | None:
        for formula in self.output_formulas(shape)[1:]:
            numbers = dict(formula.numbers)
            size, most = numbers["i"], -min(numbers["before"], numbers["after"])
            if most > size:
                axis = formula.quantity.removeprefix("output ")
                return f"padding cuts {most} cells from one side of the {axis} of {size}; at most {size} can go."
            if formula.value < 1:
                return f"The {formula.quantity} would be {formula.filled} = {formula.value}; at least 1 is needed."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        left, right, top, bottom = per_axis(self.padding, 4)
        letters = "i + before + after"
        pads = (("height", shape[1], top, bottom), ("width", shape[2], left, right))
        return super().output_formulas(shape)[0], *(
            Formula(f"output {axis}", letters, (("i", i), ("before", a), ("after", b)), i + a + b)
            for axis, i, a, b in pads
        )

    def tables(self, shape: Shape) -> int:
        left, right, top, bottom = per_axis(self.padding, 4)
        # torch pads the last two axes of whatever comes: with one axis only, the empty batch gets rows of zeros.
        return (top + bottom) * (left + shape[0] + right) if len(shape) == 1 else 0

    def reach(self, shape: Shape) -> Reach:
        left, _, top, _ = per_axis(self.padding, 4)
        return Window(1, 1, top), Window(1, 1, left)

    @property
    def moves(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class PixelShuffle(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.PixelShuffle
    stem: ClassVar[str] = "shuffle"
    dims: ClassVar[int] = 2
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = NOTHING

    upscale_factor: int = chosen(
        help="r: moves r² channels into an r times larger map: (C·r², H, W) becomes (C, H·r, W·r).",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 8), everyday=True, starter=2,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        square = self.upscale_factor**2
        if shape[0] % square == 0:
            return None
        return f"{shape[0]} channels cannot be cut into groups of {self.upscale_factor}² = {square}."

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        r = self.upscale_factor
        channels = Formula("output channels", "C / (r·r)", (("C", shape[0]), ("r", r)), shape[0] // r**2)
        return channels, *(
            Formula(f"output {axis}", "i·r", (("i", i), ("r", r)), i * r)
            for axis, i in zip(AXES[2], shape[1:], strict=True)
        )

    def reach(self, shape: Shape) -> Reach:
        r = self.upscale_factor
        return tuple(Varying(lambda u: (u // r, u // r), Fraction(1, r)) for _ in shape[1:])

    @property
    def moves(self) -> bool:
        return True


_SINGLE = Struct("f")
_MODES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_NEAREST = ("nearest", "nearest-exact")
_TAPS = dict.fromkeys(_MODES, 2) | dict.fromkeys(_NEAREST, 1) | {"bicubic": 4}
"""Cells along an axis that one output cell is made of."""


@dataclass(frozen=True, kw_only=True)
class Upsample(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Upsample
    stem: ClassVar[str] = "up"
    keeps: ClassVar[Kept | None] = NOTHING

    size: Any = chosen(
        None, help="The output's height and width: output = size; set this or scale_factor.",
        low=1, high=4096, comfortable=(1, 64), per_axis=True, optional=True,
    )  # fmt: skip
    scale_factor: Any = chosen(
        None, help="How many times larger: output = floor(i · scale_factor).",
        kind=Kind.NUMBER, low=0.01, high=LARGEST_KERNEL, comfortable=(1, 8), per_axis=True,
        optional=True, everyday=True, starter=2,
    )  # fmt: skip
    mode: str = chosen(
        "nearest", help="How values between the cells are made; it changes no shape and no count.", kind=Kind.CHOICE,
        words=(*_NEAREST, *_MODES), everyday=True,
    )  # fmt: skip
    align_corners: bool | None = chosen(
        None, help="Whether the corner cells keep their values; not for nearest.",
        kind=Kind.SWITCH, optional=True,
    )  # fmt: skip

    def values_per_parameter(self, shape: Shape) -> int:
        return len(shape) - 1

    def rank_complaint(self, shape: Shape) -> str | None:
        if self.mode in _MODES and len(shape) != _MODES[self.mode] + 1:
            wanted = ", ".join(("channels", *AXES[_MODES[self.mode]]))
            return f"mode={self.mode!r} expects ({wanted}) but gets {arrival(shape)}."
        if len(shape) not in (2, 3, 4):
            return f"Upsample needs 1 to 3 axes besides the channels but gets {arrival(shape)}."
        return None

    def misfit(self, shape: Shape) -> str | None:
        if (self.size is None) == (self.scale_factor is None):
            return "Give either size or scale_factor, one of the two."
        if self.align_corners is not None and self.mode in _NEAREST:
            return f'align_corners has no meaning with mode="{self.mode}"; leave it out.'
        sizes = self._sizes(shape)
        if min(sizes) < 1:
            return f"scale_factor {self.scale_factor} leaves {shape_text(sizes)} cells; at least 1 is needed."
        for axis, size in zip(AXES[len(sizes)], sizes, strict=True):
            if size > limits.RESIZED.most:
                return limits.RESIZED.sentence(axis=axis, found=size)
        return None

    def tables(self, shape: Shape) -> int:
        return _TAPS[self.mode] * sum(self._sizes(shape))

    def _sizes(self, shape: Shape) -> Shape:
        if self.size is not None:
            return per_axis(self.size, len(shape) - 1)
        scales = per_axis(self.scale_factor, len(shape) - 1)
        return tuple(floor(float(i) * s) for i, s in zip(shape[1:], scales, strict=True))

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        symbols = "size" if self.size is not None else "floor(i·scale_factor)"
        given = per_axis(self.size if self.size is not None else self.scale_factor, len(shape) - 1)
        letter = "size" if self.size is not None else "scale_factor"
        return super().output_formulas(shape)[0], *(
            Formula(f"output {axis}", symbols, (("i", i), (letter, g)), o)
            for axis, i, g, o in zip(AXES[len(shape) - 1], shape[1:], given, self._sizes(shape), strict=True)
        )

    def reach(self, shape: Shape) -> Reach:
        scales = per_axis(self.scale_factor, len(shape) - 1)
        return tuple(
            Varying(self._span(i, o, scale), Fraction(i, o))
            for i, o, scale in zip(shape[1:], self._sizes(shape), scales, strict=True)
        )

    def _span(self, size: int, outputs: int, scale: float | None) -> Callable[[int], Span]:
        """The cells that output cell u reads along an axis; those beyond its ends stand for the first and the last.

        torch works out the places in single precision, and so do we: in double precision some would lie just beside a
        cell in place of on it. Its kernels round once after multiplying and adding, only the bicubic one twice.
        """
        step = single(size / outputs if scale is None else 1 / scale)
        if self.mode == "nearest":
            if size == outputs or outputs == 2 * size:  # torch does not compute these
                return lambda u: (u * size // outputs,) * 2
            return lambda u: (min(int(single(u * step)), size - 1),) * 2
        if self.mode == "nearest-exact":
            return lambda u: (min(int(single((u + 0.5) * step)), size - 1),) * 2
        if self.align_corners:
            step = single((size - 1) / (outputs - 1)) if outputs > 1 else 0.0

        def span(u: int) -> Span:
            if self.mode == "bicubic":
                place = single(u * step if self.align_corners else single((u + 0.5) * step) - 0.5)
            elif size == outputs:
                place = float(u)
            else:
                place = max(single(u * step if self.align_corners else (u + 0.5) * step - 0.5), 0.0)
            cell = min(floor(place), size - 1)
            if place <= cell:
                return cell, cell
            return (cell - 1, cell + 2) if self.mode == "bicubic" else (cell, cell + 1)

        return span

    @property
    def moves(self) -> bool:
        return self.mode in _NEAREST


def single(number: float) -> float:
    """The number as float32 has it."""
    return float(_SINGLE.unpack(_SINGLE.pack(number))[0])
