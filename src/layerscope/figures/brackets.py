"""Brackets under the bodies of open blocks, and how blocks are named where there is little room."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, groupby

from layerscope.figures.captions import Caption, Focus
from layerscope.figures.folding import Opened
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.scene import Block, Room
from layerscope.figures.standing import Stage
from layerscope.figures.theme import text_width

AIR = 5.0
"""Pixels between two texts."""
LOWER = 2.0
"""The lower edge of the row of their names above the picture's."""
ENDING = re.compile(r"(\D+)\d+[a-z]?(?:\.\d+)*")
"""A name that ends in what tells it from its neighbours: inception3a, layer1.0, features.7."""


@dataclass(frozen=True)
class Bracket:
    """A line under the bodies of an open block, from `left` to `right`."""

    block: Opened
    left: float
    right: float


def members(block: Opened) -> range:
    """The places of its bodies."""
    return range(block.first, block.last + 1)


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


def block_names(stage: Stage, marks: Sequence[Bracket], focus: Focus, room: Room, pixels: int) -> dict[int, Caption]:
    """The names of the open blocks under their brackets, that of the selected row first."""
    held = Counter(path for block in stage.blocks for path in beginnings(block.stop.name))
    texts, chosen = {}, set()
    for mark in marks:
        name, first = mark.block.name, mark.block.first
        alone = next(path for path in beginnings(name) if held[path] == held[name])  # where nothing else is in that
        texts[first] = name if focus.selected == name else short(alone)
        if focus.selected == name or any(focus.selected in stage.blocks[i].stop.names for i in members(mark.block)):
            chosen.add(first)
    middles = {mark.block.first: (mark.left + mark.right) / 2 for mark in marks}
    while True:
        wishes = [
            Wish(i, middles[i], text_width(text, pixels) + AIR, pixels + 3.0, (LOWER,), int(i in chosen))
            for i, text in texts.items()
        ]
        boxes = place(wishes, room.left - 4, room.right + 4, [])
        endings = shortened({i: text for i, text in texts.items() if i not in chosen}, boxes)
        if not endings:
            break
        texts |= endings
    written = {i: f"<b>{texts[i]}</b>" if i in chosen else texts[i] for i in boxes}
    return {i: caption(boxes[i], written[i], stage.blocks[i], texts[i] if i in chosen else None) for i in sorted(boxes)}


def shortened(texts: Mapping[int, str], written: Collection[int]) -> dict[int, str]:
    """Names of blocks without the word that they begin with, where not all have room and the first one says it.

    So "inception3a", "inception3b" and "inception4a" become "inception3a", "3b" and "4a", if no other name stands
    between them. Gives those that change.
    """
    found: dict[int, str] = {}
    for word, run in groupby(sorted(texts), lambda i: _word(texts[i])):
        alike = [*dropwhile(lambda i: i not in written, run)] if word else []
        if not {*alike} <= {*written}:
            found |= {i: texts[i].removeprefix(word) for i in alike[1:]}
    return found


def _word(name: str) -> str:
    """What a block's name begins with, up to its number: "inception" of "inception3a" and of "inception3a × 2".

    "" where there is no number.
    """
    ending = ENDING.fullmatch(name.partition(" × ")[0])
    return ending[1] if ending else ""


def short(name: str) -> str:
    """The last part of a dotted name; from the last part on that is not a number."""
    parts = name.split(".")
    start = next((i for i in range(len(parts) - 1, -1, -1) if not parts[i].isdigit()), 0)
    return ".".join(parts[start:])


def beginnings(name: str) -> list[str]:
    """What holds a row of a dotted name, the outermost first: "a", "a.b" and "a.b.c" for "a.b.c"."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def caption(box: Box, text: str, block: Block, plain: str | None = None) -> Caption:
    """A text in its box; a click on it selects the body's row. `plain` is what a saved picture has instead."""
    return Caption(box.middle, (box.bottom + box.top) / 2, text, block.layer_name, box, plain)
