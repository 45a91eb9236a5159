"""Settings of the web process as a whole, made once, and its warming up.

Importing torch and what stands on it takes longer than everything else at the start. It happens in a thread, so that
the port opens at once and the browser loads its own part meanwhile; for the same reason this file, and all that
`app.py` imports, import nothing that needs torch.
"""

import gc
import logging
import socket
import sys
import time
from asyncio import base_events
from functools import cache
from pathlib import Path
from threading import Thread

from starlette.formparsers import MultiPartParser
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.manifest_scanner import ComponentManifest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager

from layerscope.limits import OWN_FILE, UPLOADS
from layerscope.ui import collecting, first_come, late_presses, log

SWITCH_SECONDS = 0.0005
"""How long the script's thread may keep the server's thread from sending what is ready; Python's own is 5 ms."""

FLUSH_SECONDS = 0.001
"""Streamlit rests this long after sending; its own 10 ms lie between a script's first message and its answer."""

MOST_FILES, FILES_PER_VISITOR = 65_536, 5
"""Open files that are asked of the system; a visitor takes about five, two of them for the sockets."""


_warm_since: float | None = None


def warm_since() -> float | None:
    """When the warming up ended, by time.monotonic; None before."""
    return _warm_since


def raise_file_limit() -> None:
    """Let this process open as many files as the system allows, up to MOST_FILES; a failure is one line in the log.

    Many systems begin with 1,024 or fewer, which a few hundred visitors use up. Windows has no such limit.
    """
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        message = "This process may open %d files only, which lasts for about %d visitors; see `ulimit -n`."
        logging.getLogger(__name__).warning(message, soft, soft // FILES_PER_VISITOR)


def _send_at_once(sock: socket.socket) -> None:
    """asyncio's own `_set_nodelay`, but also for sockets that were made without naming their protocol.

    Streamlit binds such a socket, and so each of its small messages could wait 40 ms for the receipt of the one before
    (Nagle's algorithm against delayed acknowledgements).
    """
    if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _run_whole_page_first() -> None:
    """Have a session that knows nothing of a part of the page run the whole page, instead of nothing at all.

    After a restart of the server the browser has its page still, and Streamlit does not always ask for a run of it:
    what the hand does then belongs to a part (a fragment) that the new session has yet to meet.
    """
    request = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None and not self.has_fragment(client_state.fragment_id):
            client_state.fragment_id = ""
        request(self, client_state)

    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


def _is_news(record: logging.LogRecord) -> bool:
    """Not so a frame that is not text: uvicorn ends its socket, and writes a traceback for each."""
    return not str(record.msg).startswith("Invalid UTF-8 sequence")


@cache
def settle() -> Thread:
    """Make the settings, and begin to warm up; the thread ends when every page can be drawn."""
    log.bound()
    log.show_ours()
    raise_file_limit()
    sys.setswitchinterval(SWITCH_SECONDS)
    collecting.begin()
    if hasattr(runtime, "MESSAGE_FLUSH_INTERVAL_SECS"):
        runtime.MESSAGE_FLUSH_INTERVAL_SECS = FLUSH_SECONDS
    if hasattr(MultiPartParser, "spool_max_size"):  # a visitor's file never waits on the disk, which may be full
        MultiPartParser.spool_max_size = max(UPLOADS.most, OWN_FILE.most)
    if hasattr(base_events, "_set_nodelay"):
        base_events._set_nodelay = _send_at_once
    if hasattr(PagesManager, "uses_pages_directory"):  # until app.py ran once, it would take pages/ for the pages
        PagesManager.uses_pages_directory = False
    if hasattr(manifest_scanner, "scan_component_manifests"):  # reads what every installed package says of itself
        manifest_scanner.scan_component_manifests = _no_manifests
    if hasattr(AppSession, "has_fragment"):
        _run_whole_page_first()
    late_presses.allow()
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    warming = Thread(target=_warm_up, name="layerscope-warm-up", daemon=True)
    warming.start()
    return warming


def _no_manifests(max_workers: int | None = None) -> list[tuple[ComponentManifest, Path]]:
    """No installed package brings components: the stage is registered by its own code."""
    return []


def wait_until_warm() -> None:
    """Before anything that needs torch: two threads that import the same modules would get in each other's way."""
    settle().join()


def _warm_up() -> None:
    """One torch thread, torch's first-call costs paid, and what is loaded by now left out of garbage collection.

    With torch's usual threads the sessions of a class wait for each other; and each full collection would walk over
    the several hundred thousand objects that importing torch leaves behind. Few of them are garbage, 8,000 of 380,000,
    which is not worth the quarter of a second that it takes to find them.
    """
    gc.disable()
    first_come.wait()
    try:
        import torch

        from layerscope.ui import explorer

        torch.set_num_threads(1)
        explorer.rehearse()
        gc.freeze()
    finally:
        gc.enable()
    global _warm_since
    _warm_since = time.monotonic()


@cache
def warm_further() -> Thread:
    """Once the first page is drawn: pandas, the reader, and what torch imports for it. Nobody should wait for them.

    A server that ends meanwhile waits for it: torch would abort where its imports are cut off.
    """
    warming = Thread(target=_warm_up_further, name="layerscope-warm-up-further")
    warming.start()
    return warming


def _warm_up_further() -> None:
    import pandas  # noqa: F401  (the lab's pages and exports need it)

    import layerscope.ui.understanding  # noqa: F401  (what is pasted)
    from layerscope.source.torch import questions

    questions.warm()
    gc.freeze()
