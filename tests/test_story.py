"""The sentence beside a change: the course's demonstrations word by word, and what holds for all."""

import re

import pytest

from layerscope import blocks, insertion
from layerscope.changes import ripple
from layerscope.datasets import DATASETS
from layerscope.edit_titles import title
from layerscope.inputs import Input
from layerscope.layers.convolution import Conv2d
from layerscope.layers.joining import Add
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.story import resting, story
from layerscope.tracing import trace
from tests.edits import edit_pairs
from tests.large import large_last
from tests.sentences import faults

SEED = PRESETS[DEFAULT]
SMALLER = SEED.with_argument("conv1", "kernel_size", 3)


def told(after: Network, before: Network = SEED) -> tuple[str, str]:
    change = ripple(trace(before), trace(after))
    return title(change), story(change)


def test_a_smaller_first_kernel_changes_no_in_features_because_pool2_rounds_down():
    assert told(SMALLER) == (
        "conv1.kernel_size 5 → 3",
        "conv1 now outputs 6×26×26 instead of 6×24×24. "
        "But pool2 rounds down: a 2×2 window with stride 2 fits into 9 only 4 times "
        "(height = floor((9 + 2·0 − 1·(2 − 1) − 1) / 2) + 1 = 4), as before, "
        "so fc1.in_features stays 12 × 4 × 4 = 192. "
        "The parameter count falls from 32,998 to 32,902; only conv1 changes (−96): "
        "each of its 6 filters is 1×3×3 instead of 1×5×5.",
    )


def test_where_room_is_scarce_the_formula_is_left_out():
    change = ripple(trace(SEED), trace(SMALLER))
    formula = " (height = floor((9 + 2·0 − 1·(2 − 1) − 1) / 2) + 1 = 4)"
    assert story(change, is_brief=True) == story(change).replace(formula, "") != story(change)


def test_both_kernels_smaller_makes_the_total_rise():
    both = SMALLER.with_argument("conv2", "kernel_size", 3)
    assert told(both, SMALLER) == (
        "conv2.kernel_size 5 → 3",
        "conv2 now outputs 12×11×11 instead of 12×9×9, so fc1.in_features becomes 12 × 5 × 5 = 300 (was 192). "
        "The parameter count rises from 32,902 to 44,710, although the kernel got smaller: fc1 alone gains 12,960.",
    )
    assert told(both) == (
        "conv1.kernel_size 5 → 3 · conv2.kernel_size 5 → 3",
        "conv1 now outputs 6×26×26 instead of 6×24×24, so fc1.in_features becomes 12 × 5 × 5 = 300 (was 192). "
        "The parameter count rises from 32,998 to 44,710, although the kernel got smaller: fc1 alone gains 12,960.",
    )


def test_a_larger_kernel_can_make_the_total_fall():
    _, sentence = told(SEED.with_argument("conv1", "kernel_size", 13))
    assert "The parameter count falls from 32,998 to 16,582, although the kernel got larger" in sentence


@pytest.mark.parametrize(
    ("pixels", "first", "pool", "size", "fits"),
    [
        (29, "6×25×25", "pool1", 25, 12),
        (30, "6×26×26", "pool2", 9, 4),
        (31, "6×27×27", "pool2", 9, 4),
    ],
)
def test_from_28_to_31_pixels_everything_after_the_pools_stays(pixels, first, pool, size, fits):
    formula = f"height = floor(({size} + 2·0 − 1·(2 − 1) − 1) / 2) + 1 = {fits}"
    assert told(SEED.with_input((1, pixels, pixels))) == (
        f"input 1×28×28 → 1×{pixels}×{pixels}",
        f"conv1 now outputs {first} instead of 6×24×24. "
        f"But {pool} rounds down: a 2×2 window with stride 2 fits into {size} only {fits} times ({formula}), "
        "as before, so fc1.in_features stays 12 × 4 × 4 = 192. The parameter count stays the same.",
    )


