"""The bodies of a network that branches, before they have places: which rows share one, and which bodies each reads.

As in a chain, layers that never change a shape share the body of the row they read; not where a row reads both, as in
x · sigmoid(x). A block that is folded is one body: the tensor that leaves it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from string import digits

from layerscope.figures.block_tree import Row
from layerscope.figures.folding import NOTHING, Body, Opened, fold
from layerscope.figures.lanes import Lanes, arrange
from layerscope.figures.scene import Stand, Stop, shares
from layerscope.figures.theme import family
from layerscope.figures.wires import Wires
from layerscope.layers.along import Pad
from layerscope.layers.base import Layer, Shape
from layerscope.layers.padding import AnyPad
from layerscope.layers.resize import ZeroPad2d
from layerscope.network import Network
from layerscope.once import latest
from layerscope.steps import Step, Trace

SIGNS = {"Add": "+", "Multiply": "×", "Subtract": "−", "Divide": "÷"}
"""Rows that join cell by cell: small circles with a sign."""
JOIN_WIDTH, FLAT_WIDTH, STACK_WIDTH = 0.5, 0.58, 0.7
"""What circles, vectors and concatenations take of a common body's place."""

PADS = (Pad, AnyPad, ZeroPad2d)
LONGEST_ROW = 200
"""Layers of a chain that are drawn one by one; of a longer one, parts are folded."""


@dataclass(frozen=True)
class FoldedStop(Stop):
    """A folded block: `inside` are all its bodies; the step, the shape and the last layer are those that leave it."""

    title: str = ""
    times: int = 1
    inside: tuple[Stop, ...] = ()

    @property
    def name(self) -> str:
        return self.title

    @cached_property
    def family(self) -> str:
        """That of the layers with the most weights, or else the most common one."""
        weight: Counter[str] = Counter()
        for stop in self.inside:
            weight[stop.family] += 1000 * (stop.step.parameters if stop.step else 0) + (not sign_of(stop))
        return max(weight, key=lambda name: weight[name])

    @cached_property
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

    @cached_property
    def lanes(self) -> Lanes:
        """Where the bodies stand."""
        return arrange(self.wires, _trimming(self.stops))

    def sources(self, place: int) -> list[Stop]:
        """The bodies that a body reads."""
        return [self.stops[one] for one in self.wires[place]]


def sign_of(stop: Stop) -> str:
    """The sign in the circle of a row that joins cell by cell; "" for all others."""
    return "" if stop.maker is None or isinstance(stop, FoldedStop) else SIGNS.get(stop.maker.type, "")


def label_of(stop: Stop) -> str:
    """What a body is called: its row's name, "layer2.0 +" where only our own number names a sum in its block."""
    block, _, last = stop.name.rpartition(".")
    is_numbered = stop.maker is not None and last.rstrip(digits) == stop.maker.stem != last
    return f"{block} {sign}" if block and is_numbered and (sign := sign_of(stop)) else stop.name


def steps_of(stop: Stop) -> list[Step]:
    """The steps that made what a stop stands for."""
    inside = stop.inside if isinstance(stop, FoldedStop) else (stop,)
    return [one.step for one in inside if one.step]


def is_stack(stop: Stop) -> bool:
    """Whether a stop is drawn as the slices of what it reads."""
    return stop.maker is not None and not isinstance(stop, FoldedStop) and stop.maker.type == "Concat"


def in_a_row(network: Network) -> bool:
    """Whether a network is drawn as one row of blocks: a chain on images or other values, and none without end."""
    return network.is_chain and network.inputs[0].kind == "values" and len(network.layers) <= LONGEST_ROW


@latest
def gather(trace: Trace) -> Gathered:
    """The bodies of a network, each with the layers that share it."""
    network = trace.network
    inputs = len(network.inputs)
    nodes = [[(row + inputs if row >= 0 else -1 - row, port) for row, port in read] for read in network.wiring]
    steps = [*trace.steps, *[None] * (len(network.layers) - len(trace.steps))]
    sharing = [
        len(read) == 1 and read[0][1] == 0 and shares(layer, step)
        for layer, step, read in zip(network.layers, steps, nodes, strict=True)
    ]
    owner = _owners(nodes, sharing, inputs)
    keepers: dict[int, list[Layer]] = {}
    stops = [
        Stop(None, None, given.shape, title=given.name, counts=given.kind == "indices") for given in network.inputs
    ]
    wires: list[tuple[int, ...]] = [()] * inputs
    for place, (layer, step) in enumerate(zip(network.layers, steps, strict=True)):
        if sharing[place]:
            keepers.setdefault(owner[place + inputs], []).append(layer)
            continue
        stand = Stand.UNREACHED if step is None else Stand.FAILS if step.error else Stand.RUNS
        stops.append(Stop(layer, step, step.output_shape if step else None, stand))
        wires.append(tuple(dict.fromkeys(owner[node] for node, _ in nodes[place])))
    for place, layers in keepers.items():
        stops[place] = replace(stops[place], keepers=tuple(layers))
    return Gathered(tuple(stops), tuple(wires))


