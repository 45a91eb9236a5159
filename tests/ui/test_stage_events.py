"""What the browser's part of the stage sends is read with bounds, and each event is carried out once."""

import time
from typing import Any

import pytest

from layerscope import limits
from layerscope.ui.stage.stage import _new_events, _sequence


def event(sequence: object, **more: object) -> dict[str, Any]:
    return {"key": "conv1.kernel_size", "value": 3, "phase": "commit", "sequence": sequence} | more


def sequences(payload: object, answered: int = 0) -> list[int]:
    return [one["sequence"] for one in _new_events(payload, answered)]


def test_earlier_commits_come_first_and_what_was_answered_does_not_come_again():
    payload = event(5, earlier=[event(2), event(3), event(4)])
    assert sequences(payload) == [2, 3, 4, 5]
    assert sequences(payload, answered=3) == [4, 5]
    assert sequences(payload, answered=5) == []


def test_an_event_that_stands_twice_in_a_message_counts_once():
    assert sequences(event(3, earlier=[event(2), event(2), event(1), event(3)])) == [2, 3]


def test_of_thousands_of_earlier_events_the_newest_fifty_count():
    began = time.process_time()
    found = sequences(event(5_001, earlier=[event(number) for number in range(5_001)]))
    assert found == list(range(5_001 - limits.EARLIER.most, 5_002))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("value", [None, True, 3, 2.5, -1e308, 10**100, "text"])
def test_plain_values_are_taken(value):
    (found,) = _new_events(event(1, value=value), 0)
    assert found["value"] == value
    assert type(found["value"]) is type(value)


def test_a_long_text_is_cut():
    (found,) = _new_events(event(1, value="9" * 100_000), 0)
    assert found["value"] == "9" * limits.EVENT_TEXT.most


@pytest.mark.parametrize(
    "more",
    [
        {"value": [1] * 1000}, {"value": {"a": 1}}, {"value": 10**limits.EVENT_TEXT.most}, {"phase": "other"},
        {"key": "k" * (limits.EVENT_KEY.most + 1)}, {"key": 3}, {"sequence": "1"}, {"sequence": 1.5},
    ],
)  # fmt: skip
def test_what_no_page_sends_is_no_event(more):
    assert sequences(event(1) | more) == []


def test_an_event_that_is_none_counts_as_answered_so_that_the_page_does_not_send_it_for_ever():
    assert _sequence(event(7, value=[1])) == 7
    odd: list[object] = [None, [], {}, event("7"), event(None)]
    assert [_sequence(one) for one in odd] == [0] * 5


@pytest.mark.parametrize("payload", [None, 3, "text", [], {"earlier": 3}, {"earlier": [None, 3, []]}])
def test_what_is_no_message_holds_no_event(payload):
    assert sequences(payload) == []
