"""The Sweep page, run by Streamlit without a browser."""

import json
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.assignment import assigned, encode_assignment
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.sweep import SweepError
from layerscope.ui.lab import sweep as page
from layerscope.ui.lab import sweep_fitting, sweep_run
from layerscope.ui.lab.brushing import HOW
from layerscope.ui.lab.sweep_spans import Listed, Span, menu, present, spans, titled
from layerscope.ui.lab.sweep_view import View, read
from tests.drawn import stages
from tests.large import large_last
from tests.test_pages import at_page, page_words, press, rerun, session

SEED = PRESETS[DEFAULT]
TWO = {"first": "conv1.kernel_size:1:11:1", "second": "conv2.kernel_size:1:13:1"}


def figures(app: AppTest) -> dict[str, Any]:
    return {figure["key"]: figure for data in stages(app) for figure in data.get("figures", [])}


def table(app: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = next(data["tables"][0] for data in stages(app) if "tables" in data)
    return found


def words(app: AppTest) -> dict[str, str]:
    """The page's own words in the address."""
    return {name: "".join(word) for name, word in app.query_params.items()}


def test_it_begins_with_the_first_kernel_and_says_what_it_found():
    app = at_page("sweep")
    assert "All 11 networks run. fc1.in_features ranges from 48 (conv1.kernel_size 10) to 300" in page_words(app)
    assert list(figures(app)) == ["sweep-fc1.in_features", "sweep-parameters", "sweep-macs", "sweep-parallel"]
    line = figures(app)["sweep-parameters"]["data"][0]
    assert line["y"][4] == 32_998
    assert line["marker"]["symbol"][4] == "diamond"  # the open network
    assert table(app)["rows"][0]["cells"][:2] == ["10", "48"]


def test_what_does_not_run_is_marked_with_its_reason():
    app = at_page("sweep", first="conv2.kernel_size:1:15:1")
    figure = figures(app)["sweep-parameters"]
    assert figure["layout"]["shapes"][0]["x0"] == 11.5
    assert "pool2: kernel_size 2 is larger than its input's height of 1." in figure["data"][1]["hovertext"][0]
    assert "4 settings do not run: " in page_words(app)
    assert table(app)["rows"][-1]["cells"][-1].startswith("conv2: kernel_size 15 is larger")


def test_two_parameters_make_a_map():
    app = at_page("sweep", None, **TWO, log="on")
    figure = figures(app)["sweep-parameters"]
    assert (len(figure["data"][0]["z"]), len(figure["data"][0]["z"][0])) == (13, 11)
    assert figure["data"][0]["customdata"][4][4] == str(4 * 13 + 4)
    assert len(figure["layout"]["shapes"]) == 2  # a light frame and a dark one
    assert len(figure["data"][-1]["x"]) == 30


def test_the_address_holds_the_whole_view_and_each_question_writes_it():
    app = at_page("sweep")
    app.selectbox(key="sweep.second").set_value("conv2.kernel_size")
    rerun(app)
    assert words(app)["second"] == "conv2.kernel_size:1:11:1"
    app.number_input(key="sweep.first.high").set_value(7)
    rerun(app)
    assert words(app)["first"] == "conv1.kernel_size:1:7:1"
    app.multiselect(key="sweep.see").set_value(["macs", "receptive_field"])
    rerun(app)
    app.toggle(key="sweep.log").set_value(True)
    rerun(app)
    app.selectbox(key="sweep.best").set_value("-receptive_field")
    rerun(app)
    app.text_input(key="sweep.where").set_value("macs <= 200_000")
    rerun(app)
    app.slider(key="sweep.brush.conv1.kernel_size").set_range(2, 5)
    rerun(app)
    said = words(app)
    there = at_page("sweep", None, **said)
    assert words(there) == said
    assert [f["key"] for f in figures(there).values()][:2] == ["sweep-macs", "sweep-receptive_field"]
    assert there.text_input(key="sweep.where").value == "macs <= 200_000"
    assert table(there) == table(app)
    assert {row["cells"][0] for row in table(there)["rows"]} <= {"2", "3", "4", "5"}
    undoing = ("sweep.unbrush", "sweep.nobrush")
    assert not any(there.button(key=key).disabled for key in undoing)
    press(there, "Undo the last brush")
    assert "brush" not in words(there)
    assert all(there.button(key=key).disabled for key in undoing), "their row keeps its place"
    app.selectbox(key="sweep.second").set_value("nothing else")
    rerun(app)
    assert "second" not in words(app)


def test_a_second_parameter_takes_nothing_out_of_sight():
    one, two = at_page("sweep"), at_page("sweep", None, **TWO)
    assert one.multiselect(key="sweep.see").value == two.multiselect(key="sweep.see").value
    assert "macs" in two.multiselect(key="sweep.see").value


def test_the_inverse_question_and_its_examples():
    app = at_page("sweep", None, **TWO, where="fc1.in_features <= 200 and parameters <= 50_000")
    assert "88 of the 113 working settings meet this condition. Fewest parameters: 13,576" in page_words(app)
    assert table(app)["caption"].endswith("The first 25 of 88 rows are shown.")
    assert len(table(app)["rows"]) == limits.SWEEP_TABLE.most
    press(app, "not runs")
    assert words(app)["where"] == "not runs"
    assert len(table(app)["columns"]) == 6
    press(app, "Show all settings")
    assert "where" not in words(app)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("fc1.in_feature <= 3", "Did you mean"),
        ("parameters <", "incomplete"),
        ("__import__('os')", "no value called"),
    ],
)
def test_a_condition_that_is_none_gets_a_sentence_and_the_pictures_stay(where, said):
    app = at_page("sweep", where=where)
    assert said in app.error[0].value
    assert figures(app)
    assert "Until it can be used, the page shows the settings without a condition." in app.error[0].value
    assert len(table(app)["rows"]) == 11
    assert "Export" in [popover.proto.popover.label for popover in app.get("popover")]


