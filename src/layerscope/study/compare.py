"""Two networks side by side, as numbers: `compare(a, b)`."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import pandas as pd

from layerscope import contrast_story
from layerscope.contrast import MEASURES, Contrast, Row, Total, measured
from layerscope.contrast_numbers import NEAR, cost, in_ratio
from layerscope.formatting import bytes_text
from layerscope.network import Network
from layerscope.study.estimate import EstimateError, UnaskedEstimateError
from layerscope.study.memory import training_memory
from layerscope.tracing import trace


class Training(NamedTuple):
    """How both networks are trained, where the memory for that is compared: see `training_memory`."""

    batch: int = 64
    optimizer: str = "Adam"
    dtype: str = "float32"

    @property
    def words(self) -> str:
        """batch 64, Adam"""
        return ", ".join([f"batch {self.batch:,}", self.optimizer, *[self.dtype] * (self.dtype != "float32")])


USUAL = Training()


@dataclass(frozen=True)
class Comparison:
    """Two networks row by row and in total. Counts are for one sample, memory is that of outputs in float32."""

    contrast: Contrast
    training: Training = USUAL
    asks: bool = True
    """Whether torch is asked where no formula tells what training keeps, which takes a second at first."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row of both networks once, in order, with what differs there."""
        return self.contrast.rows

    @cached_property
    def totals(self) -> dict[str, Total]:
        """Both numbers by name, (A's, B's), with `.ratio`: "layers", "parameters", "macs", "activation_bytes", and
        "receptive_field", the cells of the input that one value of the output sees along an axis, at most.

        "training_memory" are the bytes of a training step at its peak; None where no estimate can be made, as for a
        network that does not run. "activation_bytes" are the outputs of one sample, most of which training keeps.
        """
        return self.contrast.totals | {"training_memory": Total(*(peak for peak, _ in self._peaks))}

    @property
    def is_partial(self) -> bool:
        """Whether a training memory is missing only because torch was not asked."""
        return any(is_unasked for _, is_unasked in self._peaks)

    @cached_property
    def _peaks(self) -> list[tuple[int | None, bool]]:
        return [_peak(one.network, self.training, self.asks) for one in (self.contrast.a, self.contrast.b)]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What differs, in words, the most important first."""
        told = contrast_story.sentences(self.contrast)
        place = 1 + bool(cost(self.contrast))
        return (*told[:place], *self._trained, *told[place:])

    @property
    def _trained(self) -> tuple[str, ...]:
        """What training takes, where that differs by more than a tenth."""
        peak = self.totals["training_memory"]
        if peak.ratio is None or abs(peak.ratio - 1) <= NEAR:
            return ()
        than = in_ratio(peak.ratio, fewer="less")
        return (f"Training B takes {bytes_text(peak.b or 0)} at its peak ({self.training.words}), {than}.",)

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
def compare(a: Network, b: Network, training: Training = USUAL, *, asks: bool = True) -> Comparison:
    """A and B side by side, layers matched by name, then by place; what does not run is compared as far as it runs."""
    return Comparison(Contrast.of(trace(a), trace(b)), training, asks)


def _peak(network: Network, training: Training, asks: bool) -> tuple[int | None, bool]:
    """The bytes at the peak, None where there is no estimate; and whether that is because torch was not asked."""
    try:
        return training_memory(network, *training, asks=asks).peak, False
    except UnaskedEstimateError:
        return None, True
    except EstimateError:
        return None, False
