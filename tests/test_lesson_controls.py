"""What moves in a lesson: sliders, choices and switches, each value one that its control can have."""

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.lessons import skips
from layerscope.ui.lessons.moving import Choice, Slider, Switch
from tests.ui.contract import check_control

SLIDER = Slider("stride", "stride", 1, 3, 1, "Of the convolution.")
CHOICE = Choice("join", "joined by", ("sum", "concatenation"), "sum", "How the two are joined.")
SWITCH = Switch("projects", "projection", True, "Whether there is one.")


@pytest.mark.parametrize(
    ("control", "value", "within"),
    [
        (SLIDER, 2, 2), (SLIDER, 9, 3), (SLIDER, -1, 1), (SLIDER, 2.0, 2), (SLIDER, "2", None), (SLIDER, True, None),
        (CHOICE, "concatenation", "concatenation"), (CHOICE, "product", None), (CHOICE, 1, None), (CHOICE, [], None),
        (SWITCH, False, False), (SWITCH, 1, None), (SWITCH, "yes", None), (SWITCH, None, None),
    ],
)  # fmt: skip
def test_a_control_takes_the_values_that_it_can_have(control: Any, value: Any, within: Any) -> None:
    found = control.within(value)
    assert (found, type(found)) == (within, type(within))
    if within is not None:
        check_control(control.part(within))


def test_lesson_9_is_tried_with_a_choice_and_a_switch() -> None:
    block = skips._block(PRESETS[DEFAULT])
    assert block is not None
    controls: Any = skips._controls(block)
    parts = {control.label: control.part(control.value) for control in controls}
    assert {label: part["kind"] for label, part in parts.items()} == {
        "Joined by": "choice", "Projection": "switch", "out_channels": "range", "stride": "range", "padding": "range",
    }  # fmt: skip
    assert [option["label"] for option in parts["Joined by"]["options"]] == ["Sum", "Concatenation"]


def test_every_way_to_try_lesson_9_runs_or_says_why_not() -> None:
    block = skips._block(PRESETS[DEFAULT])
    assert block is not None
    page: Any = SimpleNamespace(width=640.0, strip_height=216.0)
    tones = set()
    for join, projects, stride, padding in product(("Sum", "Concatenation"), (True, False), (1, 2), (0, 2)):
        values = {"join": join, "projects": projects, "filters": 12, "stride": stride, "padding": padding}
        message = skips._tried(page, block, values)["message"]
        runs = padding == 2 and (projects or (join == "Concatenation" and stride == 1))
        assert message["tone"] == ("rest" if runs else "error")
        assert runs or message["quote"]
        tones.add(message["tone"])
    assert tones == {"rest", "error"}
