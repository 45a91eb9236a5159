"""Changed code, read again: whether the network runs then, and what else has to be changed for that."""

from layerscope import limits
from layerscope.source.corrections import mismatches
from layerscope.source.expressing import Told
from layerscope.source.input_list import Given
from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.source.text.paste import replaced
from layerscope.steps import Trace
from layerscope.tracing import trace

MOST_ROUNDS = 3
"""How often numbers that follow from a change are put right."""


class Reader:
    """Reads changed code again, as the first was read and as often as the limits allow."""

    def __init__(self, reading: Reading, shapes: Given | None, class_name: str | None) -> None:
        self.reading, self.shapes, self.class_name = reading, shapes, class_name
        self.readings, self.steps = limits.PROOFS.most, limits.PROOF_STEPS.most
        self.errors = sum(flaw.tone == "error" for flaw in reading.flaws)

    def read(self, text: str) -> tuple[Reading, Trace] | None:
        """What the text is read as; None where it does not run, or may not be read any more."""
        self.readings -= 1
        if self.readings < 0 or self.steps < self.reading.steps:
            return None
        found = read_all(text, self.shapes, self.class_name)
        self.steps -= max(found.steps, self.reading.steps)
        if found.refusal is not None or found.network is None:
            return None
        if found.class_name != self.reading.class_name and (self.reading.class_name or self.reading.layers):
            return None
        return found, trace(found.network)

    def running(self, text: str) -> tuple[str, list[Told]] | None:
        """The text with the numbers put right that follow, and those; None where the network does not run then."""
        follows: list[Told] = []
        for _ in range(MOST_ROUNDS):
            found = self.read(text)
            if found is None or found[1].error is not None:
                return None
            wrong = mismatches(*found)
            if not wrong:
                errors = sum(flaw.tone == "error" for flaw in found[0].flaws)
                return (text, follows) if errors <= self.errors else None
            told = {edit[0]: (edit, words) for each in wrong for edit, words in each.told}
            if not told:
                return None
            text = replaced(text, dict(edit for edit, _ in told.values()))
            follows += told.values()
        return None
