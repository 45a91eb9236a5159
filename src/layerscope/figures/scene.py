"""Where each tensor of a network stands in the flow picture, in the picture's own pixels (y upwards).

Layers that never change a shape (activations, normalization, dropout) share the block of the layer before them, so
there is one block for each tensor shape on the way. A block is a box seen from the front right:

    thickness   its planes (channels, times depth for volumes), in the direction of the flow
    height      the map's rows; a sequence's length; a vector's values
    face        the map's columns, going back; the last plane is the side that one sees

Edges are to scale, linear, among each other: rows and columns share one scale, planes have a second, values of vectors
a third. Places depend on the number and kind of the layers only, so that nothing shifts while a slider moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from math import prod

from layerscope.figures.theme import INPUT, family, keeps_shape
from layerscope.layers.base import Layer, Shape
from layerscope.steps import Step, Trace

Point = tuple[float, float]

RISE = 0.5
"""How far a face climbs for each pixel that it goes back."""
WIDEST_FACE = 0.42
"""A face's width for each pixel of height, for a square map."""
THICKEST_PLANE = 3.2
VECTOR_SLOT = 0.58


class Stand(Enum):
    """What became of a block's layer."""

    RUNS = "runs"
    FAILS = "fails"
    UNREACHED = "unreached"


@dataclass(frozen=True)
class Stop:
    """One tensor on its way: the layer that makes it (None for the input) and those that keep its shape."""

    maker: Layer | None
    step: Step | None
    shape: Shape | None
    stand: Stand = Stand.RUNS
    keepers: tuple[Layer, ...] = ()
    title: str = "input"
    """What the block is called where no layer made it."""
    counts: bool = False
    """Whether its values are indices, whole numbers that point into a table."""

    @property
    def name(self) -> str:
        return self.maker.name if self.maker else self.title

    @property
    def shown(self) -> Shape:
        """The shape as it is told to people; () where there is none."""
        shape = self.shape or ()
        return self.maker.shown(shape) if self.maker else shape

    @property
    def family(self) -> str:
        return family(self.maker) if self.maker else INPUT

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers that end in this block."""
        return (*([self.maker.name] if self.maker else []), *(layer.name for layer in self.keepers))

    @property
    def layer_name(self) -> str | None:
        """The layer that a click on the block selects; None for the input."""
        return self.maker.name if self.maker else None


def shares(layer: Layer, step: Step | None) -> bool:
    """Whether a layer shares the block of what it reads: it keeps the shape, as far as one knows."""
    return keeps_shape(layer) and (step is None or step.output_shape == step.input_shape)


def stops(trace: Trace) -> list[Stop]:
    """The blocks of the picture in order, the input first."""
    found = [Stop(None, None, trace.network.input_shape)]
    for place, layer in enumerate(trace.network.layers):
        step = trace.steps[place] if place < len(trace.steps) else None
        fails = step is not None and step.error is not None
        if shares(layer, step):
            found[-1] = replace(found[-1], keepers=(*found[-1].keepers, layer))
        elif step is None:
            found.append(Stop(layer, None, None, Stand.UNREACHED))
        else:
            found.append(Stop(layer, step, step.output_shape, Stand.FAILS if fails else Stand.RUNS))
    return found


@dataclass(frozen=True)
class Block:
    """A stop's box: `x`, `y` its front lower left corner; rows and columns of its map (columns 0: there are none)."""

    stop: Stop
    left: float
    width: float
    x: float
    y: float
    thickness: float
    height: float
    face: float
    rows: int
    columns: int
    planes: int

    @property
    def middle(self) -> float:
        """The middle of the block's place."""
        return self.left + self.width / 2

    @property
    def layer_name(self) -> str | None:
        """The layer that a click on the block selects; None for the input."""
        return self.stop.layer_name

    @property
    def rise(self) -> float:
        return self.face * RISE

    @property
    def top(self) -> float:
        return self.y + self.height + self.rise

    def on_face(self, column: float, row: float) -> Point:
        """A place on the last plane, in cells from its upper front corner."""
        part = column / max(self.columns, 1)
        return (
            self.x + self.thickness + part * self.face,
            self.y + self.height * (1 - row / max(self.rows, 1)) + part * self.rise,
        )

    def on_edge(self, row: float) -> Point:
        """A place on the front left edge, in cells from above."""
        return self.x, self.y + self.height * (1 - row / max(self.rows, 1))

    @cached_property
    def outline(self) -> list[Point]:
        """The six corners of the silhouette."""
        x, y, right = self.x, self.y, self.x + self.thickness
        up, back = y + self.height, right + self.face
        return [
            (x, y),
            (right, y),
            (back, y + self.rise),
            (back, up + self.rise),
            (x + self.face, up + self.rise),
            (x, up),
        ]


