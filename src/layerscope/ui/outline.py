"""The list of layers: rows and blocks in order, and beside them the lanes of what is still wanted further down."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from layerscope import blocks
from layerscope.changes import Ripple
from layerscope.explain import borrowed
from layerscope.figures.block_tree import Row
from layerscope.figures.folding import Folding, fold
from layerscope.figures.log_lanes import Mark, log_lanes, width
from layerscope.figures.wires import Wires, wires_of
from layerscope.formatting import compact, joined, shape_text
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from layerscope.ui.session import Session

Part = dict[str, Any]

MANY = 14
"""More layers than this are searched by typing."""
ROOMY = 24
"""About how many entries the list has where blocks can be closed: as many as the picture has bodies."""
MOST_LANES = 6
"""More values than this share the last lane."""


@dataclass(frozen=True)
class Entry:
    """A line of the list: a row, a closed block, or the heading of an open one. `rows` are places in the network.

    `turns` is the block that its triangle opens or closes; "" for a row, and for a block that stays open.
    """

    key: str
    level: int
    rows: range
    fold: str = ""
    """"closed" or "open" for a block."""
    times: int = 1
    body: int = 0
    """The place of its body, or of the first one in it."""
    turns: str = ""


@dataclass(frozen=True)
class Listing:
    """The entries in order, and the lanes: one mark for each body of the folding."""

    entries: tuple[Entry, ...]
    marks: tuple[Mark, ...]
    lanes: int

    def index(self, key: str, row: int) -> int:
        """The place of the entry that is the row or block of that name, or holds its first row, which is at `row`."""
        exact = (place for place, entry in enumerate(self.entries) if entry.key == key)
        holding = [place for place, entry in enumerate(self.entries) if row in entry.rows]
        return next(exact, holding[-1] if holding else 0)


def listing(session: Session) -> Listing:
    """What the list shows: blocks as they were opened and closed by hand, else as they have room."""
    network, view = session.network, session.view
    if network.is_chain and not any("." in name for name in network.names):
        return _plain(network.names)
    rows, inputs = _rows(network), len(network.inputs)
    is_row = session.selected in network.names
    place, block = (network.index(session.selected) + inputs, "") if is_row else (None, session.selected)
    return _laid_out(rows, wires_of(network), inputs, frozenset(view.opened), frozenset(view.closed), place, block)


def closed_by_hand(session: Session) -> frozenset[str]:
    """What the picture closes: the blocks that were closed by hand, and those in one line of the list with one."""
    closed, names = {*session.view.closed}, session.network.names
    for entry in listing(session).entries if closed else ():
        if entry.times > 1:
            depth = entry.turns.count(".") + 1
            equal = {".".join(names[place].split(".")[:depth]) for place in entry.rows}
            closed |= equal if equal & closed else set()
    return frozenset(closed)


@lru_cache(maxsize=64)
def _plain(names: tuple[str, ...]) -> Listing:
    """The listing of a chain without blocks: a line for each row."""
    entries = [Entry(name, 0, range(place, place + 1), body=place) for place, name in enumerate(names)]
    return Listing(tuple(entries), (), 1)


@lru_cache(maxsize=16)
def _rows(network: Network) -> tuple[Row, ...]:
    """The rows for folding; blocks are equal that do the same to the same shapes.

    Shapes do not count while the network fails: a slider that breaks it must not fold anything anew.
    """
    now = trace(network)
    shapes = {} if now.error else {step.name: (step.input_shapes, step.output_shapes) for step in now.steps}
    kinds: dict[object, int] = {}
    inputs = [Row(given.name, -1, "Input") for given in network.inputs]
    made = ((row, (row.signature, shapes.get(row.name))) for row in network.layers)
    return (*inputs, *(Row(row.name, kinds.setdefault(kind, len(kinds)), row.type) for row, kind in made))


@lru_cache(maxsize=64)
def _laid_out(
    rows: tuple[Row, ...], read: Wires, inputs: int, opened: frozenset[str], closed: frozenset[str], shown: int | None,
    block: str,
) -> Listing:  # fmt: skip
    # A list scrolls, and each of its lines can be selected: no block that no name tells of.
    folding = fold(rows, read, ROOMY, opened, closed, shown, block, groups=False)
    marks = log_lanes(folding.wires, inputs, MOST_LANES)
    return Listing(tuple(_entries(folding, rows, inputs)), tuple(marks), width(marks))


def _entries(folding: Folding, rows: tuple[Row, ...], inputs: int) -> list[Entry]:
    """The bodies, and before the first body of each open block its heading."""
    depth = [0] * len(folding.bodies)
    headings: dict[int, list[Entry]] = {}
    for block in folding.opened:
        inside = range(folding.bodies[block.first].first - inputs, folding.bodies[block.last].last + 1 - inputs)
        turns = "" if block.stays else block.name
        heading = Entry(block.name, depth[block.first], inside, "open", body=block.first - inputs, turns=turns)
        headings.setdefault(block.first, []).append(heading)
        for place in range(block.first, block.last + 1):
            depth[place] += 1
    entries: list[Entry] = []
    for place, body in enumerate(folding.bodies[inputs:], inputs):
        inside = range(body.first - inputs, body.last + 1 - inputs)
        state = "closed" if body.folded else ""
        entries += headings.get(place, [])
        entries.append(Entry(body.name, depth[place], inside, state, body.times, place - inputs, body.opens))
    return entries


def outline(session: Session, ripple: Ripple) -> Part:
    """The list of layers as a part of the stage."""
    now, shown, network = ripple.after, listing(session), session.network
    items = _items(now, ripple, shown)
    if session.assignment is not None and session.assignment.movable:
        _mark_yours(items, session.assignment.movable)
    at = _place(session, shown)
    asks = session.asked is not None  # a change that is not shown yet can be taken back too
    actions = [
        {"key": "undo", "label": "Undo", "disabled": not session.history.past},
        {"key": "redo", "label": "Redo", "disabled": not session.history.future},
        {"key": "reset", "label": "Reset", "disabled": network == session.beginning == session.home and not asks},
    ]
    steps = [
        {"key": "previous", "label": "Previous layer (Alt+↑)", "icon": "‹", "step": -1},
        {"key": "next", "label": "Next layer (Alt+↓)", "icon": "›", "step": 1},
    ]
    find = {"label": "Find a layer", "none": "No layer has that in its name, type or shape."}
    return {
        "label": "Layers" if asks or session.network == session.beginning else "Layers (changed)",
        "items": items,
        "selected": shown.entries[at].key if session.selected not in network.names and items else session.selected,
        "steps": steps,
        "find": find if len(now.network.layers) > MANY else None,
        "actions": actions,
    }


def _mark_yours(items: list[Part], movable: Iterable[str]) -> None:
    """Mark the rows whose controls a teacher's link leaves to the student, and the closed blocks that hold some."""
    for item in items:
        inside = f"{item['key']}."
        is_block = item.get("fold") is not None
        mine = [name.removeprefix(inside) for name in movable if name.startswith(inside)]
        mine = [name for name in mine if is_block or "." not in name]
        if mine and not (is_block and item["fold"]["open"]):
            item["yours"] = f"You can change {joined(mine)}"


