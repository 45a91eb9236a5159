"""Other names for rows and blocks: what reads them follows, and a change is told as that and nothing else."""

import pytest

from layerscope.changes import ripple
from layerscope.edit_titles import title
from layerscope.interchange import from_json, to_json
from layerscope.link import decode, encode
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.renaming import renamed_as, renames
from layerscope.source.reader import read
from layerscope.source.writer import write
from layerscope.story import story
from layerscope.task import task_for
from layerscope.tracing import trace
from tests.branching import two_branches

SEED = PRESETS[DEFAULT]
RESNET = PRESETS["resnet18"]


def moved_to(network: Network, name: str, new: str) -> Network:
    """The network renamed, with all that must follow checked."""
    changed = network.rename(name, new)
    assert trace(changed).parameters == trace(network).parameters
    assert trace(changed).output_shapes == trace(network).output_shapes
    assert changed.rename(new, name) == network
    assert decode(encode(changed)) == changed
    assert from_json(to_json(changed)) == changed
    assert read(write(changed), [given.shape for given in changed.inputs]) == changed
    return changed


@pytest.mark.parametrize(
    ("preset", "name", "new"),
    [
        (DEFAULT, "conv1", "stem"), (DEFAULT, "out", "head.fc"), ("resnet18", "layer1.0", "layer1.first"),
        ("resnet18", "layer2", "body.stage2"), ("resnet18", "layer1.0.conv1", "layer1.0.reduce"),
        ("lstm-classifier", "lstm", "recurrent"), ("unet", "input", ""),
    ],
)  # fmt: skip
def test_all_that_reads_a_row_or_a_block_follows_its_name(preset, name, new):
    network = PRESETS[preset]
    name = name if name in (*network.names, *network.blocks) else network.names[1]
    new = new or "somewhere.else_"
    changed = moved_to(network, name, new)
    inside = [row for row in network.names if row == name or row.startswith(f"{name}.")]
    assert renames(network, changed) == {row: new + row.removeprefix(name) for row in inside}
    told = ripple(trace(network), trace(changed))
    assert (told.added, told.removed, told.moved, told.edits, told.decided, told.shapes) == ((), (), (), (), (), ())
    assert title(told) == f"renamed {name} to {new}"
    assert "state_dict" in story(told)
    assert told.touched == {new + row.removeprefix(name) for row in inside}
    assert not told.is_empty


@pytest.mark.parametrize(
    ("network", "name", "new", "why"),
    [
        (SEED, "conv1", "relu1", "named relu1 already"),
        (SEED, "conv1", "class", "Python's own"),
        (SEED, "conv1", "stem.is", "Python's own"),
        (SEED, "conv1", "my conv", "letters, digits and underscores"),
        (SEED, "conv1", "conv-1", "letters, digits and underscores"),
        (SEED, "conv1", "", "letters, digits and underscores"),
        (SEED, "conv1", "a..b", "letters, digits and underscores"),
        (SEED, "conv1", "a" * 121, "120"),
        (SEED, "conv1", "input", "name of an input"),
        (two_branches(), "both", "input", "name of an input"),
        (SEED, "conv9", "stem", "There is no layer named conv9"),
        (RESNET, "layer1", "layer2", "block named layer2 already"),
        (RESNET, "layer1.0", "layer1.1", "block named layer1.1 already"),
        (RESNET, "layer1", "conv1", "layer named conv1 already"),
        (RESNET, "conv1", "layer1", "names both a layer and the block"),
        (RESNET, "layer1", "conv1.inside", "names both a layer and the block"),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused_with_the_reason(network, name, new, why):
    with pytest.raises(NetworkError, match=why):
        network.rename(name, new)


def test_a_block_may_move_into_itself_and_out_again():
    inner = moved_to(RESNET, "layer1", "layer1.all")
    assert "layer1.all.0.conv1" in inner.names
    assert inner.rename("layer1.all", "layer1") == RESNET


def test_a_change_beside_a_new_name_is_told_as_both():
    changed = SEED.rename("conv2", "stem").with_argument("stem", "kernel_size", 3)
    told = ripple(trace(SEED), trace(changed))
    assert title(told) == "stem.kernel_size 5 → 3 · renamed conv2 to stem"
    assert {change.label for change in told.decided} >= {"fc1.in_features"}


def test_rows_that_moved_came_or_went_are_not_renamed():
    assert renames(SEED, SEED.move("relu1", 4)) == {}
    assert renames(SEED, SEED.remove("relu1")) == {}
    assert renames(SEED, SEED.remove("relu1").insert(1, "Tanh")) == {}
    assert renamed_as(SEED, SEED.move("relu1", 4)) is SEED


def test_a_task_follows_the_names():
    task = task_for(SEED)
    assert task is not None
    changed = SEED.rename(task.lever, "lever").rename(task.layer, "target")
    now = task.following(renames(SEED, changed))
    assert (now.lever, now.layer) == ("lever", "target")
    moved = changed.with_argument("lever", task.parameter, SEED[task.lever].chosen[task.parameter] - 2)
    assert now.is_done(trace(moved))
