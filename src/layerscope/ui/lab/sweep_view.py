"""What the Sweep page shows, as words of its address. Knows no screen.

first=conv1.kernel_size:1:11:1  second=conv1.padding=same, 0, 2  see=parameters,fc1.in_features  log=on
where=fc1.in_features <= 200  best=-macs  brush=parameters:0:50000
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from layerscope import limits
from layerscope.network import Network
from layerscope.study.sweep import SweepError, size_of
from layerscope.ui.lab import sweep_run
from layerscope.ui.lab.sweep_spans import Listed, Span, Swept, spans

MOST_SEEN = 4
"""Pictures at once: with more there is nothing to compare."""
MOST_TRIED = 4
"""Names that are tried for a sweep to begin with."""
_LIST = re.compile(r"([\w.,* ]{1,200})=(.{0,400})", re.ASCII)
_RANGE = re.compile(r"([\w.,* ]{1,200}):(-?\d{1,9}):(-?\d{1,9}):(\d{1,9})", re.ASCII)
_BRUSH = re.compile(r"([\w.,*]{1,200}):(-?\d{1,18}):(-?\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class View:
    """Everything that the page shows of a network."""

    first: Swept
    second: Swept | None = None
    see: tuple[str, ...] = ()
    """Which values are drawn; empty: the usual ones."""
    log: bool = False
    where: str = ""
    best: str = ""
    """What the table is sorted by, with "-" before it for the largest first; empty: parameters."""
    brushes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The part of each value's range that is kept, the newest last."""

    @property
    def grid(self) -> dict[str, Sequence[Any]]:
        """Raises SweepError for a list that cannot be read."""
        return {span.key: span.values for span in (self.first, self.second) if span is not None}

    def words(self) -> dict[str, str]:
        """The view for an address."""
        return {
            "first": self.first.written,
            "second": self.second.written if self.second else "",
            "see": ",".join(self.see),
            "log": "on" if self.log else "",
            "where": self.where,
            "best": self.best,
            "brush": ";".join(f"{name}:{low}:{high}" for name, (low, high) in self.brushes.items()),
        }

    def brushed(self, name: str, low: int, high: int) -> "View":
        """The view with a part of one value's range kept, as the newest brush."""
        others = {key: span for key, span in self.brushes.items() if key != name}
        return replace(self, brushes=others | {name: (low, high)})


def read(network: Network, words: Mapping[str, str]) -> View:
    """The view that an address asks for. What it does not know it leaves at the usual: a view is never an error."""
    first = _span(network, words.get("first", "")) or beginning(network)
    second = _span(network, words.get("second", ""))
    brushes = {}
    for text in words.get("brush", "").split(";")[: limits.SWEEP_BRUSHES.most]:
        if (found := _BRUSH.fullmatch(text)) is not None:
            brushes[found[1]] = (int(found[2]), int(found[3]))
    return View(
        first,
        second if second is not None and second.key != first.key else None,
        tuple(filter(None, words.get("see", "").split(",")))[:MOST_SEEN],
        words.get("log") == "on",
        words.get("where", "")[: limits.CONDITION.most + 1],
        words.get("best", "")[: limits.SWEEP_KEY.most],
        brushes,
    )


@lru_cache(maxsize=32)
def beginning(network: Network) -> Swept:
    """What a sweep begins with: the first value of each name, tried until most of its networks run. Where paths join, a
    kernel of another size fits nothing."""
    every = spans(network)
    names: dict[str, Swept] = {}
    for key, span in every.items():
        names.setdefault(key.rpartition(".")[2], span)
    for span in islice(names.values(), MOST_TRIED):
        with suppress(SweepError):
            found = sweep_run.known(network, {span.key: span.values})
            if found is not None and 2 * found.frame()["runs"].sum() > len(found.measured):
                return span
    return next(iter(every.values()))


def _span(network: Network, text: str) -> Swept | None:
    """The key and its values, where this network has such a key; the address may come from another one's."""
    found: Swept | None = None
    if (ends := _RANGE.fullmatch(text)) is not None:
        found = Span(ends[1], *map(int, ends.groups()[1:]))
    elif (parts := _LIST.fullmatch(text)) is not None:
        found = Listed(parts[1], parts[2])
    try:
        return found if found is not None and size_of(network, {found.key: (1,)}) else None
    except SweepError:
        return None
