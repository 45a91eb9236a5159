"""The memory of a training step as pictures: the parts of the peak as one bar, the step moment by moment, the rows.

What is free of the network's size (weights, optimizer) stands first, what grows with the batch after it.
"""

from collections.abc import Sequence

from layerscope.figures import byte_marks, drawing
from layerscope.figures.theme import COLOURS, FAINT, GRID, PAPER, TEXT, WRONG, Json, family, layout, text_width
from layerscope.formatting import bytes_text, ending, percent
from layerscope.study.cards import CONTEXT, GIB, room_on
from layerscope.study.estimate import Memory
from layerscope.study.timeline import AGAIN, BACKWARD, FORWARD, STEP, Moment

WIDTH, NARROW = 900.0, 330.0
BAR_HEIGHT, STEP_HEIGHT, ROWS_HEIGHT = 130, 220, 240
KEY_HEIGHT = 24
"""Of a line of names below the bar."""
PIXELS = 13
PARTS = {
    "weights": ("weights", "#009E73", ""),
    "buffers": ("buffers", "#8C7A4E", "+"),
    "optimizer": ("optimizer", "#CC79A7", "/"),
    "gradients": ("gradients", "#E69F00", "x"),
    "activations": ("activations", "#56B4E9", ""),
    "temporaries": ("temporaries", "#8A8F98", "."),
}
"""What a part is called, its colour, and its pattern, as colours alone tell not everybody."""
DARK = "#1a1a1a"
"""Letters, and the lines of the patterns: all colours are light enough for it."""
LEFT = 62
NEAR = 3
"""A card up to so many times as large as the peak is drawn beside it; beside a larger one there would not be a bar."""


def bar(memory: Memory, card: int | None = None, width: float = WIDTH, moment: Moment | None = None) -> Json:
    """The parts of the peak, or of the `moment`, one after the other. Plotly leaves out the name and size of those that
    are too narrow for them: `bar_key` has all. Of a card that is told, a line where the room ends, and after it the
    CUDA context."""
    near = card if card is not None and card <= NEAR * memory.peak else 0
    room = room_on(near)
    top = max(memory.peak, near) or 1
    data, texts, start = [], list[Json](), 0
    for key, size in (memory.at(moment) if moment else memory.at_peak).items():
        name, colour, pattern = PARTS[key]
        data.append(
            {
                "type": "bar", "orientation": "h", "x": [size], "y": [0], "base": [start], "width": [0.8],
                "marker": {"color": colour, "line": {"color": PAPER, "width": 1}, "pattern": _pattern(pattern, colour)},
                "hovertext": [f"<b>{name}</b> {bytes_text(size)}, {percent(size / (memory.peak or 1))} of the peak"],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "text": [f"{name}<br>{bytes_text(size)}"], "textposition": "inside", "insidetextanchor": "middle",
                "textangle": 0, "insidetextfont": {"size": PIXELS, "color": DARK},
            }
        )  # fmt: skip
        start += size
    shapes = []
    if near:
        line = {"color": WRONG if memory.peak > room else TEXT, "width": 2, "dash": "dot"}
        shapes.append({"type": "line", "x0": room, "x1": room, "y0": -0.5, "y1": 0.5, "line": line})
        taken = {"fillcolor": FAINT, "line": {"width": 0}, "layer": "below"}
        shapes.append({"type": "rect", "x0": room, "x1": near, "y0": -0.5, "y1": 0.5, **taken})
        if text_width(_size_of(near), PIXELS) + 20 < (room - start) / top * (width - 20):
            texts.append(_letter(room, 0, _size_of(near), xanchor="right", xshift=-8))
    return {
        "data": data,
        "layout": layout(
            margin={"l": 10, "r": 10, "t": 4, "b": 28},
            xaxis={"range": [0, top * 1.01], "fixedrange": True, "showgrid": False, **byte_marks.axis(0, top)},
            yaxis={"range": [-0.5, 0.5], "fixedrange": True, "visible": False},
            uniformtext={"mode": "hide", "minsize": PIXELS},
            shapes=shapes,
            annotations=texts,
        ),
    }


def _size_of(card: int) -> str:
    """What the line says where the room on a card ends."""
    return f"the card: {card / GIB:g} GiB − {bytes_text(CONTEXT)} for the CUDA context"


