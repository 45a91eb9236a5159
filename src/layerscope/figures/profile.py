"""How wide and how high the data is from layer to layer: channels grow while heights shrink, on a logarithmic scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layerscope.figures import lettering
from layerscope.figures.drawing import letter
from layerscope.figures.gathering import gather, in_a_row, trunk
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.measures import Scale
from layerscope.figures.scales import Ruler
from layerscope.figures.scene import shares
from layerscope.figures.theme import COLOURS, GRID, INPUT, Json, layout, text_width
from layerscope.formatting import shape_text
from layerscope.layers.base import AXES, Shape
from layerscope.steps import Trace

HEIGHT, WIDTH = 300.0, 560.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 10.0, 46.0
PIXELS, NAME = 16, 14
"""The type of the numbers and of the layers' names: a class looks at this picture from the last row."""
LINE, NAME_LINE = 20.0, 18.0
GAPS = (6, 12, 24, 36)
"""Pixels between a line and its number, the best first."""


@dataclass(frozen=True)
class Line:
    """One quantity along the layers: None where a place does not have it. Its sign tells it from the others."""

    name: str
    sign: str
    symbol: str
    dash: str
    colour: str
    values: tuple[int | None, ...]
    below: bool = False
    """Whether its numbers stand below it."""


def places(trace: Trace) -> list[tuple[str, Shape]]:
    """The input and each layer that may change the shape, with the shape after it; Flatten only opens the features.

    Of a network that branches, those on its longest path.
    """
    steps = trace.steps if in_a_row(trace.network) else [stop.step for stop in trunk(gather(trace)) if stop.step]
    reached = [(step.name, step) for step in steps if step.output_shape and not shares(step.layer, step)]
    shown = [(name, step.output_shape or ()) for name, step in reached if step.type != "Flatten"]
    return [(INPUT, trace.network.input_shape), *shown]


def lines(trace: Trace, widths: bool = True) -> list[Line]:
    """The lines of the picture; without `widths` only the height."""
    shapes = [shape for _, shape in places(trace)]
    high = [shape[1] if len(shape) > 1 else None for shape in shapes]
    found = [Line(_axis(trace), "■", "square", "dot", COLOURS["Pooling"], tuple(high), below=True)]
    if widths:
        channels = tuple(shape[0] if len(shape) > 1 else None for shape in shapes)
        features = tuple(shape[0] if len(shape) == 1 else None for shape in shapes)
        found.append(Line("channels", "●", "circle", "solid", COLOURS["Convolution"], channels))
        found.append(Line("features", "◆", "diamond", "dash", COLOURS["Linear"], features))
    return [line for line in found if any(value is not None for value in line.values)]


def _axis(trace: Trace) -> str:
    dims = max((len(shape) - 1 for _, shape in places(trace)), default=0)
    return AXES[dims][0] if dims in AXES else "height"


def profile(trace: Trace, *, widths: bool = True, height: float = HEIGHT, width: float = WIDTH) -> Json:
    """The picture as plain Plotly JSON, laid out for about `width` by `height` pixels; exact shapes on hover."""
    found, names = lines(trace, widths), places(trace)
    highest = max((value for line in found for value in line.values if value), default=10)
    ruler = Ruler(Scale.LOG, 0.7, max(highest, 10) * 2.2)
    last = max(len(names) - 1, 1)
    return {
        "data": [_drawn(line, names, widths) for line in found],
        "layout": layout(
            margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
            xaxis={"fixedrange": True, "range": [-0.5, last + 0.5], "visible": False},
            yaxis=ruler.axis,
            shapes=[{
                "type": "path", "layer": "below", "line": {"width": 1, "color": GRID},
                "path": "".join(f"M-0.5,{value}L{last + 0.5},{value}" for value in ruler.marks),
            }],
            annotations=[
                *_numbers(found, ruler, width - LEFT - RIGHT, height - TOP - BOTTOM),
                *_names([name for name, _ in names], width - LEFT - RIGHT),
                *lettering.numbers(ruler, NAME),
            ],
        ),
    }  # fmt: skip


