"""Blocks of rows: what they hold, which are equal, and edits of several rows at once."""

import pytest

from layerscope import blocks
from layerscope.inputs import paths_above
from layerscope.insertion import with_block
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.branching import densenet, resnet, row, two_branches

SEED = PRESETS[DEFAULT]
SMALL = resnet((2, 3), side=32, width=8)


def test_a_block_is_the_dotted_beginning_of_names():
    assert blocks.rows_of(SMALL, "conv1") == ("conv1",)
    assert blocks.rows_of(SMALL, "layer1.0.downsample") == ("layer1.0.downsample.0", "layer1.0.downsample.1")
    assert len(blocks.rows_of(SMALL, "layer2")) == 32
    assert blocks.rows_of(SMALL, "layer") == ()
    assert blocks.is_block(SMALL, "layer1.1")
    assert not blocks.is_block(SMALL, "layer1.1.conv1")
    assert not blocks.is_block(SMALL, "layer")
    assert not blocks.is_block(SMALL, "")
    assert paths_above("layer1.0.conv1") == ("layer1", "layer1.0")


def test_what_goes_into_a_block_and_what_leaves_it():
    assert blocks.entries(SMALL, blocks.rows_of(SMALL, "layer1.1")) == ("layer1.0.relu3",)
    assert blocks.exits(SMALL, blocks.rows_of(SMALL, "layer1.1")) == ("layer1.1.relu3",)
    assert blocks.exits(SMALL, ("fc",)) == ("fc",)


def test_equal_blocks_have_equal_rows_in_equal_wiring():
    assert blocks.alike(SMALL, "layer2.1") == ("layer2.1", "layer2.2")
    assert blocks.alike(SMALL, "layer2.0") == ("layer2.0",)  # it projects
    assert blocks.alike(SMALL.with_argument("layer2.1.conv1", "kernel_size", 3), "layer2.1") == ("layer2.1",)
    rewired = SMALL.with_inputs("layer2.1.add", ("layer2.1.bn3", "layer2.1.bn3"))
    assert blocks.alike(rewired, "layer2.1") == ("layer2.1",)


def test_a_row_has_siblings_in_the_outermost_blocks_that_are_equal():
    assert blocks.siblings(SMALL, "layer2.2.conv1") == ("layer2.1.conv1", "layer2.2.conv1")
    assert blocks.siblings(SMALL, "layer2.0.conv1") == ("layer2.0.conv1",)
    assert blocks.siblings(SMALL, "conv1") == ("conv1",)


def test_one_edit_is_done_to_all_equal_blocks():
    edited = SMALL.with_argument("layer2.1.conv2", "dilation", 2).with_argument("layer2.1.conv2", "padding", 2)
    changes = blocks.changes_alike(SMALL, edited)
    assert changes == ((("layer2.2.conv2",), "padding", 2), (("layer2.2.conv2",), "dilation", 2))
    both = blocks.changed_alike(edited, changes)
    assert both["layer2.2.conv2"].chosen == both["layer2.1.conv2"].chosen
    assert both["layer2.0.conv2"] == SMALL["layer2.0.conv2"]
    assert trace(both).error is None
    assert blocks.changes_alike(SMALL, both) == ()  # nothing is left to do
    assert blocks.changes_alike(SMALL, SMALL.with_argument("conv1", "stride", 1)) == ()
    assert blocks.changes_alike(SMALL, SMALL.remove("layer2.1.relu1")) == ()


def test_a_block_is_taken_out_at_once():
    without = blocks.without(SMALL, "layer2.1")
    assert not any(name.startswith("layer2.1.") for name in without.names)
    assert without.before("layer2.2.conv1") == ("layer2.0.relu3",)
    assert trace(without).error is None
    assert blocks.without(blocks.without(with_block(SEED, "pool1", "dense")[0], "dense1"), "x") == SEED


def test_a_copy_of_a_block_reads_the_block():
    copied, path = blocks.duplicated(SMALL, "layer2.1")
    assert path == "layer2.3"
    assert blocks.alike(copied, "layer2.1") == ("layer2.1", "layer2.3", "layer2.2")
    assert copied.before("layer2.3.conv1") == ("layer2.1.relu3",)
    assert copied.before("layer2.3.add") == ("layer2.3.bn3", "layer2.1.relu3")
    assert copied.before("layer2.2.add")[1] == "layer2.3.relu3"
    assert trace(copied).error is None


def test_a_block_that_several_values_leave_has_no_copy():
    network = Network((3, 8, 8), (row("ReLU", "a.x"), row("ReLU", "a.y"), row("Add", "add", "a.x", "a.y")))
    with pytest.raises(NetworkError, match="a block's output"):
        blocks.duplicated(network, "a")


def test_neighbouring_blocks_change_places_with_what_goes_through_them():
    swapped = blocks.swapped(SMALL, "layer2.1", "layer2.2")
    assert swapped.before("layer2.2.add") == ("layer2.2.bn3", "layer2.0.relu3")
    assert swapped.before("layer2.1.add") == ("layer2.1.bn3", "layer2.2.relu3")
    assert swapped.before("avgpool") == ("layer2.1.relu3",)
    assert trace(swapped).error is None
    assert blocks.swapped(swapped, "layer2.2", "layer2.1") == SMALL


def test_branches_that_do_not_read_each_other_only_change_their_order():
    rows = (row("ReLU", "a.x"), row("Tanh", "b.x", "input"), row("ReLU", "b.y"), row("Add", "add", "a.x", "b.y"))
    network = Network((3, 8, 8), rows)
    swapped = blocks.swapped(network, "a", "b")
    assert swapped.names == ("b.x", "b.y", "a.x", "add")
    assert [swapped.before(name) for name in swapped.names] == [("input",), ("b.x",), ("input",), ("a.x", "b.y")]


def test_two_rows_change_places_as_they_always_did():
    assert blocks.swapped(SEED, "relu1", "pool1") == SEED.move("relu1", 2)
    with pytest.raises(NetworkError, match="which reads it"):
        blocks.swapped(two_branches(), "right", "both")


def test_long_networks_keep_their_paths():
    dense = densenet((6, 12), side=64)
    assert blocks.free_path(dense, "features.denseblock2") == "features.denseblock3"
    assert blocks.alike(dense, "features.denseblock1.denselayer1") == ("features.denseblock1.denselayer1",)


def test_a_block_does_not_come_before_a_join_that_it_reads():
    network = Network(
        (3, 8, 8),
        (
            row("ReLU", "left"),
            row("Tanh", "right", "input"),
            row("Add", "add", "left", "right"),
            row("ReLU", "a.x"),
            row("Tanh", "a.y"),
        ),
    )
    with pytest.raises(NetworkError, match="a cannot come before add, which reads 2 values"):
        blocks.swapped(network, "add", "a")
    rows = (row("ReLU", "x"), row("ReLU", "a.x"), row("Tanh", "a.y", "x"), row("Add", "add", "a.x", "a.y"))
    forked = Network((3, 8, 8), rows)
    with pytest.raises(NetworkError, match="the block a has several outputs"):
        blocks.swapped(forked, "x", "a")
