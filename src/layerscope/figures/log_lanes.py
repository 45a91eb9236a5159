"""The lanes at the left edge of the list of rows, as a version control log has them.

Each row is a dot, and each value that is still wanted further down is a line in the lane of the dot that made it. A row
stands in the leftmost lane whose value nobody wants after it, or else in the nearest free one. A chain has one lane;
blocks that are built alike have the same ones, and what goes around them keeps its lane.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures.wires import Wires, readers


@dataclass(frozen=True)
class Line:
    """A value on its way down: the lane, and the place of the row that made it; -1 - k is the network's input k."""

    lane: int
    source: int


@dataclass(frozen=True)
class Mark:
    """What the list draws beside one row.

    `lane` has the dot. `reads` are lines from above into the dot, `passes` those that go from above to below (one may
    do both). `goes_on` tells whether a line leaves the dot downwards, in its lane.
    """

    lane: int
    reads: tuple[Line, ...]
    passes: tuple[Line, ...]
    goes_on: bool


def log_lanes(wires: Wires, inputs: int = 1, most: int | None = None) -> list[Mark]:
    """One mark for each row after the network's `inputs`, which are the first places of `wires`.

    With `most`, lanes from there on share the last one.
    """
    wanted = [max(found, default=-1) for found in readers(wires)]
    lane_of: dict[int, int] = {}
    taken: list[int | None] = []
    """For each lane the place of the value in it."""
    marks = []
    last = most - 1 if most else len(wires)
    for place, row in enumerate(wires):
        reads = tuple(_line(one, lane_of, inputs, last) for one in row)
        ended = [one for one in row if wanted[one] == place]
        passes = tuple(
            _line(value, lane_of, inputs, last) for value in taken if value is not None and wanted[value] > place
        )
        lane = min(lane_of[one] for one in ended) if ended else _free(taken)
        for one in ended:
            taken[lane_of[one]] = None
        goes_on = wanted[place] > place
        if lane == len(taken):
            taken.append(None)
        taken[lane] = place if goes_on else None
        lane_of[place] = lane
        if place >= inputs:
            marks.append(Mark(min(lane, last), reads, passes, goes_on))
    return marks


def width(marks: Sequence[Mark]) -> int:
    """The number of lanes."""
    lanes = (line.lane for mark in marks for line in (*mark.reads, *mark.passes))
    return 1 + max((*lanes, *(mark.lane for mark in marks)), default=0)


def _free(taken: Sequence[int | None]) -> int:
    return next((lane for lane, value in enumerate(taken) if value is None), len(taken))


def _line(place: int, lane_of: dict[int, int], inputs: int, last: int) -> Line:
    return Line(min(lane_of[place], last), place - inputs if place >= inputs else -1 - place)
