"""Two runs of one session never go on at the same time: they share its state, and Streamlit locks it for each run."""

import asyncio
import re

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from scripts.live import ROOT, served

HURRIED, APART = 6, 0.15
"""Runs that are asked for, and the seconds between them: less than a run takes."""


async def _hurried(address: str) -> str:
    """What a page says in the end whose reader asks for the next run while the one before goes on."""
    stream = f"ws://{address.removeprefix('http://')}/_stcore/stream"
    async with asyncio.timeout(60), connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        for _ in range(HURRIED):
            message = BackMsg()
            message.rerun_script.query_string = ""
            await socket.send(message.SerializeToString())
            await asyncio.sleep(APART)
        async for raw in socket:
            message = ForwardMsg.FromString(raw)
            said = str(message.delta.new_element.text.body)
            if said.startswith("begun"):
                return said
    raise AssertionError("the server closed the socket")


def test_a_run_begins_when_the_one_before_has_ended():
    with served(ROOT / "tests/ui/slow_app.py") as address:
        found = re.fullmatch(r"begun (\d+), at once (\d+)", asyncio.run(_hurried(address)))
    assert found is not None
    assert int(found[1]) >= 3  # some were really interrupted
    assert found[2] == "1"
