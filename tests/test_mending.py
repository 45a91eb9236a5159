"""Lessons 5 and 8 beyond what holds for every lesson: the free choice of a mistake, and what is shown when."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from layerscope.formatting import capital
from layerscope.mistakes.breaks import Break, run, written
from layerscope.mistakes.breaks import breaks as mending_breaks
from layerscope.mistakes.listing import mistakes, unsuitable
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.lessons import breaking
from tests.drawn import stages
from tests.test_lessons import opened, waiting, words
from tests.test_pages import answered, rerun
from tests.ui.contract import check_control

SEED = PRESETS[DEFAULT]
EVERY, BREAKS = mistakes(SEED), mending_breaks(SEED)
PATTERNS = "channels:they grow~weights:the convolutions~work:the convolutions~linear:VGG-16~first:about 7 in 100"


def figures(app: AppTest) -> list[dict[str, Any]]:
    return [figure for data in stages(app) for figure in data.get("figures", [])]


def codes(app: AppTest) -> list[str]:
    """The code of the mistake that was chosen, wrong and right."""
    return [figure["source"] for figure in figures(app) if figure["key"] in ("wrong", "right")]


def choose(app: AppTest, key: str) -> None:
    app.selectbox(key="lesson.mending.which").set_value(key)
    rerun(app)


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.key)
def test_a_chosen_mistake_tells_nothing_before_it_is_predicted(made):
    app = opened("mending")
    choose(app, made.key)
    assert codes(app) == [made.code_wrong]
    assert "torch-says'" not in words(app)
    assert made.why not in words(app)
    box = app.radio(key=f"lesson.mending.{made.key}")
    assert tuple(box.options) == tuple(map(capital, made.options))
    answered(app, box, box.options[-1])
    assert codes(app) == [made.code_wrong, made.code_right]
    assert "torch-says'" in words(app)
    assert ("PyTorch says nothing" in words(app)) == (not made.torch_message)
    assert "What you found out" not in words(app)


def moved_to(app: AppTest, made: Break, **values: int) -> AppTest:
    """The controls of a break, as the hand leaves them."""
    for key, value in values.items():
        name = made.follows if key == "follows" else key
        app.session_state[f"lesson-mending-fix_{made.key}.{name}"] = value
    return rerun(app)


def test_the_network_is_broken_and_fixed_by_hand_three_times():
    app = opened("mending")
    for made in BREAKS:
        assert "Lesson complete" not in words(app)
        answered(app, waiting(app), waiting(app).options[0])
        assert f"fix_{made.key}" not in str(app.query_params)
        moved_to(app, made, broken=made.suggested)
        assert f"fix_{made.key}" not in str(app.query_params), "broken is not fixed"
        moved_to(app, made, broken=made.suggested, follows=written(made.changed(made.suggested))[made.follows])
        assert f"fix_{made.key}:done" in str(app.query_params)
        assert "✓ Fixed" in words(app)
    assert "Lesson complete" in words(app)
    assert "Next: lesson 6 Counting weights" in str([link.proto.label for link in app.get("page_link")])


@pytest.mark.parametrize("made", mending_breaks(SEED), ids=lambda made: made.key)
def test_what_is_shown_while_it_is_broken_is_what_torch_says(made):
    page: Any = SimpleNamespace(network=SEED, width=640.0, strip_height=216.0)
    start, network = written(SEED), made.changed(made.suggested)
    shown = breaking._shown(page, made, {breaking.BROKEN: made.suggested, **start})
    layer = made.follows.split(".")[0]
    assert shown["message"]["title"] == f"{layer} stops with an error"
    failing = trace(network).by_name[layer]
    arguments = {**failing.arguments, made.follows.split(".")[1]: start[made.follows]}
    with pytest.raises(RuntimeError) as refused:
        failing.layer.torch_class(**arguments)(torch.zeros(2, *failing.input_shape))
    assert shown["message"]["quote"] == f"RuntimeError: {refused.value}"
    assert [line for line in shown["figures"][0]["code"] if line.get("tone") == "error"] != []
    needed = f"{failing.arguments[made.follows.split('.')[1]]:,}"
    assert needed not in shown["message"]["text"] or needed in refused.value.args[0]


def test_a_change_that_breaks_nothing_is_not_yet_a_break():
    size = Break(
        "size", "size", "The size becomes {}", 8, 48, 28, 32, "fc1.in_features", lambda n: SEED.with_input((1, n, n))
    )
    values = {breaking.BROKEN: 29, **written(SEED)}
    assert not breaking._is_fixed(SEED, size, values)
    assert breaking._message(SEED, size, values, None)["title"] == "It still runs"


def test_a_kernel_that_does_not_fit_is_fixed_by_no_other_number():
    made = next(each for each in BREAKS if each.key == "kernel")
    failure = run(made.changed(made.high), written(SEED))
    assert failure is not None
    assert (failure.layer, failure.label) == ("conv2", "")
    assert "No other number" in breaking._message(SEED, made, {breaking.BROKEN: made.high}, failure)["text"]


@pytest.mark.parametrize("name", [name for name, network in PRESETS.items() if not unsuitable(network)])
def test_each_break_breaks_and_the_written_value_fixes_it(name):
    network = PRESETS[name]
    found = mending_breaks(network)
    assert found
    for made in found:
        start, after = written(network), made.changed(made.suggested)
        failure = run(after, start)
        assert failure is not None
        assert failure.label == made.follows
        assert run(after, start | {made.follows: written(after)[made.follows]}) is None
        assert run(network, start) is None
        controls: Any = breaking._controls(network, made, {})
        for control in controls:
            check_control(control.part(control.value))
        assert made.follows in {control.key for control in controls}


def test_the_picture_of_patterns_shows_the_height_only_before_the_channels_are_predicted():
    first = figures(opened("patterns"))
    assert [trace["marker"]["symbol"] for trace in first[0]["data"]] == ["square"]
    assert "512" not in json.dumps(first)
    last = figures(opened("patterns", answers=PATTERNS))
    assert len(last[0]["data"]) == 3


def test_the_table_of_patterns_grows_with_the_predictions():
    sizes = []
    for known in range(6):
        app = opened("patterns", answers="~".join(PATTERNS.split("~")[:known]))
        tables = [table for data in stages(app) for table in data.get("tables") or []]
        sizes.append((len(tables[0]["rows"]), len(tables[0]["columns"])) if tables else (0, 0))
    assert sizes == [(0, 0), (0, 0), (1, 3), (1, 5), (4, 5), (4, 6)]
