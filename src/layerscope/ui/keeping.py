"""Bytes that visitors gave, by names that nobody can guess: the newest ones, so that the memory is bounded.

They stand in this module and in no cache of Streamlit's, which any visitor can have emptied.
"""

import secrets
from collections import OrderedDict
from threading import Lock


class Kept:
    """At most `most` of them; the one that was used longest ago makes room."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: OrderedDict[str, bytes] = OrderedDict()  # the one used last at the end
        self._lock = Lock()

    def keep(self, value: bytes, start: str, instead_of: str = "") -> str:
        """Keep them, in the place of what has the other name, and give their name, which begins with `start`."""
        name = f"{start}-{secrets.token_urlsafe(16)}"
        with self._lock:
            self.values.pop(instead_of, None)
            self.values[name] = value
            while len(self.values) > self.most:
                self.values.popitem(last=False)
        return name

    def get(self, name: str) -> bytes | None:
        """None where they are not kept any more."""
        with self._lock:
            value = self.values.get(name)
            if value is not None:
                self.values.move_to_end(name)
        return value
