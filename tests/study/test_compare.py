"""Two networks side by side, beside what `trace` says of each and what `ripple` says of one edit."""

from functools import partial
from random import Random

import pandas as pd
import pytest
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.causes import argument, causes
from layerscope.changes import ripple
from layerscope.contrast import MEASURES, Contrast
from layerscope.contrast_numbers import times
from layerscope.contrast_story import corresponding
from layerscope.formatting import bytes_text
from layerscope.layers.activation import ReLU
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.compare import USUAL, Comparison, Training, compare
from layerscope.study.memory import training_memory
from tests.edits import edit_pairs
from tests.random_graphs import random_graph
from tests.sentences import faults

SEED = PRESETS[DEFAULT]
SOME = (
    "fashion-mnist-cnn",
    "lenet5",
    "alexnet",
    "resnet18",
    "resnet50",
    "googlenet",
    "unet",
    "textcnn",
    "lstm-classifier",
)
ADDED_UP = ("parameters", "macs", "activation_bytes")


@pytest.fixture(scope="module")
def edits(thorough: bool) -> list[Comparison]:
    found = edit_pairs(1_500 if thorough else 70, seed=21)
    return [Comparison(Contrast.of(a, b)) for a, b in found]


@pytest.fixture(scope="module")
def many(edits: list[Comparison], thorough: bool) -> list[Comparison]:
    """Edits, presets against presets, and random networks that branch."""
    rng = Random(8)
    graphs = [(random_graph(rng), random_graph(rng)) for _ in range(400 if thorough else 20)]
    presets = [(PRESETS[a], PRESETS[b]) for a in SOME for b in SOME]
    return [*edits, *(compare(a, b) for a, b in (*presets, *graphs))]


def test_the_numbers_add_up_to_those_of_trace(many):
    for seen in many:
        frame = seen.frame()
        for side, one in (("a", seen.contrast.a), ("b", seen.contrast.b)):
            for what in ADDED_UP:
                assert frame[f"{what}_{side}"].sum() == getattr(one, what)
                assert getattr(seen.totals[what], side) == getattr(one, what)
            assert getattr(seen.totals["layers"], side) == len(one.network.layers) == frame[side].notna().sum()


def test_each_number_is_what_trace_says_of_that_layer(many):
    for seen in many:
        for row in seen.frame().to_dict("records"):
            for side, one in (("a", seen.contrast.a), ("b", seen.contrast.b)):
                step = None if pd.isna(row[side]) else one.by_name.get(row[side])
                if step is None:
                    assert all(pd.isna(row[f"{what}_{side}"]) for what in MEASURES)
                    continue
                assert [row[f"{what}_{side}"] for what in ADDED_UP] == [getattr(step, what) for what in ADDED_UP]
                assert (row[f"type_{side}"], row[f"output_{side}"]) == (step.type, step.output_shapes)
                field, number = step.receptive_field, row[f"receptive_field_{side}"]
                assert pd.isna(number) if field is None or not field.size else number == max(field.size)


def test_all_numbers_are_numbers(many):
    for seen in many:
        frame = seen.frame()
        for what in MEASURES:
            assert str(frame[f"{what}_a"].dtype) == str(frame[f"{what}_b"].dtype) == "Int64"
        assert frame["differs"].dtype == bool


def test_the_parameters_are_those_of_the_real_modules():
    for a, b in (("fashion-mnist-cnn", "lenet5"), ("lenet5", "resnet18"), ("textcnn", "unet")):
        totals = compare(PRESETS[a], PRESETS[b]).totals["parameters"]
        for name, count in zip((a, b), totals, strict=True):
            assert count == sum(tensor.numel() for tensor in module(PRESETS[name]).parameters())


def keep(shapes, name, part, arrived, left):
    shapes[name] = tuple(left.shape[1:])


def test_output_shapes_are_those_of_real_samples():
    a, b = SEED, SEED.with_argument("conv2", "kernel_size", 3).insert_after("conv1", "BatchNorm2d")
    frame = compare(a, b).frame()
    for side, network in (("a", a), ("b", b)):
        built, shapes = module(network).eval(), dict[str, tuple[int, ...]]()
        for name, part in built.named_modules():
            part.register_forward_hook(partial(keep, shapes, name))
        with torch.no_grad():
            built(torch.zeros(2, *network.input_shape))
        for row in frame[frame[side].notna()].to_dict("records"):
            assert row[f"output_{side}"] == (shapes[row[side]],)


