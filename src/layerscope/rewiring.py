"""What may mend a row that joins branches: another shape for one of its inputs, or another input.

These are candidates only: `repair` tries each before it is offered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from layerscope import wiring
from layerscope.catalogue import CATALOGUE
from layerscope.formatting import shape_text
from layerscope.layers.base import AXES, Layer, Shape
from layerscope.network import MOST_LAYERS, Network

Candidate = tuple[str, Network]
NEAREST = 4
"""How many layers on the way to an input, of those with a kernel, are given another stride or padding."""


def other_inputs(
    network: Network, place: int, shapes: tuple[Shape, ...], known: Sequence[tuple[Shape, ...]]
) -> Iterator[Candidate]:
    """Changes of what the row at `place` reads, the smallest first. `known` is what the rows before it made."""
    layer = network.layers[place]
    if len(shapes) == 2:
        for changed in sorted((1, 0), key=lambda i: not _is_shorter(network, place, i)):
            yield from _other_size(network, place, changed, shapes[changed], shapes[1 - changed])
    if len(shapes) > 1:
        for changed, wanted in ((1, 0), (0, 1)) if len(shapes) == 2 else _odd_ones(shapes):
            yield from other_width(network, place, changed, shapes[wanted])
            if len(network.layers) < MOST_LAYERS:
                yield from _projected(network, place, changed, shapes[changed], shapes[wanted])
                yield from _padded(network, place, changed, shapes[changed], shapes[wanted])
        yield from _keeping_sizes(network, place, shapes)
    if layer.takes[0] > 1 or layer.inputs:
        yield from _other_rows(network, place, shapes, known)


def cuts_off(network: Network, reader: str, reference: str) -> bool:
    """Whether nothing would read that row any more if `reader` did not, so that all that leads to it would be lost."""
    row = wiring.parts(reference)[0]
    return row in network.names and {*network.users(row)} == {reader}


def _odd_ones(shapes: tuple[Shape, ...]) -> Iterator[tuple[int, int]]:
    """Inputs whose shape is not that of most, each with one that is."""
    usual = max(set(shapes), key=shapes.count)
    yield from ((i, shapes.index(usual)) for i, shape in enumerate(shapes) if shape != usual)


def _reading(network: Network, place: int, i: int, new: Layer) -> Network:
    """The network with a layer on the way to one input of a row, and on no other way."""
    name, reads = network.names[place], list(network.before(network.names[place]))
    longer = network.insert(place, replace(new, inputs=(reads[i],)))
    reads[i] = new.name
    return longer.with_inputs(name, reads)


def _is_shorter(network: Network, place: int, i: int) -> bool:
    """Whether fewer rows lie on the way to input `i` than on the way to another: it is the shortcut."""
    rows = [source.row for source in network.wiring[place]]
    depths = [len(network.ancestors(network.names[row])) if row >= 0 else -1 for row in rows]
    return depths[i] < max(depths)


def _projected(network: Network, place: int, i: int, shape: Shape, wanted: Shape) -> Iterator[Candidate]:
    """A convolution of one cell, or a Linear, that gives the input the width and the size of the other."""
    source = network.before(network.names[place])[i]
    if len(shape) != len(wanted):
        return
    kind = "Linear" if len(shape) == 1 else f"Conv{len(shape) - 1}d"
    if kind not in CATALOGUE:
        return
    stem = "shortcut" if _is_shorter(network, place, i) else CATALOGUE[kind].stem
    name = network.free_name(stem, network.names[place])
    if len(shape) == 1:
        linear = CATALOGUE["Linear"].fresh(name)
        yield (
            f"a Linear to {wanted[0]} values on the way from {source}",
            _reading(network, place, i, linear.with_chosen("out_features", wanted[0])),
        )
    else:
        strides = tuple(-(-size // target) for size, target in zip(shape[1:], wanted[1:], strict=True))
        stride = strides[0] if len({*strides}) == 1 else strides
        chosen: dict[str, Any] = {"out_channels": wanted[0], "kernel_size": 1, "stride": stride, "bias": False}
        conv = CATALOGUE[kind](name=name, **chosen)
        kernel = "×".join(["1"] * (len(shape) - 1))
        step = "" if stride == 1 else f" with stride {stride}"
        yield (
            f"a {kernel} convolution to {wanted[0]} channels{step} on the way from {source}",
            _reading(network, place, i, conv),
        )


def _padded(network: Network, place: int, i: int, shape: Shape, wanted: Shape) -> Iterator[Candidate]:
    """Zeros around the input, or cells cut away, where only the sizes differ."""
    axes = len(shape) - 1
    if len(shape) != len(wanted) or axes not in AXES or shape[1:] == wanted[1:]:
        return
    source = network.before(network.names[place])[i]
    pads: list[int] = []
    for size, target in zip(reversed(shape[1:]), reversed(wanted[1:]), strict=True):  # torch pads the last axis first
        pads += [(target - size) // 2, target - size - (target - size) // 2]
    kind, argument = ("ZeroPad2d", "padding") if axes == 2 and min(pads) >= 0 else ("Pad", "pad")
    layer = CATALOGUE[kind].fresh(network.free_name("pad", network.names[place])).with_chosen(argument, tuple(pads))
    verb = "pad" if all(pad >= 0 for pad in pads) else "crop" if all(pad <= 0 for pad in pads) else "pad and crop"
    yield f"{verb} {source} to {shape_text((shape[0], *wanted[1:]))}", _reading(network, place, i, layer)


def other_width(network: Network, place: int, i: int, wanted: Shape) -> Iterator[Candidate]:
    """The width of the layer that decides the width of that input."""
    row = network.wiring[place][i].row
    while row >= 0 and network.layers[row].keeps_channels and network.wiring[row]:
        row = network.wiring[row][0].row
    if row < 0 or not wanted:
        return
    layer = network.layers[row]
    if layer.head is None or layer.name == network.head or layer.of:
        return
    width = wanted[-1] if layer.type == "Linear" else wanted[0]
    if layer.chosen[layer.head] != width:
        yield f"{layer.head} {width} in {layer.name}", network.with_argument(layer.name, layer.head, width)


def _other_size(network: Network, place: int, i: int, shape: Shape, wanted: Shape) -> Iterator[Candidate]:
    """Another stride or padding for a layer that lies on the way to that input alone, where only the sizes differ."""
    if len(shape) != len(wanted) or len(shape) - 1 not in AXES or shape[1:] == wanted[1:] or shape[0] != wanted[0]:
        return
    others = {row for j, source in enumerate(network.wiring[place]) if j != i for row in _way(network, source.row)}
    way = _way(network, network.wiring[place][i].row)
    with_kernel = [row for row in sorted(way - others, reverse=True) if "kernel_size" in network.layers[row].chosen]
    for row in with_kernel[:NEAREST]:
        layer = network.layers[row]
        kernel, stride, padding = (layer.chosen.get(name) for name in ("kernel_size", "stride", "padding"))
        if layer.of or type(stride) is not int:
            continue
        ratios = {-(-size * stride // target) for size, target in zip(shape[1:], wanted[1:], strict=True)}
        if len(ratios) == 1 and (ratio := ratios.pop()) not in (0, stride):
            yield f"stride {ratio} in {layer.name}", network.with_argument(layer.name, "stride", ratio)
        differ = {target - size for size, target in zip(shape[1:], wanted[1:], strict=True)}
        extra = layer.chosen.get("output_padding")
        if len(differ) == 1 and type(extra) is int and 0 < extra + max(differ) < stride:
            more = extra + max(differ)
            yield f"output_padding {more} in {layer.name}", network.with_argument(layer.name, "output_padding", more)
        fitting = padding + max(differ) * stride // 2 if type(padding) is int else 0
        if len(differ) == 1 and type(kernel) is int and fitting not in (0, padding) and 0 < fitting < kernel:
            yield f"padding {fitting} in {layer.name}", network.with_argument(layer.name, "padding", fitting)


def _way(network: Network, row: int) -> set[int]:
    """A row, 0 or more, and all rows that it depends on."""
    return {network.index(name) for name in network.ancestors(network.names[row])} | {row} if row >= 0 else set()


def _keeping_sizes(network: Network, place: int, shapes: tuple[Shape, ...]) -> Iterator[Candidate]:
    """Padding in all convolutions that have none, so that each keeps the size of what it is given."""
    if len({shape[1:] for shape in shapes}) < 2:
        return
    found = [
        row
        for row in network.layers
        if row.stem == "conv" and row.chosen.get("stride") == 1 and row.chosen.get("padding") == 0 and not row.of
        if type(kernel := row.chosen["kernel_size"]) is int and kernel > 1 and kernel % 2
    ]
    changed = network
    for row in found:
        half = row.chosen.get("dilation", 1) * (row.chosen["kernel_size"] - 1) // 2
        changed = changed.with_argument(row.name, "padding", half)
    kernels = {row.chosen["kernel_size"] for row in found}
    if len(found) > 1 and len(kernels) == 1:
        kernel = kernels.pop()
        shown = "×".join([str(kernel)] * (len(shapes[0]) - 1))
        yield f"padding {changed[found[0].name].chosen['padding']} in all {shown} convolutions", changed
    elif len(found) > 1:
        yield "padding of half the kernel in all convolutions", changed


def _other_rows(
    network: Network, place: int, shapes: tuple[Shape, ...], known: Sequence[tuple[Shape, ...]]
) -> Iterator[Candidate]:
    """Another earlier row in the place of one input that is read elsewhere too: the nearest one that fits the others.

    A row that nothing else reads stays, as all that leads to it alone would be cut off.
    """
    layer, reads = network.layers[place], network.before(network.names[place])
    wanted = {*shapes} if len(shapes) > 1 else set()
    for row in range(place - 1, -1, -1):
        name = network.names[row]
        if known[row][:1] and (known[row][0] in wanted or not wanted) and name not in reads:
            for i in range(len(reads)):
                if cuts_off(network, layer.name, reads[i]):
                    continue
                new = (*reads[:i], name, *reads[i + 1 :])
                yield f"{layer.name} reads {name} instead of {reads[i]}", network.with_inputs(layer.name, new)
            if len(reads) < layer.takes[0]:
                yield f"{layer.name} also reads {name}", network.with_inputs(layer.name, (*reads, name))
            return
    if wiring.parts(reads[0] if reads else "")[1]:
        whole = tuple(wiring.parts(reference)[0] for reference in reads)
        yield f"{layer.name} reads the first output", network.with_inputs(layer.name, whole)
