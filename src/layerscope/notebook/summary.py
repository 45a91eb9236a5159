"""`layerscope.summary(model, input_size=(1, 3, 224, 224))`: what a live model is, for a notebook or a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from torch import nn

from layerscope import limits
from layerscope.figures import flow
from layerscope.figures.theme import GRID, PAPER, TEXT
from layerscope.link import LinkError, encode
from layerscope.modules.reading import read
from layerscope.modules.stopping import one_of_several, sentence
from layerscope.network import Network
from layerscope.notebook import text
from layerscope.notebook.lines import Line, lines
from layerscope.steps import Trace
from layerscope.tracing import trace

HERE = "http://127.0.0.1:8501"
"""Where the app is, once `layerscope` has started it."""

_COLOURS = {TEXT: "#31333F", GRID: "#D5D7DC", PAPER: "#FFFFFF"}
"""The browser's own colours in the app, which a notebook does not know."""
FONT = "Source Sans 3, Source Sans Pro, Helvetica, Arial, sans-serif"
SIDE = 14
"""Pixels left and right of the picture: a notebook's type may be wider than the app's."""


@dataclass(frozen=True, repr=False)
class Summary:
    """A live model as a table of numbers.

    `network` can be traced, edited and compared like any other. `unused_parameters` are those of modules that this run
    did not call; `error` says why the model stopped, None where it ran; `decided` where the numbers in the input
    decided what was called next, "" where none did. `sharing` names rows that were measured because they share weights
    with a row, though not all, or of another type; and that row. `masked` names rows of attention without their masks.
    """

    network: Network
    title: str
    unused_parameters: int = 0
    error: str | None = None
    classes: dict[str, str] = field(default_factory=dict)
    decided: str = ""
    sharing: Mapping[str, str] = field(default_factory=dict)
    masked: tuple[str, ...] = ()

    @cached_property
    def trace(self) -> Trace:
        """Every row on its input, as the app shows it."""
        return trace(self.network)

    @property
    def parameters(self) -> int:
        """Learnable values of the rows; shared weights once."""
        return self.trace.parameters

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one sample; a module that is called twice costs twice."""
        return self.trace.macs

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the table: rows, or blocks where there are many rows."""
        return lines(self.trace, self.classes)

    def __repr__(self) -> str:
        return text.plain(self)

    def _repr_html_(self) -> str:
        return text.html(self)

    def frame(self) -> pd.DataFrame:
        """One row of numbers for each row of the network: `parameters` and `macs` add up to the totals.

        Shapes are tuples without the batch axis. `receptive_field` is how many cells of the input one output cell sees
        along each axis, None where it is not known; `whole` says whether it sees everything.
        """
        return pd.DataFrame(
            {
                "name": [step.name for step in self.trace.steps],
                "type": [step.type for step in self.trace.steps],
                "reads": [step.sources for step in self.trace.steps],
                "of": [step.layer.of for step in self.trace.steps],
                "tied": [step.layer.tied for step in self.trace.steps],
                "input_shapes": [step.input_shapes for step in self.trace.steps],
                "output_shapes": [step.output_shapes for step in self.trace.steps],
                "parameters": pd.array([step.parameters for step in self.trace.steps], dtype="int64"),
                "macs": pd.array([step.macs for step in self.trace.steps], dtype="int64"),
                "receptive_field": [view and view.size for view in self._views],
                "whole": [view is not None and view.whole for view in self._views],
            }
        )

    @property
    def _views(self) -> list[Any]:
        return [step.receptive_field for step in self.trace.steps]

    def figure(self, width: int = 1000, height: int = 360) -> go.Figure:
        """The tensor flow, as the app draws it. Sizes in pixels."""
        figure = go.Figure(_in_notebook(flow.flow(self.trace, width=width - 2 * SIDE, height=height)))
        figure.update_layout(
            width=width, height=height, margin={"l": SIDE, "r": SIDE}, template="none",
            paper_bgcolor=_COLOURS[PAPER], plot_bgcolor=_COLOURS[PAPER],
            font={"color": _COLOURS[TEXT], "family": FONT},
        )  # fmt: skip
        return figure

    def link(self, base: str = HERE) -> str:
        """The address of this network in the app that runs at `base`. Raises LinkError where it is too large."""
        code = encode(self.network)
        if len(code) > limits.LINK.most:
            raise LinkError(
                f"This network needs {len(code):,} characters; a link can have at most {limits.LINK.most:,}. Write it "
                "with layerscope.interchange.to_json(network) to a .json file; `layerscope FILE` opens that."
            )
        return f"{base.rstrip('/')}/?net={code}"


def summary(model: nn.Module, input_size: Any = None, input_data: Any = None) -> Summary:
    """What a live model is: its rows with shapes, parameters, multiply-accumulates and receptive fields.

    Args: as `layerscope.from_module` has them. A model that does not run is not an error here: the summary then holds
    the rows before the module that does not, and says why it does not.

    Raises:
        ModuleError: `model` is not a module, the arguments are none, or the model cannot be shown as a network.
    """
    reading = read(model, input_size, input_data)
    classes = {path: type(module).__name__ for path, module in model.named_modules()}
    error = sentence(reading.stop) if reading.stop else None
    decided = one_of_several(reading.asked) if reading.asked and not reading.stop else ""
    unused, sharing = reading.unused_parameters, reading.sharing
    return Summary(reading.network, type(model).__name__, unused, error, classes, decided, sharing, reading.masked)


def _in_notebook(drawn: Any) -> Any:
    """The figure with colours in place of the app's style variables."""
    if isinstance(drawn, dict):
        return {key: _in_notebook(value) for key, value in drawn.items()}
    if isinstance(drawn, list | tuple):
        return [_in_notebook(value) for value in drawn]
    return _COLOURS.get(drawn, drawn) if isinstance(drawn, str) else drawn