def description(trace: Trace, widths: bool = True) -> str:
    """The picture in words: from where to where each line goes."""
    parts = []
    for line in lines(trace, widths):
        values = [value for value in line.values if value is not None]
        parts.append(f"{line.name} from {values[0]:,} to {values[-1]:,}")
    return f"By layer: {'; '.join(parts)}."


def legend(trace: Trace, widths: bool = True) -> str:
    """Which sign is which quantity."""
    return ", ".join(f"{line.sign} {line.name}" for line in lines(trace, widths))


def _drawn(line: Line, names: Sequence[tuple[str, Shape]], widths: bool) -> Json:
    """A line; where the widths are a question, hovering tells only the line's own value."""
    words = [
        shape_text(shape) if widths else f"{line.name} {value}"
        for (_, shape), value in zip(names, line.values, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(names))),
        "y": list(line.values),
        "connectgaps": False,
        "customdata": [[name] for name, _ in names],
        "hovertext": [f"<b>{name}</b> {said}" for (name, _), said in zip(names, words, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "line": {"color": line.colour, "width": 2.5, "dash": line.dash, "shape": "linear"},
        "marker": {"symbol": line.symbol, "size": 8, "color": line.colour},
    }


def _numbers(found: Sequence[Line], ruler: Ruler, across: float, up: float) -> Iterator[Json]:
    """Each value where it changes, above or below its line; none on another, those that have no room left out."""
    count = max(len(found[0].values), 2) if found else 2
    marks: list[Box] = []
    wishes: list[Wish] = []
    texts: dict[int, str] = {}
    for place_of_line, line in enumerate(found):
        for i, value in enumerate(line.values):
            if value is None:
                continue
            x, y = (i + 0.5) / count * across, ruler.part(value) * up
            marks += _along(line, i, across / count, ruler, up)
            if i == 0 or line.values[i - 1] != value:
                key = place_of_line * 1000 + i
                texts[key] = f"{value:,}"
                over, under = ([y + way * (gap + LINE * (way < 0)) for gap in GAPS] for way in (1, -1))
                heights = (*under, *over) if line.below else (*over, *under)
                wishes.append(
                    Wish(key, x, text_width(texts[key], PIXELS), LINE, heights, int(not line.below), slides=(0, 9, -9))
                )
    marks += [Box(-100, across + 100, up - 1, up + 99), Box(-100, across + 100, -99, 0)]
    for key, box in sorted(place(wishes, 0, across, marks).items()):
        yield letter((box.left + box.right) / 2 / across, (box.bottom + box.top) / 2 / up, texts[key], PIXELS)


def _along(line: Line, i: int, slot: float, ruler: Ruler, up: float) -> Iterator[Box]:
    """What the line takes of the picture between a place and the one before it."""
    now, before = line.values[i] or 1, line.values[i - 1] if i else None
    x, y = (i + 0.5) * slot, ruler.part(now) * up
    yield Box(x - 5, x + 5, y - 5, y + 5)
    if before is not None:
        fall = ruler.part(before) * up - y
        for part in (0.2, 0.4, 0.6, 0.8):
            yield Box(x - part * slot - 2, x - part * slot + 2, y + part * fall - 2, y + part * fall + 2)


def _names(names: Sequence[str], across: float) -> Iterator[Json]:
    """The layers' names in two rows below, the first and the last before others."""
    count = max(len(names), 2)
    ends = (0, len(names) - 1)
    wishes = [
        Wish(i, (i + 0.5) / count * across, text_width(name, NAME) + 6, 1, (0, -1), int(i in ends))
        for i, name in enumerate(names)
    ]
    for i, box in sorted(place(wishes, -LEFT, across + RIGHT, []).items()):
        x = (box.left + box.right) / 2 / across
        yield letter(x, 0, names[i], NAME, name=names[i], along="top", up=-5 - NAME_LINE * (box.bottom < 0))
