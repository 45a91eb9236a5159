"""The first page as it was drawn at an earlier start, shown until torch is loaded.

A page's numbers come from torch, and loading it takes longer than all else at a start. But the page that an address
without further words opens is the same at each start, as long as no version and no file of ours changed. So what the
script sends for it is kept in a file, and sent to a page that comes before torch. Then the script runs as always and
sends the same to the same places, which changes nothing on the screen. Meanwhile the row above the stage is hidden, so
that nobody presses what no script has drawn; what the stage is told waits for its answer, as it does when a server was
started again under an open page.
"""

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from google.protobuf.message import DecodeError
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, ForwardMsgList
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from layerscope.ui import first_come, process, remembered
from layerscope.user_folder import user_folder

FOLDER = "LAYERSCOPE_CACHE"
"""The variable that names another folder than the user's own for the file."""
NAME, ENDING = "first-page-", ".pb"
MOST_BYTES = 1_000_000
"""Of the file; it is some 200,000."""
KINDS = ("delta", "navigation", "logo", "page_config_changed")
HIDDEN = "<style>.st-key-toolbar, .st-key-toolbar * { visibility: hidden !important; }</style>"
TICKET = re.compile(rb"\?ticket=[\w-]+")


class Replay:
    """One run of the script; make it before anything is drawn. `script` is the app's."""

    def __init__(self, script: Path) -> None:
        self._page = _new_page()
        self._file = _file(script)
        self._sent: list[ForwardMsg] = []
        self._is_early = process.warm_since() is None
        context = get_script_run_ctx()
        if context and (self._page or self._is_early):
            self._send = context._enqueue
            context._enqueue = self._sending

    def _sending(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") in KINDS:
            self._sent.append(message)
        self._send(message)

    def until_warm(self) -> None:
        """Wait for torch. Meanwhile a new page shows what is kept for it; a narrow one asks for another run at once,
        which finds that page on the screen."""
        frame = [message for message in self._sent if _is_style(message)] if self._is_early else []
        kept = _read(self._file) if frame and self._page else []
        for message in (*kept, *map(_hidden, frame)):
            self._send(message)
        process.wait_until_warm()
        for message in frame:
            self._send(message)

    def keep(self) -> None:
        """Write down what a new page was sent, unless that is kept already, or cannot be."""
        if self._page and not _is_there(self._file):
            whole = ForwardMsgList(messages=map(_without_ticket, self._sent)).SerializeToString()
            if len(whole) <= MOST_BYTES:
                with suppress(OSError):
                    _write(self._file, whole)


def expect(script: Path) -> None:
    """Have the first page come before torch, where something is kept for it."""
    if _is_there(_file(script)):
        first_come.can_be_shown()


def _new_page() -> ScriptRunContext | None:
    """The run's context where it is the first of a page that was opened at the address without further words."""
    context = get_script_run_ctx()
    if context is None or context.query_string or context.fragment_ids_this_run or not remembered.is_nothing():
        return None
    pages = context.pages_manager
    asked = pages.intended_page_name or pages.intended_page_script_hash not in (None, "", pages.main_script_hash)
    return None if asked else context


@cache
def _file(script: Path) -> Path:
    return user_folder(FOLDER) / f"{NAME}{_key(script)}{ENDING}"


def _key(script: Path) -> str:
    """What the first page depends on: versions, and the app's own files."""
    said = [sys.version, *map(version, ("torch", "streamlit", "plotly"))]
    for file in (script, *_files(script.parent / "pages"), *_files(Path(__file__).parent.parent)):
        told = file.stat()
        said.append(f"{file} {told.st_mtime_ns} {told.st_size}")
    return sha256("\n".join(said).encode()).hexdigest()[:16]


def _files(below: Path) -> Iterable[Path]:
    return sorted(file for file in below.rglob("*.*") if file.suffix in (".py", ".js", ".css", ".svg"))


def _is_there(file: Path) -> bool:
    return os.access(file, os.R_OK)


def _read(file: Path) -> list[ForwardMsg]:
    """What is kept; nothing where there is none, or none that can be read."""
    try:
        if file.stat().st_size > MOST_BYTES:
            return []
        return list(ForwardMsgList.FromString(file.read_bytes()).messages)
    except (OSError, DecodeError):
        return []


def _write(file: Path, whole: bytes) -> None:
    """In place of what other versions left."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.glob(f"{NAME}*"):
        old.unlink(missing_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(whole)
    unfinished.replace(file)


def _is_style(message: ForwardMsg) -> bool:
    return ".st-key-toolbar" in message.delta.new_element.html.body


def _hidden(message: ForwardMsg) -> ForwardMsg:
    """A style of the page's frame, with the row above the stage hidden."""
    changed = ForwardMsg.FromString(message.SerializeToString())
    changed.delta.new_element.html.body += HIDDEN
    return _anew(changed)


def _without_ticket(message: ForwardMsg) -> ForwardMsg:
    """The message without the word that tells this visitor's sockets from those of others."""
    stage = message.delta.new_element.bidi_component
    if stage.WhichOneof("data") != "bytes":
        return message
    changed = ForwardMsg.FromString(message.SerializeToString())
    stage = changed.delta.new_element.bidi_component
    stage.bytes = TICKET.sub(b"", stage.bytes)
    return _anew(changed)


def _anew(message: ForwardMsg) -> ForwardMsg:
    """Streamlit's page takes messages with the same hash for the same, and none without."""
    message.hash = ""
    populate_hash_if_needed(message)
    return message
