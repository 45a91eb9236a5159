"""The page Compare, run by Streamlit without a browser."""

import re
from random import Random
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.assignment import assigned, encode_assignment
from layerscope.contrast import Contrast
from layerscope.formatting import bytes_text
from layerscope.layers.activation import ReLU
from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.compare import compare
from layerscope.study.memory import training_memory
from layerscope.tables import FORMATS, comparison, differences
from layerscope.tracing import trace
from layerscope.ui.lab import pinning, trained_as
from layerscope.ui.lab.compare import TOO_LONG
from layerscope.ui.lab.compare_parts import ROWS, counterpart, stage_data
from layerscope.ui.session import Session
from tests.drawn import handed, stages
from tests.test_pages import at_page, moved, opened, page_words, rerun, session, stage, total
from tests.test_sweep_page import words
from tests.ui.contract import check_stage

SEED, LENET, RESNET = PRESETS[DEFAULT], PRESETS["lenet5"], PRESETS["resnet18"]
SMALLER = SEED.with_argument("conv2", "kernel_size", 3)


def put(app: AppTest) -> dict[str, Any]:
    """What the browser's address is told to hold beside B."""
    return next(iter(handed(app, "address_put")), {})


def test_at_first_a_is_the_network_that_b_began_as():
    app = opened()
    session(app).commit(SMALLER)
    app = moved(app, "compare")
    assert "<b>A</b>: Fashion-MNIST CNN (default): 12 layers" in page_words(app)
    assert total(app) == "44,806"
    assert stage(app)["message"]["title"].startswith("B has 44,806 parameters, 1.4 times A's;")
    assert put(app) == {"a": encode(SEED)}


def test_one_link_holds_both():
    app = at_page("compare", a=encode(LENET), net=encode(RESNET))
    assert session(app).network == RESNET
    assert "<b>A</b>: LeNet-5: 12 layers" in page_words(app)
    assert put(app) == {}
    tile = next(tile for tile in stage(app)["totals"] if tile["key"] == "parameters")
    assert (tile["value"], tile["change"]) == ("11,689,512", "190× A (61,706)")


def test_a_damaged_a_is_a_sentence_and_the_rest_works():
    app = at_page("compare", a="1x28x28~Nothing.3")
    assert "The link names no network A" in app.error[0].value
    assert total(app) == "32,998"


def test_pinned_in_explore_and_b_changed_there():
    app = opened()
    button(app, "Pin as network A").click()
    rerun(app)
    session(app).begin_with(LENET)
    app = moved(app, "compare")
    assert "<b>A</b>: Fashion-MNIST CNN" in page_words(app)
    assert total(app) == "61,706"


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


def test_pin_swap_and_choose_another_a():
    app = at_page("compare", SMALLER)
    button(app, "Pin B as A").click()
    rerun(app)
    assert stage(app)["message"]["title"] == "A and B are the same network."
    assert app.query_params["a"] in (encode(SMALLER), [encode(SMALLER)])
    app.selectbox(key="compare.a.preset").set_value("resnet18")
    rerun(app)
    assert "<b>A</b>: ResNet-18" in page_words(app)
    button(app, "Swap A and B").click()
    rerun(app)
    assert session(app).network == RESNET
    assert total(app) == "11,689,512"
    assert app.query_params["a"] in (encode(SMALLER), [encode(SMALLER)])


def test_a_stays_when_another_b_is_chosen_and_both_boxes_close():
    app = at_page("compare")
    for key, name in (("lab", "lenet5"), ("compare.a", "resnet18"), ("lab", "fashion-mnist-cnn")):
        # A box that was used once is another one.
        next(box for box in app.selectbox if str(box.key).startswith(f"{key}.preset")).set_value(name)
        rerun(app)
        assert app.session_state[f"{key}.box"] is False
        if key == "lab":
            assert session(app).network == PRESETS[name]
        a = "ResNet-18" if name == "fashion-mnist-cnn" or key == "compare.a" else "Fashion-MNIST CNN"
        assert f"<b>A</b>: {a}" in page_words(app)
    words = page_words(app)
    assert words.index("<b>A</b>") < words.index("<b>B</b>: Fashion-MNIST CNN")


def test_only_totals_that_differ_are_marked():
    here = Session(network=SMALLER)
    same = stage_data(compare(SMALLER, SMALLER), here, "all")["totals"]
    assert {tile["change"] for tile in same} == {"same as A"}
    assert not any(tile["is_marked"] for tile in same)
    other = {tile["key"]: tile["is_marked"] for tile in stage_data(compare(SEED, SMALLER), here, "all")["totals"]}
    assert other["parameters"]
    assert not other["layers"]


