"""Random networks that branch: every row that is said to run does, on real samples, and no other is refused."""

from collections import Counter
from random import Random

import pytest

from layerscope import asking, closed_form
from layerscope.catalogue import CATALOGUE
from layerscope.interchange import from_json, to_json
from layerscope.link import LinkError, decode, encode
from layerscope.tracing import trace
from tests.random_graphs import compare, random_graph


def test_random_graphs_are_judged_as_torch_judges_them(thorough):
    seen: Counter[str] = Counter()
    for number in range(4_000 if thorough else 200):
        network = random_graph(Random(number))
        traced = trace(network)
        assert (wrong := compare(traced)) is None, (number, network, wrong)
        assert traced.agrees or traced.error
        followed = [outputs for _, _, outputs in closed_form.follow(network)]
        assert followed == [step.output_shapes or None for step in traced.steps]
        seen.update(step.type for step in traced.steps if step.error is None)
        seen["joins"] += sum(len(step.sources) > 1 for step in traced.steps if step.error is None)
        seen["runs"] += traced.error is None
    assert seen["joins"] > 150
    assert seen["runs"] > 100
    unseen = set(CATALOGUE) - set(seen)
    assert len(unseen) < len(CATALOGUE) / 5, unseen


def test_random_graphs_come_back_from_links_and_json():
    for number in range(200):
        network = random_graph(Random(number), bad=0)
        assert from_json(to_json(network)) == network
        try:
            assert decode(encode(network)) == network
        except LinkError as error:
            pytest.fail(f"{network}: {error}")


def test_a_join_that_is_judged_wrongly_is_found(monkeypatch):
    asking.forget()
    closed_form.forget()
    monkeypatch.setattr("layerscope.layers.joining.axes_complaint", lambda what, shapes: None)
    monkeypatch.setattr("layerscope.layers.joining.broadcast", lambda shapes: max(shapes))
    try:
        with pytest.raises(AssertionError):
            test_random_graphs_are_judged_as_torch_judges_them(False)
    finally:
        asking.forget()
        closed_form.forget()