def test_a_network_beside_itself_differs_in_nothing():
    for name in SOME:
        seen = compare(PRESETS[name], PRESETS[name])
        assert not seen.frame()["differs"].any()
        assert seen.sentences == ("A and B are the same network.",)
        assert all(total.a == total.b for total in seen.totals.values())


def test_the_other_direction_is_the_mirror(many):
    for seen in many:
        other = Comparison(Contrast.of(seen.contrast.b, seen.contrast.a))
        assert {name: (b, a) for name, (a, b) in seen.totals.items()} == other.totals
        there = {(row.pair.a, row.pair.b): row for row in seen.rows}
        here = {(row.pair.b, row.pair.a): row for row in other.rows}
        assert there.keys() == here.keys()
        for names, row in there.items():
            mirrored = {each.what: (each.a, each.b) for each in here[names].differences}
            assert {each.what: (each.b, each.a) for each in row.differences} == mirrored
            assert row.differs == here[names].differs


def test_one_edit_differs_exactly_where_trace_says_so(edits):
    """By brute force over the steps of both traces; layers of one name are one layer, as in `ripple`."""
    for seen in edits:
        a, b = seen.contrast.a, seen.contrast.b
        told = ripple(a, b)
        wanted = set(told.touched) - set(told.moved)
        for name, new in b.by_name.items():
            old = a.by_name.get(name)
            if old is not None and (
                [getattr(old, what) for what in ADDED_UP] != [getattr(new, what) for what in ADDED_UP]
                or (old.receptive_field is None) != (new.receptive_field is None)
                or (old.receptive_field and old.receptive_field.size != new.receptive_field.size)
                or (old.receptive_field and old.receptive_field.whole != new.receptive_field.whole)
            ):
                wanted.add(name)
        if any(row.pair.by == "place" for row in seen.rows):  # a copy, or one that was put in the place of another
            continue
        if any({type(each.old), type(each.new)} == {tuple, int} for each in told.edits):  # (3, 3) and 3 are one
            continue
        reached = [
            row for row in seen.rows if row.steps[1] or row.pair.b in told.touched
        ]  # classes widen the others too
        assert {row.pair.b for row in reached if row.differs and row.pair.b} == wanted


@pytest.mark.parametrize(
    ("name", "layer", "what", "value", "first"),
    [
        ("fashion-mnist-cnn", "conv2", "kernel_size", 3, "conv2"),
        ("resnet18", "layer3.0.conv1", "padding", 2, "layer3.0.conv1"),
        ("lenet5", "fc1", "out_features", 200, "fc1"),
    ],
)
def test_nothing_before_an_edit_differs(name, layer, what, value, first):
    network = PRESETS[name]
    frame = compare(network, network.with_argument(layer, what, value)).frame()
    assert frame[frame["differs"]]["layer"].iloc[0] == first
    assert set(frame[frame["differs"]]["layer"]) <= {first} | network.dependents(layer)


def test_every_sentence_is_one(many):
    for seen in many:
        for sentence in seen.sentences:
            assert faults(sentence) == []
            assert sentence[0].isupper() or sentence[0].isdigit()
            assert sentence.endswith((".", "?", "!"))
        assert len(" ".join(seen.sentences)) < 1_500


def test_what_a_teacher_would_say():
    a, b = SEED, SEED.with_argument("conv2", "kernel_size", 3)
    assert compare(a, b).sentences == (
        "B has 44,806 parameters, 1.4 times A's; the largest change (+12,960) is in fc1, whose in_features goes from "
        "192 to 300 because conv2.kernel_size is 3.",
        "For one sample B needs 195k multiply-accumulates (0.84 times A's) and 43.5 KiB of activations (1.1 times "
        "A's).",
        "They differ in conv2.kernel_size (5 and 3).",
    )


def test_the_memory_that_training_takes_stands_beside_the_outputs():
    a, b = SEED, SEED.with_argument("conv1", "out_channels", 48)
    for training in (USUAL, Training(8, "SGD", "bfloat16")):
        seen = compare(a, b, training)
        peaks = tuple(training_memory(network, *training).peak for network in (a, b))
        assert seen.totals["training_memory"] == peaks
        assert peaks[1] > 1.1 * peaks[0]
        than = f"{times(peaks[1] / peaks[0])} times A's"
        assert seen.sentences[2] == f"Training B takes {bytes_text(peaks[1])} at its peak ({training.words}), {than}."
        assert compare(b, a, training).sentences[2].endswith(f"{times(peaks[1] / peaks[0])} times less than A.")
    assert Training(8, "SGD", "bfloat16").words == "batch 8, SGD, bfloat16"


