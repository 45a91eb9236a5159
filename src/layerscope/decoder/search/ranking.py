"""The order of causes that fit: the likeliest mistake first, and only a few of those that fit by chance."""

from collections.abc import Iterable
from dataclasses import replace

from layerscope.decoder.answer import Cause
from layerscope.decoder.search.changed_networks import WINDOW_RANKS

Ranked = tuple[float, Cause]
"""A cause with its rank; the lower, the likelier."""

MOST_WINDOWS = 4
"""How many listed causes may be another kernel, padding or stride: with many layers some fit almost any number."""
MOST_NAMED = 6


def likeliest_first(ranked: Iterable[Ranked], windows: int = MOST_WINDOWS) -> list[Ranked]:
    """In order of rank. Of the causes that are another window `windows` stay; the last of them names the others."""
    ordered = sorted(ranked, key=lambda entry: entry[0])
    low, high = WINDOW_RANKS
    of_windows = [entry for entry in ordered if low <= entry[0] < high]
    if len(of_windows) <= windows:
        return ordered
    rank, last = of_windows[windows - 1]
    folded = replace(last, why=f"{last.why} {_named([cause for _, cause in of_windows[windows:]])}")
    listed = [*of_windows[: windows - 1], (rank, folded)]
    before = [entry for entry in ordered if entry[0] < low]
    return [*before, *listed, *(entry for entry in ordered if entry[0] >= high)]


def _named(causes: list[Cause]) -> str:
    short = [cause.change or cause.title for cause in causes]
    more = f" and {len(short) - MOST_NAMED} more" if len(short) > MOST_NAMED else ""
    return f"The same number comes from {', '.join(short[:MOST_NAMED])}{more}."
