"""Several rows put into a network at once: a whole block, a branch, a skip connection, a row on one connection.

Each is one pure edit. Widths come from the input; NetworkError says why something is not possible.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from layerscope import blocks, wiring
from layerscope.asking import ask
from layerscope.blueprints import ARRIVING, BLUEPRINTS
from layerscope.catalogue import CATALOGUE
from layerscope.formatting import shape_text
from layerscope.inputs import paths_above
from layerscope.layers.base import AXES, Layer, Shape, arrival
from layerscope.network import Network, NetworkError
from layerscope.steps import Trace
from layerscope.tracing import trace


def with_block(network: Network, after: str, kind: str, reader: str = "") -> tuple[Network, str]:
    """The network with a block of `BLUEPRINTS` after a row or an input, and the block's path.

    All that read the row read the block then; with `reader` that row alone, and the others still read what they read.
    """
    blueprint = BLUEPRINTS[kind]
    shape = _shape(trace(network), after)
    if _holds_indices(network, after):
        wrong: str | None = f"It works on values, but {after} gives indices; put an Embedding between them."
    else:
        wrong = blueprint.complaint(shape)
    if wrong:
        raise NetworkError(f"The {_small(blueprint.title)} does not fit after {after}. {wrong}")
    path = network.free_name(blueprint.stem, _home(network, after, reader))

    def place(reference: str) -> str:
        return after if reference == ARRIVING else f"{path}.{reference}"

    rows = [
        replace(row, name=f"{path}.{row.name}", inputs=tuple(map(place, row.inputs))) for row in blueprint.rows(shape)
    ]
    return _put(network, after, rows, reader), path


def with_branch(network: Network, path: str) -> tuple[Network, str]:
    """The network with a second way after a row or a block: one layer that reads it, joined with it again.

    The join is a Concat; an Add where the network would not run, or would give more, with more channels. Also gives the
    new layer's name.
    """
    now = trace(network)
    after = _leaving(network, path)
    shape = _shape(now, after)
    prefix = _home(network, after)
    name, joins = network.free_name("branch", prefix), ("Concat", "Add")
    if len(shape) - 1 in AXES:
        layer = _fresh(f"Conv{len(shape) - 1}d", name, out_channels=shape[0], kernel_size=3, padding=1)
    elif len(shape) == 1:
        layer = _fresh("Linear", name, out_features=shape[0])
    else:
        raise NetworkError(f"{after} gives {_told(shape)}; a branch starts at a vector, a sequence or feature maps.")
    made = network
    for kind in joins:
        join = network.free_name(CATALOGUE[kind].stem, prefix)
        rows = [replace(layer, inputs=(after,)), _fresh(kind, join, inputs=(after, name))]
        made = blocks.graft(network, after, rows)
        if now.error is not None or trace(made).output_shapes == now.output_shapes:
            break
    return made, name


def with_skip(network: Network, path: str) -> tuple[Network, str]:
    """The network with what a row or a block reads added to what it gives, and the name of the Add.

    Where the shapes differ, a convolution (or a Linear) on the shortcut makes them equal, as ResNet has it.
    """
    now = trace(network)
    names = blocks.rows_of(network, path)
    read, left = blocks.entries(network, names), _leaving(network, path)
    if not read:
        raise NetworkError(f"{path} has no input that could be added to its output.")
    start, end = _shape(now, read[0]), _shape(now, left)
    if _holds_indices(network, read[0]):
        raise NetworkError(f"{read[0]} gives indices, which cannot be added to values.")
    prefix = wiring.block_of(path)
    added, short = network.free_name("add", prefix), network.free_name("shortcut", prefix)
    rows = _shortcut(network, prefix, short, read[0], start, end)
    last = rows[-1].name if rows else read[0]
    if rows:  # before the body, which so keeps the lane of what both read
        old, source = blocks.explicit(network), wiring.parts(read[0])[0]
        place = max(network.index(names[0]), network.index(source) + 1 if source in network.names else 0)
        network = replace(network, layers=(*old[:place], *rows, *old[place:]))
    return blocks.graft(network, left, [_fresh("Add", added, inputs=(left, last))]), added


def with_layer(network: Network, after: str, kind: str, reader: str = "") -> tuple[Network, str]:
    """The network with a fresh layer after a row or an input, and the layer's name. What read the row reads the layer.

    With `reader` that row alone does. A layer that takes several inputs reads the nearest earlier rows that fit; one
    that takes none is read by nobody yet.
    """
    layer = CATALOGUE[kind].fresh(network.free_name(CATALOGUE[kind].stem, _home(network, after, reader)))
    fewest, most = layer.takes
    place = network.index(after) + 1 if after in network.names else 0
    if most == 0:
        old = blocks.explicit(network)
        return replace(network, layers=(*old[:place], layer, *old[place:])), layer.name
    read = (after,) if fewest < 2 else (after, *_fitting(network, layer, after, network.names[:place]))
    return _put(network, after, [replace(layer, inputs=read)], reader), layer.name


def _put(network: Network, after: str, rows: Sequence[Layer], reader: str) -> Network:
    """The rows after `after`, for all that read it; or right before `reader`, for that row alone."""
    if not reader:
        return blocks.graft(network, after, rows)
    layers, place = list(blocks.explicit(network)), network.index(reader)
    read = tuple(rows[-1].name if one == after else one for one in layers[place].inputs)
    layers[place : place + 1] = [*rows, replace(layers[place], inputs=read)]
    return replace(network, layers=tuple(layers))


@torch.no_grad()
def _fitting(network: Network, layer: Layer, after: str, above: Sequence[str]) -> tuple[str, ...]:
    """What a layer reads beside `after`: the nearest earlier row with which it runs, else `after` once more."""
    now = trace(network)
    shapes = {name: now.by_name[name].output_shape for name in above if name in now.by_name}
    others = [*(name for name in reversed(above) if name != after), network.inputs[0].name]
    missing = layer.takes[0] - 1
    mine = shapes.get(after, network.input_shape)
    for name in others:
        shape = shapes.get(name, network.input_shape)
        if mine is not None and shape is not None and ask(layer, mine, *[shape] * missing).message is None:
            return (name,) * missing
    return (after,) * missing


def _shortcut(network: Network, prefix: str, name: str, read: str, start: Shape, end: Shape) -> list[Layer]:
    """The rows on a shortcut that turn one shape into another: cells cut away at the rim, then a layer of one cell."""
    if start == end:
        return []
    same_axes = len(start) == len(end)
    if same_axes and start[:-1] == end[:-1] and len(end) <= 2:
        return [_fresh("Linear", name, out_features=end[-1], inputs=(read,))]
    if not same_axes or len(end) - 1 not in AXES:
        raise NetworkError(
            f"{read} gives {_told(start)} and the result is {_told(end)}: "
            "shapes with different numbers of axes cannot be added."
        )
    if any(size < wanted for size, wanted in zip(start[1:], end[1:], strict=True)):
        raise NetworkError(
            f"{shape_text(start)} goes in and the larger {shape_text(end)} comes out; a shortcut cannot enlarge."
        )
    windows = [_window(size, wanted) for size, wanted in zip(start[1:], end[1:], strict=True)]
    strides = tuple(stride for stride, _ in windows)
    rows: list[Layer] = []
    if any(cut for _, cut in windows):
        pads = [-part for _, cut in reversed(windows) for part in (cut // 2, cut - cut // 2)]  # the last axis first
        rows.append(_fresh("Pad", network.free_name("crop", prefix), pad=tuple(pads), inputs=(read,)))
        read = rows[-1].name
    if start[0] != end[0] or {*strides} != {1}:
        more = {"out_channels": end[0], "kernel_size": 1, "stride": _plain(strides)}
        rows.append(_fresh(f"Conv{len(end) - 1}d", name, inputs=(read,), **more))
    return rows


def _window(size: int, wanted: int) -> tuple[int, int]:
    """The stride with which a kernel of one cell makes `wanted` cells of `size`, and how many cells are too many."""
    stride = -(-size // wanted)
    if (size - 1) // stride + 1 == wanted:
        return stride, 0
    stride = size // wanted
    return stride, size - stride * wanted


def _plain(values: Sequence[int]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _leaving(network: Network, path: str) -> str:
    """The one row whose value leaves a row or a block."""
    left = blocks.exits(network, blocks.rows_of(network, path))
    if len(left) > 1:
        raise NetworkError(f"{path} has several outputs: {', '.join(left[:4])}. Select one of these rows.")
    return left[0]


def _shape(now: Trace, reference: str) -> Shape:
    """The shape of a row's or an input's value."""
    name, port = wiring.parts(reference)
    for given in now.network.inputs:
        if name == given.name and name not in now.network.names:
            return given.shape
    step = now.by_name.get(name)
    if step is None or step.error is not None:
        raise NetworkError(f"{name} has no output yet: the network stops before it.")
    return step.output_shapes[step.layer.ports.index(port) if port else 0]


def _holds_indices(network: Network, reference: str) -> bool:
    name = wiring.parts(reference)[0]
    return name not in network.names and any(one.name == name and one.kind == "indices" for one in network.inputs)


def _home(network: Network, after: str, reader: str = "") -> str:
    """The beginning of names in the block where rows after that row stand: what holds both of its neighbours.

    So rows stay together that are one block, and what comes after a block's last row is beside the block.
    """
    if reader:
        return wiring.block_of(reader)
    place = network.index(after) + 1 if after in network.names else 0
    below = next(iter(network.names[place:]), "")
    around = zip(paths_above(after), paths_above(below), strict=False)
    return max((f"{one}." for one, other in around if one == other), key=len, default="")


def _fresh(kind: str, name: str, **arguments: object) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **arguments)  # type: ignore[arg-type]


def _told(shape: Shape) -> str:
    return arrival(shape) if shape else "one number"


def _small(title: str) -> str:
    return title[0].lower() + title[1:]
