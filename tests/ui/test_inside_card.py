"""The card that looks inside a layer: the browser gets torch's numbers, events change what is seen, limits hold."""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, replace

import pytest
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.changes import ripple
from layerscope.link import View, decode, decode_view, encode_view
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.hands import EVERY, STARTERS, Hand
from layerscope.study.inside import up_to
from layerscope.study.samples import SAMPLES, sample
from layerscope.tracing import trace
from layerscope.ui import events, inside, pictures
from layerscope.ui.inside import LONG, card
from layerscope.ui.insides.calculating import too_large
from layerscope.ui.insides.images import GONE
from layerscope.ui.looking import Looking, opened, read, told, words
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import answer, token
from layerscope.ui.session import Session

SEED = PRESETS[DEFAULT]


def numbers(text: str) -> torch.Tensor:
    return torch.frombuffer(bytearray(b64decode(text)), dtype=torch.float32)


def open_session(network=SEED, selected="conv1") -> Session:
    return Session(network=network, before=network, view=View(selected=selected, chart="inside"))


def scene(session: Session):
    return card(session.network, session.selected, session.looking)["inside"]


def data(session: Session):
    seen = trace(session.network)
    return stage_data(session, ripple(seen, seen))


@pytest.mark.parametrize("name", ["conv1", "conv2"])
def test_what_is_sent_makes_torchs_map_in_the_browser(name):
    """The browser's own arithmetic, with the arrays that it gets."""
    network = decode(
        "2x20x22-5~Conv2d.4.3x5.stride-2x1.padding-2x1.dilation-1x2~ReLU~Conv2d.6.3.groups-2.padding-same~Flatten"
    )
    seen = card(network, name, Looking("edges", seed=3, filter=3, channel=1))["inside"]
    rows, columns = seen["size"]
    cells = numbers(seen["cells"]).reshape(-1, rows, columns)
    weights = numbers(seen["weights"]).reshape(-1, *seen["kernel"])
    sums = numbers(seen["sums"]).reshape(seen["map"])
    with torch.no_grad():
        built = module(network, 3).eval()
        image = sample("edges", network.input_shape)[None]
        first = built.get_submodule("conv1")(image)
        wanted = first if name == "conv1" else built.get_submodule("conv2")(first.relu())
    assert torch.equal(sums, wanted[0, 3])
    for row, column in [(0, 0), (3, 5), (seen["map"][0] - 1, seen["map"][1] - 1)]:
        total = seen["bias"]
        for i in range(seen["kernel"][0]):
            for j in range(seen["kernel"][1]):
                at = (
                    row * seen["stride"][0] + i * seen["dilation"][0],
                    column * seen["stride"][1] + j * seen["dilation"][1],
                )
                total += float((cells[:, at[0], at[1]] * weights[:, i, j]).sum())
        assert total == pytest.approx(float(sums[row, column]), abs=1e-5)


def test_of_large_inputs_one_channel_is_sent_and_the_sum_of_the_others():
    network = decode("8x80x80-5~Conv2d.4.3")
    seen = card(network, "conv1", Looking(filter=1, channel=5))["inside"]
    assert len(seen["channels"]) == 8
    cells, kernel = numbers(seen["cells"]).reshape(80, 80), numbers(seen["weights"]).reshape(3, 3)
    rest, sums = (numbers(seen[key]).reshape(78, 78) for key in ("rest", "sums"))
    mine = float((cells[10:13, 20:23] * kernel).sum())
    assert mine + float(rest[10, 20]) + seen["bias"] == pytest.approx(float(sums[10, 20]), abs=1e-5)


@pytest.mark.parametrize(("code", "kind"), [("1x9x9~MaxPool2d.2", "max"), ("3x9x9~AvgPool2d.3.padding-1", "mean")])
def test_pooling_has_no_weights(code, kind):
    seen = card(decode(code), "pool1", Looking())["inside"]
    assert seen["kind"] == kind
    assert "weights" not in seen
    assert seen["note"] == ""


