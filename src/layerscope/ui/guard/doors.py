"""Which of Streamlit's addresses are open: those that the app's own pages ask for, and metrics for this machine."""

from starlette.types import ASGIApp, Receive, Scope, Send

from layerscope.ui.guard.addresses import CORE, UPLOADS, header, name
from layerscope.ui.guard.hosts import LOOPBACK, hostname
from layerscope.ui.guard.refusing import refuse

OPEN = (f"{CORE}health", f"{CORE}host-config")
OPEN_BELOW = (f"{CORE}bidi-components/", UPLOADS)
LOCAL = (f"{CORE}metrics", f"{CORE}script-health-check")
_FORWARDED = (b"x-forwarded-for", b"x-real-ip", b"forwarded", b"via")

NOT_HERE = "There is nothing at this address."
NOT_SO = "This address can only be read."


class OpenDoors:
    """Middleware that ends requests for what nobody needs here (agents, other methods) or only the operator does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = name(scope)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS", *(("PUT", "DELETE") if asked.startswith(UPLOADS) else ())):
            await refuse(scope, receive, send, 405, NOT_SO)
        elif asked.startswith(CORE) and not self._is_open(asked, scope):
            await refuse(scope, receive, send, 404, NOT_HERE)
        else:
            await self.app(scope, receive, send)

    def _is_open(self, asked: str, scope: Scope) -> bool:
        return asked in OPEN or asked.startswith(OPEN_BELOW) or (asked in LOCAL and is_local(scope))


def is_local(scope: Scope) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    client = scope.get("client")
    host = hostname(header(scope, b"host") or "")
    is_forwarded = any(header(scope, key) is not None for key in _FORWARDED)
    return client is not None and client[0] in LOOPBACK and host in LOOPBACK and not is_forwarded
