"""Blocks, branches and skips that are put into a network: it still runs, and torch agrees with every formula."""

import pytest
import torch

from layerscope import blocks
from layerscope.blueprints import BLUEPRINTS
from layerscope.building import module
from layerscope.figures.gathering import folded, gather
from layerscope.figures.log_lanes import log_lanes
from layerscope.figures.wires import wires_of
from layerscope.inputs import paths_above
from layerscope.insertion import with_block, with_branch, with_layer, with_skip
from layerscope.network import Input, Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.branching import resnet, row, two_branches, two_inputs

SEED = PRESETS[DEFAULT]
SEQUENCE = Network(
    (12, 16),
    (
        row("Linear", "fc1", out_features=24),
        row("ReLU", "relu1"),
        row("Flatten", "flatten"),
        row("Linear", "out", out_features=3),
    ),
    classes=3,
)
SIGNAL = Network((2, 64), (row("Conv1d", "conv1", out_channels=6, kernel_size=5), row("ReLU", "relu1")))
VOLUME = Network((4, 8, 8, 8), (row("Conv3d", "conv1", out_channels=5, kernel_size=3),))
SMALL = resnet((2, 2), side=32, width=8)
NETWORKS = {
    "seed": SEED, "branches": two_branches(), "sequence": SEQUENCE, "signal": SIGNAL, "volume": VOLUME, "resnet": SMALL,
    "separable": PRESETS["depthwise-separable"],
}  # fmt: skip


def fitting(shape: tuple[int, ...], kind: str) -> bool:
    """Whether that block should fit what arrives."""
    if kind == "transformer":
        return len(shape) == 2
    return len(shape) > 1 and (kind != "inception" or shape[0] >= 4)


