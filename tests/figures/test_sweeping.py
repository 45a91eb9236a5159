"""The pictures of a sweep: each value at its place, what does not run marked, and what a click opens."""

from itertools import chain
from math import log10

import plotly.graph_objects as go
import pytest

from layerscope import limits
from layerscope.figures import parallel, sweeping
from layerscope.figures.sweep_words import short_end_text
from layerscope.formatting import compact
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


@pytest.mark.parametrize("log", [False, True])
def test_bytes_are_counted_in_their_own_units_on_every_axis(two, log):
    line = sweeping.line(sweep(SEED, {KEYS[0]: range(1, 12)}).frame(), KEYS[0], "activation_bytes", log=log)
    cells, *inked, _ = sweeping.heat(two.frame(), KEYS, "activation_bytes", log=log)["data"]
    for axis in (line["layout"]["yaxis"], cells["colorbar"]):
        assert 2 <= len(axis["ticktext"]) <= 8
        assert all(words == "0" or words.endswith(("KiB", "MiB")) for words in axis["ticktext"])
        assert "tickformat" not in axis
        assert "dtick" not in axis
    assert {words.split()[1] for one in inked for row in one["text"] for words in row if words} == {"KiB"}
    drawn, _ = parallel.parallel(two.frame(), ["macs", "activation_bytes"], two.frame().index, log=log)
    ends = [text["text"] for text in drawn["layout"]["annotations"] if text["x"] == 1]
    assert sum(words.endswith("KiB") for words in ends) == 2, "no 62.2k for what the table calls 60.7 KiB"


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
    cells, *inked, crosses = figure["data"]
    for number, row in enumerate(frame.to_dict("records")):
        across, up = row[KEYS[0]] - 1, row[KEYS[1]] - 1
        shown = cells["z"][up][across]
        assert shown is None if not row["runs"] else shown == pytest.approx(log10(row["macs"]) if log else row["macs"])
        assert cells["customdata"][up][across] == str(number)
        assert sum(bool(one["text"][up][across]) for one in inked) == row["runs"]
    assert len(crosses["x"]) == int((~frame["runs"]).sum())
    assert (figure["layout"]["shapes"][0]["x0"], figure["layout"]["shapes"][0]["y0"]) == (3.5, 3.5)
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_what_meets_a_condition_stands_out_and_every_setting_still_opens(one, two):
    frame = two.frame()
    held = two.where("fc1.in_features <= 100").index
    faint, front, *inked, _ = sweeping.heat(frame, KEYS, "macs", held=held)["data"]
    whole = sweeping.heat(frame, KEYS, "macs")["data"][0]
    assert (faint["z"], faint["customdata"]) == (whole["z"], whole["customdata"])
    assert (
        (faint["zmin"], faint["zmax"]) == (front["zmin"], front["zmax"]) == (frame["macs"].min(), frame["macs"].max())
    )
    cells = zip(chain(*front["customdata"]), chain(*front["z"]), strict=True)
    found = {int(number) for number, z in cells if z is not None}
    assert found == set(held)
    assert {number for number, words in enumerate(chain(*faint["text"])) if words}.isdisjoint(
        {number for one in inked for number, words in enumerate(chain(*one["text"])) if words}
    )
    assert front["hoverinfo"] == "skip"
    go.Figure(data=[faint, front])
    line = sweeping.line(one.frame(), "conv2.kernel_size", "macs", now=9, held=one.frame().index[1:2])["data"][0]
    assert line["marker"]["symbol"][:3] == ["diamond-open", "circle", "circle-open"]


def test_pictures_that_open_nothing_say_so(two):
    figure = sweeping.heat(two.frame(), KEYS, "macs", opens=())
    assert {cell for row in figure["data"][0]["customdata"] for cell in row} == {None}
    assert "click" not in str(figure)
    assert "click" not in str(sweeping.line(two.frame().head(3), KEYS[1], "macs", opens=()))


