"""Hostile visitors for `scripts.attacks`: each attack is a coroutine that is given the server's address."""

import asyncio
import json
import random
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from layerscope.assignment import assigned, encode_assignment
from layerscope.layers.convolution import Conv2d
from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from scripts.visitor import Visitor

SECONDS = 8.0
"""How long an attack that goes on by itself does so."""

Attack = Callable[[str], Coroutine[Any, Any, None]]
FAILURES = (OSError, WebSocketException, TimeoutError, AssertionError)

LONG = Network((3, 512, 512), tuple(Conv2d(name=f"c{n}", out_channels=n + 1, kernel_size=3) for n in range(200)))
HUGE = (
    "1x28x28~AdaptiveMaxPool3d.500", "16x16x16~AdaptiveAvgPool3d.1000",
    "16x2x3~ConvTranspose2d.7.11.dilation-1024.bias-x", "3x65536x65536~Upsample.scale_factor-1000.mode-bicubic",
    "300x1000x65535~Upsample.scale_factor-1000.mode-trilinear",
    "4x4095~ZeroPad2d.1024~AvgPool3d.2", "64x65536~ConvTranspose1d.8.3.stride-1024~Upsample.scale_factor-1024",
    "65536x65536x65536~Flatten~LayerNorm", "65536x64x64~Conv2d.65536.64",
)  # fmt: skip
PASTES = (
    "x=1" + " " * 16_000, "x=1" + "\t" * 60_000, "x=1" + "\f" * 65_000, "(" * 65_000, "'" * 65_000, "f'{" * 20_000,
    "class A0: pass\n" + "".join(f"class A{n}(A{n - 1}): pass\n" for n in range(1, 1_900)),
    "import torch.nn as nn\nnn.Sequential(nn.LeakyReLU(float('inf')), nn.Conv2d(1, 6, 5))", "x = 1\n" * 170_000,
    '{"a":' + "\n" * 260_000 + "1}", "[" * 100_000, '{"layers": [' + '{"name": "a", "type": "ReLU"},' * 8_000,
)  # fmt: skip


