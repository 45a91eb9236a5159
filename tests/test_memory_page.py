"""The Memory page, run by Streamlit without a browser."""

from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn import functional

from layerscope import limits
from layerscope.building import module
from layerscope.figures import memory as pictures
from layerscope.formatting import bytes_text, percent
from layerscope.link import decode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.cards import BEFORE_AMPERE, CARDS, card_bytes, room_on
from layerscope.study.measured import Beside, beside
from layerscope.study.memory import PRECISIONS, training_memory
from layerscope.tables import FORMATS
from layerscope.ui import state
from layerscope.ui.lab import memory_said
from layerscope.ui.lab.memory import _on_event
from layerscope.ui.lab.memory_view import View, blocks, read
from layerscope.ui.lab.memory_why import why
from layerscope.ui.session import Session
from tests.drawn import stages
from tests.study.saved_really import inputs, kept, trained
from tests.test_pages import at_page, moved, page_words, press, rerun

SEED, RESNET = PRESETS[DEFAULT], PRESETS["resnet18"]


def stage(app: AppTest) -> dict[str, Any]:
    """All figures and tables of the page, in its order."""
    found = stages(app)
    return {part: [one for data in found for one in data.get(part, ())] for part in ("figures", "tables")}


def words(app: AppTest) -> dict[str, str]:
    return {name: "".join(word) for name, word in app.query_params.items()}


def test_it_says_how_much_when_and_whether_it_fits():
    app = at_page("memory")
    memory = training_memory(SEED)
    assert memory.sentence in page_words(app)
    assert (
        f"Training needs {bytes_text(memory.peak)} at a batch size of 64; the peak is in the backward pass of relu1."
        in (page_words(app))
    )
    assert (
        "It fits on a card with 14.5 GiB (of its 16 GB; the driver keeps the rest), which holds batches of"
        in page_words(app)
    )
    assert [figure["key"] for figure in stage(app)["figures"]] == ["memory-peak", "memory-step", "memory-rows"]
    cards, rows = stage(app)["tables"]
    assert [row["cells"][0] for row in cards["rows"]] == [*CARDS]
    assert rows["foot"][2] == f"{memory.activations:,}"


def test_torchs_numbers_stand_beside_with_a_mark():
    app = at_page("memory")
    said = page_words(app)
    assert "Checked against PyTorch" in app.subheader[-1].value
    assert said.count("✓ agree") == 6
    assert f"{training_memory(SEED).activations:,}" in said


BFLOAT, AUTO = "bfloat16", "autocast"
DEAD = decode("6~Linear.5.as-a~Linear.7.in-input.as-b")
PADDED = decode(
    "12x12x6-10~Tanh~LayerNorm.normalized_shape-6.bias-f~Sigmoid~BatchNorm2d.affine-f.track_running_stats-f~Tanh~"
    "ChannelShuffle.12~BatchNorm2d.track_running_stats-f~ConstantPad2d.0.1~Flatten~Linear.64"
)
UNREAD = decode("36~Tanh.as-a~Sigmoid.as-b~ReLU.in-a.as-c~Concat.in-a,c")
TRAINED, USED = ("float32", "training"), ("float32", "inference")


@pytest.mark.parametrize(
    ("network", "how", "name", "said"),
    [
        (SEED, (BFLOAT, "inference"), "peak", "Max pooling also makes indices (54 KiB in pool1)"),
        (PRESETS["alexnet"], (AUTO, "inference"), "peak", "Autocast keeps a bfloat16 copy of each weight"),
        (decode("8x13x12~LogSigmoid~Tanhshrink"), USED, "peak", "tanhshrink1: its sub needs 39 KiB more"),
        (UNREAD, USED, "peak", "where PyTorch still holds outputs that no later layer reads"),
        (decode("3x12x10~LayerNorm~Flatten~ReLU.inplace-t"), TRAINED, "peak", "backward pass, at threshold_backward"),
        (DEAD, TRAINED, "gradients", "no gradient for weights that no output depends on, such as those of a"),
        (DEAD, TRAINED, "optimizer", "no gradient for weights that no output depends on, such as those of a"),
        (PRESETS["lstm-classifier"], TRAINED, "activations", "LSTM keeps a workspace on the CPU"),
        (PRESETS["depthwise-separable"], (AUTO, "training"), "activations", "what normalizations keep as bfloat16"),
        (PADDED, TRAINED, "activations", "On fake tensors a layer keeps other tensors than in a real run"),
    ],
)
def test_each_difference_has_its_reason(network, how, name, said):
    dtype, mode = how
    memory = training_memory(network, 8, "Adam", dtype, mode=mode)
    each = next(one for one in beside(memory) if one.name == name)
    assert not each.agrees
    assert said in why(memory, each)


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (2_135_728, ""), (2_135_724, "4 bytes apart"), (2_135_729, "1 byte apart"), (2_114_000, "1.0% apart"),
    ],
)  # fmt: skip
def test_two_numbers_that_agree_say_how_far_they_are_apart(ours, said):
    each = Beside("peak", ours, 2_135_728, agrees=True)
    assert why(training_memory(PRESETS[DEFAULT]), each) == said