def test_a_wrong_condition_leaves_what_the_last_good_one_left():
    app = at_page("sweep", None, **TWO, where="macs <= 100_000")
    before = table(app), figures(app), page_words(app)
    app.text_input(key="sweep.where").set_value("macs <= 100_000 and parametres < 3")
    rerun(app)
    assert words(app)["where"] == "macs <= 100_000 and parametres < 3"
    assert "Did you mean parameters?" in app.error[0].value
    assert "the page shows the settings that meet macs <= 100_000." in app.error[0].value.replace("\\", "")
    assert (table(app), figures(app)) == before[:2]
    assert "settings meet this condition. Fewest parameters" in page_words(app)
    app.text_input(key="sweep.where").set_value("macs <= 50_000")
    rerun(app)
    assert not app.error
    assert table(app) != before[0]


@pytest.mark.parametrize("name", large_last(["unet", "resnet18", "densenet121", "vit_b_16", DEFAULT]))
def test_a_sweep_begins_with_what_mostly_runs_and_an_example_of_its_own(name):
    app = at_page("sweep", PRESETS[name])
    result = sweep_run.known(PRESETS[name], read(PRESETS[name], {}).grid)
    assert result is not None
    assert result.frame()["runs"].mean() > 0.5
    placeholder = app.text_input(key="sweep.where").placeholder
    assert len(result.where(placeholder))


def test_one_network_runs():
    said = page_words(at_page("sweep", PRESETS["unet"], first="encoder1.conv1.kernel_size:1:11:1"))
    assert "1 of 11 networks runs." in said


def test_the_question_is_asked_once():
    said = page_words(at_page("sweep"))
    app = at_page("sweep")
    labels = [box.label for box in app.text_input]
    assert sum("Which settings" in text for text in (*labels, *[head.value for head in app.subheader])) == 1
    assert said.count("Which settings") <= 1


