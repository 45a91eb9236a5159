"""Why a value of B differs from A's: every difference before it is taken back alone, and torch says what that gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, Literal, NamedTuple

from layerscope import limits
from layerscope.contrast import Contrast, Row, value_of
from layerscope.formatting import shape_text
from layerscope.network import Network, NetworkError
from layerscope.tracing import trace

Read = Callable[[Network, str], Any]
"""What is looked at: a value of the row of that name; None where the network does not run so far."""


@dataclass(frozen=True)
class Cause:
    """A difference without which the value would not be what it is: `label` is set otherwise, is new, or is gone."""

    kind: Literal["set", "new", "gone"]
    label: str
    """Such as conv2.kernel_size, pool2, "the input"."""
    value: str = ""
    """What it is set to."""
    explains: bool = False
    """Whether it alone makes the whole difference."""


class _Trial(NamedTuple):
    """One difference, and what makes the network in which it is taken back: B's, or A's where only A has the row."""

    cause: Cause
    make: Callable[[], Network]

    @property
    def of_b(self) -> bool:
        return self.cause.kind != "gone"


def causes(contrast: Contrast, row: Row, read: Read) -> tuple[Cause, ...]:
    """The differences before `row` that change what `read` reads there, by trying each alone; those that explain it
    fully come alone. Of long networks only as many are tried as the limit allows."""
    names = row.pair.a or "", row.pair.b or ""
    networks = contrast.a.network, contrast.b.network
    values = tuple(read(network, name) for network, name in zip(networks, names, strict=True))
    most = limits.CAUSE_STEPS.most // max(*(len(network.layers) for network in networks), 1)
    found = []
    for trial in islice(_trials(contrast, row), most):
        try:
            value = read(trial.make(), names[trial.of_b])
        except NetworkError:
            continue
        if value is not None and value != values[trial.of_b]:
            found.append(replace(trial.cause, explains=value == values[not trial.of_b]))
    alone = tuple(cause for cause in found if cause.explains)
    return alone[:1] if alone else tuple(found)


def argument(what: str) -> Read:
    """Reads an argument of a row."""

    def read(network: Network, name: str) -> Any:
        step = trace(network).by_name.get(name)
        return step.arguments.get(what) if step is not None else None

    return read


def weights(network: Network, name: str) -> int | None:
    """Reads how many parameters a row has."""
    step = trace(network).by_name.get(name)
    return step.parameters if step is not None and step.error is None else None


def _trials(contrast: Contrast, row: Row) -> Iterator[_Trial]:
    """Each difference before that row, the nearest first, then those of the input."""
    a, b = contrast.a.network, contrast.b.network
    above = b.ancestors(row.pair.b or "") | {row.pair.b}
    above_a = a.ancestors(row.pair.a or "") if row.pair.a else frozenset()
    for other in reversed(contrast.rows):
        one, name, _ = other.pair
        if name is not None and name in above and one is not None:
            for difference in other.differences:
                if difference.is_choice and difference.what in b[name].parameters():
                    cause = Cause("set", f"{name}.{difference.what}", value_of(difference.b))
                    yield _Trial(cause, partial(b.with_argument, name, difference.what, difference.a))
        elif name is not None and name in above:
            yield _Trial(Cause("new", name), partial(b.remove, name))
        elif one in above_a and name is None and one is not None:
            yield _Trial(Cause("gone", one), partial(a.remove, one))
    if a.input_shape != b.input_shape:
        yield _Trial(Cause("set", "the input", shape_text(b.input_shape)), partial(b.with_input, a.input_shape))
    if a.classes != b.classes:
        cause = Cause("set", "the number of classes", f"{b.classes or 'not given'}")
        yield _Trial(cause, partial(b.with_classes, a.classes))