def test_without_what_a_reason_names_torchs_peak_is_no_larger_than_ours():
    auto = training_memory(PRESETS["alexnet"], 8, dtype=AUTO, mode="inference")
    (peak,) = (one for one in beside(auto) if one.name == "peak")
    assert peak.culprit is not None
    assert peak.culprit.copies == sum(each.nbytes // 2 for each in module(PRESETS["alexnet"]).parameters())
    assert peak.torchs - peak.culprit.copies <= peak.ours
    pooled = training_memory(SEED, 8, dtype=BFLOAT, mode="inference")
    (peak,) = (one for one in beside(pooled) if one.name == "peak")
    _, indices = functional.max_pool2d(torch.zeros(8, 6, 24, 24), 2, return_indices=True)
    assert peak.culprit is not None
    assert peak.culprit.borrowed == indices.nbytes
    assert peak.torchs - indices.nbytes <= peak.ours


def test_weights_without_a_gradient_are_those_that_torch_gives_none():
    made = module(DEAD)
    made(torch.rand(2, 6)).sum().backward()
    assert {name for name, each in made.named_parameters() if each.grad is None} == {"a.weight", "a.bias"}


def test_the_formula_and_not_the_fake_run_is_what_a_real_run_keeps():
    assert training_memory(PADDED, 8).activations == kept(trained(PADDED), inputs(PADDED, 8))


def test_a_larger_network_is_checked_with_a_click():
    app = at_page("memory", RESNET, batch="8")
    assert "✓ agree" not in page_words(app)
    press(app, "Check against PyTorch")
    assert page_words(app).count("✓ agree") == 6


def test_each_question_is_written_into_the_address_and_read_from_it():
    app = at_page("memory", RESNET, batch="256", card="8", again="layer1", optimizer="SGD", precision="autocast")
    assert app.number_input(key="memory.batch").value == 256
    assert app.selectbox(key="memory.optimizer").value == "SGD"
    assert app.selectbox(key="memory.again").value == "layer1"
    one, two = (
        training_memory(RESNET, 256, "SGD", "autocast", checkpoint=again) for again in (blocks(RESNET)["layer1"], ())
    )
    told = f"it would be {bytes_text(two.peak)}: recomputing layer1 in the backward pass saves "
    assert f"{told}{percent(1 - one.peak / two.peak)} of it" in page_words(app), "no difference of rounded sizes"
    app.selectbox(key="memory.optimizer").set_value("RMSprop")
    rerun(app)
    assert words(app)["optimizer"] == "RMSprop"
    assert words(app)["batch"] == "256"
    app.selectbox(key="memory.mode").set_value("inference")
    rerun(app)
    assert "Inference needs" in page_words(app)
    assert not [box for box in app.selectbox if box.key == "memory.optimizer"]
    assert words(app)["again"] == "layer1"  # for the way back; nothing is said of it meanwhile
    assert "again" not in page_words(app).lower()


def test_a_layer_or_a_moment_that_is_selected_is_told_and_marked(monkeypatch):
    app = at_page("memory")
    assert "Select a moment above, or a layer below, to see what it takes." in page_words(app)
    assert "Select a moment above to see" in page_words(at_page("memory", mode="inference"))
    step, rows = (figure["data"][-1]["customdata"] for figure in stage(app)["figures"][1:])
    told = {step[-2][0]: "Selected: the backward pass of conv1. ", rows[3][0]: f"Selected: {rows[3][0]}. It keeps "}
    for at, said in told.items():
        app = at_page("memory", at=at)
        assert said in page_words(app)
        bar, moments, layers = stage(app)["figures"]
        moment, layer = at if ":" in at else "", at.rpartition(":")[2]
        assert bar["title"].startswith("Selected: " if moment else "The peak: ")
        assert [each["choices"][0]["value"] for each in (moments, layers)] == [moment, layer]
        assert [each["layout"]["meta"]["left_out"] for each in (moments, layers)] == [[0] if moment else [0, 1], [0]]
        assert [row["key"] for row in stage(app)["tables"][1]["rows"] if row["selected"]] == [layer]
    chosen = []
    monkeypatch.setattr(state, "write_here", lambda at: chosen.append(at))
    monkeypatch.setattr(state, "session", lambda: Session(SEED))
    for number, value in enumerate([*told, "forward:nothing", "<b>", 3, ""]):
        _on_event({"key": "select", "value": value, "phase": "commit", "sequence": number})
    assert chosen == [*told, ""]


def test_a_card_may_be_any_number_of_gigabytes():
    app = at_page("memory", RESNET)
    app.selectbox(key="memory.card-name").set_value("Another card")
    rerun(app)
    app.number_input(key="memory.card").set_value(1.0)
    rerun(app)
    assert words(app)["card"] == "1"
    assert "A batch of 64 does not fit on a card with 1 GiB; the largest that does is" in page_words(app)
    assert "Not even a batch of 1 fits" in page_words(at_page("memory", PRESETS["vgg16"], card="0.5"))


def test_the_page_says_what_is_left_for_the_context_wherever_it_names_a_card():
    app = at_page("memory", RESNET, card="14.5")
    assert page_words(app).count("512 MiB is set aside for the CUDA context") == 1
    cards, _ = stage(app)["tables"]
    assert cards["caption"] == "Largest batch by card; 512 MiB is set aside for the CUDA context"
    largest = training_memory(RESNET).largest_batch(int(14.5 * 2**30) - 512 * 2**20)
    row = next(row for row in cards["rows"] if row["key"].startswith("Tesla T4"))
    assert row["cells"][1:] == ["14.5", f"{largest:,}"]
    assert f"which holds batches of up to {largest:,}" in page_words(app)


def test_a_network_that_does_not_run_gets_a_sentence():
    app = at_page("memory", SEED.with_argument("conv1", "kernel_size", 27))
    assert "conv2 does not run" in app.error[0].value


@pytest.mark.parametrize(
    "address",
    [
        {"batch": "0"}, {"batch": "x"}, {"batch": str(limits.MEMORY_BATCH.most + 1)}, {"card": "-1"}, {"card": "9" * 9},
        {"optimizer": "<b>"}, {"precision": "int8"}, {"mode": "fast"}, {"again": "nothing"}, {"batch": "9" * 400},
        {"at": "forward:nothing"}, {"at": "step:conv1"},
    ],
)  # fmt: skip
def test_what_an_address_asks_for_wrongly_stays_at_the_usual(address):
    assert read(SEED, address) == View()


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "resnet18", "vit_b_16", "unet", "alexnet", "lstm-classifier"])
def test_what_can_be_checkpointed_can_be(name):
    network = PRESETS[name]
    for rows in list(blocks(network).values())[:6]:
        assert training_memory(network, 4, checkpoint=rows).peak > 0
    assert read(network, View(again=next(iter(blocks(network)), "")).words()).again == next(iter(blocks(network)), "")


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "resnet18", "densenet121"])
@pytest.mark.parametrize("mode", ["training", "inference"])
def test_the_pictures_hold_the_numbers(name, mode):
    memory = training_memory(PRESETS[name], 32, mode=mode)
    bar = pictures.bar(memory, 2 * memory.peak)
    room = room_on(2 * memory.peak)
    assert sum(trace["x"][0] for trace in bar["data"]) == memory.peak
    assert bar["layout"]["shapes"][0]["x0"] == room
    assert not pictures.bar(memory, 100 * memory.peak)["layout"]["shapes"]
    step = pictures.step(memory)
    *parts, totals, diamond, answering = (trace["y"] for trace in step["data"])
    assert max(totals) == memory.peak
    assert diamond == [memory.peak]
    assert min(answering) > memory.peak, "a moment answers on the whole height of the picture"
    for place, (total, moment) in enumerate(zip(totals, memory.moments, strict=True)):
        assert sum(sizes[place] for sizes in parts) == total == sum(memory.at(moment).values())
        assert sum(trace["x"][0] for trace in pictures.bar(memory, moment=moment)["data"]) == total
    assert sum(pictures.rows(memory)["data"][0]["y"]) == memory.activations