def test_numbers_as_people_write_them_are_shown_as_they_are_read():
    app = at_page("sweep", None, **TWO)
    app.text_input(key="sweep.where").set_value("MACs < 0.2M and parameters <= 50k")
    press(app, "Use this condition")
    assert not app.error
    assert app.text_input(key="sweep.where").value == "MACs < 200_000 and parameters <= 50_000"
    shown = figures(app)["sweep-parameters"]
    assert "faint: does not meet the condition" in shown["note"]
    faint, held = shown["data"][:2]
    frame = sweep_run.made(SEED, read(SEED, TWO).grid).where("macs < 200_000 and parameters <= 50_000")
    assert sum(z is not None for row in held["z"] for z in row) == len(frame)
    assert faint["opacity"] < 1


def test_what_is_drawn_at_first_is_no_copy_of_what_is_swept():
    resnet = PRESETS["resnet18"]
    keys = [f"layer4.0.{name}.out_channels:8:32:8" for name in ("conv1", "conv2")]
    app = at_page("sweep", resnet, first=keys[0], second=keys[1])
    assert [key for key in figures(app) if key != "sweep-parallel"] == ["sweep-parameters", "sweep-macs"]


def test_the_menu_begins_with_all_rows_of_a_type():
    listed = [titled(key) for key in menu(PRESETS["resnet18"])]
    together = [key.startswith("All ") for key in listed]
    assert together == sorted(together, reverse=True)
    assert sum(together) > 3
    assert set(menu(SEED)) == set(spans(SEED))


def test_a_canceled_sweep_says_so_once():
    app = at_page("sweep", first="conv1.out_channels:1:69:1", second="conv2.out_channels:1:70:1")
    app.session_state[page.CANCELLED] = True  # what the button does
    assert "You canceled the sweep" in page_words(rerun(app))
    assert "You canceled the sweep" not in page_words(rerun(app))
    assert "This may take up to 2 seconds." in page_words(app)


def test_a_condition_that_nothing_meets_says_so():
    app = at_page("sweep", where="parameters < 3")
    assert "None of the 11 working settings meets this condition." in page_words(app)


def test_a_row_is_opened_in_explore_as_a_change_of_the_open_network():
    app = at_page("sweep")
    app.session_state[page.OPENING] = 2
    rerun(app)
    assert session(app).network == SEED.with_argument("conv1", "kernel_size", 3)
    assert session(app).before == SEED
    assert next(one for one in app.get("bidi_component") if "layerscope.stage" in one.proto.component_name)
    assert words(app)["net"] == encode(session(app).network)


def test_events_of_pictures_and_table():
    app = at_page("sweep")
    row = table(app)["rows"][0]
    assert row["opens"].isdecimal()
    assert figures(app)["sweep-macs"]["data"][0]["customdata"][3] == ["3"]


def test_a_large_sweep_says_what_it_costs_and_waits_for_the_button():
    app = at_page("sweep", first="conv1.out_channels:1:70:1", second="conv2.out_channels:1:70:1")
    assert "This sweep has 4,900 networks." in page_words(app)
    assert not figures(app)
    press(app, "Sweep 4,900 networks")
    assert "All 4,900 networks run." in page_words(app)
    assert figures(app)["sweep-parallel"]["note"].startswith("490 of 4,900 settings are drawn")
    assert limits.SWEEP_LINES.most == 500


def test_one_large_sweep_at_a_time():
    assert sweep_run._large.acquire(blocking=False)
    try:
        app = at_page("sweep", first="conv1.out_channels:1:71:1", second="conv2.out_channels:1:70:1")
        press(app, "Sweep 4,970 networks")
        assert "Another large sweep is running" in app.error[0].value
    finally:
        sweep_run._large.release()


def test_too_large_a_sweep_is_refused_with_a_sentence():
    app = at_page("sweep", first="conv1.out_channels:1:300:1", second="conv2.out_channels:1:70:1")
    assert "This sweep has 21,000 networks; the limit is 10,000." in app.error[0].value


@pytest.mark.parametrize("name", ["resnet18", "lstm-classifier", "unet", "vit_b_16", "decoder"])
def test_other_networks_have_something_to_sweep(name):
    app = at_page("sweep", PRESETS[name])
    assert not app.error
    assert figures(app)


