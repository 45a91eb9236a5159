"""Written values that are not what arrives: told, and put right."""

from typing import Any

import pytest

from layerscope.layers.base import Shape
from layerscope.source.reader import Mismatch, corrected, mismatches, read_all
from layerscope.tracing import trace
from tests.source.pastes_oracle import PASTES, facts
from tests.source.test_reader_ways import net


def wrong(source: str, shape: Shape | None = None) -> tuple[Mismatch, ...]:
    """What is wrong with the numbers of a paste."""
    reading = read_all(source, shape)
    assert reading.network is not None
    return mismatches(reading, trace(reading.network))


@pytest.mark.parametrize("name", PASTES)
def test_nothing_is_wrong_with_the_pastes(name: str) -> None:
    assert wrong(PASTES[name]) == ()


CONVS = "self.conv1 = nn.Conv2d(3, 6, 5)\nself.conv2 = nn.Conv2d(6, 16, 5)\n"
POOLS = "x = F.max_pool2d(self.conv1(x), 2)\nx = F.max_pool2d(self.conv2(x), 2)\n"

CASES: list[tuple[str, str, Shape, list[tuple[str, str, str]]]] = [
    (CONVS + "self.fc1 = nn.Linear(16*4*4, 10)", POOLS + "return self.fc1(x.flatten(1))", (3, 32, 32),
     [("You wrote 16*4*4 = 256; fc1 gets 16 × 5 × 5 = 400 values.", "16*4*4", "16*5*5")]),
    (CONVS + "self.fc1 = nn.Linear(in_features=16 * 4 * 4, out_features=10)", POOLS + "return self.fc1(x.flatten(1))",
     (3, 32, 32), [("You wrote 16 * 4 * 4 = 256; fc1 gets 16 × 5 × 5 = 400 values.", "16 * 4 * 4", "16 * 5 * 5")]),
    (CONVS + "self.fc1 = nn.Linear(256, 10)", POOLS + "return self.fc1(x.flatten(1).relu())", (3, 32, 32),
     [("You wrote 256; fc1 gets 16 × 5 × 5 = 400 values.", "256", "400")]),
    (CONVS + "self.fc1 = nn.Linear(256, 10)", POOLS + "return self.fc1(x.view(-1, 256))", (3, 32, 32),
     [("You wrote 256 in the view; it gets 16 × 5 × 5 = 400 values.", "256", "400"),
      ("You wrote 256; fc1 gets 16 × 5 × 5 = 400 values.", "256", "400")]),
    (CONVS.replace("(3, 6", "(1, 6"), POOLS + "return x", (3, 32, 32),
     [("You wrote 1; conv1 gets 3 channels.", "1", "3")]),
    (CONVS.replace("(3, 6", "(3, 8"), POOLS + "return x", (3, 32, 32),
     [("You wrote 6; conv2 gets 8 channels.", "6", "8")]),
    ("self.a = nn.Linear(4, 8)\nself.b = nn.Linear(9, 2)", "return self.b(self.a(x))", (4,),
     [("You wrote 9; b gets 8 values.", "9", "8")]),
    ("h = 9\nself.a = nn.Linear(4, 8)\nself.b = nn.Linear(h, 2)", "return self.b(self.a(x))", (4,),
     [("You wrote h = 9; b gets 8 values.", "h", "8")]),
    ("self.a = nn.Linear(4, 8)\nself.b = nn.BatchNorm1d(num_features=9)", "return self.b(self.a(x))", (4,),
     [("You wrote 9; b gets 8 features.", "9", "8")]),
    ("self.a = nn.Linear(4, 8)\nself.b = nn.LayerNorm(9)", "return self.b(self.a(x))", (4,),
     [("You wrote 9; b gets 8.", "9", "8")]),
    ("self.a = nn.Conv2d(3, 4, 3)\nself.b = nn.LayerNorm([4, 7, 7])", "return self.b(self.a(x))", (3, 8, 8),
     [("You wrote [4, 7, 7]; b gets 4×6×6.", "[4, 7, 7]", "[4, 6, 6]")]),
    ("def block(i, o):\n    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU())\n"
     "self.a = block(4, 8)\nself.b = block(9, 2)", "return self.b(self.a(x))", (4,),
     [("You wrote 9; fc2 gets 8 values.", "9", "8")]),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "shape", "expected"), CASES)
def test_a_wrong_value(init: str, forward: str, shape: Shape, expected: list[tuple[str, str, str]]) -> None:
    source = net(init, forward)
    found = wrong(source, shape)
    assert [(each.sentence, each.text, each.replacement) for each in found] == expected
    right = corrected(source, found)
    assert wrong(right, shape) == ()
    result = trace(read_network(right, shape))
    assert facts(right, "Net", shape) == (result.output_shape, result.parameters)
    for each in found:  # each alone puts just itself right
        left = wrong(each.corrected, shape)
        assert [other.sentence for other in left] == [row[0] for row in expected if row[0] != each.sentence]


def read_network(source: str, shape: Shape) -> Any:
    """The network of a paste that is read without a refusal."""
    reading = read_all(source, shape)
    assert reading.refusal is None
    return reading.network


def test_the_rest_of_the_source_stays_as_it_is() -> None:
    source = net(CASES[0][0], CASES[0][1]).replace("import copy", "# größer 𝟙\timport copy").replace("\n", "\r\n")
    (found,) = wrong(source, (3, 32, 32))
    assert found.corrected == source.replace("16*4*4", "16*5*5")


def test_a_place_that_serves_several_layers_is_not_replaced() -> None:
    init = "self.l = nn.Sequential(*[nn.Linear(7, width) for width in (8, 9)])"
    source = net(init, "return self.l(x)")
    found = wrong(source, (7,))
    assert [each.sentence for each in found] == ["You wrote 7; fc2 gets 8 values."]
    assert found[0].corrected == ""
    assert corrected(source, found) == source


def test_lazy_layers_write_nothing() -> None:
    assert read_all(net("self.a = nn.LazyLinear(3)", "return self.a(x)"), (5,)).written == ()


def test_a_network_that_was_changed_meanwhile() -> None:
    reading = read_all(net(CASES[6][0], CASES[6][1]), (4,))
    assert reading.network is not None
    changed = reading.network.remove("a").with_input((9,))
    assert mismatches(reading, trace(changed)) == ()
