"""Connections that never become a request, or never finish what they began, are ended before they fill the process.

uvicorn, which Streamlit serves with, waits for a request for ever, and collects the pieces of a message for ever. Its
only hook is its protocol classes, so what is looked at after their methods is added to these: one class for HTTP,
which each connection begins with, and one for the web sockets that some of them become.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from layerscope import limits
from layerscope.ui.guard.addresses import STREAM

_METHODS = {
    AutoHTTPProtocol: ("connection_made", "data_received", "on_response_complete", "connection_lost"),
    WebSocketsSansIOProtocol: (
        "connection_made", "handle_connect", "data_received", "handle_ping", "send_receive_event_to_app",
        "connection_lost",
    ),
}  # fmt: skip

READ_AT_ONCE = 16_384
"""Bytes that a web socket reads at once, where asyncio has 262,144: so many tiny frames take the server 0.3 s."""


@cache
def watch() -> None:
    """Begin to watch this process's connections."""
    if missing := [name for kind, names in _METHODS.items() for name in names if not hasattr(kind, name)]:
        message = "This uvicorn has no %s: connections that never finish a request are not ended."
        logging.getLogger(__name__).warning(message, ", ".join(missing))
        return
    requests, messages = Requests(most_connections), Messages()
    _extend(AutoHTTPProtocol, "connection_made", after=requests.made)
    for name in ("data_received", "on_response_complete", "connection_lost"):
        _extend(AutoHTTPProtocol, name, after=requests.look)
    _extend(WebSocketsSansIOProtocol, "connection_made", after=messages.made)
    _extend(WebSocketsSansIOProtocol, "handle_connect", after=messages.asked)
    _extend(WebSocketsSansIOProtocol, "handle_ping", before=messages.pinged)
    _extend(WebSocketsSansIOProtocol, "data_received", before=messages.came, after=messages.judge)
    _extend(WebSocketsSansIOProtocol, "send_receive_event_to_app", after=messages.finished)
    _extend(WebSocketsSansIOProtocol, "connection_lost", after=messages.lost)


def most_connections() -> int:
    """How many connections there may be: half of the files that the process may open; sessions need the others."""
    if sys.platform == "win32":
        return limits.CONNECTIONS.most
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limits.CONNECTIONS.most if files == resource.RLIM_INFINITY else min(limits.CONNECTIONS.most, files // 2)


def _nothing(*_given: Any) -> None:
    """Where only one end of a method is looked at."""


def _extend(
    kind: Any, name: str, before: Callable[..., None] = _nothing, after: Callable[..., None] = _nothing
) -> None:
    """Have `before` and `after` called, with the connection and what it is given, around a method of uvicorn's."""
    original = getattr(kind, name)

    @wraps(original)
    def extended(connection: Any, *given: Any) -> None:
        before(connection, *given)
        original(connection, *given)
        after(connection, *given)

    setattr(kind, name, extended)


class Requests:
    """The clocks of HTTP connections: a short one until a whole request has come, a longer one until its answer went.

    A connection that became a web socket has neither. Where there are `most()` connections (the limit of files is
    raised after the guard is made), a new one takes the place of the one that has waited longest for its request.
    """

    def __init__(self, most: Callable[[], int]) -> None:
        self.most = most
        self.waiting: dict[Any, asyncio.TimerHandle] = {}
        self.busy: dict[Any, asyncio.TimerHandle] = {}

    def made(self, connection: Any, _transport: Any) -> None:
        """A new connection: look for a place for it."""
        if len(connection.connections) > self.most():
            if not self.waiting:
                connection.transport.write(_full())
                connection.transport.close()
                return
            self._end(next(iter(self.waiting)))
        self.look(connection)

    def look(self, connection: Any, *_given: Any) -> None:
        """Set the clock that a connection needs now, and stop the other one."""
        is_gone = connection.transport.is_closing() or connection.transport.get_protocol() is not connection
        is_busy = connection.cycle is not None and not connection.cycle.response_complete
        self._set(self.waiting, connection, limits.HANDSHAKE.most if not is_gone and not is_busy else 0)
        self._set(self.busy, connection, limits.EXCHANGE.most if not is_gone and is_busy else 0)

    def _set(self, clocks: dict[Any, asyncio.TimerHandle], connection: Any, seconds: int) -> None:
        if seconds and connection not in clocks:
            clocks[connection] = connection.loop.call_later(seconds, self._end, connection)
        elif not seconds and connection in clocks:
            clocks.pop(connection).cancel()

    def _end(self, connection: Any) -> None:
        connection.transport.abort()
        self.look(connection)


class Messages:
    """What web sockets have brought since their last whole message.

    One message is bounded by the server's `ws_max_size`, before it is taken in. This bounds one in thousands of
    pieces, endless pings, answers that are never fetched, and what all sockets hold together: there the one that
    holds most is ended.
    """

    def __init__(self) -> None:
        self.unfinished: dict[Any, int] = {}
        self.pings: Counter[Any] = Counter()
        self.total = 0

    def made(self, _socket: Any, transport: Any) -> None:
        """A new web socket, read in small bites, so that its turn among the others is short."""
        if hasattr(transport, "max_size"):
            transport.max_size = READ_AT_ONCE

    def asked(self, socket: Any, request: Any) -> None:
        """The handshake tells what the socket is for: the fast lane's questions are short."""
        if not request.path.partition("?")[0].endswith(STREAM):
            socket.conn.max_message_size = limits.SHORT_MESSAGE.most

    def pinged(self, socket: Any) -> None:
        """A ping, which browsers never send and programs seldom do."""
        self.pings[socket] += 1

    def came(self, socket: Any, data: bytes) -> None:
        """Bytes came. What ends a message in them has not been looked at yet."""
        self._keep(socket, self.unfinished.get(socket, 0) + len(data))

    def finished(self, socket: Any, *_given: Any) -> None:
        """A message is whole."""
        self._keep(socket, 0)
        self.pings.pop(socket, None)

    def lost(self, socket: Any, *_given: Any) -> None:
        """The socket is closed. What it holds is let go now: it stands in a circle of references, which Python would
        look for much later, while other sockets bring more."""
        self.finished(socket)
        socket.frames = []
        with suppress(AttributeError):  # where another release of websockets keeps it elsewhere
            socket.conn.reader.buffer.clear()

    def judge(self, socket: Any, _data: bytes) -> None:
        """End what holds too much."""
        is_too_much = self.unfinished.get(socket, 0) > 2 * limits.MESSAGE.most
        waits = socket.transport.get_write_buffer_size() > 2 * limits.MESSAGE.most
        if is_too_much or waits or len(socket.frames) + self.pings[socket] > limits.PIECES.most:
            self._end(socket)
        elif self.total > limits.UNFINISHED.most:
            self._end(max(self.unfinished, key=self.unfinished.__getitem__))

    def _end(self, socket: Any) -> None:
        socket.transport.abort()
        self.finished(socket)

    def _keep(self, socket: Any, size: int) -> None:
        self.total += size - self.unfinished.pop(socket, 0)
        if size:
            self.unfinished[socket] = size


def _full() -> bytes:
    said = limits.CONNECTIONS.sentence().encode()
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nContent-Length: {len(said)}\r\nConnection: close\r\n"
    )
    return head.encode() + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + said
