"""Explanations in fixed words, with the pieces of the message filled in: for errors that need no network."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Explain
from layerscope.network import Network

Sign = Callable[[Found], bool]
"""Whether a message points at a cause."""


def _no_sign(_found: Found) -> bool:
    return False


class Usual(NamedTuple):
    """A usual cause. `{name}` in its words is the piece of that name in the message."""

    title: str
    why: str
    remedy: str
    points: Sign = _no_sign
    only: bool = False
    """Whether it is a cause only where the message or the failing line points at it."""
    at: tuple[str, ...] = ()
    """The kinds of call at which it is likely, as in `Cause.at`."""


def fixed(says: str, *causes: Usual, pieces: Mapping[str, str] | None = None, alone: bool = False) -> Explain:
    """An explanation in these words; `pieces` says what each piece of the message is.

    What the message points at comes first; where `alone`, nothing else is listed beside it.
    """

    def explain(found: Found, _network: Network | None) -> Explanation:
        meanings = tuple((found[name], role) for name, role in (pieces or {}).items() if found[name])
        return Explanation(_filled(says, found), meanings, usual(found, causes, alone))

    return explain


def usual(found: Found, causes: tuple[Usual, ...], alone: bool = False) -> tuple[Cause, ...]:
    """The causes, those that the message or the failing line points at first."""
    line = found.line_calls
    pointed = [cause for cause in causes if cause.points(found) or _is_at(cause, line)]
    others = [cause for cause in causes if cause not in pointed and not cause.only]
    listed = pointed if pointed and alone else [*pointed, *others]
    return tuple(
        Cause(_filled(cause.title, found), _filled(cause.why, found), _filled(cause.remedy, found), at=cause.at)
        for cause in listed
    )


def _is_at(cause: Usual, line: frozenset[str]) -> bool:
    """Whether the failing line points at it; of a cause that needs a sign in the message the line alone says little."""
    return not line.isdisjoint(cause.at) and not (cause.only and cause.points is not _no_sign)


class _Pieces(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


def _filled(text: str, found: Found) -> str:
    return text.format_map(_Pieces(found.groups))
