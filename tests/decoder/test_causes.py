"""Causes: the mistake is really made in torch, and is found among those that fit."""

import re
import warnings
from collections import Counter
from dataclasses import replace
from functools import partial
from math import prod
from random import Random
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.asking import forget
from layerscope.catalogue import CATALOGUE
from layerscope.decoder.answer import Cause, Decoded
from layerscope.decoder.decoding import decode
from layerscope.decoder.search.at import at
from layerscope.decoder.search.at import forget as forget_places
from layerscope.decoder.search.other_images import with_image
from layerscope.layers.convolution import Conv2d
from layerscope.layers.linear import Linear
from layerscope.layers.reshape import Flatten
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.source.writer import write
from layerscope.steps import walk
from layerscope.tracing import trace
from tests.decoder.mistakes import modules_of, refused, run, torch_words
from tests.oracle import random_network

F = nn.functional
SEED = PRESETS["fashion-mnist-cnn"]
MODULES = modules_of(SEED)
FEATURES = ("conv1", "relu1", "pool1", "conv2", "relu2", "pool2")
NO_POOL = ("conv1", "relu1", "conv2", "relu2")


def image(*sizes: int) -> torch.Tensor:
    return torch.rand(*sizes)


def decoded(words: str, network: Network | None = SEED) -> Decoded:
    found = decode(words, network)
    assert found is not None, words
    for cause in found.fitting:
        assert cause.why
        assert cause.remedy
        if cause.network is not None:
            assert trace(cause.network).steps
    assert [cause.fits for cause in found.causes] == sorted((c.fits for c in found.causes), reverse=True)
    return found


def titles(words: str, network: Network | None = SEED) -> list[str]:
    return [cause.title for cause in decoded(words, network).fitting]


# --- the seed network's five -------------------------------------------------------------------------------------


def through(names: tuple[str, ...], value: torch.Tensor, flatten: Any = 1) -> str:
    """The words when fc1 gets the seed's layers of these names, flattened from that axis on."""

    def forward() -> None:
        out = run(MODULES, value, names)
        MODULES["fc1"](out if flatten is None else torch.flatten(out, start_dim=flatten))

    return torch_words(forward)


FIVE = [
    (through(FEATURES, image(1, 1, 32, 32)), "1x300", "Images of 32×32 instead of 28×28"),
    (through(NO_POOL, image(1, 1, 28, 28)), "1x4800", "No pooling"),
    (through(FEATURES, image(1, 1, 28, 28), None), "48x4", "Not flattened"),
    (through(FEATURES, image(1, 28, 28)), "12x16", "No batch axis"),
    (through(FEATURES, image(8, 1, 28, 28), 0), "1x1536", "The batch flattened too"),
]


@pytest.mark.parametrize(("words", "numbers", "title"), FIVE, ids=[five[1] for five in FIVE])
def test_the_five_of_the_course_come_first(words, numbers, title):
    assert numbers in words
    found = decoded(words)
    first = found.causes[0]
    assert first.fits
    assert first.title.startswith(title)
    assert found.meanings[0][0] == numbers
    if first.network:
        step = trace(first.network).by_name["fc1"]
        assert step.arguments["in_features"] == int(numbers.partition("x")[2])


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (through(FEATURES, image(64, 1, 32, 32)), "Images of 32×32 instead of 28×28"),
        (through(NO_POOL, image(64, 1, 28, 28)), "No pooling"),
        (through(FEATURES, image(64, 1, 28, 28), None), "Not flattened"),
        (through(FEATURES, image(64, 1, 28, 28), 0), "The batch flattened too"),
        (through(FEATURES, image(64, 1, 28, 28), 2), "Flattened from axis 2 on"),
        (through(FEATURES[:-1], image(4, 1, 28, 28)), "pool2 is missing"),
        (through(FEATURES, image(1, 1, 32, 32), None), "Images of 32×32 instead of 28×28, and not flattened"),
        (through(FEATURES, image(1, 32, 32)), "Images of 32×32 instead of 28×28, and no batch axis"),
        (through(NO_POOL, image(2, 1, 28, 28), None), "No pooling, and not flattened"),
        (through(NO_POOL, image(2, 1, 28, 28), 0), "The batch flattened too"),  # 50 of 192: that fits as well
    ],
)
def test_batches_and_two_mistakes_at_once(words, title):
    assert titles(words)[0].startswith(title)


def test_the_sizes_that_give_the_same():
    text = "mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)"
    assert titles(text)[0] == "Images of 32×32 instead of 28×28 (sizes from 32 to 35 give the same)"
    run_with = {}
    for size in (31, 32, 35, 36):
        run_with[size] = run(MODULES, image(1, 1, size, size), FEATURES).numel() == 300
    assert run_with == {31: False, 32: True, 35: True, 36: False}


