"""The texts of the flow picture: each block's shape above it, the layers' names below.

Where they stand depends on the network that was opened and on the selection. So nothing hops while a slider moves: a
text keeps its place unless its own block grows into it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from layerscope.figures.labels import Box, Wish, place, place_in_place, place_with_room
from layerscope.figures.placing import Placed
from layerscope.figures.scene import Block, Room, Stand, Stop
from layerscope.figures.theme import INPUT, size, text_width
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape

CHANGED = "◆"
FAILS = "✕"
FEW = 14
"""So many blocks at most may have their shapes written well above them."""
URGENT = 3
"""From here on a body's texts should be seen: it is pointed out, or at an end."""
NARROW = 60.0
"""Where places are narrower, shapes are written smaller and without the old ones."""
WORD = re.compile(r"(\D+?)(\d*)")
"""A layer's name: what it does, and which of those it is."""
WHOLE = 3
"""Names of so many characters are never abbreviated."""


@dataclass(frozen=True)
class Caption:
    """A text at its middle; `layer` is the layer that a click on it selects."""

    x: float
    y: float
    text: str
    layer: str | None
    box: Box
    plain: str | None = None
    """The text in a saved picture where that is another: without selection, and what only the last move says."""
    pixels: int = 0
    """The type's size where it is not that of all."""


@dataclass(frozen=True)
class Focus:
    """What the picture points out."""

    selected: str | None
    changed: frozenset[str]
    before: Mapping[str, Shape]
    """Shapes of the last network by layer or input, where they were others."""
    failing: frozenset[str] = frozenset()
    """Layers that fail as they are written, although the picture shows them corrected."""

    def fails(self, stop: Stop) -> bool:
        """Whether a block is drawn as failing."""
        return stop.stand is Stand.FAILS or not self.failing.isdisjoint(stop.names)

    def urgency(self, block: Block, last: bool) -> int:
        """How much a block's texts are needed; what the last move changed does not count, or texts would hop."""
        if self.fails(block.stop):
            return 6
        if self.selected in block.stop.names:
            return 5
        return 4 if block.stop.maker is None or last else 1

    def was(self, stop: Stop) -> Shape | None:
        """The former shape of a stop that has another one now."""
        old = self.before.get(stop.maker.name if stop.maker else stop.title)
        return None if old is None or old == stop.shape else old

    def calm(self, blocks: Sequence[Block], kept: Collection[int]) -> tuple[Collection[int], Collection[int]]:
        """The blocks of the same shape whose texts had a place, and those that the reader asks for: what the last move
        changed, is selected or fails."""
        changed = {i for i, block in enumerate(blocks) if self.was(block.stop) is not None}
        pointed = {i for i, b in enumerate(blocks) if self.selected in b.stop.names or self.fails(b.stop)}
        return set(kept) - changed, changed | pointed

    def sign(self, stop: Stop) -> str:
        """Whether a tensor has more or fewer values now."""
        old, shape = self.was(stop), stop.shape
        if old is None or shape is None:
            return ""
        return "▲" if prod(shape) > prod(old) else "▼" if prod(shape) < prod(old) else CHANGED


