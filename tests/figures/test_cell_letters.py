"""The numbers in the cells of maps: contrast on every color of the scale."""

from itertools import pairwise

import pytest
from plotly.colors import PLOTLY_SCALES, sample_colorscale, unlabel_rgb

from layerscope.figures import training
from layerscope.figures.cell_letters import BLACK, SCALE, STOPS, WHITE, letter, lettered, luminance

ENOUGH = 4.5
"""WCAG 2.2, AA."""


def test_the_scale_is_plotlys_own():
    scale = PLOTLY_SCALES[SCALE]
    assert tuple(tuple(map(int, unlabel_rgb(color))) for _, color in scale) == STOPS
    assert all(after - before == pytest.approx(1 / 17, abs=1e-5) for (before, _), (after, _) in pairwise(scale))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_letters_can_be_read_on_every_color():
    for n in range(1001):
        (color,) = sample_colorscale(PLOTLY_SCALES[SCALE], [n / 1000])
        ink = {BLACK: (0, 0, 0), WHITE: (255, 255, 255)}[letter(n / 1000)]
        assert contrast(unlabel_rgb(color), ink) >= ENOUGH, n


def test_each_text_is_drawn_once_and_all_cells_answer_to_the_hand():
    confused = [[5, 0, 1], [2, 3, 0], [0, 0, 0]]
    whole, *inked = training.confusion(confused, "abc", (0, 1), narrow=False)["data"]
    assert "text" not in whole
    assert whole["customdata"][1][2] == "1.2"
    texts = [[next((one["text"][i][j] for one in inked if one["text"][i][j]), "") for j in range(3)] for i in range(3)]
    assert texts == [["5", "", "1"], ["2", "3", ""], ["", "", ""]]
    by_color = {one["textfont"]["color"]: one for one in inked}
    assert by_color[BLACK]["text"][0][0] == "5"  # on yellow
    assert by_color[WHITE]["text"][0][2] == "1"
    small = training.confusion(confused, "abc", (0, 1), narrow=True)["data"][1]
    assert small["textfont"] == {"size": 11, "color": small["textfont"]["color"]}
    assert all(one["hoverinfo"] == "skip" and not one["showscale"] for one in inked)
    assert {(one["zmin"], one["zmax"]) for one in (whole, *inked)} == {(0, 1)}


def test_a_map_of_one_value_or_of_none_is_drawn():
    assert len(lettered({"z": [[2.0, 2.0]], "text": [["a", "b"]]})) == 2
    empty = {"z": [[None]], "text": [[""]]}
    assert lettered(empty) == [empty]
