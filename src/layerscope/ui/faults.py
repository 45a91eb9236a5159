"""Faults at the start: one sentence on stderr and exit status 1, never a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class StartError(Exception):
    """The server cannot start; the message is a sentence that says what would help."""


@contextmanager
def as_sentences() -> Iterator[None]:
    """End the process at a StartError, with its sentence."""
    try:
        yield
    except StartError as error:
        sys.exit(str(error))
