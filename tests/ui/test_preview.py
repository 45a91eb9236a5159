"""Previews answer a moving slider as Streamlit's runs would, remember nothing and refuse what is no preview."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.websockets import WebSocket

from layerscope import limits
from layerscope.changes import ripple
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, server
from layerscope.ui.line import NOT_TEXT, REFUSED, TOO_LONG
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import PreviewError, answer, token
from layerscope.ui.server import ADDRESS
from layerscope.ui.session import Session
from layerscope.ui.written_parts import write
from tests.chains import CHAINS

SEED = PRESETS["fashion-mnist-cnn"]


def asked(session: Session, key: str, value: object) -> dict[str, Any]:
    """What the browser sends: the token as JSON brought it, with the move."""
    return {**json.loads(json.dumps(token(session))), "key": key, "value": value}


@pytest.mark.parametrize("name", CHAINS)
def test_a_preview_shows_what_a_run_shows(name):
    session = Session(network=PRESETS[name], before=PRESETS[name])
    session.commit(session.network.insert(0, "ReLU"))
    first = next(layer for layer in session.network.layers if "bias" in layer.parameters())
    width = "out_channels" if "out_channels" in first.parameters() else "out_features"
    session.select(first.name)
    request = asked(session, f"{first.name}.{width}", 24)
    shown = answer(request)
    foreseen = {**request, **shown.pop("next")}
    events.apply(session, f"{first.name}.{width}", 24, "input")
    run = stage_data(session, ripple(trace(session.before), trace(session.network)))
    assert write(shown) == write(run)
    events.apply(session, f"{first.name}.{width}", 24, "commit")
    assert foreseen == asked(session, f"{first.name}.{width}", 24)


@pytest.mark.parametrize("predict", ["off", "on"])
def test_the_token_after_a_move_is_foreseen(predict):
    """Also where a guess is awaited, a task is done with the move, or the move takes the place of a wrong text."""
    session = Session()
    session.with_view(predict=predict)
    events.apply(session, "conv1.kernel_size", "abc", "commit")
    for value in (3, 4, 4, 1000):
        request = asked(session, "conv1.kernel_size", value)
        foreseen = {**request, **answer(request)["next"]}
        events.apply(session, "conv1.kernel_size", value, "commit")
        assert foreseen == asked(session, "conv1.kernel_size", value)


def test_a_preview_of_what_cannot_run_tells_so():
    shown = answer(asked(Session(), "conv2.kernel_size", 13))
    assert shown["message"]["tone"] == "error"
    assert shown["message"]["actions"]


def test_previews_keep_the_wrong_text_of_another_field():
    session = Session()
    events.apply(session, "conv1.stride", "abc", "commit")
    controls = answer(asked(session, "conv1.kernel_size", 3))["panel"]["controls"]
    stride = next(control for control in controls if control["key"] == "conv1.stride")
    assert stride["typed"] == "abc"
    assert stride["error"]


def test_a_network_that_fits_in_no_link_has_no_token():
    session = Session()
    session.commit(SEED.with_argument("conv1", "kernel_size", 10**40))
    assert token(session) is None


@pytest.mark.parametrize(
    "request_",
    [None, [], {}, {"key": "conv1.kernel_size"}, {"key": 1, "value": 2, "view": "", "net": ""},
     {"key": "a", "value": 2, "view": "", "net": "zzz"}, {"key": "a", "value": "2", "view": "", "net": ""}],
)  # fmt: skip
def test_what_is_no_preview_is_refused(request_):
    with pytest.raises(PreviewError):
        answer(request_)


class Page:
    """A page's end of a web socket: what it sends, and what came back. It leaves when every question was answered."""

    def __init__(self, *texts: str | bytes) -> None:
        self.coming: list[dict[str, Any]] = [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text" if isinstance(t, str) else "bytes": t} for t in texts),
        ]
        self.open_questions = len(texts)
        self.sent: list[MutableMapping[str, Any]] = []
        self.scope = {
            "type": "websocket", "headers": [], "path": f"/{ADDRESS}", "query_string": b"", "client": ("here", 1),
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        if self.coming:
            return self.coming.pop(0)
        async with asyncio.timeout(20):
            while self.open_questions:
                await asyncio.sleep(0.001)
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)
        self.open_questions -= message["type"] == "websocket.send"

    def answers(self) -> list[dict[str, Any]]:
        (route,) = server.routes()
        assert route.path == f"/{ADDRESS}"
        asyncio.run(route.endpoint(WebSocket(self.scope, self.receive, self.send)))
        return [json.loads(message["text"]) for message in self.sent if message["type"] == "websocket.send"]

    @property
    def closed_with(self) -> int | None:
        return next((m["code"] for m in self.sent if m["type"] == "websocket.close"), None)


