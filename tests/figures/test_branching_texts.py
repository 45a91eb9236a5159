"""What is written in the picture of a network that branches, and where: shapes, names, signs."""

import pytest

from layerscope.figures.flow import flow, legend
from layerscope.figures.painting import JOINT
from layerscope.figures.theme import TEXT, WRONG
from layerscope.inputs import Input
from layerscope.layers.activation import ReLU
from layerscope.layers.adaptive import AdaptiveAvgPool2d
from layerscope.layers.joining import Add
from layerscope.layers.linear import Linear
from layerscope.layers.reshape import Flatten
from layerscope.layers.stacking import Concat
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.reader import read_all
from layerscope.tracing import trace
from tests.figures.test_branching import conv
from tests.figures.test_flow import hovers, plain, texts

BY_HAND = Network(
    (3, 32, 32),
    (
        conv("conv1", 16), ReLU(name="relu1"), conv("conv2", 16), Add(name="add1", inputs=("conv2", "relu1")),
        AdaptiveAvgPool2d(name="pool1", output_size=1), Flatten(name="flatten1"), Linear(name="fc1", out_features=10),
    ),
)  # fmt: skip
SUM = Network((6, 12, 12), (conv("conv", 12, kernel_size=5, padding=0), Add(name="add", inputs=("conv", "input"))))
STACK = Network((6, 12, 12), (conv("conv", 12, kernel_size=5), Concat(name="cat", inputs=("conv", "input"))))


def written(figure):
    return [plain(text) for text in texts(figure)]


def test_where_there_is_room_an_arc_hides_no_shape():
    found = written(flow(trace(BY_HAND)))
    assert [found.count(shape) for shape in ("3×32×32", "16×32×32", "16×1×1", "16", "10")] == [1, 3, 1, 1, 1]
    assert {"6×12×12", "12×8×8"} <= set(written(flow(trace(SUM))))
    assert {"6×12×12", "12×12×12", "18×12×12"} <= set(written(flow(trace(STACK))))
    assert written(flow(trace(PRESETS["transformer-classifier"]))).count("128×512") == 2


def test_a_join_that_fails_is_a_ring_of_one_colour():
    broken = PRESETS["resnet18"].with_argument("layer2.0.conv2", "out_channels", 100)
    for network, name in ((SUM, None), (broken, "layer2.0.add")):
        figure = flow(trace(network), name)
        (circles,) = (item for item in figure["data"] if item.get("mode") == "markers")
        rings = list(zip(circles["marker"]["line"]["color"], circles["marker"]["line"]["width"], strict=True))
        assert rings.count((WRONG, 3)) == 1
        hatched = [item["line"]["color"] for item in figure["data"] if item.get("fill")]
        assert WRONG not in hatched, "nothing is hatched over it"


def test_a_bar_tells_each_concatenation_from_a_layer():
    googlenet = trace(PRESETS["googlenet"])
    bars = [shape for shape in flow(googlenet)["layout"]["shapes"] if shape["line"] == {"color": TEXT, "width": JOINT}]
    assert sum(shape["path"].count("M") for shape in bars) == 9
    assert legend(googlenet, frozenset()) == "┃ concatenation"
    assert legend(trace(PRESETS["resnet18"]), frozenset()) == ""


def test_a_branch_bears_its_shape_where_that_has_room():
    found = written(flow(trace(PRESETS["resnet18"])))
    assert found.count("128×28×28") == 2, "of the convolution and of the one on the skip connection"


def heights(figure):
    return {plain(text["text"]): text["y"] for text in figure["layout"]["annotations"]}


def test_the_names_of_two_lanes_keep_their_places_whichever_is_selected():
    rows = (conv("conv", 12), conv("shortcut", 12, "input"), Add(name="add", inputs=("conv", "shortcut")))
    network = trace(Network((6, 12, 12), rows))
    for selected in (None, "conv", "shortcut"):
        found = heights(flow(network, selected))
        assert found["shortcut"] < found["conv"] == found["add"]