def test_parallel_lines_end_at_the_smallest_and_the_largest(two):
    frame = two.frame()
    held = two.where("fc1.in_features <= 100").index
    figure, _ = parallel.parallel(frame, [*KEYS, "parameters"], held)
    others, failing, front = figure["data"]
    assert len(front["x"]) == 4 * len(held)
    assert len(others["x"]) == 4 * (int(frame["runs"].sum()) - len(held))
    assert len(failing["x"]) == 4 * int((~frame["runs"]).sum())
    heights = [y for y in (*others["y"], *front["y"]) if y is not None]
    assert (min(heights), max(heights)) == (0, 1)
    assert {custom[0] for custom in front["customdata"]} == set(map(str, held))
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_what_does_not_run_ends_at_a_place_below_the_smallest(one):
    frame = one.frame()
    held = frame.index[2:5]  # 11 runs, 12 and 13 do not
    figure, note = parallel.parallel(frame, ["conv2.kernel_size", "parameters"], held)
    others, others_failing, failing, front = figure["data"]
    assert [len(lines["x"]) // 3 for lines in figure["data"]] == [2, 2, 2, 1]
    assert failing["y"] == [3 / 6, parallel.BELOW, None, 4 / 6, parallel.BELOW, None]
    assert min(y for y in (*others["y"], *front["y"]) if y is not None) == 0
    assert [custom[0] for custom in failing["customdata"]] == ["3"] * 3 + ["4"] * 3
    assert "pool2: kernel_size 2 is larger than its input's height of 1." in failing["hovertext"][0]
    assert (failing["line"]["color"], failing["line"]["dash"]) == (parallel.GREY, "dot")
    assert others_failing["line"] == {"color": parallel.FAINT, "width": 1.4, "dash": "dot"}
    assert note == "4 of 7 settings end at “does not run”: they have no number there."
    assert [text["text"] for text in figure["layout"]["annotations"]].count("does not run") == 1
    assert figure["layout"]["yaxis"]["range"] == [parallel.BELOW, 1]
    go.Figure(data=figure["data"], layout=figure["layout"])


def test_what_runs_without_a_number_is_not_said_to_fail(one):
    frame = one.frame()
    frame.loc[0, "receptive_field"] = float("nan")
    _, note = parallel.parallel(frame, ["conv2.kernel_size", "receptive_field"], frame.index)
    assert note == "5 of 7 settings have no number."


def test_names_of_neighbors_do_not_run_together_on_a_phone(one):
    """Six names of 17 bold letters of 13 pixels, about 8 each, where axes are 40 pixels apart."""
    columns = ["conv2.kernel_size", "parameters", "macs", "activation_bytes", "receptive_field", "fc1.in_features"]
    figure, _ = parallel.parallel(one.frame(), columns, one.frame().index, narrow=True)
    names = [text for text in figure["layout"]["annotations"] if text["text"].startswith("<b>")]
    lines = [text["yshift"] for text in names]
    assert all(40 * (other - place) >= 8 * 14 for place in range(6) for other in range(place + 1, 6)
               if lines[place] == lines[other])  # fmt: skip
    assert figure["layout"]["margin"]["b"] >= 24 - min(lines)


def test_names_stand_in_one_line_where_they_fit(one):
    def lines(columns, **more):
        figure, _ = parallel.parallel(one.frame(), columns, one.frame().index, **more)
        names = [text for text in figure["layout"]["annotations"] if text["text"].startswith("<b>")]
        return len({text["yshift"] for text in names}), figure["layout"]["margin"]["b"]

    short = ["conv2.kernel_size", "parameters", "macs", "activation_bytes", "receptive_field"]
    assert lines(short[:4]) == (1, 46)
    assert lines(short[:2], narrow=True)[0] == 1
    assert lines(short, narrow=True)[0] > 1


def test_words_and_switches_stand_one_above_the_other():
    frame = sweep(SEED, {"conv1.padding": ("same", 0, "valid"), "conv1.bias": (False, True)}).frame()
    figure, note = parallel.parallel(frame, ["conv1.padding", "conv1.bias", "macs"], frame.index)
    lines = figure["data"][-1]
    assert note == ""
    assert [y for x, y in zip(lines["x"], lines["y"], strict=True) if x == 0] == [0, 0, 0.5, 0.5, 1, 1]
    assert [y for x, y in zip(lines["x"], lines["y"], strict=True) if x == 1] == [0, 1] * 3
    told = {text["text"] for text in figure["layout"]["annotations"]}
    assert {"same", "0", "valid", "False", "True"} <= told
    assert "conv1.padding: same<br>conv1.bias: False<br>" in lines["hovertext"][0]


def test_a_map_of_words_and_switches():
    frame = sweep(SEED, {"conv1.padding": ("same", 0, "valid"), "conv1.bias": (False, True)}).frame()
    figure = sweeping.heat(frame, ("conv1.padding", "conv1.bias"), "macs", now=("0", True))
    assert figure["layout"]["xaxis"]["ticktext"] == ["same", "0", "valid"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["False", "True"]
    assert (figure["layout"]["shapes"][0]["x0"], figure["layout"]["shapes"][0]["y0"]) == (0.5, 0.5)


def test_few_values_have_a_mark_each_and_those_too_near_have_plotlys():
    frame = sweep(SEED, {"fc1.out_features": (16, 32, 64)}).frame()
    axis = sweeping.line(frame, "fc1.out_features", "macs")["layout"]["xaxis"]
    assert (axis["tickvals"], axis["ticktext"]) == ([16, 32, 64], ["16", "32", "64"])
    frame = sweep(SEED, {"fc1.out_features": (1, 2, 500)}).frame()
    assert "tickvals" not in sweeping.line(frame, "fc1.out_features", "macs")["layout"]["xaxis"]


def test_only_what_can_be_opened_answers_to_a_click(one):
    frame, opens = one.frame(), {1, 3}
    line, crosses = sweeping.line(frame, "conv2.kernel_size", "macs", opens=opens)["data"]
    lines = parallel.parallel(frame, ["conv2.kernel_size", "macs"], frame.index, opens=opens)[0]["data"]
    cells = sweeping.heat(frame.assign(one=1), ("conv2.kernel_size", "one"), "macs", opens=opens)["data"]
    for part in (line, crosses, *lines, *cells):
        assert {value for entry in part.get("customdata", []) for value in entry} <= {None, "1", "3"}
    assert ["click" in hover for hover in line["hovertext"]][:3] == [False, True, False]
    assert "click" in lines[-1]["hovertext"][3]
    assert "click" not in lines[-1]["hovertext"][0]


def test_of_many_settings_some_are_drawn_and_a_note_says_so():
    frame = sweep(SEED, {"conv1.out_channels": range(1, 61), "conv2.out_channels": range(1, 31)}).frame()
    figure, note = parallel.parallel(frame, ["parameters", "macs"], frame.index)
    assert note == "450 of 1,800 settings are drawn, evenly chosen."
    assert len(figure["data"][1]["x"]) == 3 * 450 <= 3 * limits.SWEEP_LINES.most


def test_cells_that_lines_would_cover_have_none_between_them():
    few = sweep(SEED, {"fc1.out_features": range(1, 61), "fc2.out_features": range(1, 41)}).frame()
    many = sweep(SEED, {"fc1.out_features": range(1, 62), "fc2.out_features": range(1, 42)}).frame()
    keys = ("fc1.out_features", "fc2.out_features")
    gaps = [[sweeping.heat(frame, keys, "macs")["data"][0][gap] for gap in ("xgap", "ygap")] for frame in (few, many)]
    assert gaps == [[1, 1], [0, 0]]


def test_a_value_under_the_hand_stands_where_people_say_it(one):
    frame = one.frame()
    told = [
        sweeping.line(frame, "conv2.kernel_size", name)["data"][0]["hovertext"][0]
        for name in ("macs", "fc1.in_features")
    ]
    assert "<br>211,320 MACs<br>" in told[0] or " MACs<br>" in told[0]
    assert "<br>fc1.in_features 48<br>" in told[1]


def test_an_axis_of_its_own_may_be_logarithmic_and_says_so(one):
    frame = one.frame()
    columns = ["conv2.kernel_size", "parameters"]
    plain, _ = parallel.parallel(frame, columns, frame.index)
    logged, _ = parallel.parallel(frame, columns, frame.index, logs=["conv2.kernel_size"])
    names = [[note["text"] for note in figure["layout"]["annotations"]] for figure in (plain, logged)]
    assert "<b>conv2.kernel_size</b>" in names[0]
    assert "<b>conv2.kernel_size (log)</b>" in names[1]
    assert "<b>parameters</b>" in names[1]
    second = [figure["data"][-1]["y"][3] for figure in (plain, logged)]
    assert second == pytest.approx([1 / 6, log10(10 / 9) / log10(15 / 9)])


def test_a_brush_is_marked_on_its_axis_and_ends_are_written_as_below_it(one):
    frame = one.frame()
    kept = {"conv2.kernel_size": (9, 11), "parameters": (frame["parameters"].min(),) * 2}
    columns = ["conv2.kernel_size", "parameters", "activation_bytes"]
    figure, _ = parallel.parallel(frame, columns, frame.index, kept=kept)
    marks = [shape for shape in figure["layout"]["shapes"] if shape["line"]["width"] == parallel.THICK]
    reach = [(mark["x0"], mark["y0"] + parallel.LEAST, mark["y1"] - parallel.LEAST) for mark in marks]
    low, high = frame["conv2.kernel_size"].min(), frame["conv2.kernel_size"].max()
    first = tuple((end - low) / (high - low) for end in (9, 11))
    assert reach == [(0, *map(pytest.approx, first)), (1, pytest.approx(0), pytest.approx(0))]
    told = [note["text"] for note in figure["layout"]["annotations"]]
    assert f"{frame['parameters'].max():,.0f}" in told
    assert any(words.startswith(f"{frame['activation_bytes'].max():,.0f} = ") for words in told)
    narrow, _ = parallel.parallel(frame, columns, frame.index, narrow=True, ends=short_end_text)
    assert f"{compact(frame['parameters'].max())}" in [note["text"] for note in narrow["layout"]["annotations"]]
