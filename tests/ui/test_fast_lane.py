"""A real server, whose fast lane one visitor uses as badly as they can: the others notice little."""

import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from layerscope import limits
from layerscope.layers.convolution import Conv2d
from layerscope.link import encode
from layerscope.network import Network
from layerscope.ui.server import ADDRESS
from scripts.live import APP, served
from scripts.visitor import Visitor


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lane") / "log.txt"


@pytest.fixture(scope="module")
def address(log: Path) -> Iterator[str]:
    with served(APP, log=log) as address:
        yield address
    assert "Traceback" not in log.read_text()


def deep() -> str:
    """The link of the network that costs the most: as many layers as there may be, each unlike the others."""
    sizes = random.Random(0).sample(range(1, 3000), limits.LAYERS.most)
    rows = (Conv2d(name=f"conv{n}", out_channels=size, kernel_size=3, padding=1) for n, size in enumerate(sizes, 1))
    return encode(Network((3, 64, 64), tuple(rows), 10))


def line(address: str, ticket: str = "") -> connect:
    return connect(f"ws://{address.removeprefix('http://')}/{ADDRESS}{ticket}", max_size=None)


def question(number: int, net: str = "1x28x28~Conv2d.6.5") -> str:
    return json.dumps({"net": net, "view": "", "key": "conv1.out_channels", "value": number % 300 + 1, "id": number})


async def closed_with(socket: ClientConnection) -> int | None:
    """The code that the server closes with."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                await socket.recv()
    return socket.close_code


async def send_all(socket: ClientConnection, frame: str | bytes, times: int, *, text: bool | None = None) -> None:
    with suppress(ConnectionClosed):
        for _ in range(times):
            await socket.send(frame, text=text)


@pytest.mark.parametrize(
    ("frame", "times", "text", "code"),
    [
        (b"binary", 200, None, 1003),
        (b"\xff\xfe", 1, True, 1007),  # once: uvicorn itself ends this socket, without reading on
        ("x" * (limits.QUESTION_TEXT.most + 1), 200, None, 1009),
        ("no question", 200, None, 1008),
        ("[" * 60_000, 200, None, 1008),
        ('{"key": "a", "value": 1, "view": "", "net": "zzzz"}', 200, None, 1008),
    ],
)
def test_what_is_no_question_ends_its_socket_and_leaves_no_trace_in_the_log(address, log, frame, times, text, code):
    async def attack() -> None:
        async with line(address) as socket:
            sending = asyncio.create_task(send_all(socket, frame, times, text=text))
            assert await closed_with(socket) == code
            await sending
        async with line(address) as socket:
            await socket.send(question(1))
            assert json.loads(await socket.recv())["parts"]

    before = len(log.read_text())
    asyncio.run(attack())
    assert log.read_text()[before:] == ""


def test_a_page_that_leaves_costs_nothing_more(address):
    """Forty sockets ask ten long questions each and go: who comes then does not wait for four hundred answers."""

    async def leave_and_ask() -> float:
        sockets = [await line(address) for _ in range(40)]
        for number, socket in enumerate(sockets):
            for one in range(4):
                await socket.send(question(10 * number + one, deep()))
        await asyncio.gather(*(socket.close() for socket in sockets))
        began = time.perf_counter()
        async with line(address) as socket:
            await socket.send(question(1))
            await socket.recv()
        return time.perf_counter() - began

    assert asyncio.run(leave_and_ask()) < 5  # 160 such answers take more than ten seconds


async def hammer(address: str, ticket: str, waits: list[float], until: asyncio.Event) -> None:
    """One socket that asks the longest question again and again; closed, it comes back."""
    net, count = deep(), 0
    while not until.is_set():
        with suppress(ConnectionClosed, OSError, TimeoutError):
            async with line(address, ticket) as socket:
                while not until.is_set():
                    count += 1
                    began = time.perf_counter()
                    await socket.send(question(count, net))
                    await socket.recv()
                    waits.append(time.perf_counter() - began)


async def moves(visitor: Visitor, number: int, seconds: float) -> list[float]:
    """Ten previews and a commit a second; how long each preview took."""
    begin, waits = time.perf_counter(), []
    for place in range(int(10 * seconds)):
        await asyncio.sleep(max(0.0, begin + place / 10 - time.perf_counter()))
        began = time.perf_counter()
        waits.append(await visitor.preview() - began)
        if place % 10 == number % 10:
            await visitor.commit()
    return waits


@pytest.mark.parametrize("with_ticket", [False, True], ids=["forty strangers' sockets", "forty of one session"])
def test_forty_sockets_of_one_visitor_do_not_slow_another(address, with_ticket):
    """Every answer is right (the visitor looks); the times are compared with each other, not with a clock."""

    async def both() -> tuple[list[float], list[float]]:
        normal, eager = Visitor(address, 3), Visitor(address, 8)
        await normal.open()
        await eager.open()
        ticket = eager._parts["preview"]["address"].removeprefix(ADDRESS) if with_ticket else ""
        hammered, until = list[float](), asyncio.Event()
        hammers = [asyncio.create_task(hammer(address, ticket, hammered, until)) for _ in range(40)]
        await asyncio.sleep(0.5)
        waits = await moves(normal, 0, 1)
        until.set()
        for task in hammers:
            task.cancel()
        await asyncio.wait(hammers)
        await asyncio.gather(normal.close(), eager.close())
        return waits, hammered

    waits, hammered = asyncio.run(both())
    assert len(waits) == 10
    assert hammered  # they are served, too
    assert statistics.median(waits) < statistics.median(hammered) / 2


def test_a_class_of_sixty_behind_one_address_notices_nothing(address, thorough):
    """Sixty are there, and whose page is open moves once a second: all are answered, rightly, nobody is refused.

    With --thorough all sixty open the page, which costs the server a fifth of a second each; otherwise every fifth.
    """
    all_students = range(60)
    errors: Counter[str] = Counter()

    async def attempt(what: Awaitable[object]) -> None:
        try:
            await what
        except Exception as error:
            errors[repr(error)] += 1

    async def stay(visitor: Visitor, number: int, begin: float) -> None:
        for place in range(3):
            await asyncio.sleep(max(0.0, begin + place + number / 60 - time.perf_counter()))
            await attempt(visitor.preview())
        if number % 10 == 0:
            await attempt(visitor.commit())

    async def lesson() -> None:
        moving = [number for number in all_students if thorough or number % 5 == 0]
        students, door = [Visitor(address, number) for number in moving], asyncio.Semaphore(8)
        stream = f"ws://{address.removeprefix('http://')}/_stcore/stream"
        quiet = [connect(stream, subprotocols=[Subprotocol("streamlit")]) for _ in {*all_students} - {*moving}]
        sitting = await asyncio.gather(*quiet)

        async def enter(student: Visitor) -> None:
            async with door:
                await attempt(student.open())

        await asyncio.gather(*map(enter, students))
        begin = time.perf_counter()
        await asyncio.gather(*(stay(*each, begin) for each in zip(students, moving, strict=True)))
        assert not any(socket.close_code for socket in sitting)
        await asyncio.gather(*(student.close() for student in students), *(socket.close() for socket in sitting))

    asyncio.run(lesson())
    assert not errors