def test_a_size_that_fits_exactly_is_not_said_to_be_rounded():
    even, odd = (SEED.with_argument("conv1", "kernel_size", size) for size in (5, 4))
    assert "But pool1 rounds down: a 2×2 window with stride 2 fits into 25 only 12 times (" in told(odd, even)[1]
    assert (
        "But pool1 rounded down before; now a 2×2 window with stride 2 fits into 24 exactly 12 times "
        "(height = floor((24 + 2·0 − 1·(2 − 1) − 1) / 2) + 1 = 12), as before, so fc1.in_features stays "
    ) in told(even, odd)[1]


@pytest.mark.parametrize(("pixels", "maps"), [(27, "12 × 3 × 3 = 108"), (32, "12 × 5 × 5 = 300")])
def test_beyond_them_in_features_changes(pixels, maps):
    _, sentence = told(SEED.with_input((1, pixels, pixels)))
    assert f"so fc1.in_features becomes {maps} (was 192)." in sentence


def test_colour_costs_weights_in_the_first_layer_only():
    assert told(SEED.with_input((3, 28, 28))) == (
        "input 1×28×28 → 3×28×28",
        "The parameter count rises from 32,998 to 33,298; only conv1 changes (+300): "
        "each of its 6 filters gets two more 5×5 kernels.",
    )


def test_another_dataset_is_told_as_its_input():
    assert told(DATASETS["cifar-100"].applied_to(SEED))[0] == "input 1×28×28 → 3×32×32 · classes 10 → 100"
    assert told(DATASETS["mnist"].applied_to(SEED)) == ("", "Nothing changed.")


def test_a_hundred_classes_widen_the_last_layer():
    assert told(SEED.with_classes(100)) == (
        "classes 10 → 100",
        "out now outputs 100 instead of 10. The parameter count rises from 32,998 to 38,488; "
        "only out changes (+5,490): it has 90 more outputs, each with 60 weights.",
    )


def test_groups_make_the_filters_thinner():
    assert told(SEED.with_argument("conv2", "groups", 2)) == (
        "conv2.groups 1 → 2",
        "The parameter count falls from 32,998 to 32,098; only conv2 changes (−900): "
        "each of its 12 filters loses three 5×5 kernels.",
    )


def test_what_fails_is_told_and_so_is_what_mends_it():
    broken = SEED.with_argument("conv2", "groups", 5)
    assert told(broken) == (
        "conv2.groups 1 → 5",
        "conv2 cannot run: groups must divide in_channels 6: 1, 2, 3, 6; groups is 5.",
    )
    assert told(SEED, broken) == ("conv2.groups 5 → 1", "The network runs again and outputs 10 values.")
    assert told(SEED.with_argument("conv1", "kernel_size", 25))[1] == (
        "conv2 cannot run: kernel_size 5 is larger than its input's height of 2."
    )


def test_an_argument_without_effect_on_shapes_says_so():
    _, sentence = told(SEED.with_argument("conv1", "padding_mode", "reflect"))
    assert sentence.startswith("No shape and no count depends on it. padding_mode: ")
    assert told(SEED.remove("relu1")) == ("removed relu1", "No shape and no count depends on it.")
    _, sentence = told(SEED.with_classes(None))
    assert "0 weights" not in sentence


def test_an_adaptive_pool_takes_any_size():
    alexnet = PRESETS["alexnet"]
    _, sentence = told(alexnet.with_input((3, 256, 256)), alexnet)
    assert "But pool4 always outputs 256×6×6, so fc1.in_features stays 256 × 6 × 6 = 9,216." in sentence


def test_many_edits_are_counted():
    many = SEED.with_argument("conv1", "out_channels", 8).with_argument("conv2", "out_channels", 24)
    many = many.with_argument("fc1", "out_features", 100).with_argument("conv1", "padding", 1).with_classes(26)
    assert told(many)[0] == "classes 10 → 26 · conv1.out_channels 6 → 8 · conv1.padding 0 → 1 and 2 more"


