"""What a row reads as choices of the panel, and the edits that make branches, as the stage sends them."""

from typing import Any

import pytest

from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events
from layerscope.ui.session import Session
from tests.branching import densenet, resnet, row, two_branches, two_inputs
from tests.ui.test_outline import at, data_of, do

SEED = PRESETS[DEFAULT]
SMALL = resnet((2, 2), side=32, width=8)


def wiring(network: Network, name: str) -> dict[str, Any]:
    part: dict[str, Any] = data_of(at(network, selected=name))["panel"]["wiring"]
    return part


def fits(part: dict[str, Any], place: int) -> list[str]:
    chosen = part["inputs"][place]
    return [source["value"] for source in part["sources"] if source["group"] in chosen["fits"]]


def test_a_join_chooses_among_the_earlier_rows_the_nearest_first():
    part = wiring(two_branches(), "both")
    assert (part["label"], part["open"]) == ("Reads", True)
    assert [source["label"] for source in part["sources"]] == ["right  6×8×8", "left  4×8×8", "input  3×8×8"]
    assert [chosen["value"] for chosen in part["inputs"]] == ["left", "right"]
    assert fits(part, 0) == ["right", "left", "input"]
    assert part["inputs"][0]["remove"] is None
    assert part["more"]["label"] == "Add an input"


def test_what_fits_is_what_torch_takes():
    part = wiring(SMALL, "layer2.0.add")
    assert fits(part, 1) == [f"layer2.0.{name}" for name in ("downsample.1", "downsample.0", "bn3", "conv3")]
    for source in part["sources"][:20]:
        network = SMALL.with_inputs("layer2.0.add", ("layer2.0.bn3", source["value"]))
        step = trace(network).by_name["layer2.0.add"]
        assert (step.error is None) == (source["value"] in fits(part, 1))


def test_any_row_may_choose_what_it_reads():
    part = wiring(SEED, "conv2")
    assert (part["label"], part["open"]) == ("Reads pool1", False)
    here = at(SEED, selected="conv2")
    do(here, "reads:0:conv2", "conv1")
    assert here.network.before("conv2") == ("conv1",)
    do(here, "reads:0:conv2", "pool1")
    assert here.network == SEED
    assert here.network.is_chain


def test_inputs_are_added_and_taken_away():
    here = at(two_branches(), selected="both")
    do(here, "reads:2:both", "input")
    assert here.network.before("both") == ("left", "right", "input")
    assert trace(here.network).by_name["both"].output_shape == (13, 8, 8)
    do(here, "unread:0:both")
    assert here.network.before("both") == ("right", "input")
    for _ in range(2):
        do(here, "undo")
    assert here.network == two_branches()


@pytest.mark.parametrize(
    ("key", "value"),
    [("reads:9:both", "left"), ("reads:x:both", "left"), ("reads:0:nobody", "left"), ("reads:0:both", ""),
     ("reads:0:both", "out"), ("reads:0:both", "left:h"), ("unread:7:both", None), ("reads:0:", 3), ("reads:", None)],
)  # fmt: skip
def test_what_no_stage_sends_does_no_harm(key, value):
    here = at(two_branches(), selected="both")
    events.apply(here, key, value, "commit")
    data_of(here)


def test_indices_fit_where_indices_are_wanted():
    part = wiring(two_inputs(), "emb")
    assert fits(part, 0) == ["words"]
    assert "words" not in fits(wiring(two_inputs(), "fc1"), 0)


def test_outputs_of_a_row_are_sources_of_their_own():
    rows = (row("LSTM", "lstm1", hidden_size=6, batch_first=True), row("Linear", "out", "lstm1", out_features=2))
    sources = {source["value"] for source in wiring(Network((5, 4), rows), "out")["sources"]}
    assert sources == {"input", "lstm1", "lstm1:h_n", "lstm1:c_n"}


def test_a_wide_join_of_a_long_network_is_told_in_little_text():
    part = wiring(densenet(), "features.denseblock4.cat")
    assert len(part["inputs"]) == 17
    assert len(str(part)) < 80_000


def test_a_branch_and_a_skip_are_one_step_each():
    here = at(SEED, selected="pool1")
    do(here, "skip")
    assert here.selected == "add1"
    do(here, "undo")
    assert here.network == SEED
    do(here, "branch")
    assert here.selected == "branch1"
    assert here.network["cat1"].type == "Concat"
    assert trace(here.network).error is None
    do(here, "undo")
    assert here.network == SEED
    here.select("flatten")
    events.apply(here, "skip", None, "commit")
    assert "cannot be added" in here.notice
    assert here.network == SEED


def test_an_empty_network_invites_to_add_a_layer():
    here = at(Network((3, 8, 8), (), 10))
    message = data_of(here)["message"]
    assert message["title"] == "Add a first layer"
    assert [action["key"] for action in message["actions"]] == ["add:Conv2d", "add:Flatten", "add:Linear"]
    do(here, "add:Flatten")
    do(here, "add:Linear")
    assert here.network.names == ("flatten1", "fc1")
    assert here.selected == "fc1"
    events.apply(here, "add:Nothing", None, "commit")
    for key in ("branch", "skip", "remove", "move_up", "duplicate"):
        empty = Session(network=Network((3, 8, 8), (), 10))
        events.apply(empty, key, None, "commit")
        assert not empty.network.layers
