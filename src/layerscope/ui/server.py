"""The server's own addresses, beside Streamlit's."""

from collections.abc import Hashable
from typing import Any
from urllib.parse import parse_qs

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope.ui import first_come, giving_way, tickets
from layerscope.ui.fair import FairPool
from layerscope.ui.guard.addresses import below
from layerscope.ui.line import Line, Lines, busy, identity
from layerscope.ui.process import wait_until_warm
from layerscope.ui.slow import timed_answer
from layerscope.ui.spare import Spare
from layerscope.ui.written_parts import write

ADDRESS = "layerscope/preview"

_spare, _pool, _lines = Spare(), FairPool(), Lines()


async def previews(socket: WebSocket) -> None:
    """Answer a page's questions until it leaves. A web socket costs the browser half of a request."""
    address = f"address {socket.client.host}" if socket.client else "address"
    (ticket,) = parse_qs(socket.url.query).get("ticket", [""])[:1]

    def visitor() -> str:
        """Whose time is used. A page whose session was replaced counts for its address, until it has a new ticket."""
        return ticket if tickets.is_living(ticket) else address

    line = Line(socket, visitor, _pool, reply)
    await _lines.serve(socket, line, address, ticket if tickets.is_living(ticket) else "")


@timed_answer
def reply(asked: Any, visitor: Hashable) -> str:
    """The answer to a question as JSON: its id, and the stage's parts. Raises ValueError for what is not a question.

    A question about a move that nobody has made yet ("ahead") is answered with "busy" while others need the time.
    """
    first_come.shown()
    wait_until_warm()
    from layerscope.ui import preview  # here, as it needs torch, and the port opens before torch is loaded

    is_ahead = isinstance(asked, dict) and asked.get("ahead") is True
    if is_ahead and not _spare.has_some():
        return busy(asked)
    if not is_ahead:
        _spare.moved(visitor)
        giving_way.moved()
    return write({"id": identity(asked), "parts": preview.answer(asked)}).decode()


def routes() -> list[WebSocketRoute]:
    """The addresses beside Streamlit's, below the path that the app is served below."""
    return [WebSocketRoute(f"/{below()}/{ADDRESS}".replace("//", "/"), previews)]


def is_page_run() -> bool:
    """Whether the main script runs for a visitor, and not because the server loads it for its addresses."""
    return get_script_run_ctx(suppress_warning=True) is not None
