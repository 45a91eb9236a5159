"""Two networks side by side, as numbers: `compare(a, b)`."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from layerscope import contrast_story
from layerscope.contrast import MEASURES, Contrast, Row, Total, measured
from layerscope.network import Network
from layerscope.tracing import trace


@dataclass(frozen=True)
class Comparison:
    """Two networks row by row and in total. Counts are for one sample, memory is that of outputs in float32."""

    contrast: Contrast

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row of both networks once, in order, with what differs there."""
        return self.contrast.rows

    @property
    def totals(self) -> dict[str, Total]:
        """Both numbers by name, (A's, B's), with `.ratio`: "layers", "parameters", "macs", "activation_bytes", and
        "receptive_field", the cells of the input that one value of the output sees along an axis, at most."""
        return self.contrast.totals

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What differs, in words, the most important first."""
        return contrast_story.sentences(self.contrast)

    def frame(self) -> pd.DataFrame:
        """One row for each pair of rows, and for each row that only one network has.

        Columns: "layer" (A's name, or B's where only B has it), "a" and "b" (both names, None where there is none),
        "matched" ("name", "place" or ""), "type_a", "type_b", "output_a", "output_b" (shapes without the batch axis,
        one for each output), and for each of parameters, macs, activation_bytes and receptive_field the numbers "_a"
        and "_b" (missing where there is none), which add up to the totals but for the receptive field. "differs" says
        whether anything is different, "differences" what.
        """
        rows = self.rows
        columns: dict[str, object] = {
            "layer": [row.pair.a or row.pair.b for row in rows],
            "a": [row.pair.a for row in rows],
            "b": [row.pair.b for row in rows],
            "matched": [row.pair.by for row in rows],
        }
        for place, side in enumerate("ab"):
            columns[f"type_{side}"] = [layer.type if (layer := row.layers[place]) else None for row in rows]
        for place, side in enumerate("ab"):
            columns[f"output_{side}"] = [step.output_shapes if (step := row.steps[place]) else None for row in rows]
        for what in MEASURES:
            for place, side in enumerate("ab"):
                numbers = [measured(row.steps[place], what) for row in rows]
                columns[f"{what}_{side}"] = pd.array(numbers, dtype="Int64")
        columns["differs"] = pd.array([row.differs for row in rows], dtype="bool")
        columns["differences"] = [tuple(each.what for each in row.differences) for row in rows]
        return pd.DataFrame(columns)


@lru_cache(maxsize=64)
def compare(a: Network, b: Network) -> Comparison:
    """A and B side by side, layers matched by name, then by place; what does not run is compared as far as it runs."""
    return Comparison(Contrast.of(trace(a), trace(b)))
