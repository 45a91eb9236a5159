"""The presets that branch: nothing covers anything, each edge is drawn once, hundreds of rows stay legible."""

import re
import time
from itertools import combinations

import pytest

from layerscope.figures import brackets, tags
from layerscope.figures.captions import Focus
from layerscope.figures.flow import description, flow, legend
from layerscope.figures.gathering import FoldedStop, folded, gather, sign_of
from layerscope.figures.gauge import FLATTEST, Form
from layerscope.figures.labels import Box
from layerscope.figures.profile import places, profile
from layerscope.figures.routes import routes
from layerscope.figures.scene import Stand
from layerscope.formatting import shape_text
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.figures.test_branching import JOINED, staged
from tests.figures.test_flow import hovers, is_sound, plain, texts
from tests.large import large_last

BRANCHING = [name for name, network in PRESETS.items() if not network.is_chain]


def test_there_are_presets_that_branch():
    assert {"resnet18", "unet", "googlenet", "densenet121", "vit_b_16", "transformer-classifier"} <= {*BRANCHING}


@pytest.mark.parametrize("width", [340, 640])
@pytest.mark.parametrize("name", large_last(BRANCHING))
def test_every_preset_is_sound(name, width):
    network = PRESETS[name]
    for selected in (None, network.names[0], network.names[len(network.names) // 2], network.names[-1]):
        figure = flow(trace(network), selected, frozenset({network.names[0]}), width=width, large=width < 400)
        is_sound(figure)
        assert selected is None or selected in " ".join(map(plain, texts(figure)))


@pytest.mark.parametrize("width", [340.0, 640.0])
@pytest.mark.parametrize("name", BRANCHING)
def test_nothing_covers_anything(name, width):
    shown, stage, room = staged(PRESETS[name], width=width)
    solid = [Box(b.x, b.x + b.thickness + b.face, b.y, b.top) for b in stage.blocks]
    for one, two in combinations(solid, 2):
        assert not one.overlaps(two)
    for box in solid:
        assert room.left <= box.left <= box.right <= room.right
        assert room.bottom - 0.01 <= box.bottom <= box.top <= room.top + 0.01
    for _, top in stage.arcs:
        assert top <= room.top + 0.01
    focus = Focus(None, frozenset(), {})
    ways = routes(stage)
    marks = brackets.brackets(stage, shown.opened)
    names, blocks = tags.names(stage, marks, focus, room, 13)
    shapes = tags.shapes(stage, shown, ways, focus, room, 11)
    written = [caption.box for found in (names, blocks, shapes) for caption in found.values()]
    for one, two in combinations(written, 2):
        assert not one.overlaps(two)
    for caption in shapes.values():
        assert not any(caption.box.overlaps(box) for box in solid)
    for box in written:
        assert 0 <= box.left <= box.right <= width
        assert 0 <= box.bottom <= box.top <= 216


def named(name, width):
    """The names of the bodies and of the brackets, from left to right."""
    shown, stage, room = staged(PRESETS[name], width=width)
    marks = brackets.brackets(stage, shown.opened)
    found = tags.names(stage, marks, Focus(None, frozenset(), {}), room, 13)
    names, blocks = ([text.text for text in sorted(texts.values(), key=lambda text: text.x)] for texts in found)
    return names, blocks, marks


@pytest.mark.parametrize("name", ["googlenet", "mobilenet_v2", "efficientnet_b0"])
def test_every_bracket_is_named_in_full_or_by_its_end(name):
    _, blocks, marks = named(name, 660.0)
    assert len(blocks) == len(marks) > 8
    first, *others = blocks
    word = re.split(r"\d", first)[0]
    assert first != word
    assert all(text[0].isdigit() for text in others)
    starts = {mark.block.name for mark in marks}
    assert all(any(start.startswith(word + text) for start in starts) for text in others)


def test_blocks_are_not_all_called_conv():
    """The only block in a block bears the outer one's name, and one body of many alike is not named alone."""
    names, blocks, _ = named("mobilenet_v2", 660.0)
    assert "conv" not in {*names, *blocks}
    assert blocks[0] == "features.1"


def test_names_lose_their_word_only_beside_one_that_says_it():
    some = {1: "inception3a", 2: "inception3b", 3: "inception4a", 5: "fc", 7: "inception5a", 8: "inception5b"}
    assert brackets.shortened(some, {1, 3, 5, 7, 8}) == {2: "3b", 3: "4a"}
    assert brackets.shortened(some, {*some}) == {}, "where all have room, all are written in full"
    assert brackets.shortened({1: "layer1.0", 2: "layer2.0", 3: "layer2.1"}, {2}) == {3: "2.1"}
    assert brackets.shortened({1: "conv", 2: "Conv2d_1a_3x3", 3: "× 2"}, {1}) == {}


@pytest.mark.parametrize("name", BRANCHING)
def test_each_edge_is_drawn_once_and_arcs_pass_over_the_bodies(name):
    shown, stage, _ = staged(PRESETS[name])
    drawn = sorted(way.edge for way in routes(stage))
    assert drawn == sorted((source, target) for target, row in enumerate(shown.wires) for source in row)
    for arc, top in stage.arcs:
        for block, column in zip(stage.blocks, stage.lanes.columns, strict=True):
            assert not arc.start < column < arc.end or block.top < top


@pytest.mark.parametrize("name", ["resnet101", "densenet121", "inception_v3"])
def test_hundreds_of_rows_stay_legible(name):
    shown, stage, _ = staged(PRESETS[name])
    assert len(PRESETS[name].layers) > 300
    assert len(shown.stops) <= 40
    assert min(block.width for block in stage.blocks) >= 10


def test_equal_blocks_say_how_many_they_are():
    whole = trace(PRESETS["resnet101"])
    shown = folded(gather(whole), 14)
    third = next(stop for stop in shown.stops if stop.name == "layer3.1")
    assert isinstance(third, FoldedStop)
    assert (third.times, third.shape) == (22, (1024, 14, 14))
    assert third.layer_name == "layer3.1.conv1"
    said = dict(hovers(flow(whole, width=340)))["layer3.1.conv1"]
    inside = [step for name, step in whole.by_name.items() if name.startswith("layer3.") and "layer3.0." not in name]
    assert f"{sum(step.parameters for step in inside):,} weights and biases" in said
    assert "66 Conv2d" in said


def test_selecting_inside_of_a_folded_block_opens_it():
    whole = trace(PRESETS["resnet101"])
    written = [plain(text) for text in texts(flow(whole, "layer3.10.conv2"))]
    assert "layer3.10.conv2" in written


def test_the_viewer_opens_and_closes_blocks():
    whole = trace(PRESETS["resnet18"])
    names = {block for block, _ in hovers(flow(whole))}
    assert "layer2.1.conv2" in names
    assert "layer2.1.conv2" not in {b for b, _ in hovers(flow(whole, closed=frozenset({"layer2"})))}
    narrow = {block for block, _ in hovers(flow(whole, width=340))}
    assert "layer4.1.conv2" not in narrow
    assert "layer4.1.conv2" in {b for b, _ in hovers(flow(whole, width=340, opened=frozenset({"layer4.1"})))}


def test_indices_are_hatched_and_sequences_are_combs():
    for name in ("transformer-classifier", "lstm-classifier"):
        figure = flow(trace(PRESETS[name]))
        (hatched,) = (item for item in figure["data"] if "fillpattern" in item)
        assert hatched["x"].count(None) == 0, "the input alone"
    shown, stage, _ = staged(PRESETS["transformer-classifier"])
    forms = {stop.name: form for stop, form in zip(shown.stops, stage.forms, strict=True)}
    assert forms["embedding"] is Form.COMB
    assert forms["fc"] is Form.VECTOR


def test_a_profile_follows_the_longest_path():
    names = [name for name, _ in places(trace(PRESETS["resnet18"]))]
    assert "layer2.0.conv1" in names
    assert "layer2.0.downsample.0" not in names
    is_sound(profile(trace(PRESETS["unet"])))


def test_edges_are_to_scale():
    for name in ("unet", "resnet18"):
        _, stage, _ = staged(PRESETS[name])
        maps = [b for b, form in zip(stage.blocks, stage.forms, strict=True) if form is Form.MAP]
        high = [(block.height, block.rows) for block in maps if block.height > FLATTEST]
        for (height, rows), (other, others) in combinations(high, 2):
            assert height / rows == pytest.approx(other / others)


def test_the_trunk_is_straight_and_a_projection_is_a_lane_below():
    shown, stage, _ = staged(PRESETS["resnet18"])
    places = {stop.name: place for place, stop in enumerate(shown.stops)}
    middles = {name: (stage.blocks[i].y + stage.blocks[i].top) / 2 for name, i in places.items()}
    trunk = [name for name, place in places.items() if stage.lanes.lanes[place] == 0]
    assert max(middles[name] for name in trunk) - min(middles[name] for name in trunk) < 0.01
    assert [name for name in places if name not in trunk] == [f"layer{n}.0.downsample.0" for n in (2, 3, 4)]
    assert middles["layer2.0.downsample.0"] < middles["layer2.0.conv1"]
    assert len(stage.arcs) == 5


def test_what_fails_is_marked_and_the_rest_waits():
    whole = trace(PRESETS["resnet18"].with_argument("layer3.0.conv2", "padding", 0))
    assert whole.error
    stops = {stop.name: stop for stop in folded(gather(whole), 27).stops}
    assert stops["layer3.0.add"].stand is Stand.FAILS
    assert stops["layer3.1.conv1"].stand is Stand.UNREACHED
    figure = flow(whole)
    is_sound(figure)
    assert any(plain(text).startswith("✕") for text in texts(figure))
    assert whole.error.message in description(whole)
    small = flow(whole, width=340)
    is_sound(small)
    assert any("not reached" in words for _, words in hovers(small))


def test_nothing_shifts_while_a_slider_moves():
    network = PRESETS["resnet18"]

    def across(padding):
        _, stage, _ = staged(network.with_argument("layer3.0.conv2", "padding", padding))
        return [block.middle for block in stage.blocks]

    assert across(0) == across(1) == across(2)


def test_cells_that_another_branch_reads_are_not_called_unread():
    whole = trace(PRESETS["resnet18"])
    assert "▨" not in legend(whole, frozenset())
    assert "never read" not in description(whole)
    assert "▨ never read" in legend(trace(PRESETS["squeezenet1_1"]), frozenset())


def test_the_description_counts_the_joins():
    said = description(trace(PRESETS["resnet18"]))
    assert "8 additions" in said
    assert "conv1 64×112×112" in said
    assert "1 concatenation:" in description(trace(JOINED))


def test_every_shape_written_is_one_of_torchs():
    for name in BRANCHING:
        whole = trace(PRESETS[name])
        shapes = {shape_text(shape) for step in whole.steps for shape in step.output_shapes}
        shapes |= {shape_text(given.shape) for given in whole.network.inputs}
        written = {plain(text) for text in texts(flow(whole))}
        assert {text for text in written if text[0].isdigit() and "×" in text.replace(" × ", "")} <= shapes


def test_every_row_can_be_reached_by_opening():
    for name in ("resnet50", "googlenet", "efficientnet_b0"):
        whole = trace(PRESETS[name])
        for layer in PRESETS[name].layers[:: len(PRESETS[name].layers) // 12]:
            shown = folded(gather(whole), 27, selected=layer.name)
            (stop,) = (stop for stop in shown.stops if layer.name in stop.names)
            assert not isinstance(stop, FoldedStop)


def test_signs_stand_for_single_rows_only():
    shown, _, _ = staged(PRESETS["resnet101"], width=340.0)
    assert not any(sign_of(stop) for stop in shown.stops if isinstance(stop, FoldedStop))


def test_a_large_network_is_drawn_in_time():
    """About 6 ms where it was measured: a slider's move must not wait for the picture."""
    whole = trace(PRESETS["resnet101"])
    spent = []
    for _ in range(5):
        start = time.process_time()
        flow(whole)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.04
