"""The one scale of a picture: how many pixels a cell, a plane and a value take.

It is chosen for the network that was opened and kept while that is changed, so a body that did not change is drawn as
it was. Where something no longer fits, one kind of edge gets smaller by a whole step, in all bodies alike. A kind whose
smallest edge would be drawn much larger than it is (10 values beside 50,000) gets a logarithmic scale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil, log, log10, prod

from layerscope.layers.base import Shape

RISE = 0.5
"""How far a face climbs for each pixel that it goes back."""
WIDEST_FACE, NARROWEST_FACE = 0.42, 0.02
"""A face's width for each pixel of height, for a square map."""
THICKEST_PLANE = 3.2
THICKEST = 0.37
"""The part of its place that a body's planes may take across."""
VALUES = 0.62
"""The part of the height that the longest vector takes at first: shorter layers before it can make it longer."""
FLATTEST = 5.0
"""Smaller bodies are drawn at least so high, in pixels."""
LOG_BELOW = FLATTEST / 3
"""Where the smallest edge would be smaller than this, in pixels, the scale is logarithmic."""
JOIN = 15.0
"""The diameter of a circle, in pixels."""
WAITING = (14.0, 0.3, 40.0)
"""A body that does not run is the same size whatever it would hold: so thick, such a part of the height, at most."""

Size = tuple[float, float, float]
"""Thickness, height and face of a body."""


class Form(Enum):
    """What a body looks like."""

    CIRCLE = "circle"
    WAITING = "waiting"
    VECTOR = "vector"
    COMB = "comb"
    MAP = "map"


class Kind(Enum):
    """The kinds of edges, each with a scale: its name in a sentence, and by what its steps divide."""

    CELLS = "maps", 1.25
    PLANES = "channels", 2.0
    VALUES = "vectors", 2.0

    def __init__(self, said: str, step: float) -> None:
        self.said, self.step = said, step


@dataclass(frozen=True)
class Body:
    """What decides a body's size: its form, its planes, rows and columns, and the width of its place."""

    form: Form
    planes: int
    rows: int
    columns: int
    slot: float


@dataclass(frozen=True)
class Along:
    """Pixels for a count: for each one of it, or for each factor of ten."""

    pixels: float
    is_log: bool = False

    def __call__(self, count: int) -> float:
        return FLATTEST + self.pixels * log10(max(count, 1)) if self.is_log else self.pixels * count

    @classmethod
    def fitting(cls, counts: Sequence[int], room: float) -> "Along":
        """The largest with which the largest count fits into `room` pixels."""
        highest, lowest = max(counts, default=1), min((n for n in counts if n > 1), default=1)
        if lowest * room / highest < LOG_BELOW:
            return cls((room - FLATTEST) / log10(highest), is_log=True)
        return cls(room / highest)


@dataclass(frozen=True)
class Gauge:
    """The scale of a picture that is `tallest` pixels high; a body may fill the part `filled` of its place.

    `slant` is how far columns go back for each pixel that rows are high; `steps` how often each kind got smaller.
    """

    cell: Along
    slant: float
    plane: float
    value: Along
    tallest: float
    filled: float
    steps: tuple[tuple[Kind, int], ...] = ()

    @property
    def logarithmic(self) -> list[Kind]:
        """The kinds that have a logarithmic scale."""
        return [kind for kind, along in ((Kind.CELLS, self.cell), (Kind.VALUES, self.value)) if along.is_log]

    def size_of(self, body: Body) -> Size:
        """How large a body is drawn."""
        if body.form is Form.CIRCLE:
            return min(JOIN, 0.9 * body.slot), JOIN, 0.0
        if body.form is Form.WAITING:
            thick, part, most = WAITING
            return min(thick, 0.45 * body.slot), min(part * self.tallest, most), 0.0
        if body.form is Form.VECTOR:
            return min(13.0, 0.45 * body.slot), max(self.value(body.rows), FLATTEST), min(4.0, 0.15 * body.slot)
        thickness = max(body.planes * self.plane, min(3.0, 0.3 * body.slot))
        if body.form is Form.COMB:
            return max(thickness, 0.4 * body.slot), max(self.value(body.rows), FLATTEST), 0.0
        face = max(self.face(body), min(4.0, 0.2 * body.slot))
        return thickness, max(self.cell(body.rows), FLATTEST), face

    def face(self, body: Body) -> float:
        """How far a map goes back."""
        return self.cell(body.columns) * self.slant if body.columns else 0.0

    def smaller(self, kind: Kind, steps: int) -> "Gauge":
        """By so many steps of one kind."""
        if steps < 1:
            return self
        factor = kind.step**-steps
        made = replace(self, steps=(*self.steps, (kind, steps)))
        if kind is Kind.PLANES:
            return replace(made, plane=self.plane * factor)
        if kind is Kind.VALUES:
            return replace(made, value=replace(self.value, pixels=self.value.pixels * factor))
        return replace(made, cell=replace(self.cell, pixels=self.cell.pixels * factor))

    def fitted(self, bodies: Sequence[Body], first: Sequence[Body], ceilings: Sequence[float]) -> "Gauge":
        """The gauge, smaller by the steps that `bodies` need to stay within the heights `ceilings` and their places.

        `first` are the bodies that it was chosen for: where one has more planes now, planes get smaller, not maps.
        """
        made = self.smaller(Kind.PLANES, _steps(Kind.PLANES, self._planes_need(zip(bodies, first, strict=True))))
        pairs = list(zip(bodies, ceilings, strict=True))
        values = (made.value(body.rows) / high for body, high in pairs if body.form in (Form.VECTOR, Form.COMB))
        made = made.smaller(Kind.VALUES, _steps(Kind.VALUES, values))
        return made.smaller(Kind.CELLS, _steps(Kind.CELLS, made._needs(pairs)))

    def _planes_need(self, pairs: Iterable[tuple[Body, Body]]) -> Iterable[float]:
        for body, first in pairs:
            if body.form in (Form.MAP, Form.COMB):
                thick = body.planes * self.plane
                yield thick / (THICKEST * body.slot)
                beside = self.filled * body.slot - self.face(body) if body.form is Form.MAP else 0.0
                if body.planes > first.planes and beside > 2.0:
                    yield thick / beside

    def _needs(self, pairs: Iterable[tuple[Body, float]]) -> Iterable[float]:
        """How many times larger each map is than what it may take."""
        for body, high in pairs:
            if body.form is Form.MAP:
                face = self.face(body)
                across = self.filled * body.slot - max(body.planes * self.plane, 2.0)
                yield max((self.cell(body.rows) + face * RISE) / high, face / max(across, 1.0))