def test_tables_are_taken_away_in_every_form():
    memory = training_memory(SEED)
    for write in FORMATS.values():
        assert "relu1" in write(memory_said.by_row(memory))
        assert "RTX 3060" in write(memory_said.on_cards(memory))
    assert "\nrelu1,ReLU,884736,0,0,0,formula\n" in FORMATS["csv"](memory_said.by_row(memory))


def test_both_meanings_of_activations_are_told():
    app = at_page("memory", PRESETS["alexnet"])
    assert (
        "masks: 3.57 MiB per sample. Explore counts something else, the output of every layer in float32: 4.22 MiB "
        "per sample." in page_words(app)
    )


def test_a_card_without_bfloat16_says_so():
    for dtype in PRECISIONS:
        memory = training_memory(SEED, dtype=dtype)
        said = {name: memory_said.emulates(memory, card_bytes(size)) for name, size in CARDS.items()}
        told = {name for name, words in said.items() if words}
        assert told == (set(BEFORE_AMPERE) if dtype in ("bfloat16", "autocast") else set())
        assert memory_said.emulates(memory, card_bytes(12.3)) == ""
    app = at_page("memory", precision="autocast")
    words = "The T4 has no native bfloat16: it is a Turing card"
    assert words in page_words(app)
    for more in ({"card": "11.7"}, {"precision": "autocast-float16", "card": "14.5"}):
        assert words not in page_words(moved(app, "memory", **more))
    assert all(model in name for name, (model, _) in BEFORE_AMPERE.items())