def test_a_signal_is_one_row():
    seen = card(decode("2x40~Conv1d.3.5.padding-2"), "conv1", Looking())["inside"]
    assert (seen["size"], seen["inner"], seen["map"], seen["kernel"]) == ((1, 44), (1, 40), (1, 40), (1, 5))
    assert seen["axes"] == 1, "a place is one position"
    assert "horizontal" not in [option["value"] for option in seen["hand"]["options"]]


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        (
            "1x28x28~Conv2d.2.3~LPPool2d.2.2.as-power",
            "power",
            "The arithmetic of power is not written out here. See what it outputs, or choose a layer whose values are",
        ),
        ("1x8x8~LPPool2d.2.2.as-power", "power", "no layer whose values are written out here"),
        ("1x400x400~ReLU", "relu1", limits.INSIDE_CELLS.sentence(name="relu1", found=2 * 400**2)),
        ("1x28x28~Conv2d.6.29", "conv1", "conv1 does not run"),
        ("1x28x28~Conv2d.6.12", "conv1", limits.INSIDE_KERNEL.sentence(name="conv1", found=12)),
        ("1x500x500~Conv2d.2.3", "conv1", limits.INSIDE_CELLS.sentence(name="conv1", found=500**2 + 498**2)),
        ("1x4096x4096~Conv2d.2.1", "conv1", "this server computes at most"),
    ],
)
def test_what_is_not_shown_is_said(code, name, said):
    network = decode(code)
    part = card(network, name if name in network.names else network.names[-1], Looking())
    assert said in part["absent"]
    assert part["inside"] == {}


@pytest.mark.parametrize("name", ["encoder1.conv1", "encoder1.conv2", "encoder1.norm1", "encoder1.relu2", "pool1"])
def test_the_first_layers_of_a_preset_are_drawn(name):
    network = PRESETS["unet"]
    assert too_large(trace(up_to(network, name)).steps[-1]) == ""


def test_the_note_says_which_filters_are_set_by_hand():
    first, other = Hand("conv1", 0, EVERY, "blur"), Hand("conv1", 3, 1, "blur")
    note = card(SEED, "conv1", Looking(hands=(first,)))["inside"]["note"]
    assert note == "Filter 0 of conv1 is set by hand; the rest is random."
    note = card(SEED, "conv1", Looking(hands=(first, other)), lens="maps")["inside"]["note"]
    assert note == "Filter 0 of conv1 and 1 more are set by hand; the rest is random."
    note = card(SEED, "conv1", Looking(hands=(first,)), lens="class")["inside"]["note"]
    assert "with weights that are random or set by hand, which places" in note
    gone = Looking(hands=(Hand("gone", 0, EVERY, "blur"),))
    assert "random until you set them" in card(SEED, "conv1", gone)["inside"]["note"]


def test_a_layer_without_arithmetic_offers_what_there_is_to_see():
    words = decode(
        "100-2~Input.100.as-words.kind-indices.high-9~Embedding.9.6.as-look~LSTM.4.batch_first-t~Select.1.-1~Linear.2"
    )
    part = card(words, "lstm1", Looking())
    offered = [(offer["key"], offer["value"]) for offer in part["offers"]]
    rows = [("select", name) for name in ("look", "select1", "fc1")]
    assert offered == [("lens", "maps"), ("lens", "weights"), *rows]
    assert "The arithmetic of lstm1 is not written out here" in part["absent"]
    note = card(words, "look", Looking(), lens="maps")["inside"]["note"]
    assert "words gets the indices 0, 1, 2, …, and from 0 again after 8." in note


def test_what_takes_long_waits_while_a_hand_moves():
    large = decode("3x224x224~Conv2d.64.11.stride-4")
    assert card(large, "conv1", Looking(), is_moving=True)["waits"] is True
    assert card(large, "conv1", Looking())["inside"]
    assert card(SEED, "conv2", Looking(), is_moving=True)["inside"]
    assert limits.INSIDE_MOVING.most < limits.INSIDE_OPERATIONS.most


def test_the_card_is_in_the_address_and_costs_nothing_while_it_is_closed(monkeypatch):
    view = View(selected="conv1", chart="inside")
    assert decode_view(encode_view(view)) == view
    monkeypatch.setattr(inside, "look", None)
    assert [figure["key"] for figure in data(Session())["figures"]] == ["flow", "bars"]


