"""What reaches Streamlit of what a page says."""

import asyncio
import tomllib
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from layerscope import limits
from layerscope.ui.guard.addresses import STREAM
from layerscope.ui.guard.messages import KnownMessages, kind_of
from layerscope.ui.guard.pace import Pace
from tests.ui.guard.asgi import Answer, App, ask, scope

ROOT = Path(__file__).resolve().parents[3]


def rerun(size: int = 0) -> bytes:
    said = BackMsg()
    said.rerun_script.query_string = "x" * size
    return bytes(said.SerializeToString())


def said(*messages: bytes | str) -> tuple[Answer, list[object]]:
    app = App()
    answer = ask(KnownMessages(app), scope(STREAM, "websocket"), messages)
    return answer, app.heard


def of_kind(kind: str) -> bytes:
    message = BackMsg()
    field = message.DESCRIPTOR.fields_by_name[kind]
    if field.message_type:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return bytes(message.SerializeToString())


def test_of_all_kinds_only_what_pages_need_is_heard():
    kinds = [field.name for field in BackMsg.DESCRIPTOR.fields]
    heard = {kind for kind in kinds if said(of_kind(kind))[1] != [1001]}
    assert heard == {"rerun_script", "stop_script", "file_urls_request"}


def test_of_the_operations_only_downloads_are_heard():
    message = BackMsg()
    kinds = [field.name for field in message.backend_operation_request.DESCRIPTOR.oneofs_by_name["payload"].fields]
    for kind in kinds:
        getattr(message.backend_operation_request, kind).SetInParent()
        assert (said(message.SerializeToString())[1] != [1001]) == (kind == "deferred_file")


def test_a_dropped_message_stands_in_nobodys_way():
    answer, heard = said(rerun(), of_kind("clear_cache"), b"", rerun(1))
    assert heard == [rerun(), rerun(1), 1001]
    assert answer.kinds == ["accept"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("text", 1003),
        (b"\xff\xff", 1002),
        (rerun(10)[:-3], 1002),
        (b"\x5b" * 100_000, 1002),
        (rerun(limits.MESSAGE.most), 1009),
    ],
)
def test_what_is_no_message_ends_the_socket(message, code):
    answer, heard = said(rerun(), message, rerun())
    assert (answer.code, heard) == (code, [rerun(), code])
    assert answer.kinds == ["accept", "close"]


def test_a_message_may_be_as_large_as_the_limit():
    frame = len(rerun(limits.MESSAGE.most)) - limits.MESSAGE.most
    assert kind_of({"type": "websocket.receive", "bytes": rerun(limits.MESSAGE.most - frame)}) == "rerun_script"
    assert kind_of({"type": "websocket.receive", "bytes": rerun(limits.MESSAGE.most - frame + 1)}) == 1009


@pytest.mark.parametrize(("count", "is_heard"), [(limits.FILE_NAMES.most, True), (limits.FILE_NAMES.most + 1, False)])
def test_only_so_many_files_are_announced(count, is_heard):
    message = BackMsg()
    message.file_urls_request.file_names.extend(["x"] * count)
    assert (len(said(message.SerializeToString())[1]) == 2) == is_heard


def test_a_socket_that_says_nothing_is_closed():
    app, sent = App(), []
    connected = [{"type": "websocket.connect"}]

    async def receive():
        return connected.pop() if connected else await asyncio.Event().wait()

    async def send(message):
        sent.append(message["type"])

    asyncio.run(asyncio.wait_for(KnownMessages(app, 0.05)(scope(STREAM, "websocket"), receive, send), 5))
    assert (sent, app.heard) == (["websocket.accept", "websocket.close"], [1008])


def test_one_that_came_back_for_its_session_may_wait():
    app = App()
    messages = [{"type": "websocket.disconnect", "code": 1001}, {"type": "websocket.connect"}]

    async def receive():
        if len(messages) == 1:
            await asyncio.sleep(0.2)
        return messages.pop()

    async def send(_message):
        pass

    asked = scope(STREAM, "websocket") | {"subprotocols": ["streamlit", "x", "session"]}
    asyncio.run(KnownMessages(app, 0.05)(asked, receive, send))
    assert app.heard == [1001]


def test_other_sockets_are_not_looked_at():
    app = App()
    ask(KnownMessages(app), scope("layerscope/preview", "websocket"), ["text", b"\xff"])
    assert app.heard == ["text", b"\xff", 1001]


def test_the_server_takes_in_no_more_than_the_limit():
    """What a frame may hold is the server's setting: it ends a larger one before it is taken in."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert settings["maxMessageSize"] * 1_000_000 == settings["maxWidgetStateSize"] * 1_000_000 == limits.MESSAGE.most
    assert "enableWebsocketCompression" not in settings  # one that is off: no message is larger than its frames


def test_a_page_that_asks_for_more_runs_than_a_hand_could_waits_for_each():
    now = 100.0
    pace = Pace(limits.RUNS.most, limits.RUNS_AT_ONCE.most, lambda: now)
    assert [pace.wait() for _ in range(limits.RUNS_AT_ONCE.most)] == [0.0] * 40
    for _ in range(100):
        seconds = pace.wait()
        assert seconds == pytest.approx(1 / 20)
        now += seconds
    now += 3600
    assert pace.wait() == 0.0


def test_a_flood_of_runs_is_slowed_down_and_nothing_of_it_lost(monkeypatch: pytest.MonkeyPatch):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    _, heard = said(*[rerun(n) for n in range(1, 61)])
    assert len(heard) == 61
    assert len(waited) == 60 - limits.RUNS_AT_ONCE.most