class Client:
    """A client of somebody's own making on Streamlit's socket: it sends what it likes and reads what it must."""

    def __init__(self, address: str, query: str = "", page: str = "") -> None:
        self.host, self.query, self.page = address.removeprefix("http://"), query, page
        self.area = self.session = self.script = ""
        self.is_finished = asyncio.Event()

    async def __aenter__(self) -> "Client":
        streams = [Subprotocol("streamlit")]
        self.stream = await connect(f"ws://{self.host}/_stcore/stream", subprotocols=streams, max_size=None)
        self.reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.reader.cancel()
        await self.stream.close()

    async def rerun(self, text: str = "") -> None:
        """Ask for a run, with `text` in the page's text area, and wait until it is done."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self.script
        if not self.script:
            asked.page_name = self.page
        if text:
            asked.widget_states.widgets.add(id=self.area, string_value=text)
        self.is_finished.clear()
        await self.stream.send(message.SerializeToString())
        async with asyncio.timeout(30):
            await self.is_finished.wait()

    async def send(self, fill: Callable[[BackMsg], object], times: int = 1) -> None:
        """Send a message of another kind."""
        message = BackMsg()
        fill(message)
        for _ in range(times):
            await self.stream.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for raw in self.stream:
                message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
                match message.WhichOneof("type"):
                    case "new_session":
                        self.session = message.new_session.initialize.session_id
                    case "navigation":
                        self.script = message.navigation.page_script_hash
                    case "script_finished":
                        self.is_finished.set()
                    case "delta" if message.delta.new_element.WhichOneof("type") == "text_area":
                        self.area = message.delta.new_element.text_area.id
        finally:
            self.is_finished.set()


async def follow_links(address: str, queries: tuple[str, ...]) -> None:
    """Open one page after the other with each query."""
    for query in queries:
        async with Client(address, query) as client:
            await client.rerun()


async def links(address: str) -> None:
    """Links whose network is huge, or lacks an axis."""
    await follow_links(address, tuple(f"net={quote(link, safe='')}" for link in HUGE))


async def class_links(address: str) -> None:
    """Class links, each another one, whose check words must be worked out; and damaged ones."""
    codes = [encode_assignment(assigned(PRESETS[DEFAULT], question=str(random.random()))) for _ in range(6)]
    await follow_links(address, tuple(f"class={code}" for code in (*codes, "x" * 8_000, "eJyrVkpUslIqU9JRSgUAGw4EJg")))


async def pastes(address: str) -> None:
    """Pasted code, JSON, and what only looks like them."""
    async with Client(address, page="code") as client:
        await client.rerun()
        for text in PASTES:
            await client.rerun(text)


async def foreign(address: str) -> None:
    """Web sockets from a page of another site."""
    host = address.removeprefix("http://")
    for path in ("_stcore/stream", "layerscope/preview"):
        with suppress(*FAILURES):
            async with connect(f"ws://{host}/{path}", origin=Origin("http://evil.example")):
                pass


async def uploads(address: str) -> None:
    """Files for a page that shows no place for them."""
    async with Client(address) as client:
        await client.rerun()
        for number in range(30):
            await asyncio.to_thread(_put, f"{address}/_stcore/upload_file/{client.session}/{number}", b"x" * 1_900_000)


def _put(url: str, body: bytes) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.py"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(url, head + body + b"\r\n--b--\r\n", headers, method="PUT")
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(request, timeout=20):
        pass


async def frames(address: str) -> None:
    """Frames of 64 MB on both web sockets."""
    host = address.removeprefix("http://")
    for path in ("_stcore/stream", "layerscope/preview"):
        with suppress(*FAILURES):
            async with connect(f"ws://{host}/{path}", max_size=None, compression=None) as line:
                await line.send(b"x" * 64_000_000)
                await asyncio.wait_for(line.recv(), 5)


async def hammering(address: str) -> None:
    """Forty sockets of the fast lane, each with a network of 200 layers, as fast as they are answered."""
    host, link = address.removeprefix("http://"), encode(LONG)
    lines: list[ClientConnection] = []
    for _ in range(40):
        with suppress(*FAILURES):
            lines.append(await connect(f"ws://{host}/layerscope/preview"))
    ends = time.perf_counter() + SECONDS

    async def ask(line: ClientConnection, number: int) -> None:
        with suppress(*FAILURES):
            while time.perf_counter() < ends:
                value = 3 + number % 5
                await line.send(json.dumps({"net": link, "view": "", "key": "c0.kernel_size", "value": value, "id": 1}))
                await asyncio.wait_for(line.recv(), 30)
                number += 1

    await asyncio.gather(*(ask(line, number) for number, line in enumerate(lines)))
    await asyncio.gather(*(line.close() for line in lines), return_exceptions=True)


async def damaged(address: str) -> None:
    """Binary frames, and texts that are no questions, on the fast lane."""
    host = address.removeprefix("http://")
    for content in (b"\x00" * 100, "x" * 70_000, "{", "[" * 60_000, '{"id": 1}'):
        with suppress(*FAILURES, UnicodeError):
            async with connect(f"ws://{host}/layerscope/preview") as line:
                for _ in range(20):
                    await line.send(content)
                    await asyncio.wait_for(line.recv(), 5)


async def earlier(address: str) -> None:
    """Five thousand commits in one message."""
    visitor = Visitor(address, 1)
    try:
        await visitor.open()
        events = [
            {"key": "conv1.kernel_size", "value": 2 + n % 7, "phase": "commit", "sequence": n} for n in range(1, 5_001)
        ]
        last = {"key": "conv1.kernel_size", "value": 5, "phase": "commit", "sequence": 6_000, "earlier": events}
        visitor.rerun(json.dumps([{"event": "event", "value": last}]))
        await asyncio.sleep(1)
    finally:
        await visitor.close()


async def messages(address: str) -> None:
    """Streamlit's own messages that no page of ours sends: caches cleared, files asked for by the ten thousand."""
    async with Client(address) as client:
        await client.rerun()
        await client.send(lambda m: setattr(m, "clear_cache", True), 200)
        await client.send(lambda m: setattr(m, "load_git_info", True), 200)
        await client.send(lambda m: m.file_urls_request.file_names.extend(["a"] * 50_000))


async def reruns(address: str) -> None:
    """Hundreds of requests for a run of the page."""
    async with Client(address) as client:
        await client.rerun()
        await client.send(lambda m: setattr(m.rerun_script, "query_string", "chart=macs"), 400)
        await asyncio.sleep(1)


async def half_open(address: str) -> None:
    """A thousand connections that never ask for anything."""
    host, port = address.removeprefix("http://").split(":")
    lines = []
    with suppress(OSError):
        for _ in range(1_000):
            line = socket.create_connection((host, int(port)), timeout=5)
            line.sendall(b"GET / HTTP/1.1\r\nHost: ")
            lines.append(line)
    await asyncio.sleep(SECONDS)
    for line in lines:
        line.close()


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        links, pastes, class_links, foreign, uploads, frames, hammering, damaged, earlier, messages, reruns, half_open,
    )
}  # fmt: skip