@pytest.mark.parametrize(
    "address",
    [
        {"first": "nothing.at_all:1:3:1"}, {"first": "conv1.kernel_size:5:1:1"}, {"first": "conv1.kernel_size:1:3:0"},
        {"first": "x" * 500}, {"second": "conv1.kernel_size:1:3:1"}, {"see": "a,b,reason,runs"}, {"best": "reason"},
        {"brush": "parameters:5:1;reason:1:2;x"}, {"log": "perhaps"}, {"where": "x" * 400}, {"where": "\x00"},
        {"first": "conv1.kernel_size:90:99:1"}, {"first": "conv1.kernel_size:-5:0:1"},
    ],
)  # fmt: skip
def test_any_address_gives_a_page(address):
    at_page("sweep", None, **address)


def test_files():
    result = sweep_run.made(SEED, {"conv1.kernel_size": range(1, 12), "conv2.kernel_size": range(1, 14)})
    view = View(Span("conv1.kernel_size", 1, 11))
    rows = result.frame()
    assert page._whole_file(rows, "csv").splitlines()[0].startswith("conv1.kernel_size,conv2.kernel_size,runs,")
    assert len(page._whole_file(rows, "csv").splitlines()) == 144
    assert ",macs," in page._whole_file(rows, "csv").splitlines()[0], "a program's name"
    assert "MACs" in page._file(result, View(view.first, best="macs"), rows, "md").splitlines()[0], "people's name"
    assert "32,998 |" in page._file(result, view, rows, "md")
    assert r"conv1.kernel\_size" in page._file(result, view, rows, "tex")


def columns(text: str, ending: str) -> list[str]:
    """The columns of a file."""
    if ending == "tex":
        line = next(line for line in text.splitlines() if "&" in line)
        return [name.strip().replace("\\_", "_") for name in line.rstrip("\\ ").split("&")]
    first = text.splitlines()[0]
    return first.split(",") if ending == "csv" else [name.strip() for name in first.strip("|").split("|")]


@pytest.mark.parametrize("where", ["", "conv2.kernel_size < 13", "fc1.in_features < 100"])
def test_every_form_of_a_table_has_the_same_columns_and_the_settings_that_fit(where):
    result = sweep_run.made(SEED, {"conv1.kernel_size": range(1, 12), "conv2.kernel_size": range(1, 14)})
    view = View(Span("conv1.kernel_size", 1, 11), where=where)
    rows = sweep_fitting.held(result, view)
    shown = [columns(page._file(result, view, rows, ending), ending) for ending in ("csv", "md", "tex")]
    assert shown[0] == shown[1] == shown[2]
    every = [columns(page._whole_file(rows, ending), ending) for ending in ("csv", "md", "tex")]
    assert every[0] == every[1] == every[2] == list(rows.columns)
    assert len(page._file(result, view, rows, "csv").splitlines()) == 1 + len(rows)
    assert len(page._file(result, view, rows, "md").splitlines()) == 2 + len(rows)
    assert len(page._whole_file(rows, "md").splitlines()) == 2 + len(rows)


def test_the_menu_says_what_its_files_hold():
    app = at_page("sweep", first="conv1.kernel_size:1:11:1", where="fc1.in_features <= 100")
    result = sweep_run.known(SEED, {"conv1.kernel_size": range(1, 12)})
    assert result is not None
    count = len(result.where("fc1.in_features <= 100"))
    told = [one.value for one in app.caption]
    assert f"The {count} of 11 settings that fit, best first." in told
    assert "It needs only PyTorch, and builds and runs each network. It prints the settings that fit." in told
    said = " ".join(one.value for one in app.markdown)
    assert f"**All {len(result.frame().columns)} columns** as" in said
    app = at_page("sweep", first="conv1.kernel_size:1:11:1")
    assert "All 11 settings, best first." in [one.value for one in app.caption]
    app = at_page("sweep", first="conv1.kernel_size:1:11:1", where="receptive_field > 3")
    told = [one.value for one in app.caption]
    assert any(
        "It prints all" not in one and "prints all settings, as it has no receptive_field" in one for one in told
    )


