"""Dask's client, of which nothing stays where it does not reach its scheduler. Imported when one is wanted only."""

from contextlib import suppress
from typing import Any

from distributed import Client


class Reaching(Client):
    """A client whose thread ends with a connection that fails; Dask's own would leave one behind for each try."""

    def start(self, **given: Any) -> None:
        try:
            super().start(**given)  # type: ignore[no-untyped-call]
        except BaseException:
            with suppress(Exception):
                self.close(timeout=2)  # type: ignore[no-untyped-call]
            self._loop_runner.stop()  # type: ignore[no-untyped-call]
            raise
