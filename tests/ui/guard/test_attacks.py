"""The real server under each attack that once harmed everybody: what it takes in, whom it asks, how others fare."""

import asyncio
import contextlib
import http.client
import os
import re
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from layerscope import limits
from layerscope.ui.server import ADDRESS
from scripts.live import APP, served

STREAM = "_stcore/stream"
MEGABYTE = 1_000_000

# Loaded by Python before anything else: each attempt to reach another machine, or to ask for its address, is noted.
NOTES = """
import os, sys
notes = open(os.environ["LAYERSCOPE_NOTES"], "a", buffering=1)
def note(event, values):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendmsg"):
        notes.write(f"{event} {values[1:] if event in ('socket.connect', 'socket.sendto') else values}\\n")
sys.addaudithook(note)
notes.write("watching\\n")
"""


class Server:
    """The server under attack, and what can be seen of it from outside."""

    def __init__(self, address: str, log: Path, notes: Path) -> None:
        self.host = urlsplit(address).netloc
        self.port = int(self.host.split(":")[1])
        self.log, self.notes = log, notes
        self.lines: list[socket.socket] = []
        listed = subprocess.run(["ps", "-axwwo", "pid=,args="], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 1) for line in listed.splitlines()]
        self.pid = next(pid for pid, command in lines if f"--server.port={self.port}" in command)

    def memory(self) -> float:
        """Megabytes that the process holds."""
        held = subprocess.run(["ps", "-o", "rss=", "-p", self.pid], capture_output=True, text=True, check=True).stdout
        return int(held) * 1024 / MEGABYTE

    def rest(self) -> None:
        """Wait until it holds no more than seconds ago: after the first page it goes on to load what comes later."""
        seen = [self.memory()]
        while len(seen) < 8 or (len(seen) < 60 and seen[-1] - min(seen[-8:]) > 1):
            time.sleep(0.5)
            seen.append(self.memory())

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(
                method, f"/{path}", body or None, {key.replace("_", "-"): text for key, text in headers.items()}
            )
            answer = line.getresponse()
            return answer.status, {key.lower(): text for key, text in answer.getheaders()}, answer.read().decode()
        finally:
            line.close()

    def pause(self) -> float:
        """Seconds that another visitor waits for an answer."""
        began = time.perf_counter()
        assert self.ask("GET", "_stcore/health")[0] == 200
        return time.perf_counter() - began

    def raw(self, text: str = "") -> socket.socket:
        """A connection on which that much of a request was sent."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.lines.append(line)
        line.sendall(text.format(host=self.host).encode())
        return line

    def socket(self, path: str) -> socket.socket:
        """A web socket whose frames are written by hand."""
        line = self.raw(
            f"GET /{path} HTTP/1.1\r\nHost: {{host}}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += line.recv(1)
        assert b" 101 " in answer
        assert b"deflate" not in answer  # no message can be larger than what was sent
        return line


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(NOTES)
    log, notes = folder / "log.txt", folder / "notes.txt"
    with pytest.MonkeyPatch.context() as patch:
        paths = [str(folder), os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        patch.setenv("LAYERSCOPE_NOTES", str(notes))
        with served(APP, log=log) as address:
            server = Server(address, log, notes)
            asyncio.run(_visit(server))
            server.rest()
            yield server
    assert "Traceback" not in log.read_text()


@pytest.fixture(autouse=True)
def _closed(server: Server) -> Iterator[None]:
    """Each test's connections end with it."""
    yield
    while server.lines:
        server.lines.pop().close()


def _rerun(path: str = "") -> bytes:
    said = BackMsg()
    said.rerun_script.page_name = path
    said.rerun_script.query_string = ""
    return bytes(said.SerializeToString())


def _join(server: Server, session: str = "", path: str = STREAM, **more: Any) -> connect:
    names = ["streamlit", "token", session] if session else ["streamlit"]
    subprotocols = [Subprotocol(name) for name in names] if path == STREAM else None
    return connect(f"ws://{server.host}/{path}", subprotocols=subprotocols, max_size=None, **more)


