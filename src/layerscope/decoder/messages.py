"""How a message of torch is found in a paste."""

import re
from dataclasses import dataclass

from layerscope import limits
from layerscope.decoder.kind import NUMBER, Kind
from layerscope.decoder.layer_messages import OF_LAYERS
from layerscope.decoder.loop_messages import OF_LOOP
from layerscope.decoder.pointing import Lines
from layerscope.decoder.program_messages import OF_PROGRAM
from layerscope.decoder.training_messages import OF_TRAINING
from layerscope.source.reading import Written
from layerscope.text import is_whole

LONGEST_PASTE = limits.ERROR.most
"""Characters; of a longer paste the end is read, where a traceback has its error."""

LONGEST_MESSAGE = 400

KINDS: dict[str, Kind] = OF_LAYERS | OF_TRAINING | OF_PROGRAM | OF_LOOP
_PLAIN = {ord("×"): "x", ord("‘"): "'", ord("’"): "'", ord("“"): '"', ord("”"): '"', ord("\u2212"): "-"}


@dataclass(frozen=True)
class Found:
    """A message in a paste. `groups` are the pattern's groups; `before` and `after` are what stands around it.

    `calls` are the layers that the lines of a traceback call. `written` are the in-values of the code that the error is
    explained for; None where only a network is known.
    """

    kind: str
    message: str
    groups: tuple[str, ...]
    after: str = ""
    before: str = ""
    calls: Lines = ()
    written: tuple[Written, ...] | None = None

    def shown(self, *texts: str) -> str:
        """The first of `texts` as the message has it: old versions write sizes otherwise."""
        return next((text for text in texts if text in self.message), texts[-1])

    def number(self, place: int) -> int:
        """The group as a whole number."""
        return int(self.groups[place])

    def sizes(self, place: int) -> tuple[int, ...]:
        """The group as sizes: "2, 3, 28, 28" or "12x1x1"."""
        return tuple(map(int, re.findall(rf"-?{NUMBER}", self.groups[place])))


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
                    groups = tuple(group or "" for group in match.groups())
                    found = Found(key, match.group(), groups, flat[match.end() :], flat[: match.start()])
    if found and found.kind == "checkpoint":  # a list: from its heading on
        start = max(flat.rfind("Error(s) in loading state_dict"), 0)
        return Found("checkpoint", flat[start : start + LONGEST_MESSAGE], (), flat[start:])
    return found


def tidy(text: str) -> str:
    """The paste on one line: without a terminal's colours, with plain quotes and product signs, its end if long."""
    return " ".join(lasting(text).translate(_PLAIN).split())


def lasting(text: str) -> str:
    """The end of a paste, without a terminal's colours, and with "?" for half characters."""
    end = text[-LONGEST_PASTE:]
    whole = end if is_whole(end) else end.encode("utf-8", "replace").decode()
    return re.sub(r"\x1b\[[\d;]{0,20}m", "", whole)
