"""Text made short for an address, and back, with bounds: compressed, in letters, digits, "-" and "_"."""

import base64
import zlib


def pack(text: str) -> str:
    """The text, compressed."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode("ascii").rstrip("=")


def unpack(packed: str, most: int) -> str:
    """The text of `pack`. Raises ValueError for what is damaged, goes on after its end, or is over `most` bytes."""
    inflater = zlib.decompressobj()
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        text = inflater.decompress(raw, most).decode()
    except zlib.error as error:
        raise ValueError("no compressed text") from error
    if not inflater.eof or inflater.unused_data:
        raise ValueError("too much text, or more after its end")
    return text