@dataclass(frozen=True)
class Room:
    """The rectangle that the blocks may fill."""

    left: float
    right: float
    bottom: float
    top: float


def axes_of(shape: Shape) -> tuple[int, int, int]:
    """Planes, rows and columns; columns are 0 where a tensor has no second spatial axis."""
    if len(shape) == 1:
        return 1, shape[0], 0
    if len(shape) == 2:
        return shape[0], shape[1], 0
    return prod(shape[:-2]), shape[-2], shape[-1]


def blocks(found: Sequence[Stop], room: Room) -> list[Block]:
    """Give each stop its place and size."""
    weights = [VECTOR_SLOT if _is_flat(stop) else 1.0 for stop in found]
    unit = (room.right - room.left) / sum(weights)
    unit = min(unit, 170.0)
    left = (room.left + room.right - unit * sum(weights)) / 2
    shapes = [stop.shape for stop in found if stop.shape]
    maps = [axes_of(shape) for shape in shapes if len(shape) > 1]
    tallest = room.top - room.bottom
    plane = min(THICKEST_PLANE, 0.36 * unit / max((planes for planes, _, _ in maps), default=1))
    slant, cell = _scales(maps, tallest, unit, plane)
    value = 0.94 * tallest / max((shape[0] for shape in shapes if len(shape) == 1), default=1)
    result: list[Block] = []
    shape: Shape = found[0].shape or (1,)
    for stop, weight in zip(found, weights, strict=True):
        shape = stop.shape or shape
        planes, rows, columns = axes_of(shape)
        width = unit * weight
        if len(shape) == 1:
            thickness, height, face = min(13.0, 0.45 * width), max(rows * value, 4.0), min(4.0, 0.15 * width)
        else:
            thickness = max(planes * plane, min(3.0, 0.3 * width))
            height = max(rows * cell, 5.0)
            face = max(columns * cell * slant, min(4.0, 0.2 * width))
        if stop.stand is Stand.UNREACHED:
            thickness, height, face = min(14.0, 0.45 * width), 0.3 * tallest, 0.0
        x = left + (width - thickness - face) / 2
        y = (room.bottom + room.top - height - face * RISE) / 2
        result.append(Block(stop, left, width, x, y, thickness, height, face, rows, columns, planes))
        left += width
    return result


def _is_flat(stop: Stop) -> bool:
    if stop.shape is not None:
        return len(stop.shape) == 1
    return stop.maker is not None and (stop.family == "Linear" or stop.maker.type == "Flatten")


def _scales(maps: list[tuple[int, int, int]], tallest: float, unit: float, plane: float) -> tuple[float, float]:
    """How far columns go back (for each pixel of height), and the pixels of one cell."""
    if not maps:
        return WIDEST_FACE, tallest
    slant = WIDEST_FACE
    for _ in range(2):
        cell = tallest / max(rows + columns * slant * RISE for _, rows, columns in maps)
        room = ((0.9 * unit - max(planes * plane, 2.0)) / (columns * cell) for planes, _, columns in maps if columns)
        slant = min(slant, max(0.02, min(room, default=slant)))
    cell = tallest / max(rows + columns * slant * RISE for _, rows, columns in maps)
    room = ((0.9 * unit - max(planes * plane, 2.0)) / (columns * cell) for planes, _, columns in maps if columns)
    return min(slant, max(0.02, min(room, default=slant))), cell
