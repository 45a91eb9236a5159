"""Why a layer does not run, and what would mend it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from layerscope.network import Network


@dataclass(frozen=True)
class Repair:
    """A change that was traced and works: its words, and the network it leads to."""

    label: str
    network: Network
    complete: bool = True
    """Whether the whole network runs then, not only this layer."""
    then: tuple[str, ...] = ()
    """The rows that failed next, one after the other, and that it mends too."""
    first: Network | None = field(default=None, repr=False, compare=False)
    """The network with what mends the first of them alone; None where there is one alone."""


@dataclass(frozen=True)
class StepError:
    """Why a layer does not run: our sentence, torch's own words, and what would mend it.

    The last two cost more than the walk itself, and are found when somebody looks.
    """

    message: str
    find_words: Callable[[], str] = field(repr=False, compare=False)
    find_repairs: Callable[[], tuple[Repair, ...]] = field(repr=False, compare=False)

    @cached_property
    def torch_message(self) -> str:
        """What torch itself says; "" where it says nothing, or where asking it might cost."""
        return self.find_words()

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """Changes that make the layer run, each verified by tracing the changed network."""
        return self.find_repairs()
