"""The texts of a network that branches: shapes at the bodies, names below, and a bracket for each open block."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

from layerscope.figures.captions import CHANGED, FAILS, URGENT, Caption, Focus
from layerscope.figures.folding import Opened
from layerscope.figures.gathering import FoldedStop, Shown
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.routes import Route, boxes_of
from layerscope.figures.scene import Block, Room, Stand
from layerscope.figures.standing import Form, Stage
from layerscope.figures.theme import text_width
from layerscope.formatting import shape_text

AIR = 5.0
"""Pixels between two texts."""
ROOMY = 40.0
"""Where places are narrower, shapes beside the trunk are not written, and no place above a body is kept for its own."""
SLIDE = 9.0
"""How far a shape may stand aside of its body; beside an arc's foot as far as it must."""
LEAST = 6.0
"""Where places are narrower, only shapes that must be seen are written."""
MOST_LINES = 1000
"""With more lines than this no text finds a place that is free of them."""
UPPER, LOWER = 8.0, 2.0
"""The lower edges of the two rows of names: so far above the picture's, the upper one a line higher."""


@dataclass(frozen=True)
class Bracket:
    """A line under the bodies of an open block, from `left` to `right`."""

    block: Opened
    left: float
    right: float


def shapes(
    stage: Stage, shown: Shown, ways: Sequence[Route], focus: Focus, room: Room, pixels: int
) -> dict[int, Caption]:
    """By their bodies' places the shapes where they change, above or below; a sign tells what the last move changed."""
    line = pixels + 3.0
    taken = [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in stage.blocks]
    if len(ways) <= MOST_LINES:
        taken += [box for way in ways for box in boxes_of(way.points)]
    wishes, texts = [], {}
    feet = {place for arc, _ in stage.arcs for edge in arc.edges for place in edge}
    for i, block in enumerate(stage.blocks):
        urgency = focus.urgency(block, i == len(stage.blocks) - 1)
        if urgency <= 1:
            repeats = any(source.shape == block.stop.shape for source in shown.sources(i))
            crowded = block.width < LEAST
            says_little = repeats or stage.forms[i] is Form.CIRCLE
            if crowded or (says_little and not stage.air):
                continue
            urgency = 0 if says_little else 2 if stage.lanes.lanes[i] == 0 else 1
        text, plain = _shape(block, focus)
        if not plain:
            continue
        texts[i] = text
        above, below = block.top + 2, block.y - line - 1
        steps = 0 if urgency < 2 else 2 if urgency < URGENT else 4  # what says little stands at its body, or nowhere
        raised = (*(above + line * k for k in range(1, steps + 1)), room.top + 1) if steps else ()
        free = tuple(h for h in (above, below, *raised) if room.bottom - 4 <= h <= room.top + 2)
        wide = text_width(plain, pixels) + AIR
        slides: tuple[float, ...] = (0.0, SLIDE, -SLIDE)
        if i in feet and stage.forms[i] is not Form.CIRCLE:
            aside = min(wide / 2 + 1, block.width / 2)
            slides = (*slides, -aside, aside)
        wishes.append(Wish(i, block.middle, wide, line, free, urgency, slides, block.top))
    boxes = place(wishes, room.left - 4, room.right + 4, taken)
    return {i: _caption(boxes[i], texts[i], stage.blocks[i]) for i in sorted(boxes)}


def _shape(block: Block, focus: Focus) -> tuple[str, str]:
    """The text, and the same without markup."""
    shape = block.stop.shape
    if shape is None:
        return (f"<b>{FAILS}</b>", FAILS) if block.stop.stand is Stand.FAILS else ("", "")
    now = shape_text(block.stop.shown)
    old = focus.before.get(block.stop.maker.name if block.stop.maker else "")
    if old is not None and old != shape:
        now = f"{'▲' if prod(shape) > prod(old) else '▼' if prod(shape) < prod(old) else CHANGED}{now}"
    return f"<b>{now}</b>", now


def names(
    stage: Stage, marks: Sequence[Bracket], focus: Focus, room: Room, pixels: int
) -> tuple[dict[int, Caption], dict[int, Caption]]:
    """The bodies' names in a row, and below it those of the open blocks at their first bodies: all that have room.

    Within a bracket the names of all single rows on the trunk are written or of none, as a few would say little.
    """
    line = pixels + 3.0
    blocks = _block_names(stage, marks, focus, room, pixels)
    inside = {i: mark.block for mark in marks for i in members(mark.block)}
    texts = _texts(stage, focus)
    taken = [Box(mark.left, mark.right, LOWER, LOWER + line + 4) for mark in marks]
    taken += [caption.box for caption in blocks.values()]
    wishes = {}
    for i, block in enumerate(stage.blocks):
        urgency = focus.urgency(block, i == len(stage.blocks) - 1)
        on_trunk = stage.lanes.lanes[i] == 0
        if urgency < URGENT and (stage.forms[i] is Form.CIRCLE or (i in inside and not on_trunk)):
            continue
        rank = 4 * urgency - (i in inside) - (not on_trunk) + 2 * isinstance(block.stop, FoldedStop)
        rows = (line + UPPER, LOWER) if on_trunk else (LOWER, line + UPPER)  # the same whichever is selected
        heights = (line + UPPER,) if i in inside else rows
        wishes[i] = Wish(i, block.middle, text_width(texts[i], pixels) + AIR, line, heights, rank)
    while True:
        boxes = place(wishes.values(), room.left - 4, room.right + 4, taken)
        plain = [i for i in wishes if i in inside and not isinstance(stage.blocks[i].stop, FoldedStop)]
        crowded = [i for i, text in enumerate(texts) if i in wishes and i not in boxes and " × " in text]
        for i in crowded:  # "× 11" says enough where the name has no room
            texts[i] = texts[i][texts[i].index("×") :]
            wishes[i] = replace(wishes[i], width=text_width(texts[i], pixels) + AIR)
        broken = {inside[i] for i in plain if i not in boxes}
        few = [i for i in plain if inside[i] in broken and wishes[i].urgency < 4 * URGENT - 2]
        if not few and not crowded:
            break
        for i in few:
            del wishes[i]
    written = {i: _emphasis(texts[i], stage.blocks[i], focus) for i in sorted(boxes)}
    return {i: _caption(boxes[i], text, stage.blocks[i]) for i, text in written.items()}, blocks


