"""The views beside the window: what the browser gets is what torch made, whatever network, image or file it is."""

import json
import struct
from base64 import b64encode
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.link import View, decode, decode_view, encode_view
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.class_maps import class_map, last_map
from layerscope.study.covering import covered
from layerscope.study.data import FASHION_FOLDER, PHOTOGRAPHS, load, photograph
from layerscope.study.exciting import exciting
from layerscope.study.hands import Hand
from layerscope.study.inside import look, up_to
from layerscope.study.samples import sample
from layerscope.study.sets import CLOTHES
from layerscope.study.sights import sights
from layerscope.tracing import trace
from layerscope.ui import events, pictures, weightfiles
from layerscope.ui.handed import hand_words
from layerscope.ui.inside import LENSES, LONG, TITLES, card
from layerscope.ui.insides import images, sheets
from layerscope.ui.insides.heat import class_names
from layerscope.ui.looking import Looking, opened, read, set_of, told, words
from layerscope.ui.preview import answer, token
from layerscope.ui.session import Session
from layerscope.ui.takeaway import _fresh
from layerscope.weights import fresh_weights
from tests.ui.test_inside_card import numbers, own_picture

SEED = PRESETS[DEFAULT]
IMAGE = sample("digit", SEED.input_shape)


def seen(lens, name="conv1", network=SEED, looking=None):
    part = card(network, name, looking or Looking(), lens=lens)
    assert part["absent"] == ""
    json.dumps(part, allow_nan=False)
    return part["inside"]


def tiles(scene):
    return numbers(scene["sheet"]["tiles"]).reshape(scene["sheet"]["shape"])


@pytest.mark.parametrize("name", SEED.names)
def test_all_that_a_layer_outputs_is_on_one_sheet(name):
    scene, made = seen("maps", name), torch.from_numpy(look(SEED, IMAGE).maps[name])
    shown = tiles(scene)
    if made.ndim == 3:
        assert torch.equal(shown[0], made)
        assert scene["picture"]["size"] == [28, 28]
        assert scene["sights"] == sights(trace(SEED).by_name[name])
    else:
        assert torch.equal(shown.flatten()[: len(made)], made)
    assert scene["sheet"]["most"] == pytest.approx(float(made.abs().max()))
    assert scene["can_write"]
    assert "All maps share one color scale: white = 0, darkest orange" in scene["sheet"]["said"]


def test_every_weight_tensor_can_be_seen():
    weights = module(SEED).state_dict()
    scene = seen("weights", "conv2")
    assert torch.equal(tiles(scene), weights["conv2.weight"])
    assert [one["value"] for one in scene["tensor"]["options"]] == ["weight", "bias"]
    scene = seen("weights", "conv2", looking=Looking(tensor="bias"))
    assert torch.equal(tiles(scene).flatten()[:12], weights["conv2.bias"])
    assert torch.equal(tiles(seen("weights", "fc1"))[0, 0], weights["fc1.weight"])
    assert tiles(seen("weights", "lstm", PRESETS["lstm-classifier"])).shape[-1] <= limits.INSIDE_MATRIX.most
    many = seen("weights", "lstm", PRESETS["lstm-classifier"])["tensor"]["options"]
    assert 4 <= len(many) <= limits.INSIDE_TENSORS.most


@pytest.mark.parametrize(("name", "row"), [("conv1", 3), ("pool2", 11), ("fc1", 7)])
def test_the_images_that_excite_a_map_most(name, row):
    digits, found = load("digits"), exciting(up_to(SEED, name), load("digits"))
    scene = seen("excites", name, looking=Looking(filter=row))
    assert scene["names"] == [f"digits.{place}" for place in found.images[row].tolist()]
    assert torch.allclose(tiles(scene)[0], digits.images[found.images[row], 0] / 16)
    assert scene["captions"][0].startswith(f"{digits.label(int(found.images[row, 0]))}: ")
    assert (scene["filter"], scene["filters"]) == (row, len(found.images))
    for box in scene["boxes"]:
        assert 0 <= box[0] < box[2] <= 1
        assert 0 <= box[1] < box[3] <= 1
    assert len(scene["boxes"]) == len(scene["names"])


