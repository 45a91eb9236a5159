"""Placing texts so that none covers another: the important ones first, the rest where there is room."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle, y upwards."""

    left: float
    right: float
    bottom: float
    top: float

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


def place(wishes: Iterable[Wish], left: float, right: float, taken: list[Box]) -> dict[int, Box]:
    """Boxes by key, the most urgent wishes first (then in order); a wish for which there is no room is left out.

    Texts stay between `left` and `right`. `taken` are rectangles to keep clear of.
    """
    placed: dict[int, Box] = {}
    bins: dict[int, list[Box]] = {}

    def put(box: Box) -> None:
        for column in range(int(box.left // 64), int(box.right // 64) + 1):
            bins.setdefault(column, []).append(box)

    for box in taken:
        put(box)
    for wish in sorted(wishes, key=lambda wish: (-wish.urgency, wish.key)):
        start = min(max(wish.x - wish.width / 2, left), max(right - wish.width, left))
        for bottom in wish.heights:
            box = Box(start, start + wish.width, bottom, bottom + wish.height)
            columns = range(int(box.left // 64), int(box.right // 64) + 1)
            if not any(box.overlaps(other) for column in columns for other in bins.get(column, ())):
                placed[wish.key] = box
                put(box)
                break
    return placed
