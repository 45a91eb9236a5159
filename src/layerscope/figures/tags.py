"""The texts of a network that branches: shapes at the bodies, and names below."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from layerscope.figures.block_tree import UNNAMED
from layerscope.figures.brackets import AIR, LOWER, Bracket, beginnings, block_names, caption, members, short, shortened
from layerscope.figures.captions import CHANGED, FAILS, URGENT, Caption, Focus, size_text
from layerscope.figures.gathering import FoldedStop, Shown, label_of
from layerscope.figures.gauge import Form
from layerscope.figures.labels import Box, Wish, place, place_in_place, place_with_room
from layerscope.figures.routes import Route, boxes_of
from layerscope.figures.scene import Block, Room, Stop
from layerscope.figures.standing import Stage
from layerscope.figures.theme import text_width

ROOMY = 40.0
"""Where places are narrower, shapes beside the trunk are not written, and no place above a body is kept for its own."""
SLIDE = 9.0
"""How far a shape may stand aside of its body; beside an arc's foot as far as it must."""
LEAST = 6.0
"""Where places are narrower, only shapes that must be seen are written."""
MOST_LINES = 1000
"""With more lines than this no text finds a place that is free of them."""
UPPER = 8.0
"""The upper row of names stands so far above the picture's edge and a line."""


def shapes(
    stage: Stage, shown: Shown, ways: Sequence[Route], focus: Focus, room: Room, pixels: int
) -> dict[int, Caption]:
    """By their bodies' places the shapes where they change, above or below; a sign tells what the last move changed.

    They stand where they have room in the network that was opened, and stay there.
    """
    line = pixels + 3.0
    crossing = [box for way in ways for box in boxes_of(way.points)] if len(ways) <= MOST_LINES else []
    feet = {place for arc, _ in stage.arcs for edge in arc.edges for place in edge}
    sign = text_width(CHANGED, pixels)  # kept free, so that none moves when one gets a sign

    def wish(i: int, block: Block, text: str, kept: Box | None) -> Wish | None:
        urgency = focus.urgency(block, i == len(stage.blocks) - 1)
        if urgency <= 1:
            repeats = any(stage.shapes[source] == stage.shapes[i] for source in shown.wires[i])
            crowded = block.width < LEAST
            says_little = repeats or stage.forms[i] is Form.CIRCLE
            if kept is None and (crowded or (says_little and not stage.air)):
                return None
            urgency = 0 if says_little else 2 if stage.lanes.lanes[i] == 0 else 1
        above, below = block.top + 2, block.y - line - 1
        steps = 0 if urgency < 2 else 2 if urgency < URGENT else 4  # what says little stands at its body, or nowhere
        raised = (*(above + line * k for k in range(1, steps + 1)), room.top + 1) if steps else ()
        free = tuple(h for h in (above, below, *raised) if room.bottom - 4 <= h <= room.top + 2)
        wide = text_width(text, pixels) + AIR
        slides: tuple[float, ...] = (0.0, SLIDE, -SLIDE)
        if i in feet and stage.forms[i] is not Form.CIRCLE:
            aside = min(wide / 2 + 1, block.width / 2)
            slides = (*slides, -aside, aside)
        return Wish(i, block.middle, wide, line, free, urgency, slides, block.top, kept)

    def taken(bodies: Sequence[Block]) -> list[Box]:
        return [*(Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in bodies), *crossing]

    ends = room.left - 4, room.right + 4
    first = [size_text(block.stop, shape) for block, shape in zip(stage.blocks, stage.shapes, strict=True)]
    wishes = [wish(i, block, first[i], None) for i, block in enumerate(stage.opened) if first[i]]
    spare = sign if stage.air else 0.0
    kept = place_with_room([one for one in wishes if one], *ends, taken(stage.opened), spare)
    texts = [size_text(block.stop, block.stop.shape) for block in stage.blocks]
    said = [f"{focus.sign(block.stop)}{text}" for block, text in zip(stage.blocks, texts, strict=True)]
    wishes = [wish(i, block, said[i], kept.get(i)) for i, block in enumerate(stage.blocks) if texts[i]]
    calm = focus.calm(stage.blocks, kept)
    boxes = place_in_place([one for one in wishes if one], *calm, *ends, taken([*stage.blocks, *stage.ghosts]))
    return {
        i: caption(
            boxes[i], f"<b>{said[i]}</b>", stage.blocks[i], f"<b>{texts[i]}</b>" if said[i] != texts[i] else None
        )
        for i in sorted(boxes)
    }


