"""Changes that make a failing network run, each verified by tracing the changed network.

The search goes by the closed formulas, and torch has the last word. What both may walk is counted (`Budget`), so that
a long network costs no more than a short one; what was found until then is offered.
"""

from collections.abc import Iterator, Sequence

from layerscope import closed_form, unusual
from layerscope.alternatives import as_sequence, earlier_layers, entries, larger_image, other_shape, other_ties
from layerscope.catalogue import CATALOGUE
from layerscope.network import MOST_LAYERS, Network
from layerscope.other_values import other_values
from layerscope.rewiring import Candidate, cuts_off, other_inputs
from layerscope.searching import Budget, Failing, failing_at
from layerscope.steps import Repair, walk

MOST_REPAIRS = 6
MOST_PLACES = 4
"""How many rows one after the other are mended, where mending one shows that the next one fails."""
STILL = " (then "


def repairs(network: Network, place: int) -> tuple[Repair, ...]:
    """What mends the layer at `place`: first what makes the whole network run, in order of the size of the change."""
    searching, trying = Budget(), Budget()
    failing = failing_at(network, place)
    tried = _tried(failing, _candidates(failing, searching), trying)
    if not _complete(tried):
        tried += _tried(failing, unusual.values(network, place, failing.known), trying)
    if not _complete(tried):
        longer = (_continued(repair, trying, MOST_PLACES) for repair in _joined(failing, trying))
        tried += [repair for repair in longer if repair is not None]
    return tuple(sorted(_different(tried), key=lambda repair: not repair.complete)[:MOST_REPAIRS])


def _tried(failing: Failing, candidates: Iterator[Candidate], budget: Budget) -> list[Repair]:
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


def _joined(failing: Failing, budget: Budget) -> list[Repair]:
    """What mends a row that joins branches by changes of what it reads."""
    return _tried(failing, other_inputs(*failing), budget) if len(failing.shapes) > 1 else []


def _continued(repair: Repair, budget: Budget, places: int) -> Repair | None:
    """A repair after which another join fails, with what mends that too; None where nothing does."""
    network = repair.network
    failing = failing_at(network, len(walk(network).steps) - 1)
    label = repair.label.partition(STILL)[0]
    tried = sorted(_joined(failing, budget), key=lambda other: _unlike(other.label, label))
    last = None
    if places > 1 and tried and not any(_unlike(tried[0].label, label)) and not tried[0].complete:
        last = _continued(tried[0], budget, places - 1)
    last = last or _complete(tried)
    if last is None and places > 1 and tried:
        last = _continued(tried[0], budget, places - 1)
    if last is None:
        return None
    then = (failing.network.names[failing.place], *last.then)
    return Repair(f"{label}; {last.label}", last.network, then=then, first=network)


def _unlike(one: str, other: str) -> tuple[bool, bool]:
    """Whether two repairs change rows of different names, and do different things: those that are alike sort first."""
    plain = [label.partition(STILL)[0] for label in (one, other)]
    rows, verbs = zip(*((label.rpartition(".")[2], label.partition(" ")[0]) for label in plain), strict=True)
    return verbs[0] != verbs[1] or rows[0] != rows[1], verbs[0] != verbs[1]


def flatten_before(network: Network, name: str) -> Repair | None:
    """A Flatten in front of a layer that would otherwise act on the last axis only."""
    return _verified(*_flattening(network, network.index(name)), name)


def _flattening(network: Network, place: int) -> Candidate:
    return f"insert a Flatten before {network.names[place]}", inserted_before(network, place, "Flatten")


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


def _candidates(failing: Failing, budget: Budget) -> Iterator[Candidate]:
    network, place, shapes, _ = failing
    layer = network.resolved[place]
    yield from entries(network, place)
    tied = tuple(other_ties(network, place))
    yield from tied
    if layer.takes[0] <= len(shapes) <= layer.takes[1]:
        axes, parameters = layer.values_per_parameter(*shapes), layer.parameters()
        unsound = [name for name, known in parameters.items() if known.complaint(name, layer.chosen[name], axes)]
        for name in (unsound or parameters) if not (layer.of or tied) else ():
            if (layer.name, name) != (network.head, layer.head):  # the head's width is not ours to change
                yield from other_values(failing, layer, name, budget)
    yield from as_sequence(network, place, shapes)
    yield from other_inputs(network, place, shapes, failing.known)
    if len(shapes) == 1:
        yield from other_shape(network, place, shapes[0])
        if len(shapes[0]) > 1 and len(network.layers) < MOST_LAYERS:
            yield _flattening(network, place)
    yield from earlier_layers(network, place)
    yield from larger_image(network, place, budget)
    others = network.before(layer.name)[1:]  # what reads the layer would read its first input
    if len(network.layers) > 1 and not any(cuts_off(network, layer.name, other) for other in others):
        yield f"remove {layer.name}", network.remove(layer.name)


def inserted_before(network: Network, place: int, kind: str) -> Network:
    """The network with a layer between a row with one input and what it reads."""
    name, (source,) = network.names[place], network.before(network.names[place])
    longer = network.insert(place, CATALOGUE[kind].fresh(network.free_name(CATALOGUE[kind].stem, name)))
    new = longer.names[place]
    return longer.with_inputs(new, (source,)).with_inputs(name, (new,))