def test_another_map_of_a_layer_runs_no_image_again(monkeypatch):
    seen("excites", "conv1")
    monkeypatch.setattr(sheets, "exciting", lambda *_: pytest.fail("run again"))
    assert seen("excites", "conv1", looking=Looking(filter=2))["filter"] == 2


def test_grad_cam_is_drawn_for_the_best_class_and_for_any_other():
    scores = look(SEED, IMAGE).tensors["out"]
    scene = seen("class")
    assert scene["top"][0]["value"] == int(scores.argmax())
    assert scene["over"].removeprefix("Image, orange where it supports ") in scene["said"]
    scene = seen("class", looking=Looking(wanted=4))
    wanted = class_map(SEED, IMAGE, 4)
    assert torch.equal(numbers(scene["heat"]).reshape(scene["size"]), wanted.heat)
    assert (scene["cell"], scene["classes"]) == ("pool2", 10)
    assert "until the network is trained: with random weights, which places stand out" in scene["note"]
    assert seen("class", looking=Looking(wanted=99))["wanted"] == 9


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("network", [SEED, decode("1x28x28-9~Flatten~Linear.9")], ids=["map", "covered"])
def test_the_first_class_seen_is_the_networks_own_choice(seed, network):
    scene = seen("class", network.names[0], network, Looking(seed=seed))
    best = int(look(network, IMAGE, seed).tensors[network.output_names[0]].argmax())
    assert scene["wanted"] == best == scene["top"][0]["value"]
    assert f"for class {best}, the network's first choice" in scene["said"]
    shows = bool((numbers(scene["heat"]) > 0).any())
    assert ("Nothing in this image supports it; choose another class below." in scene["said"]) is not shows
    other = seen("class", network.names[0], network, Looking(seed=seed, wanted=(best + 1) % 9))
    assert "first choice" not in other["said"]


def test_without_a_map_the_image_is_covered_for_the_class():
    network = decode("1x28x28~Flatten~Linear.16~ReLU~Linear.10").with_classes(10)
    scene, found = seen("class", network.names[0], network), covered(network, IMAGE)
    assert torch.equal(numbers(scene["heat"]).reshape(scene["size"]), found.drops[scene["wanted"]])
    assert scene["method"] == "Occlusion"
    assert "each 2×2 square of the input in turn is set to 0" in scene["said"]
    assert scene["picture"]["size"] == [28, 28]
    values = seen("class", "linear1", decode("13~Linear.8~Linear.3").with_classes(3), Looking(wanted=2))
    assert (values["picture"], values["size"], values["wanted"]) == (None, [1, 13], 2)
    assert "each value of the input in turn" in values["said"]
    assert card(network, "linear1", Looking(), lens="class", is_moving=True).get("waits") is not True


VOLUMES = {
    "Grad-CAM": "1x8x12x12-4~Conv3d.3.3~ReLU~MaxPool3d.2~Flatten~Linear.4",
    "Occlusion": "1x8x12x12-4~Flatten~Linear.4",
    "branching": "1x8x12x12-4~Conv3d.3.3.padding-1~Conv3d.3.1.in-input~Add.in-conv1,conv2~Flatten~Linear.4",
}


@pytest.mark.parametrize("key", VOLUMES)
def test_the_heat_of_a_volume_is_its_slices_on_one_scale(key):
    network = decode(VOLUMES[key])
    image = sample("digit", network.input_shape)
    scene = seen("class", network.names[0], network, Looking(wanted=2))
    method = "Occlusion" if key == "Occlusion" else "Grad-CAM"
    wanted = covered(network, image).drops[2] if method == "Occlusion" else class_map(network, image, 2).heat
    assert scene["method"] == method
    assert wanted.ndim == 3
    assert torch.equal(tiles(scene)[0], wanted)
    assert torch.equal(numbers(scene["heat"]).reshape(-1, *scene["size"]), wanted)
    assert scene["sheet"]["most"] == pytest.approx(float(wanted.abs().max()))
    assert scene["sheet"]["said"].startswith(f"{len(wanted)} slices of {'×'.join(map(str, wanted.shape[1:]))} cells. ")
    assert "All slices share one color scale: white = 0, darkest orange = " in scene["sheet"]["said"]
    assert scene["picture"]["size"] == [12, 12]
    assert all(torch.equal(image[:, 0], image[:, place]) for place in range(8)), "else one picture would not do"
    assert "Each slice of the input is this image" in scene["over"]
    if method == "Occlusion":
        assert "each 1×1×1 block of the input in turn is set to 0" in scene["said"]


