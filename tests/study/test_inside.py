"""What `look` says of the inside of a network is what torch's module does, and what is too large is refused before."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from layerscope import limits
from layerscope.building import module
from layerscope.layers.activation import ReLU
from layerscope.link import decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study import inside
from layerscope.study.hands import EVERY, STARTERS, Hand, replaced, starter
from layerscope.study.inside import LookError, cost, look, up_to
from layerscope.study.moving import WITH_WINDOWS
from layerscope.study.samples import SAMPLES, from_pixels, inputs, sample
from layerscope.tracing import trace
from tests.oracle import random_layer
from tests.random_graphs import random_graph

SEED = PRESETS[DEFAULT]
SLIDING = [
    "3x17x19~Conv2d.8.3",
    "3x17x19~Conv2d.6.5.stride-2.padding-3.dilation-2",
    "4x17x19~Conv2d.6.3x5.stride-3x1.padding-1x4.groups-2.bias-f",
    "6x9x9~Conv2d.6.3.groups-6.padding-same.dilation-2",
    "2x12x12~Conv2d.3.4.padding-same",
    "2x12x12~Conv2d.3.3.padding-2.padding_mode-reflect",
    "2x12x12~Conv2d.3.3.padding-2.padding_mode-circular",
    "2x12x12~Conv2d.3.3.padding-3.padding_mode-replicate.stride-2",
    "3x40~Conv1d.4.7.stride-2.padding-3.dilation-2",
    "1x7x8x9~Conv3d.2.3.padding-1x2x0.stride-2",
    "3x11x13~MaxPool2d.3.stride-2.padding-1",
    "3x11x13~MaxPool2d.3.stride-3.ceil_mode-t.dilation-2",
    "3x30~MaxPool1d.4.padding-2",
    "3x11x13~AvgPool2d.3.stride-2.padding-1.ceil_mode-t",
    "3x11x13~AvgPool2d.3x2.stride-2.padding-1.count_include_pad-f.ceil_mode-t",
    "3x11x13~AvgPool2d.3.divisor_override-4.padding-1",
    "2x5x6x7~AvgPool3d.2",
]


def random_input(network: Network) -> torch.Tensor:
    return torch.randn(network.input_shape, generator=torch.Generator().manual_seed(3))


def places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The corners, and cells at random."""
    some = torch.Generator().manual_seed(5)
    at_random = [tuple(int(torch.randint(size, (), generator=some)) for size in shape) for _ in range(12)]
    return [(0,) * len(shape), tuple(size - 1 for size in shape), *at_random]


@pytest.mark.parametrize("code", SLIDING)
def test_a_windows_arithmetic_gives_torchs_value(code):
    network = decode(code)
    (name,) = network.names
    image = random_input(network)
    seen = look(network, image, seed=4)
    with torch.no_grad():
        wanted = module(network, seed=4).eval()(image[None])[0]
    assert torch.equal(torch.from_numpy(seen.maps[name]), wanted)
    for unit in places(tuple(wanted.shape)):
        window = seen.window(name, unit)
        value = float(wanted[unit])
        assert window.value == value
        if window.weights is not None:
            assert sum(window.sums) + window.bias == pytest.approx(value, abs=1e-5)
            assert window.products == pytest.approx(window.values * window.weights)
            assert len(window.channels) == window.weights.shape[0]
        elif window.divisor is not None:
            assert sum(window.sums) / window.divisor == pytest.approx(value, abs=1e-6)
        else:
            assert np.nanmax(window.values) == value
        padding = network[name].chosen.get("padding_mode", "zeros")
        if padding != "zeros":
            continue
        for place, cell in np.ndenumerate(window.values[0]):  # the cells named are those read
            at = [cells[index] for cells, index in zip(window.cells, place, strict=True)]
            is_inside = all(0 <= a < size for a, size in zip(at, image.shape[1:], strict=True))
            expected = float(image[window.channels[0]][tuple(at)]) if is_inside else 0.0
            assert cell == pytest.approx(expected) or (not is_inside and np.isnan(cell))


