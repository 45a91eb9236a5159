"""Where each tensor of a network stands in the flow picture, in the picture's own pixels (y upwards).

Layers that never change a shape (activations, normalization, dropout) share the block of the layer before them, so
there is one block for each tensor shape on the way. A block is a box seen from the front right:

    thickness   its planes (channels, times depth for volumes), in the direction of the flow
    height      the map's rows; a sequence's length; a vector's values
    face        the map's columns, going back; the last plane is the side that one sees

Rows and columns share one scale, planes have a second, values of vectors a third (see gauge.py). Places depend on the
number and kind of the layers only, so that nothing shifts while a slider moves. A layer that does not run, and what
comes after it, has a place but no shape: such blocks are all of one size.
"""

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from layerscope.figures.gauge import RISE
from layerscope.figures.theme import INPUT, family, keeps_shape
from layerscope.layers.base import Layer, Shape
from layerscope.steps import Step, Trace

Point = tuple[float, float]


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
