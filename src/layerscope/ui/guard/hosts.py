"""Whose pages may talk to the server: the Host and the Origin of every request and web socket.

A page of another site must not use this visitor's server, be it through a web socket or through a name of its own that
its DNS points at this address. The names are those of Streamlit's `server.allowedHosts`, with the machine's own.
"""

import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from layerscope.ui.guard.addresses import header
from layerscope.ui.guard.refusing import refuse, tell

LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANY = "*"

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::[0-9]{1,5})?")

WRONG_HOST = "This is not an address of the app. Use the one that you were given, or ask whoever runs the server."
WRONG_ORIGIN = "A page of another site may not use this app. Open the app itself."


def hostname(host: str) -> str | None:
    """The name in a Host header or an origin: lower case, without port or brackets; None where it is damaged."""
    found = _HOST.fullmatch(host.lower())
    return (found[1] or found[2]) if found else None


def with_own(allowed: list[str]) -> list[str]:
    """The names that an operator wrote, and the machine's own; an empty list allows all, as in Streamlit."""
    return list(dict.fromkeys([*allowed, *LOOPBACK])) if allowed else []


def is_named(name: str, allowed: list[str]) -> bool:
    """Whether a name is among `allowed`, where `*.school.edu` stands for all names below it, and `*` for all."""
    patterns = [one.strip().lower().rstrip(".") for one in allowed]
    return any(
        one in (name, ANY) or (one.startswith("*.") and name.endswith(one[1:])) for one in patterns
    )  # fmt: skip


class OwnHosts:
    """Middleware that lets through what is asked under one of the `allowed` names, by a page of the app itself.

    Streamlit is not shown a web socket's Origin, which has been checked by then: one that it does not know would make
    it look up its own outside address, while everybody waits.
    """

    def __init__(self, app: ASGIApp, allowed: list[str]) -> None:
        self.app = app
        self.allowed = allowed
        # Behind a proxy that does not hand on the Host, the page's name is another one. The machine's own names are
        # no such case: another program's page, on another port, is another site.
        self.proxies = [one for one in allowed if one != ANY and one not in LOOPBACK]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host, origin = header(scope, b"host"), header(scope, b"origin")
        if not self.is_own(host):
            tell("Refused a request for the host %s. If visitors type that, add it to HOST of make serve.", host)
            await refuse(scope, receive, send, 403, WRONG_HOST)
        elif origin is not None and not self.is_own_page(origin, host or ""):
            tell(
                "Refused a request by a page of %s. If a proxy shows the app there, add it to HOST of make serve.",
                origin,
            )
            await refuse(scope, receive, send, 403, WRONG_ORIGIN)
        elif scope["type"] == "websocket":
            headers = [(key, value) for key, value in scope["headers"] if key != b"origin"]
            await self.app({**scope, "headers": headers}, receive, send)
        else:
            await self.app(scope, receive, send)

    def is_own(self, host: str | None) -> bool:
        """Whether a Host header names this server."""
        name = hostname(host or "")
        return not self.allowed or (name is not None and is_named(name, self.allowed))

    def is_own_page(self, origin: str, host: str) -> bool:
        """Whether an Origin is the site that was asked, port and all, or one that a proxy shows the app at."""
        try:
            site = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        name = hostname(site)
        return name is not None and (site == host.lower() or is_named(name, self.proxies))