def bar_key(memory: Memory, moment: Moment | None = None) -> list[Json]:
    """The parts of the peak, or of the `moment`, with their colors and sizes, in the bar's order."""
    found = memory.at(moment) if moment else memory.at_peak
    return [_entry(part, f"{PARTS[part][0]} {bytes_text(size)}") for part, size in found.items() if size]


def step(memory: Memory, card: int | None = None, chosen: frozenset[str] = frozenset()) -> Json:
    """What is in use at each moment of the step: each row forward, each row back, the optimizer's step; if a card is
    told, a line where the room on it ends.

    A click selects a moment by its `key_of`; `chosen` are those that are selected.
    """
    moments = memory.moments
    totals = [memory.fixed + moment.total.at(memory.batch) for moment in moments]
    told = zip(memory.moments, totals, strict=True)
    hovers = [f"<b>{moment_words(moment)}</b><br>{bytes_text(total)}" for moment, total in told]
    across = list(range(len(moments)))
    data: list[Json] = [
        {
            "type": "scatter", "mode": "lines", "stackgroup": "memory", "x": across, "y": values,
            "line": {"width": 0, "shape": "hvh"}, "fillcolor": PARTS[key][1], "hoverinfo": "skip",
        }
        for key, values in _sizes(memory).items() if any(values)
    ]  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "lines", "x": across, "y": totals, "hoverinfo": "skip",
            "line": {"color": TEXT, "width": 1.5, "shape": "hvh"},
        }
    )  # fmt: skip
    peak = max(across, key=totals.__getitem__)
    data.append(
        {
            "type": "scatter", "mode": "markers", "x": [peak], "y": [totals[peak]], "hoverinfo": "skip",
            "marker": {"size": 11, "symbol": "diamond", "color": WRONG, "line": {"color": PAPER, "width": 1}},
        }
    )  # fmt: skip
    room = room_on(card) if card is not None and card <= NEAR * max(totals) else 0
    top = max([*totals, room], default=1) * ROOM or 1
    data.append(_answering([key_of(moment) for moment in moments], hovers, top))
    shapes = _bands([place for place, moment in enumerate(moments) if key_of(moment) in chosen], top)
    bands, texts = len(shapes), []
    for phase, title in ((FORWARD, "forward"), (BACKWARD, "backward"), (STEP, "step")):
        places = [place for place, moment in enumerate(moments) if _phase(moment) == phase]
        if not places:
            continue
        if places[0]:
            shapes.append(_upright(places[0] - 0.5))
        if phase != STEP or len(moments) < 40:
            texts.append(_letter((places[0] + places[-1]) / 2, 0, title, yref="paper", yanchor="top", yshift=-2))
    if room and card:
        shapes.append(
            {
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": room, "y1": room,
                "line": {"color": WRONG if memory.peak > room else TEXT, "width": 2, "dash": "dot"},
            }
        )  # fmt: skip
        texts.append(_letter(0, room, _size_of(card), xanchor="left", yanchor="top", yshift=-3, bgcolor=PAPER))
    return {
        "data": data,
        "layout": layout(
            margin={"l": LEFT, "r": 10, "t": 8, "b": 24},
            xaxis={"range": [-0.5, len(moments) - 0.5], "fixedrange": True, "visible": False},
            yaxis={"range": [0, top], "fixedrange": True, "gridcolor": GRID, **byte_marks.axis(0, top)},
            shapes=shapes,
            annotations=texts,
            meta=drawing.saved(range(bands), ()),
        ),
    }


ROOM = 1.05
"""How much higher an axis is than what it shows."""


def key_of(moment: Moment) -> str:
    """The moment in a word: "forward:conv1", "step:"."""
    return f"{moment.phase}:{moment.layer}"


def _answering(keys: Sequence[str], hovers: Sequence[str], top: float) -> Json:
    """Clear columns up to `top`, which answer to the pointer on their whole area."""
    return drawing.rectangles(
        [
            (place - 0.5, place + 0.5, 0, top, said, key)
            for place, (key, said) in enumerate(zip(keys, hovers, strict=True))
        ]
    )


def _bands(places: Sequence[int], top: float) -> list[Json]:
    """A light band with a border around each selected column."""
    return [
        {
            "type": "rect", "x0": place - 0.5, "x1": place + 0.5, "y0": 0, "y1": top,
            "fillcolor": FAINT, "line": {"width": 2, "color": TEXT},
        }
        for place in places
    ]  # fmt: skip


