"""One scale while a network is open: what did not change neither moves nor resizes, and its texts stay."""

from itertools import combinations, pairwise
from random import Random

import pytest

from layerscope.changes import ripple
from layerscope.figures import branching
from layerscope.figures.bars import Measure, bars
from layerscope.figures.captions import Focus, abbreviations
from layerscope.figures.flow import flow, legend, shapes_of
from layerscope.figures.gathering import folded, gather, in_a_row, owner
from layerscope.figures.labels import Box
from layerscope.figures.lanes import arrange
from layerscope.figures.placing import placed
from layerscope.figures.scene import Room, Stand, stops
from layerscope.figures.standing import stand
from layerscope.figures.theme import text_width
from layerscope.inputs import Input
from layerscope.layers.axes import Unsqueeze
from layerscope.layers.joining import Multiply
from layerscope.layers.linear import Linear
from layerscope.layers.reshape import Flatten
from layerscope.network import Network, NetworkError
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.figures.test_branching import conv
from tests.figures.test_flow import is_sound, plain, texts
from tests.large import large_last

SEED = PRESETS["fashion-mnist-cnn"]
NAMES = ["fashion-mnist-cnn", "lenet5", "vgg16", "all-convolutional", "resnet18", "googlenet", "mobilenet_v2", "unet"]
ROOM = Room(6, 634, 42, 180)


ARGUMENTS = ("out_channels", "kernel_size", "padding", "stride", "out_features")


def moves(network, seed, most=6):
    """Networks that a slider's move leads to, and the layer that was moved."""
    rng = Random(seed)
    choices = [
        (layer.name, name) for layer in network.layers for name in ARGUMENTS if isinstance(layer.chosen.get(name), int)
    ]
    found = []
    for _ in range(20 if choices else 0):
        layer, argument = rng.choice(choices)
        try:
            found.append((layer, network.with_argument(layer, argument, rng.randint(1, 9))))
        except NetworkError:
            continue
    return found[:most]


def staged(network, base, before, selected):
    """The blocks by the row that made each, and what is said of the scale."""
    whole = trace(network)
    if in_a_row(network):
        row = placed(stops(whole), ROOM, base, before)
        return {block.stop.name: block for block in row.blocks}, row
    shown = folded(gather(whole), branching.most_for(640.0), selected=selected, shapes=base)
    stage = stand(shown, arrange(shown.wires), ROOM, 0.0, base, before)
    return {owner(block.stop): block for block in stage.blocks}, stage


@pytest.mark.parametrize("name", NAMES)
def test_what_did_not_change_neither_moves_nor_resizes(name):
    network = PRESETS[name]
    base = shapes_of(network)
    compared = 0
    for layer, now in moves(network, name):
        seen = ripple(trace(network), trace(now))
        old = {change.layer: change.old for change in seen.shapes}
        first, _ = staged(network, base, {}, layer)
        second, stage = staged(now, base, old, layer)
        for key in first.keys() & second.keys():
            one, two = first[key], second[key]
            assert one.middle == pytest.approx(two.middle), (layer, key)
            is_same = one.stop.shape == two.stop.shape and two.stop.stand is Stand.RUNS
            if is_same and not stage.notes.passing:
                compared += 1
                sizes = [(b.x, b.y, b.thickness, b.height, b.face) for b in (one, two)]
                assert sizes[0] == pytest.approx(sizes[1]), (layer, key)
        for block in second.values():
            assert block.x >= block.left - 0.1
            assert block.x + block.thickness + block.face <= block.left + block.width + 0.1
            assert ROOM.bottom - 1 <= block.y
            assert block.top <= ROOM.top + 1
    assert compared > 3


def test_a_step_of_the_scale_is_said_and_halves_all_alike():
    now = SEED.with_argument("conv1", "out_channels", 20)
    seen = ripple(trace(SEED), trace(now))
    old = {change.layer: change.old for change in seen.shapes}
    first, _ = staged(SEED, shapes_of(SEED), {}, None)
    second, stage = staged(now, shapes_of(SEED), old, None)
    assert stage.notes.passing == ("scale changed: channels ÷2",)
    assert second["conv2"].thickness == pytest.approx(first["conv2"].thickness / 2)
    assert second["conv2"].height == first["conv2"].height
    figure = flow(trace(now), None, seen.touched, before=old, base=shapes_of(SEED))
    is_sound(figure)
    assert "scale changed: channels ÷2" in legend(trace(now), seen.touched, figure)
    assert "scale" not in legend(trace(SEED), frozenset(), flow(trace(SEED), base=shapes_of(SEED)))