def members(block: Opened) -> range:
    """The places of its bodies."""
    return range(block.first, block.last + 1)


def _texts(stage: Stage, focus: Focus) -> list[str]:
    """The names as they are written: in full where selected, else as short as tells them apart."""
    held: Counter[str] = Counter()
    for block in stage.blocks:
        held.update(_beginnings(block.stop.name))
    found = []
    for block in stage.blocks:
        stop = block.stop
        times = f" × {stop.times}" if isinstance(stop, FoldedStop) and stop.times > 1 else ""
        text = short(next((name for name in _beginnings(stop.name) if held[name] == 1), stop.name)) + times
        if focus.selected in stop.names:
            text = stop.name + times if isinstance(stop, FoldedStop) else str(focus.selected)
        if stop.stand is Stand.FAILS:
            text = f"{FAILS} {text}"
        elif not focus.changed.isdisjoint(stop.names):
            text = f"{text} {CHANGED}"
        found.append(text)
    return found


def _beginnings(name: str) -> list[str]:
    """What holds a row of a dotted name, the outermost first: "a", "a.b" and "a.b.c" for "a.b.c"."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _emphasis(text: str, block: Block, focus: Focus) -> str:
    return f"<b>{text}</b>" if focus.selected in block.stop.names or block.stop.stand is Stand.FAILS else text


def short(name: str) -> str:
    """The last part of a dotted name; from the last part on that is no number."""
    parts = name.split(".")
    start = next((i for i in range(len(parts) - 1, -1, -1) if not parts[i].isdigit()), 0)
    return ".".join(parts[start:])


def brackets(stage: Stage, opened: Sequence[Opened], selected: str | None = None) -> list[Bracket]:
    """For each part of the trunk one block at most: the selected one where there is one, else an outer one, unless it
    holds several or nearly all there is."""
    on_trunk = [block for block in opened if sum(stage.lanes.lanes[i] == 0 for i in members(block)) > 1]

    def chosen(blocks: Sequence[Opened]) -> Iterator[Opened]:
        for block in blocks:
            held = [
                one
                for one in on_trunk
                if one.depth > block.depth and one.first >= block.first and one.last <= block.last
            ]
            inner = [one for one in held if not any(
                other.depth < one.depth and other.first <= one.first and one.last <= other.last for other in held
            )]  # fmt: skip
            is_all = any(members(one) == members(block) for one in inner)  # such as blocks.0 of blocks
            is_outside = any(one.name == selected for one in held)
            goes_in = is_all or is_outside or len(inner) > 1 or 2 * len(members(block)) > len(stage.blocks)
            if inner and goes_in and block.name != selected:
                yield from chosen(inner)
            else:
                yield block

    outer = [
        block for block in on_trunk
        if not any(one.depth < block.depth and one.first <= block.first and block.last <= one.last for one in on_trunk)
    ]  # fmt: skip
    found = []
    for block in chosen(outer):
        columns = [stage.lanes.columns[i] for i in members(block)]
        found.append(Bracket(block, stage.borders[min(columns)] + 2, stage.borders[max(columns) + 1] - 2))
    return found


def _block_names(stage: Stage, marks: Sequence[Bracket], focus: Focus, room: Room, pixels: int) -> dict[int, Caption]:
    """The names of the open blocks under their brackets, that of the selected row first."""
    wishes, texts = [], {}
    for mark in marks:
        is_whole = focus.selected == mark.block.name
        chosen = is_whole or any(focus.selected in stage.blocks[i].stop.names for i in members(mark.block))
        text = mark.block.name if is_whole else short(mark.block.name)
        texts[mark.block.first] = f"<b>{text}</b>" if chosen else text
        middle, wide = (mark.left + mark.right) / 2, text_width(text, pixels) + AIR
        wishes.append(Wish(mark.block.first, middle, wide, pixels + 3.0, (LOWER,), int(chosen)))
    boxes = place(wishes, room.left - 4, room.right + 4, [])
    return {i: _caption(box, texts[i], stage.blocks[i]) for i, box in sorted(boxes.items())}


def _caption(box: Box, text: str, block: Block) -> Caption:
    return Caption((box.left + box.right) / 2, (box.bottom + box.top) / 2, text, block.layer_name, box)
