"""HAProxy's configuration for several server processes: the front that visitors reach, and who answers them.

A page and its web sockets must come to the same process, which has the visit in its memory. A cookie says which one
that is, and never the visitor's address: a whole school comes from one. Where that process is gone, the next one
answers, the cookie is renewed, and the page brings its network with it.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

from layerscope import limits

HEALTH = "/_stcore/health"
POOL = "layerscope"
COOKIE = "layerscope-process"
CHECK_SECONDS = 1
FAILED_CHECKS = 2
"""A process that answers no check so often gets no visitors; one that refuses a connection gets none from then on."""
TUNNEL_HOURS = 2
"""So long a web socket may be silent. The server's own pings come sooner, so only a dead one ever is."""
REQUEST_SECONDS = 10
"""A request must have arrived by then; answers may take the six-fold."""


class Process(NamedTuple):
    """One server process: where it listens, and its name in the cookie."""

    name: str
    host: str
    port: int


class Front(NamedTuple):
    """Where visitors come in: the address that HAProxy listens on, and a PEM file for HTTPS or none."""

    bind: str
    port: int
    certificate: Path | None = None


def configuration(front: Front, processes: Iterable[Process], socket: Path) -> str:
    """The whole text of haproxy.cfg. On `socket`, the owner alone can take a process out and in again."""
    secure = f" ssl crt {front.certificate} alpn h2,http/1.1" if front.certificate else ""
    processes = tuple(processes)
    # A frame of another site sends the cookie only so, and browsers want HTTPS for it.
    across = 'secure attr "SameSite=None" attr "Partitioned"' if front.certificate else 'attr "SameSite=Lax"'
    servers = "\n".join(
        f"    server {one.name} {bracketed(one.host)}:{one.port} cookie {one.name} check" for one in processes
    )
    return f"""\
# Written by Layerscope; it is rewritten at each start.
global
    # As many as the processes take. Where the system allows too few open files for that, it warns and goes on.
    maxconn {limits.CONNECTIONS.most * len(processes)}
    no strict-limits
    # A link may name two networks; with its headers it is then larger than the usual 16 kB.
    tune.bufsize 32768
    stats socket {socket} mode 600 level admin

defaults
    mode http
    option forwardfor
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response response-timeout
    timeout connect 2s
    timeout http-request {REQUEST_SECONDS}s
    timeout http-keep-alive {REQUEST_SECONDS}s
    timeout client {6 * REQUEST_SECONDS}s
    timeout server {6 * REQUEST_SECONDS}s
    timeout queue {REQUEST_SECONDS}s
    timeout tunnel {TUNNEL_HOURS}h

frontend visitors
    bind {bracketed(front.bind)}:{front.port}{secure}
    http-request set-header X-Forwarded-Proto {"https" if front.certificate else "http"}
    default_backend {POOL}

backend {POOL}
    balance leastconn
    cookie {COOKIE} insert indirect nocache httponly {across}
    option httpchk
    http-check send meth GET uri {HEALTH} hdr Host 127.0.0.1
    http-check expect status 200
    default-server inter {CHECK_SECONDS}s fall {FAILED_CHECKS} rise 1 observe layer4 error-limit 1 \
on-error mark-down on-marked-down shutdown-sessions
{servers}
"""


def bracketed(host: str) -> str:
    """An address as it stands before a port."""
    try:
        return f"[{host}]" if isinstance(ip_address(host), IPv6Address) else host
    except ValueError:
        return host
