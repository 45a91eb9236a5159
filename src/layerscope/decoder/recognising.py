"""How a message of torch is found in a paste."""

import re
from collections.abc import Collection
from dataclasses import replace

from layerscope import limits
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.text import is_whole

LONGEST_PASTE = limits.ERROR.most
"""Characters; of a longer paste the end is read, where a traceback has its error."""

LONGEST_MESSAGE = 400

_PLAIN = {ord("×"): "x", ord("‘"): "'", ord("’"): "'", ord("“"): '"', ord("”"): '"', ord("\u2212"): "-"}


_ERROR = re.compile(
    r"[^\w\n]{0,12}(?:E {1,8}|rank\d{1,4}\]?: ?)?"
    r"((?:\w{1,40}\.){0,6}\w{0,40}(?:Error|Exception|Interrupt|Exit|Unsupported|InvalidArgument|(?<=cv2\.)error)(?::.{0,300}|\s{0,9}$))"
)
"""A line that begins an error: its class, and its message. Pytest and torchrun write something before it."""
_WARNING = re.compile(r"\w{0,40}Warning: ")


_SMALL = re.compile(r"\b(runtime|type|value|index|attribute|key)error ?: ?([a-z])")
"""An error whose capitals were lost, as in the title of a question."""
_LISTED = re.compile("|".join(wording.pattern.pattern for wording in KINDS["checkpoint"].wordings))
"""What may begin a list of differences whose heading was not copied."""


def recognise(text: str) -> Found | None:
    """The last message of a paste that we know: a traceback ends with its error. None where there is none.

    A warning is not an error: where an error follows it, it is passed over.
    """
    flat = tidy(text)
    errors, warnings = _heads(text)
    end = max(errors, default=0)
    best: tuple[int, int] = (-1, 0)
    found: Found | None = None
    for key, kind in KINDS.items():
        for wording in kind.wordings:
            for match in wording.found(flat):
                if (match.end(), -match.start()) > best and not _is_warning(match.start(), end, errors, warnings):
                    best = match.end(), -match.start()
                    groups = {name: piece.strip() for name, piece in match.groupdict("").items()}
                    after, before = flat[match.end() :], flat[: match.start()]
                    then = errors[end] if match.end() <= end else ""
                    found = Found(key, match.group(), groups, after, before, then=then)
    if found is None and (upright := _upright(text)) != text:
        return recognise(upright)
    if found and found.kind == "checkpoint":  # a list: from its heading on
        start = flat.rfind("Error(s) in loading state_dict")
        start = start if start >= 0 else min(place.start() for place in _LISTED.finditer(flat))
        return replace(found, message=flat[start : start + LONGEST_MESSAGE], groups={}, after=flat[start:])
    return found


def _upright(text: str) -> str:
    """The end of a paste with capitals where an error was typed without: runtimeerror:the size of tensor a ..."""
    return _SMALL.sub(lambda words: f"{words[1].title()}Error: {words[2].upper()}", text)


def last_error(text: str) -> str:
    """The words of the last error in a paste, known or not: its class and its message; "" where there is none."""
    errors, _ = _heads(text)
    return errors[max(errors)] if errors else ""


def _heads(text: str) -> tuple[dict[int, str], list[int]]:
    """Where errors begin in the tidied paste, with their words; and where warnings begin."""
    errors: dict[int, str] = {}
    warnings = []
    start = 0
    for line in lasting(text).translate(_PLAIN).split("\n"):
        if error := _ERROR.match(line):
            errors[start] = " ".join(error[1].split())
        elif _WARNING.search(line):
            warnings.append(start)
        start += sum(len(word) + 1 for word in line.split())
    return errors, warnings


def _is_warning(place: int, end: int, errors: Collection[int], warnings: Collection[int]) -> bool:
    """Whether what stands at that place belongs to a warning, and the last error begins at `end`, after it."""
    last = max((start for start in warnings if start <= place), default=-1)
    return last >= 0 and place < end and not any(last < start <= place for start in errors)


def tidy(text: str) -> str:
    """The paste on one line: without a terminal's colours, with plain quotes and product signs, its end if long."""
    return " ".join(lasting(text).translate(_PLAIN).split())


def lasting(text: str) -> str:
    """The end of a paste, without a terminal's colours, and with "?" for half characters."""
    end = text[-LONGEST_PASTE:]
    whole = end if is_whole(end) else end.encode("utf-8", "replace").decode()
    return re.sub(r"\x1b\[[\d;]{0,20}m", "", whole)