def test_both_meanings_of_activations_have_a_number_and_training_is_that_of_the_memory_page():
    def tiles(app: AppTest) -> dict[str, dict[str, Any]]:
        return {tile["key"]: tile for tile in stage(app)["totals"]}

    app = at_page("compare", SMALLER, a=encode(SEED))
    found = tiles(app)
    assert found["activation_bytes"]["label"] == "activations of B per sample"
    assert found["activation_bytes"]["value"] == bytes_text(trace(SMALLER).activation_bytes)
    assert found["training_memory"]["label"] == "to train B (batch 64, Adam)"
    assert found["training_memory"]["value"] == bytes_text(training_memory(SMALLER).peak)
    app = moved(app, "memory", batch="512", optimizer="SGD")
    app = moved(app, "compare", a=encode(SEED), net=encode(SMALLER))
    found = tiles(app)
    assert found["training_memory"]["label"] == "to train B (batch 512, SGD)"
    assert found["training_memory"]["value"] == bytes_text(training_memory(SMALLER, 512, "SGD").peak)


def test_a_link_holds_how_both_are_trained():
    app = at_page("memory", batch="512", optimizer="SGD", precision="autocast")
    for word in trained_as.WORDS:  # as a click on another page does
        del app.query_params[word]
    app = moved(app, "compare", a=encode(SEED), net=encode(SMALLER))
    assert put(app) == {"batch": "512", "optimizer": "SGD", "precision": "autocast"}
    other = at_page("compare", SMALLER, a=encode(SEED), **put(app))
    assert put(other) == {}
    tiles = {tile["key"]: tile for tile in stage(other)["totals"]}
    assert tiles["training_memory"]["label"] == "to train B (batch 512, SGD, autocast)"
    assert tiles["training_memory"]["value"] == bytes_text(training_memory(SMALLER, 512, "SGD", "autocast").peak)
    session(other).commit(SEED)  # a slider: the address of B is written anew
    assert words(rerun(other))["optimizer"] == "SGD"


def test_every_number_of_b_is_told_as_so_many_times_as_or_by_how_much_it_differs():
    near = SEED.with_argument("conv1", "kernel_size", 3)
    told = {
        tile["key"]: tile["change"] for tile in stage_data(compare(SEED, near), Session(network=near), "all")["totals"]
    }
    assert told["parameters"] == "−96 vs A (32,998)"
    assert "96 fewer than A" in compare(SEED, near).sentences[0]
    far = {
        tile["key"]: tile["change"]
        for tile in stage_data(compare(RESNET, SEED), Session(network=SEED), "all")["totals"]
    }
    assert far["parameters"] == "350× fewer than A (11,689,512)"
    assert pytest.approx(350, rel=0.02) == 11_689_512 / 32_998
    assert far["training_memory"].split(" (")[0].endswith("× less than A")
    assert "32,998 parameters, 350 times fewer than A" in compare(RESNET, SEED).sentences[0]
    for b in (near, SMALLER, PRESETS["lenet5"], PRESETS["resnet18"], SEED):
        for tile in stage_data(compare(SEED, b), Session(network=b), "all")["totals"]:
            ratio, number = r"[\d.,]+× (A|(fewer|less|smaller) than A)", r"[\d.,kMG]+( .?i?B)?"
            assert re.fullmatch(rf"same as A|({ratio}|[+−][\d.,]+( .?i?B)? vs A) \({number}\)", tile["change"])


def test_torch_is_asked_once_the_page_is_drawn_and_never_while_a_slider_moves():
    text = PRESETS["lstm-classifier"]
    app = at_page("compare", a=encode(SEED), net=encode(text))
    tile = next(tile for tile in stage(app)["totals"] if tile["key"] == "training_memory")
    assert tile["value"] == bytes_text(training_memory(text).peak)
    here = session(app)
    here.preview(text.with_argument("lstm", "hidden_size", 250))
    assert here.gesture is not None
    rerun(app)
    tile = next(tile for tile in stage(app)["totals"] if tile["key"] == "training_memory")
    assert tile["value"] == "…"
    assert tile["change"] == ""


def test_a_can_be_pasted():
    app = at_page("compare")
    app.text_area(key="compare.a.text").set_value(f"http://127.0.0.1:8501/?net={encode(LENET)}")
    app.button(key="compare.a.go").click()
    rerun(app)
    assert "<b>A</b>: LeNet-5" in page_words(app)


def test_two_networks_too_long_for_a_link_are_compared_all_the_same():
    rng = Random(1)
    words = ("".join(rng.choices("abcdefghij", k=20)) for _ in range(500))
    long = Network((4, 8, 8), tuple(ReLU(name=word) for word in words))
    assert len(encode(long)) * 2 > limits.LINK.most
    app = opened()
    session(app).network = session(app).beginning = long
    app = moved(app, "compare")
    assert [one.value for one in app.caption] == [TOO_LONG]
    assert total(app) == "0"


def test_two_resnets_fit_into_a_link():
    assert pinning.word_for(RESNET, PRESETS["resnet101"])
    assert pinning.word_for(PRESETS["densenet121"], PRESETS["resnet101"])