def _owners(nodes: Sequence[Sequence[tuple[int, int]]], sharing: list[bool], inputs: int) -> list[int]:
    """For each input and row the place of its body. Clears `sharing` where a row would read one body twice."""
    while True:
        owner = list(range(inputs))
        bodies = inputs
        parted: set[int] = set()
        for place, read in enumerate(nodes):
            if sharing[place]:
                owner.append(owner[read[0][0]])
                continue
            owner.append(bodies)
            bodies += 1
            rows = {node for node, _ in read}
            if len(rows) > 1 and len({owner[node] for node in rows}) < len(rows):
                parted |= {node - inputs for node in rows if node >= inputs and sharing[node - inputs]}
        if not parted:
            return owner
        for place in parted:
            sharing[place] = False


def folded(
    gathered: Gathered,
    most: float,
    opened: frozenset[str] = NOTHING,
    closed: frozenset[str] = NOTHING,
    selected: str | None = None,
    shapes: Mapping[str, Shape] | None = None,
) -> Shown:
    """The bodies of the picture, which may be `most` common bodies wide; what holds `selected` is open.

    `shapes` are those of the network that was opened, for what does not run now: it is folded as it was.
    """
    shown = next((place for place, stop in enumerate(gathered.stops) if selected in stop.names), None)
    found = fold(_rows(gathered.stops, shapes or {}), gathered.wires, most, opened, closed, shown)
    return Shown(tuple(_body(gathered.stops, body) for body in found.bodies), found.wires, found.opened)


def trunk(gathered: Gathered) -> list[Stop]:
    """The bodies on the longest path, in order."""
    return [gathered.stops[place] for place in arrange(gathered.wires, _trimming(gathered.stops)).branches[0].bodies]


def _trimming(stops: Sequence[Stop]) -> frozenset[int]:
    """The bodies that only add cells around a tensor or take some away."""
    return frozenset(
        place
        for place, stop in enumerate(stops)
        if stop.maker and isinstance(stop.maker, PADS) and not isinstance(stop, FoldedStop)
    )


def width_of(stop: Stop, shape: Shape | None) -> float:
    """What a stop of that shape takes of a common body's place; None: it does not run."""
    if isinstance(stop, FoldedStop):
        return 1.0
    if sign_of(stop):
        return JOIN_WIDTH
    if is_stack(stop):
        return STACK_WIDTH
    if shape is None:  # as wide as it would be if it ran
        flat = stop.family == "Linear" or (stop.maker is not None and stop.maker.type == "Flatten")
        return FLAT_WIDTH if flat else 1.0
    return FLAT_WIDTH if len(shape) == 1 else 1.0


def owner(stop: Stop) -> str:
    """The row or input that makes what a stop shows."""
    return stop.inside[-1].name if isinstance(stop, FoldedStop) else stop.name


def _rows(stops: Sequence[Stop], shapes: Mapping[str, Shape]) -> tuple[Row, ...]:
    """The stops for folding. Whether they run does not count: a slider that breaks a network folds nothing anew."""
    kinds: dict[object, int] = {}
    rows = []
    for stop in stops:
        layers = (*([stop.maker] if stop.maker else []), *stop.keepers)
        shape = stop.shape or shapes.get(stop.name)
        kind = (*[_does(layer) for layer in layers], shape)
        types = " ".join([layer.type for layer in layers])
        rows.append(Row(stop.name, kinds.setdefault(kind, len(kinds)), types, width_of(stop, shape)))
    return tuple(rows)


def _does(layer: Layer) -> object:
    """What a layer is apart from its name. Dropout of any rate is one thing here: it does nothing to what is drawn."""
    return layer.type if family(layer) == "Regularization" else layer.signature


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
    """The slices of a concatenation along its first axis: the family of each source, and its length."""
    if not is_stack(stop) or not stop.shape or any(not source.shape for source in sources):
        return []
    dim = getattr(stop.maker, "dim", 1)
    if (dim - 1 if dim > 0 else dim) % len(stop.shape):
        return []
    return [(source.family, source.shape[0]) for source in sources if source.shape]
