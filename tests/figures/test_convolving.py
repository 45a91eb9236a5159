"""A window's products and sum are torch's, and the picture shows them."""

import json
import re

import pytest
import torch
from torch.nn.functional import conv2d

from layerscope.figures.convolving import convolving, description, number
from layerscope.figures.garments import SIZE, t_shirt
from layerscope.ui.lessons.windows import KERNELS, LARGEST, SMALLEST, view
from tests.figures.test_flow import is_sound

SIZES = range(SMALLEST, LARGEST + 1)


def said(figure):
    return [text for trace in figure["data"] if "text" in trace for text in trace["text"]]


def test_the_image_is_small_and_has_ten_greys():
    image = t_shirt()
    assert [len(row) for row in image] == [SIZE] * SIZE
    values = {value for row in image for value in row}
    assert values <= set(range(10))
    assert len(values) > 3
    assert all(row == row[::-1] for row in image)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kernel", range(len(KERNELS)))
def test_what_is_drawn_is_torchs(kernel, size):
    weights = KERNELS[kernel][1](size)
    image, weight = (torch.tensor(numbers, dtype=torch.float64)[None, None] for numbers in (t_shirt(), weights))
    rows = conv2d(image, weight)[0, 0]
    assert rows.abs().max() > 0
    for row, column in ((0, 0), (7, 5), (SIZE - size, SIZE - size)):
        seen = view(kernel, size, row, column)
        assert seen.sum == pytest.approx(rows[row, column].item(), abs=1e-9)
        assert sum(value * factor for pairs in seen.pairs for value, factor in pairs) == pytest.approx(seen.sum)
        figure = convolving(seen)
        is_sound(figure)
        texts = said(figure)
        for value, factor in (pair for pairs in seen.pairs for pair in pairs):
            assert f"{value} × {number(factor)}" in texts
        assert any(f"<b>sum {number(seen.sum)}</b>" in text for text in texts)
        assert sum(" × " in text and text[0].isdigit() for text in texts) == size * size
        assert len(json.dumps(figure)) < 16_000, "a slider's move sends all of it"


def test_the_map_is_filled_as_far_as_the_window_went():
    seen = view(0, 5, 7, 5)
    last = convolving(seen)["data"][1]["z"]
    flat = [value for row in last for value in row]
    assert flat[: 7 * 24 + 6] == [value for row in seen.sums for value in row][: 7 * 24 + 6]
    assert set(flat[7 * 24 + 6 :]) == {None}


def test_products_are_coloured_by_their_sign_and_all_are_there():
    seen = view(0, 5, 7, 5)
    figure = convolving(seen)
    areas = {shape["fillcolor"]: shape["path"].count("Z") for shape in figure["layout"]["shapes"]}
    products = [value * weight for pairs in seen.pairs for value, weight in pairs]
    assert areas["#B9DDF3"] == sum(product < 0 for product in products) > 0
    assert areas["#FBD9A0"] == sum(product > 0 for product in products) > 0
    assert areas["#FFFFFF"] == sum(product == 0 for product in products) > 0


def test_the_window_and_its_cell_are_outlined():
    figure = convolving(view(2, 3, 10, 4))
    outlines = [shape for shape in figure["layout"]["shapes"] if shape["layer"] == "above"]
    image, sums = figure["data"][:2]
    corners = [min(tuple(map(float, p)) for p in re.findall(r"([\d.]+),([\d.]+)", s["path"])) for s in outlines]
    assert corners[0] == (image["x0"] - 0.5 + 4, image["y0"] - 0.5 + 10)
    assert corners[1] == pytest.approx((sums["x0"] - 0.5 + 4, sums["y0"] - 0.5 + 10))


def test_numbers_are_short():
    assert [number(value) for value in (9, -1, 0.04, -0.14, -0.001, 0.5)] == ["9", "−1", "0.04", "−0.14", "0", "0.5"]


def test_it_is_told_in_words():
    assert description(view(0, 5, 7, 5)) == (
        "A window of 5×5 at row 7, column 5 of an image of 28×28; its products add up to 27."
    )
