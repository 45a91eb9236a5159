"""Where the bodies of a network that branches stand, in columns and lanes, and which way each edge takes.

A body's column is its depth: one more than that of the deepest body it reads, so that branches run side by side and a
join stands after its longest branch. What reads nothing (a parameter, a second input) stands just before its reader.
The trunk is the longest path, in which bodies that only trim cells do not count, and has lane 0. The other bodies fall
into branches, one after the other without a fork; each takes the nearest free lane below and keeps it until its join.
An edge with columns between its ends and no lane of its own is an arc above; shorter arcs are lower. Where more than
`MOST_ARCS` arcs leave one body or end in one, they become a bus: one line with all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from layerscope.figures.wires import Wires, readers

MOST_ARCS = 4


@dataclass(frozen=True)
class Branch:
    """Bodies in one lane, each reading the one before it; `end` is the last column that the lane is kept for."""

    bodies: tuple[int, ...]
    lane: int
    start: int
    end: int


@dataclass(frozen=True)
class Arc:
    """Edges above the bodies from column `start` to `end`; `level` 1 is the lowest. A bus has several `edges`."""

    edges: tuple[tuple[int, int], ...]
    start: int
    end: int
    level: int


@dataclass(frozen=True)
class Lanes:
    """The places of all bodies and the ways of all edges; each edge is in `straight` or in one of `arcs`.

    A straight edge runs along its source's lane and changes to its target's just before its target.
    """

    columns: tuple[int, ...]
    lanes: tuple[int, ...]
    branches: tuple[Branch, ...]
    straight: tuple[tuple[int, int], ...]
    arcs: tuple[Arc, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(self.columns, default=-1) + 1

    @property
    def depth(self) -> int:
        """The number of lanes."""
        return max(self.lanes, default=-1) + 1


NONE: frozenset[int] = frozenset()


@lru_cache(maxsize=128)
def arrange(wires: Wires, light: frozenset[int] = NONE) -> Lanes:
    """Give each body its column and lane, and each edge its way. `wires`: the bodies that each body reads.

    `light` are those that do not make a path longer when the trunk is chosen: a shortcut that is cropped first and
    projected then is not a trunk beside a body of one layer.
    """
    read_by = readers(wires)
    floats = _floats(wires)
    depths = _depths(wires)
    trunk = _trunk(wires, _depths(wires, light) if light else depths, floats)
    columns = _columns(depths, read_by, floats)
    branches = _branches(wires, read_by, columns, trunk)
    lanes = [0] * len(wires)
    straight: list[tuple[int, int]] = []
    for branch in branches:
        for body in branch.bodies:
            lanes[body] = branch.lane
        straight += zip(branch.bodies, branch.bodies[1:], strict=False)
        straight += _way_out(branch, read_by, columns)
    known = set(straight)
    skips: list[tuple[int, int]] = []
    for target, row in enumerate(wires):
        for source in row:
            if (source, target) not in known:
                beside = columns[target] == columns[source] + 1
                (straight if beside else skips).append((source, target))
    return Lanes(tuple(columns), tuple(lanes), tuple(branches), tuple(straight), tuple(_arcs(skips, columns)))


def _floats(wires: Wires) -> list[bool]:
    """For each body whether it does not depend on the first one, the network's input."""
    floats: list[bool] = []
    for place, row in enumerate(wires):
        floats.append(place > 0 and all(floats[one] for one in row))
    return floats


def _depths(wires: Wires, light: frozenset[int] = NONE) -> list[int]:
    depths: list[int] = []
    for place, row in enumerate(wires):
        depths.append((place not in light) + max((depths[one] for one in row), default=-1))
    return depths


def _columns(depths: Sequence[int], read_by: Sequence[Sequence[int]], floats: Sequence[bool]) -> list[int]:
    """The depths; what floats moves to its reader."""
    columns = list(depths)
    for place in range(len(columns) - 1, 0, -1):
        if floats[place] and read_by[place]:
            columns[place] = min(columns[one] for one in read_by[place]) - 1
    return columns


