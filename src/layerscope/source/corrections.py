"""Written in-values that are not the actual input, and the source with them put right."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from layerscope.formatting import shape_text
from layerscope.layers.base import per_axis
from layerscope.network import NetworkError
from layerscope.source.expressing import Wanted, named, product, says
from layerscope.source.reading import Reading, Span, Written
from layerscope.source.text.paste import replaced
from layerscope.steps import Step, Trace
from layerscope.tracing import trace as trace_of

WIDTHS = ("hidden_size", "embedding_dim", "d_model", "embed_dim")
"""The arguments that say how wide the output is of layers whose width is not a number of channels or features."""
FARTHEST = 16
"""How many rows above a layer the one that decides a width is looked for."""
_NUMBER = re.compile(r"[\d_]+")


@dataclass(frozen=True)
class Mismatch:
    """A value in the code that is not its layer's input.

    `text` and `value` are what was written (`rows`: see Written), `arrives` is the value that fits, `product` the same
    as the sizes it is made of ("16*5*5"; "" where it is not a product). `replacement` is what belongs at `span`;
    `corrected` is the whole source with just that, "" where the place serves other layers too and cannot simply be
    replaced; it is put together when it is asked for, as there may be as many as layers.
    """

    layer: str
    parameter: str
    text: str
    value: Any
    arrives: Any
    product: str
    sentence: str
    span: Span
    replacement: str
    source: str
    """What was pasted; "" where the place cannot simply be replaced."""
    rows: int | None = None
    label: str = ""
    """What the correction does, where that is not to write `replacement` for `text`."""
    also: tuple[tuple[Span, str], ...] = ()
    """What has to be changed with it at other places."""
    at: Span | None = None
    """Where `replacement` belongs, if that is not at `span`: where the call is written that makes the layer, or where
    the number is written that a name stands for."""

    @property
    def place(self) -> Span:
        """Where `replacement` belongs."""
        return self.at or self.span

    @property
    def changes(self) -> dict[Span, str]:
        """What belongs at which places; empty where the place cannot simply be replaced."""
        return {self.place: self.replacement, **dict(self.also)} if self.source else {}

    @property
    def corrected(self) -> str:
        return replaced(self.source, self.changes) if self.source else ""


def mismatches(reading: Reading, trace: Trace) -> tuple[Mismatch, ...]:
    """Each written value that differs from what the step of `trace` really holds, in order of the layers."""
    if reading.is_order_guessed:
        return ()
    found = [
        (row, arrives, step)
        for row in reading.written
        if (step := trace.by_name.get(row.layer)) is not None
        and (arrives := _arrives(row, step)) is not None
        and _comparable(arrives) != _comparable(row.value)
    ]
    wanted: dict[Span, set[Any]] = {}
    for row, arrives, _ in found:
        wanted.setdefault(row.span, set()).add(_comparable(arrives))
    wrong = Counter(row.span for row, _, _ in found)
    results = []
    for row, arrives, step in found:
        alone = wrong[row.span] == row.places and len(wanted[row.span]) == 1
        if _lacks_a_flatten(row, step):
            results.append(_with_flatten(reading, row, arrives, step, alone))
            continue
        mismatch = _mismatch(reading.source, row, arrives, step, alone)
        if (swapped := _swapped(reading, trace, mismatch, step)) is not None:
            return (swapped,)  # nothing else is wrong then
        if (over_channels := _over_channels(reading, mismatch, step)) is not None:
            results.append(over_channels)
            continue
        results.append(_with_names(reading, trace, mismatch, step))
    return tuple(results)


def _swapped(reading: Reading, trace: Trace, found: Mismatch, step: Step) -> Mismatch | None:
    """nn.Conv2d(32, 3, 3) on 3 channels: its two numbers the other way round, where all that is written after it fits
    then; None elsewhere."""
    made, head = reading.made.get(found.layer), step.layer.head
    if made is None or not head or not found.source or found.value == found.arrives:
        return None
    first, last = made.arguments.get(found.parameter), made.arguments.get(head)
    if first is None or last is None or not (first.is_literal and last.is_literal) or last.value != found.arrives:
        return None
    try:
        changed = trace_of(trace.network.with_argument(found.layer, head, found.value))
    except NetworkError:  # the last layer's width is the number of classes
        return None
    if changed.error is not None or any(
        row.layer != found.layer and row.layer in changed.by_name
        and (arrives := _arrives(row, changed.by_name[row.layer])) is not None
        and _comparable(arrives) != _comparable(row.value)
        for row in reading.written
    ):  # fmt: skip
        return None
    words = f"{found.layer} gets {_shown(found.arrives)}{_unit_of(found)} and is written for {found.text}: "
    words += f"{found.parameter} and {head} are the wrong way round."
    label = f"Line {first.span.line}: swap {first.text} and {last.text}"
    also = ((last.span, first.text),)
    return replace(found, sentence=words, replacement=last.text, span=first.span, also=also, label=label)


def _over_channels(reading: Reading, found: Mismatch, step: Step) -> Mismatch | None:
    """nn.LayerNorm(16) on 16 feature maps, whose last axis is the width: GroupNorm(1, 16) works on channels."""
    made, shape = reading.made.get(found.layer), step.input_shape
    argument = made.arguments.get("normalized_shape") if made is not None else None
    if made is None or argument is None or len(made.arguments) != 1 or not found.source or not _are_maps(step):
        return None
    if len(shape) < 2 or _comparable(found.value) != (shape[0],):
        return None
    words = f"nn.LayerNorm works on the last axis, which is {shape[-1]} here: the {shape[0]} channels of {found.layer} "
    words += f"are on another. nn.GroupNorm(1, {shape[0]}) works on the channels."
    return replace(
        found, sentence=words, replacement=f"1, {argument.text}", at=argument.span, also=((made.name, "GroupNorm"),),
        label=f"Line {argument.span.line}: write GroupNorm(1, {argument.text})",
    )  # fmt: skip


def _with_names(reading: Reading, trace: Trace, found: Mismatch, step: Step) -> Mismatch:
    """The same, with the names of the code where they say the value, for all layers that the call makes."""
    made = reading.made.get(found.layer)
    argument = made.arguments.get(found.parameter) if made is not None else None
    if made is None or argument is None or (found.source and argument.is_literal):
        return found
    wanted = [
        Wanted(other, trace.by_name[name].arguments.get(found.parameter))
        for name, other in reading.made.items()
        if other.span == made.span and name in trace.by_name
    ]
    like = _like(reading, step, found.parameter)
    if found.source and argument.span != found.span:  # a number in a call of the paste's own function
        like = [text for text in like if argument.text != text and argument.text in text and says(text, wanted)]
        if not like:
            return found  # else it is the width of the layer before, too: hidden_dim * 2
        return replace(found, replacement=like[0], at=argument.span)
    text = next(named(found.parameter, wanted, like), None)
    if found.source and text is None and found.product:
        text = product(argument, tuple(map(int, found.product.split("*"))), made.numbers)
    if text is None:
        return found
    shown = _shown_as_written(argument.text, found.value)
    sentence = found.sentence.replace(f"You wrote {_shown_as_written(found.text, found.value)};", f"You wrote {shown};")
    return replace(found, sentence=sentence, replacement=text, source=reading.source, at=argument.span)


def _like(reading: Reading, step: Step, parameter: str) -> list[str]:
    """How the widths are written of the layers that decide the value: as they are, twice, or added up."""
    decision = step.decisions.get(parameter)
    place = step.layer.input_of(parameter)
    above = step.parents[place] if decision is not None and place < len(step.parents) else None
    widths = _widths(reading, above, FARTHEST)
    if not widths:
        return []
    first = widths[0] if re.fullmatch(r"[\w.]+", widths[0]) else f"({widths[0]})"
    times = f"{first} * {len(widths)}" if len(set(widths)) == 1 else " + ".join(widths)
    return [widths[0], times, f"{first} * 2"]


def _widths(reading: Reading, step: Step | None, most: int) -> list[str]:
    """How the widths are written that a step's output has, several where it is put together; [] where one is not."""
    while step is not None and most > 0:
        most -= 1
        made = reading.made.get(step.layer.of or step.name)
        widths = (made.arguments.get(name) for name in (step.layer.head, *WIDTHS) if name) if made is not None else ()
        width = next((argument for argument in widths if argument is not None), None)
        if width is not None:
            return [width.text]
        if step.type == "Concat":
            parts = [_widths(reading, parent, most // 2) for parent in step.parents]
            return [text for part in parts for text in part] if all(parts) else []
        step = step.previous
    return []


def _lacks_a_flatten(row: Written, step: Step) -> bool:
    """Whether a Linear is written for all the input values, or gets feature maps."""
    if row.parameter != "in_features" or len(step.input_shape) < 2:
        return False
    return row.value == prod(step.input_shape) or _are_maps(step)


def _are_maps(step: Step) -> bool:
    """Whether what reaches a layer comes from convolutions or poolings, and kept its shape since."""
    before = step.previous
    while before is not None and before.layer.keeps_channels and not before.layer.dims:
        before = before.previous
    return before is not None and bool(before.layer.dims)


def _with_flatten(reading: Reading, row: Written, arrives: Any, step: Step, alone: bool) -> Mismatch:
    sizes = step.input_shape
    product, count = "*".join(map(str, sizes)), prod(sizes)
    span, text = reading.flattens.get(row.layer, (row.span, ""))
    also: tuple[tuple[Span, str], ...] = ()
    if row.value == count:
        rows = prod(sizes[:-1])
        arriving = f"{rows:,} row{'s' * (rows > 1)} of {arrives:,}"
        sentence = f"A Flatten is missing before {row.layer}, which gets {product} = {count:,} values as {arriving}."
    else:
        sentence = f"A Flatten is missing before {row.layer}, which gets feature maps of {shape_text(sizes)}: "
        sentence += f"flattened, {product} = {count:,} values; you wrote {_shown_as_written(row.text, row.value)}."
        also = ((row.span, _in_style(row.text, count, sizes)),)
        text = text if alone else ""
    whole = reading.source if text else ""
    label = f"Insert {text.strip(', ')} in line {span.line}" if text.endswith(", ") else ""
    if also:
        where = "" if row.span.line == span.line else f" in line {row.span.line}"
        place = "" if " in line " in row.layer else f" in line {span.line}"
        label = f"Flatten before {row.layer}{place} and change in_features to {count:,}{where}"
    return Mismatch(
        row.layer, row.parameter, row.text, row.value, arrives, product, sentence, span, text, whole, label=label,
        also=also,
    )  # fmt: skip


def corrected(source: str, found: Iterable[Mismatch]) -> str:
    """The source with all of them put right; those that cannot simply be replaced stay."""
    return replaced(source, {span: text for mismatch in found for span, text in mismatch.changes.items()})


def _arrives(row: Written, step: Step) -> Any:
    """What the written value should be; None where the trace does not say."""
    if row.parameter == "features":
        output = step.output_shape
        return output[0] if output is not None and len(output) == 1 else None
    return step.arguments.get(row.parameter)


def _comparable(value: Any) -> tuple[Any, ...]:
    return per_axis(value, 1)


def _mismatch(source: str, row: Written, arrives: Any, step: Step, alone: bool) -> Mismatch:
    sizes = _sizes(row, step)
    product = "*".join(map(str, sizes)) if len(sizes) > 1 else ""
    replacement = _in_style(row.text, arrives, sizes)
    shown = _shown_as_written(row.text, row.value)
    what = f"{product} = {arrives}" if product else _shown(arrives)
    sentence = f"You wrote {shown}; {row.layer} gets {what}{_unit(row, arrives)}."
    if row.parameter == "features":
        sentence = f"You wrote {shown} in the view; it gets {what} values."
    whole = source if alone else ""
    return Mismatch(
        row.layer, row.parameter, row.text, row.value, arrives, product, sentence, row.span, replacement, whole,
        row.rows,
    )  # fmt: skip


def _shown_as_written(text: str, value: Any) -> str:
    """ "16*5*5 = 400", "784"."""
    text = " ".join(text.split())
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return text if _NUMBER.fullmatch(text) or isinstance(value, tuple) else f"{text} = {value}"


def _shown(value: Any) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


_UNITS = {
    "in_channels": "channel",
    "num_channels": "channel",
    "in_features": "value",
    "num_features": "feature",
    "input_size": "feature",
}


def _unit_of(found: Mismatch) -> str:
    unit = _UNITS.get(found.parameter)
    return f" {unit}{'s' * (found.arrives != 1)}" if unit else ""


def _unit(row: Written, arrives: Any) -> str:
    unit = _UNITS.get(row.parameter)
    return f" {unit}{'s' * (arrives != 1)}" if unit else ""


def _sizes(row: Written, step: Step) -> tuple[int, ...]:
    """The sizes that a Flatten right before merged; () where none did."""
    flatten: Step | None = step
    if row.parameter in ("in_features", "num_features"):
        flatten = step.previous
        while flatten is not None and flatten.type != "Flatten" and flatten.input_shape == flatten.output_shape:
            flatten = flatten.previous
    elif row.parameter != "features":
        return ()
    if flatten is None or flatten.type != "Flatten" or flatten.output_shape is None or len(flatten.output_shape) != 1:
        return ()
    return flatten.input_shape


def _in_style(text: str, arrives: Any, sizes: tuple[int, ...]) -> str:
    """The right value in the manner of what was written: a product stays a product, a list a list."""
    if isinstance(arrives, tuple):
        row = ", ".join(map(str, arrives))
        if text.lstrip().startswith("["):
            return f"[{row}]"
        return row if len(arrives) == 1 and not text.lstrip().startswith("(") else f"({row}{',' * (len(arrives) == 1)})"
    if "*" in text and "**" not in text and len(sizes) > 1:
        factors = [factor.strip() for factor in text.split("*")]
        are_last = len(factors) == len(sizes) and factors[-1] == str(sizes[0]) != factors[0]
        order = (*sizes[1:], sizes[0]) if are_last else sizes  # as it was written: 7 * 7 * 32
        return (" * " if " * " in text else "*").join(map(str, order))
    return str(arrives)
