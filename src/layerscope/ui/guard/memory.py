"""Large pieces of memory go back to the system as soon as they are let go.

glibc takes a piece from the system for itself alone only above a size that grows with each such piece that was freed,
up to 32 MB. Below it a freed piece stays with the process: after 14 times 45 sockets that each brought 4 MB and were
closed, it held 630 MB of nothing. A fixed size stops the growing.
"""

import ctypes
import sys

_MMAP_THRESHOLD = -3
"""M_MMAP_THRESHOLD of malloc.h."""

LARGE = 1_048_576
"""Bytes. Few pieces of the app's ordinary work are larger; for those, asking the system costs some microseconds."""


def give_back_large_pieces() -> None:
    """Make the setting where the C library is glibc; others have none, and need none."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_MMAP_THRESHOLD, LARGE)