async def _heard(stream: ClientConnection, kind: str, seconds: float = 10) -> ForwardMsg:
    """The next message of that kind."""
    async with asyncio.timeout(seconds):
        while True:
            told: ForwardMsg = ForwardMsg.FromString(await stream.recv(decode=False))
            if told.WhichOneof("type") == kind:
                return told


async def _ended(stream: ClientConnection) -> int:
    """The code with which the server ends a web socket."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(10):
            async for _ in stream:
                pass
    assert stream.close_code is not None
    return stream.close_code


async def _session(stream: ClientConnection, page: str = "") -> str:
    """Open a page and wait until it is drawn; the session's name."""
    await stream.send(_rerun(page))
    session = ""
    async with asyncio.timeout(60):
        while True:
            told = ForwardMsg.FromString(await stream.recv(decode=False))
            kind = told.WhichOneof("type")
            if kind == "new_session":
                session = told.new_session.initialize.session_id
            elif kind == "script_finished":
                return session


async def _visit(server: Server) -> None:
    async with _join(server) as stream:
        await _session(stream)


# Hosts and origins.


@pytest.mark.parametrize("path", [STREAM, ADDRESS])
def test_a_foreign_page_gets_no_socket_and_nobody_is_asked_anything(server, path):
    async def attack() -> None:
        for origin in ("http://elsewhere.example", "null", f"http://127.0.0.1:{server.port + 1}", "http://["):
            with pytest.raises(InvalidStatus) as refused:
                async with _join(server, path=path, origin=Origin(origin)):
                    pass
            assert refused.value.response.status_code == 403
        async with _join(server, path=path, origin=Origin(f"http://{server.host}")):
            pass

    asyncio.run(attack())
    watching, *asked = server.notes.read_text().splitlines()
    assert watching == "watching"
    assert [line for line in asked if not re.search(r"127\.0\.0\.1|localhost|::1", line)] == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a@127.0.0.1", "[::2]", ""])
def test_a_foreign_name_opens_nothing(server, host):
    assert server.ask("GET", "", Host=host)[0] == 403
    asked = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade"}
    asked |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"}
    for path in (STREAM, ADDRESS):
        assert server.ask("GET", path, **asked)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST."])