@pytest.mark.parametrize("code", [code for code in SLIDING if "Conv" in code])
def test_what_one_channel_adds_is_its_convolution(code):
    network = decode(code)
    (name,) = network.names
    field = look(network, random_input(network)).field(name)
    for out in (0, len(field.made) - 1):
        bias = 0.0 if field.bias is None else field.bias[out]
        total = sum(field.partial(out, channel) for channel in field.channels(out)) + bias
        torch.testing.assert_close(total, field.made[out], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "key", ["fashion-mnist-cnn", "resnet18", "densenet121", "unet", "lstm-classifier", "textcnn", "squeezenet1_1"]
)
def test_maps_of_any_network_are_the_modules(key):
    network = PRESETS[key]
    if inside.complaint(trace(network)):
        network = network.with_input((network.input_shape[0], 64, 64))
    given = inputs(network.inputs, lambda shape: sample("edges", shape))
    seen = look(network, given, seed=1)
    with torch.no_grad():
        made = module(network, seed=1).eval()(*[given[each.name][None] for each in network.inputs])
    first = made[0] if isinstance(made, tuple) else made
    assert torch.equal(torch.from_numpy(seen.maps[network.output_names[0]]), first[0])
    for step in trace(network).steps:
        assert seen.maps[step.name].shape == step.output_shape
        if step.weight_shape is not None and step.name in seen.weights:
            assert seen.weights[step.name].shape == step.weight_shape
    sliding = [layer.name for layer in network.layers if isinstance(layer, WITH_WINDOWS)]
    for name in sliding[:: max(1, len(sliding) // 4)]:
        unit = tuple(size // 2 for size in seen.maps[name].shape)
        window = seen.window(name, unit)
        assert window.value == float(seen.maps[name][unit])
        if window.weights is not None:
            assert sum(window.sums) + window.bias == pytest.approx(window.value, rel=1e-3, abs=1e-4)


def test_a_layer_that_works_in_place_leaves_the_map_before_it():
    network = decode("1x8x8~Conv2d.2.3~ReLU.inplace-t")
    seen = look(network, random_input(network))
    assert (seen.maps["conv1"] < 0).any()
    assert (seen.maps["relu1"] >= 0).all()


def test_the_rows_up_to_a_layer_have_the_weights_of_the_whole():
    image = sample("digit", SEED.input_shape)
    whole, part = look(SEED, image, seed=9), look(up_to(SEED, "conv2"), image, seed=9)
    assert (whole.maps["conv2"] == part.maps["conv2"]).all()
    assert list(part.modules) == list(SEED.names[:4])


def test_a_seed_decides_the_weights_and_leaves_torchs_own_state():
    image = sample("digit", SEED.input_shape)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (look(SEED, image, seed).weights["conv1"] for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert (first == again).all()
    assert (first != other).any()


def test_weights_that_are_given_take_the_place_of_fresh_ones():
    image = sample("cross", SEED.input_shape)
    weight = torch.zeros(6, 1, 5, 5)
    weight[0, 0, 2, 2] = 1
    seen = look(SEED, image, weights={"conv1.weight": weight, "conv1.bias": [0.0] * 6})
    assert (seen.maps["conv1"][0] == image[0, 2:26, 2:26].numpy()).all()
    assert (seen.maps["conv1"][1] == 0).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: look(SEED, torch.zeros(3, 28, 28)), "input expects 1×28×28, but gets 3×28×28."),
        (lambda: look(SEED, [1.0, 2.0]), "input expects 1×28×28, but gets 2."),
        (lambda: look(SEED, "a picture"), "input expects an array"),
        (lambda: look(SEED, torch.zeros(1, 28, 28), weights={"conv9.weight": [1]}), "no conv9.weight"),
        (lambda: look(SEED, torch.zeros(1, 28, 28), weights={"conv1.bias": [1]}), "conv1.bias expects 6, but gets 1."),
        (lambda: look(SEED.with_argument("conv1", "kernel_size", 29), torch.zeros(1, 28, 28)), "conv1 does not run"),
        (lambda: look(Network((1, 8, 8), ()), torch.zeros(1, 8, 8)), "no layer yet"),
        (lambda: look(SEED, torch.zeros(1, 28, 28)).window("flatten", (0,)), "flatten is a Flatten"),
        (lambda: look(SEED, torch.zeros(1, 28, 28)).window("conv7", (0, 0, 0)), "no layer conv7"),
        (lambda: look(SEED, torch.zeros(1, 28, 28)).window("conv1", (6, 0, 0)), "conv1 outputs 6×24×24"),
        (lambda: look(SEED, torch.zeros(1, 28, 28)).window("conv1", (0, 0)), "conv1 outputs 6×24×24"),
    ],
)
def test_what_does_not_fit_is_said(wrong, said):
    with pytest.raises(LookError) as refused:
        wrong()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("1x4096x4096~Conv2d.2.1", limits.INSIDE_VALUES),
        ("4096~Linear.16384", limits.INSIDE_VALUES),
        ("64x256x256~Conv2d.64.3", limits.INSIDE_OPERATIONS),
        ("1x2000x2000~AvgPool2d.512.stride-1", limits.INSIDE_OPERATIONS),
    ],
)
def test_too_much_is_refused_before_anything_is_built(code, limit, monkeypatch):
    def never(*_):
        raise AssertionError("built")

    monkeypatch.setattr(inside, "module", never)
    network = decode(code)
    found = dict(zip((limits.INSIDE_VALUES, limits.INSIDE_OPERATIONS), cost(trace(network)), strict=True))[limit]
    assert found > limit.most
    with pytest.raises(LookError) as refused:
        look(network, torch.zeros(()).expand(network.input_shape))
    assert str(refused.value) == limit.sentence(name=network.names[-1], found=found)


