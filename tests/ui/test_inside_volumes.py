"""The window in a volume: with the arrays that it gets, the browser's own arithmetic makes torch's values."""

import json
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from layerscope import limits
from layerscope.building import module
from layerscope.layers.adaptive import AdaptiveAvgPool3d, AdaptiveMaxPool3d
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv3d
from layerscope.layers.normalization import BatchNorm3d
from layerscope.layers.pooling import AvgPool3d, MaxPool3d
from layerscope.layers.transposed import ConvTranspose3d
from layerscope.link import decode, decode_view, encode_view
from layerscope.network import Network
from layerscope.study.class_maps import class_map
from layerscope.study.covering import covered
from layerscope.study.hands import STARTERS, starter
from layerscope.study.inside import look
from layerscope.study.samples import sample
from layerscope.study.sights import sights
from layerscope.tracing import trace
from layerscope.ui import events
from layerscope.ui.handed import hand_words, hands_of, short
from layerscope.ui.inside import card
from layerscope.ui.looking import BY_HAND, RANDOM, Looking, linked, opened, read, told
from tests.ui.test_inside_card import numbers, open_session

NAN = float("nan")
NET = decode("1x8x12x12-4~Conv3d.3.3.padding-1~ReLU~MaxPool3d.2~Conv3d.4.3~Flatten~Linear.4")


def axes_of(seen: Any) -> list[dict[str, Any]]:
    """Slices, rows and columns, as `along.js` has them."""
    keys = ("kernel", "dilation", "stride", "before", "size", "map", "inner")
    flat = [
        {key: seen[key][axis] for key in keys} | {"spans": (seen.get("spans") or [(), ()])[axis]} for axis in (0, 1)
    ]
    return [seen["slices"], *flat]


def cells(axis: dict[str, Any], place: int) -> list[int]:
    """What the window reads along an axis; -1 where it reads nothing."""
    if axis["spans"]:
        first, last = axis["spans"][place]
        return [first + tap if first + tap <= last else -1 for tap in range(axis["kernel"])]
    found = [place * axis["stride"] + tap * axis["dilation"] for tap in range(axis["kernel"])]
    return [cell if cell < axis["size"] else -1 for cell in found]


def under(values: torch.Tensor, axes: list[dict[str, Any]], place: tuple[int, ...]) -> torch.Tensor:
    """The values of each channel under the window; NaN where nothing is read."""
    read = [cells(axis, at) for axis, at in zip(axes, place, strict=True)]
    found = torch.full((len(values), *(axis["kernel"] for axis in axes)), NAN)
    for taps in product(*(range(axis["kernel"]) for axis in axes)):
        at = [cells_[tap] for cells_, tap in zip(read, taps, strict=True)]
        here, there = torch.tensor(taps), torch.tensor(at)
        if min(at) >= 0:
            found[(slice(None), *here)] = values[(slice(None), *there)]
    return found