def test_training_memory_that_is_nearly_the_same_is_not_told():
    seen = compare(
        SEED, SEED.with_argument("fc2", "out_features", 61) if "fc2" in SEED.names else SEED.with_classes(11)
    )
    peak = seen.totals["training_memory"]
    assert peak.a != peak.b
    assert not [sentence for sentence in seen.sentences if "Training B" in sentence]


def test_where_no_formula_tells_it_torch_is_asked_only_if_wanted():
    text, chain = PRESETS["lstm-classifier"], PRESETS["alexnet"]
    seen = compare(chain, text, asks=False)
    assert seen.totals["training_memory"] == (training_memory(chain).peak, None)
    assert seen.is_partial
    assert not [sentence for sentence in seen.sentences if "Training B" in sentence]
    asked = compare(chain, text)
    assert asked.totals["training_memory"].b == training_memory(text).peak
    assert not asked.is_partial
    for name in ("fashion-mnist-cnn", "vgg16", "resnet50", "densenet121", "unet"):
        assert not compare(PRESETS[name], PRESETS[name], asks=False).is_partial


def test_what_cannot_be_estimated_has_no_training_memory():
    seen = compare(SEED, SEED.with_argument("conv2", "kernel_size", 33))
    assert seen.totals["training_memory"] == (training_memory(SEED).peak, None)
    assert not [sentence for sentence in seen.sentences if "Training B" in sentence]


def test_a_row_that_only_one_has_is_named_as_the_cause():
    (said, *_), (back, *_) = (
        compare(*both).sentences for both in ((SEED, SEED.remove("pool2")), (SEED.remove("pool2"), SEED))
    )
    assert said.endswith("whose in_features goes from 192 to 768 because A has pool2 and B does not.")
    assert back.endswith("whose in_features goes from 768 to 192 because B has pool2 and A does not.")


def test_far_networks_are_told_by_their_blocks():
    said = compare(PRESETS["lenet5"], PRESETS["resnet18"]).sentences
    assert said[0] == (
        "B has 11,689,512 parameters, 190 times A's; most of the difference (+8,393,728) is in layer4, which A does "
        "not have."
    )
    assert "Only B has 62 of 69 layers, most of them in layer1 to layer4." in said
    said = compare(PRESETS["resnet18"], PRESETS["resnet34"]).sentences
    assert (
        said[-1] == "Only B has layer1.2, layer2.2 to layer2.3, layer3.2 to layer3.5 and layer4.2 (56 of 125 layers)."
    )


def test_blocks_of_other_names_that_correspond():
    found = corresponding(compare(PRESETS["densenet121"], PRESETS["resnet101"]).contrast)
    assert [(f"features.denseblock{n}", f"layer{n}") for n in (1, 2, 3)] == list(found)


def test_what_does_not_run_is_said_first():
    seen = compare(SEED, SEED.with_argument("conv2", "kernel_size", 33))
    assert (
        seen.sentences[0] == "B does not run: conv2 stops it. kernel_size 33 is larger than its input's height of 12."
    )
    assert seen.frame()["macs_b"].isna().sum() == 8
    assert seen.totals["receptive_field"].b is None


def test_a_cause_is_what_changes_the_value_when_it_is_taken_back(many):
    for seen in many[:80]:
        for row in seen.rows:
            for each in row.differences:
                if each.what in ("in_features", "in_channels") and not each.is_choice:
                    for cause in causes(seen.contrast, row, argument(each.what)):
                        assert cause.kind in ("set", "new", "gone")
                        assert cause.label


def test_of_long_networks_few_causes_are_tried():
    long = Network((4, 8, 8), tuple(ReLU(name=f"relu{place}") for place in range(1_024)))
    assert limits.CAUSE_STEPS.most // len(long.layers) == 1
    other = long.with_argument("relu5", "inplace", True)
    assert compare(long, other).sentences[1:] == ("They differ in relu5.inplace (False and True).",)


def test_networks_without_layers_can_be_compared():
    empty = Network((1, 28, 28), ())
    for a, b in ((empty, SEED), (SEED, empty), (empty, empty.with_input((2, 2, 2)))):
        assert len(compare(a, b).frame()) == len(a.layers) + len(b.layers)
        assert all(faults(sentence) == [] for sentence in compare(a, b).sentences)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.81, "1.8"),
        (1.25, "1.2"),
        (11.6, "12"),
        (189.4, "190"),
        (4_361, "4,400"),
        (0.54, "0.54"),
        (0.5, "0.5"),
        (0.005, "0.005"),
        (1 / 190, "0.0053"),
        (3.14e-6, "0.0000031"),
    ],
)
def test_a_ratio_as_it_is_said(ratio, text):
    assert times(ratio) == text
