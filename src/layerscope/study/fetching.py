"""Fetching a set of images that other people publish: with its checksum, bounded, with progress, once."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from layerscope import limits
from layerscope.study.sets import KNOWN, DataError, Known, kept_in

CHUNK, SECONDS = 2**13, 20
"""Bytes after which it is asked whether to go on, and how long a server may be silent."""
ASK_SECONDS = 0.2
_TURN = Lock()
"""One set at a time is fetched, whoever asks."""


class UnwantedError(Exception):
    """Nobody wants the set any more."""


class _Progress:
    """What pooch reports to, as it would to a bar of tqdm. What it raises ends the download."""

    def __init__(self, known: Known, report: Callable[[float], object], is_wanted: Callable[[], bool]) -> None:
        self.total, self._done, self._known = 0, 0, known
        self._report, self._is_wanted, self._began = report, is_wanted, monotonic()

    def update(self, count: int) -> None:
        self._done += count
        if not self._is_wanted():
            raise UnwantedError
        if self._done > limits.FETCH_BYTES.most:
            raise DataError(_stopped(self._known, limits.FETCH_BYTES))
        if monotonic() - self._began > limits.FETCH_SECONDS.most:
            raise DataError(_stopped(self._known, limits.FETCH_SECONDS))
        self._report(min(self._done / (self._known.megabytes * 10**6), 1.0))

    def reset(self) -> None:
        """At the end pooch starts its bar again to fill it; here everything was counted already."""
        self._done -= self.total

    def close(self) -> None:
        """There is nothing to close."""


def fetch(
    name: str, report: Callable[[float], object] = bool, is_wanted: Callable[[], bool] = lambda: True
) -> Path:  # fmt: skip
    """Fetch a set's files unless they are there, and return their folder. `report` gets the share done, from 0 to 1.

    It waits for its turn, and nothing is reported before that. Raises UnwantedError once `is_wanted` says so, and
    DataError where there is no connection, where a file is not the one that it should be, is too large or takes too
    long. What has arrived by then is thrown away.
    """
    if (known := KNOWN.get(name)) is None:
        raise DataError(f"There is no set {name[:40]} to fetch; {', '.join(KNOWN)} would work.")
    while not _TURN.acquire(timeout=ASK_SECONDS):
        if not is_wanted():
            raise UnwantedError
    try:
        return _fetched(known, report, is_wanted)
    finally:
        _TURN.release()


def _fetched(known: Known, report: Callable[[float], object], is_wanted: Callable[[], bool]) -> Path:
    import pooch  # here, as few need it
    import requests

    folder, progress = kept_in(known), _Progress(known, report, is_wanted)
    report(0.0)
    for file, checksum in known.files.items():
        ask = pooch.HTTPDownloader(progressbar=progress, chunk_size=CHUNK, timeout=SECONDS)
        try:
            pooch.retrieve(known.host + file, f"sha256:{checksum}", file, folder, downloader=ask)
        except requests.RequestException as error:
            raise DataError(f"{known.title} cannot be fetched: {_why(known, error)} {_otherwise(known)}") from error
        except DataError:
            raise
        except ValueError as error:  # pooch's word for another checksum
            raise DataError(
                f"{file} is not the file we expected (wrong checksum), so it was discarded. Try again later. "
                f"{_otherwise(known)}"
            ) from error
        except OSError as error:
            raise DataError(f"{known.title} cannot be kept on this computer: {error.strerror}.") from error
    report(1.0)
    return folder


def _why(known: Known, error: Exception) -> str:
    """What is wrong with the server that publishes a set."""
    host, answer = urlsplit(known.host).hostname, getattr(error, "response", None)
    return f"{host} does not answer." if answer is None else f"{host} answers with error {answer.status_code}."


def _stopped(known: Known, limit: limits.Limit) -> str:
    return f"{limit.sentence(name=known.title)} {_otherwise(known)}"


def _otherwise(known: Known) -> str:
    """What would work."""
    return f"Without fetching, the files can be read from a folder that {known.folder} names."
