"""The list of layers of networks that branch: blocks, lanes, and walking and moving by them."""

import json
from typing import Any

import pytest

from layerscope import blocks
from layerscope.assignment import assigned
from layerscope.changes import ripple
from layerscope.figures import flow
from layerscope.figures.gathering import folded, gather, heading
from layerscope.link import View, decode_view, encode_view
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, preview
from layerscope.ui.outline import closed_by_hand, listing
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.branching import densenet, resnet, row, two_branches, two_inputs
from tests.large import large_last
from tests.ui.contract import check_stage

SEED = PRESETS[DEFAULT]
FIFTY = resnet()
SMALL = resnet((2, 3), side=32, width=8)


def at(network: Network, **view: Any) -> Session:
    return Session(network=network, before=network, beginning=network, view=View(**view))


def data_of(session: Session) -> dict[str, Any]:
    return stage_data(session, ripple(trace(session.told_against), trace(session.network)))


def items(session: Session, hidden: bool = False) -> list[dict[str, Any]]:
    return [item for item in data_of(session)["outline"]["items"] if hidden or not item.get("hidden")]


def keys(session: Session) -> list[str]:
    return [item["key"] for item in items(session)]


def token(session: Session) -> dict[str, Any]:
    made = preview.token(session)
    assert made is not None
    return made


def do(session: Session, key: str, value: Any = None) -> None:
    events.apply(session, key, value, "commit")
    assert session.notice == ""


def test_a_chain_is_listed_as_it_always_was():
    for item, layer in zip(items(at(SEED), hidden=True), SEED.layers, strict=True):
        assert item.keys() == {"key", "name", "type", "detail", "note", "tone", "lit"}
        assert item["key"] == item["name"] == layer.name


def test_blocks_are_closed_where_there_is_no_room_and_equal_ones_are_one():
    shown = {item["key"]: item for item in items(at(FIFTY))}
    assert len(shown) < 24
    block = shown["layer3.1"]
    assert (block["name"], block["type"], block["detail"]) == ("layer3.1 × 5", "50 layers", "1024×14×14")
    assert block["fold"] == {"key": "open:layer3.1", "label": "Open layer3.1", "open": False}
    assert shown["layer3"]["fold"]["open"]
    assert "layer3.1.conv1" not in shown


def test_every_row_is_in_the_list_to_be_found():
    for network in (FIFTY, densenet(), SMALL, two_branches()):
        rows = [item["key"] for item in items(at(network), hidden=True) if "fold" not in item]
        assert rows == list(network.names)


def test_a_block_is_opened_and_closed_and_the_address_keeps_it():
    here = at(FIFTY)
    do(here, "open:layer3.1")
    assert "layer3.1.conv1" in keys(here)
    assert "layer3.2" in keys(here)  # the other four
    assert decode_view(encode_view(here.view)) == here.view
    do(here, "close:layer3")
    assert "layer3" in keys(here)
    assert "layer3.0" not in keys(here)
    assert here.view.opened == ()
    do(here, "open:nonsense")
    assert here.view.opened == ()


def lines(session: Session) -> list[tuple[str, str, int]]:
    return [(entry.key, entry.fold, entry.times) for entry in listing(session).entries]


@pytest.mark.parametrize("name", large_last(name for name, network in PRESETS.items() if not network.is_chain))
def test_every_triangle_does_something_and_what_was_closed_opens_again(name):
    beginning = lines(at(PRESETS[name]))
    for item in items(at(PRESETS[name])):
        fold = item.get("fold")
        if not fold or not fold["key"]:
            continue
        here = at(PRESETS[name])
        do(here, fold["key"])
        turned = lines(here)
        assert turned != beginning, fold
        if fold["open"]:
            path = fold["key"].removeprefix("close:")
            place = listing(here).index(path, here.network.index(blocks.rows_of(here.network, path)[0]))
            do(here, items(here)[place]["fold"]["key"])
            assert lines(here) == beginning, fold


