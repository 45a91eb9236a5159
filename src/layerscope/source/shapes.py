"""Telling the input shape: from what the layers say of themselves, by our closed formulas, without asking torch."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt, prod

from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.layers.linear import Linear
from layerscope.network import LARGEST_IMAGE, Network
from layerscope.source.walking import Rows
from layerscope.steps import walk

USUAL = (28, 32, 64, 96, 128, 224, 227, 256, 299)
"""Image sizes that people use, tried before all others."""
ANY_SIZE = {1: 224, 2: 224, 3: 64}
LARGEST = {1: LARGEST_IMAGE, 2: 512, 3: 256}
Wishes = Mapping[str, Mapping[str, int]]
"""The in-values written for each layer."""


@dataclass(frozen=True)
class Told:
    """`shape` is None where it has to be asked; `words` say how it was told, or what is missing.

    Others would do as well where `free` is the place of a layer that takes any size, where `is_open` (no layer says how
    large it is), and where it is worked out from `wanted` values and all sizes in `fits` leave as many.
    """

    shape: Shape | None
    words: str = ""
    free: int | None = None
    is_open: bool = False
    wanted: int = 0
    fits: tuple[int, int] = (0, 0)


def expected(layers: Sequence[Layer], wishes: Wishes) -> tuple[int | None, int | None]:
    """How many spatial axes the input has and how many channels, as far as the layers say; None where they do not."""
    axes: int | None = None
    channels: int | None = None
    for layer in layers:
        wanted = wishes.get(layer.name, {})
        for name in layer.decides:
            channels = wanted.get(name) if channels is None else channels
        if layer.dims:
            axes = layer.dims
        elif isinstance(layer, Linear) or layer.type == "Unflatten":
            axes = 0
        if axes is not None and (channels is not None or not layer.keeps_channels):
            break
        if not layer.keeps_channels:
            break
    return axes, channels


def is_sequential(layer: Layer) -> bool:
    """Whether a layer reads a sequence of whatever length."""
    return layer.wants == "indices" or bool({"input_size", "embed_dim", "d_model"} & {*layer.decides})


def tell(layers: Sequence[Layer], wishes: Wishes, broken_off: bool = False) -> Told:
    """The input shape from the layers alone. Where reading broke off, a usual size will do if none is told."""
    first = next((layer for layer in layers if not layer.keeps_channels or layer.dims), None)
    if layers and is_sequential(layers[0]):
        return Told(None, f"{layers[0].name} takes sequences of any length.")
    axes, channels = expected(layers, wishes)
    if first is None:
        return Told(None, "No layer says what arrives at it.")
    if isinstance(first, Linear):
        return Told((channels,)) if channels else Told(None, f"{first.name} has no in_features that can be told.")
    if first.type == "Unflatten":
        sizes = per_axis(first.chosen["unflattened_size"], 1)
        known = all(type(size) is int and size > 0 for size in sizes)
        return Told((prod(sizes),)) if known else Told(None, f"{first.name} leaves a size open.")
    if first.type == "Flatten":
        return _before_flatten(layers, wishes)
    if not axes or channels is None:
        return Told(None, f"The channels that arrive at {first.name} cannot be told.")
    return _sizes(layers, wishes, axes, channels, broken_off)


def _target(layers: Sequence[Layer], wishes: Wishes) -> tuple[int, list[int]]:
    """How many layers there are up to the first Flatten, and the numbers of values that are written for it."""
    place = next((n for n, layer in enumerate(layers) if layer.type == "Flatten"), -1)
    if place < 0:
        return 0, []
    flatten = layers[place]
    values = []
    for layer in layers[place + 1 :]:
        if isinstance(layer, Linear) or layer.type == "BatchNorm1d":
            values += list(wishes.get(layer.name, {}).values())
        if not layer.keeps_channels:
            break
    return place + 1, [*values, *wishes.get(flatten.name, {}).values()]


def _before_flatten(layers: Sequence[Layer], wishes: Wishes) -> Told:
    """A network that begins by flattening: the values as a square image, grey or coloured, else as a plain row."""
    _, values = _target(layers, wishes)
    if not values or values[0] < 1:
        return Told(None, "The network begins with a flatten, and no in_features says of how many values.")
    for channels in (1, 3):
        side = isqrt(values[0] // channels)
        if side > 1 and channels * side * side == values[0]:
            return Told((channels, side, side), f"{values[0]:,} values are taken for {channels}×{side}×{side}.")
    return Told((values[0],))


def _sizes(layers: Sequence[Layer], wishes: Wishes, axes: int, channels: int, broken_off: bool) -> Told:
    count, values = _target(layers, wishes)
    prefix = [_open(layer) for layer in layers[:count]]
    adaptive = [n for n, layer in enumerate(layers) if layer.type.startswith("Adaptive")]
    if adaptive and (not count or adaptive[0] < count):
        size = ANY_SIZE[axes]
        return Told((channels, *(size,) * axes), free=adaptive[0])
    for wanted in values:
        fitting = _fitting(prefix, wanted, axes, channels)
        if fitting is not None:
            size, fits = fitting
            return Told((channels, *(size,) * axes), wanted=wanted if fits else 0, fits=fits or (0, 0))
    if values:
        return Told(None, f"No square input up to {LARGEST[axes]} gives the {values[0]:,} values that are written.")
    size = ANY_SIZE[axes]
    if broken_off:
        return Told((channels, *(size,) * axes), is_open=True)
    return Told(None, "No layer says how large its input is.")


def _open(layer: Layer) -> Layer:
    return layer.with_chosen("normalized_shape", None) if "normalized_shape" in layer.parameters() else layer


def _fitting(
    prefix: Sequence[Layer], wanted: int, axes: int, channels: int
) -> tuple[int, tuple[int, int] | None] | None:
    """The first usual size that leaves so many values, else the smallest there is: more cells in never leave fewer.

    With it the smallest and the largest that do; None in place of them where it is the only usual one.
    """

    rows = Rows(prefix)

    def values(size: int) -> int:
        shape = rows.run((channels, *(size,) * axes))
        return 0 if shape is None else prod(shape)

    usual = [size for size in USUAL if values(size) == wanted]
    if len(usual) == 1:
        return usual[0], None
    sizes = range(1, LARGEST[axes] + 1)
    first = bisect_left(sizes, wanted, key=values) + 1
    last = bisect_right(sizes, wanted, key=values)
    return ((usual or [first])[0], (first, last)) if first <= last else None


def with_norms(layers: Sequence[Layer], wishes: Mapping[str, Shape], inputs: Sequence[Input]) -> tuple[Layer, ...]:
    """The layers with each LayerNorm that covers the whole sample left to follow what arrives, as in-values do.

    One that covers only the last axes keeps how many they are; a wrong number gives way to what arrives.
    """
    if not wishes:
        return tuple(layers)
    rows: list[Layer] = []
    story = walk(Network(inputs[0].shape, tuple(map(_open, layers)), None, tuple(inputs)))
    known = {step.name: step.input_shape for step in story.steps}
    for layer in layers:
        arriving = known.get(layer.name)
        if "normalized_shape" in layer.parameters() and layer.name in wishes and arriving is not None:
            covered = len(wishes[layer.name])
            if covered <= len(arriving):
                tail = arriving[-covered:]
                same = tail == wishes[layer.name]
                partly = layer.chosen["normalized_shape"] if same else tail
                layer = layer.with_chosen("normalized_shape", None if covered == len(arriving) else partly)
        rows.append(layer)
    return tuple(rows)
