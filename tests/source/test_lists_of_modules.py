"""Blocks with numbers for names are written as lists of modules, as engineers write them, and read back the same."""

import pytest
import torch
from torch import nn

from layerscope.building import module
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.source.reader import read
from layerscope.source.writer import Style, write
from tests.branching import row

Rows = tuple[Layer, ...]


def conv(name: str, *read_: str) -> Layer:
    return row("Conv2d", name, *read_, out_channels=4, kernel_size=3, padding=1)


def tensor(name: str) -> Layer:
    return row("Parameter", name, shape=(4, 8, 8))


STEM = conv("stem")
RELU = row("ReLU", "relu")
WRITTEN: dict[str, tuple[Rows, tuple[str, ...]]] = {
    "in a row": (
        (STEM, conv("layers.0.conv"), conv("layers.1.conv"), row("Add", "add", "layers.1.conv", "stem")),
        ("self.layers = nn.Sequential(", "self.layers(stem)"),
    ),
    "apart": (
        (STEM, conv("layers.0.conv"), RELU, conv("layers.1.conv"), row("Add", "add", "layers.1.conv", "stem")),
        ("self.layers = nn.ModuleList(", "self.layers[0](stem)", "self.layers[1](t)"),
    ),
    "each one apart": (
        (
            STEM, conv("layers.0.a"), RELU, conv("layers.0.b"), conv("layers.1.a"), row("ReLU", "relu2"),
            conv("layers.1.b"), row("Add", "add", "layers.1.b", "stem"),
        ),
        ("self.layers = nn.ModuleList(", "nn.Module(),", "self.layers[0].a = ", "self.layers[1].b(t)"),
    ),
    "with gaps": (
        (STEM, conv("layers.1"), RELU, conv("layers.3"), row("Add", "add", "layers.3", "stem")),
        ("self.layers = nn.ModuleDict(", '"1": nn.Conv2d(', 'self.layers["3"](t)'),
    ),
    "in each other": (
        (
            STEM, conv("m.0.a"), RELU, conv("m.0.b.0"), row("ReLU", "relu2"), conv("m.0.b.1.x"), row("ReLU", "relu3"),
            conv("m.0.b.1.y"), conv("m.1.0"), row("ReLU", "relu4"), conv("m.1.2"), row("Add", "add", "m.1.2", "stem"),
        ),
        ("self.m[0].b = nn.ModuleList(", "self.m[0].b[1].x(t)", 'self.m[1]["2"](t)'),
    ),
    "parameters": (
        (STEM, tensor("p.0"), row("Add", "add", "stem", "p.0"), tensor("p.1"), row("Add", "add2", "add", "p.1")),
        ("self.p = nn.ParameterList(", "self.p[1]"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", [Style.COURSE, Style.MODULES])
@pytest.mark.parametrize("case", WRITTEN)
def test_numbered_blocks_are_lists(case, style):
    rows, expected = WRITTEN[case]
    network = Network((3, 8, 8), rows)
    code = write(network, style)
    for text in expected:
        assert text in code
    for text in ("add_module", "get_submodule", "register_parameter"):
        assert text not in code
    assert read(code, (3, 8, 8)) == network
    names: dict[str, type[nn.Module]] = {}
    exec(code, names)  # our own code, as a visitor would run it
    made = names["Network"]()
    assert made.state_dict().keys() == module(network).state_dict().keys()
    assert made(torch.zeros(2, 3, 8, 8)).shape == (2, 4, 8, 8)


def test_equal_blocks_with_lists_in_them_are_one_class_whose_arguments_keep_their_places():
    rows = [STEM]
    for block, widths in (("one", (4, 5, 6)), ("two", (7, 8, 9))):
        start = rows[-1].name
        names = (f"{block}.m.0.a", f"{block}.m.1", f"{block}.m.0.b")
        for name, width in zip(names, widths, strict=True):
            rows.append(row("Conv2d", name, rows[-1].name, out_channels=width, kernel_size=1))
        rows.append(row("Conv2d", f"{block}.last", out_channels=4, kernel_size=1))
        rows.append(row("Add", f"{block}.add", f"{block}.last", start))
    network = Network((3, 8, 8), tuple(rows))
    code = write(network)
    assert code.count("class ") == 2
    assert read(code, (3, 8, 8)) == network
    names_: dict[str, type[nn.Module]] = {}
    exec(code, names_)  # our own code, as a visitor would run it
    shapes = {key: value.shape for key, value in module(network).state_dict().items()}
    assert {key: value.shape for key, value in names_["Network"]().state_dict().items()} == shapes
