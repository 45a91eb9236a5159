"""Every event that the stage can send is understood, and every other does no harm."""

from random import Random
from typing import Any

import pytest

from layerscope.changes import ripple
from layerscope.link import CHOICES
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.events import apply
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.large import large_last
from tests.ui.contract import check_stage, emitted

SEED = PRESETS[DEFAULT]


def at(network: Network, selected: str = "") -> Session:
    here = Session(network=network, before=network)
    here.select(selected)
    return here


def data_of(here: Session) -> dict[str, Any]:
    return stage_data(here, ripple(trace(here.before), trace(here.network)))


def picture(here: Session) -> tuple[object, ...]:
    """All that an event can change."""
    return here.network, here.view, dict(here.typed), here.notice, here.gesture


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_every_event_that_a_presets_stage_can_send_is_understood(name):
    network = PRESETS[name]
    layers = dict.fromkeys(layer.type for layer in network.layers)
    firsts = [next(layer.name for layer in network.layers if layer.type == kind) for kind in layers]
    for selected in (*firsts, network.names[-1]):
        shown = data_of(at(network, selected))
        for key, value, phase in emitted(shown):
            here = at(network, selected)
            before = picture(here)
            apply(here, key, value, phase)
            is_refused = (
                not network.is_chain
                and key.startswith("move_")
                and ("which" in here.notice or "cannot come" in here.notice)
            )  # it reads, or is read
            assert here.notice == "" or is_refused, (key, here.notice)
            same = key in ("undo", "redo", "reset", "select", *CHOICES) or value == before
            unmoved = [c["key"] for c in shown["panel"]["controls"] if c["kind"] in ("range", "choice", "text")]
            assert same or key in unmoved or picture(here) != before, (key, value)


def test_a_walk_of_random_events_never_breaks_the_stage(thorough):
    rng, here = Random(51), at(SEED)
    for turn in range(20_000 if thorough else 75):
        shown = data_of(here)
        check_stage(shown)
        key, value, phase = rng.choice([event for event in emitted(shown) if event[0] != "reset"])
        apply(here, key, value, phase)
        if turn % 25 == 24:
            here = at(PRESETS[rng.choice(("lenet5", "all-convolutional", "depthwise-separable", "decoder", DEFAULT))])


