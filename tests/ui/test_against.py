"""What the network is compared with: the last step, or the network as it was opened."""

import json
from typing import Any

import pytest

from layerscope.changes import ripple
from layerscope.link import View, decode_view, encode_view
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import state
from layerscope.ui.events import apply
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import answer, token
from layerscope.ui.session import Session
from layerscope.ui.written_parts import write

SEED = PRESETS[DEFAULT]
MOVES = (("conv1.kernel_size", 3), ("conv2.out_channels", 16))


def moved(*moves: tuple[str, object], against: str = "start", predict: str = "off") -> Session:
    here = Session(view=View(against=against, predict=predict))
    for key, value in moves or MOVES:
        apply(here, key, value, "commit")
    return here


def parts(here: Session) -> dict[str, Any]:
    return stage_data(here, state.current_ripple(here))


def was(shown: dict[str, Any], key: str = "parameters") -> str | None:
    told: str | None = next(tile["change"] for tile in shown["totals"] if tile["key"] == key)
    return told


def written(shown: dict[str, Any]) -> str:
    """All that stands in the tensor flow."""
    return json.dumps(shown["figures"][0]["layout"], ensure_ascii=False)


def test_sentence_figures_ghosts_and_marks_follow_the_choice():
    last, first = parts(moved(against="step")), parts(moved())
    assert last["message"]["title"] == "conv2.out_channels 12 → 16"
    assert was(last) == f"was {trace(SEED.with_argument('conv1', 'kernel_size', 3)).parameters:,}"
    assert "was 6×24×24" not in written(last)
    assert first["message"]["title"] == "Since the start: conv1.kernel_size 5 → 3 · conv2.out_channels 12 → 16"
    assert was(first) == "was 32,998"
    assert "was 6×24×24" in written(first)
    lit = {item["key"] for item in first["outline"]["items"] if item["lit"]}
    assert {"conv1", "conv2", "fc1"} <= lit
    assert "conv1" not in {item["key"] for item in last["outline"]["items"] if item["lit"]}
    assert {chip["label"]: chip["old"] for chip in first["message"]["changes"]}["conv1.kernel_size"] == "5"


def test_the_choice_is_seen_and_kept_in_the_address():
    here = moved(against="step")
    shown = parts(here)
    assert shown["against"] in shown["figures"][0]["choices"]
    assert shown["against"]["value"] == "step"
    assert shown["against"]["named"]
    apply(here, "against", "start", "commit")
    assert encode_view(here.view) == "selected-conv2.against-start"
    assert decode_view("against-start").against == "start"
    assert decode_view("against-else").against == "step"
    assert parts(here)["against"]["value"] == "start"


def test_undo_redo_and_another_network_know_their_start():
    here = moved()
    here.undo()
    assert parts(here)["message"]["title"] == "Since the start: conv1.kernel_size 5 → 3"
    here.undo()
    assert parts(here)["message"]["tone"] == "rest"
    assert was(parts(here)) is None
    here.redo()
    here.begin_with(PRESETS["lenet5"])
    assert was(parts(here)) is None
    apply(here, "conv1.kernel_size", 3, "commit")
    assert was(parts(here)) == "was 61,706"
    here.undo()
    here.undo()
    assert here.beginning == SEED
    assert here.task == Session().task
    assert was(parts(here)) == "was 32,998"
    apply(here, "reset", None, "commit")
    assert here.network == SEED
    here.undo()
    assert was(parts(here)) == "was 32,998"


def test_many_changes_since_the_start_are_still_compared():
    names = [f"relu{n}" for n in range(5, 16)]
    network = SEED
    for _ in names:
        network = network.insert(1, "ReLU")
    here = moved(("conv1.kernel_size", 3))
    here.commit(network)
    assert was(parts(here)) is None
    assert parts(here)["message"]["title"].startswith("Since the start: added relu")
    here.with_view(against="step")
    assert parts(here)["message"]["tone"] == "rest"


@pytest.mark.parametrize("predict", ["off", "on"])
def test_a_preview_shows_what_a_run_shows(predict):
    here = moved(("conv1.kernel_size", 3), predict=predict)
    here.reveal("6×26×26")
    seen = answer((token(here) or {}) | {"key": "conv2.kernel_size", "value": 3})
    apply(here, "conv2.kernel_size", 3, "input")
    wanted = parts(here)
    assert here.gesture is not None
    assert was(seen) == was(wanted) == f"was {32_998:,}"
    for part in ("totals", "message", "figures", "outline"):
        assert write({part: seen[part]}) == write({part: wanted[part]})


def test_in_prediction_mode_the_question_is_about_the_last_step_and_the_rest_stays_as_it_was():
    here = moved(("conv1.kernel_size", 3), predict="on")
    here.reveal("6×26×26")
    here.select("conv2")
    still = parts(here)
    apply(here, "conv2.out_channels", 16, "commit")
    asked = parts(here)
    assert asked["message"]["title"].startswith("conv2.out_channels 12 → 16: ")
    assert "that conv2 outputs" in asked["message"]["text"]
    for part in ("totals", "figures"):
        assert asked[part] == still[part]
    apply(here, "guess", "16×9×9", "commit")
    told = parts(here)["message"]
    assert told["tone"] == "right"
    assert told["title"].startswith("Right: conv2 outputs 16×9×9")
    assert was(parts(here)) == "was 32,998"


def test_a_failing_network_says_since_when():
    told = parts(moved(("conv1.kernel_size", 3), ("conv2.kernel_size", 29)))["message"]
    assert told["tone"] == "error"
    assert told["title"].startswith("Since the start: conv1.kernel_size 5 → 3 · conv2.kernel_size 5 → 29: conv2 ")


def test_nothing_is_compared_at_the_start():
    here = Session(view=View(against="start"))
    seen = trace(here.network)
    assert state.current_ripple(here) == ripple(seen, seen)
