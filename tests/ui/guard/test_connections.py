"""The clocks of connections and the accounts of web sockets, on stand-ins for uvicorn's objects.

`test_attacks.py` tries them on the real ones.
"""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from layerscope import limits
from layerscope.ui.guard import connections
from layerscope.ui.guard.connections import Messages, Requests, most_connections


class Clock:
    """An event loop's: what is due at which time."""

    def __init__(self) -> None:
        self.due: list[Any] = []

    def call_later(self, seconds: int, then: Any, *given: Any) -> Any:
        handle = SimpleNamespace(seconds=seconds, then=then, given=given)
        handle.cancel = lambda: self.due.remove(handle)
        self.due.append(handle)
        return handle

    def seconds(self) -> list[int]:
        return [handle.seconds for handle in self.due]


class Line:
    """A connection, and its transport in one."""

    def __init__(self, clock: Clock, connections: set[Any]) -> None:
        self.loop, self.connections, self.cycle = clock, connections, None
        self.transport: Any = self
        self.protocol: Any = self
        self.written = b""
        self.is_ended = False
        self.frames: list[bytes] = []
        self.waiting = 0
        self.conn = SimpleNamespace(reader=SimpleNamespace(buffer=bytearray(b"x")))
        connections.add(self)

    def get_protocol(self) -> Any:
        return self.protocol

    def is_closing(self) -> bool:
        return self.is_ended

    def abort(self) -> None:
        self.is_ended = True
        self.connections.discard(self)

    close = abort

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.waiting


def test_the_clocks_follow_a_connection_through_its_life():
    clock, requests = Clock(), Requests(lambda: 10)
    line: Any = Line(clock, set())
    requests.made(line, None)
    requests.look(line, b"GET /")
    assert clock.seconds() == [limits.HANDSHAKE.most]
    line.cycle = SimpleNamespace(response_complete=False)
    requests.look(line, b"...")
    assert clock.seconds() == [limits.EXCHANGE.most]
    line.cycle.response_complete = True
    requests.look(line)
    assert clock.seconds() == [limits.HANDSHAKE.most]
    line.protocol = "a web socket"
    requests.look(line, b"...")
    assert clock.seconds() == []


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_clock_that_runs_out_ends_the_connection(is_busy):
    clock, requests = Clock(), Requests(lambda: 10)
    line: Any = Line(clock, set())
    line.cycle = SimpleNamespace(response_complete=False) if is_busy else None
    requests.made(line, None)
    clock.due[0].then(*clock.due[0].given)
    assert line.is_ended
    assert not requests.waiting
    assert not requests.busy


def test_a_new_connection_takes_the_place_of_the_one_that_waited_longest():
    clock, requests = Clock(), Requests(lambda: 2)
    all_of_them: set[Any] = set()
    first, second, third = (Line(clock, all_of_them) for _ in range(3))
    all_of_them.clear()
    for line in (first, second, third):
        all_of_them.add(line)
        requests.made(line, None)
    assert [line.is_ended for line in (first, second, third)] == [True, False, False]


def test_where_all_are_busy_a_new_connection_gets_a_sentence():
    clock, requests = Clock(), Requests(lambda: 1)
    all_of_them: set[Any] = set()
    busy: Any = Line(clock, all_of_them)
    busy.cycle = SimpleNamespace(response_complete=False)
    requests.made(busy, None)
    late = Line(clock, all_of_them)
    requests.made(late, None)
    assert late.written.startswith(b"HTTP/1.1 503 ")
    assert late.written.endswith(limits.CONNECTIONS.sentence().encode())
    assert late.is_ended
    assert not busy.is_ended


def test_a_whole_message_ends_the_account():
    messages = Messages()
    line = Line(Clock(), set())
    for _ in range(100):
        messages.came(line, bytes(1_000_000))
        messages.finished(line)
        messages.judge(line, b"")
    assert not line.is_ended
    assert messages.total == 0


@pytest.mark.parametrize("wrong", ["bytes", "pieces", "pings", "answers"])
def test_too_much_of_anything_ends_the_socket(wrong):
    messages = Messages()
    line = Line(Clock(), set())
    messages.came(line, bytes(2 * limits.MESSAGE.most))
    line.frames = [b""] * limits.PIECES.most
    line.waiting = 2 * limits.MESSAGE.most
    messages.judge(line, b"")
    assert not line.is_ended
    if wrong == "bytes":
        messages.came(line, b"x")
    elif wrong == "pieces":
        line.frames.append(b"")
    elif wrong == "pings":
        messages.pinged(line)
    else:
        line.waiting += 1
    messages.judge(line, b"")
    assert line.is_ended
    messages.lost(line, None)
    assert (messages.total, messages.unfinished, line.frames, line.conn.reader.buffer) == (0, {}, [], b"")


def test_together_they_may_hold_so_much_and_the_largest_goes_first():
    messages = Messages()
    lines = [Line(Clock(), set()) for _ in range(limits.UNFINISHED.most // 1_000_000)]
    for line in lines:
        messages.came(line, bytes(1_000_000))
        messages.judge(line, b"")
    messages.came(lines[7], bytes(500_000))
    messages.came(lines[8], b"x")
    messages.judge(lines[8], b"")
    assert [line.is_ended for line in lines].index(True) == 7
    assert sum(line.is_ended for line in lines) == 1


def test_half_of_the_files_are_for_connections(monkeypatch):
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    for files, most in (
        (1024, 512),
        (1_000_000, limits.CONNECTIONS.most),
        (resource.RLIM_INFINITY, limits.CONNECTIONS.most),
    ):
        monkeypatch.setattr(resource, "getrlimit", lambda _, files=files: (files, files))
        assert most_connections() == most


def test_a_uvicorn_without_these_methods_is_told_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr(connections, "_METHODS", {asyncio.Protocol: ("no_such_method",)})
    connections.watch.__wrapped__()
    assert "no_such_method" in caplog.text
