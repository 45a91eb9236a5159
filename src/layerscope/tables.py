"""The two tables of a network, and the forms in which they can be taken away."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from layerscope.explain import reason, role_text, value_text
from layerscope.formatting import shape_text
from layerscope.steps import Step, Trace
from layerscope.text import in_csv, in_markdown, on_one_line


@dataclass(frozen=True)
class Table:
    """Rows of text. `keys` names the layer of each row; `foot` holds the totals of the columns that add up."""

    caption: str
    columns: tuple[str, ...]
    numeric: frozenset[str]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    foot: tuple[str, ...] | None = None

    def frame(self) -> pd.DataFrame:
        """The table as a data frame of text, the totals as the last row."""
        rows = [*self.rows, *([self.foot] if self.foot else [])]
        return pd.DataFrame(rows, columns=list(self.columns))


def reasons(trace: Trace) -> Table:
    """The course's "the param value is ...", live: a row for each layer and argument, who decided it, and why."""
    rows, keys = [], []
    for step in trace.steps:
        for name, value in step.arguments.items():
            row = (step.name, name, value_text(value), role_text(step, name), reason(trace, step, name))
            rows.append(row)
            keys.append(step.name)
    columns = ("layer", "parameter", "value", "decided by", "the value is")
    return Table("Where each value comes from", columns, frozenset({"value"}), tuple(rows), tuple(keys))


def summary(trace: Trace) -> Table:
    """One row for each layer; parameters, MACs and memory add up to the totals."""
    shapes = ("output", "weight", "bias")
    columns = ("layer", "type", *shapes, "parameters", "MACs", "memory (bytes)", "receptive field")
    rows = tuple(
        (
            step.name,
            step.type,
            shape_text(step.shown_shapes[0]) if step.shown_shapes else "does not run",
            shape_text(step.weight_shape) if step.weight_shape else "",
            shape_text(step.bias_shape) if step.bias_shape else "",
            f"{step.parameters:,}",
            f"{step.macs:,}",
            f"{step.activation_bytes:,}",
            field_text(step),
        )
        for step in trace.steps
    )
    totals = (f"{trace.parameters:,}", f"{trace.macs:,}", f"{trace.activation_bytes:,}")
    foot = ("total", "", "", "", "", *totals, "")
    numeric = frozenset({"parameters", "MACs", "memory (bytes)"})
    keys = tuple(step.name for step in trace.steps)
    return Table("Summary, for one sample in float32", columns, numeric, rows, keys, foot)


def formulas(trace: Trace, step: Step) -> Table:
    """The closed formulas of one layer beside torch's answers."""
    rows = tuple(
        (
            check.formula.quantity,
            check.formula.symbols,
            check.formula.filled,
            f"{check.formula.value:,}",
            f"{check.torch:,}",
            "agree" if check.agrees else "DISAGREE",
        )
        for check in step.checks
    )
    columns = ("quantity", "formula", "with the numbers", "formula gives", "torch says", "")
    caption = f"{step.name}: our formulas beside torch's answers"
    return Table(caption, columns, frozenset({"formula gives", "torch says"}), rows, (step.name,) * len(rows))


def field_text(step: Step) -> str:
    """The receptive field as 16×16, "all" where each value sees the whole input, "none" where no input is read."""
    field = step.receptive_field
    if field is None:
        return ""
    return "all" if field.whole else "none" if field.sees_nothing else shape_text(field.size)


def _mapped(table: Table, write: Callable[[str], str]) -> pd.DataFrame:
    """The frame with each cell as a form of file writes it."""
    return table.frame().map(write)


def _markdown(table: Table) -> str:
    """Cells as they are: a writer that knows numbers would round them, one that knows no Markdown would leave signs."""
    sides = ["right" if name in table.numeric else "left" for name in table.columns]
    text = _mapped(table, in_markdown).to_markdown(
        index=False, disable_numparse=True, colalign=sides if table.rows else None
    )
    return f"{text}\n"


def _latex(table: Table) -> str:
    """With booktabs' rules; names such as kernel_size need their underscores escaped."""
    style = (
        _mapped(table, on_one_line)
        .style.hide(axis="index")
        .format(escape="latex")
        .format_index(escape="latex", axis="columns")
    )
    sides = "".join("r" if name in table.numeric else "l" for name in table.columns)
    return str(style.to_latex(hrules=True, column_format=sides))


def _csv(table: Table) -> str:
    """Counts without thousands separators: a CSV file is for programs. No cell is a spreadsheet's formula."""
    frame = _mapped(table, in_csv)
    counts = [name for name in table.columns if name in table.numeric and name != "value"]
    frame[counts] = frame[counts].replace(",", "", regex=True)
    return frame.to_csv(index=False)


FORMATS: dict[str, Callable[[Table], str]] = {
    "csv": _csv,
    "md": _markdown,
    "tex": _latex,
}
"""File endings and what writes them."""