def test_of_a_deep_volume_a_part_of_the_slices_is_sent():
    network = decode("1x70x4x4-3~Conv3d.2.1~Flatten~Linear.3")
    heat = class_map(network, sample("digit", network.input_shape), 1).heat
    for channel, first, said in ((0, 0, "the first 32 of 70 slices"), (40, 32, "slices 32 to 63 of 70")):
        scene = seen("class", "conv1", network, Looking(wanted=1, channel=channel))
        assert torch.equal(tiles(scene)[0], heat[first : first + 32])
        assert said in scene["sheet"]["said"]
        assert "All slices on this sheet share" in scene["sheet"]["said"]
        assert (scene["depth"], scene["channel"], scene["labels"]) == (70, channel, ("", "slice"))
        assert scene["sheet"]["first"] == ({"across": first} if first else {})


def test_a_heat_of_too_many_cells_is_sent_as_means():
    network = decode("1x300x300-3~Conv2d.1.1~MaxPool2d.300~Flatten~Linear.3").with_input((1, 300, 300))
    scene = seen("class", "conv1", decode("1x300x300-3~ReLU~Flatten~Linear.3"))
    assert scene["size"] == [150, 150]
    assert "Each cell is the mean of 2×2." in scene["said"]
    assert network.input_shape == (1, 300, 300)


def test_classes_have_the_names_of_their_data():
    for image in ("shirt", "fashion-mnist.3", "own-1"):
        assert class_names(SEED, image, 10)[1] == "Trouser"
    assert class_names(SEED.with_argument("conv1", "kernel_size", 3), "shirt", 10)[1] == "Trouser"
    assert class_names(SEED.with_classes(12), "shirt", 12) == ()
    assert class_names(PRESETS["lenet5"], "digits.3", 10) == tuple("0123456789")
    assert class_names(PRESETS["lenet5"], "digit", 10) == ()
    scene = seen("class", looking=Looking("shirt", wanted=1))
    assert "class 1 (Trouser)" in scene["said"]
    assert "Classes have numbers" not in scene["said"]


@pytest.mark.parametrize("image", ["digit", "digits.3", "cross", "flower"])
def test_an_image_that_is_no_piece_of_clothing_is_judged_by_the_numbers_of_the_classes(image):
    scene = seen("class", looking=Looking(image, wanted=9))
    told = [scene["said"], *(one["label"] for one in scene["top"])]
    assert not [name for name in CLOTHES if any(name in text for text in told)]
    assert "class 9" in scene["said"]
    assert scene["said"].endswith("pieces of clothing, and this image shows none.")


def test_the_window_shows_what_its_cell_sees_of_the_image():
    scene = seen("window", "conv2")
    assert scene["sights"] == sights(trace(SEED).by_name["conv2"])
    assert scene["picture"]["size"] == [28, 28]
    assert "picture" not in seen("window", "conv1"), "its window lies on the image itself"


def test_nothing_is_computed_before_it_is_looked_at(monkeypatch):
    monkeypatch.setattr(images, "load", lambda _: pytest.fail("loaded"))
    for lens in ("window", "weights", "maps", "class"):
        assert card(SEED, "conv1", Looking(), lens=lens)["inside"]


@pytest.mark.parametrize("key", ["resnet18", "densenet121", "textcnn", "lstm-classifier", "unet", "googlenet"])
@pytest.mark.parametrize("lens", LENSES)
def test_every_view_of_any_network_is_there_or_says_why_not(lens, key, monkeypatch):
    monkeypatch.setattr(sheets, "exciting", lambda *_: pytest.fail("too much for a test"))
    network = PRESETS[key]
    for name in network.names[:2] if lens != "excites" else ():
        part = card(network, name, Looking(), lens=lens)
        assert bool(part["inside"]) is not bool(part["absent"])
        json.dumps(part, allow_nan=False)
    gone = card(network, "", Looking(), lens=lens)
    assert gone["title"] == (TITLES[lens] if lens == "class" else "Look inside")