@pytest.mark.parametrize("kind", BLUEPRINTS)
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_a_block_runs_wherever_something_fits(network, kind):
    now = trace(network)
    shapes = {"input": network.input_shape} | {step.name: step.output_shape for step in now.steps}
    places = [*shapes][:: max(len(shapes) // 12, 1)]
    for after in places:
        if not fitting(shapes[after], kind):
            with pytest.raises(NetworkError, match=f"does not fit after {after}"):
                with_block(network, after, kind)
            continue
        longer, path = with_block(network, after, kind)
        seen = trace(longer)
        assert seen.error is None, (after, seen.steps[-1].name, seen.error.message)
        assert seen.agrees
        assert seen.output_shapes == now.output_shapes
        inside = [step for step in seen.steps if step.name.startswith(f"{path}.")]
        assert inside[-1].output_shape == shapes[after]
        assert {name for name in network.users(after) if after in network.before(name)} <= {
            *longer.users(inside[-1].name)
        }


def test_a_block_of_attention_has_the_weights_of_torchs_own_layer():
    sequence = Network((12, 128), ())
    network, path = with_block(sequence, "input", "transformer")
    built, theirs = module(network), torch.nn.TransformerEncoderLayer(128, 4, 512)
    ours = {name.removeprefix(f"{path}."): value.shape for name, value in built.state_dict().items()}
    assert ours == {name: value.shape for name, value in theirs.state_dict().items()}


@pytest.mark.parametrize(("channels", "narrow"), [(3, 4), (16, 4), (64, 4), (256, 16)])
def test_squeezing_leaves_at_least_four_channels(channels, narrow):
    network, path = with_block(Network((channels, 8, 8), ()), "input", "squeeze-excite")
    assert trace(network).by_name[f"{path}.relu"].output_shape == (narrow, 1, 1)


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_the_weights_of_a_block_do_not_depend_on_the_length_or_the_size(kind):
    shapes = [(12, 64), (20, 64)] if kind == "transformer" else [(64, 12, 12), (64, 20, 20)]
    counts = {trace(with_block(Network(shape, ()), "input", kind)[0]).parameters for shape in shapes}
    assert len(counts) == 1


def test_a_block_that_cannot_fit_says_why():
    with pytest.raises(NetworkError) as told:
        with_block(SEED, "fc1", "residual")
    assert str(told.value) == (
        "The residual block does not fit after fc1. It works on channels of maps, such as 16×8×8, but gets a flat "
        "vector of 120 values."
    )
    with pytest.raises(NetworkError, match="gives indices; put an Embedding"):
        with_block(two_inputs(), "words", "transformer")
    with pytest.raises(NetworkError, match="at least 4, but gets 3×8×8"):
        with_block(two_branches(), "input", "inception")
    with pytest.raises(NetworkError, match="widens 20,000 channels 6-fold"):
        with_block(Network((20_000, 4, 4), ()), "input", "inverted")
    broken = SEED.with_argument("conv1", "kernel_size", 29)
    with pytest.raises(NetworkError, match="conv1 has no output yet"):
        with_block(broken, "conv1", "residual")


def test_a_block_on_one_way_leaves_the_other_as_it_was():
    network, path = with_block(SMALL, "layer1.0.relu3", "squeeze-excite", "layer1.1.conv1")
    assert network.before("layer1.1.add") == ("layer1.1.bn3", "layer1.0.relu3")
    assert network.before("layer1.1.conv1") == (f"{path}.scale",)
    assert trace(network).error is None


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_a_skip_connection_runs_around_any_row_or_says_why(network):
    now = trace(network)
    for step in now.steps:
        assert step.output_shape is not None
        if len(step.input_shape) != len(step.output_shape) or _grows(step.input_shape, step.output_shape):
            with pytest.raises(NetworkError, match=r"numbers of axes|larger"):
                with_skip(network, step.name)
            continue
        longer, added = with_skip(network, step.name)
        seen = trace(longer)
        assert seen.error is None
        assert seen.output_shapes == now.output_shapes
        assert longer.before(added)[0] == step.name
        is_equal = step.input_shape == step.output_shape
        assert len(longer.layers) - len(network.layers) in ((1,) if is_equal else (2, 3))
        ways = {step.name: step for step in seen.steps}
        for new in {*longer.names} - {*network.names}:  # a shortcut costs one weight for each pair of channels
            assert set((ways[new].weight_shape or ())[2:]) <= {1}


def _grows(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    return any(new > old for old, new in zip(before[1:], after[1:], strict=True)) and len(after) > 2


def test_a_skip_goes_around_a_whole_block():
    network, added = with_skip(SMALL, "layer2.0")
    assert network.before(added) == ("layer2.0.relu3", "layer2.shortcut1")
    assert network.before("layer2.shortcut1") == ("layer1.1.relu3",)
    assert network["layer2.shortcut1"].chosen["stride"] == 2
    assert network.names.index("layer2.shortcut1") < network.names.index("layer2.0.conv1")
    assert trace(network).error is None


@pytest.mark.parametrize("name", ["conv1", "conv2", "pool1", "fc1"])
def test_the_wrapped_row_stays_on_the_main_path_of_the_picture_and_of_the_list(name):
    network, added = with_skip(SEED, name)
    shown = folded(gather(trace(network)), 100)
    places = {one: place for place, stop in enumerate(shown.stops) for one in stop.names}
    main = [one for one, place in places.items() if shown.lanes.lanes[place] == 0]
    marks = dict(zip(network.names, log_lanes(wires_of(network), len(network.inputs)), strict=True))
    assert {*SEED.names, added} <= {*main}
    assert {marks[one].lane for one in (*SEED.names, added)} == {0}
    beside = [one for one in network.names if one not in (*SEED.names, added)]
    assert beside
    assert {marks[one].lane for one in beside} == {1}
    assert {shown.lanes.lanes[places[one]] for one in beside} == {1}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_a_branch_runs_beside_any_row(network):
    now = trace(network)
    for step in now.steps:
        longer, name = with_branch(network, step.name)
        seen = trace(longer)
        assert seen.error is None
        assert seen.output_shapes == now.output_shapes
        assert longer.before(name) == (step.name,)
        join = longer.users(name)[0]
        assert longer.before(join) == (step.name, name)


def test_a_branch_is_joined_by_a_concat_where_more_channels_may_go_on():
    assert with_branch(SEED, "pool1")[0]["cat1"].type == "Concat"
    assert with_branch(SMALL, "layer1.0.bn3")[0]["layer1.0.add1"].type == "Add"


def test_a_layer_after_a_row_is_read_by_all_that_read_the_row():
    network, name = with_layer(SMALL, "layer1.0.relu3", "Dropout2d")
    assert network.before("layer1.1.add")[1] == name
    assert network.before("layer1.1.conv1") == (name,)
    assert with_layer(SEED, "relu1", "Tanh")[0] == SEED.insert(2, "Tanh")
    assert with_layer(SEED, "input", "Tanh")[0] == SEED.insert(0, "Tanh")
    empty = Network((3, 8, 8), (), 10)
    assert with_layer(empty, "input", "Conv2d")[0].names == ("conv1",)


def test_a_join_reads_the_nearest_row_that_fits():
    network, name = with_layer(SEED, "relu2", "Add")
    assert network.before(name) == ("relu2", "conv2")
    assert trace(network).error is None
    network, name = with_layer(SEED, "conv2", "Add")  # nothing before it is 12×8×8
    assert network.before(name) == ("conv2", "conv2")
    assert trace(network).error is None


def test_a_row_that_reads_nothing_leaves_the_others_as_they_were():
    network, _ = with_layer(SEED, "relu1", "Parameter")
    assert network.before("pool1") == ("relu1",)
    assert trace(network).error is None


def test_a_layer_may_be_added_after_a_second_input():
    network = Network(
        (3, 8, 8), (row("Add", "add", "input", "other"),), inputs=(Input("input", (3, 8, 8)), Input("other", (3, 8, 8)))
    )
    longer, name = with_layer(network, "other", "ReLU")
    assert longer.before("add") == ("input", name)
    assert trace(longer).error is None


def test_blocks_added_one_after_the_other_stand_beside_each_other():
    network, last = SEED, "pool1"
    for kind, name in (("residual", "residual1"), ("squeeze-excite", "se1"), ("bottleneck", "bottleneck1")):
        network, path = with_block(network, last, kind)
        assert path == name
        last = blocks.rows_of(network, path)[-1]
    assert with_layer(network, last, "ReLU")[1] == "relu5"
    inside = blocks.rows_of(network, "se1")[0]
    assert with_block(network, inside, "residual")[1] == "se1.residual1"


@pytest.mark.parametrize("name", ["resnet18", "unet", "squeezenet1_1"])
def test_what_is_added_tears_no_block_apart(name):
    network = PRESETS[name]
    for after in network.names[:60]:
        for made in (
            with_layer(network, after, "ReLU")[0],
            *(with_layer(network, after, "ReLU", reader)[0] for reader in network.users(after)),
        ):
            paths = [above for one in made.names for above in paths_above(one)]
            for path in {*paths}:
                places = [place for place, one in enumerate(made.names) if one.startswith(f"{path}.")]
                assert places == [*range(places[0], places[-1] + 1)], (after, path)