def test_at_rest_the_famous_question_is_answered():
    assert resting(trace(SEED)) == (
        "Why 12 × 4 × 4? 12 maps of 4 × 4 reach flatten; flattened, they make 192 values, so fc1.in_features is 192."
    )


def test_at_rest_a_product_of_one_factor_and_the_question_of_another_task_are_left_out():
    assert resting(trace(PRESETS["resnet18"])) == "The network turns 3×224×224 into 1,000 values."
    assert resting(trace(SEED), ("fc1", "in_features")).startswith("Why 12 × 4 × 4?")
    assert resting(trace(SEED), ("conv1", "output")) == "The network turns 1×28×28 into 10 values."


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_every_preset_has_something_to_say_at_rest(name):
    assert faults(resting(trace(PRESETS[name]))) == []


def test_at_rest_no_wrong_sum_is_told():
    """Flatten from another axis on, and a Linear that reads something else than the flattened maps."""
    for network in (
        SEED.with_argument("flatten", "start_dim", 2),
        SEED.with_argument("flatten", "end_dim", 2),
        SEED.insert(0, "Linear"),
        SEED.remove("flatten").insert(12, "Flatten"),
    ):
        sentence = resting(trace(network))
        assert faults(sentence) == []
        assert "they make 12 values" not in sentence
        assert "192 values, so fc2" not in sentence


def test_every_story_is_a_sentence_and_its_sums_are_right(thorough):
    for before, after in edit_pairs(6_000 if thorough else 150, seed=12):
        change = ripple(before, after)
        sentence = story(change)
        assert faults(sentence) == [], (sentence, before.network, after.network)
        assert sentence.endswith(".")
        assert change.is_empty or title(change).strip()
        if after.error is None:
            assert faults(resting(after)) == [], (resting(after), after.network)


def test_what_is_said_to_stay_did_stay(thorough):
    claims = 0
    for before, after in edit_pairs(6_000 if thorough else 150, seed=13):
        sentence = story(ripple(before, after))
        if "parameter count stays" in sentence or "no count depends" in sentence:
            assert before.parameters == after.parameters, sentence
        if " stays " in sentence and ".in_features stays " in sentence:
            name = sentence.split(".in_features stays ")[0].split()[-1]
            widths = {one.by_name[name].arguments["in_features"] for one in (before, after)}
            assert len(widths) == 1, sentence
            claims += 1
        if "no shape after it changes" in sentence:
            name = sentence.split("But ")[1].split()[0]
            for step in after.steps[after.network.index(name) :]:
                assert before.by_name.get(step.name, step).output_shape == step.output_shape, sentence
            claims += 1
        if found := re.search(r"floor\((.*)\) / (\d+)\) \+ 1 = \d+\)?, as before", sentence):
            room = eval(found[1].removeprefix("(").replace("·", "*").replace("−", "-"))
            assert (room % int(found[2]) != 0) is (" rounds down: " in sentence), sentence
            claims += 1
    assert claims > 5


def test_a_network_without_layers_has_a_story():
    empty = Network((1, 28, 28), ())
    for before, after in ((SEED, empty), (empty, SEED), (empty, empty.with_input((1, 29, 29)))):
        assert faults(told(after, before)[1]) == []
    assert faults(resting(trace(empty))) == []


def test_a_name_that_now_means_another_type_is_told():
    other = Network(SEED.input_shape, (Conv2d(name="fc1", out_channels=2, kernel_size=3),))
    few = Network((1, 28, 28), SEED.layers[:8])
    assert "fc1.type 'Linear' → 'Conv2d'" in told(other, few)[0]


FAR = (
    "lenet5", "alexnet", "vgg11", "resnet18", "resnet50", "densenet121", "googlenet", "mobilenet_v2", "vit_b_16",
    "textcnn", "unet",
)  # fmt: skip


