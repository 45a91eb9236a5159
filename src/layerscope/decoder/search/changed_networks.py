"""Networks that a learner may have written or meant instead of a given one, each a single change of it.

They are only proposed here; whoever asks computes what each would make arrive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.decoder.search.at import at
from layerscope.layers.base import Layer
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.pooling import MaxPool2d
from layerscope.network import MOST_LAYERS, Network, NetworkError

KERNELS = (3, 5, 7, 1, 2, 4, 9, 11)
STRIDES = (1, 2, 3, 4)
PADDINGS = (0, 1, 2, 3, 4, 5)
OUTPUTS = tuple(range(1, 9))
WINDOW = ("kernel_size", "padding", "stride")
WINDOW_RANKS = (7.0, 9.0)
"""The ranks from and below which a cause is another kernel, padding or stride: after all more common mistakes."""
MOST_TRIED = 10
"""For how many layers, counted back from the failing one, each value is tried: nobody should wait for an answer."""


@dataclass(frozen=True)
class Change:
    """A changed network: in which layers, of what ("remove", "insert" or an argument), to which value."""

    network: Network
    layers: tuple[str, ...]
    what: str
    value: Any = None


def of_layers(network: Network, name: str) -> Iterator[Change]:
    """Changes of the layers before that one which change how large the maps are, the likeliest first.

    A network that branches is followed from its front for each of them: of a long one fewer are looked at.
    """
    changes = _of_layers(network, name)
    return changes if network.is_chain else islice(changes, limits.REPAIR_STEPS.most // len(network.layers))


def _of_layers(network: Network, name: str) -> Iterator[Change]:
    before = _deciding(network, name)
    yield from _other_outputs(network, name)
    pools = [layer for layer in before if layer.stem == "pool"]
    convolutions = [layer for layer in before if isinstance(layer, AnyConvolution)]
    if len(pools) > 1:
        yield Change(without(network, _names(pools)), _names(pools), "remove")
    for pool in pools:
        yield Change(network.remove(pool.name), (pool.name,), "remove")
    yield from _more_pools(network, convolutions)
    for what, values in (("kernel_size", KERNELS), ("padding", PADDINGS), ("stride", STRIDES)):
        sliding = [layer for layer in convolutions if what in layer.parameters()]
        if len(sliding) > 1:
            for value in values:
                yield from _changed(network, sliding, what, value)
    for layer in before[: -MOST_TRIED - 1 : -1]:
        for what, values in (("kernel_size", KERNELS), ("padding", PADDINGS), ("stride", STRIDES)):
            if what in layer.parameters():
                for value in values:
                    yield from _changed(network, [layer], what, value)
    for layer in reversed([layer for layer in convolutions if _leaves_channels(network, layer)]):
        yield Change(network.remove(layer.name), (layer.name,), "remove")


def rank(network: Network, change: Change) -> float:
    """How far down the list of causes a change comes."""
    several = len(change.layers) > 1
    if change.what in ("remove", "insert") and (change.what == "insert" or network[change.layers[0]].stem == "pool"):
        return 1.0 if several else 5.0
    if change.what == "output_size":
        return 6.8
    if change.what not in WINDOW:
        return 9.5
    if several and change.what == "kernel_size" and change.value == 1:
        return 7.4  # hardly a network has no other convolutions than 1×1
    if several or change.what == "stride":
        return 7.0 if several else 8.0
    return (7.5 if change.what == "kernel_size" else 7.6) + 0.2 * (network[change.layers[0]].stem == "pool")


def _other_outputs(network: Network, name: str) -> Iterator[Change]:
    """The last layer of fixed output size with another one, or gone."""
    before = at(network, name).before
    start = max((place for place, layer in enumerate(before) if is_fixed(layer)), default=0)
    for layer in [layer for layer in before[start:] if "output_size" in layer.parameters()]:
        for size in OUTPUTS:
            yield from _changed(network, [layer], "output_size", size)
        yield Change(network.remove(layer.name), (layer.name,), "remove")


def with_width(network: Network, layer: Layer, width: int) -> Network | None:
    """The network with another out_channels or out_features of `layer`; None where that cannot be."""
    try:
        return network.with_argument(layer.name, width_of(layer), width)
    except NetworkError:  # the head's width is the number of classes
        return None


def width_of(layer: Layer) -> str:
    """The argument that says how wide the output is."""
    return "out_channels" if "out_channels" in layer.parameters() else "out_features"


def _deciding(network: Network, name: str) -> list[Layer]:
    """The layers that slide, after the last one whose output size is fixed: nothing depends on those before it."""
    before = at(network, name).before
    start = max((i for i, layer in enumerate(before) if is_fixed(layer)), default=-1)
    return [layer for layer in before[start + 1 :] if "kernel_size" in layer.parameters()]


def is_fixed(layer: Layer) -> bool:
    """Whether it outputs maps of one size whatever its input is."""
    size = layer.chosen.get("output_size")
    return size is not None and not (isinstance(size, tuple) and None in size)


def _names(layers: Sequence[Layer]) -> tuple[str, ...]:
    return tuple(layer.name for layer in layers)


def _leaves_channels(network: Network, layer: AnyConvolution) -> bool:
    """Whether as many channels leave as arrive: without any other convolution the next would refuse the input."""
    if not network.is_chain:
        shape = at(network, layer.name).shape
        return bool(shape and shape[0] == layer.out_channels)
    before = next((e for e in reversed(network.layers[: network.index(layer.name)]) if not e.keeps_channels), None)
    arriving = before.chosen.get("out_channels") if before else network.input_shape[0]
    return bool(arriving == layer.out_channels)


def without(network: Network, names: Sequence[str]) -> Network:
    """The network without some layers; a row that read one of them reads its input instead."""
    if network.is_chain:
        return replace(network, layers=tuple(layer for layer in network.layers if layer.name not in names))
    for name in names:
        network = network.remove(name)
    return network


def _changed(network: Network, layers: Sequence[Layer], what: str, value: Any) -> Iterator[Change]:
    """The network with one argument of these layers changed, of those that have another value; nothing where none has,
    or where of several only one has, as each layer is tried alone too."""
    others = [layer for layer in layers if not _same(layer.chosen[what], value)]
    if not others or (len(layers) > 1 and len(others) == 1):
        return
    names = _names(others)
    rows = (layer.with_chosen(what, value) if layer.name in names else layer for layer in network.layers)
    yield Change(replace(network, layers=tuple(rows)), names, what, value)


def _same(old: Any, new: int) -> bool:
    return bool(old == new) or (isinstance(old, tuple) and set(old) == {new})


def _more_pools(network: Network, convolutions: list[AnyConvolution]) -> Iterator[Change]:
    """A pool of 2 after each convolution that has none, and after all of them."""
    bare = [layer for layer in convolutions if not _is_pooled(network, layer)]
    bare = bare if network.is_chain else bare[-MOST_TRIED:]
    if not bare or len(network.layers) + len(bare) > MOST_LAYERS:
        return
    choices = [bare, *([layer] for layer in bare)] if len(bare) > 1 else [bare]
    for chosen in choices:
        changed = network
        for layer in chosen:
            pool = CATALOGUE[f"MaxPool{layer.dims}d"].fresh(changed.free_name(MaxPool2d.stem))
            last = _end_of_block(changed, layer)
            place = changed.index(last) + 1
            changed = changed.insert(place, pool) if changed.is_chain else changed.insert_after(last, pool)
        yield Change(changed, _names(list(chosen)), "insert")


def _end_of_block(network: Network, layer: Layer) -> str:
    """The last of a layer and the activation and normalization that follow it."""
    name = layer.name
    while (after := _only_reader(network, name)) is not None and _goes_along(after):
        name = after.name
    return name


def _only_reader(network: Network, name: str) -> Layer | None:
    """The layer that reads that one, where it is the only one and reads nothing else."""
    if network.is_chain:
        place = network.index(name) + 1
        return network.layers[place] if place < len(network.layers) else None
    readers = network.users(name)
    return network[readers[0]] if len(readers) == 1 and len(network.before(readers[0])) == 1 else None


def _goes_along(layer: Layer) -> bool:
    sliding = "kernel_size" in layer.parameters() or "output_size" in layer.parameters()
    return layer.keeps_channels and not sliding and layer.type not in ("ZeroPad2d", "Upsample")


def _is_pooled(network: Network, layer: Layer) -> bool:
    after = _only_reader(network, _end_of_block(network, layer))
    return after is not None and after.stem == "pool"
