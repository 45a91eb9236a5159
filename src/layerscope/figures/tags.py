"""The texts of a network that branches: shapes at the bodies, names below, and a bracket for each open block."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from layerscope.figures.captions import CHANGED, FAILS, URGENT, Caption, Focus
from layerscope.figures.folding import Opened
from layerscope.figures.gathering import FoldedStop, heading, sign_of
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.routes import Route
from layerscope.figures.scene import Block, Point, Room, Stand
from layerscope.figures.standing import Stage
from layerscope.figures.theme import size, text_width
from layerscope.formatting import shape_text

TIGHT = 11
"""The type size of shapes where columns are narrow."""
WIDE_COLUMN = 60.0


@dataclass(frozen=True)
class Bracket:
    """A line under the bodies of an open block, with its name."""

    caption: Caption
    left: float
    right: float


def shapes(stage: Stage, ways: Sequence[Route], focus: Focus, room: Room, high: float, pixels: int) -> list[Caption]:
    """Each shape above its body, or below it; where something changed the old one is told by a sign."""
    line = pixels + 3.0
    taken = [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in stage.blocks]
    taken += [box for way in ways for box in _boxes(way.points)]
    wishes, texts = [], []
    last = len(stage.blocks) - 1
    for i, block in enumerate(stage.blocks):
        text, plain = _shape(block, focus)
        texts.append(text)
        if not text or sign_of(block.stop) and focus.selected not in block.stop.names:
            continue
        urgency = focus.urgency(block, i == last)
        if urgency == 1:
            urgency = 2 if stage.lanes.lanes[i] == 0 and not _shape_repeats(stage, i) else 1
        above, below = block.top + 2, block.y - line - 1
        heights = [above, below, *(above + line * k for k in range(1, 5 if urgency >= URGENT else 2))]
        free = tuple(h for h in heights if 0 <= h <= high - line and h >= room.bottom - 4)
        wishes.append(Wish(i, block.middle, text_width(plain, pixels) + 3, line, free, urgency, slide=9))
    boxes = place(wishes, room.left - 4, room.right + 4, taken)
    return [_caption(boxes[i], texts[i], stage.blocks[i]) for i in sorted(boxes)]


def _shape_repeats(stage: Stage, place_: int) -> bool:
    """Whether the body in the column before it has the same shape."""
    column = stage.lanes.columns[place_] - 1
    return any(
        other.stop.shape == stage.blocks[place_].stop.shape
        for other, at, lane in zip(stage.blocks, stage.lanes.columns, stage.lanes.lanes, strict=True)
        if at == column and lane == 0
    )


def _shape(block: Block, focus: Focus) -> tuple[str, str]:
    """The text, and the same without markup."""
    shape = block.stop.shape
    if shape is None:
        return (f"<b>{FAILS}</b>", FAILS) if block.stop.stand is Stand.FAILS else ("", "")
    now = shape_text(shape)
    old = focus.before.get(block.stop.maker.name if block.stop.maker else "")
    if old is not None and old != shape:
        now = f"{'▲' if prod(shape) > prod(old) else '▼' if prod(shape) < prod(old) else CHANGED}{now}"
    return f"<b>{now}</b>", now


def _boxes(points: Sequence[Point]) -> list[Box]:
    """What a line takes of the picture, piece by piece."""
    found = []
    for (left, low), (right, high) in zip(points, points[1:], strict=False):
        if abs(right - left) + abs(high - low) > 0.5:
            found.append(Box(min(left, right) - 1, max(left, right) + 1, min(low, high) - 1, max(low, high) + 1))
    return found


def names(stage: Stage, blocks: Sequence[Opened], focus: Focus, room: Room, large: bool) -> tuple[list[Caption], list[Bracket]]:
    """The bodies' names in a row, and below it the open blocks' with brackets: those for which there is room."""
    pixels = size(13, large)
    line = pixels + 3.0
    brackets = _brackets(stage, blocks, focus, pixels, line)
    heights = (line + 4,) if brackets else (line + 4, 3.0)
    inside = {place_: b for b in blocks for place_ in range(b.first, b.last + 1) if any(b.name == k.caption.text.removeprefix("<b>").removesuffix("</b>") for k in brackets)}
    wishes, texts = [], []
    last = len(stage.blocks) - 1
    for i, block in enumerate(stage.blocks):
        name, chosen = heading(block.stop), focus.selected in block.stop.names
        shown = focus.selected if chosen and not isinstance(block.stop, FoldedStop) else None
        plain = short(shown or name) if not chosen else (shown or name)
        if block.stop.stand is Stand.FAILS:
            plain = f"{FAILS} {plain}"
        elif not focus.changed.isdisjoint(block.stop.names):
            plain = f"{plain} {CHANGED}"
        bold = chosen or block.stop.stand is Stand.FAILS
        texts.append(f"<b>{plain}</b>" if bold else plain)
        if sign_of(block.stop) and not chosen and block.stop.stand is Stand.RUNS:
            continue
        urgency = 2.0 * focus.urgency(block, i == last) - (i in inside) - 0.5 * (stage.lanes.lanes[i] > 0)
        wishes.append(Wish(i, block.middle, text_width(plain, pixels) + 5, line, heights, int(2 * urgency)))
    boxes = place(wishes, room.left - 4, room.right + 4, [])
    return [_caption(boxes[i], texts[i], stage.blocks[i]) for i in sorted(boxes)], brackets


def short(name: str) -> str:
    """The last part of a dotted name; with the one before it where the last is a number."""
    parts = name.split(".")
    return ".".join(parts[-2:]) if parts[-1].split(" ")[0].isdigit() else parts[-1]


def _brackets(stage: Stage, blocks: Sequence[Opened], focus: Focus, pixels: int, line: float) -> list[Bracket]:
    """Of nested blocks the innermost whose names have room."""
    found: list[Bracket] = []
    named: list[Opened] = []
    for block in sorted(blocks, key=lambda block: -block.depth):
        members = range(block.first, block.last + 1)
        if any(one.first >= block.first and one.last <= block.last for one in named):
            continue
        columns = [stage.lanes.columns[place_] for place_ in members]
        left, right = stage.borders[min(columns)] + 2, stage.borders[max(columns) + 1] - 2
        wide = text_width(block.name, pixels)
        if wide > right - left:
            continue
        named.append(block)
        middle = (left + right) / 2
        box = Box(middle - wide / 2, middle + wide / 2, 0.0, line)
        first = next((stage.blocks[place_].stop.layer_name for place_ in members), None)
        chosen = any(focus.selected in stage.blocks[place_].stop.names for place_ in members)
        text = f"<b>{block.name}</b>" if chosen else block.name
        found.append(Bracket(Caption(middle, line / 2, text, first, box), left, right))
    return found


def _caption(box: Box, text: str, block: Block) -> Caption:
    return Caption((box.left + box.right) / 2, (box.bottom + box.top) / 2, text, block.layer_name, box)
