"""What a visitor's page may say to Streamlit: a few kinds of message, bounded; the others are dropped unseen."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from layerscope import limits
from layerscope.ui.guard.addresses import STREAM, name, session_wanted
from layerscope.ui.guard.pace import Pace
from layerscope.ui.guard.refusing import Line, tell

KNOWN = frozenset({"rerun_script", "stop_script", "file_urls_request", "deferred_file"})
"""What the app's pages send. Others empty everybody's cache, run git, write files beside the app, or are for tests."""

POLICY, PROTOCOL_ERROR, NO_TEXT, TOO_LONG = 1008, 1002, 1003, 1009
"""Codes that a web socket is closed with: RFC 6455, section 7.4.1."""


class KnownMessages:
    """Middleware in front of Streamlit's web socket; one that brings what is not a message of Streamlit's is closed.

    A page speaks as soon as it has its socket. One that is silent for `patience` seconds holds a visitor's place for
    nothing, and is closed too; only one that came back for its session may have nothing to say.
    """

    def __init__(self, app: ASGIApp, patience: float = limits.HANDSHAKE.most) -> None:
        self.app = app
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or name(scope) != STREAM:
            await self.app(scope, receive, send)
            return
        line = Line(send)
        is_silent = not session_wanted(scope)
        pace = Pace(limits.RUNS.most, limits.RUNS_AT_ONCE.most)

        async def heard() -> Message:
            nonlocal is_silent
            while True:
                try:
                    message = await (asyncio.wait_for(receive(), self.patience) if is_silent else receive())
                except TimeoutError:
                    return await line.close(POLICY)
                if message["type"] != "websocket.receive":
                    return message
                is_silent = False
                kind = kind_of(message)
                if isinstance(kind, int):
                    tell("Closed a web socket that sent what is not one of Streamlit's messages (code %s).", kind)
                    return await line.close(kind)
                if kind == "rerun_script" and (seconds := pace.wait()):
                    await asyncio.sleep(seconds)  # its socket is not read meanwhile
                if kind in KNOWN:
                    return message

        await self.app(scope, heard, line.send)


def kind_of(message: Message) -> str | int:
    """The kind of a message, "" for one that is too much of its kind; the code to close with if it is none."""
    data = message.get("bytes")
    if data is None:
        return NO_TEXT
    if len(data) > limits.MESSAGE.most:
        return TOO_LONG
    try:
        said = BackMsg.FromString(data)
    except Exception:  # protobuf's own error, which another release may name otherwise
        return PROTOCOL_ERROR
    kind = said.WhichOneof("type") or ""
    if kind == "backend_operation_request":
        return said.backend_operation_request.WhichOneof("payload") or ""
    if kind == "file_urls_request" and len(said.file_urls_request.file_names) > limits.FILE_NAMES.most:
        return ""
    return kind