def _steps(kind: Kind, needs: Iterable[float]) -> int:
    need = max(needs, default=1.0)
    return ceil(log(need) / log(kind.step) - 1e-6) if need > 1.0 + 1e-6 else 0


def gauge_for(bodies: Sequence[Body], tallest: float, filled: float) -> Gauge:
    """The largest scale with which `bodies` fit into places as high as `tallest`; each kind of edge has one."""
    maps = [body for body in bodies if body.form is Form.MAP]
    flat = [body.rows for body in bodies if body.form in (Form.VECTOR, Form.COMB)]
    thick = [body for body in bodies if body.form in (Form.MAP, Form.COMB)]
    plane = min([THICKEST_PLANE, *(THICKEST * body.slot / body.planes for body in thick)])
    edges = [edge for body in maps for edge in (body.rows, body.columns) if edge]
    across = [filled * body.slot - max(body.planes * plane, 2.0) for body in maps]
    slant = WIDEST_FACE
    cell = Along.fitting(edges, tallest)
    for _ in range(2):
        cell = replace(cell, pixels=min((_pixels(body, tallest, slant, cell.is_log) for body in maps), default=1.0))
        wide = (free / cell(body.columns) for free, body in zip(across, maps, strict=True) if body.columns)
        slant = min(slant, max(NARROWEST_FACE, min(wide, default=slant)))
    pixels = [_pixels(body, tallest, slant, cell.is_log) for body in maps]
    # A map with few rows and many columns, as attention's (heads, length, features), is as wide as its place at most.
    pixels += [
        _widest(body.columns, max(free, 1.0) / slant, cell.is_log)
        for free, body in zip(across, maps, strict=True)
        if body.columns
    ]
    cell = replace(cell, pixels=max(min(pixels, default=1.0), 0.0))
    return Gauge(cell, slant, plane, Along.fitting(flat, VALUES * tallest), tallest, filled)


def _pixels(body: Body, tallest: float, slant: float, is_log: bool) -> float:
    """Pixels of a cell with which a map is `tallest` high."""
    back = slant * RISE if body.columns else 0.0
    if not is_log:
        return tallest / (body.rows + body.columns * back)
    logs = log10(body.rows) + log10(max(body.columns, 1)) * back
    return (tallest - FLATTEST * (1 + back)) / max(logs, 0.1)


def _widest(columns: int, room: float, is_log: bool) -> float:
    return max(room - FLATTEST, 0.0) / max(log10(columns), 0.1) if is_log else room / columns


def axes_of(shape: Shape) -> tuple[int, int, int]:
    """Planes, rows and columns; columns are 0 where a tensor has no second spatial axis."""
    if len(shape) == 1:
        return 1, shape[0], 0
    if len(shape) == 2:
        return shape[0], shape[1], 0
    return prod(shape[:-2]), shape[-2], shape[-1]


def rounded(shape: Shape) -> Shape:
    """A shape whose sizes are rounded up to steps: what the scale is chosen for where no opened network tells."""
    step = Kind.CELLS.step if len(shape) > 2 else Kind.VALUES.step
    spatial = shape[-2:] if len(shape) > 2 else shape[-1:]
    return (*(_up(n, Kind.PLANES.step) for n in shape[: len(shape) - len(spatial)]), *(_up(n, step) for n in spatial))


def _up(count: int, step: float) -> int:
    return ceil(step ** ceil(log(max(count, 1)) / log(step) - 1e-9))


def changed(now: Gauge, before: Gauge) -> list[str]:
    """The kinds of edges that are drawn by another scale than before, as words with the factor."""
    found = []
    for kind in Kind:
        steps = dict(now.steps).get(kind, 0) - dict(before.steps).get(kind, 0)
        if steps:
            factor = kind.step ** abs(steps)
            found.append(f"{kind.said} {'÷' if steps > 0 else '×'}{factor:.3g}")
    return found
