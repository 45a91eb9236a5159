"""What a guess is about: the answer is torch's, the reason has the numbers, and every way to write it is read."""

import pytest
import torch

from layerscope.building import module
from layerscope.formatting import shape_text
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.targets import KINDS, PARAMETERS, RUNS, SHAPE, TEXT, VALUE, Target, Truth, read, truth
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]
SMALL = [name for name, network in PRESETS.items() if len(network.layers) < 40]
BROKEN = SEED.with_argument("conv1", "kernel_size", 29)


def known(target: Target, now: Trace) -> Truth:
    """The truth of a target that has one."""
    found = truth(target, now)
    assert found is not None
    return found


def all_targets(network):
    yield from (Target(kind) for kind in ("", PARAMETERS, RUNS, TEXT))
    for step in trace(network).steps:
        yield Target(SHAPE, step.name)
        yield from (Target(VALUE, step.name, name) for name in step.arguments)


@pytest.mark.parametrize("name", SMALL)
def test_every_target_is_written_and_read_back(name):
    targets = list(all_targets(PRESETS[name]))
    assert {target.kind for target in targets} == set(KINDS)
    for target in targets:
        assert read(target.written) == target
        assert target.question.endswith("?")


@pytest.mark.parametrize(
    "text", ["shape", "shape:", "value", "value:fc1", "value:fc1.", "shape:a b", "shape:a.", "x", "runs:", "text:a",
             "parameters:fc1", "shape:\nfc1", "value:fc1.in_features ", "value:fc1.IN", "Shape:fc1", "shape:é"]
)  # fmt: skip
def test_what_names_nothing_is_refused(text):
    with pytest.raises(ValueError, match="names nothing"):
        read(text)


BUILT = [name for name in SMALL if PRESETS[name].has_usual_input and PRESETS[name].is_chain]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.thorough if name.startswith("vgg") else ()) for name in BUILT]
)
def test_the_shapes_and_the_count_are_those_of_the_built_module(name):
    network = PRESETS[name]
    built = module(network)
    seen: dict[str, object] = {}
    for layer in network.layers:
        built.get_submodule(layer.name).register_forward_hook(
            lambda _, __, output, name=layer.name: seen.__setitem__(name, output)
        )
    with torch.no_grad():
        built.eval()(torch.zeros(2, *network.input_shape))
    now = trace(network)
    for name_of_layer, output in seen.items():
        if isinstance(output, torch.Tensor):
            told = known(Target(SHAPE, name_of_layer), now)
            assert tuple(output.shape[1:]) in told.values
    total = sum(parameter.numel() for parameter in built.parameters())
    assert known(Target(PARAMETERS), now).values == ((total,),)
    assert f"= {total:,}." in known(Target(PARAMETERS), now).why or total == 0


@pytest.mark.parametrize("name", SMALL)
def test_every_truth_has_a_reason_and_no_loose_ends(name):
    now = trace(PRESETS[name])
    for target in all_targets(PRESETS[name]):
        if target.kind in ("", TEXT):
            assert truth(target, now) is None
            continue
        told = known(target, now)
        assert told.runs
        assert not told.says.endswith(".")
        assert "  " not in f"{told.says}{told.why}"
        assert told.why == "" or told.why.endswith(".")
        if target.kind == SHAPE:
            assert told.short == shape_text(now.by_name[target.layer].shown_shapes[0])


@pytest.mark.parametrize(
    ("target", "says", "why"),
    [
        (
            "value:fc1.in_features",
            "fc1.in_features is 192",
            "It is the length of the flattened maps: 12 × 4 × 4 = 192.",
        ),
        ("value:out.out_features", "out.out_features is 10", "It is the number of classes in the data: 10."),
        ("value:conv2.in_channels", "conv2.in_channels is 6", "conv1 outputs 6 channels."),
        ("value:conv1.in_channels", "conv1.in_channels is 1", "The input has 1 channel (grayscale)."),
        ("shape:flatten", "flatten outputs 192", "Flattened, they make 12 × 4 × 4 = 192 values."),
        ("shape:relu1", "relu1 outputs 6×24×24", "relu1 keeps the shape of its input."),
        (
            "shape:pool2",
            "pool2 outputs 12×4×4",
            "A 2×2 window with stride 2 fits 4 times into 8: floor((8 + 2·0 − 1·(2 − 1) − 1) / 2) + 1 = 4.",
        ),
        ("shape:fc1", "fc1 outputs 120", "fc1 outputs out_features values: 120."),
        ("runs", "the network runs", "Every layer fits the one before it; the output is 10."),
    ],
)
def test_words_come_before_the_formula(target, says, why):
    told = known(read(target), trace(SEED))
    assert (told.says, told.why) == (says, why)


def test_each_axis_has_its_window_where_they_differ():
    wide = SEED.with_argument("conv1", "kernel_size", (5, 3)).with_argument("conv1", "padding", (0, 1))
    why = known(Target(SHAPE, "conv1"), trace(wide)).why
    assert "Along the height a window of 5 with stride 1 fits 24 times into 28: floor(" in why
    assert "Along the width a window of 3 with stride 1 fits 28 times into 28 plus 1 of padding on each side" in why


@pytest.mark.parametrize("target", ["runs", "parameters", "shape:conv1", "shape:pool2", "value:fc1.in_features"])
def test_where_nothing_runs_that_is_the_answer(target):
    told = known(read(target), trace(BROKEN))
    assert (told.says, told.runs, told.values) == ("the network does not run", False, ())
    assert told.why.startswith("conv1: ")


def test_what_the_network_does_not_have_is_not_judged():
    now = trace(SEED.remove("fc2"))
    assert truth(Target(SHAPE, "fc2"), now) is None
    assert truth(Target(VALUE, "conv1", "in_features"), now) is None