def test_the_script_keeps_what_the_page_keeps():
    result = sweep_run.made(SEED, {"conv1.padding": ("same", 0, 1), "conv2.kernel_size": range(1, 14)})
    view = View(
        Span("conv2.kernel_size", 1, 13),
        where="parameters < 50k",
        brushes={"conv1.padding": (0, 1), "conv2.kernel_size": (2, 9)},
    )
    assert sweep_fitting.spans(result, view) == {"conv1.padding": ("same", "0"), "conv2.kernel_size": (2, 9)}
    code, _ = page._script(result, view)
    assert "parameters < 50k" in code
    assert "2 <= of('conv2.kernel_size') <= 9" in code


def test_long_tables_are_cut_in_documents_and_whole_as_csv():
    rows = sweep_run.made(SEED, grid := {"conv1.out_channels": range(1, 41), "conv2.out_channels": range(1, 31)})
    view, frame = View(Span("conv1.out_channels", 1, 40)), rows.frame()
    assert len(page._whole_file(frame, "csv").splitlines()) == len(page._file(rows, view, frame, "csv").splitlines())
    assert len(page._whole_file(frame, "csv").splitlines()) == 1 + 1_200
    assert len(page._file(rows, view, frame, "md").splitlines()) == 2 + limits.SWEEP_FILE.most
    assert sweep_run.rows_of(SEED, grid) < limits.SWEEP_AT_ONCE.most


def test_few_sweeps_are_kept_the_newest():
    for last in range(2, limits.SWEEPS_KEPT.most + 6):
        sweep_run.known(SEED, {"conv1.kernel_size": range(1, last)})
    assert len(sweep_run._kept) == limits.SWEEPS_KEPT.most
    assert sweep_run._key(SEED, {"conv1.kernel_size": range(1, 2)}) not in sweep_run._kept


def test_a_brush_too_many_is_left_out():
    words = ";".join(f"name{n}:1:2" for n in range(20))
    assert len(read(SEED, {"brush": words}).brushes) == limits.SWEEP_BRUSHES.most


def test_what_can_be_swept_begins_with_kernels_and_has_the_present_value():
    for name in PRESETS:
        network = PRESETS[name]
        for key, span in spans(network).items():
            assert 1 <= len(span.values) <= 33, (name, key)
            now = present(network, key)
            is_beside = isinstance(span, Span) and type(now) is int and not span.low <= now <= span.high
            is_word = isinstance(span, Span) and isinstance(now, str)  # padding="same"
            assert now is None or now in span.values or is_beside or is_word, (name, key)
    assert next(iter(spans(SEED))) == "conv1.kernel_size"


def test_a_view_comes_back_from_its_words():
    view = View(
        Span("conv1.kernel_size", 1, 5, 2), Span("input.height", 20, 40), ("macs",), log=True, where="runs",
        best="-macs",
        brushes={"macs": (1, 5), "conv1.kernel_size": (1, 3)},
    )  # fmt: skip
    assert read(SEED, view.words()) == view
    assert list(read(SEED, view.words()).brushes) == ["macs", "conv1.kernel_size"]


def test_pictures_of_frames_without_a_network_that_runs():
    app = at_page("sweep", first="conv1.kernel_size:90:99:1")
    assert "None of 10 networks runs." in page_words(app)
    assert isinstance(pd.DataFrame(table(app)["rows"]), pd.DataFrame)


def test_lists_come_back_from_their_words():
    view = View(Listed("conv1.bias", "False, True"), Listed("conv1.padding", "same, 0, 2"))
    assert view.words()["second"] == "conv1.padding=same, 0, 2"
    assert read(SEED, view.words()) == view
    assert view.grid == {"conv1.bias": (False, True), "conv1.padding": ("same", 0, 2)}
    assert Listed("fc1.out_features", "64, 16, 32").values == (16, 32, 64)
    assert Listed("dropout.p", "0.1 to 0.5 step 0.2").values == (0.1, 0.3, 0.5)
    with pytest.raises(SweepError, match="has a value twice"):
        _ = Listed("conv1.bias", "True, True").values


