"""A page without a browser whose training runs in the server, begun again and again: for the load test."""

import asyncio
from contextlib import suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

PATIENCE = 60.0
AGAIN_SECONDS = 60.0
"""A page has one training: the next one ends the one before."""
QUERY = "size=40&epochs=200"
LABEL = "Start"


class Trainee:
    """One page. `async with` it: inside, its training runs."""

    def __init__(self, address: str) -> None:
        self._address = f"ws://{address.removeprefix('http://')}/_stcore/stream"
        self._page = self._button = ""
        self._found = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Trainee":
        self._stream = await connect(self._address, subprotocols=[Subprotocol("streamlit")], max_size=None)
        self._tasks.append(asyncio.create_task(self._read()))
        await self._ask()
        await asyncio.wait_for(self._found.wait(), PATIENCE)
        await self._ask(self._button)
        self._tasks.append(asyncio.create_task(self._go_on()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._stream.close()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            await self._ask(self._button)

    async def _ask(self, button: str = "") -> None:
        """Have the page run, with a button pressed or none."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = QUERY, self._page
        if not self._page:
            asked.page_name = "train"
        if button:
            asked.widget_states.widgets.add(id=button, trigger_value=True)
        await self._stream.send(message.SerializeToString())

    async def _read(self) -> None:
        """Look for the button; the rest is what the page would draw."""
        async for raw in self._stream:
            message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            if message.WhichOneof("type") == "navigation":
                self._page = message.navigation.page_script_hash
            elif message.WhichOneof("type") == "delta":
                element = message.delta.new_element
                if element.WhichOneof("type") == "button" and element.button.label == LABEL:
                    self._button = element.button.id
                    self._found.set()
