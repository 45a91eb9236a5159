"""A paste and what became of it, as the page shows it."""

from dataclasses import dataclass
from typing import Any

from layerscope.formatting import joined, shape_text
from layerscope.network import Network
from layerscope.source.mismatch import Mismatch
from layerscope.source.reading import Flaw, Reading
from layerscope.source.repairing import Correction
from layerscope.steps import Step, Trace
from layerscope.warned import first_warned

Part = dict[str, Any]
UNNAMED = "The network"


@dataclass(frozen=True)
class Understood:
    """A paste and what became of it. `reading` is None for a network in JSON."""

    reading: Reading | None
    network: Network | None
    trace: Trace | None
    wrong: tuple[Mismatch, ...] = ()
    problem: str = ""
    """Why it could not be read, or not to its end."""
    problem_line: int | None = None
    repaired: tuple[Correction, ...] = ()
    """What mends a network that does not run, as changes of the code."""
    flattened: Correction | None = None
    """What flattens the input of the layer that is warned of."""
    is_too_long: bool = False
    """Whether it is over a limit, so that nothing of it is drawn."""
    is_error: bool = False
    """Whether it is an error message with no code around it."""

    @property
    def is_refused(self) -> bool:
        """Whether Python or PyTorch would refuse the code where reading stopped."""
        refusal = self.reading.refusal if self.reading is not None else None
        return refusal is not None and refusal.is_error

    @property
    def is_right(self) -> bool:
        """Whether the network runs, and nothing in the code is refused."""
        runs = self.trace is not None and self.trace.error is None and not self.problem
        return runs and not self.wrong and not any(flaw.tone == "error" for flaw in self.flaws)

    @property
    def runs_on(self) -> str:
        """The input on which the code calls its network, where that runs as it stands; "" otherwise."""
        if self.network is None or self.reading is None or not self.is_right:
            return ""
        shown = [shape_text(given.shape) for given in self.network.inputs]
        return joined(shown) if self.reading.shape_told == "example call" else ""

    @property
    def asks_shape(self) -> bool:
        """Whether the input's shape must be typed, or had better be."""
        here = self.reading
        if here is None:
            return False
        return here.needs_input_shape or here.shape_told == "given" or bool(here.doubt or here.size.words)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.reading.class_names if self.reading is not None else ()

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        return self.reading.flaws if self.reading is not None else ()

    @property
    def batch(self) -> int:
        """How many samples torch's words are about: those of the example call, else one."""
        return max(self.reading.batch, 1) if self.reading is not None else 1

    @property
    def inside(self) -> str:
        """The name within a sentence."""
        return self.name if self.name != UNNAMED else UNNAMED.lower()

    @property
    def name(self) -> str:
        return (self.reading.class_name if self.reading is not None else None) or UNNAMED

    @property
    def warned(self) -> Step | None:
        """The layer that torch runs although hardly anybody means it; None where there is none.

        What a BatchNorm makes of one sample is told by the reading, where the code has one.
        """
        runs = self.trace is not None and self.trace.error is None
        puts_batch = self.reading is not None and self.reading.puts_batch
        return first_warned(self.trace, "BatchNorm", puts_batch) if self.trace is not None and runs else None
