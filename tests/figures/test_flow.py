"""The tensor flow says what torch says, in valid Plotly, without texts over texts."""

import json
import re
from itertools import pairwise
from random import Random
from typing import Any

import plotly.graph_objects as go
import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.changes import ripple
from layerscope.figures import captions
from layerscope.figures.captions import Focus
from layerscope.figures.flow import description, flow
from layerscope.figures.links import strips
from layerscope.figures.placing import blocks, placed
from layerscope.figures.scene import Room, Stand, stops
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.oracle import random_network

SEED = PRESETS["fashion-mnist-cnn"]
LAYERS: dict[str, Any] = dict(CATALOGUE)
ROOM = Room(6, 634, 40, 180)


def texts(figure):
    return [item["text"] for item in figure["layout"]["annotations"]]


def plain(text):
    return text.replace("<b>", "").replace("</b>", "")


def hovers(figure):
    return {
        (custom[0], words)
        for item in figure["data"]
        if "hovertext" in item
        for custom, words in zip(item["customdata"], item["hovertext"], strict=True)
    }


def is_sound(figure):
    """Valid Plotly, plain JSON, and each answer to the pointer with its layer."""
    go.Figure(figure)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    for item in figure["data"]:
        if "hovertext" in item:
            assert len(item["x"]) == len(item["hovertext"]) == len(item["customdata"])


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("width", [300, 340, 640, 1200])
@pytest.mark.parametrize("name", CHAINS)
def test_every_preset_is_sound_at_every_width(name, width, large):
    whole = trace(PRESETS[name])
    figure = flow(whole, whole.steps[0].name, width=width, large=large)
    is_sound(figure)
    assert {layer.name for layer in whole.network.layers if layer.type in ("Conv2d", "Linear")} <= {
        name for name, _ in hovers(figure)
    }


def test_random_networks_are_sound():
    rng = Random(7)
    for _ in range(150):
        network = random_network(rng)
        whole = trace(network)
        names = frozenset(rng.sample(network.names, min(2, len(network.names))))
        old = {step.name: step.input_shape for step in whole.steps}
        is_sound(flow(whole, rng.choice([None, *network.names]), names, before=old, width=rng.choice([340, 640])))
        assert description(whole)


def test_the_smallest_networks_are_sound():
    for shape in ((1,), (3, 4), (1, 1, 1), (65536,), (1, 4096, 1), (1, 1, 4096)):
        is_sound(flow(trace(Network(shape, (), None))))


@pytest.mark.parametrize("width", [340, 640])
def test_the_seed_networks_shapes_are_all_written_and_are_torchs(width):
    whole = trace(SEED)
    written = [plain(text) for text in texts(flow(whole, width=width))]
    shapes = {shape_text(step.output_shape or ()) for step in whole.steps} | {"1×28×28"}
    assert shapes <= set(written)


@pytest.mark.parametrize("width", [340, 640])
@pytest.mark.parametrize("name", CHAINS)
def test_every_shape_written_is_one_of_torchs(name, width):
    whole = trace(PRESETS[name])
    shapes = {shape_text(step.output_shape or ()) for step in whole.steps} | {shape_text(whole.network.input_shape)}
    found = [plain(text) for text in texts(flow(whole, width=width))]
    assert {text for text in found if text[0].isdigit()} <= shapes


@pytest.mark.parametrize("selected", [None, "conv1", "relu1", "pool2", "out"])
@pytest.mark.parametrize("width", [340, 640])
@pytest.mark.parametrize("name", CHAINS)
def test_no_text_covers_another_or_leaves_the_picture(name, width, selected):
    room = Room(6, width - 6, 40, 180)
    old = {"conv1": (6, 9, 9)}
    stage = placed(stops(trace(PRESETS[name])), room, None, old)
    focus = Focus(selected, frozenset({"fc1"}), old)
    found = captions.shapes(stage, focus, room, 216, 14) + captions.names(stage.blocks, focus, room, (20, 3), False)
    for i, one in enumerate(found):
        assert one.box.left >= 0
        assert one.box.right <= width
        assert one.box.top <= 217
        assert not any(one.box.overlaps(other.box) for other in found[i + 1 :])


def test_the_ends_and_the_selected_are_always_named():
    rows = [LAYERS["Conv2d"](name=f"conv{i}", out_channels=4, kernel_size=1) for i in range(200)]
    written = [plain(text) for text in texts(flow(trace(Network((3, 32, 32), tuple(rows), None)), "conv77", width=340))]
    assert {"input", "conv77", "conv199", "3×32×32"} <= set(written)


def test_layers_that_keep_the_shape_share_a_block():
    found = stops(trace(SEED))
    assert [stop.name for stop in found] == [
        "input", "conv1", "pool1", "conv2", "pool2", "flatten", "fc1", "fc2", "out",
    ]  # fmt: skip
    assert found[1].names == ("conv1", "relu1")


