"""What one argument of a layer may be: its kind, its bounds, its words.

A `Parameter` rides in the metadata of a layer's dataclass field. Everything that needs to know about an argument
(the check before torch is asked, the slider, the link, the help text) reads it from here, so that a new argument
exists everywhere the moment it is declared.
"""

from dataclasses import MISSING, dataclass, field
from enum import Enum
from typing import Any

from layerscope import limits
from layerscope.text import is_word

LARGEST_WIDTH = limits.WIDTH.most
LARGEST_KERNEL = limits.KERNEL.most
MOST_ENTRIES = limits.ENTRIES.most
MOST_REPEATS = limits.REPEATS.most
MOST_AXES = limits.VALUES.most
OWN_LIMITS = {
    limit.most: limit for limit in (limits.WIDTH, limits.KERNEL, limits.ENTRIES, limits.REPEATS, limits.MEASURED)
}
"""Bounds that Layerscope sets and torch does not."""


class Kind(Enum):
    """What sort of value a parameter takes."""

    INTEGER = "integer"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    SHAPE = "shape"
    WORD = "word"


class Role(Enum):
    """Who decides an argument's value."""

    YOU = "you"
    DATA = "the data"
    LAYER = "a layer"
    MODEL = "the model"


@dataclass(frozen=True)
class Parameter:
    """The meaning of one constructor parameter, under torch's own name.

    `low` and `high` are hard limits; `comfortable` is the span of the slider, inside them. `per_axis` allows one value
    for each spatial axis; `words` are strings that torch takes in place of a number; `optional` allows None,
    `keeps_size` allows it on a single axis. `bare` lets a number stand for a shape of one axis.
    `starter` is the value a freshly inserted layer gets where torch has no default.
    """

    help: str
    kind: Kind = Kind.INTEGER
    low: float = 0
    high: float = LARGEST_WIDTH
    comfortable: tuple[float, float] | None = None
    per_axis: bool = False
    words: tuple[str, ...] = ()
    optional: bool = False
    keeps_size: bool = False
    bare: bool = False
    everyday: bool = False
    starter: Any = None

    def complaint(self, name: str, value: Any, axes: int = 1) -> str | None:
        """A sentence about what is wrong with `value`, or None. `axes` is the number of spatial axes."""
        if type(value) is int and self.kind is Kind.INTEGER and self.low <= value <= self.high:
            return None  # nearly always
        if type(value) is bool and self.kind is Kind.SWITCH:
            return None
        if value is None:
            return None if self.optional else f"{name} is missing; {self._expected()} would work."
        if isinstance(value, str) and self.words:
            if value in self.words:
                return None
            return f"{name} is {written(value)}; {self._expected()} would work."
        if isinstance(value, tuple) and self.kind is not Kind.SHAPE:
            if not self.per_axis:
                return f"{name} is {written(value)}; it takes one value, not one for each axis."
            if len(value) != axes:
                return f"{name} has {len(value)} values; here it takes one value or {axes}."
            each = (v for v in value if not (v is None and self.keeps_size))
            return next((c for v in each if (c := self._complaint_about_one(name, v))), None)
        return self._complaint_about_one(name, value)

    def knows(self, word: str) -> bool:
        """Whether a text can stand here, as links and files need to know before anything is traced."""
        return is_word(word) if self.kind is Kind.WORD else word in self.words

    def _complaint_about_one(self, name: str, value: Any) -> str | None:
        numbers = value if type(value) is tuple else (value,)
        match self.kind:
            case Kind.INTEGER:
                fits = type(value) is int
            case Kind.NUMBER:
                fits = type(value) in (int, float)
            case Kind.SWITCH:
                fits = type(value) is bool
            case Kind.CHOICE:
                fits = value in self.words
            case Kind.WORD:
                fits = isinstance(value, str) and is_word(value)
            case Kind.SHAPE:
                fits = numbers != () and (self.bare or numbers is value) and all(type(n) is int for n in numbers)
        if not fits:
            return f"{name} is {written(value)}; {self._expected()} would work."
        if len(numbers) > MOST_AXES:
            return limits.VALUES.sentence(name=name, found=len(numbers))
        if self.kind in (Kind.INTEGER, Kind.NUMBER, Kind.SHAPE):
            for number in numbers:
                if number < self.low:
                    return f"{name} is {written(number)}; the smallest allowed is {self.low:,}."
                if not number <= self.high:
                    return self._too_much(name, number)
        return None

    def _too_much(self, name: str, number: float) -> str:
        own = OWN_LIMITS.get(int(self.high))
        if own is not None:
            return own.sentence(name=name, found=written(number))
        return f"{name} is {written(number)}; the largest allowed is {self.high:,}."

    def _expected(self) -> str:
        words = " or ".join(repr(word) for word in self.words)
        numbers = {
            Kind.INTEGER: f"a whole number from {self.low:,} to {self.high:,}",
            Kind.NUMBER: f"a number from {self.low:,} to {self.high:,}",
            Kind.SWITCH: "True or False",
            Kind.SHAPE: "whole numbers such as 12, 4, 4",
            Kind.CHOICE: "",
            Kind.WORD: "a word of letters, digits and underscores",
        }[self.kind]
        return " or ".join(part for part in (numbers, words) if part)


def chosen(default: Any = MISSING, **meaning: Any) -> Any:
    """A dataclass field for an argument that the user chooses; `meaning` goes to `Parameter`."""
    return field(default=default, metadata={"parameter": Parameter(**meaning)})


def written(value: Any) -> str:
    """A value as it was typed; what would be very long is only measured or cut, never written out."""
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number with more than 38 digits"
    if isinstance(value, tuple):
        shown = ["(...)" if isinstance(part, tuple) else written(part) for part in value[:MOST_AXES]]
        return f"({', '.join(shown)}{', ...' if len(value) > MOST_AXES else ',' if len(value) == 1 else ''})"
    text = repr(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 80 else f"{text[:77]}..."