def names(
    stage: Stage, marks: Sequence[Bracket], focus: Focus, room: Room, pixels: int
) -> tuple[dict[int, Caption], dict[int, Caption]]:
    """The bodies' names in a row, and below it those of the open blocks at their first bodies: all that have room.

    Within a bracket the names of all single rows on the trunk are written or of none, as a few would say little; so are
    those of folded blocks that are named alike in several brackets.
    """
    line = pixels + 3.0
    blocks = block_names(stage, marks, focus, room, pixels)
    inside = {i: mark.block for mark in marks for i in members(mark.block)}
    texts = _texts(stage, focus)
    taken = [Box(mark.left, mark.right, LOWER, LOWER + line + 4) for mark in marks]
    taken += [written.box for written in blocks.values()]
    is_short = any(written.text[0].isdigit() for written in blocks.values())  # no other name stands between them
    wishes = {}
    for i, block in enumerate(stage.blocks):
        urgency = focus.urgency(block, i == len(stage.blocks) - 1)
        on_trunk = stage.lanes.lanes[i] == 0
        if urgency < URGENT and (stage.forms[i] is Form.CIRCLE or (i in inside and not on_trunk)):
            continue
        rank = 4 * urgency - (i in inside) - (not on_trunk) + 2 * isinstance(block.stop, FoldedStop)
        rows = (line + UPPER, LOWER) if on_trunk else (LOWER, line + UPPER)  # the same whichever is selected
        heights = (line + UPPER,) if i in inside or is_short else rows
        wishes[i] = Wish(i, block.middle, text_width(texts[i], pixels) + AIR, line, heights, rank)
    while True:
        boxes = place(wishes.values(), room.left - 4, room.right + 4, taken)
        plain = [i for i in wishes if i in inside and not isinstance(stage.blocks[i].stop, FoldedStop)]
        folded = {i: texts[i] for i in wishes if isinstance(stage.blocks[i].stop, FoldedStop)}
        plain_names = {i: folded.get(i, "") if wish.urgency < 4 * URGENT - 2 else "" for i, wish in wishes.items()}
        endings = shortened(plain_names, boxes)
        texts = [endings.get(i, text) for i, text in enumerate(texts)]
        for i in endings:
            wishes[i] = replace(wishes[i], width=text_width(texts[i], pixels) + AIR)
        broken = {inside[i] for i in plain if i not in boxes}
        missing = {text for i, text in folded.items() if i in inside and i not in boxes}
        alike = [i for i, text in folded.items() if i in inside and " × " not in text and text in missing]
        few = [i for i in plain if inside[i] in broken] + ([] if endings else alike)
        few = [i for i in few if wishes[i].urgency < 4 * URGENT - 2]
        if not few and not endings:
            break
        for i in few:
            del wishes[i]
    written = {i: _emphasis(texts[i], stage.blocks[i], focus) for i in sorted(boxes)}
    return {
        i: caption(
            boxes[i],
            text,
            stage.blocks[i],
            texts[i] if text != texts[i] and not focus.fails(stage.blocks[i].stop) else None,
        )
        for i, text in written.items()
    }, blocks


def _texts(stage: Stage, focus: Focus) -> list[str]:
    """The names as they are written: in full where selected, else as short as tells them apart."""
    shared = Counter(block.stop.name for block in stage.blocks)
    called = [_parts_of(block.stop) if shared[block.stop.name] > 1 else (block.stop.name, "") for block in stage.blocks]
    held = Counter(beginning for name, _ in called for beginning in beginnings(name))
    found = []
    for block, (name, end) in zip(stage.blocks, called, strict=True):
        stop = block.stop
        times = end + (f" × {stop.times}" if isinstance(stop, FoldedStop) and stop.times > 1 else "")
        text = short(next((path for path in beginnings(name) if held[path] == 1), name)) + times
        if focus.selected in stop.names:
            text = name + times if isinstance(stop, FoldedStop) else str(focus.selected)
            text = label_of(stop) if focus.selected == stop.name and not isinstance(stop, FoldedStop) else text
        if focus.fails(stop):
            text = f"{FAILS} {text}"
        found.append(text)
    return found


def _parts_of(stop: Stop) -> tuple[str, str]:
    """What a folded part of a block holds of it, where others are called as the block is: "downs.1" of downs, "ups.3"
    and "…4" of ups."""
    if not isinstance(stop, FoldedStop):
        return stop.name, ""
    depth = stop.name.count(".") + 2
    first, last = (".".join(name.split(".")[:depth]) for name in (stop.names[0], stop.names[-1]))
    return first, "" if first == last else f"{UNNAMED}{last.rpartition('.')[2]}"


def _emphasis(text: str, block: Block, focus: Focus) -> str:
    return f"<b>{text}</b>" if focus.selected in block.stop.names or focus.fails(block.stop) else text