REASONS = {
    "is computed again": "when its tensors are computed again and in memory again",
    "not yet": "before it keeps anything",
    "gone": "after its tensors were dropped anyway",
    "others": "when all that it keeps is kept for other layers too",
    "step": "when no activations are left",
}


LARGE_FIRST = decode("3x8x8~Upsample.scale_factor-32~AdaptiveAvgPool2d.4~Conv2d.4.1~ReLU~Flatten~Linear.10")
"""Its first map is the largest, and nobody keeps it."""


def nothing_saved(network, batch=64, optimizer="Adam", length=0):
    """Blocks that save nothing when they run again: the estimate with, the one without, and what is said. They are
    those of the page, or every so many rows that follow each other."""
    plain = training_memory(network, batch, optimizer)
    names = network.names
    stretches = {names[at]: names[at : at + length] for at in range(len(names) - 1)} if length else blocks(network)
    for name, rows in stretches.items():
        memory = training_memory(network, batch, optimizer, checkpoint=rows)
        if plain.peak <= memory.peak:
            yield memory, plain, memory_said.checkpointed(memory, plain, name)


def test_why_recomputing_a_block_saves_nothing():
    found = {}
    chains = [(PRESETS[key], length) for key in (DEFAULT, "alexnet", "decoder") for length in (0, 2, 3)]
    for network, length in (*chains, (PRESETS["vit_b_16"], 0), (LARGE_FIRST, 2)):
        for batch, optimizer in ((64, "SGD"), (1, "Adam")):
            for memory, plain, said in nothing_saved(network, batch, optimizer, length):
                (reason,) = [short for short, words in REASONS.items() if words in said]
                found[reason] = said
                assert f"the peak is in {memory.moment}, " in said
                held = {one[:2]: one.activations.at(batch) for one in memory.moments}
                without = {one[:2]: one.activations.at(batch) for one in plain.moments}
                at = (memory.moment.phase, memory.moment.layer)
                if at in without:  # at that moment it holds no less than without the checkpoint
                    assert held[at] >= without[at]
                else:
                    assert (reason, at[0]) == ("is computed again", "recomputation")
                if reason in ("not yet", "gone", "step"):
                    assert held[at] == without[at]
    assert set(found) == set(REASONS)
    (said,) = [one for _, _, one in nothing_saved(PRESETS[DEFAULT]) if "conv1-pool1" in one]
    assert said.startswith(
        "Recomputing conv1-pool1 saves nothing: the peak is in the backward pass of relu1, when its tensors are "
        "computed again and in memory again. It costs "
    )
