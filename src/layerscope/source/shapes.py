"""Telling the input shape: from what the layers say of themselves, by our closed formulas, without asking torch."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt, prod

from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.layers.linear import Linear
from layerscope.network import LARGEST_IMAGE
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.walking import Rows

USUAL = (28, 32, 64, 96, 128, 224, 227, 256, 299)
"""Image sizes that people use, tried before all others."""
ANY_SIZE = {1: 224, 2: 224, 3: 64}
LONG = (1_024, 4_096, 8_000, 16_000, 32_000)
"""Lengths of sound and other signals, tried where all that are shorter are too short."""
LARGEST = {1: LARGEST_IMAGE, 2: 512, 3: 256}
Wishes = Mapping[str, Mapping[str, int]]
"""The in-values written for each layer."""


@dataclass(frozen=True)
class Told:
    """`shape` is None where the layers do not tell it; `words` say how it was told, or what is missing.

    Others would work as well where `free` is the place of a layer that takes any size, where `is_open` (no layer says
    how large it is), and where it is worked out from `wanted` values and all sizes in `fits` leave as many. `is_usual`:
    it is the only one among those that people use. No square size leaves as many where `fits` is (0, 0).
    """

    shape: Shape | None
    words: str = ""
    free: int | None = None
    is_open: bool = False
    wanted: int = 0
    fits: tuple[int, int] = (0, 0)
    is_usual: bool = False
    by: str = ""
    """What tells it, in words, where that is something else than the values that a layer wants."""

    @property
    def is_certain(self) -> bool:
        """Whether the layers leave no doubt."""
        return self.shape is not None and self.free is None and not self.is_open and (not self.wanted or self.is_usual)


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


FRAMES = (16, 8, 32, 64)
"""Usual lengths of clips."""


def is_sequential(layer: Layer) -> bool:
    """Whether a layer reads a sequence of whatever length."""
    return layer.wants == "indices" or bool({"input_size", "embed_dim", "d_model"} & {*layer.decides})


def expects_steps(layers: Sequence[Layer]) -> bool:
    """Whether the input is a sequence of rows of features: a layer expects one, and those before it act on each row."""
    layer = sequential(layers)
    return layer is not None and layer.wants != "indices" and not layer.type.endswith("Cell")


def sequential(layers: Sequence[Layer]) -> Layer | None:
    """The layer that reads the input as a sequence of any length, where those before it act on each of its rows."""
    for place, layer in enumerate(layers):
        if is_sequential(layer):
            return layer if not place or not (layer.wants == "indices" or layer.type.endswith("Cell")) else None
        if layer.dims or not (layer.keeps_channels or isinstance(layer, Linear) or layer.type == "LayerNorm"):
            return None
    return None


def is_channels(count: int) -> bool:
    """Whether an input can have so many channels."""
    return 1 <= count <= LARGEST_WIDTH


def is_from_noise(layers: Sequence[Layer]) -> bool:
    """Whether a network begins by making maps larger, as a generator does with a column of noise."""
    first = next((layer for layer in layers if layer.dims or layer.decides), None)
    return first is not None and first.type.startswith("ConvTranspose")


def tell(layers: Sequence[Layer], wishes: Wishes) -> Told:
    """The input shape from the layers alone; one that would work where no layer says how large it is."""
    first = next((layer for layer in layers if not layer.keeps_channels or layer.dims), None)
    if (reads := sequential(layers)) is not None:
        return Told(None, f"{reads.name} accepts sequences of any length.")
    axes, channels = expected(layers, wishes)
    if first is None:
        return Told(None, "No layer says its input size.")
    if isinstance(first, Linear):
        return Told((channels,)) if channels else Told(None, f"The code does not say in_features of {first.name}.")
    if first.type == "Unflatten":
        sizes = per_axis(first.chosen["unflattened_size"], 1)
        known = all(type(size) is int and size > 0 for size in sizes)
        return Told((prod(sizes),)) if known else Told(None, f"{first.name} does not fix all its sizes.")
    if first.type == "Flatten":
        return _before_flatten(layers, wishes)
    if not axes and not first.decides:
        return Told(None, "No layer says how large the input is.")
    if not axes or channels is None:
        return Told(None, f"The code does not say how many channels {first.name} gets.")
    return _sizes(layers, wishes, axes, channels)


def _target(layers: Sequence[Layer], wishes: Wishes) -> tuple[int, list[int]]:
    """How many layers there are up to the first Flatten, and the numbers of values that are written for it.

    Where there is none, up to the first Linear: its number may be that of all values, and the flatten be missing.
    """
    place = next((n for n, layer in enumerate(layers) if layer.type == "Flatten"), -1)
    if place < 0:
        place = next((n for n, layer in enumerate(layers) if isinstance(layer, Linear)), 0)
        wanted = wishes.get(layers[place].name, {}).get("in_features", 0)
        return (place, [wanted]) if place and wanted else (0, [])
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
        return Told(None, "The network starts with a flatten, and no in_features says how many values it gives.")
    for channels in (1, 3):
        side = isqrt(values[0] // channels)
        if side > 1 and channels * side * side == values[0]:
            return Told((channels, side, side), f"We read {values[0]:,} values as {channels}×{side}×{side}.")
    return Told((values[0],))


def _sizes(layers: Sequence[Layer], wishes: Wishes, axes: int, channels: int) -> Told:
    count, values = _target(layers, wishes)
    prefix = [_open(layer) for layer in layers[:count]]
    adaptive = [n for n, layer in enumerate(layers) if layer.type.startswith("Adaptive")]
    if adaptive and (not count or adaptive[0] < count):
        return Told((channels, *(_any_size(layers, axes, channels),) * axes), free=adaptive[0])
    is_flat = any(layer.type == "Flatten" for layer in layers)
    search = _Search(prefix, axes, channels)
    for each in (search,) if is_flat else (search, _Search(prefix, axes, channels, _last)):
        for wanted in values:
            size, fits, is_usual = each.fitting(wanted)
            if size:
                return Told((channels, *(size,) * axes), wanted=wanted, fits=fits, is_usual=is_usual)
    if values and is_flat and axes == 3 and is_channels(channels):  # a clip is seldom a cube
        clips = ((channels, frames, side, side) for frames in FRAMES for side in (112, *USUAL))
        found = next((shape for shape in clips if prod(Rows(prefix).run(shape) or ()) == values[0]), None)
        if found is not None:
            return Told(found, wanted=values[0])
    if values and is_flat:
        return Told((channels, *(search.nearest(values[0]),) * axes), wanted=values[0])
    return Told((channels, *(_any_size(layers, axes, channels),) * axes), is_open=True)


def leaving(layers: Sequence[Layer], wishes: Wishes, place: int, count: int) -> Told:
    """The square input of which so many values arrive, flattened, at the layer at that place; None where none does."""
    axes, channels = expected(layers, wishes)
    flat = next((n for n, layer in enumerate(layers[:place]) if layer.type == "Flatten"), None)
    if not axes or channels is None or not is_channels(channels) or flat is None:
        return Told(None)
    size, fits, is_usual = _Search([_open(layer) for layer in layers[: flat + 1]], axes, channels).fitting(count)
    return Told((channels, *(size,) * axes) if size else None, wanted=count, fits=fits, is_usual=is_usual)


def arriving_as(layers: Sequence[Layer], wishes: Wishes, place: int, cells: int) -> Told:
    """The square input of which maps with so many cells along the last axis reach the layer at that place; None
    where none does."""
    axes, channels = expected(layers, wishes)
    if not axes or channels is None or not is_channels(channels):
        return Told(None)
    search = _Search([_open(layer) for layer in layers[: place + 1]], axes, channels, _last, place)
    size, fits, is_usual = search.fitting(cells)
    return Told((channels, *(size,) * axes) if size else None, wanted=cells, fits=fits, is_usual=is_usual)


def _any_size(layers: Sequence[Layer], axes: int, channels: int) -> int:
    """A usual size that goes through all layers, as far as they were read: 1 for a column of noise, else 224."""
    first = 1 if is_from_noise(layers) else ANY_SIZE[axes]
    rows = Rows(layers)
    sizes = [first, *USUAL, *(LONG if axes == 1 else ())] if is_channels(channels) else []
    return next((size for size in sizes if rows.run((channels, *(size,) * axes)) is not None), first)


def opened(layers: Sequence[Layer]) -> list[Layer]:
    """The layers with what follows from their inputs left open."""
    return list(map(_open, layers))


def _open(layer: Layer) -> Layer:
    """The layer with what follows from its input left open; a flatten that takes the batch in is one that does not."""
    if layer.type == "Flatten" and layer.chosen["start_dim"] == 0:
        return layer.with_chosen("start_dim", 1)
    return layer.with_chosen("normalized_shape", None) if "normalized_shape" in layer.parameters() else layer


def _last(shape: Shape) -> int:
    return shape[-1]


class _Search:
    """How many values square inputs leave, or cells along the last axis; at a `place`, those that arrive there. More
    cells in never leave fewer."""

    def __init__(
        self, prefix: Sequence[Layer], axes: int, channels: int, measure: Callable[[Shape], int] = prod,
        place: int | None = None,
    ) -> None:  # fmt: skip
        self._rows, self._place = Rows(prefix), place
        self._axes, self._channels, self._measure = axes, channels, measure

    def values(self, size: int) -> int:
        """How many values remain of an input of that size; 0 where it does not run."""
        given = (self._channels, *(size,) * self._axes)
        shape = self._rows.run(given) if self._place is None else self._rows.arriving(self._place, given)
        return 0 if shape is None else self._measure(shape)

    def fitting(self, wanted: int) -> tuple[int, tuple[int, int], bool]:
        """A size that leaves so many values, the smallest and the largest that do, and whether one alone is usual.

        It is the first usual size, else the smallest there is; 0 where there is none.
        """
        usual = [size for size in USUAL if self.values(size) == wanted]
        sizes = range(1, LARGEST[self._axes] + 1)
        first = bisect_left(sizes, wanted, key=self.values) + 1
        last = bisect_right(sizes, wanted, key=self.values)
        if first > last or last == len(sizes):  # none does, or the size does not matter
            return 0, (0, 0), False
        return (usual or [first])[0], (first, last), len(usual) == 1

    def nearest(self, wanted: int) -> int:
        """The usual size that comes nearest to leaving so many values."""
        return min(USUAL, key=lambda size: abs(self.values(size) - wanted))


def with_norms(layers: Sequence[Layer], wishes: Mapping[str, Shape], inputs: Sequence[Input]) -> tuple[Layer, ...]:
    """The layers with each LayerNorm that covers the whole sample left to follow the input, as in-values do.

    One that covers only the last axes keeps how many they are; a wrong number gives way to the actual input.
    """
    if not wishes:
        return tuple(layers)
    rows: list[Layer] = []
    opened = Rows(tuple(map(_open, layers)), [given.name for given in inputs])
    known = {layer.name: arriving for layer, arriving, _ in opened.walk(*(given.shape for given in inputs))}
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
