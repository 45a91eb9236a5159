"""What the screen says of rows that hold a tensor together: in the list, the panel, the charts and the hovers."""

from dataclasses import replace

import pytest

from layerscope.changes import ripple
from layerscope.figures import flow, hover
from layerscope.figures.measures import Measure, column_of, hover_of, top_of
from layerscope.network import Network
from layerscope.study.quiz.making import questions
from layerscope.tracing import trace
from layerscope.ui.events import apply
from layerscope.ui.outline import outline
from layerscope.ui.panel import panel
from layerscope.ui.session import Session
from tests.test_ties import TIED, language


def session(network: Network, selected: str) -> Session:
    here = Session(network=network, before=network)
    here.select(selected)
    return here


def test_the_panel_and_the_list_say_it_in_one_sentence() -> None:
    still = ripple(trace(TIED), trace(TIED))
    for name, other in (("head", "wte"), ("wte", "head")):
        part = panel(session(TIED, name), still)
        assert part is not None
        assert part["text"].endswith(f". Weight shared with {other}: counted once")
    plain = panel(session(language(), "head"), ripple(trace(language()), trace(language())))
    assert plain is not None
    assert "shared" not in plain["text"]
    items = {item["key"]: item for item in outline(session(TIED, "head"), still)["items"]}
    assert items["head"]["type"] == "Linear, weight of wte"
    assert items["head"]["note"] == ""
    assert items["wte"]["type"] == "Embedding"


def test_charts_and_hovers_count_a_tensor_where_it_counts() -> None:
    biased = TIED.with_argument("head", "bias", True).with_argument("fc", "out_features", 8)
    story = trace(biased)
    places = range(len(biased.layers))
    tops = [top_of(column_of(story, place, Measure.WEIGHTS), Measure.WEIGHTS) for place in places]
    assert tops == [160, 72, 0, 20]
    assert sum(tops) == story.parameters
    head = column_of(story, 3, Measure.WEIGHTS)
    assert head.values == (0, 20)
    assert "weight of wte" in hover_of(head, story, Measure.WEIGHTS)
    assert "weight of wte" in hover.layer_hover(story.by_name["head"])
    untied = trace(biased.with_tied("head", ()))
    assert "weight of wte" not in hover.layer_hover(untied.by_name["head"])
    again = Network((8,), (replace(language().layers[1], name="a"),))
    again = replace(again, layers=(*again.layers, replace(again.layers[0], name="b", of="a")))
    assert column_of(trace(again), 1, Measure.WEIGHTS).values == (0, 0)


def test_the_picture_marks_both() -> None:
    joined = TIED.insert(4, "Add").with_inputs("add1", ("head", "head"))
    assert "shared weights" in flow.legend(trace(joined), frozenset())


@pytest.mark.parametrize("seed", range(12))
def test_the_quiz_does_not_ask_how_many_parameters_a_row_has_that_shares_them(seed: int) -> None:
    asked = [question.text for question in questions(TIED, seed)]
    assert asked
    assert not [text for text in asked if "learnable parameters" in text and "head" in text.partition("does")[2]]


def test_removing_and_undoing() -> None:
    here = session(TIED, "wte")
    apply(here, "remove", True, "commit")
    assert here.network["head"].tied == ()
    apply(here, "undo", True, "commit")
    assert here.network == TIED
