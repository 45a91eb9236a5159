"""Placing texts so that none covers another: the important ones first, the rest where there is room."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

BIN = 16.0
FIRST = 100
"""More than any urgency: what has so much more comes before all else."""
FURTHER = (14.0, -14.0, 18.0, -18.0)
"""How far aside a text may stand too that is left out otherwise."""
TRIES = 4
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


def place(wishes: Iterable[Wish], left: float, right: float, taken: list[Box]) -> dict[int, Box]:
    """Boxes by key, the most urgent wishes first (then in order); a wish for which there is no room is left out.

    Texts stay between `left` and `right`. `taken` are rectangles to keep clear of.
    """
    placed: dict[int, Box] = {}
    bins: dict[int, list[Box]] = {}

    def put(box: Box) -> None:
        for column in _bins(box):
            bins.setdefault(column, []).append(box)

    for box in taken:
        put(box)
    for wish in sorted(wishes, key=lambda wish: (-wish.urgency, wish.key)):
        for box, line in _tries(wish, left, right):
            parts = [box, line] if line else [box]
            if not any(_is_taken(part, bins) for part in parts):
                placed[wish.key] = box
                for part in parts:
                    put(part)
                break
    return placed


def place_in_place(
    wishes: Sequence[Wish], still: Collection[int], needed: Collection[int],
    left: float, right: float, taken: list[Box],
) -> dict[int, Box]:  # fmt: skip
    """As `place`, where the `still` texts keep their places before all others, unless that leaves a needed one out.

    Then the needed ones come first, each where it has room now, and further aside if need be; what is left out even so
    is tried before them. Of all tries that with the most of them.
    """
    wanted = {wish.key for wish in wishes}.intersection(needed)

    def tried(ones: Sequence[Wish], *ranks: Collection[int]) -> dict[int, Box]:
        ranked = (replace(one, urgency=one.urgency + FIRST * sum(one.key in rank for rank in ranks)) for one in ones)
        return place(ranked, left, right, taken)

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


def place_with_room(
    wishes: Sequence[Wish], left: float, right: float, taken: list[Box], spare: float
) -> dict[int, Box]:
    """As `place`, with `spare` pixels more across for each text, unless that leaves texts out."""
    roomy = place((replace(wish, width=wish.width + spare) for wish in wishes), left, right, taken)
    close = roomy if len(roomy) == len(wishes) else place(wishes, left, right, taken)
    return close if len(close) > len(roomy) else roomy


def _is_taken(box: Box, bins: dict[int, list[Box]]) -> bool:
    left, right, bottom, top = box
    for column in _bins(box):
        for others_left, others_right, others_bottom, others_top in bins.get(column, ()):
            if left < others_right and others_left < right and bottom < others_top and others_bottom < top:
                return True
    return False


def _tries(wish: Wish, left: float, right: float) -> Iterator[tuple[Box, Box | None]]:
    """The places for a text, the best first, each with the line that leads to it."""
    places = [(bottom, wish.x + shift) for bottom in wish.heights for shift in wish.slides]
    if wish.kept is not None:
        places.insert(0, (wish.kept.bottom, wish.kept.middle))
    for bottom, middle in places:
        start = min(max(middle - wish.width / 2, left), max(right - wish.width, left))
        line = None
        if wish.stem is not None and bottom - wish.stem > LOOSE:
            line = Box(wish.x - 1, wish.x + 1, wish.stem + 1, bottom)
            if not start < wish.x < start + wish.width:
                continue  # the line would pass the text by
        yield Box(start, start + wish.width, bottom, bottom + wish.height), line


def _bins(box: Box) -> range:
    return range(int(box.left // BIN), int(box.right // BIN) + 1)