def test_the_own_names_open_everything(server, host):
    async def visit() -> None:
        headers = {"Host": f"{host}:{server.port}"}
        for path in (STREAM, ADDRESS):
            line = server.raw(
                f"GET /{path} HTTP/1.1\r\nHost: {headers['Host']}\r\nOrigin: http://{headers['Host']}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            )
            assert line.recv(12) == b"HTTP/1.1 101"

    assert server.ask("GET", "", Host=f"{host}:{server.port}")[0] == 200
    asyncio.run(visit())


# Frames.


def _is_closed(line: socket.socket, seconds: float = 5) -> bool:
    """Whether the server ends a connection within that time; what it sends before is read."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([line], [], [], left)[0]:
            try:
                if not line.recv(65_536):
                    return True
            except ConnectionError:
                return True
    return False


def _push(line: socket.socket, head: bytes, size: int, piece: bytes = bytes(65_536)) -> int:
    """Send a frame as far as the server takes it; how many bytes it took."""
    sent = 0
    try:
        line.sendall(head)
        while sent < size:
            sent += line.send(piece[: size - sent])
    except (ConnectionError, TimeoutError):
        pass
    return sent


def _head(first: int, size: int) -> bytes:
    return bytes([first, 0xFF]) + size.to_bytes(8, "big") + bytes(4)


@pytest.mark.parametrize("path", [STREAM, ADDRESS])
def test_frames_of_190_mb_are_not_taken_in(server, path):
    before = server.memory()
    lines = [server.socket(path) for _ in range(5)]
    for line in lines:
        _push(line, _head(0x82, 190 * MEGABYTE), 190 * MEGABYTE)
        assert _is_closed(line)
    assert server.memory() - before < 30
    assert server.pause() < 1


@pytest.mark.parametrize(("path", "most"), [(STREAM, limits.MESSAGE.most), (ADDRESS, limits.SHORT_MESSAGE.most)])
def test_a_frame_is_judged_by_its_head(server, path, most):
    for size, is_ended in ((most, False), (most + 1, True)):
        line = server.socket(path)
        line.sendall(_head(0x82, size))
        assert _is_closed(line, 0.3) == is_ended


@pytest.mark.parametrize("path", [STREAM, ADDRESS])
def test_a_message_in_pieces_counts_as_one(server, path):
    before = server.memory()
    line = server.socket(path)
    taken = _push(line, _head(0x02, 65_536), 65_536)
    for _ in range(300):
        taken += _push(line, _head(0x00, 65_536), 65_536)
    assert _is_closed(line)
    assert server.memory() - before < 30


@pytest.mark.parametrize("piece", [b"\x00\x80\0\0\0\0", b"\x00\x81\0\0\0\0x", b"\x89\x84\0\0\0\0ping"])
def test_endless_small_pieces_and_pings_end_the_socket(server, piece):
    before = server.memory()
    line = server.socket(ADDRESS)
    line.settimeout(5)
    line.sendall(b"\x02\x80\0\0\0\0")
    began = time.perf_counter()
    many = piece * 10_000
    _push(line, b"", 400 * len(many), many)
    assert _is_closed(line)
    assert time.perf_counter() - began < 5
    assert server.memory() - before < 30


def test_many_unfinished_messages_together_are_bounded_and_let_go(server):
    before = server.memory()
    size = 3_900_000
    for _ in range(2):
        lines = [server.socket(STREAM) for _ in range(45)]
        for line in lines:
            _push(line, _head(0x82, size), size - 1)
        assert server.pause() < 1
        assert server.memory() - before < 90
        until = time.monotonic() + 10
        while len(lines) * size > limits.UNFINISHED.most:
            assert time.monotonic() < until, f"{len(lines)} sockets are still open"
            lines = [line for line in lines if not _is_closed(line, 0.02)]
        while server.lines:
            server.lines.pop().close()
    assert server.pause() < 1
    assert server.memory() - before < 20


# Messages.


def test_what_is_no_message_ends_the_socket_quietly(server):
    async def attack(data: bytes | str) -> int:
        async with _join(server) as stream:
            await stream.send(data)
            return await _ended(stream)

    assert asyncio.run(attack(b"\xff" * 100)) == 1002
    assert asyncio.run(attack("text")) == 1003


def test_200_000_names_make_nobody_wait(server):
    said = BackMsg()
    said.file_urls_request.request_id = "1"
    said.file_urls_request.file_names.extend("x" for _ in range(200_000))
    huge = said.SerializeToString()
    del said.file_urls_request.file_names[1:]

    async def attack() -> float:
        async with _join(server) as stream:
            await _session(stream, "code")
            await stream.send(huge)
            longest: float = await asyncio.to_thread(server.pause)
            await stream.send(said.SerializeToString())
            told = await _heard(stream, "file_urls_response")
            assert len(told.file_urls_response.file_urls) == 1
        return longest

    assert asyncio.run(attack()) < 0.5


def test_what_is_for_developers_goes_unheard(server):
    async def attack() -> None:
        async with _join(server) as stream:
            await _session(stream)
            for kind in ("clear_cache", "load_git_info", "set_run_on_save"):
                said = BackMsg()
                setattr(said, kind, True)
                await stream.send(said.SerializeToString())
            said = BackMsg()
            said.backend_operation_request.install_skills.SetInParent()
            await stream.send(said.SerializeToString())
            for answer in ("git_info_changed", "backend_operation_response"):
                with pytest.raises(TimeoutError):
                    await _heard(stream, answer, seconds=0.5)
            assert await _session(stream)

    asyncio.run(attack())


# Uploads.


def _put(server: Server, session: str, size: int, file: str) -> int:
    cookie = server.ask("GET", "_stcore/health")[1]["set-cookie"].split(";")[0]
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.py"\r\n\r\n' + bytes(size) + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie}
    headers["X-Xsrftoken"] = cookie.split("=", 1)[1]
    return server.ask("PUT", f"_stcore/upload_file/{session}/{file}", body, **headers)[0]


def test_files_are_taken_where_a_page_asks_for_them_and_only_so_many(server):
    async def attack() -> None:
        async with _join(server) as stream:
            session = await _session(stream, "")
            before = server.memory()
            for number in range(20):
                assert await asyncio.to_thread(_put, server, session, 1_900_000, f"{number}") == 403
            assert server.memory() - before < 20
            assert await _session(stream, "code") == session
            assert await asyncio.to_thread(_put, server, session, 1_900_000, "large") == 413, "more than its box takes"
            sizes = [await asyncio.to_thread(_put, server, session, 1_000_000, f"{number}") for number in range(6)]
            assert sizes == [204, 204, 204, 204, 413, 413]
            sizes = [await asyncio.to_thread(_put, server, session, 1, f"small{number}") for number in range(100)]
            assert sizes.count(204) < 100  # a record counts too
            await _session(stream, "quiz")
            assert await asyncio.to_thread(_put, server, session, 1, "late") == 403

    asyncio.run(attack())
    until = time.monotonic() + 10
    while "UploadedFileManager" in server.ask("GET", "_stcore/metrics", Host=server.host)[2]:
        assert time.monotonic() < until, "files are kept after the visitor left"
        time.sleep(1)


# Visits.


def test_visitor_301_is_refused_with_a_sentence(server):
    cookie = server.ask("GET", "_stcore/health")[1]["set-cookie"].split(";")[0]

    async def attack() -> None:
        first = await _join(server, additional_headers={"Cookie": cookie})
        session = await _session(first)
        others = await asyncio.gather(*(_join(server) for _ in range(limits.SESSIONS.most - 1)))
        with pytest.raises(InvalidStatus) as refused:
            async with _join(server):
                pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "60"
        assert refused.value.response.body == b"The server is full (300 of 300). Try again in a minute."
        status, headers, text = await asyncio.to_thread(server.ask, "GET", "")
        assert (status, headers["retry-after"]) == (503, "60")
        assert "The server is full (300 of 300)." in text
        assert (await asyncio.to_thread(server.ask, "GET", "_stcore/health"))[0] == 200
        assert (await asyncio.to_thread(lambda: server.ask("GET", "", Cookie=cookie)))[0] == 200  # a reload
        async with _join(server, session) as again:  # a network that failed
            assert await _session(again) == session
            assert await _ended(first) == 1001
        async with _join(server):  # somebody left
            pass
        await asyncio.gather(*(other.close() for other in others))

    asyncio.run(attack())


# Connections.


def test_connections_that_never_finish_a_request_are_ended(server):
    begun = [
        "",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    ]
    started = time.monotonic()
    lines = [server.raw(begun[number % 3]) for number in range(600)]
    idle = server.socket(ADDRESS)
    kept = server.raw("GET /_stcore/health HTTP/1.1\r\nHost: {host}\r\n\r\nGET / HTTP/1.1\r\n")
    slow = server.raw("GET / HTTP/1.1\r\nHost: {host}\r\n")
    assert server.pause() < 1
    while time.monotonic() - started < limits.HANDSHAKE.most + 0.5:
        time.sleep(0.5)
        try:
            slow.sendall(b"X: y\r\n")
        except ConnectionError:
            break
    assert all(_is_closed(line, 2) for line in [*lines, kept, slow])
    assert not _is_closed(idle, 0.5)


def test_metrics_are_for_this_machine(server):
    assert server.ask("GET", "_stcore/metrics")[0] == 200
    assert server.ask("GET", "_stcore/metrics", X_Forwarded_For="10.0.0.7")[0] == 404
    assert server.ask("GET", "_stcore/agent/openapi.json")[0] == 404
    assert server.ask("POST", "_stcore/agent/interact", b"{}")[0] == 405
