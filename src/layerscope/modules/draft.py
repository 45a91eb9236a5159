"""Rows before they are tried: a type's name, its arguments, and the values that it reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from layerscope.modules.record import Call, Ref, Shape
from layerscope.modules.sample import Sample, Seen

ABOVE = -1
"""Among a draft's `reads`: what the draft before it gives."""


@dataclass(frozen=True)
class Draft:
    """One row to be. `weights` are values that the row holds itself: the arguments of functional.linear."""

    type: str
    arguments: dict[str, Any] = field(default_factory=dict)
    reads: tuple[int, ...] = (ABOVE,)
    weights: tuple[int, ...] = ()
    path: str = ""
    makes: int | None = None
    """Which output of the call it gives, where each output has a row of its own."""
    masks: tuple[int, ...] = ()
    """The masks of the call, which the row does without: they change no shape. With weights of their own they count."""


Drafts = list[Draft]
"""Rows in a chain that together do what one call did; empty: the call gave what it read. If the first says what it
makes, each does, and they stand side by side."""


class Case:
    """A call with what is known of its values; the rules of functions ask it."""

    def __init__(self, sample: Sample, place: int) -> None:
        self.sample, self.place = sample, place
        self.call: Call = sample.calls[place]

    def bound(self, *names: str) -> dict[str, Any]:
        """The arguments by name: those given by place under `names` in order."""
        return dict(zip(names, self.call.args, strict=False)) | self.call.kwargs

    def seen(self, part: Ref) -> Seen:
        return self.sample.values[part.value]

    def is_live(self, part: Any) -> bool:
        return isinstance(part, Ref) and part.value in self.sample.live

    @property
    def made(self) -> Seen:
        """What the call gives, the first of several."""
        return self.sample.values[self.call.makes[0]]

    def shape(self, part: Any) -> Shape:
        return self.seen(part).shape

    def dims(self, part: Ref, dims: Any) -> tuple[int, ...] | None:
        """Axes as a row counts them; None where the batch's own is among them."""
        counted = tuple(self.seen(part).dim(dim) for dim in (dims if isinstance(dims, list | tuple) else (dims,)))
        return None if None in counted else counted  # type: ignore[return-value]


Rule = Callable[[Case], Drafts | None]
"""What a function means in rows; None where it has none."""
