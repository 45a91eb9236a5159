"""Texts that come in beside the code: answers, kept boxes, addresses. Half characters stay out, and nothing costs."""

from types import SimpleNamespace
from typing import Any

import pytest

from layerscope.ui import draft, kept
from layerscope.ui.lessons import progress
from layerscope.ui.unknown import ToFirstPage
from tests.costs import ASCII, OTHERS, check, filled

PIECES = (*ASCII, *OTHERS, "a:1~", "1 ", "1,", "1x1", " kernels", "~", "a:")


def answered(text: str) -> None:
    progress.decode(text)
    progress.number(text)
    progress.number(f"1{text}!")
    progress.is_of_kind(text, "12")
    progress.is_right(text, "3, 32, 32")
    progress.is_right(text, "12")


def test_no_answer_costs_more_than_a_blink() -> None:
    check(((repr(piece), filled(piece)) for piece in PIECES), answered)


def test_half_a_character_is_no_answer() -> None:
    assert progress.decode("height:\ud800~length:192") == {"length": "192"}


def test_kept_boxes_come_back_without_half_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    saved = {"text": "x = \ud800", "error": "RuntimeError: é", "other": "y"}
    monkeypatch.setattr(kept, "_component", lambda **given: told.update(given))
    monkeypatch.setattr(kept, "remembered", SimpleNamespace(widget_value=lambda name: {"restored": saved}))
    restored: list[dict[str, str]] = []
    kept.keep("boxes", {"text": "", "error": ""}, restored.append)
    told["on_restored_change"]()
    assert restored == [{"error": "RuntimeError: é"}]


@pytest.mark.parametrize(
    "text", ["[" * 30_000, "[" * 500_000, '{"question": "\\ud800", "free": ["\\ud800"]}', '{"seed": 1e999}', "{"]
)
def test_no_draft_does_harm(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(draft, "remembered", SimpleNamespace(remember=lambda name, value: taken.append(name)))
    draft.restore(text, (), (), ())
    assert taken == []


def test_half_a_character_in_an_address_is_sent_on_as_a_question_mark() -> None:
    page = ToFirstPage(app=None, pages=frozenset())  # type: ignore[arg-type]
    assert page._address({"path": "/no\ud800ne"}) == "/?missing=no%3Fne"
