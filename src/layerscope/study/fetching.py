"""Fetching a set of images that other people publish: with its checksum, with progress, once."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from layerscope.study.sets import KNOWN, DataError, Known, kept_in

CHUNK, SECONDS = 2**16, 20
_TURN = Lock()
"""One set at a time is fetched, whoever asks."""


class _Progress:
    """What pooch reports to, as it would to a bar of tqdm."""

    def __init__(self, done: int, whole: int, report: Callable[[float], object]) -> None:
        self.total, self._done, self._whole, self._report = 0, done, whole, report

    def update(self, count: int) -> None:
        self._done += count
        self._report(min(self._done / self._whole, 1.0))

    def reset(self) -> None:
        """At the end pooch starts its bar again to fill it; here everything was counted already."""
        self._done -= self.total

    def close(self) -> None:
        """There is nothing to close."""


def fetch(name: str, report: Callable[[float], object] = bool) -> Path:
    """Fetch a set's files unless they are there, and return their folder. `report` gets the share done, from 0 to 1.

    Raises DataError where there is no connection, or where a file is not the one that it should be.
    """
    if (known := KNOWN.get(name)) is None:
        raise DataError(f"There is no set {name[:40]} to fetch; {', '.join(KNOWN)} would work.")
    import pooch  # here, as few need it
    import requests

    folder, done = kept_in(known), 0
    with _TURN:
        for file, checksum in known.files.items():
            progress = _Progress(done, known.megabytes * 10**6, report)
            ask = pooch.HTTPDownloader(progressbar=progress, chunk_size=CHUNK, timeout=SECONDS)
            try:
                pooch.retrieve(known.host + file, f"md5:{checksum}", file, folder, downloader=ask)
            except requests.RequestException as error:
                raise DataError(_unreached(known)) from error
            except ValueError as error:  # pooch's word for another checksum
                raise DataError(
                    f"{file} is not the file we expected (wrong checksum), so it was discarded. Try again."
                ) from error
            except OSError as error:
                raise DataError(f"{known.title} cannot be kept on this computer: {error.strerror}.") from error
            done += (folder / file).stat().st_size
    report(1.0)
    return folder


def _unreached(known: Known) -> str:
    return (
        f"{known.title} cannot be fetched: {urlsplit(known.host).hostname} does not answer. Where there is no "
        f"connection, name a folder with its files in {known.folder}."
    )
