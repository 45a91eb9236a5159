"""What a row keeps in memory for the backward pass, counted in cells: the closed formulas of autograd's saved tensors.

What torch saves of a layer is an input, an output, or a tensor that is made for this alone (a mask, indices, means).
Weights are saved too, but lie in memory anyway. The formulas hold for inputs that lie in memory in the order of their
axes, as all do that no Permute or slice has made; for others, and where a layer has none, torch is asked.
"""

from dataclasses import dataclass
from typing import NamedTuple

WEIGHTS = -1
"""In `Kept.within`: the output lies in the memory of a weight."""
INDEX_BYTES = 8
"""int64."""


class Own(NamedTuple):
    """A tensor that the layer makes for the backward pass alone: cells for each sample, and some `once` for the batch.

    `bytes` are those of a cell; None where it is of the values' own type, or of the weights', if the layer has any and
    `as_weights` says so.
    """

    what: str
    cells: int = 0
    once: int = 0
    bytes: int | None = None
    as_weights: bool = False


@dataclass(frozen=True)
class Kept:
    """Inputs and outputs by their places. `within` names the input in whose memory the output lies."""

    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    own: tuple[Own, ...] = ()
    within: int | None = None


def statistics(cells: int = 0, once: int = 0) -> Own:
    """The means and deviations that a normalization keeps."""
    return Own("means and deviations", cells, once, as_weights=True)


NOTHING = Kept()
INPUT = Kept(inputs=(0,))
OUTPUT = Kept(outputs=(0,))
VIEW = Kept(within=0)


def in_place(kept: Kept, result_tells: bool, cells: int) -> Kept:
    """What an activation keeps that overwrites its input: the result where its slope follows from that, or a copy."""
    if result_tells or kept.outputs:
        return Kept(inputs=(0,), within=0)
    return Kept(own=(Own("a copy of the input", cells),), within=0)