def test_each_bracket_says_which_block_it_is():
    rows = [conv("stem", 4)]
    for i in range(3):
        inner = [conv(f"blocks.{i}.{name}", 4) for name in ("one", "two", "three")]
        rows += [*inner, Add(name=f"add{i}", inputs=(f"blocks.{i}.three", rows[-1].name))]
    found = written(flow(trace(Network((3, 8, 8), tuple(rows)))))
    assert {"blocks.0", "blocks.1", "blocks.2"} <= set(found)
    assert "blocks" not in found


def test_a_sum_that_only_has_our_number_is_named_by_its_block_and_a_plus():
    rows = (conv("a.conv1", 8), conv("a.conv2", 8), Add(name="a.add1", inputs=("a.conv2", "a.conv1")))
    shown = texts(flow(trace(Network((8, 16, 16), (*rows, ReLU(name="relu1")))), "a.add1"))
    assert "<b>a +</b>" in shown
    assert "<b>a.add1</b>" not in shown


def test_every_input_is_named_beside_brackets_too():
    def encoder(block, reads):
        return (conv(f"{block}.a", 4, reads), conv(f"{block}.b", 4), conv(f"{block}.c", 4))

    rows = (*encoder("left", "x1"), *encoder("right", "x2"), Add(name="add", inputs=("left.c", "right.c")))
    inputs = (Input("x1", (1, 8, 8)), Input("x2", (1, 8, 8)))
    found = heights(flow(trace(Network((1, 8, 8), rows, inputs=inputs))))
    assert found["x2"] < found["x1"]


def test_rows_that_share_weights_are_marked_in_the_picture_and_on_hover():
    rows = (conv("one", 4, "x1"), conv("two", 4, "x2", of="one"), Add(name="add", inputs=("one", "two")))
    inputs = (Input("x1", (1, 8, 8)), Input("x2", (1, 8, 8)))
    shared = trace(Network((1, 8, 8), rows, inputs=inputs))
    own = trace(Network((1, 8, 8), (rows[0], conv("two", 4, "x2"), rows[2]), inputs=inputs))
    dotted = [
        sum(shape["path"].count("Z") for shape in flow(whole)["layout"]["shapes"] if shape["line"].get("dash") == "dot")
        for whole in (shared, own)
    ]
    assert dotted == [2, 0]
    assert [legend(whole, frozenset()) for whole in (shared, own)] == ["◌ shared weights", ""]
    told = [dict(hovers(flow(whole)))["two"] for whole in (shared, own, shared)]
    assert ["weights of one" in words for words in told] == [True, False, True]
    assert ["40 weights and biases" in words for words in told] == [False, True, False]


UNET = """import torch
from torch import nn


class UNet(nn.Module):
    def __init__(self, widths=(4, 8, 16, 32)):
        super().__init__()
        self.downs, self.ups, self.pool = nn.ModuleList(), nn.ModuleList(), nn.MaxPool2d(2)
        inside = 3
        for width in widths:
            self.downs.append(twice(inside, width))
            inside = width
        self.bottleneck = twice(32, 64)
        for width in reversed(widths):
            self.ups.append(nn.ConvTranspose2d(width * 2, width, kernel_size=2, stride=2))
            self.ups.append(twice(width * 2, width))
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottleneck(x)
        for i in range(0, len(self.ups), 2):
            x = self.ups[i](x)
            x = self.ups[i + 1](torch.cat((skips[-1 - i // 2], x), dim=1))
        return self.head(x)


def twice(inside, width):
    return nn.Sequential(
        nn.Conv2d(inside, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
    )


model = UNet()
out = model(torch.randn(1, 3, 160, 160))
"""


@pytest.mark.parametrize("width", [350.0, 640.0, 1200.0])
def test_folded_blocks_that_are_parts_of_one_list_are_told_apart(width: float):
    network = read_all(UNET).network
    assert network is not None
    found = [text for text in written(flow(trace(network), width=width)) if text.startswith(("downs", "ups"))]
    parts = [text for text in found if text.startswith("downs")]
    assert len(parts) == len({*parts}) >= 1
    assert all("." in text for text in parts)
    assert found.count("ups") <= 3  # brackets
    for part in ("downs.1.0", "ups.3.0"):
        told = written(flow(trace(network), part, width=width))
        assert any(text.startswith(part[:-2]) for text in told)
