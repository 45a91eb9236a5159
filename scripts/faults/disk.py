"""The disk is full while pages export, upload, log and keep trials. Needs root on Linux, for a small disk of its own.

The server's log, its trials and its folder for temporary files are on that disk. It is filled up while trials run, and
emptied after. Meanwhile a slider moves, code is exported, and a ZIP of images is sent. Then the server is
killed: the next one must know every trial.
"""

import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

from PIL import Image
from playwright.sync_api import Browser, FilePayload, expect

from layerscope.jobs.kept import Kept
from scripts.faults.pages import OpenPage, seconds_until
from scripts.live import APP, chromium, served
from scripts.usage import process_of

MEGABYTES, TRIALS = 4, 12
PATIENCE_MS = 300_000
"""Workers are less urgent than all else, and the machine may be busy."""
LR = "%2C+".join(f"0.{number:03}" for number in range(1, TRIALS + 1))
ASK = f"trials?net=1x8x8-10~Conv2d.4.3~ReLU~Flatten~Linear.10&try=lr%3D{LR}&epochs=1"
UNSAVED = "Trials cannot be saved on this server"
ALL_DONE = "All trials are done."


class SmallDisk:
    """A disk of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("trials", "temporary", "data"):
            (folder / name).mkdir()

    def fill(self) -> None:
        """Until nothing more goes on it."""
        with suppress(OSError), (self.folder / "filling").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4_096))

    def empty(self) -> None:
        (self.folder / "filling").unlink()

    def environment(self) -> dict[str, str]:
        folders = {"LAYERSCOPE_TRIALS": "trials", "LAYERSCOPE_DATA": "data", "TMPDIR": "temporary"}
        return {variable: str(self.folder / name) for variable, name in folders.items()}


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="layerscope-disk-") as made:
        size = f"size={MEGABYTES}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "layerscope", made], check=True)
        try:
            yield SmallDisk(Path(made))
        finally:
            subprocess.run(["umount", "--lazy", made], check=True)


def images(megabytes: float) -> bytes:
    """A ZIP of two classes of noise, of about that size."""
    chance, file = Random(0), BytesIO()
    with ZipFile(file, "w") as archive:
        number = 0
        while file.tell() < megabytes * 1_000_000:
            picture = BytesIO()
            Image.frombytes("RGB", (64, 64), chance.randbytes(64 * 64 * 3)).save(picture, "PNG")
            archive.writestr(f"{'cats' if number % 2 else 'dogs'}/{number}.png", picture.getvalue())
            number += 1
    return file.getvalue()


def log_something(address: str) -> None:
    """A request for another site, which is refused and logged."""
    asked = urllib.request.Request(address, headers={"Host": "elsewhere.example"})
    with suppress(urllib.error.URLError):
        urllib.request.urlopen(asked, timeout=10).close()


def meanwhile(browser: Browser, address: str, explore: OpenPage) -> list[str]:
    """Move, export, upload and log while the disk is full; what went wrong."""
    wrong = []
    for _ in range(3):
        begin = time.monotonic()
        explore.press("ArrowLeft")
        seconds = seconds_until(explore.shows, begin)
        log_something(address)
        if seconds > 5:
            wrong.append(f"a move took {seconds:.1f} s")
    page = explore.page
    page.get_by_role("button", name="Export").first.click()
    for button in ("PyTorch code", "Weights"):
        with page.expect_download() as saved:
            page.get_by_role("button", name=button, exact=True).click()
        size = saved.value.path().stat().st_size
        print(f"  exported: {saved.value.suggested_filename}, {size:,} bytes", flush=True)
        if size < 500:
            wrong.append(f"{button} was exported with {size} bytes")
    page.keyboard.press("Escape")
    train = browser.new_page()
    train.goto(f"{address}/train?data=own")
    train.get_by_role("button", name="Choose a ZIP").click()
    zipped = FilePayload(name="own.zip", mimeType="application/zip", buffer=images(1.9))
    asks = train.get_by_text("The server keeps the images in its memory until newer ones need the space.")
    expect(asks).to_be_visible(timeout=PATIENCE_MS)
    train.locator("input[type=file]").set_input_files(zipped)
    expect(asks).to_have_count(0, timeout=PATIENCE_MS)
    train.close()
    return wrong


def run() -> bool:
    """Whether the visitor met one sentence and no more, and nothing that was finished was lost."""
    if os.geteuid() or not Path("/proc").is_dir():
        print("A full disk is tried as root on Linux only.")
        return False
    with small_disk() as disk, chromium() as browser:
        log = disk.folder / "log.txt"
        with served(APP, log=log, environment=disk.environment()) as address:
            explore, trials = OpenPage(browser, address, 1), browser.new_page()
            trials.goto(f"{address}/{ASK}")
            trials.get_by_role("button", name=f"Run {TRIALS} trials").click(timeout=PATIENCE_MS)
            expect(trials.get_by_text(f"of {TRIALS} trials done; ")).to_be_visible(timeout=PATIENCE_MS)
            disk.fill()
            said = trials.get_by_text(UNSAVED)
            expect(said).to_be_visible(timeout=PATIENCE_MS)
            sentence, count = said.first.inner_text(), said.count()
            wrong = meanwhile(browser, address, explore)
            disk.empty()
            expect(trials.get_by_text(ALL_DONE)).to_be_visible(timeout=PATIENCE_MS)
            trials.wait_for_timeout(12_000)  # what came to the end before there was room is tried again by then
            trials.reload()
            expect(trials.get_by_text(ALL_DONE)).to_be_visible(timeout=PATIENCE_MS)
            expect(said).to_have_count(0)
            link = trials.url.removeprefix(address)
            explore.press("ArrowRight")
            if seconds_until(explore.shows, time.monotonic()) > 5:
                wrong.append("a move after it took more than 5 s")
            trials.close()
            os.kill(process_of(address) or 0, signal.SIGKILL)
        with served(APP, environment=disk.environment()) as address:
            page = browser.new_page()
            page.goto(address + link)
            expect(page.get_by_text(ALL_DONE)).to_be_visible(timeout=PATIENCE_MS)
            (name,) = parse_qs(urlsplit(link).query)["run"]
            found = Kept(disk.folder / "trials").find(name)
            rows = len(found.trials) if found is not None else 0
        tracebacks = log.read_text(errors="replace").count("Traceback")
    for text in wrong:
        print(f"  {text}")
    print(f"A full disk: {count} sentence ({sentence}); {len(wrong)} things went wrong, {tracebacks} tracebacks in "
          f"the log; after a kill the next server had {rows} of {TRIALS} trials.")  # fmt: skip
    return not wrong and count == 1 and not tracebacks and rows == TRIALS
