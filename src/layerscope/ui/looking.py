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
from layerscope.link import View
from layerscope.study.data import PHOTOGRAPHS
from layerscope.study.hands import EVERY, STARTERS, Hand, Kernel
from layerscope.study.samples import SAMPLES
from layerscope.study.sets import DIGITS, FASHION
from layerscope.ui import pictures
from layerscope.ui.handed import hand_words, hands_of, left_out, read_hand, short

RANDOM, BY_HAND = "random", "hand"
FIRST = "digit"
MOST_WORDS = 600
"""Characters of what is said of a file that cannot be taken."""


@dataclass(frozen=True)
class Looking:
    """`image` is a key of SAMPLES or PHOTOGRAPHS, one of a set such as "digits.17", or names a picture of `pictures`.

    `channel` counts those that the filter reads. `tensor` is one of the layer's weight tensors, `wanted` a class.
    """

    image: str = FIRST
    seed: int = 0
    filter: int = 0
    channel: int = 0
    hands: tuple[Hand, ...] = ()
    tensor: str = ""
    wanted: int = -1
    """The class that is explained; -1 for the one that scores most."""
    excites: str = DIGITS
    """The set whose images are compared."""
    file: str = ""
    """The name of a file with weights that is kept, in the place of fresh ones."""
    problem: str = ""
    """Why the last file is not taken, as sentences; gone with the next event."""
    offered: str = ""
    """The name of that file, where a part of it fits and may be taken; gone with the next event."""
    cell: tuple[int, ...] = ()
    """Row and column of the cell that was chosen in the view that is open, of a map, a kernel or the heat; () for none.
    Of a volume's map the slice stands before them. Which map it is of `filter` and `channel` say."""

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

    def renamed(self, called: Callable[[str], str]) -> "Looking":
        """The same once layers have other names; `called` gives a name its new one."""
        return replace(self, hands=tuple(replace(hand, layer=called(hand.layer)) for hand in self.hands))


Rows = Callable[[int], Kernel | None]


def changed(looking: Looking, verb: str, value: Any, layer: str, kernel: Rows) -> Looking:
    """What becomes of it with an event about a layer; the same where the event makes no sense.

    `kernel` gives the weights of the kernel that is before the visitor, of a volume's those of a slice (EVERY: it has
    none); None where there are none such.
    """
    change = _CHANGES.get(verb)
    looking = replace(looking, problem="", offered="")
    return looking if change is None else change(looking, value, layer, kernel)


def _image(looking: Looking, value: Any, *_: Any) -> Looking:
    if value in (DIGITS, FASHION):
        value = f"{value}.0"
    return replace(looking, image=value) if _is_known(value) else looking


def set_of(image: str) -> tuple[str, int]:
    """The set and the place there of an image such as "digits.17"; "" for one of no set."""
    key, _, number = image.rpartition(".")
    fits = key in (DIGITS, FASHION) and number.isascii() and number.isdecimal() and len(number) < 6
    return (key, int(number)) if fits else ("", 0)


def _number(looking: Looking, value: Any, *_: Any) -> Looking:
    """Another image of the same set."""
    key = set_of(looking.image)[0]
    fits = type(value) is int and 0 <= value < limits.SET_IMAGES.most
    return replace(looking, image=f"{key}.{value}") if key and fits else looking


def decoded(value: Any) -> bytes:
    """What base64 stands for; nothing for anything else."""
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _own(start: str) -> Callable[..., Looking]:
    """A picture of one's own: red, green and blue of each pixel, in base64. It takes the place of the one before."""

    def take(looking: Looking, value: Any, *_: Any) -> Looking:
        kept = pictures.keep(decoded(value), start, looking.image)
        return replace(looking, image=kept) if kept else looking

    return take


def _word(name: str, known: Callable[[str], bool]) -> Callable[..., Looking]:
    def choose(looking: Looking, value: Any, *_: Any) -> Looking:
        changes: dict[str, Any] = {name: value}
        return replace(looking, **changes) if isinstance(value, str) and known(value) else looking

    return choose


def _place(name: str) -> Callable[..., Looking]:
    def move(looking: Looking, value: Any, *_: Any) -> Looking:
        fits = type(value) is int and 0 <= value < limits.WIDTH.most
        return replace(looking, **{name: value}) if fits else looking

    return move


def _at(looking: Looking, value: Any, *_: Any) -> Looking:
    """A cell that was chosen: "row,column", or "slice,row,column"."""
    numbers = str(value).split(",")
    if len(numbers) not in (2, 3) or not all(one.isascii() and one.isdecimal() and len(one) < 6 for one in numbers):
        return looking
    cell = tuple(map(int, numbers))
    return replace(looking, cell=cell) if max(cell) < limits.WIDTH.most else looking


def _weights(looking: Looking, value: Any, layer: str, _kernel: Any) -> Looking:
    others = looking.without(layer, looking.filter)
    if value in STARTERS:
        others = (*others, Hand(layer, looking.filter, EVERY, value))
    elif value != RANDOM:
        return looking
    return replace(looking, hands=others[-limits.INSIDE_HANDS.most :])


def _new(looking: Looking, *_: Any) -> Looking:
    """Other random weights; what was set by hand goes, and a file."""
    return replace(looking, seed=(looking.seed + 1) % (limits.INSIDE_SEED.most + 1), hands=(), file="")


