"""Small pictures to look at through a network, drawn by rules of our own at whatever size the input has.

Values are hundredths from 0 (black) to 1 (white), so that what is written on the screen is what is multiplied.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import cos, pi, sin

import torch
from torch import Tensor
from torch.nn import functional

from layerscope.inputs import Input
from layerscope.layers.base import Shape
from layerscope.study.garments import t_shirt

Points = list[tuple[float, float]]
LUMINANCE = (0.299, 0.587, 0.114)
"""Of red, green and blue in the gray that they look like (ITU-R BT.601)."""
DRAWN = 256
"""Cells along a side of what is drawn, at most; larger inputs get larger cells."""
ROWS = 28
STROKE = 0.055
"""Half the width of a drawn line, in parts of the picture's side."""


def _grid(height: int, width: int) -> tuple[Tensor, Tensor]:
    """The place of each cell's middle, from 0 to 1: down, and across."""
    down, across = ((torch.arange(size) + 0.5) / size for size in (height, width))
    return down[:, None].expand(height, width), across[None].expand(height, width)


def _drawn(points: Iterable[tuple[float, float]], down: Tensor, across: Tensor) -> Tensor:
    """A line through points (across, down) that stand close together, with a soft edge as wide as a cell."""
    soft = 1 / max(down.shape)
    distance = torch.full(down.shape, 9.0)
    for x, y in points:
        distance = torch.minimum(distance, ((across - x) ** 2 + (down - y) ** 2).sqrt())
    return ((STROKE - distance) / soft + 0.5).clamp(0, 1)


def _line(start: tuple[float, float], end: tuple[float, float]) -> Points:
    steps = 48
    return [tuple(a + (b - a) * n / steps for a, b in zip(start, end, strict=True)) for n in range(steps + 1)]  # type: ignore[misc]


def _bow(middle: tuple[float, float], radius: float, start: float, end: float) -> Points:
    """A part of a circle; angles in half turns, from the right, clockwise."""
    angles = [pi * (start + (end - start) * n / 48) for n in range(49)]
    return [(middle[0] + radius * cos(angle), middle[1] + radius * sin(angle)) for angle in angles]


def _digit(height: int, width: int) -> Tensor:
    """A handwritten 3."""
    down, across = _grid(height, width)
    return _drawn([*_bow((0.48, 0.33), 0.17, -0.9, 0.5), *_bow((0.48, 0.67), 0.17, -0.5, 0.9)], down, across)[None]


def _cross(height: int, width: int) -> Tensor:
    down, across = _grid(height, width)
    return _drawn([*_line((0.5, 0.15), (0.5, 0.85)), *_line((0.15, 0.5), (0.85, 0.5))], down, across)[None]


def _edges(height: int, width: int) -> Tensor:
    """A bright square and a bright triangle: one vertical, one horizontal and one slanting edge, in three colors."""
    down, across = _grid(height, width)
    square = (abs(down - 0.3) < 0.2) & (abs(across - 0.3) < 0.2)
    triangle = (down < 0.92) & (across < 0.92) & (down + across > 1.25)
    red, green = square.float(), triangle.float()
    return torch.stack((red, 0.8 * green + 0.5 * red, 0.5 * green + 0.2 * red))


def _ramp(height: int, width: int) -> Tensor:
    """A smooth ramp from left to right with a disc in it: gray that changes slowly, and gray that changes at once."""
    down, across = _grid(height, width)
    ramp = 0.1 + 0.6 * across
    disc = ((down - 0.5) ** 2 + (across - 0.5) ** 2).sqrt() < 0.27
    bright = torch.where(disc, 0.95 - 0.4 * down, ramp)
    return torch.stack((bright, ramp, 1 - 0.8 * bright))


def _shirt(height: int, width: int) -> Tensor:
    return functional.interpolate(torch.tensor(t_shirt())[None, None] / 10, (height, width), mode="nearest")[0]


SAMPLES: Mapping[str, tuple[str, Callable[[int, int], Tensor]]] = {
    "digit": ("a digit", _digit),
    "shirt": ("a T-shirt", _shirt),
    "cross": ("a cross", _cross),
    "edges": ("edges", _edges),
    "ramp": ("a disc on a ramp", _ramp),
}
"""What a sample is called, and the rule that draws it: (colors, height, width), with one color or three."""


@lru_cache(maxsize=16)
def sample(key: str, shape: Shape) -> Tensor:
    """A drawn picture as an input of that shape, channels first where there are several. Kept: do not change it."""
    height, width = _plane(shape)
    drawn = SAMPLES[key][1](min(height, DRAWN) if height > 1 else ROWS, min(width, DRAWN))
    if height == 1:  # a signal: one row through the picture
        drawn = drawn[:, ROWS // 3 : ROWS // 3 + 1]
    return _as_inputs(functional.interpolate(drawn[None], (height, width), mode="nearest"), shape)[0]


def from_pixels(pixels: Tensor, shape: Shape) -> Tensor:
    """A picture (3, height, width) of values from 0 to 1, scaled to an input of that shape."""
    return fitted(pixels[None], shape)[0]


def fitted(pictures: Tensor, shape: Shape) -> Tensor:
    """Pictures (count, colors, height, width) of values from 0 to 1, scaled: (count, *shape), in hundredths."""
    plane = _plane(shape)
    if tuple(pictures.shape[-2:]) != plane:
        pictures = functional.interpolate(pictures, plane, mode="bilinear", antialias=True, align_corners=False)
    return _as_inputs(pictures, shape)


def inputs(given: Iterable[Input], picture: Callable[[Shape], Tensor]) -> dict[str, Tensor]:
    """An array for each input: the picture for values, 0, 1, 2, ... for indices."""
    return {
        each.name: picture(each.shape) if each.kind == "values" else _counting(each.shape, each.high or 1)
        for each in given
    }


def _counting(shape: Shape, high: int) -> Tensor:
    size = torch.Size(shape)
    return (torch.arange(size.numel()) % high).reshape(size)


def _plane(shape: Shape) -> tuple[int, int]:
    """Height and width of the picture that fills an input of that shape."""
    return (shape[-2], shape[-1]) if len(shape) > 2 else (1, shape[-1])


def _as_inputs(pictures: Tensor, shape: Shape) -> Tensor:
    """Pictures in as many channels as the input has: gray in one, else their colors in turns."""
    if len(shape) == 1:
        channels = _gray(pictures)[:, 0, 0]
    else:
        colors = _gray(pictures) if shape[0] == 1 else pictures
        channels = colors[:, torch.arange(shape[0]) % colors.shape[1]]
        channels = channels[:, :, 0] if len(shape) == 2 else channels
    if len(shape) == 4:
        channels = channels[:, :, None].expand(-1, *shape)
    return (channels * 100).round().div(100)


def _gray(pictures: Tensor) -> Tensor:
    if pictures.shape[1] == 1:
        return pictures
    return (pictures * torch.tensor(LUMINANCE)[:, None, None]).sum(1, keepdim=True)
