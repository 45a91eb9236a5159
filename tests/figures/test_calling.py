"""The picture of a call: what fills what, and what is filled twice."""

import json

import plotly.graph_objects as go
import pytest

from layerscope.figures.calling import NAME, POSITION, Given, calling, description, height, legend
from layerscope.figures.theme import WRONG

SIGNATURE = [("in_channels", ""), ("out_channels", ""), ("kernel_size", ""), ("stride", "1"), ("padding", "0")]
PLAIN = [
    Given("6", "in_channels", False),
    Given("12", "out_channels", False),
    Given("kernel_size=5", "kernel_size", True),
]
TWICE = [*PLAIN, Given("in_channels=6", "in_channels", True)]


def drawn(figure):
    """Each open line of the picture as (colour, from, to)."""
    found = []
    for shape in figure["layout"]["shapes"]:
        for path in shape["path"].split("M")[1:]:
            if not path.endswith("Z"):
                start, end = (tuple(map(float, point.split(","))) for point in path.split("L"))
                found.append((shape["line"]["color"], start, end))
    return found


def words(figure):
    return [text["text"] for text in figure["layout"]["annotations"]]


@pytest.mark.parametrize("given", [[], PLAIN, TWICE])
def test_it_is_sound(given):
    figure = calling(SIGNATURE, given)
    go.Figure(figure)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    written = [text.split("=")[0] for text in words(figure)]
    assert all(name in written for name, _ in SIGNATURE)


def test_each_argument_has_a_line_to_its_parameter():
    lines = drawn(calling(SIGNATURE, PLAIN))
    assert sorted(colour for colour, _, _ in lines) == sorted([POSITION, POSITION, NAME])
    assert all(start[1] == end[1] for _, start, end in lines), "in the signature's order no line is aslant"


def test_named_arguments_may_cross():
    turned = [Given("b=2", "b", True), Given("a=1", "a", True)]
    (_, first, second), (_, third, fourth) = drawn(calling([("a", ""), ("b", "")], turned))
    assert first[1] < second[1]
    assert third[1] > fourth[1]


def test_a_signature_alone_tells_of_no_call():
    figure = calling(SIGNATURE, [])
    assert drawn(figure) == []
    assert not any("argument" in text for text in words(figure))
    assert "fills" not in description(SIGNATURE, []) + str(figure["data"])


def test_two_values_for_one_parameter_are_wrong():
    assert [colour for colour, _, _ in drawn(calling(SIGNATURE, TWICE))].count(WRONG) == 2
    assert "in_channels gets two values" in description(SIGNATURE, TWICE)
    assert WRONG not in [colour for colour, _, _ in drawn(calling(SIGNATURE, PLAIN))]


def test_defaults_stand_in_the_signature():
    assert "stride=1" in words(calling(SIGNATURE, PLAIN))
    assert "stride keeps its default, 1" in description(SIGNATURE, PLAIN)


def test_the_legend_names_only_what_is_there():
    assert legend(PLAIN) == "— by position, ╌ by name"
    assert legend(PLAIN[:1]) == "— by position"
    assert legend([]) == ""


def test_more_parameters_are_higher():
    assert height(SIGNATURE) > height(SIGNATURE[:2]) > 0