def _seed(looking: Looking, value: Any, *_: Any) -> Looking:
    """The random weights of that seed."""
    fits = type(value) is int and 0 <= value <= limits.INSIDE_SEED.most
    return replace(looking, seed=value, hands=(), file="") if fits else looking


def _fresh(looking: Looking, *_: Any) -> Looking:
    """Random weights in the place of a file's."""
    return replace(looking, file="")


def _cell(looking: Looking, value: Any, layer: str, kernel: Rows) -> Looking:
    """One weight by hand: "row,column,value", for a volume "slice,row,column,value"."""
    try:
        *slices, row, column, number = str(value).split(",")
        place, weight = (int(row), int(column)), short(float(number))
        slice_ = int(slices.pop()) if slices else EVERY
    except ValueError:
        return looking
    now = kernel(slice_) if not slices else None
    if now is None or not math.isfinite(weight) or abs(weight) > limits.INSIDE_WEIGHT.most:
        return looking
    if not (0 <= place[0] < len(now) and 0 <= place[1] < len(now[0])):
        return looking
    set_ = [list(map(short, line)) for line in now]  # as it travels with each question, and in a link
    set_[place[0]][place[1]] = weight
    made = Hand(layer, looking.filter, looking.channel, tuple(map(tuple, set_)), slice_)
    others = tuple(hand for hand in looking.hands if replace(hand, kernel=made.kernel) != made)
    return replace(looking, hands=(*others, made)[-limits.INSIDE_HANDS.most :])


_CHANGES: dict[str, Callable[..., Looking]] = {
    "image": _image, "number": _number, "own": _own(pictures.OWN), "drawn": _own(pictures.DRAWN),
    "filter": _place("filter"), "channel": _place("channel"), "weights": _weights, "new": _new, "seed": _seed,
    "fresh": _fresh, "cell": _cell, "at": _at, "wanted": _place("wanted"),
    "tensor": _word("tensor", lambda name: len(name) <= limits.NAME.most),
    "excites": _word("excites", lambda key: key in (DIGITS, FASHION)),
}  # fmt: skip


def crossed(looking: Looking, lens: str) -> Looking:
    """The same in another view. A volume's maps show the slice whose number is `channel`; where their cells are written
    out, the channel is one that is read."""
    if len(looking.cell) < 3:
        return looking
    return replace(looking, channel=looking.cell[0] if lens == "maps" else 0)


def words(looking: Looking) -> tuple[str, ...]:
    """What a link holds of it: image, seed, filter, channel, class and cell; nothing where all is as at the beginning.

    A picture of one's own and files have no place in a link; kernels set by hand have words of their own.
    """
    image = looking.image if _is_known(looking.image) else FIRST
    numbers = (looking.seed, looking.filter, looking.channel, looking.wanted + 1)
    is_usual = image == FIRST and not any(numbers) and not looking.cell
    return () if is_usual else (image, *map(str, numbers + looking.cell))


def linked(view: View, looking: Looking) -> View:
    """The view that a link holds, with what is looked at inside."""
    return replace(view, looked=words(looking), hands=hand_words(looking.hands))


def opened(looking: Looking, told: tuple[str, ...], hands: tuple[str, ...] = ()) -> Looking:
    """The same with what a link holds. One's own picture stays where the link has no other, and so do kernels that a
    link has no room for."""
    image, *rest = told or (FIRST, "0", "0", "0", "0")
    seed, filter_, channel, wanted, *cell = map(int, rest)
    if not _is_known(image) or (image == FIRST and not _is_known(looking.image)):
        image = looking.image
    seed = min(seed, limits.INSIDE_SEED.most)
    kernels = (*left_out(looking.hands), *hands_of(hands))[-limits.INSIDE_HANDS.most :]
    return replace(
        looking, image=image, seed=seed, filter=filter_, channel=channel, wanted=wanted - 1, cell=tuple(cell),
        hands=kernels,
    )  # fmt: skip


def _is_known(image: Any) -> bool:
    """Whether it is an image that everybody has."""
    return isinstance(image, str) and (image in SAMPLES or image in PHOTOGRAPHS or set_of(image)[0] != "")


def told(looking: Looking) -> dict[str, Any] | None:
    """As JSON for a preview's question; None for what everybody begins with."""
    return None if looking == Looking() else asdict(looking)


def read(raw: Any) -> Looking:
    """What `told` gave, however it was changed on its way: what makes no sense is as everybody begins with."""
    match raw:
        case {
            "image": str(image), "seed": int(seed), "filter": int(filter_), "channel": int(channel),
            "hands": list(rows), "tensor": str(tensor), "wanted": int(wanted), "excites": str(excites),
            "file": str(file), "problem": str(problem), "offered": str(offered), "cell": [*cell],
        }:  # fmt: skip
            hands = [hand for hand in map(read_hand, rows[-limits.INSIDE_HANDS.most :]) if hand is not None]
            numbers = (seed, filter_, channel, *cell, wanted)
            is_short = max(map(len, (image, excites, file, offered))) < 64 and len(tensor) <= limits.NAME.most
            is_known = all(type(one) is int and -1 <= one < limits.WIDTH.most for one in numbers)
            if is_short and is_known and min(numbers[:-1]) >= 0 and len(cell) in (0, 2, 3):
                return Looking(
                    image, seed, filter_, channel, tuple(hands), tensor, wanted, excites, file, problem[:MOST_WORDS],
                    offered, tuple(cell),
                )  # fmt: skip
    return Looking()