def test_a_row_that_is_not_reached_says_what_does_not_run():
    broken = SEED.with_argument("conv1", "kernel_size", 29)
    for lens in LENSES:
        assert "conv1 does not run" in card(broken, "conv2", Looking(), lens=lens)["absent"]
    assert (
        card(decode("8~ReLU"), "relu1", Looking(), lens="weights")["absent"]
        == "This network has no layer with weights."
    )


@pytest.mark.parametrize("lens", ["window", "weights"])
def test_a_layer_without_a_window_or_weights_still_has_maps(lens):
    network = decode("1x28x28~Conv2d.6.3.as-conv1~Conv2d.6.3.as-conv2~LPPool2d.2.2.as-pool")
    offers = card(network, "pool", Looking(), lens=lens)["offers"]
    assert offers[0] == {"key": "lens", "value": "maps", "label": "See what pool outputs"}
    assert {one["value"] for one in offers[1:]} >= {"conv1", "conv2"}


# Images.


@pytest.mark.parametrize("image", [*PHOTOGRAPHS, "digits.0", "digits.1796", "digits.99999"])
def test_any_image_fits_any_input_and_that_is_said(image):
    for network in (SEED, PRESETS["resnet18"], decode("64~Linear.8"), decode("3x40~Conv1d.2.3")):
        made = images.picture(image, network.input_shape)
        assert tuple(made.shape) == network.input_shape
        assert 0 <= made.min() < made.max() <= 1
        assert images.about(network, image).endswith(". ")
    assert images.about(SEED, "digits.3") == "8×8 digit, enlarged to 28×28; its label is 3. "
    assert images.about(SEED, "china") == "427×427 photograph, reduced to 28×28, in gray; its middle square. "


def test_a_picture_is_drawn_in_its_colors_and_never_larger_than_needed():
    network = PRESETS["resnet18"].with_input((3, 500, 300))
    found = images.pixels(network, images.picture("flower", network.input_shape))
    assert found is not None
    assert (found["rows"], found["columns"], found["size"]) == (
        limits.PICTURE_SIDE.most,
        limits.PICTURE_SIDE.most,
        [500, 300],
    )
    small = images.pixels(SEED, torch.full((1, 28, 28), 0.5))
    assert small is not None
    assert small["pixels"] == b64encode(bytes([128]) * 3 * 28 * 28).decode()
    assert images.pixels(SEED, torch.zeros(7)) is None
    assert tuple(photograph("flower").shape) == (3, 427, 427)


def test_images_are_chosen_by_events():
    session = Session()
    for value, image in (("digits", "digits.0"), ("china", "china"), ("digits.17", "digits.17")):
        events.apply(session, "inside:image", value, "commit")
        assert session.looking.image == image
    events.apply(session, "inside:number", 40, "commit")
    assert session.looking.image == "digits.40"
    choice = images.choice(session.looking)
    assert (choice["value"], choice["number"], choice["count"]) == ("digits", 40, 1_797)
    for odd in (-1, 1.5, True, "3", limits.SET_IMAGES.most):
        events.apply(session, "inside:number", odd, "commit")
        assert session.looking.image == "digits.40"
    assert set_of("digits.x") == set_of("odd.3") == set_of("digits.") == ("", 0)


def test_fashion_mnist_is_offered_where_it_is(tmp_path, monkeypatch):
    monkeypatch.delenv(FASHION_FOLDER, raising=False)
    assert list(images.sets()) == ["digits"]
    pixels = torch.arange(2 * 28 * 28).remainder(256).to(torch.uint8).numpy().tobytes()
    (tmp_path / "images-idx3-ubyte").write_bytes(struct.pack(">4i", 0x0803, 2, 28, 28) + pixels)
    (tmp_path / "labels-idx1-ubyte").write_bytes(struct.pack(">2i", 0x0801, 2) + bytes([9, 0]))
    monkeypatch.setenv(FASHION_FOLDER, str(tmp_path))
    assert list(images.sets()) == ["digits", "fashion-mnist"]
    assert images.about(SEED, "fashion-mnist.0") == "28×28 image; its label is Ankle boot. "
    scene = seen("excites", "conv1", looking=Looking(excites="fashion-mnist"))
    assert sorted(scene["names"]) == ["fashion-mnist.0", "fashion-mnist.1"]
    monkeypatch.setenv(FASHION_FOLDER, str(tmp_path / "gone"))
    assert images.about(SEED, "fashion-mnist.0") == ""
    assert torch.equal(images.picture("fashion-mnist.0", SEED.input_shape), IMAGE)
    assert seen("excites", "conv1", looking=Looking(excites="fashion-mnist"))["names"][0].startswith("digits.")