def test_equal_blocks_that_became_one_line_open_again():
    here = at(PRESETS["resnet18"])
    do(here, "close:layer1.0")
    assert ("layer1", "closed", 2) in lines(here)
    do(here, "select", "layer1.0")
    assert data_of(here)["outline"]["selected"] == "layer1"  # the line that it became part of
    [line] = [item for item in items(here) if item["key"] == "layer1"]
    assert line["name"] == "layer1 × 2"
    do(here, line["fold"]["key"])
    assert "layer1.0.conv1" in keys(here)


def test_the_picture_closes_what_the_list_closes_with_it():
    here = at(PRESETS["resnet18"])
    do(here, "close:layer1.0")
    do(here, "layer2.0.conv1.out_channels", 96)
    assert ("layer1", "closed", 2) in lines(here)
    shown = folded(gather(trace(here.network)), 99, closed=closed_by_hand(here), selected=here.selected)
    assert [heading(stop) for stop in shown.stops if stop.name.startswith("layer1")] == ["layer1 × 2"]
    picture = data_of(here)["figures"][0]
    assert picture["data"] == flow.flow(
        trace(here.network), here.selected, ripple(trace(here.before), trace(here.network)).touched,
        before={change.layer: change.old for change in ripple(trace(here.before), trace(here.network)).shapes},
        closed=frozenset({"layer1.0", "layer1.1"}),
    )["data"]  # fmt: skip


def test_blocks_of_other_sizes_are_not_one_line():
    here = at(PRESETS["resnet18"], selected="layer3.0")
    do(here, "duplicate")
    shown = lines(here)
    assert {("layer3.0", "closed", 1), ("layer3.2", "closed", 1)} <= {*shown}
    do(here, "conv1.kernel_size", 300)
    assert trace(here.network).error is not None


def test_a_block_that_several_values_leave_has_no_triangle():
    rows = [row("ReLU", "a.x"), row("ReLU", "a.y"), row("Add", "add", "a.x", "a.y"), row("ReLU", "b.x")]
    here = at(Network((3, 8, 8), (*rows, row("ReLU", "b.y"))))
    folds = {item["key"]: item["fold"] for item in items(here) if "fold" in item}
    assert (folds["a"]["key"], folds["a"]["open"]) == (None, True)
    assert folds["b"]["key"] == "close:b"


def test_each_line_can_be_selected_however_many_rows_have_no_block():
    rows, last = [row("Conv2d", "stem", out_channels=4, kernel_size=1)], "stem"
    for n in range(20):
        rows += [row("ReLU", f"relu{n}", last), row("Add", f"add{n}", f"relu{n}", last)]
        last = f"add{n}"
    network = Network((3, 8, 8), tuple(rows))
    here = at(network)
    assert keys(here) == list(network.names)
    for key in keys(here):
        do(here, "select", key)
        assert here.selected == key


def test_what_holds_the_selected_row_is_open():
    here = at(FIFTY, selected="layer3.4.conv2")
    assert "layer3.4.conv2" in keys(here)
    do(here, "close:layer3.4")
    assert here.selected == "layer3.4"
    assert "layer3.4.conv2" not in keys(here)


def test_a_selected_block_among_equal_ones_has_a_line():
    shown = {item["key"]: item["name"] for item in items(at(FIFTY, selected="layer3.3"))}
    assert (shown["layer3.1"], shown["layer3.3"]) == ("layer3.1 × 2", "layer3.3 × 3")
    first = {item["key"]: item["name"] for item in items(at(FIFTY, selected="layer3.1"))}
    assert first["layer3.1"] == "layer3.1 × 5"
    session = at(FIFTY, selected="layer3.1")
    for _ in range(2):
        do(session, "duplicate")
        assert session.selected in keys(session)
    do(session, "move_up")
    assert session.selected in keys(session)


def test_the_walk_goes_from_line_to_line():
    here = at(FIFTY)
    wanted = keys(here)
    for key in wanted:
        do(here, "select", key)
        assert here.selected == data_of(here)["outline"]["selected"] == key
        assert key in keys(here)