HOSTILE_KEYS = [
    *("", ".", "..", "...", ":", "conv1", "conv1.", ".kernel_size", "conv1.nothing", "nobody.kernel_size", "__init__"),
    *(
        "conv1.kernel_size.",
        "conv1.kernel_size.0",
        "conv1.kernel_size.2",
        "conv1.kernel_size.-1",
        "conv1.kernel_size.x",
    ),
    *("conv1.kernel_size.²", "conv1.kernel_size." + "9" * 5000, "conv1.name", "conv1.torch_class", "conv1.__class__"),
    *("fc1.in_features", "out.out_features", "split:", "split:conv1", "split:conv1.bias", "split:conv1.padding_mode"),
    *("split:conv1.nothing", "split:a.b.c", "same:conv1.out_channels", "none:conv1.bias", "none:conv1.kernel_size"),
    *("none:out.out_features", "same:out.out_features", "repair:", "repair:0", "repair:99", "repair:-1", "repair:²"),
    *("repair:" + "9" * 5000, "flatten:", "flatten:nobody", "flatten:fc1", "chart", "scale", "details", "select"),
    *("undo ", "move_up", "remove", "next"),
]
HOSTILE_VALUES: list[Any] = [
    *(
        None,
        "",
        "abc",
        0,
        -1,
        10**30,
        1e308,
        float("nan"),
        float("inf"),
        True,
        [],
        {},
        [1, 2],
        {"a": [1]},
        "9" * 10_000,
    ),
    *("(" * 1000, "1," * 1000, "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "\x00", "🦜", "conv1"),
]


def test_events_that_no_stage_sends_do_no_harm(thorough):
    rng, share = Random(52), 1.0 if thorough else 0.17  # of all, so that each key and each value comes in both phases
    broken = SEED.with_argument("conv2", "groups", 5)
    for network in (SEED, broken, Network((1, 28, 28), ()), Network((16,), ()).insert(0, "Upsample")):
        for key in HOSTILE_KEYS:
            for value in HOSTILE_VALUES:
                for phase in ("input", "commit"):
                    if rng.random() > share:
                        continue
                    here = at(network)
                    apply(here, key, value, phase)
                    assert all(len(text) < 400 for pair in here.typed.values() for text in pair)
                    assert len(here.notice) < 500
        here = at(network)
        for place, key in enumerate(HOSTILE_KEYS):
            apply(here, key, HOSTILE_VALUES[place % 7], "commit")
        check_stage(data_of(here))


def test_a_slider_is_one_step_from_the_first_input_to_the_commit():
    here = at(SEED)
    for size in (4, 3, 2):
        apply(here, "conv1.kernel_size", size, "input")
        assert here.network["conv1"].chosen["kernel_size"] == size
    apply(here, "conv1.kernel_size", 3, "commit")
    assert len(here.history.past) == 1
    apply(here, "undo", None, "commit")
    assert here.network == SEED
    apply(here, "redo", None, "commit")
    assert here.network == SEED.with_argument("conv1", "kernel_size", 3)


def test_typed_nonsense_stays_with_a_sentence_until_it_is_mended():
    here = at(SEED)
    apply(here, "conv1.kernel_size", "abc", "commit")
    assert here.network == SEED
    text, sentence = here.typed["conv1.kernel_size"]
    assert text == "abc"
    assert sentence == (
        "kernel_size is 'abc'; a whole number from 1 to 1,024 would work. For one value each axis: (5, 3)."
    )
    control = next(c for c in data_of(here)["panel"]["controls"] if c["key"] == "conv1.kernel_size")
    assert (control["value"], control["typed"], control["error"]) == (5, "abc", sentence)
    apply(here, "conv1.kernel_size", "3", "commit")
    assert here.typed == {}
    assert here.network == SEED.with_argument("conv1", "kernel_size", 3)


def test_one_axis_is_set_by_its_own_slider():
    here = at(SEED)
    apply(here, "split:conv1.kernel_size", None, "commit")
    assert here.network["conv1"].chosen["kernel_size"] == (5, 5)
    apply(here, "conv1.kernel_size.1", 3, "commit")
    assert here.network["conv1"].chosen["kernel_size"] == (5, 3)
    apply(here, "conv1.kernel_size.0", "5, 3", "commit")
    assert here.typed["conv1.kernel_size.0"][0] == "5, 3"
    assert here.network["conv1"].chosen["kernel_size"] == (5, 3)
    apply(here, "split:conv1.kernel_size", None, "commit")
    assert here.network["conv1"].chosen["kernel_size"] == 5
    assert here.typed == {}


def test_words_and_none_are_switched_on_and_off():
    here = at(SEED)
    apply(here, "same:conv1.padding", None, "commit")
    assert here.network["conv1"].chosen["padding"] == "same"
    apply(here, "same:conv1.padding", None, "commit")
    assert here.network["conv1"].chosen["padding"] == 0
    pooled = at(SEED.with_argument("pool1", "kernel_size", (3, 2)), "pool1")
    apply(pooled, "none:pool1.stride", None, "commit")
    assert pooled.network["pool1"].chosen["stride"] == (3, 2)
    apply(pooled, "none:pool1.stride", None, "commit")
    assert pooled.network["pool1"].chosen["stride"] is None
    averaged = at(Network((6, 8, 8), ()).insert(0, "AvgPool2d"))
    apply(averaged, f"none:{averaged.selected}.divisor_override", None, "commit")
    assert averaged.network.layers[0].chosen["divisor_override"] == 1


def test_the_width_that_the_classes_decide_is_not_taken():
    here = at(SEED, "out")
    apply(here, "out.out_features", 12, "commit")
    assert here.network == SEED
    assert here.notice == "out.out_features is the number of classes, 10; change the classes instead."
    assert data_of(here)["message"]["text"] == here.notice


def test_a_repair_mends_and_undo_breaks_again():
    broken = SEED.with_argument("conv1", "kernel_size", 29)
    count = len(data_of(at(broken))["message"]["actions"])
    assert count > 1
    for number in range(count):
        here = at(broken)
        assert trace(here.network).error
        apply(here, f"repair:{number}", None, "commit")
        assert (
            trace(here.network).error is None
            or "still fails" in data_of(at(broken))["message"]["actions"][number]["label"]
        )
        apply(here, "undo", None, "commit")
        assert here.network == broken


def test_layers_are_moved_duplicated_and_removed():
    here = at(SEED, "relu1")
    apply(here, "move_down", None, "commit")
    assert here.network.names[:3] == ("conv1", "pool1", "relu1")
    apply(here, "move_up", None, "commit")
    assert here.network == SEED
    apply(here, "duplicate", None, "commit")
    assert here.selected == "relu5"
    assert here.network.names[:4] == ("conv1", "relu1", "relu5", "pool1")
    apply(here, "remove", None, "commit")
    assert here.network == SEED
    for _ in range(3):
        apply(here, "undo", None, "commit")
    apply(here, "undo", None, "commit")
    assert here.network == SEED


def test_the_first_layer_cannot_move_up_nor_the_last_down():
    for name, key in (("conv1", "move_up"), ("out", "move_down")):
        here = at(SEED, name)
        apply(here, key, None, "commit")
        assert here.network == SEED
        assert here.history.past == []


def test_removing_the_selected_layer_selects_its_successor_also_without_a_choice():
    here = at(SEED)
    apply(here, "remove", None, "commit")
    assert here.selected == "relu1"
    for _ in range(len(SEED.layers)):
        apply(here, "remove", None, "commit")
    assert here.network.layers == ()
    assert here.notice == ""
    check_stage(data_of(here))


def test_a_layer_or_a_block_gets_another_name_and_all_that_is_shown_of_it_follows():
    here = at(PRESETS["resnet18"], "layer1.0.conv1")
    here.open_block("layer1.0")
    here.close_block("layer2.0")
    apply(here, "rename:layer1", " body.one ", "commit")
    assert here.selected == "body.one"
    assert here.view.opened[:1] == ("body.one.0",)
    assert data_of(here)["message"]["title"] == "renamed layer1 to body.one"
    apply(here, "rename:body.one.0.conv1", "body.one.0.first", "commit")
    assert data_of(here)["panel"]["title"] == "body.one.0.first"
    apply(here, "undo", None, "commit")
    apply(here, "undo", None, "commit")
    assert here.network == PRESETS["resnet18"]


@pytest.mark.parametrize(("typed", "why"), [("relu1", "already"), ("my conv", "letters"), ("forward", "PyTorch"),
                                            ("block.train", "PyTorch"), ("for", "Python")])  # fmt: skip
def test_a_name_that_cannot_be_taken_stays_in_its_field_with_the_reason(typed, why):
    here = at(SEED, "conv1")
    apply(here, "rename:conv1", typed, "commit")
    control = data_of(here)["panel"]["rename"]["control"]
    assert (control["typed"], control["value"]) == (typed, "conv1")
    assert why in control["error"]
    assert here.network == SEED
    apply(here, "rename:conv1", "conv1", "commit")
    assert data_of(here)["panel"]["rename"]["control"]["error"] is None


def test_a_new_name_asks_for_no_prediction():
    here = at(SEED, "conv1")
    here.with_view(predict="on")
    apply(here, "rename:conv1", "stem", "commit")
    assert here.asked is None
    apply(here, "undo", None, "commit")
    assert here.asked is None
    apply(here, "conv1.kernel_size", 3, "commit")
    assert here.asked == SEED
    assert "rename" not in data_of(here)["panel"]


def test_kernels_set_by_hand_stay_with_a_renamed_layer():
    here = at(SEED, "conv1")
    apply(here, "inside:kernel", "vertical", "commit")
    hands = here.looking.hands
    apply(here, "rename:conv1", "stem", "commit")
    assert [hand.layer for hand in here.looking.hands] == ["stem"] * len(hands)