def test_every_kind_of_parameter_is_offered():
    keys = spans(SEED)
    assert keys["conv1.bias"] == Listed("conv1.bias", "False, True")
    assert keys["pool1.ceil_mode"] == Listed("pool1.ceil_mode", "False, True")
    assert keys["conv1.padding_mode"].values == ("zeros", "reflect", "replicate", "circular")
    assert spans(PRESETS["lstm-classifier"])["lstm.bidirectional"].values == (False, True)
    drops = {key: span for key, span in spans(PRESETS["alexnet"]).items() if key.endswith(".p")}
    assert drops
    assert all(0.5 in span.values and span.values[0] == 0 for span in drops.values())
    assert present(SEED, "conv1.bias") is True
    assert present(SEED, "Conv2d.padding_mode") == "zeros"


def test_a_switch_is_swept_and_its_values_are_words_everywhere():
    app = at_page("sweep")
    app.selectbox(key="sweep.first").set_value("pool2.ceil_mode")
    rerun(app)
    assert words(app)["first"] == "pool2.ceil_mode=False, True"
    assert not [toggle for toggle in app.toggle if toggle.key == "sweep.first.list"]
    assert not app.number_input
    shown = figures(app)["sweep-parameters"]
    assert shown["data"][0]["marker"]["symbol"] == ["diamond", "circle"]
    assert shown["layout"]["xaxis"]["ticktext"] == ["False", "True"]
    assert {row["cells"][0] for row in table(app)["rows"]} == {"True", "False"}


def test_a_condition_on_words_is_offered_and_typed_as_a_phone_types_it():
    app = at_page("sweep", first="conv1.padding_mode=zeros, reflect, circular", second="conv1.bias=False, True")
    offered = {button.label for button in app.button}
    assert {'conv1.padding_mode == "zeros"', "conv1.bias == False"} <= {label.replace("\\", "") for label in offered}
    app.text_input(key="sweep.where").set_value("conv1.padding_mode != “zeros” and conv1.bias == True")
    rerun(app)
    assert words(app)["where"] == 'conv1.padding_mode != "zeros" and conv1.bias == True'
    assert "2 of the 6 working settings meet this condition." in page_words(app)
    assert {tuple(row["cells"][:2]) for row in table(app)["rows"]} == {("reflect", "True"), ("circular", "True")}
    app.text_input(key="sweep.where").set_value("conv1.padding_mode == zeros")
    rerun(app)
    assert 'Words need quotes: write "zeros".' in app.error[0].value.replace("\\", "")


def test_a_list_is_typed_beside_from_and_to():
    app = at_page("sweep", first="conv1.padding:0:2:1", second="conv2.bias=False, True")
    app.toggle(key="sweep.first.list").set_value(True)
    rerun(app)
    assert app.text_input(key="sweep.first.values").value == "0, 1, 2"
    app.text_input(key="sweep.first.values").set_value("same, valid, 0")
    rerun(app)
    assert words(app)["first"] == "conv1.padding=same, valid, 0"
    heat = figures(app)["sweep-parameters"]
    assert heat["layout"]["xaxis"]["ticktext"] == ["same", "valid", "0"]
    assert "□ the open network" in heat["note"]
    assert len(heat["layout"]["shapes"]) == 2
    slider = next(one for one in app.select_slider if str(one.key).endswith("conv1.padding"))
    slider.set_range("same", "valid")
    rerun(app)
    assert words(app)["brush"] == "conv1.padding:0:1"
    assert {row["cells"][0] for row in table(app)["rows"]} == {"same", "valid"}
    assert table(at_page("sweep", None, **words(app))) == table(app)
    app.toggle(key="sweep.first.list").set_value(False)
    rerun(app)
    assert words(app)["first"] == "conv1.padding:0:5:1"


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "has no values"), ("3, 3", "has a value twice"), ("3; 4", "is not a value"), ("0.1 to 1", "one by one")],
)
def test_a_list_that_cannot_be_read_gets_a_sentence(text, said):
    app = at_page("sweep", first=f"conv1.kernel_size={text}")
    assert said in app.error[0].value
    assert app.text_input(key="sweep.first.values").value == text


