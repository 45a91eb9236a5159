"""The server's own addresses, beside Streamlit's."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope.ui.process import wait_until_warm
from layerscope.ui.slow import timed_answer
from layerscope.ui.spare import Spare

ADDRESS = "layerscope/preview"
LARGEST_REQUEST = 65_536
TOO_LONG = 1009
"""The code that a web socket is closed with then: RFC 6455, section 7.4.1."""

_spare = Spare()


async def previews(socket: WebSocket) -> None:
    """Answer one question after the other, each with its own id. A web socket costs the browser half of a request."""
    await socket.accept()
    try:
        while True:
            question = await socket.receive_text()
            if len(question) > LARGEST_REQUEST:
                await socket.close(TOO_LONG)
                return
            await socket.send_text(await run_in_threadpool(reply, question, id(socket)))
    except WebSocketDisconnect:
        return


@timed_answer
def reply(question: str, line: int = 0) -> str:
    """The answer to one question as JSON: its id, and the stage's parts or a sentence about what is wrong.

    A question about a move that nobody has made yet ("ahead") is answered with "busy" while others need the time.
    """
    wait_until_warm()
    from layerscope.ui import preview  # here, as it needs torch, and the port opens before torch is loaded

    given: Any = None
    try:
        asked = json.loads(question)
        given = asked.get("id") if isinstance(asked, dict) else None
        is_ahead = isinstance(asked, dict) and asked.get("ahead") is True
        if is_ahead and not _spare.has_some():
            said = {"id": given, "busy": True}
        else:
            if not is_ahead:
                _spare.moved(line)
            said = {"id": given, "parts": preview.answer(asked)}
    except (preview.PreviewError, ValueError, RecursionError) as error:
        said = {"id": given if isinstance(given, int) else None, "error": str(error)[:200]}
    return json.dumps(said, separators=(",", ":"))


ROUTES = [WebSocketRoute(f"/{ADDRESS}", previews)]


def is_page_run() -> bool:
    """Whether the main script runs for a visitor, and not because the server loads it for its addresses."""
    return get_script_run_ctx(suppress_warning=True) is not None