def _items(now: Trace, ripple: Ripple, shown: Listing) -> list[Part]:
    """The entries, and after a closed block its rows, which are hidden until they are looked for."""
    names, layers, steps = now.network.names, now.network.layers, now.by_name
    touched, has_blocks = ripple.touched, any(entry.fold for entry in shown.entries)
    if not has_blocks and shown.lanes == 1:
        return [_row(layer, steps.get(layer.name), touched) for layer in layers]
    items = []
    for entry in shown.entries:
        rail = {"rail": _rail(shown, entry)} if shown.lanes > 1 else {}
        inside = names[entry.rows.start : entry.rows.stop]
        if not entry.fold:
            name = inside[0]
            item = _row(layers[entry.rows.start], steps.get(name), touched)
            more = {"level": entry.level, "name": _short(name, entry.level), "sought": name} if has_blocks else {}
            items.append({**item, **more, **rail})
            continue
        item = _block(entry, [steps.get(name) for name in inside], any(name in touched for name in inside))
        items.append({**item, **rail})
        if entry.fold == "closed":
            for place, name in zip(entry.rows, inside, strict=True):
                items.append(_row(layers[place], steps.get(name), touched) | {"hidden": True})
    return items


def _row(layer: Layer, step: Step | None, touched: frozenset[str]) -> Part:
    name, kind = layer.name, called(layer, step)
    item = {"key": name, "name": name, "type": kind, "detail": "", "note": "", "tone": "unreached", "lit": False}
    if step is None:
        return item | {"detail": "not reached"}
    tone = "error" if step.error else "warning" if step.warning else "ok"
    item["tone"], item["detail"], item["lit"] = tone, leaves(step), name in touched
    item["note"] = compact(step.parameters) if step.parameters else ""
    return item


