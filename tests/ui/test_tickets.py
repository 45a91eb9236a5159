"""A ticket belongs to one session, lives as long as that is connected, and there are never too many."""

import pytest

from layerscope import limits
from layerscope.ui import tickets


@pytest.fixture
def connected(monkeypatch) -> set[str]:
    """The sessions that Streamlit has, for this test."""
    sessions = {"a", "b"}

    class Runtime:
        def is_active_session(self, session: str) -> bool:
            return session in sessions

    monkeypatch.setattr(tickets, "_sessions", type(tickets._sessions)())
    monkeypatch.setattr("streamlit.runtime.exists", lambda: True)
    monkeypatch.setattr("streamlit.runtime.get_instance", Runtime)
    return sessions


def test_a_session_keeps_its_ticket_and_another_gets_another(connected):
    mine = tickets.renewed("", "a")
    assert tickets.renewed(mine, "a") == mine
    assert tickets.renewed("", "b") != mine
    assert tickets.is_living(mine)


def test_a_ticket_of_another_session_or_of_nobody_is_not_taken(connected):
    mine = tickets.renewed("", "a")
    assert tickets.renewed(mine, "b") != mine
    assert tickets.renewed("guessed", "b") != "guessed"
    assert not tickets.is_living("guessed")
    assert not tickets.is_living("")


def test_a_ticket_dies_with_its_session_and_lives_again_when_that_is_back(connected):
    mine = tickets.renewed("", "a")
    connected.discard("a")
    assert not tickets.is_living(mine)
    connected.add("a")
    assert tickets.is_living(mine)


def test_of_too_many_the_one_that_was_used_last_stays(connected):
    mine = tickets.renewed("", "a")
    for _ in range(limits.TICKETS.most - 1):
        tickets.renewed("", "b")
    tickets.renewed(mine, "a")
    for _ in range(limits.TICKETS.most - 1):
        tickets.renewed("", "b")
    assert tickets.is_living(mine)
    tickets.renewed("", "b")
    assert not tickets.is_living(mine)
    assert len(tickets._sessions) == limits.TICKETS.most


def test_without_streamlit_no_ticket_lives():
    assert not tickets.is_living(tickets.renewed("", "a"))