def check(shape: tuple[int, ...], layer: Layer, filter_: int) -> None:
    network = Network(shape, (layer,))
    assume(trace(network).error is None)
    image = sample("edges", shape)
    with torch.no_grad():
        wanted = module(network, 4).eval()(image[None])[0]
    seen = card(network, layer.name, Looking("edges", seed=4, filter=filter_))["inside"]
    axes = axes_of(seen)
    values = numbers(seen["cells"]).reshape(-1, *(axis["size"] for axis in axes))
    sums = numbers(seen["sums"]).reshape([axis["map"] for axis in axes])
    torch.testing.assert_close(sums, wanted[filter_], equal_nan=True)
    places = list(product(*(range(size) for size in sums.shape)))
    for place in [places[0], places[-1], *places[:: max(1, len(places) // 9)]]:
        read = under(values, axes, place)
        if seen["kind"] == "sum":
            weights = numbers(seen["weights"]).reshape(-1, *(axis["kernel"] for axis in axes))
            made = float((read * weights).nansum()) + (seen["bias"] or 0) if len(read) == len(weights) else NAN
        elif seen["kind"] == "max":
            made = float(read[~read.isnan()].max())
        else:
            made = float(read.nansum()) / (seen["divisor"] or int((~read.isnan()).sum()))
        assert made == pytest.approx(float(sums[place]), abs=1e-5)


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[tuple[int, ...], Layer, int]:
    def each(low: int, high: int) -> tuple[int, int, int]:
        return draw(st.tuples(*[st.integers(low, high)] * 3))

    groups = draw(st.integers(1, 2))
    out = groups * draw(st.integers(1, 2))
    values: dict[str, Any] = {
        "out_channels": out, "kernel_size": each(1, 3), "stride": each(1, 3), "dilation": each(1, 2), "groups": groups,
        "bias": draw(st.booleans()),
    }  # fmt: skip
    kind = draw(st.sampled_from([Conv3d, ConvTranspose3d]))
    values["padding"] = each(0, 2)
    if kind is Conv3d:
        values["padding_mode"] = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    shape = (groups * draw(st.integers(1, 2)), *each(3, 6))
    return shape, kind(name="conv1", **values), draw(st.integers(0, out - 1))


@given(convolutions())
def test_a_convolution_in_a_volume_adds_up(drawn):
    check(*drawn)


@given(
    st.sampled_from([MaxPool3d, AvgPool3d]), st.tuples(*[st.integers(2, 3)] * 3), st.tuples(*[st.integers(1, 3)] * 3),
    st.integers(0, 1), st.booleans(), st.tuples(*[st.integers(3, 7)] * 3),
)  # fmt: skip
def test_pooling_in_a_volume_adds_up(kind, kernel, stride, padding, ceil_mode, size):
    values: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    check((2, *size), kind(name="pool1", **values), 1)


@given(
    st.sampled_from([AdaptiveMaxPool3d, AdaptiveAvgPool3d]), st.tuples(*[st.integers(1, 7)] * 3),
    st.tuples(*[st.integers(1, 6)] * 3),
)  # fmt: skip
def test_adaptive_pooling_in_a_volume_adds_up(kind, size, wanted):
    check((1, *size), kind(name="pool1", output_size=wanted), 0)


def test_of_several_channels_the_others_are_one_number_where_all_are_too_many():
    network = decode("8x12x12x12~Conv3d.2.3")
    seen = card(network, "conv1", Looking("edges", channel=5))["inside"]
    axes = axes_of(seen)
    values = numbers(seen["cells"]).reshape(1, 12, 12, 12)
    rest, sums = (numbers(seen[key]).reshape(10, 10, 10) for key in ("rest", "sums"))
    mine = float((under(values, axes, (4, 5, 6)) * numbers(seen["weights"]).reshape(1, 3, 3, 3)).sum())
    assert mine + float(rest[4, 5, 6]) + seen["bias"] == pytest.approx(float(sums[4, 5, 6]), abs=1e-5)


def test_a_batch_norm_in_a_volume_is_written_out():
    seen = card(Network((2, 3, 4, 5), (BatchNorm3d(name="bn1"),)), "bn1", Looking())["inside"]
    assert (seen["kind"], seen["shown"]["map"]) == ("cell", [3, 4, 5])
    assert len(numbers(seen["sums"])) == 60


def test_a_later_layer_says_which_part_of_the_volume_its_cell_sees():
    seen = card(NET, "conv2", Looking())["inside"]
    assert seen["sights"] == sights(trace(NET).by_name["conv2"])
    assert len(seen["sights"]) == 3
    assert seen["picture"]["size"] == [12, 12]
    assert card(NET, "conv2", Looking(), lens="maps")["inside"]["sights"] == seen["sights"]
    assert "picture" not in card(NET, "conv1", Looking())["inside"], "its window lies on the input's slice itself"


def made_by(network: Network, name: str, looking: Looking) -> tuple[torch.Tensor, torch.Tensor]:
    """The kernels of the filter that is looked at, and its map, as the browser gets them."""
    seen = card(network, name, looking)["inside"]
    axes = axes_of(seen)
    kernels = numbers(seen["weights"]).reshape(-1, *(axis["kernel"] for axis in axes))
    return kernels, numbers(seen["sums"]).reshape([axis["map"] for axis in axes])


@given(
    st.integers(0, 2), st.integers(0, 1), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2),
    st.floats(-9, 9).map(short),
)  # fmt: skip
def test_a_kernel_of_a_volume_is_set_by_hand_a_slice_at_a_time(filter_, channel, slice_, row, column, weight):
    network = decode("2x5x6x7~Conv3d.3.3")
    session = open_session(network, "conv1")
    session.looking = Looking("edges", filter=filter_, channel=channel)
    before, _ = made_by(network, "conv1", session.looking)
    events.apply(session, "inside:cell", f"{slice_},{row},{column},{weight}", "commit")
    kernels, sums = made_by(network, "conv1", session.looking)
    wanted = before.clone()
    wanted[channel, slice_] = torch.tensor([[short(float(one)) for one in line] for line in wanted[channel, slice_]])
    wanted[channel, slice_, row, column] = weight
    assert torch.equal(kernels, wanted)
    made = module(network, 0).eval()
    with torch.no_grad():
        made.get_parameter("conv1.weight")[filter_] = wanted
        torch.testing.assert_close(sums, made(sample("edges", network.input_shape)[None])[0, filter_])
    assert card(network, "conv1", session.looking)["inside"]["hand"]["value"] == BY_HAND
    (hand,) = session.looking.hands
    assert (hand.channel, hand.slice) == (channel, slice_)
    assert hands_of(hand_words([hand])) == (hand,)
    assert opened(Looking(), (), decode_view(encode_view(linked(session.view, session.looking))).hands).hands == (hand,)
    assert read(json.loads(json.dumps(told(session.looking)))) == session.looking


def test_a_second_weight_of_a_slice_stays_in_its_kernel_and_other_slices_are_kernels_of_their_own():
    session = open_session(NET, "conv1")
    for cell in ("0,0,0,1", "0,2,2,2", "1,0,0,3"):
        events.apply(session, "inside:cell", cell, "commit")
    assert [hand.slice for hand in session.looking.hands] == [0, 1]
    kernels, _ = made_by(NET, "conv1", session.looking)
    assert [float(kernels[place]) for place in ((0, 0, 0, 0), (0, 0, 2, 2), (0, 1, 0, 0))] == [1, 2, 3]
    events.apply(session, "conv1.kernel_size", 1, "commit")  # slice 1 is gone with its weights
    kernels, _ = made_by(session.network, "conv1", session.looking)
    assert kernels.shape == (1, 1, 1, 1)
    events.apply(session, "inside:weights", RANDOM, "commit")
    assert session.looking.hands == ()


@pytest.mark.parametrize("value", ["0,0,1.5", "3,0,0,1", "-1,0,0,1", "0,0,0,0,1", "x,0,0,1", "0,3,0,1"])
def test_what_is_no_weight_of_a_volume_changes_nothing(value):
    session = open_session(NET, "conv1")
    events.apply(session, "inside:cell", value, "commit")
    assert session.looking.hands == ()


@pytest.mark.parametrize("size", [(3, 3, 3), (2, 3, 5), (1, 1, 1), (4, 2, 2)])
def test_starters_of_a_volume_do_what_they_are_called(size):
    network = Network((1, 8, 9, 9), (Conv3d(name="conv1", out_channels=1, kernel_size=size),))
    made = {}
    for key in STARTERS:
        session = open_session(network, "conv1")
        events.apply(session, "inside:weights", key, "commit")
        kernels, _ = made_by(network, "conv1", session.looking)
        made[key] = kernels[0]
        assert card(network, "conv1", session.looking)["inside"]["bias"] == 0
    flat = [starter(key, size[1:]) for key in ("vertical", "horizontal")]
    for key, each in zip(("vertical", "horizontal"), flat, strict=True):
        assert torch.equal(made[key], torch.tensor(each).expand(size))
    assert float(made["blur"].sum()) == pytest.approx(1)
    assert float(made["identity"].sum()) == 1
    torch.testing.assert_close(made["sharpen"], 2 * made["identity"] - made["blur"])


def test_slices_of_a_class_are_numbered():
    scene = card(NET, "conv1", Looking(), lens="class")["inside"]
    assert scene["captions"] == ["slice 0", "1"]


def test_too_many_cells_of_a_volume_are_refused_in_a_sentence():
    network = decode("1x40x64x64~Conv3d.2.3")
    assert card(network, "conv1", Looking())["absent"] == limits.INSIDE_CELLS.sentence(
        name="conv1", found=40 * 64 * 64 + 38 * 62 * 62
    )


def test_the_link_holds_the_slice_of_the_cell_that_was_clicked():
    session = open_session(NET, "conv1")
    events.apply(session, "inside:at", "5,2,7", "commit")
    assert session.looking.cell == (5, 2, 7)
    code = encode_view(session.view)
    assert opened(Looking(), decode_view(code).looked) == session.looking
    assert card(NET, "conv1", session.looking)["inside"]["at"] == [5, 2, 7]


def test_from_the_window_to_the_maps_and_back_the_slice_stays():
    session = open_session(NET, "conv2")
    for key, value in (("inside:channel", 2), ("inside:at", "1,2,3"), ("lens", "maps")):
        events.apply(session, key, value, "commit")
    assert (session.looking.cell, session.looking.channel) == ((1, 2, 3), 1), "the maps show the slice of that number"
    for key, value in (("inside:channel", 0), ("inside:at", "0,3,1"), ("lens", "window")):
        events.apply(session, key, value, "commit")
    seen = card(NET, "conv2", session.looking)["inside"]
    assert (seen["at"], seen["channel"]) == ([0, 3, 1], 0)
    assert decode_view(encode_view(session.view)).looked[3] == "0"


@pytest.mark.parametrize(
    "network", [NET, decode("1x28x28-5~Conv2d.8.3~ReLU~MaxPool2d.2~Flatten~Linear.5").with_classes(5)]
)
def test_each_cell_of_a_class_is_the_sum_of_maps_times_their_weights(network):
    scene = card(network, network.names[0], Looking(wanted=2), lens="class")["inside"]
    heat = class_map(network, sample("digit", network.input_shape), 2)
    parts = {key: numbers(scene["parts"][key]) for key in ("maps", "weights", "values", "rest")}
    count = heat.heat.numel()
    assert len(parts["rest"]) == count
    maps, weights, values = (parts[key].reshape(-1, count) for key in ("maps", "weights", "values"))
    assert scene["parts"]["others"] == len(heat.weights) - 3
    torch.testing.assert_close(((weights * values).sum(0) + parts["rest"]).relu().reshape(heat.heat.shape), heat.heat)
    for place in range(0, count, max(1, count // 7)):
        for row in range(3):
            chosen = int(maps[row, place])
            assert float(weights[row, place]) == float(heat.weights[chosen])
            assert float(values[row, place]) == float(heat.maps[chosen].flatten()[place])
    assert bool(((weights * values).abs().diff(dim=0) <= 0).all()), "the largest first"


def test_of_a_covered_input_each_cell_is_the_score_less_what_is_left():
    network = decode("1x8x12x12-4~Flatten~Linear.4")
    image = sample("digit", network.input_shape)
    scene, found = card(network, "fc1", Looking(wanted=2), lens="class")["inside"], covered(network, image)
    assert scene["parts"]["score"] == float(look(network, image).tensors["fc1"][2])
    assert torch.equal(numbers(scene["parts"]["drops"]), found.drops[2].flatten())
    assert scene["parts"]["cell"] == "block"


def test_of_very_large_maps_no_sum_is_sent():
    network = decode("1x128x128-3~Conv2d.4.3~Flatten~Linear.3").with_classes(3)
    assert card(network, "conv1", Looking(wanted=1), lens="class")["inside"]["parts"] is None
