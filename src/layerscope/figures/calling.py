"""A call: the parameters of the signature on the left, the arguments of the call on the right, a line for each pass."""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures.drawing import Rectangle, areas, arranged, letter, lines, rectangles
from layerscope.figures.theme import COLOURS, FAINT, MUTED, WRONG, Json, layout, size

ROW, BOX = 28.0, 22.0
"""Pixels from one row to the next, and a box's height."""
WIDTH = 100.0
LEFT, RIGHT = (1.0, 45.0), (58.0, 99.0)
"""Where the boxes of the two sides begin and end."""
POSITION, NAME = COLOURS["Convolution"], COLOURS["Linear"]
HEAD = 26


@dataclass(frozen=True)
class Given:
    """An argument of the call: its text as written, the parameter that it fills, and whether that was named."""

    text: str
    parameter: str
    by_name: bool


def calling(parameters: Sequence[tuple[str, str]], given: Sequence[Given]) -> Json:
    """The picture as Plotly JSON. `parameters` are (name, text of the default or ""), in the signature's order.

    A parameter that two arguments fill is drawn as wrong.
    """
    rows = max(len(parameters), len(given), 1)
    high = rows * ROW
    middle = [high - (row + 0.5) * ROW for row in range(rows)]
    places = {name: middle[row] for row, (name, _) in enumerate(parameters)}
    twice, passed = _twice(given), {item.parameter for item in given}
    boxes: dict[str, list[list[tuple[float, float]]]] = {"plain": [], "filled": [], "wrong": []}
    paths: dict[str, list[list[tuple[float, float]]]] = {"position": [], "name": [], "wrong": [], "wrong name": []}
    answers: list[Rectangle] = []
    texts: list[Json] = [_head(LEFT, "parameters: the signature")]
    texts += [_head(RIGHT, "arguments: the call")] if given else []
    for name, default in parameters:
        y = places[name]
        boxes["wrong" if name in twice else "filled" if name in passed else "plain"].append(_box(LEFT, y))
        texts.append(_text(LEFT, y / high, f"{name}={default}" if default else name))
        answers.append((*LEFT, y - BOX / 2, y + BOX / 2, _fate(name, default, given), None))
    for row, item in enumerate(given):
        y, wrong = middle[row], item.parameter in twice
        boxes["wrong" if wrong else "filled"].append(_box(RIGHT, y))
        texts.append(_text(RIGHT, y / high, item.text))
        answers.append((*RIGHT, y - BOX / 2, y + BOX / 2, _way(item), None))
        way = ("wrong name" if item.by_name else "wrong") if wrong else "name" if item.by_name else "position"
        paths[way].append([(LEFT[1], places[item.parameter]), (RIGHT[0], y)])
    shapes = [
        areas(boxes["plain"], fill="rgba(0,0,0,0)", line=MUTED, dash="dot"),
        areas(boxes["filled"], fill=FAINT, line=MUTED),
        areas(boxes["wrong"], fill=FAINT, line=WRONG, width=2),
        lines(paths["position"], POSITION, 2.5),
        _dashed(lines(paths["name"], NAME, 2.5), "dash"),
        lines(paths["wrong"], WRONG, 3),
        _dashed(lines(paths["wrong name"], WRONG, 3), "dash"),
    ]
    shapes, traces, _ = arranged(shapes, [rectangles(answers)])
    axis = {"fixedrange": True, "visible": False}
    return {
        "data": traces,
        "layout": layout(
            margin={"l": 10, "r": 10, "t": HEAD, "b": 6}, shapes=shapes, annotations=texts,
            xaxis={**axis, "range": [0, WIDTH]}, yaxis={**axis, "range": [0, high]},
        ),
    }  # fmt: skip


def height(parameters: Sequence[tuple[str, str]]) -> int:
    """The height of the picture's card, in pixels."""
    return round(len(parameters) * ROW) + HEAD + 46


def legend(given: Sequence[Given]) -> str:
    """What the lines mean."""
    ways = {item.by_name for item in given}
    words = ["— by position"] * (False in ways) + ["╌ by name"] * (True in ways)
    return ", ".join(words)


def description(parameters: Sequence[tuple[str, str]], given: Sequence[Given]) -> str:
    """The picture in words."""
    return "; ".join(_fate(name, default, given) for name, default in parameters) + "."


def _fate(name: str, default: str, given: Sequence[Given]) -> str:
    """What becomes of a parameter."""
    ways = [_way(item) for item in given if item.parameter == name]
    if len(ways) > 1:
        return f"{name} gets two values: {' and '.join(ways)}"
    if ways:
        return ways[0]
    return f"{name} keeps its default, {default}" if default else name


def _way(item: Given) -> str:
    return f"{item.text} fills {item.parameter}, by {'name' if item.by_name else 'position'}"


def _twice(given: Sequence[Given]) -> frozenset[str]:
    names = [item.parameter for item in given]
    return frozenset(name for name in names if names.count(name) > 1)


def _box(side: tuple[float, float], y: float) -> list[tuple[float, float]]:
    (left, right), half = side, BOX / 2
    return [(left, y - half), (right, y - half), (right, y + half), (left, y + half)]


def _text(side: tuple[float, float], y: float, words: str) -> Json:
    return letter(side[0] / WIDTH, y, words, size(12, False), across="left", aside=6)


def _head(side: tuple[float, float], words: str) -> Json:
    return letter(side[0] / WIDTH, 1, f"<b>{words}</b>", size(12, False), across="left", along="bottom", up=3)


def _dashed(shape: Json, dash: str) -> Json:
    return {**shape, "line": {**shape["line"], "dash": dash}}