def test_a_block_tells_what_it_takes_and_gives():
    panel = data_of(at(FIFTY, selected="layer3.1"))["panel"]
    assert (panel["title"], panel["subtitle"]) == ("layer3.1", "block of 10 layers, one of 5 alike")
    assert panel["text"] == "1024×14×14 → 1024×14×14; 1,117,184 parameters, 218,365,952 MACs"


def test_blocks_move_are_copied_and_removed_in_one_step():
    here = at(SMALL, selected="layer2.1")
    do(here, "move_down")
    assert here.network.before("layer2.1.add")[1] == "layer2.2.relu3"
    do(here, "duplicate")
    assert here.selected == "layer2.3"
    do(here, "remove")
    assert "layer2.3.add" not in here.network.names
    assert trace(here.network).error is None
    for _ in range(3):
        do(here, "undo")
    assert here.network == SMALL
    assert not here.history.past


def test_a_row_moves_past_a_whole_block():
    here = at(SMALL, selected="maxpool")
    do(here, "move_down")
    names = here.network.names
    assert names.index("maxpool") == names.index("layer2.0.conv1") - 1
    do(here, "undo")
    assert here.network == SMALL


def test_an_edit_in_one_of_several_equal_blocks_offers_the_others():
    here = at(SMALL, selected="layer2.1.conv2")
    events.apply(here, "layer2.1.conv2.dilation", 2, "commit")
    here.commit(here.network.with_argument("layer2.1.conv2", "padding", 2))
    here.before = SMALL
    [offer] = [action for action in data_of(here)["message"]["actions"] if action["key"] == "alike"]
    assert offer["label"] == "Change all 2 alike"
    do(here, "alike")
    assert here.network["layer2.2.conv2"].chosen["dilation"] == 2
    assert here.network["layer2.0.conv2"].chosen["dilation"] == 1
    assert not [action for action in data_of(here)["message"]["actions"] if action["key"] == "alike"]
    assert " in 2 layers" in data_of(here)["message"]["title"]
    do(here, "undo")
    assert here.network["layer2.2.conv2"].chosen["dilation"] == 1


def test_no_offer_outside_of_blocks_or_under_a_lock():
    here = at(SMALL)
    events.apply(here, "conv1.kernel_size", 5, "commit")
    assert not data_of(here)["message"]["actions"]
    locked = Session()
    locked.adopt(assigned(SMALL, free=("layer2.1.conv2.dilation",), rest="locked"))
    assert locked.selected == "layer2.1.conv2"
    events.apply(locked, "layer2.1.conv2.bias", True, "commit")
    assert "Locked" in locked.notice
    locked.notice = ""
    events.apply(locked, "layer2.1.conv2.dilation", 2, "commit")
    assert locked.notice == ""
    assert not [action for action in data_of(locked)["message"]["actions"] if action["key"] == "alike"]
    assert data_of(locked)["panel"]["wiring"] is None
    events.apply(locked, "reads:1:layer2.1.add", "conv1", "commit")
    assert locked.notice == "Locked by your teacher: the list of layers. Nothing was changed."


def test_the_lanes_say_what_skips_what():
    rails = {item["key"]: item["rail"] for item in items(at(two_branches()))}
    assert {rail["lanes"] for rail in rails.values()} == {2}
    assert rails["left"]["through"] == [0]  # the input, which is read once more
    assert rails["both"]["above"] == [0, 1]
    assert rails["out"]["above"] == [rails["flatten"]["dot"]]
    assert not rails["out"]["below"]
    assert not any("rail" in item for item in items(at(SEED)))


def test_a_row_that_uses_weights_again_says_whose():
    network = Network((3, 8, 8), (row("Conv2d", "one", out_channels=3), row("Conv2d", "two", of="one")))
    shown = {item["key"]: (item["type"], item["note"]) for item in items(at(network))}
    assert shown == {"one": ("Conv2d", "84"), "two": ("Conv2d, weights of one", "")}


def test_a_row_without_weights_that_calls_a_module_again_claims_none():
    network = Network((3, 8, 8), (row("ReLU", "one"), row("ReLU", "two", of="one")))
    assert [item["type"] for item in items(at(network))] == ["ReLU", "ReLU, one again"]


