"""A visitor without a browser: the two web sockets that the page opens, and what goes over them.

Streamlit's own socket carries the page's script and the commits, in Streamlit's protobuf messages; a commit is the
stage's trigger, as its component sends it. The fast lane carries the previews of a slider that moves, as
`ui/stage/preview.js` asks for them. Each answer is compared with what torch says in this process. What the browser
loads besides (the page's files) and what it draws is left out.
"""

import asyncio
import json
import random
import time
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from layerscope.formatting import shape_text
from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace

PATIENCE = 30.0
"""Seconds after which an answer counts as missing."""

QUIET = 10.0
"""Seconds for which a page that was told that the server is busy asks for nothing ahead; as in preview.js."""


class Start(NamedTuple):
    """The network that a visitor comes with, and which sliders they move."""

    preset: str
    layer: str
    values: dict[str, range]


# A class looks at the course's network; some have gone on to another. All begin with a convolution called conv1.
_BOTH = {"kernel_size": range(2, 9), "out_channels": range(4, 65)}
CHAINS = tuple(
    Start(preset, "conv1", _BOTH)
    for preset in (DEFAULT, DEFAULT, "lenet5", DEFAULT, "alexnet", DEFAULT, "all-convolutional", DEFAULT)
)
# The same with networks that branch, as far as they run with every value.
BRANCHING = (
    CHAINS[0], Start("resnet18", "conv1", {"kernel_size": range(2, 9)}), CHAINS[2],
    Start("googlenet", "conv1.conv", _BOTH), CHAINS[0], Start("unet", "encoder1.conv1", {"out_channels": range(4, 65)}),
    CHAINS[4], Start("mobilenet_v2", "features.0.0", {"kernel_size": range(2, 9)}),
)  # fmt: skip

Parts = dict[str, Any]


class WrongAnswerError(Exception):
    """An answer that is none, or that holds other numbers than torch's; the message says which."""


@lru_cache(maxsize=4096)
def expected(network: Network) -> dict[str, str]:
    """The numbers that the stage must show of a network, by the names that it gives them."""
    seen = trace(network)
    output = shape_text(seen.output_shape) if seen.output_shape else "none"
    shapes = {step.name: shape_text(step.output_shape) for step in seen.steps if step.output_shape}
    return shapes | {"parameters": f"{seen.parameters:,}", "macs": f"{seen.macs:,}", "output": output}


def check(parts: Parts, network: Network) -> None:
    """Compare the stage's parts with torch. Raises WrongAnswerError."""
    shown = {item["key"]: item["detail"] for item in parts["outline"]["items"]}
    shown |= {tile["key"]: tile["value"].partition(" ")[0] for tile in parts["totals"]}  # without the unit
    for name, text in expected(network).items():
        if shown.get(name) != text:
            raise WrongAnswerError(f"{name} is shown as {shown.get(name)}; torch says {text}")


