"""The windows on the plane are where torch puts them."""

import re

import pytest

from layerscope.figures.grid import HATCH, TITLE, description, grid
from layerscope.layers.convolution import Conv1d, Conv2d
from layerscope.metrics import unread
from layerscope.network import Network
from layerscope.tracing import trace
from tests.figures.test_flow import is_sound

RIM, MOST = 3, 18
ALL = [(k, s, p, d) for k in (1, 2, 3, 5, 7) for s in (1, 2, 4) for p in (0, 1, 3) for d in (1, 3)]


def step(kernel=5, stride=1, padding=0, dilation=1, shape=(6, 12, 12)):
    layer = Conv2d(
        name="conv2", out_channels=12, kernel_size=kernel, stride=stride, padding=padding, dilation=dilation
    )  # fmt: skip
    return trace(Network(shape, (layer,))).steps[0]


def polygons(figure, **style):
    """The areas drawn in a style, as (left, top, right, bottom)."""
    found = []
    for shape in figure["layout"]["shapes"]:
        if all(shape.get(key) == value or shape["line"].get(key) == value for key, value in style.items()):
            for part in filter(None, shape["path"].split("Z")):
                xs, ys = zip(
                    *((float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", part)), strict=True
                )
                found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def said(figure):
    return " ".join(re.sub("<[^>]*>", "", text) for trace in figure["data"] for text in trace.get("text", ()))


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation"), ALL)
def test_any_arguments_are_sound_and_inside(kernel, stride, padding, dilation):
    seen = step(kernel, stride, padding, dilation)
    figure = grid(seen, RIM, MOST)
    is_sound(figure)
    assert len(str(figure)) < 12_000
    wide, high = figure["layout"]["xaxis"]["range"][1], figure["layout"]["yaxis"]["range"][0]
    for left, top, right, bottom in polygons(figure):
        assert left >= 0
        assert top >= TITLE - 0.01
        assert right <= wide
        assert bottom <= high
    if seen.output_shape:
        rows = seen.output_shape[1]
        assert f"output {rows}×{rows}" in said(figure)
        taps = polygons(figure, fillcolor="#E69F00")
        assert len(taps) == kernel * kernel + 1  # and the cell that they make
    else:
        assert "✕ no output" in said(figure)
        assert description(seen).endswith("it does not fit.")


def test_the_windows_stand_where_their_arguments_say():
    figure = grid(step(kernel=3, stride=2, padding=1, dilation=2), RIM, MOST)
    x, y = RIM - 1, TITLE + RIM - 1
    assert polygons(figure, dash="solid", width=3)[0] == pytest.approx((x, y, x + 5, y + 5))
    assert polygons(figure, dash="dash", width=3)[0] == pytest.approx((x + 2, y, x + 7, y + 5))
    taps = polygons(figure, fillcolor="#E69F00")[:-1]
    assert sorted({left - x for left, *_ in taps}) == [0, 2, 4]


@pytest.mark.parametrize(
    "arguments", [(5, 2, 0, 1), (3, 4, 0, 1), (2, 3, 1, 1), (2, 1, 0, 3), (1, 3, 0, 1), (5, 1, 2, 1)]
)
def test_what_no_window_reads_is_hatched(arguments):
    seen = step(*arguments)
    figure = grid(seen, RIM, MOST)
    hatched = [trace for trace in figure["data"] if trace.get("fillpattern") == HATCH]
    rows = set()
    for trace_ in hatched:
        points = list(zip(trace_["x"], trace_["y"], strict=True))
        for i in range(0, len(points), 6):  # four corners, the first again, a gap
            (left, top), _, (right, bottom), *_ = points[i : i + 5]
            if right - left == 12:
                rows |= set(range(round(top - TITLE - RIM), round(bottom - TITLE - RIM)))
    assert rows == set(unread(seen)[0])
    assert bool(hatched) == bool(rows)
    assert ("never read" in description(seen)) == bool(rows)


def test_the_scale_does_not_depend_on_the_arguments():
    ranges = [grid(step(*arguments), RIM, MOST)["layout"]["xaxis"]["range"] for arguments in ALL[::7]]
    assert all(each == ranges[0] for each in ranges)


def test_padding_is_drawn_around_the_input():
    ring = polygons(grid(step(padding=2), RIM, MOST), dash="dash")[0]
    assert ring == pytest.approx((1, TITLE + 1, 17, TITLE + 17))
    assert "padding 2" in said(grid(step(padding=2), RIM, MOST))
    assert polygons(grid(step(), RIM, MOST), dash="dash", width=1.5) == []


def test_a_single_output_cell_has_one_window():
    figure = grid(step(kernel=7, shape=(1, 7, 7)), RIM, MOST)
    assert len(polygons(figure, width=3)) == 2


def test_a_window_is_blamed_only_where_it_does_not_fit():
    layer = Conv2d(name="conv2", out_channels=12, kernel_size=5, groups=5)
    by_groups = trace(Network((6, 12, 12), (layer,))).steps[0]
    assert by_groups.error
    assert polygons(grid(by_groups, RIM, MOST), color="#D55E00") == []
    too_large = polygons(grid(step(kernel=7, dilation=3), RIM, MOST), color="#D55E00")
    assert too_large
    assert too_large[0][2] > RIM + 12


def test_a_layer_without_a_plane_is_refused():
    layer = Conv1d(name="conv1", out_channels=2, kernel_size=3)
    with pytest.raises(ValueError, match="no windows on a plane"):
        grid(trace(Network((1, 9), (layer,))).steps[0], RIM, MOST)


def test_it_is_told_in_words():
    assert description(step(stride=2)) == (
        "Windows of 5×5 cells on an input of 12×12, padding 0, every 2 cells; the output is 4×4. "
        "The last row and column are never read."
    )
