"""Kernels that are set by hand as they travel: as JSON with a preview's question, and as words in a link."""

import math
import re
from collections.abc import Iterable
from typing import Any

from layerscope import limits
from layerscope.study.hands import EVERY, STARTERS, Hand

DIGITS = 4
"""Significant digits of a weight that is set by hand: a link holds all of them."""
ALL = "all"
"""What a link says for EVERY."""
_NUMBER = re.compile(r"m?\d{1,4}(\.\d{1,9})?(em\d{2,3})?", re.ASCII)


def short(weight: float) -> float:
    """The weight with as many digits as a link holds."""
    return float(f"{weight:.{DIGITS}g}")


def read_hand(raw: Any) -> Hand | None:
    """A kernel from JSON that may have been changed on its way; None where it makes no sense."""
    match raw:
        case {"layer": str(layer), "filter": int(filter_), "channel": int(channel), "kernel": str(kernel)}:
            return Hand(layer, filter_, channel, kernel) if kernel in STARTERS else None
        case {
            "layer": str(layer), "filter": int(filter_), "channel": int(channel), "kernel": [[*_], *_] as rows,
            "slice": int(slice_),
        }:  # fmt: skip
            most = limits.INSIDE_KERNEL.most
            if len(rows) > most or not all(isinstance(row, list) and 0 < len(row) <= most for row in rows):
                return None
            numbers = [number for row in rows for number in row]
            if len({len(row) for row in rows}) > 1 or not all(type(number) in (int, float) for number in numbers):
                return None
            if all(math.isfinite(n) and abs(n) <= limits.INSIDE_WEIGHT.most for n in numbers):
                return Hand(layer, filter_, channel, tuple(tuple(map(float, row)) for row in rows), slice_)
    return None


def hand_words(hands: Iterable[Hand]) -> tuple[str, ...]:
    """What a link holds of them: "conv1~0~all~blur", or "conv1~0~2~1_m0.5~0_1" with a kernel's rows;
    "conv1~0~2.1~1_m0.5~0_1" are those of its slice 1.

    A minus is written "m", as a link's "-" stands for a dot. Kernels beyond the limits are left out, the oldest first.
    """
    return tuple(word for word in _told(hands) if word)


def left_out(hands: Iterable[Hand]) -> tuple[Hand, ...]:
    """Those that a link has no room for."""
    every = tuple(hands)
    return tuple(hand for hand, word in zip(every, _told(every), strict=True) if not word)


def hands_of(words: Iterable[str]) -> tuple[Hand, ...]:
    """The hands of a link's words; a word that makes no sense counts for nothing."""
    return tuple(hand for hand in map(_read, words) if hand is not None)


def said_of(hands: Iterable[Hand]) -> str:
    """What is said of kernels that a link leaves out, as a sentence; "" where it holds all of them."""
    missing = left_out(hands)
    if not missing:
        return ""
    one = max(reversed(missing), key=_cells)
    limit = limits.INSIDE_LINKED if _cells(one) > limits.INSIDE_LINKED.most else limits.INSIDE_LINKED_TEXT
    return limit.sentence(name=one.layer, found=_cells(one))


def _told(hands: Iterable[Hand]) -> list[str]:
    """A word for each, "" for those that are left out."""
    room, words = limits.INSIDE_LINKED_TEXT.most, []
    for hand in reversed(tuple(hands)):
        word = _word(hand) if _cells(hand) <= limits.INSIDE_LINKED.most else ""
        room -= len(word)
        words.append(word if room >= 0 else "")
    return words[::-1]


def _cells(hand: Hand) -> int:
    """The cells of a kernel along its longer axis; 0 for one that goes by its name."""
    return 0 if isinstance(hand.kernel, str) else max(len(hand.kernel), len(hand.kernel[0]))


def _word(hand: Hand) -> str:
    channel = ALL if hand.channel == EVERY else str(hand.channel)
    channel += f".{hand.slice}" if hand.slice != EVERY else ""
    rows = [hand.kernel] if isinstance(hand.kernel, str) else ["_".join(map(_written, row)) for row in hand.kernel]
    return "~".join([hand.layer, str(hand.filter), channel, *rows])


def _written(weight: float) -> str:
    return f"{weight:.{DIGITS}g}".replace("-", "m")


def _read(word: str) -> Hand | None:
    layer, *rest = word.split("~")
    if len(rest) < 3 or not rest[0].isdecimal():
        return None
    channel, dot, slice_ = rest[1].partition(".")
    if not (channel == ALL or channel.isdecimal()) or (dot and not slice_.isdecimal()):
        return None
    kernel: Any = rest[2] if rest[2] in STARTERS and len(rest) == 3 else [row.split("_") for row in rest[2:]]
    if not isinstance(kernel, str):
        numbers = [number for row in kernel for number in row]
        if max(len(kernel), *map(len, kernel)) > limits.INSIDE_LINKED.most or not all(map(_NUMBER.fullmatch, numbers)):
            return None
        kernel = [[float(number.replace("m", "-")) for number in row] for row in kernel]
    place = {"channel": EVERY if channel == ALL else int(channel), "slice": int(slice_) if dot else EVERY}
    return read_hand({"layer": layer, "filter": int(rest[0]), "kernel": kernel, **place})
