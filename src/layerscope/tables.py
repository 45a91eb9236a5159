"""The two tables of a network, and the forms in which they can be taken away.

pandas is loaded when a data frame is asked for: drawing the first page needs none, and would wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.contrast import Contrast, Row, value_of
from layerscope.explain import as_sentence, reason, role_text, value_text
from layerscope.formatting import joined, shape_text
from layerscope.layers.base import Layer
from layerscope.steps import Step, Trace
from layerscope.text import in_csv, in_markdown, on_one_line

if TYPE_CHECKING:
    import pandas as pd


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
        import pandas as pd

        rows = [*self.rows, *([self.foot] if self.foot else [])]
        return pd.DataFrame(rows, columns=list(self.columns))


def reasons(trace: Trace) -> Table:
    """The course's "the param value is ...", live: a row for each layer and argument, who decided it, and why."""
    rows, keys = [], []
    for step in trace.steps:
        for name, value in step.arguments.items():
            why = as_sentence(trace, reason(trace, step, name))
            rows.append((step.name, name, value_text(value), role_text(step, name), why))
            keys.append(step.name)
    columns = ("layer", "parameter", "value", "decided by", "why")
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
    columns = ("quantity", "formula", "with the numbers", "formula gives", "PyTorch says", "")
    caption = f"{step.name}: our formulas beside PyTorch's answers"
    return Table(caption, columns, frozenset({"formula gives", "PyTorch says"}), rows, (step.name,) * len(rows))


MEASURES = {"parameters": "parameters", "macs": "MACs", "activation_bytes": "memory (bytes)"}
"""The numbers that add up, with what they are called in a column."""


def comparison(contrast: Contrast) -> Table:
    """Two networks row by row, with a column for A and one for B of each number, and what differs in words."""
    numbers = [f"{name} {side}" for name in MEASURES.values() for side in "AB"]
    columns = ("layer in A", "layer in B", "matched by", "what differs", "output A", "output B", *numbers,
               "receptive field A", "receptive field B")  # fmt: skip
    rows = tuple(
        (
            row.pair.a or "",
            row.pair.b or "",
            row.pair.by,
            what_differs(row),
            *(_outputs(layer, step) for layer, step in zip(row.layers, row.steps, strict=True)),
            *(f"{getattr(step, what):,}" if step else "" for what in MEASURES for step in row.steps),
            *(field_text(step) if step else "" for step in row.steps),
        )
        for row in contrast.rows
    )
    sums = (f"{number or 0:,}" for what in MEASURES for number in contrast.totals[what])
    foot = ("total", "", "", "", "", "", *sums, "", "")
    caption = "A and B, layer by layer, for one sample in float32"
    return Table(caption, columns, frozenset(numbers), rows, tuple(row.name for row in contrast.rows), foot)


def differences(contrast: Contrast, rows: Sequence[Row]) -> Table:
    """Some rows of two networks for the screen: a cell holds both values where they differ, "5×5 → 3×3", else the one.

    A row that changed in itself begins with a sign.
    """
    columns = ("layer", "matched by", "settings", "output", *MEASURES.values(), "receptive field")
    body = tuple(
        (
            f"{DIFFERS} {row.title}" if row.changed else row.title,
            row.pair.by or only_in(row),
            ", ".join(filter(None, [settings(row), *_read(row)])),
            _both(*(_outputs(layer, step) for layer, step in zip(row.layers, row.steps, strict=True))),
            *(_both(*(f"{getattr(step, what):,}" if step else "" for step in row.steps)) for what in MEASURES),
            _both(*(field_text(step) if step else "" for step in row.steps)),
        )
        for row in rows
    )
    sums = (_both(*(f"{number or 0:,}" for number in contrast.totals[what])) for what in MEASURES)
    foot = ("total", "", "", "", *sums, "")
    return Table(_counted(contrast), columns, frozenset(MEASURES.values()), body, tuple(row.name for row in rows), foot)


def _counted(contrast: Contrast) -> str:
    """How many rows changed in themselves, and how many only see more or less of the input."""
    every = len(contrast.rows)
    told = f"A → B, for one sample in float32: {sum(row.changed for row in contrast.rows):,} of {every:,} layers differ"
    if count := sum(row.only_sees for row in contrast.rows):
        told += f"; {count:,} more {'differs' if count == 1 else 'differ'} only in the receptive field"
    return told


DIFFERS = "◆"


def _both(a: str, b: str) -> str:
    return f"{a} → {b}" if a and b and a != b else a or b


def only_in(row: Row) -> str:
    """Which of the networks alone has it."""
    return "only in A" if row.pair.b is None else "only in B"


def settings(row: Row) -> str:
    """The arguments that differ, with both values: "kernel_size 5 → 3"."""
    found = (one for one in row.differences if one.what not in FOLLOWS)
    return ", ".join(f"{one.what} {value_of(one.a)} → {value_of(one.b)}" for one in found)


def _read(row: Row) -> Iterator[str]:
    """From which rows it reads, or holds the weights, where others correspond: "reads conv1 → conv2"."""
    for one in row.differences:
        if one.what in ("inputs", "weights"):
            old, new = (joined(list(filter(None, names))) or "none" for names in (one.a, one.b))
            yield f"{'reads' if one.what == 'inputs' else 'weights of'} {old} → {new}"


FOLLOWS = {
    "macs": "MACs", "activation_bytes": "memory", "receptive_field": "receptive field", "output": "output",
    "parameters": "parameters", "inputs": "what it reads", "weights": "whose weights",
}  # fmt: skip
"""What may differ besides arguments, as it is called in a list."""


def what_differs(row: Row) -> str:
    """Settings with both values, then what else differs: "kernel_size 5 → 3; output, parameters, MACs"."""
    if not row.is_paired:
        return only_in(row)
    others = [FOLLOWS[one.what] for one in row.differences if one.what in FOLLOWS]
    return "; ".join(filter(None, [settings(row), ", ".join(others)]))


def _outputs(layer: Layer | None, step: Step | None) -> str:
    if layer is None:
        return ""
    if step is None:
        return "not reached"
    return shape_text(step.shown_shapes[0]) if step.shown_shapes else "does not run"


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


def _whole(column: pd.Series[Any]) -> pd.Series[Any]:
    """Counts are floats in a frame as soon as one is missing; here they are integers again."""
    known = column.dropna() if column.dtype.kind == "f" else column.iloc[:0]
    return column.astype("Int64") if len(known) and (known % 1 == 0).all() and known.abs().max() < 2**53 else column


def frame_csv(frame: pd.DataFrame, *, index: bool = False) -> str:
    """A frame as CSV with all its digits, counts as whole numbers. No cell is a spreadsheet's formula."""
    return frame.apply(_in_csv).rename(columns=in_csv).to_csv(index=index)


def _in_csv(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column as CSV writes it; numbers are not looked at one by one, which made fractions of them in pandas 2.2."""
    from pandas.api.types import is_numeric_dtype

    whole = _whole(column)
    return (
        whole
        if is_numeric_dtype(whole)
        else whole.map(lambda value: in_csv(value) if isinstance(value, str) else value)
    )


FORMATS: dict[str, Callable[[Table], str]] = {
    "csv": _csv,
    "md": _markdown,
    "tex": _latex,
}
"""File endings and what writes them."""
