"""How the bodies of a network that branches are painted: boxes, slices of a concatenation, combs, folded blocks."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from layerscope.figures import drawing, solids
from layerscope.figures.gathering import FoldedStop, Shown, is_stack, parts_of
from layerscope.figures.gauge import Form
from layerscope.figures.scene import Block, Point, Stand
from layerscope.figures.standing import Stage
from layerscope.figures.theme import COLOURS, PAPER, TEXT, Json

CARD = 3.0
"""How far the cards of a folded block stand out after it, in pixels."""
TOOTH = 4.0
"""The least pixels from one bar of a comb to the next."""
JOINT = 2.0
"""The width of the bar before a concatenation, and how far it stands out, in pixels."""
THINNEST_SLICE = 1.5
"""Thinner slices have no lines between them, in pixels."""

Slice = tuple[str, float, float]
"""A family, and from where to where it goes, as parts of the whole."""


def bodies(stage: Stage, shown: Shown) -> list[Json]:
    """All bodies that run, but the circles."""
    coloured: dict[str, list[list[Point]]] = {}
    cards: dict[str, list[list[Point]]] = {}
    solid: list[Block] = []
    seams: list[list[Point]] = []
    stacks: list[list[Point]] = []
    for place, (block, form) in enumerate(zip(stage.blocks, stage.forms, strict=True)):
        if block.stop.stand is not Stand.RUNS or form is Form.CIRCLE:
            continue
        if isinstance(block.stop, FoldedStop):
            cards.setdefault(block.stop.family, []).extend(_cards(block))
        if is_stack(block.stop):
            stacks.append(_joint(block))
        slices = slices_of(parts_of(block.stop, shown.sources(place))) or [(block.stop.family, 0.0, 1.0)]
        for family, outline in painted(block, form, slices):
            coloured.setdefault(family, []).append(outline)
        if form is not Form.COMB:
            solid.append(block)
        if form is Form.MAP and block.thickness / len(slices) >= THINNEST_SLICE:
            seams += [_seam(block, start) for _, start, _ in slices[1:]]
    return [
        *(drawing.areas(some, fill=PAPER, line=COLOURS[family]) for family, some in cards.items()),
        *(drawing.areas(some, fill=COLOURS[family], line=COLOURS[family]) for family, some in coloured.items()),
        *solids.shading(solid),
        drawing.lines(seams, "#FFFFFF", 1),
        drawing.lines(stacks, TEXT, JOINT),
    ]


def _joint(block: Block) -> list[Point]:
    """A bar before a concatenation, where its lines end: it tells a thin one, of slices of one colour, from a layer."""
    x = block.x - JOINT
    return [(x, block.y - JOINT), (x, block.y + block.height + JOINT)]


def slices_of(parts: Sequence[tuple[str, int]]) -> list[Slice]:
    """From families and lengths to slices."""
    ends = list(accumulate(length for _, length in parts))
    borders = pairwise([0, *ends])
    return [
        (family, start / ends[-1], end / ends[-1]) for (family, _), (start, end) in zip(parts, borders, strict=True)
    ]


def painted(block: Block, form: Form, slices: Sequence[Slice]) -> Iterator[tuple[str, list[Point]]]:
    """The coloured outlines of a body: a comb's bars, or its slices."""
    if form is Form.COMB:
        yield from _bars(block, slices)
        return
    cut = _upright if form is Form.VECTOR else _across
    for family, start, end in slices:
        yield family, cut(block, start, end)


def _seam(block: Block, part: float) -> list[Point]:
    """The border between two slices, on the front and on the roof."""
    x, up = block.x + part * block.thickness, block.y + block.height
    return [(x, block.y), (x, up), (x + block.face, up + block.rise)]


def _across(block: Block, start: float, end: float) -> list[Point]:
    """What one sees of the planes from `start` to `end`, as parts of all: only the last ones have a side."""
    x, right = block.x + start * block.thickness, block.x + end * block.thickness
    y, up, back, rise = block.y, block.y + block.height, block.face, block.rise
    if end < 1:
        return [(x, y), (right, y), (right, up), (right + back, up + rise), (x + back, up + rise), (x, up)]
    return [(x, y), (right, y), (right + back, y + rise), (right + back, up + rise), (x + back, up + rise), (x, up)]


def _upright(block: Block, start: float, end: float) -> list[Point]:
    """The box of a vector's values from `start` to `end`, as parts of all, from below."""
    x, right, back, rise = block.x, block.x + block.thickness, block.face, block.rise
    y, up = block.y + start * block.height, block.y + end * block.height
    return [(x, y), (right, y), (right + back, y + rise), (right + back, up + rise), (x + back, up + rise), (x, up)]


def _bars(block: Block, slices: Sequence[Slice]) -> Iterator[tuple[str, list[Point]]]:
    """A bar for each vector of a sequence, or as many as can be told apart, on a line that joins them."""
    count = max(min(block.planes, int(block.thickness / TOOTH)), 1)
    pitch = block.thickness / count
    for i in range(count):
        family = next(family for family, _, end in slices if (i + 0.5) / count <= end)
        x = block.x + i * pitch
        yield family, [(x, block.y), (x + 0.6 * pitch, block.y), (x + 0.6 * pitch, block.top), (x, block.top)]
    right = block.x + block.thickness - 0.4 * pitch
    yield slices[-1][0], [(block.x, block.y), (right, block.y), (right, block.y + 1), (block.x, block.y + 1)]


def _cards(block: Block) -> Iterator[list[Point]]:
    """The outlines that look out after a folded block: one, or two where it stands for several equal ones."""
    times = block.stop.times if isinstance(block.stop, FoldedStop) else 1
    for i in range(min(times, 2), 0, -1):
        yield [(x + CARD * i, y + CARD * i) for x, y in block.outline]
