"""What a decoded error consists of."""

from collections.abc import Iterable
from dataclasses import dataclass

from layerscope.network import Network

MOST_CAUSES = 16

Meanings = tuple[tuple[str, str], ...]
"""Pairs of a piece of the message, such as "1x300", and what it is."""


@dataclass(frozen=True)
class Cause:
    """Something that may have gone wrong, with the numbers filled in.

    `network` is a changed network, where the cause means a change of the layers or of the input: the one that the
    learner's code seems to be, or with `mends` the one in which the error is gone.
    """

    title: str
    why: str
    remedy: str
    """What mends it: a sentence, with the code to write in it."""
    fits: bool = False
    """Whether it explains exactly these numbers for this network; computed by tracing, never guessed."""
    layer: str = ""
    """The layer concerned, or ""."""
    network: Network | None = None
    mends: bool = False
    change: str = ""
    """The change of the network alone, where the title says more."""
    at: tuple[str, ...] = ()
    """The kinds of call (`line_calls.KINDS_OF_CALL`) at which it is likely; () where the line says nothing of it."""


@dataclass(frozen=True)
class Explanation:
    """What one kind of message says: the numbers, torch's complaint in plain words, the causes."""

    says: str
    meanings: Meanings = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Decoded:
    """A torch error in plain words. The causes that fit this network come first; within each group the likeliest comes
    first."""

    kind: str
    """The key of `all_kinds.KINDS`."""
    message: str
    """The words of torch that were recognised."""
    says: str
    meanings: Meanings
    causes: tuple[Cause, ...]
    where: str = ""
    """The last line of the paste's own code that the traceback names; "" where it names none."""
    then: str = ""
    """Another error that the paste ends with and that is not known; "" where the one explained is its last."""

    @property
    def fitting(self) -> tuple[Cause, ...]:
        """The causes that explain exactly these numbers."""
        return tuple(cause for cause in self.causes if cause.fits)


def in_order(causes: Iterable[Cause], most: int = MOST_CAUSES, line: frozenset[str] = frozenset()) -> tuple[Cause, ...]:
    """Those that fit come first, then those of a call that the failing line makes, last those of other calls only;
    within each the order is kept, and no title appears twice. `line` is the kinds of call in that line."""

    def place(cause: Cause) -> tuple[bool, int]:
        elsewhere = bool(cause.at) and line.isdisjoint(cause.at)
        return not cause.fits, 1 if not cause.at or not line else 2 if elsewhere else 0

    unique: dict[str, Cause] = {}
    for cause in sorted(causes, key=place):
        unique.setdefault(cause.title, cause)
    return tuple(unique.values())[:most]
