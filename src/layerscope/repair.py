"""Changes that make a failing network run, each verified by tracing the changed network."""

from collections.abc import Iterator
from dataclasses import replace

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import AXES, Layer, Shape, written
from layerscope.network import LARGEST_IMAGE, Network, NetworkError
from layerscope.parameter import Kind, Parameter
from layerscope.steps import Repair, walk

MOST_REPAIRS = 6
Candidate = tuple[str, Network]


def repairs(network: Network, place: int) -> tuple[Repair, ...]:
    """What mends the layer at `place`: first what makes the whole network run, in order of the size of the change."""
    shape = _arriving(network, place)
    tried = [
        repair
        for label, changed in _candidates(network, place, shape)
        if (repair := _verified(label, changed, network.layers[place].name))
    ]
    unique = {repair.network: repair for repair in reversed(tried)}
    in_order = list(unique.values())[::-1]
    return tuple(sorted(in_order, key=lambda repair: not repair.complete)[:MOST_REPAIRS])


def flatten_before(network: Network, name: str) -> Repair | None:
    """A Flatten in front of a layer that would otherwise act on the last axis only."""
    return _verified(f"insert a Flatten before {name}", network.insert(network.index(name), "Flatten"), name)


def _arriving(network: Network, place: int) -> Shape:
    steps = walk(replace(network, layers=network.layers[:place], classes=None)).steps
    return (steps[-1].output_shape if steps else None) or network.input_shape


def _verified(label: str, changed: Network, name: str) -> Repair | None:
    """The repair, if the layer of that name runs in the changed network or is gone and the network got further."""
    trace = walk(changed)
    if trace.error is None:
        return Repair(label, changed)
    failing = trace.steps[-1].name
    if name in changed.names and changed.index(failing) > changed.index(name):
        return Repair(f"{label} (then {failing} still fails)", changed, complete=False)
    return None


def _candidates(network: Network, place: int, shape: Shape) -> Iterator[Candidate]:
    layer = network.resolved[place]
    yield from _other_arguments(network, layer, shape)
    yield from _other_shape(network, place, shape)
    yield from _earlier_layers(network, place)
    yield from _larger_image(network, place)
    if len(network.layers) > 1:
        yield f"remove {layer.name}", network.remove(layer.name)


def _other_arguments(network: Network, layer: Layer, shape: Shape) -> Iterator[Candidate]:
    """The nearest values below and above that suit the layer, one argument at a time."""
    for name, parameter in layer.parameters().items():
        for label, value in _nearby(layer, name, parameter, shape):
            try:
                yield label, network.with_argument(layer.name, name, value)
            except NetworkError:  # the head's width is not ours to change
                continue


def _nearby(layer: Layer, name: str, parameter: Parameter, shape: Shape) -> Iterator[tuple[str, object]]:
    current = getattr(layer, name)

    def suits(value: object) -> bool:
        return layer.with_chosen(name, value).complaint(shape) is None

    if parameter.kind is Kind.CHOICE:
        yield from ((f"{name} {word}", word) for word in parameter.words if word != current and suits(word))
        return
    if parameter.optional and current is not None and suits(None):
        yield f"no {name}", None
    if parameter.kind is not Kind.INTEGER or (current is None and name != "stride"):
        return
    numbers = [n for n in (current if isinstance(current, tuple) else (current,)) if type(n) is int]
    low, high = int(parameter.low), int(min(parameter.high, 65_536))
    most = min(max([*numbers, int(parameter.low)]), high + 1)
    least = max(min([*numbers, high]), low - 1)
    below = next((v for v in range(most - 1, max(low, most - 600) - 1, -1) if suits(v)), None)
    above = next((v for v in range(least + 1, min(high, least + 600) + 1) if suits(v)), None)
    if below is not None:
        all_below = below > low and below - low <= 64 and all(suits(v) for v in range(low, below))
        yield f"{name} {below} or less" if all_below else f"{name} {below}", below
    if above is not None and above != below:
        yield (
            f"{name} {above} or more" if suits(above + 1) and suits(above + 2) else f"{name} {above}",
            above,
        )


def _other_shape(network: Network, place: int, shape: Shape) -> Iterator[Candidate]:
    """Where the number of axes is wrong: the same type for other axes, or the flattening elsewhere."""
    layer = network.layers[place]
    if layer.dims and len(shape) - 1 in AXES:
        twin = CATALOGUE.get(f"{layer.type[:-2]}{len(shape) - 1}d")
        if twin is not None and twin is not type(layer):
            scalars = {k: v for k, v in layer.chosen.items() if k in twin.parameters() and type(v) is not tuple}
            layers = (
                *network.layers[:place],
                twin(name=layer.name, **scalars),
                *network.layers[place + 1 :],
            )
            yield f"use {twin.__name__} instead", replace(network, layers=layers)
    for earlier in network.layers[:place]:
        if earlier.type == "Flatten":
            yield f"move {earlier.name} behind {layer.name}", network.move(earlier.name, place)
            yield f"remove {earlier.name}", network.remove(earlier.name)
    if len(shape) > 1 and len(network.layers) < 200:
        yield f"insert a Flatten before {layer.name}", network.insert(place, "Flatten")


def _earlier_layers(network: Network, place: int) -> Iterator[Candidate]:
    """Changes further up: a pool less, no stride, padding that keeps the size; the nearest layer first."""
    for earlier in reversed(network.resolved[:place]):
        kernel = earlier.chosen.get("kernel_size")
        if kernel is None:
            continue
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
    source = next((e for e in reversed(network.resolved[:place]) if not e.keeps_channels), None)
    if type(groups) is int and source is not None and type(source.chosen.get("out_channels")) is int:
        channels = source.chosen["out_channels"]
        rounded = max(groups, round(channels / groups) * groups) if groups > 0 else channels
        if rounded != channels and rounded <= 65_536:
            yield (
                f"out_channels {rounded} in {source.name}",
                network.with_argument(source.name, "out_channels", rounded),
            )


def _larger_image(network: Network, place: int) -> Iterator[Candidate]:
    """The smallest larger input on which the layer runs."""
    if len(network.input_shape) < 2:
        return
    short = replace(network, layers=network.layers[: place + 1], classes=None)

    def enlarged(extra: int) -> Network | None:
        channels, *sizes = network.input_shape
        if max(sizes) + extra > LARGEST_IMAGE:
            return None
        return short.with_input((channels, *(size + extra for size in sizes)))

    def runs(extra: int) -> bool:
        larger = enlarged(extra)
        return larger is not None and walk(larger).error is None

    reach = next((extra for extra in (8, 32, 128, 512) if runs(extra)), None)
    if reach is None:
        return
    low, high = 0, reach
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    larger = enlarged(high)
    if larger is not None:
        yield f"an input of {written(larger.input_shape)}", network.with_input(larger.input_shape)
