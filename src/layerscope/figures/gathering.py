"""The bodies of a network that branches, before they have places: which rows share one, and which bodies each reads.

As in a chain, layers that never change a shape share the body of the row they read; not where a row reads both, as in
x · sigmoid(x). A block that is folded is one body: the tensor that leaves it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from layerscope.figures.folding import NOTHING, Body, Opened, Row, fold
from layerscope.figures.scene import Stand, Stop
from layerscope.figures.theme import family, keeps_shape
from layerscope.figures.wires import Wires
from layerscope.steps import Trace

SIGNS = {"Add": "+", "Multiply": "×", "Subtract": "−"}
"""Rows that join cell by cell: small circles with a sign."""
JOIN_WIDTH, FLAT_WIDTH, STACK_WIDTH = 0.5, 0.58, 0.7
"""What circles, vectors and concatenations take of a common body's place."""


@dataclass(frozen=True)
class FoldedStop(Stop):
    """A folded block: `inside` are all its bodies; the step, the shape and the last layer are those that leave it."""

    title: str = ""
    times: int = 1
    inside: tuple[Stop, ...] = ()

    @property
    def name(self) -> str:
        return self.title

    @property
    def family(self) -> str:
        """That of the layers with the most weights, or else the most common one."""
        weight: Counter[str] = Counter()
        for stop in self.inside:
            weight[stop.family] += (stop.step.parameters if stop.step else 0) * 1000 + (sign_of(stop) == "")
        return max(weight, key=lambda name: weight[name])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for stop in self.inside for name in stop.names)

    @property
    def layer_name(self) -> str | None:
        return self.names[0]


@dataclass(frozen=True)
class Gathered:
    """All bodies in order, unfolded, and the bodies that each reads."""

    stops: tuple[Stop, ...]
    wires: Wires


@dataclass(frozen=True)
class Shown:
    """The bodies to draw, the bodies that each reads, and the blocks that are open."""

    stops: tuple[Stop, ...]
    wires: Wires
    opened: tuple[Opened, ...] = ()


def sign_of(stop: Stop) -> str:
    """The sign in the circle of a row that joins cell by cell; "" for all others."""
    return SIGNS.get(stop.maker.type, "") if stop.maker and not isinstance(stop, FoldedStop) else ""


def is_stack(stop: Stop) -> bool:
    """Whether a stop is drawn as the slices of what it reads."""
    return stop.maker is not None and not isinstance(stop, FoldedStop) and stop.maker.type == "Concat"


def gather(trace: Trace) -> Gathered:
    """The bodies of a network, each with the layers that share it."""
    network = trace.network
    inputs = len(network.inputs)
    sources = [tuple((source.row + inputs if source.row >= 0 else -1 - source.row, source.port) for source in row)
               for row in network.wiring]  # fmt: skip
    sharing = [
        keeps_shape(layer) and len(read) == 1 and read[0][1] == 0
        and not (place < len(trace.steps) and trace.steps[place].error)
        for place, (layer, read) in enumerate(zip(network.layers, sources, strict=True))
    ]  # fmt: skip
    owner = _owners(sources, sharing, inputs)
    stops = [Stop(None, None, one.shape, title=one.name) for one in network.inputs]
    wires: list[tuple[int, ...]] = [()] * inputs
    for place, layer in enumerate(network.layers):
        step = trace.steps[place] if place < len(trace.steps) else None
        if sharing[place]:
            stops[owner[place + inputs]] = _with_keeper(stops[owner[place + inputs]], layer)
            continue
        stand = Stand.UNREACHED if step is None else Stand.FAILS if step.error else Stand.RUNS
        stops.append(Stop(layer, step, step.output_shape if step else None, stand))
        wires.append(tuple(dict.fromkeys(owner[node] for node, _ in sources[place])))
    return Gathered(tuple(stops), tuple(wires))


def _with_keeper(stop: Stop, layer) -> Stop:
    return replace(stop, keepers=(*stop.keepers, layer))


def _owners(sources: Sequence[Sequence[tuple[int, int]]], sharing: list[bool], inputs: int) -> list[int]:
    """For each input and row the place of its body. Clears `sharing` where a row would read one body twice."""
    while True:
        owner = list(range(inputs))
        bodies = inputs
        again = False
        for place, row in enumerate(sources):
            if sharing[place]:
                owner.append(owner[row[0][0]])
                continue
            owner.append(bodies)
            bodies += 1
            nodes = {node for node, _ in row}
            if len({owner[node] for node in nodes}) < len(nodes):
                twice = [node - inputs for node in nodes if node >= inputs and sharing[node - inputs]]
                for node in twice:
                    sharing[node] = False
                again = again or bool(twice)
        if not again:
            return owner


def folded(
    gathered: Gathered,
    most: float,
    opened: frozenset[str] = NOTHING,
    closed: frozenset[str] = NOTHING,
    selected: str | None = None,
) -> Shown:
    """The bodies of the picture, which may be `most` common bodies wide; what holds `selected` is open."""
    shown = next((place for place, stop in enumerate(gathered.stops) if selected in stop.names), None)
    found = fold(_rows(gathered.stops), gathered.wires, most, opened, closed, shown)
    return Shown(tuple(_body(gathered.stops, body) for body in found.bodies), found.wires, found.opened)


def width_of(stop: Stop) -> float:
    """What a stop takes of a common body's place."""
    if isinstance(stop, FoldedStop):
        return 1.0
    if sign_of(stop):
        return JOIN_WIDTH
    if is_stack(stop):
        return STACK_WIDTH
    return FLAT_WIDTH if stop.shape is not None and len(stop.shape) == 1 else 1.0


def _rows(stops: Sequence[Stop]) -> tuple[Row, ...]:
    kinds: dict[object, int] = {}
    rows = []
    for stop in stops:
        layers = ([stop.maker] if stop.maker else []) + list(stop.keepers)
        kind = (*(layer.signature for layer in layers), stop.shape, stop.stand)
        types = " ".join(layer.type for layer in layers)
        rows.append(Row(stop.name, kinds.setdefault(kind, len(kinds)), types, width_of(stop)))
    return tuple(rows)


def _body(stops: Sequence[Stop], body: Body) -> Stop:
    if not body.folded:
        return stops[body.first]
    inside = tuple(stops[body.first : body.last + 1])
    last = next((stop for stop in inside if stop.stand is not Stand.RUNS), inside[-1])
    return FoldedStop(last.maker, last.step, last.shape, last.stand, title=body.name, times=body.times, inside=inside)


def heading(stop: Stop) -> str:
    """A stop's name as it is written: a folded block's with the number of equal blocks in it."""
    return f"{stop.name} × {stop.times}" if isinstance(stop, FoldedStop) and stop.times > 1 else stop.name


def parts_of(stop: Stop, sources: Sequence[Stop]) -> list[tuple[str, int]]:
    """The slices of a concatenation: the family and the length of each source along the axis that grows."""
    if not is_stack(stop) or stop.shape is None or any(source.shape is None for source in sources):
        return []
    axis = getattr(stop.maker, "dim", 1)
    axis = axis - 1 if axis > 0 else axis
    lengths = [source.shape[axis] for source in sources if source.shape and -len(source.shape) <= axis < len(source.shape)]
    return [(family_of(source), length) for source, length in zip(sources, lengths, strict=True)] if len(lengths) == len(sources) else []


def family_of(stop: Stop) -> str:
    return stop.family if stop.maker is None or isinstance(stop, FoldedStop) else family(stop.maker)