@pytest.mark.parametrize("key", SAMPLES)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 20), (4, 7, 9), (2, 50), (12,), (1, 4, 8, 8), (1, 700, 300)])
def test_samples_fill_any_input_with_hundredths(key, shape):
    picture = sample(key, shape)
    assert tuple(picture.shape) == shape
    assert 0 <= picture.min() < picture.max() <= 1
    assert torch.allclose(picture * 100, (picture * 100).round(), atol=1e-4)


def test_a_picture_of_ones_own_is_scaled_and_gray_where_there_is_one_channel():
    pixels = torch.zeros(3, 224, 224)
    pixels[0, :, :112] = 1
    assert tuple(from_pixels(pixels, (3, 32, 48)).shape) == (3, 32, 48)
    gray = from_pixels(pixels, (1, 28, 28))
    assert gray[0, 14, 3] == pytest.approx(0.3)
    assert gray[0, 14, 24] == 0


def test_indices_count_up_to_their_bound():
    network = PRESETS["textcnn"]
    given = inputs(network.inputs, lambda shape: sample("digit", shape))[network.inputs[0].name]
    assert 0 < int(given.max()) < (network.inputs[0].high or 0)
    assert not given.dtype.is_floating_point


@pytest.mark.parametrize("key", STARTERS)
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 3), (5, 5), (11, 11), (7,)])
def test_starters_do_what_they_are_called(key, size):
    kernel = torch.tensor(starter(key, size))
    assert tuple(kernel.shape) == (1, *size)[-2:]
    total = float(kernel.sum())
    assert total == pytest.approx({"vertical": 0, "horizontal": 0}.get(key, 1), abs=1e-5)


def test_an_edge_kernel_answers_at_edges_alone():
    edge = torch.zeros(1, 1, 9, 9)
    edge[..., 5:] = 1
    for key, is_there in (("vertical", True), ("horizontal", False)):
        kernel = torch.tensor(starter(key, (3, 3)))[None, None]
        assert bool(functional.conv2d(edge, kernel).any()) is is_there
    identity = torch.tensor(starter("identity", (3, 3)))[None, None]
    assert torch.equal(functional.conv2d(edge, identity, padding=1), edge)


def test_hands_change_only_what_they_name():
    network = decode("3x9x9~Conv2d.4.3~ReLU~Conv2d.2.3")
    fresh = module(network, 2).state_dict()
    hands = Hand("conv1", 1, EVERY, "blur"), Hand("conv1", 1, 2, ((1.0, 2.0), (3.0, 4.0)))
    changed = replaced(network, 2, [*hands, Hand("conv2", 0, 3, ((5.0,) * 5,) * 5)])
    assert changed.keys() == {"conv1.weight", "conv1.bias", "conv2.weight"}
    first, bias = changed["conv1.weight"], changed["conv1.bias"]
    assert torch.equal(first[[0, 2, 3]], fresh["conv1.weight"][[0, 2, 3]])
    assert torch.allclose(first[1, :2], torch.full((2, 3, 3), 1 / 9))
    assert first[1, 2].tolist() == [[1, 2, 0], [3, 4, 0], [0, 0, 0]]
    assert bias[1] == 0
    assert torch.equal(bias[[0, 2, 3]], fresh["conv1.bias"][[0, 2, 3]])
    assert (changed["conv2.weight"][0, 3] == 5).all()
    assert torch.equal(module(network, 2).state_dict()["conv1.weight"], fresh["conv1.weight"]), "nothing is kept"