def rows(memory: Memory, width: float = WIDTH, chosen: str = "") -> Json:
    """What each row keeps for the backward pass, as one column a row in its family's colour; `chosen` is selected."""
    shown, across = memory.rows, list(range(len(memory.rows)))
    steps = memory.traced.steps
    hovers = [
        f"<b>{row.name}</b> {row.type}<br>keeps {bytes_text(row.kept)}"
        + (f"<br>weights {bytes_text(row.weights)}, as much again of gradients" if row.gradients else "")
        + ("<br>asked of PyTorch" if row.is_measured else "")
        for row in shown
    ]
    names = _thinned([row.name for row in shown], width)
    top = max((row.kept for row in shown), default=1) * ROOM or 1
    bands = _bands([place for place, row in enumerate(shown) if row.name == chosen], top)
    return {
        "data": [
            {
                "type": "bar", "x": across, "y": [row.kept for row in shown],
                "marker": {"color": [COLOURS[family(each.layer)] for each in steps], "line": {"width": 0}},
                "hoverinfo": "skip",
            },
            _answering([row.name for row in shown], hovers, top),
        ],
        "layout": layout(
            margin={"l": LEFT, "r": 10, "t": 8, "b": 70},
            xaxis={
                "range": [-0.6, max(len(shown), 1) - 0.4], "fixedrange": True, "showgrid": False, "tickangle": -40,
                "tickvals": [place for place, _ in names], "ticktext": [name for _, name in names],
            },
            yaxis={
                "range": [0, top], "fixedrange": True, "gridcolor": GRID,
                **byte_marks.axis(0, max((row.kept for row in shown), default=1)),
            },
            shapes=bands,
            meta=drawing.saved(range(len(bands)), ()),
        ),
    }  # fmt: skip


def rows_description(memory: Memory) -> str:
    """The chart of the rows in words: the total and the largest."""
    kept = [row for row in sorted(memory.rows, key=lambda row: -row.kept) if row.kept][:3]
    if not kept:
        return "No layer keeps anything: nothing is trained."
    told = ", ".join(f"{row.name} {bytes_text(row.kept)} ({percent(row.kept / memory.activations)})" for row in kept)
    total = sum(row.kept for row in memory.rows)
    return f"Kept for the backward pass by layer, {bytes_text(total)} in total; most in {told}."


def key(memory: Memory) -> list[Json]:
    """What the colours mean; only of parts that there are."""
    shown = [part for part in PARTS if any(_sizes(memory)[part])]
    return [_entry(part, PARTS[part][0]) for part in shown]


def _entry(part: str, label: str) -> Json:
    return {"key": part, "label": label, "color": PARTS[part][1]}


def _sizes(memory: Memory) -> dict[str, list[int]]:
    """Each part at each moment."""
    count = len(memory.moments)
    return {
        "weights": [memory.weights] * count,
        "buffers": [memory.buffers] * count,
        "optimizer": [memory.optimizer] * count,
        "gradients": [moment.gradients for moment in memory.moments],
        "activations": [moment.activations.at(memory.batch) for moment in memory.moments],
        "temporaries": [moment.temporaries.at(memory.batch) for moment in memory.moments],
    }


def _phase(moment: Moment) -> str:
    return BACKWARD if moment.phase == AGAIN else moment.phase


def moment_words(moment: Moment) -> str:
    """The moment as a menu shows it."""
    return _WORDS[moment.phase].format(moment.layer)


_WORDS = {
    FORWARD: "Forward, {}",
    AGAIN: "Backward, {} recomputed",
    BACKWARD: "Backward, {}",
    STEP: "The optimizer's step",
}


def _pattern(shape: str, colour: str) -> Json:
    return {"shape": shape, "bgcolor": colour, "fgcolor": DARK, "fgopacity": 0.4, "size": 7, "solidity": 0.2}


def _letter(x: float, y: float, text: str, **more: object) -> Json:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": PIXELS}, **more}


def _upright(x: float) -> Json:
    return {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": {"color": GRID, "width": 1}}


def _thinned(names: Sequence[str], width: float) -> list[tuple[int, str]]:
    """As many names as have room, each with its place."""
    most = max(2, min(len(names), int((width - LEFT) / 30)))
    gap = -(-len(names) // most) if names else 1
    return [(place, ending(name, 16)) for place, name in enumerate(names) if place % gap == 0]