def test_what_was_is_a_ghost_at_the_same_scale():
    now = SEED.with_argument("conv1", "kernel_size", 9)
    old = {change.layer: change.old for change in ripple(trace(SEED), trace(now)).shapes}
    first, _ = staged(SEED, shapes_of(SEED), {}, None)
    _, stage = staged(now, shapes_of(SEED), old, None)
    ghosts = {ghost.stop.name: ghost for ghost in stage.ghosts}
    assert {*ghosts} == {"conv1", "pool1", "conv2", "pool2", "flatten"}
    for name, ghost in ghosts.items():
        assert ghost.outline == first[name].outline


def test_what_does_not_run_has_a_place_and_no_shape():
    """Whatever size it would have: the blocks from the failing one on are all alike, and keep their names."""
    broken = SEED.with_argument("conv2", "kernel_size", 13)
    blocks, stage = staged(broken, shapes_of(SEED), {"conv2": (12, 8, 8)}, None)
    waiting = [block for block in blocks.values() if block.stop.stand is not Stand.RUNS]
    assert [block.stop.name for block in waiting] == ["conv2", "pool2", "flatten", "fc1", "fc2", "out"]
    assert len({block.height for block in waiting}) == 1
    assert {block.face for block in waiting} == {0.0}
    assert not stage.ghosts
    figure = flow(trace(broken), base=shapes_of(SEED))
    hatched = [item for item in figure["data"] if item.get("fillpattern")]
    assert [item["line"]["dash"] for item in hatched] == ["dash", "dash"]
    assert {"✕ conv2", "pool2", "out", "✕"} <= {*map(plain, texts(figure))}
    assert "12×8×8" not in " ".join(texts(figure))


def test_a_scale_is_logarithmic_where_the_smallest_would_not_be_seen():
    flat = Network((1, 28, 28), (Flatten(name="flatten"), Linear(name="fc1", out_features=5)))
    figure = flow(trace(flat))
    assert "vectors on a log scale" in legend(trace(flat), frozenset(), figure)
    assert "log" not in legend(trace(SEED), frozenset(), flow(trace(SEED)))


def test_a_flat_map_stays_in_its_place():
    """A mask of (1, 1, 100) beside sequences was drawn three columns wide, over the first block."""
    rows = (
        Unsqueeze(name="row", dim=1), Unsqueeze(name="mask", dim=1), conv("conv", 4, "image"),
        Multiply(name="gate", inputs=("conv", "mask")),
    )  # fmt: skip
    network = Network((100,), rows, inputs=(Input("mask_of", (100,)), Input("image", (3, 1, 100))))
    drawn, _ = staged(network, None, {}, None)
    assert drawn["mask"].columns == 100
    for block in drawn.values():
        assert block.left <= block.x
        assert block.x + block.thickness + block.face <= block.left + block.width + 0.1


def boxes(figure, width, high=216.0):
    """The rectangle of each text, and what it says."""
    found = []
    for item in figure["layout"]["annotations"]:
        size = item["font"]["size"]
        wide = text_width(plain(item["text"]), size)
        x, y = item["x"] * width, item["y"] * high
        found.append((Box(x - wide / 2, x + wide / 2, y - size / 2, y + size / 2), item))
    return found


@pytest.mark.parametrize("width", [350.0, 640.0])
@pytest.mark.parametrize("name", large_last(name for name in PRESETS if len(PRESETS[name].layers) < 250))
def test_no_two_texts_overlap_while_a_slider_moves(name, width):
    network = PRESETS[name]
    base = shapes_of(network)
    places = {}
    for layer, now in [(network.names[0], network), *moves(network, name, 3)]:
        seen = ripple(trace(network), trace(now))
        old = {change.layer: change.old for change in seen.shapes}
        figure = flow(trace(now), layer, seen.touched, before=old, base=base, width=width)
        for (one, first), (two, second) in combinations(boxes(figure, width), 2):
            assert not one.overlaps(two), (layer, first["text"], second["text"])
        places[layer] = figure


@pytest.mark.parametrize("width", [350.0, 640.0])
@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "lenet5", "alexnet", "vgg16"])
def test_no_name_hops_or_vanishes_while_a_slider_moves(name, width):
    network = PRESETS[name]
    first = network.names[0]
    written = set()
    for size in range(1, 12):
        now = network.with_argument(first, "kernel_size", size)
        seen = ripple(trace(network), trace(now))
        if trace(now).error:
            continue
        old = {change.layer: change.old for change in seen.shapes}
        figure = flow(trace(now), first, seen.touched, before=old, base=shapes_of(network), width=width)
        whole = stops(trace(network))
        names = {*network.names, "input", *abbreviations([stop.name for stop in whole])}
        written.add(
            tuple(
                (i["text"], i["x"], i["y"])
                for i in figure["layout"]["annotations"]
                if plain(i["text"]) in names and i["y"] < 0.2
            )
        )
    assert len(written) == 1
    assert len(next(iter(written))) >= len(stops(trace(network)))


