"""What a visitor looks at inside the network: which image, which weights, which filter and channel; and how it changes.

Plain values that travel with a preview's question, so nothing here is more than the table of limits allows.
"""

import binascii
import math
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from layerscope import limits
from layerscope.study.hands import EVERY, STARTERS, Hand, Kernel
from layerscope.study.samples import SAMPLES
from layerscope.ui import pictures

OWN = "own"
RANDOM, BY_HAND = "random", "hand"


@dataclass(frozen=True)
class Looking:
    """`image` is a key of SAMPLES or names a picture of `pictures`. `channel` counts those that the filter reads."""

    image: str = "digit"
    seed: int = 0
    filter: int = 0
    channel: int = 0
    hands: tuple[Hand, ...] = ()

    def hand(self, layer: str, filter_: int, channel: int) -> str:
        """How that kernel of a layer comes about: RANDOM, a key of STARTERS, or BY_HAND."""
        found = RANDOM
        for hand in self.hands:
            if (hand.layer, hand.filter) == (layer, filter_) and hand.channel in (EVERY, channel):
                found = hand.kernel if isinstance(hand.kernel, str) else BY_HAND
        return found

    def without(self, layer: str, filter_: int) -> tuple[Hand, ...]:
        """The kernels of other filters that are set by hand."""
        return tuple(hand for hand in self.hands if (hand.layer, hand.filter) != (layer, filter_))


def changed(looking: Looking, verb: str, value: Any, layer: str, kernel: Callable[[], Kernel | None]) -> Looking:
    """What becomes of it with an event about a layer; the same where the event makes no sense.

    `kernel` gives the weights of the kernel that is before the visitor, None where there is none.
    """
    change = _CHANGES.get(verb)
    return looking if change is None else change(looking, value, layer, kernel)


def _image(looking: Looking, value: Any, *_: Any) -> Looking:
    return replace(looking, image=value) if value in SAMPLES else looking


def _own(looking: Looking, value: Any, *_: Any) -> Looking:
    """A picture of one's own: red, green and blue of each pixel, in base64."""
    try:
        pixels = b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return looking
    kept = pictures.keep(pixels)
    return replace(looking, image=kept) if kept else looking


def _place(name: str) -> Callable[..., Looking]:
    def move(looking: Looking, value: Any, *_: Any) -> Looking:
        fits = type(value) is int and 0 <= value < limits.WIDTH.most
        return replace(looking, **{name: value}) if fits else looking

    return move


def _weights(looking: Looking, value: Any, layer: str, _kernel: Any) -> Looking:
    others = looking.without(layer, looking.filter)
    if value in STARTERS:
        others = (*others, Hand(layer, looking.filter, EVERY, value))
    elif value != RANDOM:
        return looking
    return replace(looking, hands=others[-limits.INSIDE_HANDS.most :])


def _new(looking: Looking, *_: Any) -> Looking:
    """Other random weights; what was set by hand goes."""
    return replace(looking, seed=(looking.seed + 1) % (limits.INSIDE_SEED.most + 1), hands=())


def _cell(looking: Looking, value: Any, layer: str, kernel: Callable[[], Kernel | None]) -> Looking:
    """One weight by hand: "row,column,value"."""
    try:
        row, column, number = str(value).split(",")
        place, weight = (int(row), int(column)), float(f"{float(number):.6g}")
    except ValueError:
        return looking
    now = kernel()
    if now is None or not math.isfinite(weight) or abs(weight) > limits.INSIDE_WEIGHT.most:
        return looking
    if not (0 <= place[0] < len(now) and 0 <= place[1] < len(now[0])):
        return looking
    set_ = [[float(f"{old:.6g}") for old in line] for line in now]  # short, as it travels with each question
    set_[place[0]][place[1]] = weight
    mine = (layer, looking.filter, looking.channel)
    others = tuple(hand for hand in looking.hands if (hand.layer, hand.filter, hand.channel) != mine)
    return replace(looking, hands=(*others, Hand(*mine, tuple(map(tuple, set_))))[-limits.INSIDE_HANDS.most :])


_CHANGES: dict[str, Callable[..., Looking]] = {
    "image": _image, "own": _own, "filter": _place("filter"), "channel": _place("channel"), "weights": _weights,
    "new": _new, "cell": _cell,
}  # fmt: skip


def told(looking: Looking) -> dict[str, Any] | None:
    """As JSON for a preview's question; None for what everybody begins with."""
    return None if looking == Looking() else asdict(looking)


def read(raw: Any) -> Looking:
    """What `told` gave, however it was changed on its way: what makes no sense is as everybody begins with."""
    match raw:
        case {
            "image": str(image), "seed": int(seed), "filter": int(filter_), "channel": int(channel),
            "hands": list(rows),
        }:  # fmt: skip
            hands = [hand for hand in map(_hand, rows[-limits.INSIDE_HANDS.most :]) if hand is not None]
            numbers = (seed, filter_, channel)
            if all(type(number) is int and 0 <= number < limits.WIDTH.most for number in numbers) and len(image) < 64:
                return Looking(image, *numbers, tuple(hands))
    return Looking()


def _hand(raw: Any) -> Hand | None:
    match raw:
        case {"layer": str(layer), "filter": int(filter_), "channel": int(channel), "kernel": str(kernel)}:
            return Hand(layer, filter_, channel, kernel) if kernel in STARTERS else None
        case {"layer": str(layer), "filter": int(filter_), "channel": int(channel), "kernel": [[*_], *_] as rows}:
            most = limits.INSIDE_KERNEL.most
            if len(rows) > most or not all(isinstance(row, list) and 0 < len(row) <= most for row in rows):
                return None
            numbers = [number for row in rows for number in row]
            if len({len(row) for row in rows}) > 1 or not all(type(number) in (int, float) for number in numbers):
                return None
            if all(math.isfinite(n) and abs(n) <= limits.INSIDE_WEIGHT.most for n in numbers):
                return Hand(layer, filter_, channel, tuple(tuple(map(float, row)) for row in rows))
    return None