def test_a_drawing_takes_the_place_of_the_one_before():
    session, before = Session(), len(pictures.kept.values)
    for _ in range(3):
        events.apply(session, "inside:drawn", own_picture(), "commit")
    assert len(pictures.kept.values) in (before, before + 1)
    assert session.looking.image.startswith("drawn-")
    assert images.choice(session.looking)["value"] == "drawn"
    assert images.about(SEED, session.looking.image) == "Your drawing, scaled to 28×28. "
    assert "no longer has your drawing" in images.about(SEED, "drawn-gone")
    assert LONG["inside:drawn"] == len(own_picture())


# Weights.


def file(network=SEED, seed=3, **changes):
    values = {**module(network, seed).state_dict(), **changes}
    return b64encode(safetensors.torch.save(values)).decode()


def test_a_files_weights_take_the_place_of_random_ones():
    session = Session()
    events.apply(session, "inside:file", file(), "commit")
    assert session.looking.problem == ""
    scene = seen("maps", "out", looking=session.looking)
    assert torch.equal(tiles(scene).flatten(), look(SEED, IMAGE, seed=3).tensors["out"])
    assert scene["has_file"]
    assert scene["note"] == "The weights come from your file."
    assert torch.equal(
        tiles(seen("weights", "conv1", looking=session.looking)), module(SEED, 3).get_parameter("conv1.weight")
    )
    events.apply(session, "inside:weights", "blur", "commit")
    blurred = tiles(seen("weights", "conv1", looking=session.looking))
    assert torch.allclose(blurred[0], torch.tensor(1 / 25))
    assert torch.equal(blurred[1:], module(SEED, 3).get_parameter("conv1.weight")[1:])
    events.apply(session, "inside:fresh", None, "commit")
    assert session.looking.file == ""