def test_values_that_python_takes_for_equal_are_swept_apart():
    switches, numbers = ({"conv1.bias": values} for values in ((False, True), (0, 1)))
    assert sweep_run.at_once(SEED, switches).frame()["runs"].all()
    assert not sweep_run.at_once(SEED, numbers).frame()["runs"].any()


FAILING = "conv2.kernel_size:1:15:1"


def test_parallel_lines_show_what_does_not_run():
    shown = figures(at_page("sweep", first=FAILING))["sweep-parallel"]
    assert shown["note"] == f"4 of 15 settings end at “does not run”: they have no number there. {HOW}"
    assert [len(lines["y"]) // 5 for lines in shown["data"]] == [0, 4, 11]


def test_a_brush_on_a_parameter_keeps_what_does_not_run_and_says_how_many():
    app = at_page("sweep", first=FAILING, brush="conv2.kernel_size:10:13")
    assert [row["cells"][0] for row in table(app)["rows"]] == ["10", "11", "12", "13"]
    assert "2 of the 11 working settings are within the brushes." in page_words(app)
    assert "2 settings that do not run are in the table." in page_words(app)
    assert "leaves them out" not in page_words(app)


def test_a_brush_on_a_number_says_how_many_have_none():
    app = at_page("sweep", first=FAILING, brush="parameters:0:999999")
    assert len(table(app)["rows"]) == 11
    assert "4 settings have no parameters, so this brush leaves them out." in page_words(app)


def test_a_brush_over_the_whole_axis_is_none():
    app = at_page("sweep", first=FAILING, brush="parameters:0:30000")
    slider = app.slider(key="sweep.brush.parameters")
    slider.set_range(slider.min, slider.max)
    rerun(app)
    assert "brush" not in words(app)
    assert len(table(app)["rows"]) == 15


# --- with a teacher's link --------------------------------------------------------------------------------------------


def of_class(**query: str) -> AppTest:
    locked = assigned(SEED, rest="locked", free=("conv1.kernel_size",))
    return at_page("sweep", None, **{"class": encode_assignment(locked), **query})


def test_what_is_free_opens():
    app = of_class()
    assert "Locked by your teacher" not in page_words(app)
    assert all(row["opens"] for row in table(app)["rows"])
    assert "click to open" in figures(app)["sweep-macs"]["note"]


def test_what_is_locked_is_not_offered():
    app = of_class(first="conv2.out_channels:2:40:2")
    assert "Locked by your teacher: only 1 of 20 settings opens in Explore." in page_words(app)
    assert [row["cells"][0] for row in table(app)["rows"] if row["opens"]] == ["12"]
    line = figures(app)["sweep-macs"]["data"][0]
    assert [custom for custom in line["customdata"] if custom != [None]] == [["5"]]
    assert [n for n, hover in enumerate(line["hovertext"]) if "click" in hover] == [5]
    app = of_class(first="conv2.out_channels:20:40:2", second="conv1.kernel_size:1:5:1")
    assert "Locked by your teacher: none of these settings opens in Explore." in page_words(app)
    assert "click" not in json.dumps(stages(app))
    assert not [row for row in table(app)["rows"] if row["opens"]]


def test_values_that_no_network_has_are_not_offered():
    app = at_page("sweep", first="input.height:0:40:20")
    assert [row["opens"] for row in table(app)["rows"] if row["cells"][0] == "0"] == [None]


def test_a_browser_that_missed_what_was_set_changes_no_range():
    app = at_page("sweep", SEED)
    before = dict(app.query_params)
    low = next(box for box in app.number_input if box.label == "From")
    shown = low.value
    assert isinstance(shown, int)
    low.set_value(None)
    rerun(app)
    assert next(box for box in app.number_input if box.label == "From").value == shown
    assert dict(app.query_params) == before
