"""A Streamlit script served for real, and a Chromium to look at it with.

The browser tests and the benchmarks share this file. Both ends stay on this machine: the server
listens on 127.0.0.1 only, and Chromium is told not to call home.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app.py"

START_SECONDS = 60.0

# Playwright leaves these out; a list of our own takes the place of Playwright's, so they stand here again.
PLAYWRIGHTS = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)
# For each window Chromium makes a page of its own for what one types into the address; a renderer less for each test.
ADDRESS_BAR = ("WebUIOmniboxAimPopup", "WebUIOmniboxPopup")

CHROMIUM_FLAGS = [
    "--no-sandbox",  # needed where the tests run as root; the only pages opened are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join((*PLAYWRIGHTS, *ADDRESS_BAR))}",
]

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""What to look for on the PATH; the first, Chromium without windows, is what Playwright's own is, and takes less."""

NO_BROWSER = (
    "There is no browser to test with. Install Chromium so that `chromium` is on the PATH, "
    "or run `.venv/bin/playwright install chromium`."
)


class LiveError(RuntimeError):
    """A server or a browser that did not start; the message says why, for a person to read."""


@contextmanager
def served(
    script: Path, *, directory: Path = ROOT, flags: tuple[str, ...] = (), log: Path | None = None, port: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:  # fmt: skip
    """Serve a Streamlit script and yield its address, such as http://127.0.0.1:4242; without a port, on a free one.

    `directory` is where the server runs, and so whose .streamlit/config.toml it obeys; `flags`
    are further options of `streamlit run`; `log` is a file that gets what the server prints;
    `environment` is put into its own.
    Raises LiveError, with that text, when the server ends early or does not answer within
    START_SECONDS.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    with answering(command, port, directory=directory, log=log, **environment or {}) as address:
        yield address


@contextmanager
def answering(
    command: list[str], port: int, *, directory: Path = ROOT, log: Path | None = None, **more: str
) -> Iterator[str]:
    """Run a command that serves on that port of 127.0.0.1, with `more` in its environment; yield its address.

    Raises LiveError as `served` does.
    """
    address = f"http://127.0.0.1:{port}"
    with log.open("w+b") if log else tempfile.TemporaryFile() as output:
        server = subprocess.Popen(
            command, cwd=directory, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **more},
            preexec_fn=_end_with_its_parent,
        )  # fmt: skip
        try:
            if not _answers(server, f"{address}/_stcore/health"):
                output.seek(0)
                text = output.read().decode(errors="replace")
                raise LiveError(f"The server did not start: {' '.join(command)}. Its log:\n{text}")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Start a headless Chromium, with further `flags`: the one on the PATH, otherwise Playwright's own.

    Playwright's event loop runs in this thread until the block ends. Raises LiveError with a
    sentence when there is no browser.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=[*CHROMIUM_FLAGS, *flags])
        except Error as error:
            raise LiveError(f"{NO_BROWSER}\n{error.message}") from error
        try:
            yield browser
        finally:
            browser.close()


def end_in_order() -> None:
    """A script that is told to end, or whose terminal is closed, ends what it started, as after Ctrl-C."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, end)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _end_with_its_parent() -> None:
    """In a new process: it is told to end once the one that started it has ended, by kill -9 too. Linux only."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """A port of this computer that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(server: subprocess.Popen[bytes], health: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(health, timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False
