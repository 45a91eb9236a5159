"""Lessons 5 and 8 beyond what holds for every lesson: the free choice of a mistake, and what is shown when."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.mistakes.listing import mistakes
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.lessons.mending import NEEDED
from tests.test_lessons import opened, waiting, words
from tests.test_pages import answered, rerun

EVERY = mistakes(PRESETS[DEFAULT])
PATTERNS = "channels:they grow~weights:the convolutions~work:the convolutions~linear:VGG-16~first:about 7 in 100"


def figures(app: AppTest) -> list[dict[str, Any]]:
    stages = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    return [figure for data in stages for figure in data.get("figures", [])]


def choose(app: AppTest, key: str) -> None:
    app.selectbox(key="lesson.mending.which").set_value(key)
    rerun(app)


@pytest.mark.parametrize("made", EVERY, ids=lambda made: made.key)
def test_a_chosen_mistake_tells_nothing_before_it_is_predicted(made):
    app = opened("mending")
    choose(app, made.key)
    assert [figure["source"] for figure in figures(app)] == [made.code_wrong]
    assert "torch-says'" not in words(app)
    assert made.why not in words(app)
    box = waiting(app)
    assert tuple(box.options) == made.options
    answered(app, box, box.options[-1])
    assert [figure["source"] for figure in figures(app)] == [made.code_wrong, made.code_right]
    assert "torch-says'" in words(app)
    assert ("torch says nothing" in words(app)) == (not made.torch_message)
    assert "What you found out" not in words(app)


def test_any_three_complete_the_lesson_and_looking_on_does_not_open_it_again():
    app = opened("mending")
    for key in ("lazy", "words", "layout"):
        assert "What you found out" not in words(app)
        choose(app, key)
        answered(app, waiting(app), waiting(app).options[0])
    assert f"of {NEEDED} predicted right" in words(app)
    choose(app, "same")
    assert waiting(app) is not None
    assert f"of {NEEDED} predicted right" in words(app)
    answered(app, waiting(app), waiting(app).options[0])
    assert f"of {NEEDED + 1} predicted right" in words(app)


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
        drawn = [json.loads(stage.proto.json) for stage in app.get("bidi_component")]
        tables = [table for stage in drawn for table in stage.get("tables") or []]
        sizes.append((len(tables[0]["rows"]), len(tables[0]["columns"])) if tables else (0, 0))
    assert sizes == [(0, 0), (0, 0), (1, 3), (1, 5), (4, 5), (4, 6)]