def question(value: object, **more: object) -> str:
    return json.dumps(asked(Session(), "conv1.kernel_size", value) | more)


def test_a_line_answers_one_question_after_the_other():
    first, second = Page(question(3, id=1), question(4, id=2)).answers()
    assert (first["id"], second["id"]) == (1, 2)
    assert first["parts"]["totals"][0]["value"] == "32,902"
    assert second["parts"]["totals"][0]["value"] == "32,944"


def test_a_busy_server_answers_what_is_asked_ahead_later(monkeypatch):
    """Moves that were made are answered all the same."""
    monkeypatch.setattr(server._spare, "has_some", lambda: False)
    (ahead,) = Page(question(3, id=1, ahead=True)).answers()
    (made,) = Page(question(3, id=2)).answers()
    assert ahead == {"id": 1, "busy": True}
    assert made["parts"]["totals"][0]["value"] == "32,902"
    monkeypatch.setattr(server._spare, "has_some", lambda: True)
    (ahead,) = Page(question(3, id=3, ahead=True)).answers()
    assert ahead["parts"] == made["parts"]


@pytest.mark.parametrize("text", ["", "{", "[" * 50_000, "null", '{"key": NaN}', '{"id": [1]}', '{"id": {"a": NaN}}'])
def test_a_broken_question_gets_a_sentence_and_the_line_lives_on(text):
    broken, sound = Page(text, question(3, id=7)).answers()
    assert broken["error"]
    assert sound["id"] == 7


def test_an_answer_does_not_repeat_a_number_that_no_page_counts_up_to():
    (answer,) = Page(question(3, id=2**70)).answers()
    assert answer["id"] is None
    assert answer["parts"]["totals"]


def test_a_long_question_ends_the_line():
    page = Page(" " * (limits.QUESTION_TEXT.most + 1), question(3, id=1))
    assert page.answers() == []
    assert page.closed_with == TOO_LONG


def test_a_binary_frame_ends_the_line():
    page = Page(b"{}", question(3, id=1))
    assert page.answers() == []
    assert page.closed_with == NOT_TEXT


def test_a_line_that_brings_no_questions_is_closed(caplog):
    most = limits.BROKEN_QUESTIONS.most
    page = Page(*["{}"] * most, question(3, id=1))
    assert [bool(answer["error"]) for answer in page.answers()] == [True] * most
    assert page.closed_with == REFUSED
    assert caplog.text == ""


def test_an_error_of_ours_is_told_once_in_the_log_and_the_page_gets_a_sentence(monkeypatch, caplog):
    def fail(request: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("layerscope.ui.preview.answer", fail)
    monkeypatch.setattr("layerscope.ui.line._told", set())
    first, second = Page(question(3, id=1), question(3, id=2)).answers()
    assert (first["id"], second["id"]) == (1, 2)
    assert first["error"] == second["error"] == "This move cannot be previewed."
    assert caplog.text.count("A preview failed") == 1


@pytest.mark.parametrize("value", [float("1e308"), -1, 10**30, True, 2.5])
def test_no_number_breaks_a_preview(value):
    assert write(answer(asked(Session(), "conv1.kernel_size", value)))


def test_the_line_lies_below_the_path_that_the_app_is_served_below(monkeypatch):
    assert [route.path for route in server.routes()] == ["/layerscope/preview"]
    monkeypatch.setattr("streamlit.get_option", lambda _: "/tools/layers/")
    assert [route.path for route in server.routes()] == ["/tools/layers/layerscope/preview"]
