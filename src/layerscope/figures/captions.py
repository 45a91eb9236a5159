"""The texts of the flow picture: each block's shape above it, the layers' names below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.scene import Block, Room, Stand, Stop
from layerscope.figures.theme import size, text_width
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape

CHANGED = "◆"
FAILS = "✕"
FEW = 14
"""So many blocks at most may have their shapes written well above them."""
URGENT = 3
"""From here on a block's shape should be seen: it changed, or is pointed out."""
NARROW = 60.0
"""Where places are narrower, shapes are written smaller and without the old ones."""


@dataclass(frozen=True)
class Caption:
    """A text at its middle; `layer` is the layer that a click on it selects."""

    x: float
    y: float
    text: str
    layer: str | None
    box: Box


@dataclass(frozen=True)
class Focus:
    """What the picture points out."""

    selected: str | None
    changed: frozenset[str]
    before: Mapping[str, Shape]
    """Shapes of the last network, by layer, where they were others; under "" the input's."""
    failing: frozenset[str] = frozenset()
    """Layers that fail as they are written, although the picture shows them corrected."""

    def fails(self, stop: Stop) -> bool:
        """Whether a block is drawn as failing."""
        return stop.stand is Stand.FAILS or not self.failing.isdisjoint(stop.names)

    def urgency(self, block: Block, last: bool) -> int:
        """How much a block's texts are needed."""
        names = block.stop.names
        if self.fails(block.stop):
            return 6
        if self.selected in names:
            return 5
        if block.stop.maker is None or last:
            return 4
        if not self.changed.isdisjoint(names):
            return URGENT
        return 0 if block.stop.stand is Stand.UNREACHED else 1


def shapes(blocks: Sequence[Block], focus: Focus, room: Room, high: float, pixels: int) -> list[Caption]:
    """Each tensor's shape above its block; where it changed, the old one over it with a sign for more or less."""
    short: set[int] = set(range(len(blocks))) if pixels < 14 else set()
    for _ in range(4):
        captions, missing = _shapes(blocks, focus, room, high, pixels, short)
        beside = {near for place_ in missing for near in (place_ - 1, place_ + 1)}
        crowded = missing - short or beside - short
        if not crowded:
            break
        short |= crowded  # what a shape was gives way to what it is, and to what the neighbour's is
    return captions


def _shapes(
    blocks: Sequence[Block], focus: Focus, room: Room, high: float, pixels: int, short: set[int]
) -> tuple[list[Caption], set[int]]:
    """The shapes' texts, the old ones left out at the places in `short`; and the changed ones without room."""
    line = pixels + 3.0
    wishes, texts = [], []
    second = 4 if len(blocks) <= FEW else 2
    for place_, block in enumerate(blocks):
        text, lines, longest = _shape_text(block, focus, narrow=place_ in short)
        texts.append(text)
        if not text:
            continue
        urgency = focus.urgency(block, place_ == len(blocks) - 1)
        if urgency == 1 and place_ and block.stop.shape != blocks[place_ - 1].stop.shape:
            urgency = 2
        above, ceiling = block.top + 2, high - lines * line
        raised = range(1 if urgency < 2 else second if urgency == 2 else 5)
        heights = tuple(h for h in (above + line * k for k in raised) if h <= ceiling)
        width = text_width(longest, pixels) + 4
        wishes.append(
            Wish(
                place_,
                block.middle,
                width,
                lines * line,
                heights or (ceiling,),
                urgency,
                slides=(0, 9, -9),
                stem=block.top,
            )
        )
    taken = [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in blocks]
    boxes = place(wishes, room.left - 4, room.right + 4, taken)
    missing = {wish.key for wish in wishes if wish.urgency >= URGENT and wish.key not in boxes}
    return [_caption(boxes[i], texts[i], blocks[i].layer_name) for i in sorted(boxes)], missing


def names(blocks: Sequence[Block], focus: Focus, room: Room, rows: tuple[float, float], large: bool) -> list[Caption]:
    """The makers' names below; the layers that keep the shape in a second row where everything fits, else staggered."""
    pixels = size(13, large)
    line = pixels + 3.0
    upper, lower = rows
    first = [_name_wish(i, b, focus, pixels, line, (upper,), i == len(blocks) - 1) for i, b in enumerate(blocks)]
    boxes = place(first, room.left - 4, room.right + 4, [])
    roomy = len(boxes) == len(blocks)
    if not roomy:
        first = [
            _name_wish(i, b, focus, pixels, line, (upper, lower), i == len(blocks) - 1) for i, b in enumerate(blocks)
        ]
        boxes = place(first, room.left - 4, room.right + 4, [])
    captions = [_caption(boxes[i], _name(blocks[i], focus), blocks[i].layer_name) for i in sorted(boxes)]
    second: list[Wish] = []
    texts: list[tuple[str, str]] = []
    for block in blocks:
        keepers = block.stop.keepers
        marked = [k.name for k in keepers if k.name == focus.selected]
        marked = marked or [k.name for k in keepers if k.name in focus.failing]
        if not keepers or not (roomy or marked):
            continue
        shown = marked[0] if marked else keepers[0].name
        more = f" +{len(keepers) - 1}" if len(keepers) > 1 else ""
        text = f"{shown}{more}{_sign(shown, focus)}"
        text = f"{FAILS} {text}" if shown in focus.failing else text
        second.append(
            Wish(len(texts), block.middle, text_width(text, pixels - 1) + 4, line, (lower,), int(bool(marked)))
        )
        texts.append((f"<b>{text}</b>" if marked else text, shown))
    clear = [] if roomy else list(boxes.values())
    placed = place(second, room.left - 4, room.right + 4, clear)
    return [*captions, *(_caption(placed[i], *texts[i]) for i in sorted(placed))]


def _caption(box: Box, text: str, layer: str | None) -> Caption:
    return Caption((box.left + box.right) / 2, (box.bottom + box.top) / 2, text, layer, box)


def _sign(name: str, focus: Focus) -> str:
    return f" {CHANGED}" if name in focus.changed else ""


def _name(block: Block, focus: Focus) -> str:
    name = block.stop.name
    fails = block.stop.stand is Stand.FAILS or name in focus.failing
    text = f"{FAILS} {name}" if fails else f"{name}{_sign(name, focus)}"
    return f"<b>{text}</b>" if name == focus.selected or fails else text


def _name_wish(
    key: int, block: Block, focus: Focus, pixels: float, line: float, heights: tuple[float, ...], last: bool
) -> Wish:
    widest = f"{block.stop.name} {CHANGED}"  # also where there is no sign: a name must not move when it gets one
    return Wish(key, block.middle, text_width(widest, pixels) + 4, line, heights, focus.urgency(block, last))


def _shape_text(block: Block, focus: Focus, narrow: bool) -> tuple[str, int, str]:
    """The text, its number of lines and its longest line."""
    shape = block.stop.shape
    if shape is None:
        return (f"<b>{FAILS}</b>", 1, FAILS) if block.stop.stand is Stand.FAILS else ("", 0, "")
    now = shape_text(block.stop.shown)
    old = focus.before.get(block.stop.maker.name if block.stop.maker else "")
    if old is None or old == shape:
        return f"<b>{now}</b>", 1, now
    sign = "▲" if prod(shape) > prod(old) else "▼" if prod(shape) < prod(old) else CHANGED
    if narrow:
        return f"<b>{sign}{now}</b>", 1, f"{sign}{now}"
    was = f"was {shape_text(old)}"
    return f"{was}<br><b>{sign} {now}</b>", 2, max(was, f"{sign} {now}", key=len)
