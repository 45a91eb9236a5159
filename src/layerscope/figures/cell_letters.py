"""The numbers in the cells of a map: black on light cells and white on dark ones, so that all can be read."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from layerscope.figures.theme import Json

SCALE = "Cividis"
"""Read alike by eyes that do not tell red from green, and in grey."""
STOPS = (
    (0, 32, 76), (0, 42, 102), (0, 52, 110), (39, 63, 108), (60, 74, 107), (76, 85, 107), (91, 95, 109),
    (104, 106, 112), (117, 117, 117), (131, 129, 120), (146, 140, 120), (161, 152, 118), (176, 165, 114),
    (192, 177, 109), (209, 191, 102), (225, 204, 92), (243, 219, 79), (255, 233, 69),
)  # fmt: skip
"""Its colors at equal distances, as Plotly has them: red, green and blue."""
BLACK, WHITE = "#000000", "#ffffff"
EVEN = 0.179
"""The luminance on which black and white letters have the same contrast, 4.6 (WCAG 2.2, relative luminance)."""


def letter(part: float) -> str:
    """The color of letters on the scale's color at a part from 0 to 1."""
    at = min(max(part, 0.0), 1.0) * (len(STOPS) - 1)
    low, high = [*pairwise(STOPS)][min(int(at), len(STOPS) - 2)]
    rest = at - min(int(at), len(STOPS) - 2)
    return BLACK if luminance([a + (b - a) * rest for a, b in zip(low, high, strict=True)]) > EVEN else WHITE


def luminance(color: Sequence[float]) -> float:
    """The relative luminance of red, green and blue up to 255."""
    linear = [c / 12.92 if (c := one / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for one in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lettered(map_: Json) -> list[Json]:
    """A map with texts as several: all cells without them, which answer to the hand, and above these the cells with
    black and with white letters."""
    known = [z for row in map_["z"] for z in row if z is not None]
    if "text" not in map_ or not known:
        return [map_]
    low, high = map_.get("zmin", min(known)), map_.get("zmax", max(known))
    colors = [[_color(z, low, high) for z in row] for row in map_["z"]]
    plain = {key: value for key, value in map_.items() if key not in ("text", "texttemplate")}
    bare = {key: value for key, value in map_.items() if key not in ("customdata", "hovertext", "colorbar")}
    above = {"zmin": low, "zmax": high, "hoverinfo": "skip", "hovertemplate": None, "showscale": False}
    return [
        plain | {"zmin": low, "zmax": high},
        *(
            bare | above | {
                "z": _only(map_["z"], colors, color, None), "text": _only(map_["text"], colors, color, ""),
                "textfont": map_.get("textfont", {}) | {"color": color},
            }
            for color in (BLACK, WHITE) if any(color in row for row in colors)
        ),
    ]  # fmt: skip


def _color(z: float | None, low: float, high: float) -> str:
    return "" if z is None else letter((z - low) / (high - low) if high > low else 0.5)


def _only(cells: Sequence[Sequence[Any]], colors: Sequence[Sequence[str]], color: str, nothing: Any) -> list[list[Any]]:
    rows = zip(cells, colors, strict=True)
    return [[cell if own == color else nothing for cell, own in zip(*row, strict=True)] for row in rows]
