"""Several server processes behind HAProxy, started for real with the command of `make serve-many`."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layerscope.ui.many import supervising
from layerscope.ui.many.runtime import Runtime
from scripts.live import answering, free_port

COMMAND = [sys.executable, "-m", "layerscope.ui.many.command"]
COOKIE = "layerscope-process"
PATIENCE = 60
"""Seconds until every process must get visitors."""


@contextmanager
def several(processes: int, log: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Serve with so many processes; the address, and the folder with what was written for them.

    `log` is a file that gets what they print.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="many") as made:  # a short path, as a socket needs
        start = [*COMMAND, "start", "--host", "127.0.0.1", "--port", str(port), "--processes", str(processes)]
        with answering([*start, "--first-port", str(two_free_ports()), "--folder", made], port, log=log) as address:
            running = runtime(Path(made))
            for name, _ in running.processes():
                running.wait_until_up(name, PATIENCE)
            yield address, Path(made)


def runtime(folder: Path) -> Runtime:
    """The HAProxy of that folder."""
    return Runtime(folder / "haproxy.sock")


def pid_of(folder: Path, name: str) -> int:
    """The process of that name in HAProxy's table, such as p1."""
    program = supervising.PROGRAM + name.removeprefix("p")
    asked = supervising.supervisorctl(folder / "supervisord.conf", "pid", program)
    return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def two_free_ports() -> int:
    """A free port whose next one is free too."""
    while True:
        first = free_port()
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", first + 1))
            return first