def test_a_click_in_the_picture_of_a_selects_what_corresponds_in_b():
    assert counterpart("conv2", compare(LENET, RESNET).contrast) == "layer1.0.conv2"
    assert counterpart("layer1.0", compare(LENET, RESNET).contrast) == "layer1.0"


def test_a_teachers_locks_hold():
    link = encode_assignment(assigned(SEED, rest="locked", free=("conv1.kernel_size",)))
    app = at_page("compare", None, **{"class": link})
    assert not [one for one in app.button if one.label == "Swap A and B"]
    assert total(app) == "32,998"


def test_no_slider_tells_what_a_guess_is_about():
    app = opened()
    session(app).with_view(predict="on")
    app = moved(app, "compare")
    data = next(data for data in stages(app) if "totals" in data)
    assert data["panel"] is None
    assert data["outline"] is None


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("rows", ["differ", "all"])
def test_every_pair_of_presets_can_be_drawn(narrow, rows, thorough):
    """Each pair wide or narrow, with all rows or those that differ, and each network in all four ways."""
    turn = 2 * narrow + (rows == "all")
    names = ("fashion-mnist-cnn", "resnet18", "textcnn", "unet", "vit_b_16")
    for place, a in enumerate(names):
        for b in names if thorough else [b for n, b in enumerate(names) if (n - place) % 4 == turn]:
            here = Session(network=PRESETS[b])
            here.narrow = narrow
            data = stage_data(compare(PRESETS[a], PRESETS[b]), here, rows)
            check_stage(data)
            assert [figure["title"] for figure in data["figures"]] == ["A: tensor flow", "B: tensor flow"]


def test_the_table_on_the_screen_marks_what_differs_with_a_sign():
    seen = compare(SEED, SMALLER).contrast
    shown = differences(seen, seen.rows)
    signed = {row[0].removeprefix("◆ ") for row in shown.rows if row[0].startswith("◆ ")}
    assert signed == {row.title for row in seen.rows if row.changed}
    assert shown.rows[3][:5] == ("◆ conv2", "name", "kernel_size 5 → 3", "12×8×8 → 12×10×10", "1,812 → 660")
    assert shown.foot == ("total", "", "", "", "32,998 → 44,806", "232,440 → 195,000", "40,264 → 44,584", "")


def test_layers_that_differ_only_in_what_they_see_stand_apart():
    seen = compare(RESNET, PRESETS["resnet34"])
    here = Session(network=PRESETS["resnet34"])
    changed, sees, every = (stage_data(seen, here, rows)["tables"][0] for rows in ROWS)
    assert changed["caption"].endswith(": 59 of 125 layers differ; 47 more differ only in the receptive field")
    assert (len(changed["rows"]), len(sees["rows"]), len(every["rows"])) == (59, 47, 125)
    numbers = compare(RESNET, PRESETS["resnet34"]).frame()  # of those, everything else is the same
    of_both = numbers[numbers["a"].notna() & numbers["b"].notna()]
    same = (of_both["type_a"] == of_both["type_b"]) & (of_both["output_a"] == of_both["output_b"])
    for what in ("parameters", "macs", "activation_bytes"):
        same &= of_both[f"{what}_a"] == of_both[f"{what}_b"]
    apart = of_both[same & (of_both["receptive_field_a"] != of_both["receptive_field_b"])]
    keys = {f"{a}/{b}" for a, b in zip(apart["a"], apart["b"], strict=True)}
    assert keys - {row["key"] for row in changed["rows"]} == {row["key"] for row in sees["rows"]}
    assert sum(row["dim"] for row in every["rows"]) == 47
    assert sum(row["lit"] for row in every["rows"]) == 59
    assert not any(row["dim"] and row["lit"] for row in every["rows"])
    (told,) = {
        row["cells"][2] for row in changed["rows"] if row["key"] == "layer2.0.downsample.0/layer2.0.downsample.0"
    }
    assert told == "reads layer1.1.relu_1 → layer1.2.relu_1"


def test_where_no_layer_sees_anything_else_no_such_rows_are_offered():
    wider = SEED.with_argument("fc1", "out_features", 100)
    data = stage_data(compare(SEED, wider), Session(network=wider), "field")
    assert [option["value"] for option in data["view"]["options"]] == ["differ", "all"]
    assert data["view"]["value"] == "differ"
    assert data["tables"][0]["caption"].endswith(": 3 of 12 layers differ")


def test_the_table_is_taken_away_with_numbers_that_add_up(tmp_path):
    file = tmp_path / "compare.csv"
    for a, b in ((SEED, SMALLER), (LENET, RESNET)):
        table = comparison(Contrast.of(trace(a), trace(b)))
        file.write_text(FORMATS["csv"](table))
        frame = pd.read_csv(file)
        for name in ("parameters", "MACs", "memory (bytes)"):
            for side in "AB":
                column = frame[f"{name} {side}"]
                assert column[:-1].sum() == column.iloc[-1]
        assert all(FORMATS[ending](table) for ending in ("md", "tex"))
