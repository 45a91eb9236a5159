"""What the running HAProxy is asked and told, over its socket."""

import csv
import io
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from layerscope.ui.faults import StartError
from layerscope.ui.many.balancer import POOL

ANSWER_SECONDS = 5


class Runtime:
    """The HAProxy that `make serve-many` runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def processes(self) -> list[tuple[str, str]]:
        """Name and address of each process, in their order."""
        return [(row["svname"], row["addr"]) for row in self._rows()]

    def is_up(self, name: str) -> bool:
        """Whether it gets visitors."""
        return any(row["svname"] == name and row["status"].startswith("UP") for row in self._rows())

    def set_state(self, name: str, state: str) -> None:
        """`maint` takes a process out and sends its visitors to the others; `ready` takes it in again."""
        if answer := self._ask(f"set server {POOL}/{name} state {state}").strip():
            raise StartError(f"HAProxy did not change {name}: {answer}")

    def wait_until_up(self, name: str, seconds: float) -> None:
        """Raises StartError where the process has no visitors by then."""
        end = time.monotonic() + seconds
        while not self.is_up(name):
            if time.monotonic() > end:
                raise StartError(f"HAProxy does not send visitors to {name} after {seconds:g} seconds. See its log.")
            time.sleep(0.1)

    def _rows(self) -> Iterator[dict[str, str]]:
        text = self._ask("show stat").removeprefix("# ")
        for row in csv.DictReader(io.StringIO(text)):
            if row["pxname"] == POOL and row["svname"] not in ("FRONTEND", "BACKEND"):
                yield row

    def _ask(self, words: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(ANSWER_SECONDS)
                line.connect(str(self._path))
                line.sendall(f"{words}\n".encode())
                return b"".join(iter(lambda: line.recv(65536), b"")).decode()
        except OSError as error:
            raise StartError(f"HAProxy does not answer at {self._path}: is make serve-many running?") from error