def test_a_shape_that_did_not_change_keeps_its_place():
    base = shapes_of(SEED)
    calm = flow(trace(SEED), "conv1", base=base)
    for size in range(1, 12):
        now = SEED.with_argument("conv1", "kernel_size", size)
        seen = ripple(trace(SEED), trace(now))
        old = {change.layer: change.old for change in seen.shapes}
        figure = flow(trace(now), "conv1", seen.touched, before=old, base=base)
        places, still = (
            {plain(item["text"]): (item["x"], item["y"]) for item in one["layout"]["annotations"]}
            for one in (figure, calm)
        )
        for text in ("1×28×28", "120", "60", "10"):
            assert places[text] == still[text]
        assert {step.name for step in trace(now).steps} >= {"conv1"}
        for step in trace(now).steps:
            if step.name in ("conv1", "pool1", "conv2", "pool2", "flatten"):
                assert any(
                    text.strip("▲▼◆").replace(",", "") == "×".join(map(str, step.output_shape or ())) for text in places
                )


def test_abbreviations_differ():
    assert abbreviations(["input", "conv1", "conv10", "pool1", "flatten", "fc1"]) == [
        "in",
        "c1",
        "c10",
        "p1",
        "flat",
        "fc1",
    ]
    assert len({*abbreviations(["conv1", "cat1", "c1"])}) == 3


def test_a_saved_picture_has_neither_selection_nor_what_was():
    now = SEED.with_argument("conv1", "kernel_size", 9)
    seen = ripple(trace(SEED), trace(now))
    old = {change.layer: change.old for change in seen.shapes}
    lit = flow(trace(now), "conv1", seen.touched, before=old, base=shapes_of(SEED))
    chart = bars(trace(now), Measure.WEIGHTS, selected="conv1", changed=seen.touched, before=trace(SEED), base=SEED)
    for figure in (lit, chart):
        meta = figure["layout"]["meta"]
        said = [meta["texts"].get(str(i), item["text"]) for i, item in enumerate(figure["layout"]["annotations"])]
        assert not [text for text in said if any(sign in text for sign in ("was", "▲", "▼", "◆", "<b>conv1"))]
    left_out = lit["layout"]["meta"]["left_out"]
    drawn = [shape["line"] for place, shape in enumerate(lit["layout"]["shapes"]) if place not in left_out]
    assert not [line for line in drawn if line.get("dash") == "dot" or line["width"] == 3]
    assert 0 < len(drawn) < len(lit["layout"]["shapes"])


def test_the_axis_of_the_chart_is_kept_and_its_step_said():
    def top(network):
        chart = bars(trace(network), changed=frozenset({"conv1"}), before=trace(SEED), base=SEED)
        return chart["layout"]["yaxis"]["range"][1], chart["layout"]["meta"].get("moved")

    assert top(SEED.with_argument("conv1", "kernel_size", 9)) == top(SEED)
    high, said = top(SEED.with_argument("fc1", "out_features", 400))
    assert high == pytest.approx(top(SEED)[0] * 1.25**6)  # 77,200 parameters, not 23,160
    assert said == ["scale changed: ×3.81"]


def test_a_column_that_grows_a_little_past_the_axis_is_not_drawn_smaller_by_much():
    """The axis follows in steps, each so small that what did not change keeps most of its height."""

    def top(network):
        return bars(trace(network), base=SEED)["layout"]["yaxis"]["range"][1]

    widths = [SEED.with_argument("conv2", "out_channels", count) for count in range(12, 40)]
    tops = [top(network) for network in widths]
    assert all(after <= before * 1.25 + 1 for before, after in pairwise(tops))
    assert all(
        max(step.parameters for step in trace(one).steps) > high * 0.6 for one, high in zip(widths, tops, strict=True)
    )


def test_focus_knows_what_was():
    stop = stops(trace(SEED))[1]
    assert Focus(None, frozenset(), {"conv1": (6, 9, 9)}).sign(stop) == "▲"
    assert Focus(None, frozenset(), {"conv1": (6, 24, 24)}).sign(stop) == ""