def test_a_changed_network_keeps_what_fits_of_a_file():
    session = Session()
    events.apply(session, "inside:file", file(), "commit")
    events.apply(session, "conv1.kernel_size", 3, "commit")
    scene = seen("maps", "conv2", session.network, session.looking)
    assert scene["note"].endswith("Random, as of another shape in it: conv1.weight.")
    assert torch.equal(
        tiles(seen("weights", "conv2", session.network, session.looking)), module(SEED, 3).get_parameter("conv2.weight")
    )
    weightfiles.kept.values.clear()
    assert "gone from the server: all weights are random" in seen("maps", "conv2", SEED, session.looking)["note"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("???", "not a safetensors file"), (None, "not a safetensors file"),
        (b64encode(b"pickle").decode(), "not a safetensors file"),
        (file(PRESETS["lenet5"]), "conv2.weight expects 12×6×5×5, but gets 16×6×5×5;"),
        (b64encode(bytes(limits.WEIGHTS_FILE.most + 1)).decode(), "this view takes at most"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_leaves_everything_and_a_sentence(value, said):
    session = Session()
    events.apply(session, "inside:file", value, "commit")
    assert said in session.looking.problem
    assert session.looking.file == ""
    assert seen("maps", looking=session.looking)["problem"] == session.looking.problem
    assert read(json.loads(json.dumps(told(session.looking)))) == session.looking
    events.apply(session, "inside:seed", 4, "commit")
    assert (session.looking.problem, session.looking.seed) == ("", 4)


def test_what_fits_of_a_file_is_offered_and_taken_as_torch_takes_it():
    values = {name: tensor for name, tensor in module(SEED, 3).state_dict().items() if name.startswith("conv1.")}
    values |= {"fc2.weight": torch.ones(84, 9), "fc2.bias": module(SEED, 3).get_parameter("fc2.bias").detach()}
    session = Session()
    events.apply(session, "inside:seed", 4, "commit")
    events.apply(session, "inside:file", b64encode(safetensors.torch.save(values)).decode(), "commit")
    scene = seen("maps", "out", looking=session.looking)
    assert scene["problem"] == (
        "The file does not fit this network. Missing: conv2.weight, conv2.bias, fc1.weight and 3 more. fc2.weight "
        "expects 60×120, but gets 84×9."
    )
    assert session.looking.file == ""
    assert read(json.loads(json.dumps(told(session.looking)))) == session.looking
    (cure,) = scene["cures"]
    events.apply(session, cure["key"], None, "commit")
    scene = seen("maps", "out", looking=session.looking)
    assert (scene["problem"], scene["cures"]) == ("", [])
    net = module(SEED, 4)
    fits = {name: tensor for name, tensor in values.items() if name != "fc2.weight"}  # torch refuses those always
    net.load_state_dict(fits, strict=False)
    with torch.no_grad():
        assert torch.equal(tiles(scene).flatten(), net.eval()(IMAGE[None])[0])
    assert scene["note"] == (
        "The weights of conv1 and fc2 come from your file. Random, as not in it: conv2, fc1 and out. Random, as of "
        "another shape in it: fc2.weight."
    )
    assert seen("maps", "conv1", looking=session.looking)["note"] == scene["note"]


def test_a_part_that_was_offered_goes_with_the_next_event_and_nothing_is_offered_of_a_file_of_another_network():
    session = Session()
    part = b64encode(safetensors.torch.save({"conv1.bias": torch.ones(6)})).decode()
    events.apply(session, "inside:file", part, "commit")
    assert session.looking.offered
    events.apply(session, "inside:seed", 4, "commit")
    events.apply(session, "inside:fitting", None, "commit")
    assert (session.looking.file, session.looking.offered) == ("", "")
    other = b64encode(safetensors.torch.save({"a.weight": torch.ones(6)})).decode()
    events.apply(session, "inside:file", other, "commit")
    assert session.looking.offered == ""
    assert session.looking.problem.endswith("and 7 more. Not in this network: a.weight.")


def test_files_are_kept_while_there_is_room_and_their_size_is_one_number():
    assert weightfiles.kept.most == limits.WEIGHTS_FILES.most
    assert 4 * limits.WEIGHTS_FILE.most / 3 < limits.MESSAGE.most, "a file comes as one message"
    assert LONG["inside:file"] == weightfiles.TEXT
    for _ in range(limits.WEIGHTS_FILES.most + 2):
        weightfiles.kept.keep(b"x", "weights")
    assert len(weightfiles.kept.values) == limits.WEIGHTS_FILES.most


def test_what_is_exported_has_the_seed_that_is_looked_at():
    session = Session(looking=Looking(seed=6))
    assert _fresh(session) == fresh_weights(SEED, seed=6)
    for value in (-1, True, "4", limits.INSIDE_SEED.most + 1):
        events.apply(session, "inside:seed", value, "commit")
        assert session.looking.seed == 6


# The way there.


def test_a_link_opens_the_same_view():
    for lens in LENSES:
        view = View(chart="inside", lens=lens)
        assert decode_view(encode_view(view)) == view
        session = Session(view=view)
        events.apply(session, "lens", "maps", "commit")
        assert session.view.lens == "maps"


@pytest.mark.parametrize(
    "looking",
    [Looking(), Looking("digits.17"), Looking("fashion-mnist.3", 5, 2, 1, wanted=4), Looking("flower", filter=9)],
)
def test_a_link_holds_what_is_looked_at(looking):
    view = View(chart="inside", looked=words(looking))
    assert decode_view(encode_view(view)) == view
    assert opened(Looking("china", 3, wanted=2), view.looked) == looking


def test_what_is_ones_own_is_in_no_link_and_stays():
    mine = Looking("own-abc", 4, hands=(Hand("conv1", 0, -1, "blur"),))
    assert words(mine) == ("digit", "4", "0", "0", "0")
    assert opened(mine, words(mine), hand_words(mine.hands)) == mine
    assert opened(mine, words(mine)).hands == ()
    assert opened(mine, ("china", "1", "0", "0", "0")).image == "china"
    session = Session()
    events.apply(session, "inside:filter", 3, "commit")
    assert encode_view(session.view) == "looked-digit,0,3,0,0"


@pytest.mark.parametrize(
    "odd", ["looked-x", "looked-digits-17", "looked-digits-17,1,2,3", "looked-a,1,2,3,x", "looked-,1,2,3,4"]
)
def test_a_damaged_view_is_as_everybody_begins(odd):
    assert decode_view(odd) == View()
    assert opened(Looking(), ("nowhere", "99999", "1", "1", "1")) == Looking(
        "digit", limits.INSIDE_SEED.most, 1, 1, wanted=0
    )


@pytest.mark.parametrize("lens", ["window", "weights", "maps", "class"])
def test_a_moving_slider_shows_the_same_as_one_at_rest(lens):
    session = Session(view=View(chart="inside", lens=lens, selected="conv1"), looking=Looking("digits.5", seed=2))
    request = {**json.loads(json.dumps(token(session))), "key": "conv1.kernel_size", "value": 7}
    shown = answer(request)["figures"][1]
    changed = SEED.with_argument("conv1", "kernel_size", 7)
    wanted = card(changed, "conv1", session.looking, lens=lens)
    assert json.dumps(shown["inside"]) == json.dumps(wanted["inside"])
    assert "waits" not in shown


def test_what_takes_long_waits_for_the_hand():
    session = Session(view=View(chart="inside", lens="excites", selected="conv1"))
    request = {**json.loads(json.dumps(token(session))), "key": "conv1.kernel_size", "value": 7}
    assert answer(request)["figures"][1]["waits"]
    assert card(PRESETS["resnet18"], "conv1", Looking(), lens="maps", is_moving=True)["waits"]


def test_a_token_holds_what_is_looked_at():
    looking = Looking("digits.3", 5, 2, 1, (), "bias", 7, "fashion-mnist", "weights-x", "no")
    assert read(json.loads(json.dumps(told(looking)))) == looking
    for odd in ({"wanted": -2}, {"wanted": True}, {"tensor": "x" * 999}, {"file": "x" * 99}, {"excites": 3}):
        assert read(json.loads(json.dumps(told(looking))) | odd) == Looking()
    assert replace(looking, seed=0) != looking


# The arithmetic of one value.


@pytest.mark.parametrize(
    ("code", "position", "out"), [("70~Linear.30", 0, 7), ("3x9~Linear.5.bias-f", 2, 4), ("9000~Linear.2", 0, 1)]
)
def test_a_linears_largest_products_and_the_rest_are_its_sum(code, position, out):
    network = decode(code)
    scene = seen("window", "fc1", network, Looking("ramp", filter=out, channel=position))
    image = sample("ramp", network.input_shape)
    with torch.no_grad():
        wanted = module(network).eval()(image[None])[0].reshape(-1, network["fc1"].chosen["out_features"])
    weight = module(network).get_parameter("fc1.weight")[out].detach()
    row = image.reshape(-1, image.shape[-1])[position]
    products = row * weight
    largest = products.abs().argsort(descending=True, stable=True)[:12].sort().values
    assert [term[0] for term in scene["terms"]] == largest.tolist()
    for index, value, factor, product in scene["terms"]:
        assert (value, factor) == (float(row[index]), float(weight[index]))
        assert product == float(products[index])
    assert scene["others"] == len(products) - len(largest)
    total = scene["sum"] + scene["rest"] + (scene["bias"] or 0)
    assert total == pytest.approx(float(wanted[position, out]), abs=1e-4)
    assert scene["value"] == float(wanted[position, out])
    assert (scene["bias"] is None) is ("bias-f" in code)
    given = numbers(scene["given"]["cells"])
    assert torch.equal(given[:8_192][: len(row)], row[:8_192])
    assert (scene["filters"], scene["depth"]) == (wanted.shape[1], wanted.shape[0])


def test_a_signal_and_a_linear_lead_from_maps_to_their_arithmetic():
    signal = seen("maps", "conv1", decode("2x50~Conv1d.3.4"))
    assert signal["can_write"]
    assert signal["sheet"]["words"] == "map {row}, position {column}"
    assert signal["is_line"]
    assert (signal["chooses"], signal["place"]) == ({"inside:filter": "row"}, ["", "column"])
    linear = seen("maps", "fc1", decode("3x9~Linear.5"))
    assert linear["can_write"]
    assert linear["chooses"] == {"inside:filter": "column", "inside:channel": "row"}
    assert not seen("maps", "lstm", PRESETS["lstm-classifier"])["can_write"]
    assert seen("maps", "conv1", decode("1x6x6x6~Conv3d.2.3"))["place"] == ["across", "row", "column"]


def test_a_number_chooses_the_sheet_only_where_there_are_several():
    network = decode("1x10x10~Conv2d.130.3")
    scene = seen("maps", "conv1", network, Looking(filter=999))
    assert (scene["filter"], scene["filters"], scene["labels"][0]) == (129, 130, "map")
    assert "All maps on this sheet share one color scale" in scene["sheet"]["said"]
    assert seen("maps", "conv1")["filters"] == 0
    scene = seen("weights", "fc1", decode("300~Linear.5"), Looking(channel=299))
    assert (scene["depth"], scene["labels"], scene["sheet"]["first"]) == (300, ("row", "column"), {"column": 256})


def test_events_stay_within_what_a_layer_has():
    for code, name, most in (("4x5x5~ConvTranspose2d.6.2.groups-2", "deconv1", (5, 1)), ("7~Linear.3", "fc1", (2, 9))):
        network = decode(code)
        session = Session(network=network, before=network, view=View(selected=name, chart="inside"))
        session.looking = Looking(filter=9, channel=9)
        events.apply(session, "inside:image", "edges", "commit")
        assert (session.looking.filter, session.looking.channel) == most
        events.apply(session, "inside:cell", "0,0,1", "commit")
        assert session.looking.hands == ()


TOKENS = "100-2~Input.100.as-words.kind-indices.high-9~Embedding.9.6.as-look~LSTM.4.batch_first-t~Select.1.-1~Linear.2"


def test_each_step_of_a_sequence_has_its_evidence_and_an_own_picture_only_where_it_has_values():
    words = seen("class", "look", decode(TOKENS))
    assert (words["size"], words["picture"], words["cell"], words["wrapped"]) == ([10, 10], None, "step", 100)
    drops = covered(decode(TOKENS), {"words": torch.arange(100) % 9}).drops[words["wanted"]]
    assert torch.allclose(numbers(words["heat"]), drops.flatten())
    odd = seen("class", "look", decode(TOKENS.replace("100", "37")))
    assert (odd["size"], odd["wrapped"]) == ([4, 10], 37)
    assert not numbers(odd["heat"])[37:].any()
    assert (
        "the input is the indices 0, 1, 2, …, and the vectors of look for each step in turn are set to 0"
        in words["said"]
    )
    values = decode("12x5-3~GRU.4.batch_first-t~Select.1.-1~Linear.3")
    steps = seen("class", values.names[0], values)
    assert (steps["size"], steps["picture"]["size"], steps["cell"]) == ([1, 12], [5, 12], "step")
    assert "each step of the input in turn is set to 0" in steps["said"]
    signal = decode("2x50-3~Conv1d.4.5~ReLU~Flatten~Linear.3")
    assert seen("class", "conv1", signal)["cell"] == "stretch"
    assert seen("class", "conv1", signal)["is_line"]
    assert (
        "It reads each as a sequence: 8×8 digit, reduced to 1×50." in seen("excites", "conv1", signal)["sheet"]["said"]
    )


def test_heads_of_attention_are_no_map():
    """(heads, steps, features) look like a map; Grad-CAM on them would mean nothing."""
    network = decode(
        "16x8-3~Linear.8~Unflatten.2.2x4~Transpose.1.2.as-heads~ScaledDotProductAttention.in-heads,heads,heads~"
        "Mean.1~Flatten~Linear.3"
    )
    assert trace(network).error is None
    assert [len(step.output_shape or ()) for step in trace(network).steps][2:4] == [3, 3]
    assert last_map(trace(network)) is None