def shapes(stage: Placed, focus: Focus, room: Room, high: float, pixels: int) -> list[Caption]:
    """Each tensor's shape above its block; where it changed, with a sign, and what it was if that has room."""
    line, blocks = pixels + 3.0, stage.blocks
    texts = [size_text(block.stop, block.stop.shape) for block in blocks]
    first = [size_text(block.stop, shape) for block, shape in zip(blocks, stage.shapes, strict=True)]
    sign = text_width(CHANGED, pixels)  # kept free, so that none moves when one gets a sign
    raised = 4 if len(blocks) <= FEW else 2
    tops = [block.top for block in blocks]
    for ghost in stage.ghosts:
        i = next(i for i, block in enumerate(blocks) if block.stop is ghost.stop)
        tops[i] = max(tops[i], ghost.top)

    def wish(i: int, block: Block, text: str, top: float, kept: Box | None) -> Wish:
        urgency = focus.urgency(block, i == len(blocks) - 1)
        if urgency == 1 and (not i or stage.shapes[i] != stage.shapes[i - 1]):
            urgency = 2
        rows = 1 if urgency < 2 else raised if urgency == 2 else 5
        ceiling = high - line
        heights = tuple(h for h in (top + 2 + line * k for k in range(rows)) if h <= ceiling)
        wide = text_width(text, pixels) + 4
        return Wish(
            i, block.middle, wide, line, heights or (ceiling,), urgency, slides=(0, 9, -9), stem=top, kept=kept
        )  # fmt: skip

    def around(bodies: Sequence[Block]) -> list[Box]:
        return [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in bodies]

    ends = room.left - 4, room.right + 4
    wishes = [
        wish(i, block, text, block.top, None)
        for i, (block, text) in enumerate(zip(stage.opened, first, strict=True))
        if text
    ]
    kept = place_with_room(wishes, *ends, around(stage.opened), sign)
    said = [f"{focus.sign(block.stop)}{text}" for block, text in zip(blocks, texts, strict=True)]
    wishes = [wish(i, block, said[i], tops[i], kept.get(i)) for i, block in enumerate(blocks) if texts[i]]
    bodies = around([*blocks, *stage.ghosts])
    boxes = place_in_place(wishes, *focus.calm(blocks, kept), *ends, bodies)
    found = [
        caption(
            boxes[i], f"<b>{said[i]}</b>", blocks[i].layer_name, f"<b>{texts[i]}</b>" if said[i] != texts[i] else None
        )
        for i in sorted(boxes)
    ]
    if pixels < 14:
        return found
    old = {
        i: f"was {size_text(block.stop, was)}"
        for i, block in enumerate(blocks)
        if block.stop.shape and (was := focus.was(block.stop)) is not None
    }
    above = [
        Wish(i, box.middle, text_width(old[i], pixels) + 4, line, (box.top,), 0)
        for i, box in boxes.items() if i in old and box.top + line <= high
    ]  # fmt: skip
    written = place(above, *ends, [*bodies, *boxes.values()])
    return found + [caption(written[i], old[i], blocks[i].layer_name, "") for i in sorted(written)]


def size_text(stop: Stop, shape: Shape | None) -> str:
    """What is written at a block of that shape; a cross where its row fails and has none."""
    if shape is None:
        return FAILS if stop.stand is Stand.FAILS else ""
    return shape_text(stop.maker.shown(shape) if stop.maker else shape)


def names(blocks: Sequence[Block], focus: Focus, room: Room, rows: tuple[float, float], large: bool) -> list[Caption]:
    """The layers' names below, by one rule for all: in a row, staggered, smaller, abbreviated, or only some.

    Where one row is enough, the layers that keep the shape stand in a second one.
    """
    pixels = size(13, large)
    upper, lower = rows
    shown = [_shown(block.stop, focus) for block in blocks]
    ends = room.left - 4, room.right + 4

    def wishes(texts: Sequence[str], points: int, heights: Sequence[tuple[float, ...]]) -> list[Wish]:
        count = len(blocks) - 1
        return [
            Wish(i, b.middle, text_width(texts[i], points) + 4, points + 3.0, heights[i], focus.urgency(b, i == count))
            for i, b in enumerate(blocks)
        ]

    in_a_row: list[tuple[float, ...]] = [(upper,)] * len(blocks)
    staggered: list[tuple[float, ...]] = [(lower if i % 2 else upper,) for i in range(len(blocks))]
    small, short = size(11, large), abbreviations(shown)
    made = [stop.name for stop in (block.stop for block in blocks)]
    ways: list[tuple[list[str], int, list[tuple[float, ...]]]] = [
        (made, pixels, in_a_row), (shown, pixels, staggered), (shown, small, staggered), (short, small, staggered),
    ]  # fmt: skip
    for texts, points, heights in ways:
        boxes = place(wishes(texts, points, heights), *ends, [])
        if len(boxes) == len(blocks):
            break
    else:
        either = [(upper, lower)] * len(blocks)
        texts = [
            full if focus.urgency(b, b is blocks[-1]) > URGENT else brief
            for b, full, brief in zip(blocks, shown, short, strict=True)
        ]
        boxes = place(wishes(texts, points, either), *ends, [])
    if texts is short:
        texts = _spelled_out(texts, shown, boxes, blocks, focus, points, ends)
    found = list(_names(texts, made if texts is made else shown, boxes, blocks, focus, points))
    return [*found, *_keepers(blocks, focus, lower, pixels, ends)] if texts is made else found