@pytest.mark.parametrize("before", FAR)
def test_another_network_is_told_by_what_matters_not_layer_by_layer(before):
    for after in FAR:
        if after == before:
            continue
        heading, sentences = told(PRESETS[after], PRESETS[before])
        assert heading.startswith("Another network: ")
        assert faults(sentences) == []
        assert len(sentences) < 700
        count = trace(PRESETS[after]).parameters
        assert sentences.startswith(f"The network now has {count:,} parameters, ")


def test_lenet_against_resnet_says_that_the_last_blocks_hold_the_difference():
    heading, sentences = told(PRESETS["resnet18"], PRESETS["lenet5"])
    assert heading == "Another network: 69 layers instead of 12"
    assert sentences.startswith(
        "The network now has 11,689,512 parameters, 190 times what it was; most of the difference (+8,393,728) is in "
        "layer4, which is new."
    )
    assert "most of them in layer1 to layer4." in sentences


def test_indices_and_several_inputs_are_named_for_what_they_are():
    assert resting(trace(PRESETS["lstm-classifier"])) == "The network turns 100 indices into 2 values."
    two = Network(
        (3, 8, 8), (Add(name="add1", inputs=("a", "b")),),
        inputs=(Input("a", (3, 8, 8)), Input("b", (3, 8, 8))),
    )  # fmt: skip
    assert resting(trace(two)) == "The network turns 3×8×8 and 3×8×8 into 3×8×8."


def test_a_row_that_comes_or_goes_is_told_where_nothing_else_changes():
    maps = Network((3, 32, 32), ()).insert(0, "Conv2d").with_argument("conv1", "out_channels", 16)
    maps = maps.with_argument("conv1", "padding", maps["conv1"].chosen["kernel_size"] // 2)
    pooled = maps.insert(1, "AdaptiveAvgPool2d").with_argument("pool1", "output_size", 1)
    assert told(pooled, maps) == (
        "added pool1",
        "pool1 turns 16×32×32 into 16×1×1. The network now outputs 16×1×1 instead of 16×32×32. "
        "Activations take 64.1 KiB, not 64 KiB.",
    )
    assert told(pooled.insert(2, "Flatten"), pooled)[1].startswith(
        "flatten1 turns 16×1×1 into 16 values. The network now outputs 16 values instead of 16×1×1."
    )
    assert told(maps, pooled)[1].startswith("pool1 no longer turns 16×32×32 into 16×1×1. The network now outputs")


def test_a_skip_connection_that_comes_or_goes_is_told():
    network = PRESETS["resnet18"]
    wrapped, added = insertion.with_skip(network, "layer1.0.conv1")
    assert told(wrapped, network)[1].startswith(
        f"{added} joins layer1.0.conv1 and maxpool into 64×56×56. Activations take "
    )
    assert told(network.remove("layer1.0.add"), network)[1].startswith(
        "Without layer1.0.add, layer1.0.bn2 goes on alone: the connection from maxpool is gone."
    )


@pytest.mark.parametrize("network", [PRESETS["resnet18"], SEED, PRESETS["transformer-classifier"]])
def test_that_nothing_depends_on_a_change_is_said_only_where_it_is_so(network):
    for name in network.names:
        try:
            after = trace(network.remove(name))
        except NetworkError:
            continue
        step = trace(network).by_name[name]
        if after.error is None and (step.output_shape != step.input_shape or len(step.parents) > 1):
            assert "No shape and no count" not in told(after.network, network)[1]


def test_a_block_that_moves_is_told_by_its_name_and_not_row_by_row():
    network = PRESETS["googlenet"]
    moved = blocks.swapped(network, "inception4b", "inception4c")
    heading, why = told(moved, network)
    assert heading.startswith("moved inception4c · inception4c reads inception4a.cat · ")
    assert why == "inception4c now reads inception4a.cat instead of inception4b.cat; 2 more read something else too."