def test_hands_that_fit_nothing_count_for_nothing():
    network = decode("3x9x9~Conv2d.4.3~ReLU~Conv3d.2.3")
    nowhere = [Hand("gone", 0, 0, "blur"), Hand("relu1", 0, 0, "blur"), Hand("conv1", 4, 0, "blur")]
    assert replaced(up_to(network, "conv1"), 0, nowhere) == {}
    far = replaced(up_to(network, "conv1"), 0, [Hand("conv1", 0, 3, ((1.0,),))])
    assert torch.equal(far["conv1.weight"], module(up_to(network, "conv1"), 0).get_parameter("conv1.weight"))


def test_shared_modules_are_looked_into_at_each_call():
    network = decode("2x8x8~Conv2d.2.3.padding-1~Conv2d.of-conv1")
    seen = look(network, random_input(network))
    again = network.names[1]
    assert isinstance(seen.modules[again], nn.Conv2d)
    assert (seen.maps["conv1"] != seen.maps[again]).any()
    assert (seen.weights["conv1"] == seen.weights[again]).all()
    window = seen.window(again, (1, 4, 4))
    assert sum(window.sums) + window.bias == pytest.approx(window.value, abs=1e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_whatever_a_network_is_its_inside_is_shown_or_refused(thorough):
    """Random rows that branch and join: every map has the shape of the trace, every window makes torch's value."""
    rng = Random(8)
    shown = windows = 0
    for _ in range(5_000 if thorough else 200):
        network = random_graph(rng)
        traced = trace(network)
        if traced.error is not None:
            network = replace(network, layers=network.layers[: len(traced.steps) - 1])
        given = inputs(network.inputs, lambda shape: sample("ramp", shape))
        try:
            seen = look(network, given, seed=1)
        except LookError:
            continue
        shown += 1
        for step in trace(network).steps:
            assert tuple(seen.tensors[step.name].shape) == step.output_shape
            if isinstance(step.layer, WITH_WINDOWS) and step.output_shape:
                unit = tuple(rng.randrange(size) for size in step.output_shape)
                window = seen.window(step.name, unit)
                windows += 1
                if window.weights is not None and abs(window.value) < 1e6:
                    assert sum(window.sums) + window.bias == pytest.approx(window.value, rel=1e-3, abs=1e-3)
    assert shown > 100
    assert windows > 10


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_random_sliding_layers_add_up(thorough):
    rng = Random(11)
    seen_some = 0
    for _ in range(5_000 if thorough else 150):
        layer_type = rng.choice(WITH_WINDOWS)
        shape = (rng.randint(1, 6), *(rng.randint(1, 14) for _ in range(layer_type.dims)))
        network = Network(shape, (random_layer(rng, layer_type, shape, "layer", 0.0),))
        if inside.complaint(trace(network)):
            continue
        image = random_input(network)
        try:
            seen = look(network, image, seed=2)
        except LookError:
            continue
        made = seen.tensors["layer"]
        unit = tuple(rng.randrange(size) for size in made.shape)
        window = seen.window("layer", unit)
        seen_some += 1
        if window.weights is not None:
            value = sum(window.sums) + window.bias
        elif window.divisor is not None:
            value = sum(window.sums) / window.divisor
        else:
            read = window.values[~np.isnan(window.values)]
            value = float(max(read, default=-np.inf))  # far apart, all cells of a window may be padding
        assert value == pytest.approx(float(made[unit]), rel=1e-4, abs=1e-4), (network.layers, unit)
    assert seen_some > 100


def test_a_row_that_works_in_place_leaves_the_image_as_it_was():
    network = Network((2, 3), (ReLU(name="relu1", inplace=True),))
    image = torch.tensor([[-1.0, 2, -3], [4, -5, 6]])
    seen = look(network, image)
    assert torch.equal(seen.tensors["input"], image)
    assert float(image.min()) == -5