def _trunk(wires: Wires, depths: Sequence[int], floats: Sequence[bool]) -> list[int]:
    """The path with the most bodies, from its end back; the later of two ends, the first of two inputs."""
    if not depths:
        return []
    body = max(range(len(depths)), key=lambda place: (depths[place], place))
    path = [body]
    while wires[body]:
        body = max(wires[body], key=lambda one: (depths[one], not floats[one]))
        path.append(body)
    return path[::-1]


def _branches(
    wires: Wires, read_by: Sequence[Sequence[int]], columns: Sequence[int], trunk: Sequence[int]
) -> list[Branch]:
    """The trunk first, then the other bodies in runs."""
    on_trunk = set(trunk)
    run_of: dict[int, list[int]] = {}
    runs: list[list[int]] = []
    for place, row in enumerate(wires):
        if place in on_trunk:
            continue
        before = [one for one in row if one in run_of and run_of[one][-1] == one]
        if before:
            run = run_of[max(before, key=lambda one: columns[one])]
        else:
            run = []
            runs.append(run)
        run.append(place)
        run_of[place] = run
    found = [Branch(tuple(trunk), 0, columns[trunk[0]], columns[trunk[-1]])] if trunk else []
    spans = []
    for run in runs:
        joins = [columns[one] for one in read_by[run[-1]]]
        spans.append((columns[run[0]], max(columns[run[-1]], min(joins, default=0) - 1)))
    for run, (start, end), lane in zip(runs, spans, free_lanes(spans), strict=True):
        found.append(Branch(tuple(run), lane + 1, start, end))
    return found


def free_lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """For each span of columns (first, last) the nearest lane, from 0, that is free there: as few lanes as can be."""
    taken: list[int] = []
    found = [0] * len(spans)
    for place in sorted(range(len(spans)), key=lambda place: (spans[place][0], place)):
        start, end = spans[place]
        lane = next((lane for lane, last in enumerate(taken) if last < start), len(taken))
        if lane == len(taken):
            taken.append(end)
        taken[lane] = end
        found[place] = lane
    return found


def _way_out(branch: Branch, read_by: Sequence[Sequence[int]], columns: Sequence[int]) -> Iterable[tuple[int, int]]:
    """The edge from a branch's last body to its nearest reader: it runs along the lane."""
    last = branch.bodies[-1]
    if branch.lane and read_by[last]:
        yield last, min(read_by[last], key=lambda one: columns[one])


def _arcs(skips: Sequence[tuple[int, int]], columns: Sequence[int]) -> Iterable[Arc]:
    """Arcs and buses, each above the shorter ones that it crosses or holds."""
    groups = sorted(_grouped(skips), key=lambda group: (_span(group, columns)[1] - _span(group, columns)[0], group))
    height = [0] * (max(columns, default=0) + 1)
    for edges in groups:
        start, end = _span(edges, columns)
        level = 1 + max(height[start:end])
        height[start:end] = [level] * (end - start)
        yield Arc(tuple(edges), start, end, level)


def _span(edges: Sequence[tuple[int, int]], columns: Sequence[int]) -> tuple[int, int]:
    return min(columns[source] for source, _ in edges), max(columns[target] for _, target in edges)


def _grouped(skips: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The edges one by one, those of a bus together; the larger bus first."""
    left = dict.fromkeys(skips)
    ends: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for edge in skips:
        for side in (0, 1):
            ends.setdefault((side, edge[side]), []).append(edge)
    found = []
    for _, edges in sorted(ends.items(), key=lambda item: -len(item[1])):
        still = [edge for edge in edges if edge in left]
        if len(still) > MOST_ARCS:
            found.append(still)
            for edge in still:
                del left[edge]
    return [*found, *([edge] for edge in left)]
