"""The pictures of a sweep: each value at its place, what does not run marked, and what a click opens."""

from itertools import chain
from math import log10

import plotly.graph_objects as go
import pytest

from layerscope import limits
from layerscope.figures import parallel, sweeping
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.sweep import Sweep, sweep

SEED = PRESETS[DEFAULT]
KEYS = ("conv1.kernel_size", "conv2.kernel_size")


@pytest.fixture(scope="module")
def one() -> Sweep:
    return sweep(SEED, {"conv2.kernel_size": range(9, 16)})


@pytest.fixture(scope="module")
def two() -> Sweep:
    return sweep(SEED, {KEYS[0]: range(1, 12), KEYS[1]: range(1, 14)})


def test_a_line_has_a_gap_where_nothing_runs(one):
    figure = sweeping.line(one.frame(), "conv2.kernel_size", "parameters", now=9)
    line, crosses = figure["data"]
    assert line["x"] == [9, 10, 11, 12, 13, 14, 15]
    assert line["y"][3:] == [None] * 4
    assert line["marker"]["symbol"][:2] == ["diamond", "circle"]
    assert crosses["x"] == [12, 13, 14, 15]
    assert crosses["customdata"][0] == ["3"]
    assert [(shape["x0"], shape["x1"]) for shape in figure["layout"]["shapes"]] == [(11.5, 15.5)]
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_words_and_switches_stand_one_after_the_other():
    frame = sweep(SEED, {"conv1.padding": ("same", "valid")}).frame()
    figure = sweeping.line(frame, "conv1.padding", "macs")
    assert figure["layout"]["xaxis"]["ticktext"] == ["same", "valid"]
    frame = sweep(SEED, {"conv1.bias": (True, False)}).frame()
    assert sweeping.line(frame, "conv1.bias", "macs")["data"][0]["x"] == [0, 1]


@pytest.mark.parametrize("log", [False, True])
def test_a_map_has_each_setting_at_its_place(two, log):
    frame = two.frame()
    figure = sweeping.heat(frame, KEYS, "macs", log=log, now=(5, 5))
    cells, crosses = figure["data"]
    for number, row in enumerate(frame.to_dict("records")):
        across, up = row[KEYS[0]] - 1, row[KEYS[1]] - 1
        shown = cells["z"][up][across]
        assert shown is None if not row["runs"] else shown == pytest.approx(log10(row["macs"]) if log else row["macs"])
        assert cells["customdata"][up][across] == str(number)
    assert len(crosses["x"]) == int((~frame["runs"]).sum())
    assert (figure["layout"]["shapes"][0]["x0"], figure["layout"]["shapes"][0]["y0"]) == (3.5, 3.5)
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_what_meets_a_condition_stands_out_and_every_setting_still_opens(one, two):
    frame = two.frame()
    held = two.where("fc1.in_features <= 100").index
    faint, front, _ = sweeping.heat(frame, KEYS, "macs", held=held)["data"]
    whole = sweeping.heat(frame, KEYS, "macs")["data"][0]
    assert (faint["z"], faint["customdata"]) == (whole["z"], whole["customdata"])
    assert (
        (faint["zmin"], faint["zmax"]) == (front["zmin"], front["zmax"]) == (frame["macs"].min(), frame["macs"].max())
    )
    cells = zip(chain(*front["customdata"]), chain(*front["z"]), strict=True)
    found = {int(number) for number, z in cells if z is not None}
    assert found == set(held)
    assert front["hoverinfo"] == "skip"
    go.Figure(data=[faint, front])
    line = sweeping.line(one.frame(), "conv2.kernel_size", "macs", now=9, held=one.frame().index[1:2])["data"][0]
    assert line["marker"]["symbol"][:3] == ["diamond-open", "circle", "circle-open"]


def test_pictures_that_open_nothing_say_so(two):
    figure = sweeping.heat(two.frame(), KEYS, "macs", opens=False)
    assert {cell for row in figure["data"][0]["customdata"] for cell in row} == {None}
    assert "click" not in str(figure)
    assert "click" not in str(sweeping.line(two.frame().head(3), KEYS[1], "macs", opens=False))


def test_parallel_lines_end_at_the_smallest_and_the_largest(two):
    frame = two.frame()
    held = two.where("fc1.in_features <= 100").index
    figure, note = parallel.parallel(frame, [*KEYS, "parameters"], held)
    assert note == ""
    others, front = figure["data"]
    assert len(front["x"]) == 4 * len(held)
    assert len(others["x"]) == 4 * (int(frame["runs"].sum()) - len(held))
    heights = [y for y in (*others["y"], *front["y"]) if y is not None]
    assert (min(heights), max(heights)) == (0, 1)
    assert {custom[0] for custom in front["customdata"]} == set(map(str, held))
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_of_many_settings_some_are_drawn_and_a_note_says_so():
    frame = sweep(SEED, {"conv1.out_channels": range(1, 61), "conv2.out_channels": range(1, 31)}).frame()
    figure, note = parallel.parallel(frame, ["parameters", "macs"], frame.index)
    assert note == "450 of 1,800 settings are drawn, evenly chosen."
    assert len(figure["data"][1]["x"]) == 3 * 450 <= 3 * limits.SWEEP_LINES.most
