"""Other changes than of an argument's value: another type of layer, layers further up, a larger input, a larger table.

These are candidates only: `repair` tries each before it is offered.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from math import gcd
from typing import Any

from layerscope import closed_form, indices, ties
from layerscope.catalogue import CATALOGUE
from layerscope.formatting import shape_text
from layerscope.layers.base import AXES, Shape
from layerscope.network import LARGEST_IMAGE, MOST_LAYERS, Network
from layerscope.parameter import LARGEST_WIDTH
from layerscope.rewiring import Candidate
from layerscope.searching import Budget
from layerscope.steps import walk

TO_SEQUENCE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Flatten", {"start_dim": 2}),
    ("Transpose", {"dim0": 1, "dim1": 2}),
)
"""From (channels, height, width) to (places, channels)."""
NEAREST_LAYERS = 8
"""How many layers before the failing one, of those with a kernel, are looked at."""


def entries(network: Network, place: int) -> Iterator[Candidate]:
    """Where indices are too large for a table: a larger table, or fewer indices in the input."""
    layer, high = network.resolved[place], indices.bounds(network)[place]
    if high is None or not layer.has_sound_values or not layer.beyond(high):
        return
    owner, most = layer.of or layer.name, layer.chosen["num_embeddings"]
    where = f" in {owner}" if layer.of else ""
    yield f"num_embeddings {high:,}{where}", network.with_argument(owner, "num_embeddings", high)
    inputs = tuple(
        replace(given, high=min(given.high, most)) if given.kind == "indices" and given.high else given
        for given in network.inputs
    )
    yield f"indices below {most:,} in the input", replace(network, inputs=inputs)


def other_ties(network: Network, place: int) -> Iterator[Candidate]:
    """Where a row fails because it cannot hold another row's tensor: values that make them alike, or two tensors.

    Nothing where it fails without its ties too.
    """
    layer = network.resolved[place]
    if not layer.tied or not closed_form.runs(network.upto(place + 1)):
        return
    steps = walk(network).by_name
    for row, other in ((layer.name, owner) for _, owner in ties.named(layer)):
        for changed, like in ((row, other), (other, row)):
            sizes = dict.fromkeys((*(steps[like].weight_shape or ()), *(steps[like].bias_shape or ())))
            known = network.resolved[network.index(changed)]
            where = f" in {changed}" if changed != row else ""
            for name, value in known.chosen.items():
                if type(value) is int and (changed, name) != (network.head, known.head):
                    for size in sizes:
                        yield f"{name} {size:,}{where}", network.with_argument(changed, name, size)
    for tie in layer.tied:
        tensor = tie.partition(":")[2]
        left = tuple(each for each in layer.tied if each != tie)
        yield f"give {layer.name} a {tensor} of its own", network.with_tied(layer.name, left)


def other_shape(network: Network, place: int, shape: Shape) -> Iterator[Candidate]:
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


def as_sequence(network: Network, place: int, shapes: tuple[Shape, ...]) -> Iterator[Candidate]:
    """Where a layer reads sequences but gets maps: their places one after another, each with its channels.

    What is read several times, such as a Transformer's two inputs, is turned once.
    """
    layer = network.resolved[place]
    if not layer.features_last or len(network.layers) + 2 > MOST_LAYERS:
        return
    reads = network.before(layer.name)
    for source, width in {read: shape[0] for read, shape in zip(reads, shapes, strict=False) if len(shape) > 2}.items():
        changed, at, chosen = network, source, ""
        for kind, axes in TO_SEQUENCE:
            made = CATALOGUE[kind]
            row = made(name=changed.free_name(made.stem, layer.name), inputs=(at,), **axes)
            changed = changed.insert(changed.index(layer.name), row)
            at = changed.names[changed.index(layer.name) - 1]
        changed = changed.with_inputs(layer.name, tuple(at if read == source else read for read in reads))
        for name in ("nhead", "num_heads"):
            heads = layer.chosen.get(name, 1)
            if not layer.of and type(heads) is int and heads > 0 and width % heads:
                changed = changed.with_argument(layer.name, name, gcd(width, heads))
                chosen = f", {name} {gcd(width, heads)}"
        yield f"make a sequence of the cells of {source} (Flatten, Transpose){chosen}", changed


def earlier_layers(network: Network, place: int) -> Iterator[Candidate]:
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


def larger_image(network: Network, place: int, budget: Budget) -> Iterator[Candidate]:
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


def _least_growth(network: Network, budget: Budget) -> int | None:
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
