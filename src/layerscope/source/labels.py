"""What a button says: all that its change of the code does, line by line."""

from collections.abc import Collection, Sequence

from layerscope.formatting import joined
from layerscope.source.expressing import Told

MOST_TOLD = 4
"""Changes that a label tells one by one; of more it only names the lines of those that follow."""


def label_of(picked: Sequence[Told], follows: Sequence[Told] = ()) -> str:
    """All that is changed: "Line 18: add stride=stride"; "Lines 8 and 10: add padding=1"; "Line 7: add
    bidirectional=True; line 9: write hidden * 2"."""
    told = _by_lines([*picked, *follows])
    if len(told) > MOST_TOLD and follows:
        told = [*_by_lines(picked), f"{_lines({span.line for (span, _), _ in follows})}: write what follows"]
    first, *others = told
    return "; ".join([first, *(other[:1].lower() + other[1:] for other in others)])


def _by_lines(picked: Sequence[Told]) -> list[str]:
    """What is done in which lines, each once."""
    places: dict[str, set[int]] = {}
    for (span, _), words in picked:
        places.setdefault(words, set()).add(span.line)
    told: dict[frozenset[int], list[str]] = {}
    for words, where in places.items():
        told.setdefault(frozenset(where), []).append(words)
    return [f"{_lines(where)}: {joined(words)}" for where, words in told.items()]


def _lines(numbers: Collection[int]) -> str:
    """Line 8; Lines 8 and 10."""
    return f"Line{'s' * (len(numbers) > 1)} {joined([*map(str, sorted(numbers))])}"
