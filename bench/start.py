"""The start: from the command of `make run` to the first painted picture, beside importing torch and streamlit alone.

The browser is open already, with an empty page. The picture is there when the tensor flow and the bars are drawn, as in
bench/screen.py. Both are new processes on an installed machine, and take turns; the first turn is not counted, as the
files come from the disk then.
"""

import socket
import statistics
import subprocess
import sys
import time

from playwright.sync_api import Browser

from bench.screen import OURS, PATIENCE_MS, expected
from scripts.live import ROOT, chromium, free_port

TARGET = 1.3
TURNS = 7
LOOK_SECONDS = 0.005
IMPORTS = (sys.executable, "-c", "import torch, streamlit")


def importing() -> float:
    """Seconds that a new process takes to import both, and to end."""
    begin = time.perf_counter()
    subprocess.run(IMPORTS, check=True, cwd=ROOT)
    return time.perf_counter() - begin


def starting(browser: Browser) -> float:
    """Seconds from the command to the picture."""
    port = free_port()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    command = [sys.executable, "-m", "layerscope.ui.start", "home", "--port", str(port)]
    begin = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _listens(port):
            if server.poll() is not None:
                raise RuntimeError(f"{' '.join(command)} ended with {server.returncode}.")
            time.sleep(LOOK_SECONDS)
        page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
        page.wait_for_function(f"(wanted) => ({OURS.drawn})(...wanted)", arg=expected(5), timeout=PATIENCE_MS)
        return time.perf_counter() - begin
    finally:
        page.close()
        server.terminate()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> bool:
    """Print the ratio of the medians; true when it is within the target."""
    alone, whole = [], []
    with chromium() as browser:
        for _ in range(TURNS + 1):
            alone.append(importing())
            whole.append(starting(browser))
    ratio = statistics.median(whole[1:]) / statistics.median(alone[1:])
    turns = sorted(there / here for there, here in zip(whole[1:], alone[1:], strict=True))
    print(f"First picture: {ratio:.2f}x the time of importing torch and streamlit; the target is {TARGET:g}x.")
    print(f"Turn by turn {turns[0]:.2f}x to {turns[-1]:.2f}x, in {TURNS} turns.")
    print("met" if ratio <= TARGET else "missed")
    return ratio <= TARGET


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
