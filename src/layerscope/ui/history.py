"""The past and the future of one visitor's network: where undo and redo lead."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from layerscope.network import Network

MOST_STEPS = 200


@dataclass(frozen=True)
class Moment:
    """A network that undo or redo leads to, and the one that had been opened then."""

    network: Network
    beginning: Network
    selected: str
    """What was selected in it."""
    left: str
    """What was selected once it was left: whoever has still that one selected did not go elsewhere."""


@dataclass
class History:
    """Both ways, the nearest moment last."""

    past: list[Moment] = field(default_factory=list)
    future: list[Moment] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed yet."""
        return not self.past and not self.future

    def __iter__(self) -> Iterator[Moment]:
        return iter((*self.past, *self.future))

    def add(self, moment: Moment) -> None:
        """A change was made at that moment: what had been undone is gone."""
        self.past = [*self.past, moment][-MOST_STEPS:]
        self.future = []

    def beginning_of(self, network: Network) -> Network | None:
        """What had been opened when that network was there, the last time; None where it never was."""
        both_ways = (*reversed(self.past), *self.future)
        return next((moment.beginning for moment in both_ways if moment.network == network), None)