def test_the_panel_opens_and_closes_it():
    session = Session()
    (way,) = data(session)["panel"]["ways"]
    assert (way["key"], way["label"]) == ("inside", "Look inside")
    events.apply(session, "inside", None, "commit")
    assert session.view.chart == "inside"
    assert data(session)["figures"][1]["inside"]["layer"] == "conv1"
    events.apply(session, "inside", None, "commit")
    assert session.view.chart == View().chart
    session.select("fc1")
    assert data(session)["panel"]["ways"]
    session.select("relu1")
    assert data(session)["panel"]["ways"] == [way]
    events.apply(session, "inside", None, "commit")
    assert data(session)["figures"][1]["title"] == "How relu1 computes one value"
    events.apply(session, "inside", None, "commit")
    lstm = Session(network=PRESETS["lstm-classifier"], before=PRESETS["lstm-classifier"], view=View(selected="lstm"))
    events.apply(lstm, "inside", None, "commit")  # nothing is written out there: what it outputs is seen
    assert data(lstm)["figures"][1]["title"] == "What lstm outputs"
    assert data(lstm)["figures"][1]["inside"]["sheet"]
    events.apply(session, "inside", None, "commit")
    events.apply(session, "inside", None, "commit")
    assert session.view.chart == View().chart


def test_events_change_what_is_looked_at():
    session = open_session(selected="conv2")
    for key, value in (("image", "cross"), ("filter", 7), ("channel", 4)):
        events.apply(session, f"inside:{key}", value, "commit")
    assert session.looking == Looking("cross", 0, 7, 4)
    events.apply(session, "inside:new", None, "commit")
    assert session.looking.seed == 1
    events.apply(session, "inside:weights", "blur", "commit")
    shown = scene(session)
    assert torch.allclose(numbers(shown["weights"]), torch.tensor(1 / 25))
    assert (shown["bias"], shown["hand"]["value"]) == (0, "blur")
    events.apply(session, "inside:cell", "1,2,0.5", "commit")
    shown = scene(session)
    kernels = numbers(shown["weights"]).reshape(6, 5, 5)
    assert kernels[4, 1, 2] == 0.5
    assert torch.allclose(kernels[3], torch.tensor(1 / 25))
    assert shown["hand"]["value"] == "hand"
    events.apply(session, "inside:weights", "random", "commit")
    assert session.looking.hands == ()
    events.apply(session, "inside:weights", "vertical", "commit")
    session.looking = replace(session.looking, seed=limits.INSIDE_SEED.most)
    events.apply(session, "inside:new", None, "commit")
    assert (session.looking.seed, session.looking.hands) == (0, ())


def test_a_starter_follows_the_kernel_size():
    session = open_session()
    events.apply(session, "inside:weights", "vertical", "commit")
    events.apply(session, "conv1.kernel_size", 3, "commit")
    assert numbers(scene(session)["weights"]).reshape(3, 3).tolist() == [[-1, 0, 1]] * 3


def test_a_filter_that_the_layer_does_not_have_is_its_last():
    session = open_session(selected="conv2")
    events.apply(session, "inside:filter", 11, "commit")
    session.select("conv1")
    assert scene(session)["filter"] == 5
    events.apply(session, "inside:weights", "blur", "commit")
    assert session.looking.hands == (Hand("conv1", 5, EVERY, "blur"),)


@pytest.mark.parametrize(
    ("verb", "value"),
    [
        ("image", "gone"), ("image", 3), ("filter", -1), ("filter", True), ("filter", 1.5), ("filter", 10**9),
        ("channel", "1"), ("weights", "odd"), ("cell", "0,0"), ("cell", "0,0,nan"), ("cell", "0,0,inf"),
        ("cell", "0,9,1"), ("cell", "-1,0,1"), ("cell", "0,0,1001"), ("cell", None),
        ("own", "???"), ("own", None), ("own", "AAAA"), ("own", "ä"), ("nothing", 1),
    ],
)  # fmt: skip
def test_events_that_make_no_sense_change_nothing(verb, value):
    session = open_session()
    events.apply(session, f"inside:{verb}", value, "commit")
    assert session.looking == Looking()
    session = open_session(selected="fc1")
    events.apply(session, "inside:cell", "0,0,1", "commit")
    assert session.looking == Looking()


