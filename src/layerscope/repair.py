"""Changes that make a failing network run, each verified by tracing the changed network.

The search goes by the closed formulas, and torch has the last word. What both may walk is counted (`_Budget`), so that
a long network costs no more than a short one; what was found until then is offered.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypeVar

from layerscope import closed_form, indices, limits, unusual, wiring
from layerscope.catalogue import CATALOGUE
from layerscope.formatting import shape_text
from layerscope.layers.base import AXES, Layer, Shape
from layerscope.network import LARGEST_IMAGE, MOST_LAYERS, Network
from layerscope.parameter import LARGEST_WIDTH, Kind, Parameter
from layerscope.rewiring import Candidate, cuts_off, other_inputs
from layerscope.steps import Repair, walk

MOST_REPAIRS = 6
MOST_PLACES = 4
"""How many rows one after the other are mended, where mending one shows that the next one fails."""
STILL = " (then "
FARTHEST = 600
"""How far from the current value another is looked for."""

NEAREST_LAYERS = 8
"""How many layers before the failing one, of those with a kernel, are looked at."""

T = TypeVar("T")


class _Failing(NamedTuple):
    """A row that does not run, the shapes that it reads, and what the rows before it made."""

    network: Network
    place: int
    shapes: tuple[Shape, ...]
    known: Sequence[tuple[Shape, ...]]


class _Budget:
    """How many layers may still be walked: so many by the formulas in a search, as many by torch for what it found."""

    def __init__(self) -> None:
        self.left = limits.REPAIR_STEPS.most

    def allows(self, layers: int) -> bool:
        """Whether so many more may be walked; they are counted."""
        self.left -= layers
        return self.left >= 0


def repairs(network: Network, place: int) -> tuple[Repair, ...]:
    """What mends the layer at `place`: first what makes the whole network run, in order of the size of the change."""
    searching, trying = _Budget(), _Budget()
    failing = _failing(network, place)
    tried = _tried(failing, _candidates(failing, searching), trying)
    if not _complete(tried):
        tried += _tried(failing, unusual.values(network, place, failing.known), trying)
    if not _complete(tried):
        longer = (_continued(repair, trying, MOST_PLACES) for repair in _joined(failing, trying))
        tried += [repair for repair in longer if repair is not None]
    return tuple(sorted(_different(tried), key=lambda repair: not repair.complete)[:MOST_REPAIRS])


def _failing(network: Network, place: int) -> _Failing:
    known = [step.output_shapes for step in walk(network).steps[:place]]
    shapes = wiring.arriving(network.wiring[place], [given.shape for given in network.inputs], known) or ()
    return _Failing(network, place, shapes, known)


def _tried(failing: _Failing, candidates: Iterator[Candidate], budget: _Budget) -> list[Repair]:
    """Those that mend the row, as far as the budget allows."""
    found: list[Repair] = []
    for label, changed in candidates:
        if not budget.allows(len(changed.layers)):
            break
        repair = _verified(label, changed, failing.network.names[failing.place])
        if repair is not None:
            found.append(repair)
    return _different(found)


def _different(found: Sequence[Repair]) -> list[Repair]:
    """The first of each that lead to the same network."""
    first: dict[Network, Repair] = {}
    for repair in found:
        first.setdefault(repair.network, repair)
    return [*first.values()]


def _complete(found: Sequence[Repair]) -> Repair | None:
    return next((repair for repair in found if repair.complete), None)


def _joined(failing: _Failing, budget: _Budget) -> list[Repair]:
    """What mends a row that joins branches by changes of what it reads."""
    return _tried(failing, other_inputs(*failing), budget) if len(failing.shapes) > 1 else []


def _continued(repair: Repair, budget: _Budget, places: int) -> Repair | None:
    """A repair after which another join fails, with what mends that too; None where nothing does."""
    network = repair.network
    tried = _joined(_failing(network, len(walk(network).steps) - 1), budget)
    last = _complete(tried)
    if last is None and places > 1 and tried:
        last = _continued(tried[0], budget, places - 1)
    return None if last is None else Repair(f"{repair.label.partition(STILL)[0]}; {last.label}", last.network)


def flatten_before(network: Network, name: str) -> Repair | None:
    """A Flatten in front of a layer that would otherwise act on the last axis only."""
    return _verified(f"insert a Flatten before {name}", inserted_before(network, network.index(name), "Flatten"), name)


def _verified(label: str, changed: Network, name: str) -> Repair | None:
    """The repair, if the layer of that name runs in the changed network or is gone and the network got further."""
    beyond = changed.index(name) + 1 if name in changed.names else 0
    if not closed_form.runs(changed.upto(beyond)):
        return None
    trace = walk(changed)
    if trace.error is None:
        return Repair(label, changed)
    failing = trace.steps[-1].name
    if 0 < beyond <= changed.index(failing):
        return Repair(f"{label}{STILL}{failing} still fails)", changed, complete=False)
    return None


def _candidates(failing: _Failing, budget: _Budget) -> Iterator[Candidate]:
    network, place, shapes, _ = failing
    layer = network.resolved[place]
    yield from _entries(network, place)
    if layer.takes[0] <= len(shapes) <= layer.takes[1]:
        axes, parameters = layer.values_per_parameter(*shapes), layer.parameters()
        unsound = [name for name, known in parameters.items() if known.complaint(name, layer.chosen[name], axes)]
        for name in (unsound or parameters) if not layer.of else ():
            if (layer.name, name) != (network.head, layer.head):  # the head's width is not ours to change
                yield from _other_values(failing, layer, name, budget)
    yield from other_inputs(network, place, shapes, failing.known)
    if len(shapes) == 1:
        yield from _other_shape(network, place, shapes[0])
    yield from _earlier_layers(network, place)
    yield from _larger_image(network, place, budget)
    others = network.before(layer.name)[1:]  # what reads the layer would read its first input
    if len(network.layers) > 1 and not any(cuts_off(network, layer.name, other) for other in others):
        yield f"remove {layer.name}", network.remove(layer.name)


def _entries(network: Network, place: int) -> Iterator[Candidate]:
    """Where indices are too large for a table: a larger table, or fewer indices in the input."""
    layer, high = network.resolved[place], indices.bounds(network)[place]
    if high is None or not layer.beyond(high):
        return
    owner, most = layer.of or layer.name, layer.chosen["num_embeddings"]
    where = f" in {owner}" if layer.of else ""
    yield f"num_embeddings {high:,}{where}", network.with_argument(owner, "num_embeddings", high)
    inputs = tuple(
        replace(given, high=min(given.high, most)) if given.kind == "indices" and given.high else given
        for given in network.inputs
    )
    yield f"indices below {most:,} in the input", replace(network, inputs=inputs)


def _other_values(failing: _Failing, layer: Layer, name: str, budget: _Budget) -> Iterator[Candidate]:
    """Another value of one argument: a word, none, the default; of numbers the nearest below and above."""
    network, place, shapes, known = failing
    parameter, current = layer.parameters()[name], getattr(layer, name)

    def suits(value: object) -> bool:
        return layer.with_chosen(name, value).complaint(*shapes) is None

    def changed(value: object) -> Network:
        return network.with_argument(layer.name, name, value)

    def runs(value: object) -> bool:
        later = len(network.layers) - place
        return suits(value) and budget.allows(later) and closed_form.runs(changed(value), known)

    for value in _other_kinds(layer, name, parameter, shapes):
        if suits(value):
            yield f"no {name}" if value is None else f"{name} {value}", changed(value)
    if parameter.kind is not Kind.INTEGER or (current is None and name != "stride"):
        return
    numbers = [n for n in (current if isinstance(current, tuple) else (current,)) if type(n) is int]
    low, high = int(parameter.low), int(parameter.high)
    low = max(low, 0) if min(numbers, default=0) >= 0 else low  # an axis stays counted from the side it was
    most = min(max([*numbers, low]), high + 1)
    least = max(min([*numbers, high]), low - 1)
    if isinstance(current, tuple) and len(current) == len(numbers) == layer.values_per_parameter(*shapes):
        capped = (tuple(min(n, v) for n in numbers) for v in range(most - 1, max(low, most - FARTHEST) - 1, -1))
        raised = (tuple(max(n, v) for n in numbers) for v in range(least + 1, min(high, least + FARTHEST) + 1))
        yield from ((f"{name} {v}", changed(v)) for side in (capped, raised) if (v := _nearest(side, suits, runs)))
        return
    for words, side, end in (
        ("or less", range(most - 1, max(low, most - FARTHEST) - 1, -1), low),
        ("or more", range(least + 1, min(high, least + FARTHEST) + 1), high),
    ):
        number = _nearest(iter(side), suits, runs)
        if number is not None:
            all_beyond = parameter.low >= 0 and _all_beyond(number, end, suits, runs if runs(number) else suits)
            yield f"{name} {number} {words}" if all_beyond else f"{name} {number}", changed(number)


def _other_kinds(layer: Layer, name: str, parameter: Parameter, shapes: tuple[Shape, ...]) -> Iterator[object]:
    """Values of another kind than the current one: words, None, the default where the kind is wrong, an open size."""
    current = getattr(layer, name)
    if parameter.kind is Kind.CHOICE:
        yield from (word for word in parameter.words if word != current)
    if current in parameter.words and parameter.kind is Kind.INTEGER and "kernel_size" in layer.chosen:
        yield _half(layer)
    if parameter.optional and current is not None:
        yield None
    if parameter.complaint(name, current, layer.values_per_parameter(*shapes)) or current is None:
        yield layer.usual(name)
    if parameter.kind is Kind.SHAPE and isinstance(current, tuple) and parameter.low == -1:
        yield from ((*current[:i], -1, *current[i + 1 :]) for i in range(len(current) - 1, -1, -1))


def _half(layer: Layer) -> int | tuple[int, ...]:
    """Half of what a kernel covers beside its middle: the padding in numbers that "same" stands for at stride 1."""
    kernel, dilation = layer.chosen["kernel_size"], layer.chosen.get("dilation", 1)
    each = [kernel] if type(kernel) is int else kernel
    wide = [dilation] * len(each) if type(dilation) is int else dilation
    half = tuple(step * (size - 1) // 2 for size, step in zip(each, wide, strict=False))
    return half[0] if len(set(half)) == 1 else half


def _nearest(values: Iterator[T], suits: Callable[[T], bool], runs: Callable[[T], bool]) -> T | None:
    """The first of `values` with which the whole network runs, else the first that suits the layer."""
    fitting = list(islice(filter(suits, values), 32))
    return next(filter(runs, fitting), fitting[0] if fitting else None)


def _all_beyond(value: int, end: int, suits: Callable[[int], bool], runs: Callable[[int], bool]) -> bool:
    """Whether the values from `value` towards `end` are as good: each suits the layer, and those tried run."""
    step = 1 if end > value else -1
    if value == end or (step < 0 and value - end > 64):
        return False
    beyond = range(value + step, end + step, step)[:64]
    return suits(end) and all(map(suits, beyond)) and all(runs(v) for v in {*beyond[:3], *beyond[7::16], beyond[-1]})


def _other_shape(network: Network, place: int, shape: Shape) -> Iterator[Candidate]:
    """Where the number of axes is wrong: the same type for other axes, or the flattening elsewhere."""
    layer = network.layers[place]
    if layer.dims and len(shape) - 1 in AXES:
        twin = CATALOGUE.get(f"{layer.type[:-2]}{len(shape) - 1}d")
        if twin is not None and twin is not type(layer):
            single = {k: v[-1] if isinstance(v, tuple) and v else v for k, v in layer.chosen.items()}
            other = replace(twin.fresh(layer.name), **{k: v for k, v in single.items() if k in twin.parameters()})
            layers = (*network.layers[:place], other, *network.layers[place + 1 :])
            yield f"use {twin.__name__} instead", replace(network, layers=layers)
    above = network.ancestors(layer.name)
    for earlier in network.layers[:place]:
        if earlier.type == "Flatten" and earlier.name in above:
            if network.is_chain:
                yield f"move {earlier.name} after {layer.name}", network.move(earlier.name, place)
            yield f"remove {earlier.name}", network.remove(earlier.name)
    if len(shape) > 1 and len(network.layers) < MOST_LAYERS:
        yield f"insert a Flatten before {layer.name}", inserted_before(network, place, "Flatten")


def inserted_before(network: Network, place: int, kind: str) -> Network:
    """The network with a layer between a row with one input and what it reads."""
    name, (source,) = network.names[place], network.before(network.names[place])
    free = network.free_name(f"{wiring.block_of(name)}{CATALOGUE[kind].stem}")
    longer = network.insert(place, CATALOGUE[kind].fresh(free))
    new = longer.names[place]
    return longer.with_inputs(new, (source,)).with_inputs(name, (new,))


def _earlier_layers(network: Network, place: int) -> Iterator[Candidate]:
    """Changes further up: a pool less, no stride, padding that keeps the size; the nearest layer first."""
    above = network.ancestors(network.names[place])
    earlier_rows = [row for row in reversed(network.resolved[:place]) if row.name in above and not row.of]
    with_kernel = (row for row in earlier_rows if "kernel_size" in row.chosen)
    for earlier in islice(with_kernel, NEAREST_LAYERS):
        kernel = earlier.chosen["kernel_size"]
        if earlier.stem == "pool":
            yield f"remove {earlier.name}", network.remove(earlier.name)
        if earlier.chosen.get("stride") not in (1, None):
            yield f"stride 1 in {earlier.name}", network.with_argument(earlier.name, "stride", 1)
        if earlier.stem == "conv" and type(kernel) is int and kernel > 1 and earlier.chosen["padding"] == 0:
            padding = (kernel - 1) // 2
            if padding:
                yield (
                    f"padding {padding} in {earlier.name}",
                    network.with_argument(earlier.name, "padding", padding),
                )
    layer = network.resolved[place]
    groups = layer.chosen.get("groups") or layer.chosen.get("num_groups")
    source = next((row for row in earlier_rows if not row.keeps_channels), None)
    if type(groups) is int and source is not None and type(source.chosen.get("out_channels")) is int:
        channels = source.chosen["out_channels"]
        rounded = max(groups, round(channels / groups) * groups) if groups > 0 else channels
        if rounded != channels and rounded <= LARGEST_WIDTH and source.name != network.head:
            yield (
                f"out_channels {rounded} in {source.name}",
                network.with_argument(source.name, "out_channels", rounded),
            )


def _larger_image(network: Network, place: int, budget: _Budget) -> Iterator[Candidate]:
    """The smallest larger input on which the network runs, else on which it gets past the layer."""
    if len(network.input_shape) < 2:
        return
    so_far = network.upto(place + 1)
    extra = _least_growth(network, budget) or _least_growth(so_far, budget)
    if extra is not None:
        larger = _enlarged(network, extra)
        yield f"an input of {shape_text(larger.input_shape)}", larger


def _enlarged(network: Network, extra: int) -> Network:
    channels, *sizes = network.input_shape
    return network.with_input((channels, *(size + extra for size in sizes)))


def _least_growth(network: Network, budget: _Budget) -> int | None:
    """How many cells more along each axis of the input make `network` run, by the closed formulas."""

    def runs(extra: int) -> bool:
        return budget.allows(len(network.layers)) and closed_form.runs(_enlarged(network, extra))

    most = LARGEST_IMAGE - max(network.input_shape[1:])
    high = next((extra for extra in (8, 32, 128, 512) if extra <= most and runs(extra)), None)
    low = 0
    while high is not None and high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    return high
