"""The texts of the chart by layer: values above the columns, names below them, numbers at the side."""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures.captions import CHANGED
from layerscope.figures.drawing import letter
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.measures import Column, Measure, text_of, top_of
from layerscope.figures.scales import Ruler
from layerscope.figures.theme import Json, size, text_width
from layerscope.steps import Trace

ROOMY_VALUES = 60.0
"""Where columns are narrower, the values above them are written smaller."""
MOST_LIFTED = 0.12
"""How much higher than its column a value may be written, as a part of the axis."""
GAP = 3
"""Pixels between a text and what it belongs to."""


@dataclass(frozen=True)
class Page:
    """Where the columns stand: `slot` is the width of each one's place, in pixels from the left of the axis."""

    columns: Sequence[Column]
    slot: float
    selected: str | None
    changed: frozenset[str]
    large: bool

    @property
    def width(self) -> float:
        return self.slot * max(len(self.columns), 1)

    @property
    def pixels(self) -> int:
        return size(13, self.large)

    @property
    def line(self) -> float:
        return self.pixels * 1.3

    def middle(self, i: int) -> float:
        return (i + 0.5) * self.slot


def values(page: Page, trace: Trace, measure: Measure, ruler: Ruler, room: float) -> list[Json]:
    """Each column's value above it, the largest, the selected and the changed ones first; `room` is free at the right.

    A value pushed up by a much taller neighbour would seem to be the neighbour's: it is left out.
    """
    columns = page.columns
    texts = [text_of(column, measure, trace) for column in columns]
    tops = [top_of(column, measure) for column in columns]
    rank = {i: place for place, i in enumerate(sorted(range(len(columns)), key=lambda i: -tops[i]))}
    pixels = page.pixels if page.slot > ROOMY_VALUES else size(12, page.large)
    wishes = []
    for i, column in enumerate(columns):
        name = column.layer.name
        urgency = 30 if name == page.selected else 20 if name in page.changed else max(10 - rank[i], 0)
        wide, middle = text_width(max(texts[i].split("<br>"), key=len), pixels) + 2, page.middle(i)
        lifted = ruler.part(_under(Box(middle - wide / 2, middle + wide / 2, 0, 1), tops, page.slot))
        if name == page.selected or lifted - ruler.part(tops[i]) < MOST_LIFTED:
            wishes.append(Wish(i, middle, wide, 1, (0,), urgency))
    found = []
    for i, box in sorted(place(wishes, 0, page.width + room, []).items()):
        name = columns[i].layer.name
        text = f"<b>{texts[i]}</b>" if name == page.selected else texts[i]
        x, y = (box.left + box.right) / 2 / page.width, ruler.part(_under(box, tops, page.slot))
        found.append(letter(x, y, text, pixels, name=name, along="bottom", up=GAP - 1))
    return found


def _under(box: Box, tops: Sequence[int], slot: float) -> int:
    """The highest of the columns below a text, which may be wider than its own."""
    first, last = max(int(box.left / slot + 0.12), 0), min(int(box.right / slot - 0.12), len(tops) - 1)
    return max(tops[first : last + 1], default=0)


def names(page: Page, left: float, right: float) -> list[Json]:
    """The layers' names below, in two rows where one is too narrow; `left` and `right` are free at the sides.

    The sign for a change stands under the name, or beside it where there are two rows: no row comes or goes with it.
    """
    columns = page.columns
    called = [c.layer.name for c in columns]
    failing = {c.layer.name for c in columns if c.values is None and c.step}

    def wish(i: int, rows: tuple[float, ...], more: str) -> Wish:
        reasons = (
            called[i] in page.changed,
            i in (0, len(columns) - 1),
            called[i] == page.selected,
            called[i] in failing,
        )
        urgency = max((weight for weight, holds in enumerate(reasons, start=1) if holds), default=0)
        return Wish(i, left + page.middle(i), text_width(called[i] + more, page.pixels) + 4, 1, rows, urgency)

    beside, under = f" {CHANGED}", f"<br>{CHANGED}"
    end = left + page.width + right
    boxes = place([wish(i, (0,), "") for i in range(len(columns))], 0, end, [])
    has_one_row = len(boxes) == len(columns)
    if not has_one_row:
        boxes = place([wish(i, (0, -1), beside) for i in range(len(columns))], 0, end, [])
    sign = under if has_one_row else beside
    found = []
    for i, box in sorted(boxes.items()):
        text = called[i] + (sign if called[i] in page.changed else "")
        text = f"<b>{text}</b>" if called[i] in {page.selected, *failing} else text
        x = ((box.left + box.right) / 2 - left) / page.width
        down = GAP + page.line * (box.bottom < 0)
        found.append(letter(x, 0, text, page.pixels, name=called[i], along="top", up=-down))
    return found


def numbers(ruler: Ruler, measure: Measure, pixels: int) -> list[Json]:
    """The axis' marks, left of it."""
    marks = zip(ruler.marks, ruler.words(measure), strict=True)
    return [letter(0, ruler.part(mark), words, pixels, across="right", aside=-GAP) for mark, words in marks]
