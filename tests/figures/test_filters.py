"""The weight block is drawn as it is shaped, whole or around the lit kernel."""

import re

import pytest

from layerscope.figures.filters import MOST_COLUMNS, MOST_ROWS, block, description
from layerscope.figures.plane import RIM
from tests.figures.test_flow import is_sound


def boxes(figure):
    """The drawn kernels: every closed area but the frame around the lit filter."""
    return sum(
        shape["path"].count("Z") for shape in figure["layout"]["shapes"] if shape["fillcolor"] != "rgba(0,0,0,0)"
    )


def said(figure):
    return [re.sub("<[^>]*>", "", text) for trace in figure["data"] for text in trace["text"]]


@pytest.mark.parametrize(
    "weight",
    [(12, 6, 5, 5), (6, 1, 5, 5), (1, 1, 1, 1), (192, 64, 5, 5), (64, 3, 11, 11), (4, 2, 7),
     (3, 2, 3, 3, 3), (8, 4, 1, 9)],
)  # fmt: skip
@pytest.mark.parametrize("lit", [(0, 0), None])
def test_any_weight_is_sound(weight, lit):
    figure = block(weight, weight[0], weight[1], lit)
    is_sound(figure)
    extra = 1 if lit else 0  # the lit kernel is drawn over its place
    assert boxes(figure) == min(weight[0], MOST_ROWS) * min(weight[1], MOST_COLUMNS) + extra


def test_the_course_networks_block_has_a_row_for_each_filter():
    figure = block((12, 6, 5, 5), 12, 6, (3, 2))
    texts = said(figure)
    assert [text for text in texts if text.startswith("filter")] == [f"filter {i}" for i in range(12)]
    assert [text for text in texts if text.isdigit()] == list("012345")
    assert not any(text.startswith("...") for text in texts)
    bold = [text for trace in figure["data"] for text in trace["text"] if text.startswith("<b>")]
    assert bold == ["<b>filter 3</b>", "<b>2</b>"]


def test_of_a_large_block_the_part_around_the_lit_kernel_is_shown():
    texts = said(block((192, 64, 5, 5), 192, 64, (100, 20)))
    assert {"filter 100", "20"} <= set(texts)
    assert "filter 0" not in texts
    assert "... filters 96 to 107 of 192, kernels 16 to 23 of 64" in texts


def test_one_kernel_stands_alone():
    figure = block((12, 6, 5, 5), 1, 1)
    assert boxes(figure) == 1
    assert said(figure) == []


@pytest.mark.parametrize("weight", [(12, 6, 5, 5), (6, 1, 5, 5), (512, 512, 3, 3), (4, 2, 7)])
def test_nothing_is_drawn_outside_the_picture(weight):
    figure = block(weight, weight[0], weight[1], (weight[0] - 1, 0))
    (left, right), (bottom, top) = (figure["layout"][axis]["range"] for axis in ("xaxis", "yaxis"))
    for shape in figure["layout"]["shapes"]:
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", shape["path"]):
            assert left + RIM <= float(x) <= right
            assert top <= float(y) <= bottom


def test_it_is_told_in_words():
    assert (
        description((12, 6, 5, 5), 12, 6, (3, 2))
        == "12 filters of 6 kernels of 5×5 cells; kernel 2 of filter 3 is lit."
    )
    assert description((12, 6, 5, 5), 1, 1) == "1 filter of 1 kernel of 5×5 cells."


@pytest.mark.parametrize(("weight", "drawn"), [((12, 6, 5, 5), True), ((64, 3, 11, 11), False), ((1, 3, 11, 11), True)])
def test_a_kernels_cells_are_drawn_where_they_can_be_told_apart(weight, drawn):
    figure = block(weight, weight[0], weight[1], (0, 0))
    assert any("Z" not in shape["path"] for shape in figure["layout"]["shapes"]) is drawn


def test_one_kernel_fills_the_width_so_that_it_stands_in_the_middle_and_grows_with_the_card():
    for weight, filters, kernels in (((12, 6, 5, 5), 1, 1), ((12, 6, 5, 5), 1, 6), ((4, 2, 7), 1, 1)):
        figure = block(weight, filters, kernels)
        spans = [part for shape in figure["layout"]["shapes"] for part in re.findall(r"[ML]([-\d.]+),", shape["path"])]
        left, right = min(map(float, spans)), max(map(float, spans))
        low, high = figure["layout"]["xaxis"]["range"]
        assert left - low == pytest.approx(high - right)
