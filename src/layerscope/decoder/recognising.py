"""How a message of torch is found in a paste."""

import re

from layerscope import limits
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.text import is_whole

LONGEST_PASTE = limits.ERROR.most
"""Characters; of a longer paste the end is read, where a traceback has its error."""

LONGEST_MESSAGE = 400

_PLAIN = {ord("×"): "x", ord("‘"): "'", ord("’"): "'", ord("“"): '"', ord("”"): '"', ord("\u2212"): "-"}


def recognise(text: str) -> Found | None:
    """The last message of a paste that we know: a traceback ends with its error. None where there is none."""
    flat = tidy(text)
    best: tuple[int, int] = (-1, 0)
    found = None
    for key, kind in KINDS.items():
        for pattern in kind.patterns:
            for match in pattern.finditer(flat):
                if (match.end(), -match.start()) > best:
                    best = match.end(), -match.start()
                    groups = {name: piece.strip() for name, piece in match.groupdict("").items()}
                    found = Found(key, match.group(), groups, flat[match.end() :], flat[: match.start()])
    if found and found.kind == "checkpoint":  # a list: from its heading on
        start = max(flat.rfind("Error(s) in loading state_dict"), 0)
        return Found("checkpoint", flat[start : start + LONGEST_MESSAGE], {}, flat[start:])
    return found


def tidy(text: str) -> str:
    """The paste on one line: without a terminal's colours, with plain quotes and product signs, its end if long."""
    return " ".join(lasting(text).translate(_PLAIN).split())


def lasting(text: str) -> str:
    """The end of a paste, without a terminal's colours, and with "?" for half characters."""
    end = text[-LONGEST_PASTE:]
    whole = end if is_whole(end) else end.encode("utf-8", "replace").decode()
    return re.sub(r"\x1b\[[\d;]{0,20}m", "", whole)
