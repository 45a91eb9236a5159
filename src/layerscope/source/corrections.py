"""Written in-values that are not the actual input, each with what puts it right."""

from collections import Counter
from typing import Any

from layerscope.formatting import product_text
from layerscope.source.lacking_flatten import lacks_a_flatten, with_flatten
from layerscope.source.meant_calls import over_channels, swapped
from layerscope.source.mismatch import Mismatch, amount, as_written, in_style, merged_sizes, unit
from layerscope.source.reading import Reading, Span, Written
from layerscope.source.spelled_widths import with_names
from layerscope.source.written_values import arriving, comparable, differs
from layerscope.steps import Step, Trace


def mismatches(reading: Reading, trace: Trace) -> tuple[Mismatch, ...]:
    """Each written value that differs from what the step of `trace` really holds, in order of the layers."""
    if reading.is_order_guessed:
        return ()
    found = [
        (row, arriving(row, step), step)
        for row in reading.written
        if (step := trace.by_name.get(row.layer)) is not None and differs(row, step)
    ]
    wanted: dict[Span, set[Any]] = {}
    for row, arrives, _ in found:
        wanted.setdefault(row.span, set()).add(comparable(arrives))
    wrong = Counter(row.span for row, _, _ in found)
    results = []
    for row, arrives, step in found:
        alone = wrong[row.span] == row.places and len(wanted[row.span]) == 1
        if lacks_a_flatten(row, step):
            results.append(with_flatten(reading, row, arrives, step, alone))
            continue
        mismatch = _mismatch(reading.source, row, arrives, step, alone)
        if (meant := swapped(reading, trace, mismatch, step)) is not None:
            return (meant,)  # nothing else is wrong then
        if (normed := over_channels(reading, mismatch, step)) is not None:
            results.append(normed)
            continue
        results.append(with_names(reading, trace, mismatch, step))
    return tuple(results)


def _of_both_directions(step: Step, arrives: Any) -> str:
    """Why a bidirectional layer gives twice as many features as its hidden_size says; "" where they come from none."""
    above = step.parents[0] if step.parents else None
    while above is not None and (above.output_shape or (None,))[-1] == arrives:
        if above.layer.chosen.get("bidirectional"):
            one = arrives // 2
            return f"{above.name} is bidirectional: each step holds both directions, 2 × {one:,} values."
        above = above.parents[0] if above.parents else None
    return ""


def _mismatch(source: str, row: Written, arrives: Any, step: Step, alone: bool) -> Mismatch:
    sizes = merged_sizes(row, step)
    sizes = sizes if len(sizes) > 1 else ()
    what = product_text(sizes) if sizes else amount(arrives)
    shown = as_written(row.text, row.value)
    sentence = f"You wrote {shown}; {row.layer} gets {what}{unit(row.parameter, arrives)}."
    if row.parameter == "features":
        sentence = f"You wrote {shown} in the view; it gets {what} values."
    elif told := _of_both_directions(step, arrives):
        sentence += f" {told}"
    return Mismatch(
        row.layer, row.parameter, row.text, row.value, arrives, sizes, sentence, row.span,
        in_style(row.text, arrives, sizes), source if alone else "", row.rows,
    )  # fmt: skip