def test_edges_are_to_scale():
    drawn = {block.stop.name: block for block in blocks(stops(trace(SEED)), ROOM)}
    assert drawn["conv1"].height / drawn["input"].height == pytest.approx(24 / 28)
    assert drawn["conv1"].face / drawn["pool1"].face == pytest.approx(24 / 12)
    assert drawn["conv2"].thickness / drawn["conv1"].thickness == pytest.approx(12 / 6)
    assert drawn["fc1"].height / drawn["flatten"].height == pytest.approx(120 / 192)


@pytest.mark.parametrize("name", CHAINS)
def test_blocks_stand_in_order_and_in_their_room(name):
    drawn = blocks(stops(trace(PRESETS[name])), ROOM)
    for before, after in pairwise(drawn):
        assert before.x + before.thickness + before.face <= after.x
    for block in drawn:
        assert block.y >= ROOM.bottom - 0.01
        assert block.top <= ROOM.top + 0.01


def test_places_do_not_move_with_a_kernel():
    places = [
        [block.middle for block in blocks(stops(trace(SEED.with_argument("conv1", "kernel_size", k))), ROOM)]
        for k in (1, 5, 9, 30)
    ]
    assert all(place == places[0] for place in places)


def unread_words(network):
    drawn = blocks(stops(trace(network)), ROOM)
    return {words for before, after in pairwise(drawn) for _, words in strips(before, after)}


def test_unread_rows_and_columns_are_drawn():
    assert unread_words(SEED) == set()
    for kernel, pool in ((3, "pool2"), (4, "pool1")):
        assert unread_words(SEED.with_argument("conv1", "kernel_size", kernel)) == {
            f"the last row is never read by {pool}",
            f"the last column is never read by {pool}",
        }
    even = SEED.with_argument("conv1", "kernel_size", 4)
    assert {"the last row is never read by pool1"} <= {words for _, words in hovers(flow(trace(even)))}


def test_hovering_fills_in_the_formula():
    found = dict(hovers(flow(trace(SEED))))
    assert "height and width: floor((28 + 2·0 − 1·(5 − 1) − 1) / 1) + 1 = 24" in found["conv1"]
    assert "PyTorch agrees" in found["conv1"]
    assert "features: 12·4·4 = 192" in found["flatten"]


def test_a_failing_layer_is_marked_and_the_rest_waits():
    whole = trace(SEED.with_argument("conv2", "kernel_size", 13))
    stand = {stop.name: stop.stand for stop in stops(whole)}
    assert stand["pool1"] is Stand.RUNS
    assert stand["conv2"] is Stand.FAILS
    assert stand["fc1"] is Stand.UNREACHED
    assert whole.error
    figure = flow(whole)
    assert "✕ conv2" in map(plain, texts(figure))
    assert "not reached" in dict(hovers(figure))["fc1"]
    assert whole.error.message[:20] in dict(hovers(figure))["conv2"].replace("<br>", " ")
    assert whole.error.message in description(whole)


@pytest.mark.parametrize(("name", "width"), [("fashion-mnist-cnn", 350), ("fashion-mnist-cnn", 640), ("resnet18", 640)])
def test_the_window_of_a_kernel_that_is_too_large_does_not_lie_over_the_names(name, width):
    network = PRESETS[name].with_argument("conv1", "kernel_size", 300 if name == "resnet18" else 40)
    figure = flow(trace(network), "conv1", width=width)
    layout = figure["layout"]
    (wrong,) = [shape for shape in layout["shapes"] if shape.get("fillcolor") == "rgba(213,94,0,0.18)"]
    lowest = min(float(y) for y in re.findall(r",([-\d.]+)", wrong["path"]))
    (named,) = [one for one in layout["annotations"] if one["text"] in ("input", "<b>input</b>")]
    high = layout["yaxis"]["range"][1]
    assert lowest >= named["y"] * high + named["font"]["size"] / 2


def test_every_changed_shape_is_said_even_where_there_is_no_room_for_what_it_was():
    """In the course's network pool1's text stood behind those of its neighbours."""
    before = trace(SEED)
    for size in range(1, 15):
        now = trace(SEED.with_argument("conv1", "kernel_size", size))
        seen = ripple(before, now)
        old = {change.layer: change.old for change in seen.shapes}
        figure = flow(now, "conv1", seen.touched, before=old)
        said = " ".join(plain(text) for text in texts(figure))
        for step in now.steps:
            if step.name in ("conv1", "pool1", "conv2", "pool2") and step.output_shape:
                assert shape_text(step.output_shape) in said, (size, step.name)


def test_a_changed_shape_says_what_it_was():
    whole = trace(SEED.with_argument("conv1", "kernel_size", 3))
    figure = flow(whole, "conv1", frozenset({"conv1"}), before={"conv1": (6, 24, 24)})
    assert {"was 6×24×24", "▲6×26×26", "conv1"} <= {*map(plain, texts(figure))}


def test_the_description_has_the_shapes():
    assert "conv1 6×24×24" in description(trace(SEED))
    assert "never read by pool1" in description(trace(SEED.with_argument("conv1", "kernel_size", 4)))


def test_a_drag_scrolls_the_page():
    layout = flow(trace(SEED))["layout"]
    assert layout["dragmode"] is False
    assert layout["xaxis"]["fixedrange"]
    assert layout["yaxis"]["fixedrange"]
