"""Placing texts so that none covers another: the important ones first, the rest where there is room."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from layerscope.once import recent

BIN = 16.0
FIRST = 100
"""More than any urgency: what has so much more comes before all else."""
FURTHER = (14.0, -14.0, 18.0, -18.0)
"""How far aside a text may stand too that is left out otherwise."""
TRIES = 4
MOST_GROUNDS = 64
"""Networks whose texts' places are remembered."""
LOOSE = 8.0
"""Texts further above their block get a line down to it."""


class Box(NamedTuple):
    """A rectangle, y upwards."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


Ground = dict[int, list[Box]]
"""What is taken, by columns of BIN pixels: a box is in each that it reaches into."""


@dataclass(frozen=True)
class Wish:
    """A text of `width` by `height` around `x`, at the first of `heights` (lower edges) that is free."""

    key: int
    x: float
    width: float
    height: float
    heights: tuple[float, ...]
    urgency: int
    slides: tuple[float, ...] = (0.0,)
    """How far aside the text may stand, the best first."""
    stem: float | None = None
    """What the text belongs to: from there a line leads up to a text that stands higher."""
    kept: "Box | None" = None
    """Where the text stood before something changed: it stays around that place if that is free."""


def place(wishes: Iterable[Wish], left: float, right: float, taken: Iterable[Box]) -> dict[int, Box]:
    """Boxes by key, the most urgent wishes first (then in order); a wish for which there is no room is left out.

    Texts stay between `left` and `right`. `taken` are rectangles to keep clear of.
    """
    return _placed(wishes, left, right, _ground(taken))


def _ground(taken: Iterable[Box]) -> Ground:
    ground: Ground = {}
    for box in taken:
        _put(box, ground)
    return ground


def _put(box: Box, ground: Ground) -> None:
    for column in range(int(box.left // BIN), int(box.right // BIN) + 1):
        ground.setdefault(column, []).append(box)


def _placed(wishes: Iterable[Wish], left: float, right: float, ground: Ground) -> dict[int, Box]:
    """As `place`; what is placed is put on the ground."""
    placed = {}
    for wish in sorted(wishes, key=lambda wish: (-wish.urgency, wish.key)):
        parts = _free(wish, left, right, ground)
        if parts:
            placed[wish.key] = parts[0]
            for part in parts:
                _put(part, ground)
    return placed


def _free(wish: Wish, left: float, right: float, ground: Ground) -> tuple[Box, ...]:
    """The first free place for a text, and the line that leads to it where there is one; nothing where all are taken.

    It is asked some thousand times for one picture: boxes are made of what is found, not of what is tried.
    """
    x, width, height, stem = wish.x, wish.width, wish.height, wish.stem
    half, rightmost = width / 2, max(right - width, left)
    places = [(bottom, x + shift) for bottom in wish.heights for shift in wish.slides]
    if wish.kept is not None:
        places.insert(0, (wish.kept.bottom, wish.kept.middle))
    for bottom, middle in places:
        start = min(max(middle - half, left), rightmost)
        has_line = stem is not None and bottom - stem > LOOSE
        if has_line and not start < x < start + width:
            continue  # the line would pass the text by
        if _is_taken(start, start + width, bottom, bottom + height, ground):
            continue
        box = Box(start, start + width, bottom, bottom + height)
        if not has_line or stem is None:
            return (box,)
        line = Box(x - 1, x + 1, stem + 1, bottom)
        if not _is_taken(*line, ground):
            return box, line
    return ()


def _is_taken(left: float, right: float, bottom: float, top: float, ground: Ground) -> bool:
    for column in range(int(left // BIN), int(right // BIN) + 1):
        for others_left, others_right, others_bottom, others_top in ground.get(column, ()):
            if left < others_right and others_left < right and bottom < others_top and others_bottom < top:
                return True
    return False


def place_in_place(
    wishes: Sequence[Wish], still: Collection[int], needed: Collection[int],
    left: float, right: float, taken: list[Box],
) -> dict[int, Box]:  # fmt: skip
    """As `place`, where the `still` texts keep their places before all others, unless that leaves a needed one out.

    Then the needed ones come first, each where it has room now, and further aside if need be; what is left out even so
    is tried before them. Of all tries that with the most of them.
    """
    wanted = {wish.key for wish in wishes}.intersection(needed)
    ground = _ground(taken)

    def tried(ones: Sequence[Wish], *ranks: Collection[int]) -> dict[int, Box]:
        ranked = (replace(one, urgency=one.urgency + FIRST * sum(one.key in rank for rank in ranks)) for one in ones)
        return _placed(ranked, left, right, {column: boxes.copy() for column, boxes in ground.items()})

    found = tried(wishes, still)
    moving = wanted.difference(still)
    freer = [replace(one, slides=(*one.slides, *FURTHER), kept=None) if one.key in moving else one for one in wishes]
    early: set[int] = set()
    for _ in range(TRIES):
        if wanted <= found.keys():
            break
        boxes = tried(freer, wanted, early)
        found = max(found, boxes, key=lambda boxes: len(wanted & boxes.keys()))
        early |= wanted - boxes.keys()
    return found


def _as_asked(*values: Any) -> Any:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


@recent(MOST_GROUNDS, _as_asked)
def place_with_room(
    wishes: Sequence[Wish], left: float, right: float, taken: list[Box], spare: float
) -> dict[int, Box]:
    """As `place`, with `spare` pixels more across for each text, unless that leaves texts out.

    Remembered, as a slider that moves asks again and again where texts stood in the network that was opened.
    """
    roomy = place((replace(wish, width=wish.width + spare) for wish in wishes), left, right, taken)
    close = roomy if len(roomy) == len(wishes) else place(wishes, left, right, taken)
    return close if len(close) > len(roomy) else roomy