def test_rows_count_where_a_linear_layer_acts_on_maps():
    maps = Network((2, 9, 4), ()).insert(0, "MaxPool2d").insert(1, "Linear").with_argument("fc1", "out_features", 5)
    text = "mat1 and mat2 shapes cannot be multiplied ({}x8 and 2x5)"
    assert titles(text.format(2 * 16 // 2 * 3), maps)[0].startswith("Images of 16×16 instead of 9×4")
    assert not any(title.startswith("Images of 16×16") for title in titles(text.format(17), maps))


def test_the_kernel_of_3():
    conv2 = nn.Conv2d(6, 12, 3)
    words = torch_words(lambda: MODULES["fc1"](run(MODULES, conv2(run(MODULES, image(1, 1, 28, 28), FEATURES[:3])),
                                                   FEATURES[4:]).flatten(1)))  # fmt: skip
    assert "1x300" in words
    fitting = {cause.title: cause for cause in decoded(words).fitting}
    assert fitting["kernel_size=3 in conv2"].network == SEED.with_argument("conv2", "kernel_size", 3)


def test_without_a_network_nothing_fits_but_the_numbers_speak():
    first = {numbers: decoded(words, None) for words, numbers, _ in FIVE}
    assert not any(found.fitting for found in first.values())
    assert first["48x4"].causes[0].title == "Not flattened"
    assert first["12x16"].causes[0].title == "No batch axis"
    assert first["1x1536"].causes[0].title == "The batch flattened too"
    assert "8 × 192" in first["1x1536"].causes[0].why
    assert first["1x300"].causes[0].title == "Your images have a different size"


@pytest.mark.parametrize(
    ("channels", "side", "other", "said"),
    [
        (
            64,
            5,
            7,
            "1,600 = 64 × 5 × 5 and 3,136 = 64 × 7 × 7: with 64 channels, the maps are 5 × 5 here, and the layer",
        ),
        (12, 5, 4, "300 = 12 × 5 × 5 and 192 = 12 × 4 × 4: with 12 channels, the maps are 5 × 5 here, and the layer"),
        (10, 0, 0, ""),
    ],
)
def test_two_sizes_of_square_maps_are_named_where_the_numbers_hold_them(channels, side, other, said):
    inside, wanted = (channels * side**2, channels * other**2) if said else (300, 190)
    words = torch_words(lambda: nn.Linear(wanted, 7)(torch.zeros(4, inside)))
    why = next(cause.why for cause in decoded(words, None).causes if cause.title == "Your images have a different size")
    assert said in why
    assert bool(said) == ("channels" in why)


@pytest.mark.parametrize(
    ("make", "titles"),
    [
        (lambda: nn.Linear(1352, 10)(image(1, 8, 13, 13)[0].flatten(1)), ["No batch axis", "Not flattened"]),
        (lambda: nn.Linear(43264, 10)(image(1, 256, 13, 13)), ["Not flattened"]),
        (lambda: nn.Linear(2704, 10)(image(2, 16, 13, 13)), ["Not flattened"]),
        (lambda: nn.Linear(256, 120)(image(4, 400)), []),
        (lambda: nn.Linear(192, 120)(image(64, 300)), []),
        (lambda: nn.Linear(784, 120)(image(7, 25)), ["Not flattened"]),
    ],
)
def test_rows_that_cannot_be_channels_are_no_missing_batch_axis(make, titles):
    causes = [cause.title for cause in decoded(torch_words(make), None).causes]
    assert [title for title in causes if title in ("No batch axis", "Not flattened")] == titles


def test_with_a_network_only_its_channels_are_channels():
    for rows in (8, 10, 12):
        causes = decoded(torch_words(partial(nn.Linear(192, 120), image(rows, 25)))).causes
        assert ("No batch axis" in [cause.title for cause in causes]) == (rows == 12)


HAND = "in_channels is not the out_channels of the layer before"


@pytest.mark.parametrize(
    ("make", "titles"),
    [
        (lambda: nn.Conv2d(32, 64, 3)(image(1, 16, 14, 14)), [HAND]),
        (lambda: nn.Conv2d(14, 64, 3)(image(1, 16, 14, 14)), ["Channels last (NHWC)", HAND]),
        (lambda: nn.Conv2d(3, 64, 3)(image(2, 32, 32, 3)), ["Channels last (NHWC)", HAND]),
        (lambda: nn.Conv2d(1, 64, 3)(image(64, 28, 28)), ["No channel axis", HAND]),
        (lambda: nn.Conv2d(1, 64, 3)(image(2, 64, 28, 28)), [HAND]),
        (lambda: nn.Conv2d(3, 64, 3)(image(2, 1, 28, 28)), ["Images of a different kind", HAND]),
        (lambda: nn.Conv2d(16, 64, 3)(image(2, 3, 28, 28)), [HAND, "A layer was skipped"]),
        (lambda: nn.ConvTranspose2d(32, 64, 3)(image(1, 16, 14, 14)), [HAND]),
    ],
)
def test_causes_of_other_channels_are_those_that_the_shapes_allow(make, titles):
    words = torch_words(make)
    assert [cause.title for cause in decoded(words, None).causes] == titles
    other = "The network here is not the one that failed"
    assert [cause.title for cause in decoded(words).causes] == [other, *titles]


def test_a_convolution_in_the_middle_with_wrong_in_channels():
    network = replace(SEED, layers=tuple(layer for layer in SEED.layers if "fc" not in layer.name))
    network = network.with_argument("conv1", "out_channels", 16).with_argument("conv2", "out_channels", 64)
    network = network.with_argument("conv2", "kernel_size", 3)
    modules = modules_of(network)
    modules["conv2"] = nn.Conv2d(32, 64, 3)
    words = torch_words(lambda: run(modules, image(1, 1, 28, 28), FEATURES))
    first = decoded(words, network).causes[0]
    assert first.title == "in_channels of conv2 does not match its input"
    assert first.why == "conv1 outputs 16 channels, so conv2 needs in_channels=16; its weight in the message is for 32."
    assert (first.fits, first.mends, first.layer) == (True, True, "conv2")
    meant = network.with_argument("conv1", "out_channels", 32)
    assert decoded(words, meant).fitting[0].title == "out_channels=16 in conv1"
    other = decoded(words, network.with_argument("conv1", "out_channels", 8)).causes[0]
    assert other.title == "The network here is not the one that failed"
    assert "here it gets 8 channels, neither 32 nor 16" in other.why


THREE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d({}, 16, 3, padding=1)
        self.conv3 = nn.Conv2d({}, 16, 3, padding=1)

    def forward(self, x):
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv2(x))
        return self.conv3(x)

net = Net()
net(torch.randn(4, 3, 32, 32))
"""
LINE = """  File "net.py", line 13, in forward
    {}
  File "/lib/torch/nn/modules/conv.py", line 553, in forward
    return self._conv_forward(input, self.weight, self.bias)
RuntimeError: {}"""
NOTEBOOK = """     12         x = self.pool(self.conv1(x))
\x1b[0;32m---> 13\x1b[0m         x = self.pool(self.conv2(x))
     14         return self.conv3(x)
RuntimeError: {}"""


def three(second: int = 16, third: int = 16) -> Reading:
    reading = read_all(THREE.format(second, third))
    assert reading.network is not None
    return reading


@pytest.mark.parametrize(("size", "layer"), [(16, "conv2"), (8, "conv3")])
def test_the_layer_is_the_one_at_which_these_sizes_arrive(size, layer):
    words = torch_words(lambda: nn.Conv2d(32, 16, 3, padding=1)(image(4, 16, size, size)))
    first = decoded(words, three().network).fitting
    assert [cause.layer for cause in first] == [layer]
    written = three(**{"second" if layer == "conv2" else "third": 32})
    found = decode(words, written.network, written.written)
    assert found is not None
    assert (found.causes[0].layer, found.causes[0].fits) == (layer, True)
    assert found.causes[0].why.endswith("; you wrote 32.")


def test_what_the_code_does_not_say_was_not_written():
    words = torch_words(lambda: nn.Conv2d(32, 16, 3, padding=1)(image(4, 16, 8, 8)))
    reading = three()
    found = decode(words, reading.network, reading.written)
    assert found is not None
    assert [cause.title for cause in found.causes] == ["The code here is not the code that ran", HAND]
    assert not found.fitting
    assert not any("you wrote" in cause.why for cause in (*found.causes, *decoded(words, reading.network).causes))


@pytest.mark.parametrize(
    ("wrap", "layer"),
    [
        (LINE.format("x = self.conv3(x)", "{}"), "conv3"),
        (LINE.format("x = self.pool(self.conv2(x))", "{}"), "conv2"),
        (NOTEBOOK, "conv2"),
        ("x = self.conv3(x)\n{}", "conv3"),
    ],
)
def test_the_traceback_names_the_layer(wrap, layer):
    words = torch_words(lambda: nn.Conv2d(32, 16, 3, padding=1)(image(4, 16, 10, 10)))
    network = three().network
    assert [cause.layer for cause in decoded(words, network).fitting] == ["conv2", "conv3"]
    fitting = decoded(wrap.format(words), network).fitting
    assert [cause.layer for cause in fitting] == [layer]
    assert "The size 10×10 comes from an input of" in fitting[0].why
    odd = torch_words(lambda: nn.Conv2d(32, 16, 3, padding=1)(image(4, 16, 7, 9)))
    assert not decoded(wrap.format(odd), network).fitting
    assert decoded(wrap.format(odd), network).causes[0].layer == layer


def test_the_traceback_names_the_linear_layer():
    rows = Network((64,), ())
    for place in range(3):
        rows = rows.insert(place, "Linear").with_argument(f"fc{place + 1}", "out_features", 64)
    words = torch_words(lambda: nn.Linear(100, 64)(image(4, 64)))
    assert len({cause.layer for cause in decoded(words, rows).fitting}) > 1
    assert decoded(LINE.format("x = F.relu(self.fc3(x))", words), rows).fitting[0].layer == "fc3"


# --- in_features typed by hand: the network is what the code says ------------------------------------------------


def test_in_features_written_for_another_network():
    without = replace(SEED, layers=tuple(layer for layer in SEED.layers if layer.stem != "pool"))
    words = through(NO_POOL, image(1, 1, 28, 28))
    line, pooling = decoded(words, without).fitting[:2]
    assert line.title == "in_features of fc1 does not match its input: nn.Linear(4800, 120)"
    assert pooling.title == "in_features is right for another network: a pooling after each of conv1 and conv2"
    assert pooling.mends
    assert pooling.network
    assert trace(pooling.network).by_name["fc1"].arguments["in_features"] == 192

    words = through(FEATURES, image(1, 1, 32, 32))
    causes = decoded(words, SEED.with_input((1, 32, 32))).fitting
    assert causes[0].remedy == "Write self.fc1 = nn.Linear(300, 120): 300 = 12 * 5 * 5."
    assert causes[1].title.startswith("in_features counts images of 28×28 instead of 32×32")

    words = through(FEATURES, image(1, 1, 28, 28), None)
    first = decoded(words, SEED.remove("flatten")).fitting[0]
    assert first.title == "Not flattened"
    assert first.network
    assert trace(first.network).error is None


CIFAR = PRESETS["lenet5"].with_input((3, 32, 32))  # the net of the CIFAR tutorial: kernels of 5, two poolings


@pytest.mark.parametrize("typed", [256, 255, 576, 120, 1600, 5 * 5, 16 * 5])
def test_the_corrected_line_comes_before_changes_of_the_network(typed):
    modules = modules_of(CIFAR)
    modules["fc1"] = nn.Linear(typed, 120)
    words = torch_words(lambda: run(modules, image(4, 3, 32, 32), tuple(modules)))
    causes = decoded(words, CIFAR).fitting
    assert causes[0].title == "in_features of fc1 does not match its input: nn.Linear(400, 120)"
    assert causes[0].remedy.endswith("400 = 16 * 5 * 5.")
    assert (causes[0].layer, causes[0].network, causes[0].mends) == ("fc1", CIFAR, True)
    modules["fc1"] = nn.Linear(400, 120)
    assert run(modules, image(4, 3, 32, 32), tuple(modules)).shape == (4, 10)
    windows = [cause.title for cause in causes if is_window(cause)]
    assert len(windows) <= 2
    assert [cause.title for cause in causes][len(causes) - len(windows) :] == windows
    assert ("256 is right for inputs of 28×28" in causes[0].why) == (typed == 256)
    assert any(cause.title.startswith("in_features counts images of 28×28") for cause in causes[1:2]) == (typed == 256)


def is_window(cause: Cause) -> bool:
    """Whether it is another kernel, padding or stride."""
    return any(f"{what}=" in cause.title for what in ("kernel_size", "padding", "stride"))


@pytest.mark.parametrize("name", ["vgg16", "alexnet", "lenet5", "fashion-mnist-cnn"])
def test_few_causes_are_another_kernel_and_they_come_last(name):
    network = PRESETS[name]
    network = replace(network, layers=tuple(x for x in network.layers if not x.type.startswith("Adaptive")))
    step = next(step for step in trace(network).steps if step.type == "Linear")
    channels, height, _ = at(network, at(network, step.name).flatten or "").shape or (0, 0, 0)
    for size in {*range(1, height + 4)} - {height}:
        words = torch_words(partial(nn.Linear(step.input_shape[-1], 5), image(2, channels * size * size)))
        causes = decoded(words.replace("x5)", f"x{step.arguments['out_features']})"), network).fitting
        windows = [place for place, cause in enumerate(causes) if is_window(cause)]
        assert len(windows) <= 4
        for place, cause in enumerate(causes):
            likely = cause.title.startswith(("Images", "Not flattened", "No pooling", "No batch", "pool"))
            assert not likely or all(place < window for window in windows), [cause.title for cause in causes]


def test_networks_of_linear_layers_only():
    rows = Network((1, 28, 28), (), 10)
    for place, kind in enumerate(("Flatten", "Linear", "ReLU", "Linear")):
        rows = rows.insert(place, kind)
    fc1 = nn.Linear(784, 64)
    for value, title in (
        (image(64, 1, 32, 32).flatten(1), "Images of 32×32 instead of 28×28"),
        (image(64, 3, 28, 28).flatten(1), "Images with 3 channels instead of 1"),
        (image(64, 3, 32, 32).flatten(1), "Images with 3 channels instead of 1 and of 32×32 instead of 28×28"),
        (image(64, 1, 28, 28), "Not flattened"),
        (image(64, 1, 28, 28).flatten(), "The batch flattened too"),
    ):
        assert titles(torch_words(partial(fc1, value)), rows)[0] == title
    words = torch_words(lambda: nn.Linear(784, 64)(image(28, 28).flatten(1)))
    assert "Neither batch nor channel axis" in titles(words, rows)
    words = torch_words(lambda: nn.Linear(64, 10)(image(3, 128)))
    assert titles(words, rows) == ["out_features=128 in fc1"]


def test_numbers_that_fit_are_no_error():
    found = decoded("mat1 and mat2 shapes cannot be multiplied (1x192 and 192x120)")
    assert found.causes == ()
    assert "paste it again" in found.says


def test_a_network_that_is_not_the_one():
    found = decoded("mat1 and mat2 shapes cannot be multiplied (1x77 and 999x120)")
    assert found.causes[0].title == "The network here is not the one that failed"
    assert not found.fitting
    assert not decoded("mat1 and mat2 shapes cannot be multiplied (1x77 and 999x121)").fitting


# --- other kinds, mistakes really made ---------------------------------------------------------------------------

NORMED = replace(
    SEED.insert(1, "BatchNorm2d").insert(5, "BatchNorm2d").insert(9, "BatchNorm1d"), classes=10
)  # conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 flatten bn3 ... after insertion in order

GROUPED = Network((1, 28, 28), (
    CATALOGUE["AdaptiveAvgPool2d"].fresh("pool").with_chosen("output_size", 1), CATALOGUE["GroupNorm"].fresh("gn"),
))  # fmt: skip


def net(network: Network) -> nn.Sequential:
    return nn.Sequential(*modules_of(network).values())


SEED_NET, NORMED_NET = net(SEED), net(NORMED)
RGB_CONV = nn.Conv2d(3, 64, 3, padding=1)  # the first of VGG-11


def viewed(size: int, batch: int, pooled: bool = True) -> torch.Tensor:
    """What a forward with view(-1, 12 * 4 * 4) makes of such a batch."""
    out = run(MODULES, image(batch, 1, size, size), FEATURES if pooled else NO_POOL)
    return run(MODULES, out.view(-1, 12 * 4 * 4), ("fc1", "relu3", "fc2", "relu4", "out"))


@pytest.mark.parametrize(
    ("make", "network", "title"),
    [
        (lambda: SEED_NET(image(2, 3, 28, 28)), SEED, "RGB images"),
        (lambda: SEED_NET(image(2, 28, 28, 1)), SEED, "Channels last (NHWC)"),
        (lambda: SEED_NET(image(28, 28, 1)), SEED, "Channels last (NHWC)"),
        (lambda: SEED_NET(image(64, 28, 28)), SEED, "No channel axis"),
        (lambda: RGB_CONV(image(2, 1, 224, 224)), PRESETS["vgg11"], "Grayscale images"),
        (lambda: RGB_CONV(image(2, 4, 224, 224)), PRESETS["vgg11"], "Images with transparency (RGBA)"),
        (lambda: RGB_CONV(image(2, 224, 224, 3)), PRESETS["vgg11"], "Channels last (NHWC)"),
        (lambda: MODULES["conv2"](image(2, 8, 12, 12)), SEED, "out_channels=8 in conv1"),
        (lambda: MODULES["conv2"](image(2, 1, 28, 28)), SEED, "conv1, relu1 and pool1 are skipped, or called later"),
        (lambda: nn.Conv2d(3, 6, 5)(image(2, 1, 28, 28)), SEED, "in_channels of conv1 does not match its input"),
        (lambda: SEED_NET(image(2, 1, 12, 12)), SEED, "Images of 12×12 instead of 28×28"),
        (lambda: SEED_NET(image(28, 28)), SEED, "Neither batch nor channel axis"),
        (lambda: SEED_NET(image(2, 784)), SEED, "Flattened too early"),
        (lambda: SEED_NET(image(1, 2, 1, 28, 28)), SEED, "One batch axis too many"),
        (lambda: SEED_NET(image(4, 2, 1, 28, 28)), SEED, "Batches of batches"),
        (lambda: NORMED_NET.train()(image(1, 1, 28, 28)), NORMED, "One sample while training"),
        (lambda: NORMED_NET.train()(image(1, 28, 28)), NORMED, "No batch axis"),
        (lambda: net(GROUPED).eval()(image(1, 1, 28, 28)), GROUPED, "Groups of one value"),
        (lambda: MODULES["relu1"] and nn.BatchNorm2d(6)(image(2, 12, 8, 8)), NORMED, "out_channels=12 in conv1"),
        (lambda: viewed(32, 8), SEED, "Images of 32×32 instead of 28×28"),
        (lambda: run(MODULES, image(8, 1, 28, 28), FEATURES).view(-1, 12 * 20 * 20), SEED,
         "The view says 4800 but gets 192"),
        (lambda: F.cross_entropy(SEED_NET(image(2, 1, 28, 28)), torch.tensor([3, 10])), SEED,
         "Labels that count from 1"),
        (lambda: F.cross_entropy(SEED_NET(image(2, 1, 28, 28)), torch.tensor([3, 25])), SEED,
         "More classes in the data than outputs"),
    ],
)  # fmt: skip
def test_the_mistake_made_is_the_first_that_fits(make, network, title):
    words = torch_words(make)
    assert titles(words, network)[0].startswith(title), (words, titles(words, network))


CODE = write(SEED)
FLATTEN = "torch.flatten(t, start_dim=1)"
DIFFERENT = "Outputs and labels from different batches"


def of_code(words: str, flatten: str, features: int = 192) -> list[Cause]:
    """The causes for the seed's code that flattens in this way."""
    assert CODE.count(FLATTEN) == 1
    code = CODE.replace(FLATTEN, flatten).replace("in_features=12 * 4 * 4,", f"in_features={features},")
    reading = read_all(code)
    assert reading.network is not None
    found = decode(words, reading.network, reading.written)
    assert found is not None
    return list(found.causes)


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        (lambda: viewed(28, 8, pooled=False), "No pooling"),
        (lambda: viewed(60, 8), "Images of 60×60 instead of 28×28"),
    ],
)
def test_a_view_mixes_the_images_only_where_the_code_has_it(rows, title):
    words = torch_words(lambda: F.cross_entropy(rows(), torch.zeros(8).long()))
    view = of_code(words, "t.view(-1, 192)")
    assert view[0].title.startswith(title)
    assert view[0].fits
    for flatten in (FLATTEN, "t.view(t.size(0), -1)"):
        others = of_code(words, flatten)
        assert others[0].title == DIFFERENT
        assert not any("view" in cause.title or cause.fits for cause in others)
    unknown = decoded(words)
    assert unknown.causes[0].title == DIFFERENT
    assert unknown.causes[1].title.startswith(f"If you flatten with view(-1, 192): {title[0].lower()}{title[1:]}")
    assert not unknown.fitting


def test_labels_of_another_batch_come_first():
    words = torch_words(lambda: F.cross_entropy(SEED_NET(image(16, 1, 28, 28)), torch.zeros(4).long()))
    assert of_code(words, FLATTEN)[0].title == DIFFERENT
    assert decoded(words).causes[0].title == DIFFERENT
    several = torch_words(lambda: F.cross_entropy(SEED_NET(image(4, 1, 28, 28)), torch.eye(10)[:4].flatten().long()))
    assert "Several labels per image" in [cause.title for cause in decoded(several).causes]


def test_a_view_whose_number_the_code_has_wrong():
    def forward() -> Any:
        maps = run(MODULES, image(8, 1, 28, 28), FEATURES)
        return nn.Linear(48, 10)(maps.view(-1, 48))

    words = torch_words(lambda: F.cross_entropy(forward(), torch.zeros(8).long()))
    first = of_code(words, "t.view(-1, 48)", features=48)
    assert [cause.title for cause in first if cause.fits] == ["The view says 48 but gets 192"]
    assert "8 × 192 values into 32 rows of 48" in first[0].why


def test_networks_that_fail_as_they_are():
    small = SEED.with_input((1, 12, 12))
    cause = decoded(torch_words(lambda: SEED_NET(image(2, 1, 12, 12))), small).causes[0]
    assert cause.fits
    assert cause.layer == "conv2"
    assert cause.network
    assert trace(cause.network).error is None
    assert "12×12 → 8×8 (conv1) → 4×4 (pool1)" in cause.why

    pools = Network((1, 4, 4), tuple(CATALOGUE["MaxPool2d"].fresh(f"pool{n}") for n in (1, 2, 3)))
    three = nn.Sequential(*(nn.MaxPool2d(2) for _ in range(3)))
    cause = decoded(torch_words(lambda: three(image(2, 1, 4, 4))), pools).causes[0]
    assert (cause.layer, cause.mends) == ("pool3", True)
    cause = decoded(torch_words(lambda: three(image(2, 1, 4, 4))), pools.with_input((1, 32, 32))).causes[0]
    assert cause.title.startswith("Images of 4×4 instead of 32×32")

    padded = Network((1, 8, 8), (CATALOGUE["MaxPool2d"].fresh("pool1").with_chosen("padding", 2),))
    cause = decoded(torch_words(lambda: nn.MaxPool2d(2, padding=2)(image(2, 1, 8, 8))), padded).causes[0]
    assert cause.network == padded.with_argument("pool1", "padding", 1)

    grouped = SEED.with_argument("conv2", "groups", 4)
    cause = decoded(torch_words(lambda: nn.Conv2d(6, 12, 5, groups=4)), grouped).causes[0]
    assert (cause.fits, cause.layer) == (True, "conv2")

    same = SEED.with_argument("conv1", "padding", "same").with_argument("conv1", "stride", 2)
    cause = decoded(torch_words(lambda: nn.Conv2d(1, 6, 5, padding="same", stride=2)), same).causes[0]
    assert (cause.fits, cause.layer) == (True, "conv1")


def test_normalizations():
    words = torch_words(lambda: nn.BatchNorm2d(12)(image(2, 6, 24, 24)))
    assert titles(words, NORMED) == ["out_channels=6 in conv2", "bn2 instead of bn1"]
    alone = SEED.insert(1, "BatchNorm2d")
    words = torch_words(lambda: nn.BatchNorm2d(4)(image(2, 6, 24, 24)))
    assert titles(words, alone) == ["num_features of bn1 does not match its input"]

    grouped = SEED.insert(1, CATALOGUE["GroupNorm"].fresh("gn1").with_chosen("num_groups", 4))
    found = decoded(torch_words(lambda: nn.GroupNorm(4, 6)), grouped)
    assert found.causes[0].title == "num_groups=4 in gn1"
    assert found.causes[0].network
    assert trace(found.causes[0].network).error is None
    assert not titles("num_channels (10) must be divisible by num_groups (4)", grouped)

    layered = SEED.insert(1, CATALOGUE["LayerNorm"].fresh("ln1").with_chosen("normalized_shape", (28, 28)))
    found = decoded(torch_words(lambda: nn.LayerNorm((28, 28))(image(2, 6, 24, 24))), layered)
    assert found.causes[0].fits
    assert "nn.LayerNorm([24, 24])" in found.causes[0].remedy

    words = torch_words(lambda: nn.BatchNorm2d(12)(image(2, 192)))
    assert titles(words, NORMED)[0] == "Flattened too early"


@pytest.mark.parametrize("label", [0, 9, 10, 11, -1, 70_000])
def test_labels(label):
    fitting = titles(f"Target {label} is out of bounds.")
    assert ("Labels that count from 1" in fitting) == (label == 10)
    assert ("More classes in the data than outputs" in fitting) == (label in (10, 11))
    assert ("Labels that mean no class" in fitting) == (label == -1)


class Saved(nn.Module):
    """A module whose parts have the network's names."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        for name, module in modules_of(network).items():
            self.add_module(name, module)


@pytest.mark.parametrize(
    ("other", "title"),
    [
        (SEED.with_input((1, 32, 32)), "In the file: images of 32×32 instead of 28×28"),
        (SEED.with_classes(100), "A different number of classes"),
        (SEED.with_argument("conv1", "out_channels", 8), "out_channels=8 in conv1 of the file"),
        (SEED.with_argument("fc1", "out_features", 99), "out_features=99 in fc1 of the file"),
        (replace(SEED, layers=tuple(x for x in SEED.layers if x.stem != "pool")), "In the file: no pooling"),
    ],
)
def test_checkpoints_of_another_network(other, title):
    words = torch_words(lambda: Saved(SEED).load_state_dict(Saved(other).state_dict()))
    found = decoded(words)
    assert found.causes[0].fits
    assert found.causes[0].title.startswith(title)
    state = {f"module.{key}": value for key, value in Saved(SEED).state_dict().items()}
    assert titles(torch_words(lambda: Saved(SEED).load_state_dict(state))) == ["Saved from within nn.DataParallel"]


# --- random networks, random mistakes ----------------------------------------------------------------------------


def linear_after_flatten(network: Network) -> str | None:
    names = [layer.name for layer in network.layers if layer.type == "Linear"]
    return names[0] if names and at(network, names[0]).flatten else None


def ending_in_linear(network: Network) -> Network:
    if any(layer.type == "Linear" for layer in network.layers):
        return network
    return network.insert(len(network.layers), "Flatten").insert(len(network.layers) + 1, "Linear")


def with_a_mistake(rng: Random, network: Network, name: str) -> tuple[str, Network, torch.Tensor] | None:
    """What was made otherwise: a sort of mistake, the network of the code, the batch it is called with."""
    shape, batch = network.input_shape, rng.choice((1, 2, 3))
    flatten = at(network, name).flatten or ""
    pools = [layer for layer in network.layers[: network.index(name)] if layer.stem == "pool"]
    both = {"kernel_size", "padding"}
    before = network.layers[: network.index(name)]
    sliding = [layer for layer in before if both <= layer.parameters().keys() and layer.stem in ("conv", "pool")]
    sort = rng.choice(("image", "flatten", "start", "pool", "kernel_size", "padding"))
    made = network
    if sort == "image" and len(shape) > 1 and len(set(shape[1:])) == 1:
        made = with_image(network, (rng.randint(1, 64),) * (len(shape) - 1))
    elif sort == "flatten":
        made = network.remove(flatten)
    elif sort == "start" and network[flatten].chosen["start_dim"] == 1:
        made = network.with_argument(flatten, "start_dim", 2)
    elif sort == "pool" and pools:
        made = network.remove(rng.choice(pools).name)
    elif sort in ("kernel_size", "padding") and sliding:
        made = network.with_argument(rng.choice(sliding).name, sort, rng.choice((1, 2, 3, 5)))
    return None if made == network else (sort, made, image(batch, *made.input_shape))


def is_the_mistake(sort: str, made: Network, cause: Cause, network: Network, name: str) -> bool:
    """Whether a cause says what was done: the same change, or one that cannot be told from it."""
    if sort == "image":
        return cause.network is not None and cause.network.layers == network.layers
    if sort in ("flatten", "start", "pool"):
        return cause.network == made or cause.title == "No batch axis"
    changed = [old.name for old, new in zip(network.layers, made.layers, strict=True) if old != new]
    folded = re.search(rf"The same number comes from .*(?:{sort}=\d+ in [^.]*{changed[0]}| more)", cause.why)
    return (cause.title.startswith(f"{sort}=") and changed[0] in cause.title) or folded is not None


def test_random_networks_with_a_random_mistake(thorough):
    wanted, number = 6_000 if thorough else 120, 0
    sorts: Counter[str] = Counter()
    while sum(sorts.values()) < wanted:
        number += 1
        rng = Random(number)
        network = ending_in_linear(random_network(rng, longest=5, bad=0))
        name = linear_after_flatten(network)
        if name is None or trace(network).error:
            continue
        mistake = with_a_mistake(rng, network, name)
        words = mistake and refused(network, mistake[1], mistake[2])
        if not mistake or not words or "mat1 and mat2" not in words:
            continue
        sort, made, _ = mistake
        if at(made, name).step is None:
            continue
        fitting = decoded(words, network).fitting
        assert any(is_the_mistake(sort, made, cause, network, name) for cause in fitting), (
            f"{number} {sort}: {words}\n{network}\n{made}\n{[cause.title for cause in fitting]}"
        )
        for cause in fitting:  # what is said to fit does, in real torch
            if cause.network and ", and " not in cause.title and not cause.mends:
                step = trace(cause.network).by_name[name]
                rows = int(words.partition("(")[2].partition("x")[0])
                assert f"x{step.input_shape[-1]} and" in words, f"{number}: {cause.title}"
                assert rows % prod(step.input_shape[:-1]) == 0, f"{number}: {cause.title}"
        sorts[sort] += 1
    assert min(sorts.values()) > wanted / 100, sorts


# --- speed -------------------------------------------------------------------------------------------------------

SLOW = [
    "mat1 and mat2 shapes cannot be multiplied (1x300 and {features}x{width})",
    "mat1 and mat2 shapes cannot be multiplied (1x4096 and {features}x{width})",
    "mat1 and mat2 shapes cannot be multiplied (3584x7 and {features}x{width})",
    "mat1 and mat2 shapes cannot be multiplied (7200x10 and {features}x{width})",
    "mat1 and mat2 shapes cannot be multiplied (1x{features} and 300x{width})",
    "Given groups=1, weight of size [64, 3, 3, 3], expected input[2, 1, 224, 224] to have 3 channels, "
    "but got 1 channels instead",
    "Calculated padded input size per channel: (4 x 4). Kernel size: (5 x 5). Kernel size can't be greater than actual "
    "input size",
    "Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is too small",
    "shape '[-1, {features}]' is invalid for input of size 2400",
    "Expected input batch_size (200) to match target batch_size (8).",
]
MOST_SECONDS = 0.15
SHARED = 2
"""How much longer it takes on a machine that others share."""
VGG = PRESETS["vgg16"]
OPEN_VGG = VGG.remove(next(layer.name for layer in VGG.layers if layer.type == "AdaptiveAvgPool2d"))


@pytest.mark.parametrize("network", [SEED, VGG, OPEN_VGG, PRESETS["alexnet"]], ids=["seed", "vgg16", "open", "alexnet"])
@pytest.mark.parametrize("text", SLOW)
def test_an_answer_takes_less_than_150_ms(text, network, benchmark_seconds):
    step = next(step for step in walk(network).steps if step.type == "Linear")
    text = text.format(features=step.arguments["in_features"], width=step.arguments["out_features"])

    def cold() -> None:
        forget()
        forget_places()
        assert decode(text, network)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert benchmark_seconds(cold) < MOST_SECONDS * SHARED


def test_what_is_no_flattened_map_is_no_number_to_write():
    """Maps reach the Linear, and in_features counts another number: both are said, and nn.Linear(4, ...) nowhere."""
    words = torch_words(lambda: nn.Linear(200, 120)(run(MODULES, image(2, 1, 28, 28), FEATURES)))
    written = "import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(1, 12, 25), nn.ReLU(), nn.Linear(200, 120))\n"
    reading = read_all(written, (1, 28, 28))
    found = decode(words, reading.network, reading.written)
    assert found is not None
    first = found.causes[0]
    assert (first.title, first.fits) == ("Not flattened, and in_features is a different number", True)
    assert first.network is not None
    assert trace(first.network).by_name[first.layer].arguments["in_features"] == 192
    assert "nn.Linear(192, 120)" in first.remedy
    assert not any("Linear(4," in f"{cause.title}{cause.remedy}" for cause in found.causes)


@pytest.mark.parametrize(
    ("got", "first"),
    [(50, "The state is made for the length, not for the batch"), (64, "The last batch is smaller")],
)
def test_a_state_as_long_as_the_sequences_is_no_last_batch(got, first):
    words = torch_words(lambda: nn.LSTM(6, 8)(image(got, 16, 6), (image(1, got, 8), image(1, got, 8))))
    assert decoded(words, None).causes[0].title == first


@pytest.mark.parametrize("stem", [3, 5])
def test_only_the_layers_whose_value_changes_are_named(stem: int) -> None:
    rows = (
        Conv2d(name="stem", out_channels=8, kernel_size=stem),
        Conv2d(name="body", out_channels=8, kernel_size=3), Flatten(name="flatten"),
        Linear(name="head", out_features=10),
    )  # fmt: skip
    network = Network((3, 20, 20), rows)
    changed = nn.Sequential(nn.Conv2d(3, 8, 5), nn.Conv2d(8, 8, 5), nn.Flatten())(image(1, 3, 20, 20)).shape[1]
    usual = trace(network).by_name["head"].input_shape[-1]
    words = f"mat1 and mat2 shapes cannot be multiplied (1x{usual} and {changed}x10)"
    found = [title for title in titles(words, network) if "kernel_size=5 in" in title]
    assert found == [
        f"in_features is right for another network: kernel_size=5 in {'body' if stem == 5 else 'stem and body'}"
    ]