def test_weights_by_hand_are_bounded_in_size_and_number():
    session = open_session()
    events.apply(session, "inside:cell", f"0,0,{limits.INSIDE_WEIGHT.most}", "commit")
    assert len(session.looking.hands) == 1
    many = tuple(Hand(f"conv{n}", 0, EVERY, "blur") for n in range(limits.INSIDE_HANDS.most))
    session.looking = Looking(hands=many)
    events.apply(session, "inside:weights", "blur", "commit")
    assert len(session.looking.hands) == limits.INSIDE_HANDS.most
    assert session.looking.hands[-1].layer == "conv1"


def own_picture() -> str:
    pixels = torch.zeros(pictures.SIDE, pictures.SIDE, 3, dtype=torch.uint8)
    pixels[:, : pictures.SIDE // 2] = 255
    return b64encode(bytes(pixels.numpy().tobytes())).decode()


def test_an_image_of_ones_own_is_scaled_and_kept_while_there_is_room():
    session = open_session()
    text = own_picture()
    assert len(text) == LONG["inside:own"]
    assert limits.PICTURE_SIDE.most == pictures.SIDE
    events.apply(session, "inside:own", text, "commit")
    shown = scene(session)
    cells = numbers(shown["cells"]).reshape(28, 28)
    assert cells[14, 3] == pytest.approx(1, abs=0.011)
    assert cells[14, 25] == 0
    assert shown["image"]["value"] == "own"
    assert "28×28" in shown["note"]
    mine = session.looking.image
    for _ in range(limits.PICTURES.most):
        pictures.keep(b64decode(text))
    assert pictures.picture(mine) is None
    assert len(pictures.kept.values) == limits.PICTURES.most
    assert GONE[pictures.OWN].strip() in scene(session)["note"]
    assert scene(session)["image"]["value"] in SAMPLES
    assert limits.PICTURE_FILE.sentence() == shown["own"]["says"]


def test_a_preview_looks_at_the_same():
    session = open_session()
    events.apply(session, "inside:own", own_picture(), "commit")
    events.apply(session, "inside:weights", "sharpen", "commit")
    events.apply(session, "inside:cell", "0,0,2.5", "commit")
    request = {**json.loads(json.dumps(token(session))), "key": "conv1.kernel_size", "value": 7}
    shown = answer(request)["figures"][1]
    events.apply(session, "conv1.kernel_size", 7, "input")
    assert json.dumps(shown) == json.dumps(data(session)["figures"][1])
    assert shown["inside"]["kernel"] == (7, 7)


@pytest.mark.parametrize("starter", [*STARTERS, ((1.0, 2.0), (3.0, -4.5))])
def test_what_is_told_is_read_back(starter):
    looking = Looking("edges", 5, 2, 1, (Hand("conv1", 2, EVERY if isinstance(starter, str) else 1, starter),))
    assert read(json.loads(json.dumps(told(looking)))) == looking
    assert told(Looking()) is None
    assert read(None) == Looking()


@pytest.mark.parametrize(
    "hand",
    [
        None, [], {"layer": "a", "filter": 0, "channel": 0, "kernel": "odd"},
        {"layer": "a", "filter": 0, "channel": 0, "kernel": [[1], [1, 2]]},
        {"layer": "a", "filter": 0, "channel": 0, "kernel": [[1e9]]},
        {"layer": "a", "filter": 0, "channel": 0, "kernel": [["1"]]},
        {"layer": "a", "filter": 0, "channel": 0, "kernel": [[1.0] * 12]},
        {"layer": "a", "filter": 0, "channel": 0, "kernel": [[float("nan")]]},
        {"layer": "a", "filter": "0", "channel": 0, "kernel": "blur"},
    ],
)  # fmt: skip
def test_a_token_that_was_changed_holds_nothing_odd(hand):
    raw = asdict(Looking()) | {"hands": [hand]}
    assert read(raw) == Looking()
    assert read(raw | {"seed": -1}) == Looking()
    assert read(raw | {"filter": True}) == Looking()
    assert (
        len(read(raw | {"hands": [{"layer": "a", "filter": 0, "channel": 0, "kernel": "blur"}] * 99}).hands)
        == limits.INSIDE_HANDS.most
    )


def test_known_networks_are_looked_into_or_refused_in_a_sentence():
    for key in ("resnet18", "densenet121", "vgg16", "textcnn", "unet", "lstm-classifier"):
        network = PRESETS[key]
        for name in network.names[:4]:
            part = card(network, name, Looking())
            assert bool(part["inside"]) is not bool(part["absent"])
    assert limits.INSIDE_CHANNELS.most < limits.INSIDE_CELLS.most


def test_all_that_is_set_by_hand_fits_in_a_previews_question():
    session = open_session(SEED.with_argument("conv1", "kernel_size", 11))
    for place in range(6):
        events.apply(session, "inside:filter", place, "commit")
        events.apply(session, "inside:cell", "0,0,-0.123456789", "commit")
    one = session.looking.hands[0]
    session.looking = replace(session.looking, hands=(one,) * limits.INSIDE_HANDS.most)
    assert len(json.dumps(token(session))) < 0.8 * limits.QUESTION_TEXT.most


def test_a_chosen_cell_is_part_of_the_link_and_computes_nothing(monkeypatch):
    session = open_session(selected="conv2")
    events.apply(session, "inside:filter", 3, "commit")
    events.apply(session, "inside:at", "2,5", "commit")
    assert (session.looking.filter, session.looking.cell) == (3, (2, 5))
    code = encode_view(session.view)
    assert "looked-digit,0,3,0,0,2,5" in code
    assert opened(Looking(), decode_view(code).looked) == session.looking
    assert read(json.loads(json.dumps(told(session.looking)))) == session.looking
    assert card(SEED, "conv2", session.looking)["inside"]["at"] == [2, 5]
    monkeypatch.setattr(inside, "look", lambda *_: pytest.fail("run again"))
    events.apply(session, "inside:at", "1,1", "commit")
    assert card(SEED, "conv2", session.looking)["inside"]["at"] == [1, 1]


@pytest.mark.parametrize(
    "value", ["", "1", "1,2,3,4", "-1,2", "1.5,2", "٣,1", "a,b", "65536,1", "100000,1", None, 7, "1," * 99]
)
def test_what_is_no_cell_changes_nothing(value):
    session = open_session()
    events.apply(session, "inside:at", value, "commit")
    assert session.looking == Looking()


def test_a_cell_belongs_to_the_maps_of_its_layer():
    session = open_session(selected="conv1")
    for key, value, cell in (
        ("inside:at", "2,5", (2, 5)), ("lens", "maps", (2, 5)), ("inside:filter", 1, (2, 5)),
        ("lens", "window", (2, 5)),
        ("select", "conv2", ()), ("inside:at", "1,1", (1, 1)), ("lens", "weights", ()), ("inside:at", "4,4", (4, 4)),
        ("lens", "class", ()), ("inside:at", "3,3", (3, 3)), ("select", "conv1", (3, 3)), ("lens", "maps", ()),
    ):  # fmt: skip
        events.apply(session, key, value, "commit")
        assert session.looking.cell == cell, (key, value)
        assert decode_view(encode_view(session.view)).looked == words(session.looking)


@pytest.mark.parametrize(
    "code",
    [
        "looked-digit,0,0,0,0,2",
        "looked-digit,0,0,0,0,2,5,6,7",
        "looked-digit,0,0,0,0,2,x",
        "looked-digit,0,0,0,0,123456,1",
    ],
)
def test_a_damaged_cell_leaves_the_view_as_usual(code):
    assert decode_view(code) == View()


def test_the_slice_of_a_volume_is_chosen_beside_the_cell():
    network = decode("2x6x8x8-3~Conv3d.4.3~Flatten~Linear.3")
    session = open_session(network, "conv1")
    session.with_view(lens="maps")
    for key, value in (("inside:filter", 2), ("inside:channel", 3), ("inside:at", "4,1")):
        events.apply(session, key, value, "commit")
    assert (session.looking.filter, session.looking.channel, session.looking.cell) == (2, 3, (4, 1))
    seen = card(network, "conv1", session.looking, lens="maps")["inside"]
    assert seen["chooses"] == {"inside:filter": "down", "inside:channel": "across"}
    assert (seen["filter"], seen["channel"], seen["at"]) == (2, 3, [4, 1])
