"""Values that stand out in a row that does not run, or in one above it: where one cause shows in several places.

These are candidates only: `repair` tries each before it is offered, and only where nothing smaller mends the network.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from layerscope import wiring
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.rewiring import Candidate, other_width

COMPARED = ("kernel_size", "stride", "padding", "dilation")
MOST_TRIED = 8
"""Candidates of each kind."""


def values(network: Network, place: int, known: Sequence[tuple[Shape, ...]]) -> Iterator[Candidate]:
    """Other values for the row at `place` and those that it depends on. `known` is what the rows before it made."""
    above = network.ancestors(network.names[place])
    nearest = (row for row in reversed(network.resolved[: place + 1]) if row.name in above)
    rows = [row for row in (network.resolved[place], *nearest) if not row.of]
    yield from islice(_keeping_the_size(network, rows), MOST_TRIED)
    yield from islice(_as_most_have_it(network, rows), MOST_TRIED)
    yield from islice(_as_wide_as_the_other(network, rows, known), MOST_TRIED)


def _keeping_the_size(network: Network, rows: Sequence[Layer]) -> Iterator[Candidate]:
    """A kernel that fits the padding, or a padding that fits the kernel: with stride 1 the size stays the same."""
    for row in rows:
        kernel, padding, dilation = (row.chosen.get(name) for name in ("kernel_size", "padding", "dilation"))
        if row.stem != "conv" or not type(kernel) is type(dilation) is int or dilation < 1:
            continue
        if type(padding) is int and padding >= 0 and 2 * padding % dilation == 0:
            fitting = 2 * padding // dilation + 1
            if fitting < kernel:
                yield _changed(network, row, "kernel_size", fitting, rows[0])
        if kernel > 0 and padding != (fitting := dilation * (kernel - 1) // 2):
            yield _changed(network, row, "padding", fitting, rows[0])


def _as_most_have_it(network: Network, rows: Sequence[Layer]) -> Iterator[Candidate]:
    """The value that most rows of the same type have, for a row that is the only one with another."""
    for row in rows:
        alike = [other for other in network.layers if type(other) is type(row)]
        for name in COMPARED:
            if name in row.chosen and len(alike) > 2:
                count = Counter(other.chosen[name] for other in alike)
                usual, times = count.most_common(1)[0]
                if count[row.chosen[name]] == 1 and times > len(alike) / 2:
                    yield _changed(network, row, name, usual, rows[0])


def _as_wide_as_the_other(
    network: Network, rows: Sequence[Layer], known: Sequence[tuple[Shape, ...]]
) -> Iterator[Candidate]:
    """The same width for both inputs of a Concat above, where one differs."""
    for row in rows[1:]:
        if row.type == "Concat":
            place = network.index(row.name)
            shapes = wiring.arriving(network.wiring[place], [given.shape for given in network.inputs], known) or ()
            if len(shapes) == 2 and shapes[0] != shapes[1]:
                for changed, wanted in ((0, 1), (1, 0)):
                    yield from other_width(network, place, changed, shapes[wanted])


def _changed(network: Network, row: Layer, name: str, value: object, failing: Layer) -> Candidate:
    words = f"no {name}" if value is None else f"{name} {value}"
    where = "" if row is failing else f" in {row.name}"
    return f"{words}{where}", network.with_argument(row.name, name, value)
