"""Parts of a page as the JSON that they are sent as.

A picture is made once for all who see the same, and is kept as its text: a tenth of what it takes as Python's objects,
and nothing is left to do when it is sent again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from layerscope.once import once


class Written(Mapping[str, Any]):
    """A part that is kept as text, and read again only where somebody asks for a value of it."""

    def __init__(self, part: Mapping[str, Any]) -> None:
        self.text = orjson.dumps(part)

    @once
    def _read(self) -> dict[str, Any]:
        return dict(orjson.loads(self.text))

    def __getitem__(self, key: str) -> Any:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def write(parts: Mapping[str, Any]) -> bytes:
    """The JSON of a page's parts."""
    return orjson.dumps(parts, default=_fragment)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Written):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")
