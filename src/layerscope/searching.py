"""What a search for repairs knows of the row that does not run, and how far the search may go."""

from collections.abc import Sequence
from typing import NamedTuple

from layerscope import limits, wiring
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.steps import walk


class Failing(NamedTuple):
    """A row that does not run, the shapes that it reads, and what the rows before it made."""

    network: Network
    place: int
    shapes: tuple[Shape, ...]
    known: Sequence[tuple[Shape, ...]]


def failing_at(network: Network, place: int) -> Failing:
    known = [step.output_shapes for step in walk(network).steps[:place]]
    shapes = wiring.arriving(network.wiring[place], [given.shape for given in network.inputs], known) or ()
    return Failing(network, place, shapes, known)


class Budget:
    """How many layers may still be walked: so many by the formulas in a search, as many by torch for what it found."""

    def __init__(self) -> None:
        self.left = limits.REPAIR_STEPS.most

    def allows(self, layers: int) -> bool:
        """Whether so many more may be walked; they are counted."""
        self.left -= layers
        return self.left >= 0
