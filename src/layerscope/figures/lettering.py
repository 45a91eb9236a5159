"""The texts of the chart by layer: values above the columns, names below them, numbers at the side."""

from collections.abc import Mapping, Sequence
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


SIGN, SIGN_SIZE, SMALLEST_SIGN = 4, 10, 5
"""How far below the axis the middle of the sign for a change is, and its type's size; smaller in narrow columns."""


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


Text = tuple[Json, str | None]
"""A text, and what a saved picture has instead: without selection and the signs of a change."""


def values(
    page: Page, trace: Trace, measure: Measure, ruler: Ruler, room: float, opened: Mapping[str, int]
) -> list[Text]:
    """Each column's value above it, the selected and the largest ones first; `room` is free at the right.

    The largest are those of the network that was `opened`: values neither come nor go because another one changed. A
    value pushed up by a much taller neighbour would seem to be the neighbour's: it is left out.
    """
    columns = page.columns
    texts = [text_of(column, measure, trace) for column in columns]
    tops = [top_of(column, measure) for column in columns]
    sizes = [opened.get(column.layer.name, top) for column, top in zip(columns, tops, strict=True)]
    rank = {i: place for place, i in enumerate(sorted(range(len(columns)), key=lambda i: -sizes[i]))}
    pixels = page.pixels if page.slot > ROOMY_VALUES else size(12, page.large)
    wishes = []
    for i, column in enumerate(columns):
        name = column.layer.name
        urgency = 30 if name == page.selected else max(10 - rank[i], 0)
        wide, middle = text_width(max(texts[i].split("<br>"), key=len), pixels) + 2, page.middle(i)
        lifted = ruler.part(_under(Box(middle - wide / 2, middle + wide / 2, 0, 1), tops, page.slot))
        if name == page.selected or lifted - ruler.part(tops[i]) < MOST_LIFTED:
            wishes.append(Wish(i, middle, wide, 1, (0,), urgency))
    found: list[Text] = []
    for i, box in sorted(place(wishes, 0, page.width + room, []).items()):
        name = columns[i].layer.name
        is_bold = name == page.selected
        text = f"<b>{texts[i]}</b>" if is_bold else texts[i]
        x, y = box.middle / page.width, ruler.part(_under(box, tops, page.slot))
        written = letter(x, y, text, pixels, name=name, along="bottom", up=GAP - 1)
        found.append((written, texts[i] if is_bold else None))
    return found


def _under(box: Box, tops: Sequence[int], slot: float) -> int:
    """The highest of the columns below a text, which may be wider than its own."""
    first, last = max(int(box.left / slot + 0.12), 0), min(int(box.right / slot - 0.12), len(tops) - 1)
    return max(tops[first : last + 1], default=0)


def names(page: Page, left: float, right: float) -> list[Text]:
    """The layers' names below, by one rule for all: in a row, staggered, or only those that have room in two rows.

    `left` and `right` are free at the sides. The sign for a change stands on the axis: no name moves with it.
    """
    columns = page.columns
    called = [c.layer.name for c in columns]
    failing = {c.layer.name for c in columns if c.values is None and c.step}

    def wish(i: int, rows: tuple[float, ...]) -> Wish:
        reasons = (i in (0, len(columns) - 1), called[i] == page.selected, called[i] in failing)
        urgency = max((weight for weight, holds in enumerate(reasons, start=1) if holds), default=0)
        return Wish(i, left + page.middle(i), text_width(called[i], page.pixels) + 4, 1, rows, urgency)

    end = left + page.width + right
    rows = _rows([text_width(name, page.pixels) + 4 for name in called], end)
    boxes: dict[int, Box] = {}
    for heights in rows:
        boxes = place([wish(i, heights[i]) for i in range(len(columns))], 0, end, [])
        if len(boxes) == len(columns):
            break
    found: list[Text] = []
    for i, box in sorted(boxes.items()):
        is_bold = called[i] in {page.selected, *failing}
        text = f"<b>{called[i]}</b>" if is_bold else called[i]
        down = GAP + SIGN + page.line * (box.bottom < 0)
        written = letter((box.middle - left) / page.width, 0, text, page.pixels, name=called[i], along="top", up=-down)
        found.append((written, called[i] if is_bold and called[i] not in failing else None))
    size = min(SIGN_SIZE, max(int(page.slot), SMALLEST_SIGN))
    marked = [
        Wish(i, page.middle(i), text_width(CHANGED, size) + 1, 1, (0.0,), 0)
        for i, name in enumerate(called)
        if name in page.changed
    ]
    for i in sorted(place(marked, -size, page.width + size, [])):
        sign = letter(page.middle(i) / page.width, 0, CHANGED, size, name=called[i], along="middle", up=-SIGN)
        found.append((sign, ""))
    return found


def _rows(widths: Sequence[float], end: float) -> list[list[tuple[float, ...]]]:
    """Ways to give each name its rows, the best first. More names than fit in a row are not tried there: for a hundred
    columns that took longer than the rest of the chart."""
    ways: list[list[tuple[float, ...]]] = []
    if sum(widths) <= end + 1:
        ways.append([(0.0,)] * len(widths))
    if max(sum(widths[::2]), sum(widths[1::2])) <= end + 1:
        ways.append([(-float(i % 2),) for i in range(len(widths))])
    return [*ways, [(0.0, -1.0)] * len(widths)]


def numbers(ruler: Ruler, pixels: int) -> list[Json]:
    """The axis' marks, left of it."""
    marks = zip(ruler.marks, ruler.words, strict=True)
    return [letter(0, ruler.part(mark), words, pixels, across="right", aside=-GAP) for mark, words in marks]