class Visitor:
    """One open page. Its moves are chosen by `number`, so that two runs of a load test do the same."""

    def __init__(self, address: str, number: int, starts: tuple[Start, ...] = CHAINS) -> None:
        self._host = address.removeprefix("http://")
        self._chance = random.Random(number)
        preset, self._layer, self._values = starts[number % len(starts)]
        start = PRESETS[preset]
        # Most visitors come with a network of their own; every eighth with the bare address.
        *_, (name, values) = self._values.items()
        own = start.with_argument(self._layer, name, values[number % len(values)])
        self.network = own if number % 8 else start
        net = "" if self.network == PRESETS[DEFAULT] else f"?net={quote(encode(self.network), safe='')}"
        self._query, self._page, self._fragment, self._stage = net, "", "", ""
        self._session = ""
        self._parts: Parts = {}
        self._move: tuple[str, int] = ("conv1.kernel_size", 5)
        self._count, self._quiet_until = 0, 0.0
        self.bytes = 0
        """How much the server has told so far."""
        self._is_finished = False
        self._news = asyncio.Event()

    async def open(self) -> float:
        """Open both sockets; seconds until the first script had run and the stage was right."""
        began = time.perf_counter()
        # As the page does: the session that it had, if any, is the third of what it puts here.
        words = ["streamlit", *(("none", self._session) if self._session else ())]
        stream = f"ws://{self._host}/_stcore/stream"
        self._stream = await connect(stream, subprotocols=list(map(Subprotocol, words)), max_size=None)
        self._reader = asyncio.create_task(self._read())
        self.rerun()
        await self._until(lambda: bool(self._parts) and self._is_finished)
        took = time.perf_counter() - began
        check(self._parts, self.network)
        self.lane: ClientConnection = await connect(
            f"ws://{self._host}/{self._parts['preview']['address']}", additional_headers=self._cookies()
        )
        return took

    async def come_back(self) -> float:
        """Open both sockets anew, for the session of before, once they broke; seconds as of `open`."""
        await self.close()
        self._parts, self._is_finished = {}, False
        return await self.open()

    def _cookies(self) -> dict[str, str]:
        """The cookies of the first socket, as a browser sends them with the second: a proxy tells processes by one."""
        answer = self._stream.response
        given = answer.headers.get_all("Set-Cookie") if answer else []
        return {"Cookie": "; ".join(one.partition(";")[0] for one in given)} if given else {}

    def question(self, key: str, value: int, number: int) -> str:
        """What the fast lane is asked while a slider moves."""
        return json.dumps({**self._parts["preview"], "key": key, "value": value, "id": number})

    async def close(self) -> None:
        """Leave, as far as the page was opened."""
        for name in ("lane", "_stream"):
            if hasattr(self, name):
                await getattr(self, name).close()
        if hasattr(self, "_reader"):
            await asyncio.gather(self._reader, return_exceptions=True)

    async def preview(self) -> float:
        """Move conv1's slider to another value; the moment in which the answer had come (perf_counter)."""
        parameter = self._chance.choice(list(self._values))
        self._move = (f"{self._layer}.{parameter}", self._chance.choice(self._values[parameter]))
        moved = self._moved()
        expected(moved)  # what it costs to know the answer is no part of waiting for it
        self._count += 1
        key, value = self._move
        question = {**self._parts["preview"], "key": key, "value": value, "id": self._count}
        text = await self._asked(question)
        came = time.perf_counter()
        answer = json.loads(text)
        if answer["id"] != self._count or "parts" not in answer:
            raise WrongAnswerError(f"no answer to a preview: {answer.get('error', answer['id'])}")
        check(answer["parts"], moved)
        return came

    async def ahead(self) -> None:
        """Ask for one step either way of the slider that was moved last, as a page at rest does, until told to wait."""
        key, value = self._move
        for near in (value + 1, value - 1):
            if time.perf_counter() < self._quiet_until:
                return
            self._count += 1
            question = {**self._parts["preview"], "key": key, "value": near, "ahead": True, "id": self._count}
            answer = json.loads(await self._asked(question))
            if answer.get("busy"):
                self._quiet_until = time.perf_counter() + QUIET
            else:
                check(answer["parts"], self._moved(near))

    async def _asked(self, question: dict[str, Any]) -> str | bytes:
        await self.lane.send(json.dumps(question))
        answer = await asyncio.wait_for(self.lane.recv(), PATIENCE)
        self.bytes += len(answer)
        return answer

    async def commit(self) -> float:
        """Let go of the slider; seconds until Streamlit had answered with the new stage."""
        moved, sequence = self._moved(), self._parts["sequence"] + 1
        key, value = self._move
        event = {"key": key, "value": value, "phase": "commit", "sequence": sequence, "earlier": []}
        began = time.perf_counter()
        self.rerun(json.dumps([{"event": "event", "value": event}]))
        await self._until(lambda: self._parts["sequence"] >= sequence)
        took = time.perf_counter() - began
        check(self._parts, moved)
        self.network = moved
        return took

    def _moved(self, value: int | None = None) -> Network:
        key, moved_to = self._move
        layer, _, parameter = key.rpartition(".")
        return self.network.with_argument(layer, parameter, moved_to if value is None else value)

    def rerun(self, events: str = "") -> None:
        """Ask for a run of the script; with events, as the stage's component does."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query.lstrip("?"), self._page
        if events:
            asked.fragment_id = self._fragment
            # Streamlit's name for what a component of the second kind sends once and not again.
            trigger = f"$$STREAMLIT_INTERNAL_KEY_{self._stage}__events"
            asked.widget_states.widgets.add(id=trigger, json_trigger_value=events)
        self._sending = asyncio.create_task(self._stream.send(message.SerializeToString()))

    async def _read(self) -> None:
        """Keep what the server says that the page would keep."""
        try:
            async for raw in self._stream:
                self.bytes += len(raw)
                message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
                match message.WhichOneof("type"):
                    case "new_session":
                        self._page, self._is_finished = message.new_session.page_script_hash, False
                        self._session = message.new_session.initialize.session_id
                    case "navigation":  # comes later and knows better: the page, not app.py
                        self._page = message.navigation.page_script_hash
                    case "script_finished":
                        self._is_finished = True
                        self._news.set()
                    case "page_info_changed":
                        self._query = message.page_info_changed.query_string
                    case "delta":
                        self._take(message)
        finally:
            self._news.set()

    def _take(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            self._parts = {"error": element.exception.message}
        stage = element.bidi_component
        if stage.component_name.endswith("layerscope.stage"):
            self._parts = json.loads(stage.bytes)
            self._stage, self._fragment = stage.id, message.delta.fragment_id
        self._news.set()

    async def _until(self, true: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                if self._reader.done():
                    raise WrongAnswerError("the server closed Streamlit's socket")
                self._news.clear()
                await self._news.wait()
                if "error" in self._parts:
                    raise WrongAnswerError(f"the page shows an error: {self._parts['error']}")
