"""A summary as text, and as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from layerscope.formatting import joined
from layerscope.layers.opaque import Measured
from layerscope.notebook.lines import Line, size_text

if TYPE_CHECKING:
    from layerscope.notebook.summary import Summary

COLUMNS = ("layer", "type", "reads", "decided by its input", "output", "parameters", "MACs", "sees")
_RIGHT = frozenset({"parameters", "MACs"})
_WHERE_NEEDED = frozenset({"reads"})
"""A column without a word is left out: the rows of a chain read the row above."""
_WIDEST = 44
"""Characters of a column; more are cut."""

MACS = (
    "MACs are multiply-accumulates for one sample by PyTorch's own rules (FlopCounterMode / 2, on the meta device), "
    "without biases; FLOPs are twice as many."
)
OTHERS = (
    "Other tools show other numbers: torchinfo and ptflops also count biases, thop and fvcore normalization and "
    "pooling; torchinfo counts a transposed convolution by its output and ignores functions such as matmul."
)
MEASURED = "* was measured when the model ran, because no type of row does the same; it cannot be edited."


def _cells(line: Line) -> tuple[str, ...]:
    name = f"{line.name} ({line.rows} rows)" if line.rows > 1 else line.name
    decided = ", ".join(filter(None, (line.decided, line.of)))
    return name, line.type, line.reads, decided, line.output, f"{line.parameters:,}", f"{line.macs:,}", line.sees


def _totals(summary: Summary) -> tuple[str, ...]:
    return "total", "", "", "", "", f"{summary.parameters:,}", f"{summary.macs:,}", ""


def _table(summary: Summary) -> list[tuple[str, ...]]:
    """The columns' names, a row for each line, the totals."""
    table = [COLUMNS, *map(_cells, summary.lines), _totals(summary)]
    used = [
        place
        for place, column in enumerate(COLUMNS)
        if column not in _WHERE_NEEDED or any(row[place] for row in table[1:])
    ]
    return [tuple(row[place] for place in used) for row in table]


def _heading(summary: Summary) -> str:
    given = ", ".join(
        f"{one.name} {size_text(one.shape)}" if len(summary.network.inputs) > 1 else size_text(one.shape)
        for one in summary.network.inputs
    )
    return f"{summary.title} on {given}, for one sample"


def _notes(summary: Summary) -> list[str]:
    notes = [f"Stopped: {summary.error}"] if summary.error else []
    if summary.decided:
        notes.append(summary.decided)
    if summary.unused_parameters and not summary.error:
        notes.append(f"{summary.unused_parameters:,} more parameters are in modules that this run does not call.")
    if any(isinstance(layer, Measured) for layer in summary.network.layers):
        notes.append(MEASURED)
    for name, owner in summary.sharing.items():
        layer, other = summary.network[name], summary.network[owner].type
        called = layer.called if isinstance(layer, Measured) else layer.type
        notes.append(
            f"{name} ({called}) shares weights with {owner} ({other}), but is a different module: the shared "
            f"weights count at {owner}, and {name} was measured."
        )
    if summary.masked:
        rows = joined(summary.masked[:3]) + (f" and {len(summary.masked) - 3} more" if len(summary.masked) > 3 else "")
        notes.append(f"The masks of {rows} are not shown: they change no shape and no count.")
    if any(step.owners for step in summary.trace.steps):
        notes.append("Weights that several rows share count once, at the first row; their MACs count every time.")
    return [*notes, MACS, OTHERS]


def plain(summary: Summary) -> str:
    """The table for a terminal."""
    table = [tuple(map(_cut, row)) for row in _table(summary)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    written = [
        "  ".join(
            cell.rjust(width) if column in _RIGHT else cell.ljust(width)
            for cell, width, column in zip(row, widths, table[0], strict=True)
        ).rstrip()
        for row in table
    ]
    rule = "─" * min(sum(widths) + 2 * (len(widths) - 1), 160)
    return "\n".join([_heading(summary), rule, written[0], rule, *written[1:-1], rule, written[-1], *_notes(summary)])


def _cut(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 3]}..."


def html(summary: Summary) -> str:
    """The table for a notebook; every text in it is escaped."""

    columns, *lines, totals = _table(summary)

    def row(cells: tuple[str, ...], tag: str) -> str:
        written = (
            f'<{tag} style="text-align:{"right" if column in _RIGHT else "left"}">{escape(cell)}</{tag}>'
            for column, cell in zip(columns, cells, strict=True)
        )
        return f"<tr>{''.join(written)}</tr>"

    body = "".join(row(line, "td") for line in lines)
    notes = "".join(f"<div>{escape(note)}</div>" for note in _notes(summary))
    return (
        f"<div><strong>{escape(_heading(summary))}</strong></div>"
        f"<table><thead>{row(columns, 'th')}</thead><tbody>{body}</tbody>"
        f"<tfoot>{row(totals, 'th')}</tfoot></table><small>{notes}</small>"
    )