def test_a_wide_join_keeps_to_few_lanes():
    shown = listing(at(densenet((6, 12)), opened=("features.denseblock2.denselayer12",)))
    assert shown.lanes <= 6


@pytest.mark.parametrize(
    "network", [FIFTY, densenet((3, 3), side=64), two_branches(), two_inputs(), Network((3, 8, 8), (), 10)]
)
def test_the_stage_of_networks_that_branch_is_plain(network, thorough):
    charts = ("weights", "receptive_field")
    for place, name in enumerate(("", *network.names[::7], "layer1", "layer3.1", "features")):
        for chart in charts if thorough else [charts[place % 2]]:
            check_stage(data_of(at(network, selected=name, chart=chart)))
    broken = Network(
        (3, 8, 8), (row("ReLU", "a.x"), row("Linear", "a.y", out_features=3), row("Add", "b", "a.x", "a.y"))
    )
    for name in ("a", "a.x", "b"):
        check_stage(data_of(at(broken, selected=name)))


def test_keys_of_controls_keep_their_names_with_dots():
    here = at(SMALL, selected="layer1.0.conv2")
    events.apply(here, "layer1.0.conv2.kernel_size", 5, "commit")
    assert here.network["layer1.0.conv2"].chosen["kernel_size"] == 5
    events.apply(here, "split:layer1.0.conv2.kernel_size", None, "commit")
    events.apply(here, "layer1.0.conv2.kernel_size.1", 1, "commit")
    assert here.network["layer1.0.conv2"].chosen["kernel_size"] == (5, 1)
    events.apply(here, "layer1.0.conv2.kernel_size", "six", "commit")
    assert here.typed["layer1.0.conv2.kernel_size"][0] == "six"


def test_a_preview_of_a_large_network_leaves_its_table_as_it_is():
    here = at(FIFTY, selected="layer3.1")
    asked = token(here) | {"key": "conv1.kernel_size", "value": 5}
    parts = preview.answer(asked)
    assert "tables" not in parts
    assert "layer3.1" in json.dumps(parts["outline"])
    small = token(at(SEED)) | {"key": "conv1.kernel_size", "value": 3}
    assert preview.answer(small)["tables"]


def said(session: Session) -> tuple[str, str]:
    message = data_of(session)["message"]
    return message["title"], message["text"]


def test_the_message_says_what_reads_what_now():
    here = at(SMALL, selected="layer1.0.bn3")
    do(here, "remove")
    title, text = said(here)
    assert title == "removed layer1.0.bn3 · layer1.0.add reads layer1.0.conv3, layer1.0.downsample.1"
    assert text.startswith("layer1.0.add now reads layer1.0.conv3 instead of layer1.0.bn3. The parameter count falls")
    here = at(SMALL, selected="layer2.1")
    do(here, "remove")
    title, text = said(here)
    assert title == "removed layer2.1 · layer2.2.add reads layer2.2.bn3, layer2.0.relu3"
    assert text.startswith("layer2.2.add now reads layer2.0.relu3 instead of layer2.1.relu3. ")
    here = at(SMALL, selected="layer2.1")
    do(here, "duplicate")
    assert said(here)[0].startswith("added layer2.3 · ")
    here = at(SMALL, selected="layer2.1")
    do(here, "move_down")
    assert said(here)[1].startswith("layer2.2.add now reads layer2.0.relu3 instead of layer2.1.relu3; 1 more reads")


def test_a_moved_row_that_is_read_above_is_refused_with_the_reason():
    here = at(two_branches(), selected="both")
    events.apply(here, "move_up", None, "commit")
    assert here.notice == "both cannot come before right, which it reads."
    assert here.network == two_branches()


def test_the_list_says_whether_the_network_is_still_the_one_that_was_loaded():
    here = at(PRESETS["resnet18"])
    assert data_of(here)["outline"]["label"] == "Layers"
    do(here, "conv1.out_channels", 96)
    assert data_of(here)["outline"]["label"] == "Layers (changed)"
    do(here, "undo")
    assert data_of(here)["outline"]["label"] == "Layers"
