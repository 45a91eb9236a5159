"""A value in the code that is not its layer's input: what is said of it, and the change that puts it right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from layerscope.formatting import shape_text
from layerscope.source.expressing import Told
from layerscope.source.labels import label_of
from layerscope.source.reading import Span, Written
from layerscope.source.text.paste import replaced
from layerscope.steps import Step

_NUMBER = re.compile(r"[\d_]+")
_LONGEST = 60
_UNITS = {
    "in_channels": "channel",
    "num_channels": "channel",
    "in_features": "value",
    "num_features": "feature",
    "input_size": "feature",
}


@dataclass(frozen=True)
class Mismatch:
    """A value in the code that is not its layer's input.

    `text` and `value` are what was written (`rows`: see Written), `arrives` is the value that fits, `sizes` those that
    it is the product of (() where it is none). `replacement` is what belongs at `span`; `corrected` is the whole source
    with just that, "" where the place serves other layers too and cannot simply be replaced; it is put together when it
    is asked for, as there may be as many as layers.
    """

    layer: str
    parameter: str
    text: str
    value: Any
    arrives: Any
    sizes: tuple[int, ...]
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
    does: str = ""
    """What is done at `place`, where that is not to write `replacement`: "flatten first"."""

    @property
    def place(self) -> Span:
        """Where `replacement` belongs."""
        return self.at or self.span

    @property
    def changes(self) -> dict[Span, str]:
        """What belongs at which places; empty where the place cannot simply be replaced."""
        return {self.place: self.replacement, **dict(self.also)} if self.source else {}

    @property
    def told(self) -> tuple[Told, ...]:
        """Each change with what it does, in words."""
        first = (self.place, self.replacement), self.does or f"write {one_line(self.replacement)}"
        return (first, *(((span, text), f"write {one_line(text)}") for span, text in self.also)) if self.source else ()

    @property
    def action(self) -> str:
        """What the correction does, as a button says it."""
        return self.label or label_of(self.told) if self.told else ""

    @property
    def corrected(self) -> str:
        return replaced(self.source, self.changes) if self.source else ""


def corrected(source: str, found: Iterable[Mismatch]) -> str:
    """The source with all of them put right; those that cannot simply be replaced stay."""
    return replaced(source, {span: text for mismatch in found for span, text in mismatch.changes.items()})


# In words


def one_line(text: str) -> str:
    """Code as a label or a sentence shows it: on one line, and no longer than there is room."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def as_written(text: str, value: Any) -> str:
    """What was written and what it is worth: "16*5*5 = 400", "3,136"."""
    if _NUMBER.fullmatch(text.strip()) and type(value) is int:
        return f"{value:,}"
    return one_line(text) if isinstance(value, tuple) else f"{one_line(text)} = {amount(value)}"


def amount(value: Any) -> str:
    """A value that fits, as people read it: 1,600, 3×3."""
    if isinstance(value, tuple):
        return shape_text(value)
    return f"{value:,}" if type(value) is int else str(value)


def unit(parameter: str, count: Any) -> str:
    """What that argument counts: " channels"; "" where it counts nothing."""
    word = _UNITS.get(parameter)
    return f" {word}{'s' * (count != 1)}" if word else ""


# In code


def in_style(text: str, arrives: Any, sizes: tuple[int, ...]) -> str:
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


def merged_sizes(row: Written, step: Step) -> tuple[int, ...]:
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