def called(layer: Layer, step: Step | None) -> str:
    """A row's type, and whose module it calls again, with its weights where it has some."""
    if step is not None and (words := borrowed(step)):
        return f"{layer.type}, {words}"
    return f"{layer.type}, {layer.of} again" if layer.of else layer.type


def leaves(step: Step) -> str:
    """The shape that leaves a layer."""
    return shape_text(step.shown_shapes[0]) if step.shown_shapes else "does not run"


def _block(entry: Entry, steps: list[Step | None], is_lit: bool) -> Part:
    """A closed block, or the heading of an open one."""
    reached = [step for step in steps if step is not None]
    tones = {"error" if step.error else "warning" if step.warning else "ok" for step in reached}
    tones |= {"unreached"} if len(reached) < len(steps) else {"ok"}
    tone = next(tone for tone in ("error", "warning", "unreached", "ok") if tone in tones)
    parameters = sum(step.parameters for step in reached)
    is_open = entry.fold == "open"
    count = len(entry.rows)
    title = _short(entry.key, entry.level)
    return {
        "key": entry.key,
        "name": f"{title} × {entry.times}" if entry.times > 1 else title,
        "type": "" if is_open else f"{count} layers",
        "detail": "" if is_open or steps[-1] is None else leaves(steps[-1]),
        "note": "" if is_open or not parameters else compact(parameters),
        "tone": tone if not is_open else "ok",
        "lit": is_lit and not is_open,
        "level": entry.level,
        "sought": entry.key,
        "fold": {
            "key": f"{'close' if is_open else 'open'}:{entry.turns}" if entry.turns else None,
            "label": f"{'Close' if is_open else 'Open'} {entry.key}",
            "open": is_open,
        },
    }


def _short(path: str, level: int) -> str:
    """A name below its block's heading; a number alone says too little."""
    parts = path.split(".")
    first = min(level, len(parts) - 1)
    if parts[first].isdecimal():
        first = max(first - 1, 0)
    return ".".join(parts[first:])


def _rail(shown: Listing, entry: Entry) -> Part:
    """The lanes beside an entry: which lines go through, which end in its dot, and whether one leaves it."""
    mark = shown.marks[entry.body]
    through = {line.lane for line in mark.passes}
    ending = {line.lane for line in mark.reads}
    rail = {"lanes": shown.lanes, "through": sorted(through), "above": sorted(ending), "dot": mark.lane}
    if entry.fold == "open":
        return rail | {"through": sorted(through | ending), "above": [], "dot": None, "below": False}
    return rail | {"below": mark.goes_on}


def _place(session: Session, shown: Listing) -> int:
    """The place of the selected row or block among the entries; that of what holds it, where it has no line."""
    first = next(iter(blocks.rows_of(session.network, session.selected)), "")
    return shown.index(session.selected, session.network.index(first) if first else 0)


def beside(session: Session, step: int) -> str:
    """The row or block that the selected one changes places with when it is moved up (-1) or down (1); "" for none.

    It is as deep in blocks as the selected one, or less: a row goes past a whole block.
    """
    names, mine = session.network.names, blocks.rows_of(session.network, session.selected)
    if not mine:
        return ""
    edge = session.network.index(mine[0]) - 1 if step < 0 else session.network.index(mine[-1]) + 1
    if not 0 <= edge < len(names):
        return ""
    return ".".join(names[edge].split(".")[: session.selected.count(".") + 1])