def _spelled_out(
    texts: Sequence[str], shown: Sequence[str], boxes: dict[int, Box], blocks: Sequence[Block], focus: Focus,
    pixels: int, ends: tuple[float, float],
) -> list[str]:  # fmt: skip
    """The abbreviations, but the selected layer's name in full where it has room among them."""
    found = list(texts)
    for i, block in enumerate(blocks):
        if focus.selected in block.stop.names and i in boxes:
            full = Wish(i, block.middle, text_width(shown[i], pixels) + 4, pixels + 3.0, (boxes[i].bottom,), 0)
            fitted = place([full], *ends, [box for other, box in boxes.items() if other != i])
            if fitted:
                found[i], boxes[i] = shown[i], fitted[i]
    return found


def _names(
    texts: Sequence[str], layers: Sequence[str], boxes: Mapping[int, Box], blocks: Sequence[Block], focus: Focus,
    pixels: int,
) -> Iterator[Caption]:  # fmt: skip
    """The names of `layers`, as `texts` write them: selected and failing ones in bold, these with a cross."""
    for i in sorted(boxes):
        text, box, stop = texts[i], boxes[i], blocks[i].stop
        name = layers[i]
        fails = stop.stand is Stand.FAILS or name in focus.failing
        if fails:
            half = text_width(f"{FAILS} {text}", pixels) / 2
            wider = Box(box.middle - half, box.middle + half, box.bottom, box.top)
            if not any(wider.overlaps(other) for place_, other in boxes.items() if place_ != i):
                text, box = f"{FAILS} {text}", wider
        is_bold = fails or (focus.selected is not None and focus.selected in (name, stop.name))
        yield caption(
            box,
            f"<b>{text}</b>" if is_bold else text,
            name if stop.maker else None,
            None if fails or not is_bold else text,
            pixels,
        )


def _keepers(
    blocks: Sequence[Block], focus: Focus, lower: float, pixels: int, ends: tuple[float, float]
) -> list[Caption]:
    """The layers that keep the shape, each under the name of its block."""
    wishes: list[Wish] = []
    texts: list[tuple[str, str, str | None]] = []
    for block in blocks:
        keepers = block.stop.keepers
        if not keepers:
            continue
        shown = _chosen(block.stop, focus) or keepers[0].name
        text = f"{shown} +{len(keepers) - 1}" if len(keepers) > 1 else shown
        fails = shown in focus.failing
        text = f"{FAILS} {text}" if fails else text
        is_bold = fails or shown == focus.selected
        wishes.append(
            Wish(len(texts), block.middle, text_width(text, pixels - 1) + 4, pixels + 3.0, (lower,), int(is_bold))
        )
        texts.append((f"<b>{text}</b>" if is_bold else text, shown, text if is_bold and not fails else None))
    boxes = place(wishes, *ends, [])
    return [caption(boxes[i], *texts[i]) for i in sorted(boxes)]


def _chosen(stop: Stop, focus: Focus) -> str | None:
    """A layer of the block that keeps its shape, and is selected or fails as it is written."""
    for one in (focus.failing, {focus.selected}):
        for keeper in stop.keepers:
            if keeper.name in one and stop.name not in one:
                return keeper.name
    return None


def _shown(stop: Stop, focus: Focus) -> str:
    """The name of a block: its layer's, or that of the layer in it that is pointed out."""
    return _chosen(stop, focus) or stop.name


def abbreviations(names: Sequence[str]) -> list[str]:
    """The shortest names that differ: "c10" of conv10, "flat" of flatten."""
    for letters in range(1, 9):
        found = [_abbreviated(name, letters) for name in names]
        if len({*found}) == len({*names}):
            return found
    return list(names)


def _abbreviated(name: str, letters: int) -> str:
    if name == INPUT.lower():
        return "in"
    last = name.rpartition(".")[2]
    word = WORD.fullmatch(last)
    if len(last) <= WHOLE or word is None:
        return last
    return word[1][:letters] + word[2] if word[2] else last[: max(4, letters)]


def caption(box: Box, text: str, layer: str | None, plain: str | None = None, pixels: int = 0) -> Caption:
    """A text in its box."""
    return Caption(box.middle, (box.bottom + box.top) / 2, text, layer, box, plain, pixels)
