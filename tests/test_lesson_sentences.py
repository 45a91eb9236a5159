"""What the lessons say of a network is true of that network: torch's own modules are asked."""

import re
from itertools import pairwise

import pytest
import torch
from torch import nn

from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from layerscope.ui.lessons import patterns, smaller
from layerscope.ui.lessons.contents import LESSONS
from tests.large import in_turns
from tests.sentences import faults
from tests.study.quiz.branches import BRANCHING, RESIDUAL
from tests.study.quiz.judge import Real
from tests.test_lessons import opened, walked, words

SEED = PRESETS["fashion-mnist-cnn"]


def built(shape: tuple[int, ...], *layers: tuple[str, dict[str, int]], classes: int = 3) -> Network:
    network = Network(shape, ())
    for kind, arguments in layers:
        network = network.insert(len(network.layers), kind)
        for name, value in arguments.items():
            network = network.with_argument(network.layers[-1].name, name, value)
    return network.with_classes(classes)


WIDENING = built(
    (3, 33, 33), ("Conv2d", {"out_channels": 16, "kernel_size": 3, "padding": 1}),
    ("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 2}), ("Flatten", {}),
    ("Linear", {"out_features": 20}), ("Linear", {"out_features": 40}), ("Linear", {"out_features": 10}),
)  # fmt: skip
"""Against the habit: the maps get larger, the channels fewer, the features more."""
SIGNAL = built(
    (1, 800), ("Conv1d", {"out_channels": 8, "kernel_size": 9}), ("MaxPool1d", {"kernel_size": 4}),
    ("Conv1d", {"out_channels": 16, "kernel_size": 5}), ("Flatten", {}), ("Linear", {"out_features": 5}),
)  # fmt: skip
VOLUME = built(
    (1, 16, 24, 24), ("Conv3d", {"out_channels": 4, "kernel_size": 3}), ("MaxPool3d", {"kernel_size": 2}),
    ("Conv3d", {"out_channels": 8, "kernel_size": 3}), ("Flatten", {}), ("Linear", {"out_features": 3}),
)  # fmt: skip
PLAIN = built((1, 28, 28), ("Flatten", {}), ("Linear", {"out_features": 64}), ("Linear", {"out_features": 10}))
FAILING = SEED.with_argument("conv2", "kernel_size", 33)
NETWORKS = {
    **{key: PRESETS[key] for key in ("fashion-mnist-cnn", "alexnet", "vgg11", "depthwise-separable")},
    "widening": WIDENING, "signal": SIGNAL, "volume": VOLUME,
}  # fmt: skip


def counted(network: Network) -> int:
    """The learnable values of torch's modules."""
    return sum(p.numel() for module in Real(network).modules.values() for p in module.parameters())


@pytest.mark.parametrize("key", NETWORKS)
def test_what_a_small_kernel_gives_is_said_of_this_network(key, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    network = NETWORKS[key]
    said = smaller.closing(network)
    found = re.search(
        r"whole network has ([\d,]+) parameters with kernel_size (\d+), and ([\d,]+) with (\d+): (.*)", said
    )
    assert found, said
    small, low, large, high = (int(text.replace(",", "")) for text in found.groups()[:4])
    last = [layer.name for layer in network.layers if layer.type.startswith("Conv")][-1]
    assert small == counted(network.with_argument(last, "kernel_size", low))
    assert large == counted(network.with_argument(last, "kernel_size", high))
    assert ("larger" in found[5], "smaller" in found[5]) == (small > large, small < large)
    assert faults(said) == []


def test_a_small_kernel_does_not_make_alexnet_larger():
    """The output of an adaptive pooling does not depend on the kernel before it."""
    assert "gives the smaller network" in smaller.closing(PRESETS["alexnet"])
    assert "pool4 (AdaptiveAvgPool2d) always outputs 256×6×6" in smaller.closing(PRESETS["alexnet"])
    assert "gives the larger network" in smaller.closing(SEED)


@pytest.mark.parametrize("key", NETWORKS)
def test_how_a_network_goes_on_is_read_off_its_shapes(key):
    network = NETWORKS[key]
    leaving = [network.input_shape, *(shape[1:] for shape in Real(network).leaving.values())]
    told = patterns.course_of(trace(network))
    for line in told.removesuffix(".").split(": ", 1)[1].split("; "):
        name, _, numbers = line.partition(" ")
        flat = [shape[0] for shape in leaving if len(shape) == 1 and name == "features"]
        maps = [shape[name != "channels"] for shape in leaving if len(shape) > 1 and name != "features"]
        wanted = flat or maps
        kept = [*([] if flat else wanted[:1]), *(new for old, new in pairwise(wanted) if new != old)]
        assert [int(number.replace(",", "")) for number in numbers.split(", ")] == kept, told


@pytest.mark.usefixtures("short_training")
@pytest.mark.parametrize(
    ("key", "network"),
    in_turns([lesson.key for lesson in LESSONS], ["widening", "signal", "volume", "depthwise-separable"], each=1),
)
def test_no_lesson_says_of_a_network_what_does_not_hold(key, network):
    """Neither what is true of usual networks only, nor words that stand for nothing, nor the same sentence twice."""
    app, _ = walked(key, NETWORKS[network])
    said = words(app)
    assert "maps get smaller" not in said
    assert "features shrink" not in said
    assert "hree famous" not in said
    assert re.findall(r"\b(\d+) = \1\b(?! [·×+/−-])", re.sub(r"<[^>]*>", " ", said)) == []


@pytest.mark.parametrize("network", [PLAIN, FAILING], ids=["no convolution", "fails"])
def test_a_network_that_does_not_serve_gets_the_course_network_and_a_reason(network):
    said = words(opened("kernel", network=network))
    assert "This lesson cannot use your network: it " in said
    assert "It shows the default network instead." in said


@pytest.mark.parametrize("key", ["following", "mending", "counting", "patterns"])
def test_a_lesson_that_follows_a_chain_says_so_of_a_network_that_branches(key):
    said = words(opened(key, network=RESIDUAL))
    assert "This lesson cannot use your network: it branches, and " in said
    assert "layers that run one after another. It shows the default network instead." in said


@pytest.mark.parametrize(
    ("key", "network"),
    in_turns(["anatomy", "decides", "kernel", "sliding", "skips"], ["residual", "normed", "shared"], each=1),
)
def test_the_other_lessons_are_walked_on_a_network_that_branches(key, network):
    app, asked = walked(key, BRANCHING[network])
    said = words(app)
    assert len(asked) >= 2
    assert "What you found out" in said
    assert "branches, and" not in said


def test_what_a_block_costs_is_what_torch_counts():
    said = words(walked("skips")[0])
    assert "The answer is “no, both differ”" in said or "Right: no, both differ" in said
    conv, projection = nn.Conv2d(6, 12, 5, padding=2), nn.Conv2d(6, 12, 1)
    x = torch.zeros(2, 6, 12, 12)
    assert (conv(x) + projection(x)).shape == (2, 12, 12, 12)
    cost = sum(p.numel() for p in projection.parameters())
    assert f"the answer is {cost}" in said
    after = [sum(p.numel() for p in nn.Conv2d(n, 12, 3).parameters()) for n in (18, 12)]
    assert torch.cat([conv(x), x], dim=1).shape[1] == 18
    assert f"the answer is {after[0] - after[1]}" in said
    assert f"{after[0]:,} parameters instead of {after[1]:,}" in said


def test_groups_are_not_spoken_of_before_they_matter():
    assert "groups" not in words(opened("kernel")).split("Stride, padding")[0]
    grouped = opened("kernel", network=SEED.with_argument("conv2", "groups", 3))
    assert "split into 3 groups" in words(grouped)


def test_thousands_stand_apart_in_the_whole_sentence():
    said, _ = walked("counting", NETWORKS["widening"])
    assert re.findall(r"becomes [^.]*\b\d{4,}\b", words(said)) == []
