"""What each kind of error message tells of the input: which layer it is about, and what arrived there.

A size counts only if the network, as it is written, fails on it at that layer and with those sizes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.source import shapes, walking

_SIZES = (48, 100, 128, 150, 160, 192, 200, 240, 250, 300, 320, 384, 400, 416, 480, 500, 512, 572, 600, 640)
"""Sizes of images that are tried beside the usual ones."""


@dataclass(frozen=True)
class Network:
    """The network that an error is about."""

    layers: Sequence[Layer]
    wishes: shapes.Wishes

    def wish(self, layer: Layer, name: str) -> int | None:
        return self.wishes.get(layer.name, {}).get(name)

    def places(self, test: Callable[[Layer], bool]) -> list[int]:
        return [place for place, layer in enumerate(self.layers) if test(layer)]


@dataclass(frozen=True)
class Found:
    """An input that an error tells, what of the error tells it, and how many samples there were, 0 where unknown.

    `is_sure`: no other size, even an unusual one, gives that error.
    """

    told: shapes.Told
    what: str
    batch: int = 0
    is_sure: bool = True


_Reader = Callable[[re.Match[str], Network], Iterator[Found]]
"""What a message tells of the network, if it is about it."""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d{1,9}", text)))


def _shown(sizes: Shape) -> str:
    return "×".join(f"{size:,}" if len(sizes) == 1 else str(size) for size in sizes)


# A Linear, or a view


def _product(match: re.Match[str], case: Network) -> Iterator[Found]:
    batch, arrive, width, out = (int(match[n]) for n in (1, 2, 3, 4))
    places = case.places(
        lambda layer: (
            layer.type == "Linear" and case.wish(layer, "in_features") == width and layer.chosen["out_features"] == out
        )
    )
    if len(places) == 1 and arrive != width:
        yield Found(shapes.leaving(case.layers, case.wishes, places[0], arrive), f"{arrive:,} values", batch)


def _view(match: re.Match[str], case: Network) -> Iterator[Found]:
    """shape '[4, 400]' is invalid for input of size 179776: with -1 for the batch only where one usual size fits."""
    sizes, count = re.findall(r"-?\d{1,9}", match[1]), int(match[2])
    batch, width = (int(sizes[0]), int(sizes[1])) if len(sizes) == 2 else (0, 0)
    places = case.places(lambda layer: layer.type == "Flatten" and case.wish(layer, "features") == width)
    if len(places) != 1 or (batch > 0 and count % batch):
        return
    place = places[0] + 1
    if batch > 0:
        told = shapes.leaving(case.layers, case.wishes, place, count // batch)
        yield Found(told, f"{count:,} values of {batch} samples", batch)
        return
    fitting: dict[int, Shape] = {}
    for size in shapes.USUAL:
        shape = _square(case, size)
        leaves = shape and walking.run(shapes.opened(case.layers[:place]), shape)
        if shape and leaves and prod(leaves) != width and count % prod(leaves) == 0:
            fitting.setdefault(prod(leaves), shape)
    for values, shape in fitting.items() if len(fitting) == 1 else ():
        yield Found(shapes.Told(shape), f"{count:,} values", count // values, is_sure=False)


# A layer on maps


def _channels(match: re.Match[str], case: Network) -> Iterator[Found]:
    weight, got = _numbers(match[2]), _numbers(match[3])
    turned, groups = match[1].startswith("transposed"), _numbers(match[1])[0]
    out, width = (weight[1], weight[0]) if turned else (weight[0], weight[1] * groups)

    def is_it(layer: Layer) -> bool:
        chosen = layer.chosen
        alike = layer.type == f"Conv{'Transpose' if turned else ''}{len(weight) - 2}d"
        return alike and (
            (chosen["out_channels"], per_axis(chosen["kernel_size"], layer.dims)) == (out, weight[2:])
            and case.wish(layer, "in_channels") == width
        )

    yield from _on_maps(case, case.places(is_it), got[1:], got[0])


def _axes(dims: int, got: Shape, case: Network) -> Iterator[Found]:
    """Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [64, 784]."""
    first = case.layers[0] if case.layers else None
    if first is not None and first.type == f"Conv{dims}d" and not first.inputs and len(got) > 1:
        yield Found(shapes.Told(got[1:]), f"size {_shown(got)}", got[0])


def _kernel(match: re.Match[str], case: Network) -> Iterator[Found]:
    padded, kernel = _numbers(match[1]), _numbers(match[2])

    def is_it(layer: Layer) -> bool:
        return layer.type == f"Conv{len(kernel)}d" and per_axis(layer.chosen["kernel_size"], layer.dims) == kernel

    for place in case.places(is_it):
        padding = case.layers[place].chosen["padding"]
        if type(padding) is int:
            cells = tuple(size - 2 * padding for size in padded)
            yield from _on_maps(case, [place], (None, *cells))


def _pooled(match: re.Match[str], case: Network) -> Iterator[Found]:
    got = _numbers(match[1])
    places = case.places(lambda layer: layer.type in (f"MaxPool{len(got) - 1}d", f"AvgPool{len(got) - 1}d"))
    for place in places:
        yield from _on_maps(case, [place], got)


def _on_maps(case: Network, places: Sequence[int], got: Sequence[int | None], batch: int = 0) -> Iterator[Found]:
    """The input of which maps of that size reach the one layer at these places, if it fails on them."""
    cells = tuple(size for size in got[1:] if size is not None)
    if len(places) != 1 or not cells:
        return
    place, what = places[0], f"{_shown(cells) if got[0] is None else _shown((got[0], *cells))} input"
    if place == 0 and not case.layers[0].inputs and got[0] is not None:
        yield Found(shapes.Told((got[0], *cells)), what, batch)
        return
    told = shapes.arriving_as(case.layers, case.wishes, place, cells[-1]) if len(set(cells)) == 1 else None
    if told is None or told.shape is None:
        return
    refused = walking.refusing(case.layers, case.wishes, told.shape)
    arrives = refused[1] if refused is not None and refused[0] == case.layers[place].name else ()
    if arrives[1:] == cells and got[0] in (None, arrives[0]):
        yield Found(told, what, batch)


# Branches that join


def _joined(match: re.Match[str], case: Network) -> Iterator[Found]:
    """The first size, usual ones before others, with which two branches meet that differ as the error says."""
    one, other = int(match[1]), int(match[2])
    rows = walking.Rows(shapes.opened(case.layers))
    for size in dict.fromkeys((*shapes.USUAL, *_SIZES, *_doubled(one), *_doubled(other))):
        shape = _square(case, size)
        *_, last = rows.joins(shape) if shape else [None]
        if last is None or last[2] is not None:
            continue
        arriving = last[1]
        differ = [
            (arriving[0][axis], each[axis])
            for each in arriving[1:]
            if len(each) == len(arriving[0])
            for axis in range(1, len(each))
        ]
        if (one, other) in differ:
            yield Found(shapes.Told(shape), f"sizes {one} and {other}", is_sure=False)
            return


def _doubled(size: int) -> Iterator[int]:
    """The sizes of images of which maps of that size are left after some halvings."""
    for times in range(6):
        yield from (size * 2**times, size * 2**times + 1, (size + 1) * 2**times - 1)


def _square(case: Network, size: int) -> Shape | None:
    axes, channels = shapes.expected(case.layers, case.wishes)
    return (channels, *(size,) * axes) if axes and channels is not None and shapes.is_channels(channels) else None


_ROW = r"[\[(]([\d, ]{1,60})[\])]"
READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(
        r"(?:mat1 and mat2 shapes cannot be multiplied|size mismatch.{0,60}?)\D{0,20}?"
        r"\(?(\d{1,9}) ?x ?(\d{1,9})(?: and |, .{0,10}?)(\d{1,9}) ?x ?(\d{1,9})"
    ), _product),
    (re.compile(
        rf"Given ((?:groups|transposed)=\d{{1,5}}), weight(?: of size )?\[?([\d, ]{{1,60}}?)\]?,(?: so)? "
        rf"expected input ?{_ROW} to have"
    ), _channels),
    (re.compile(rf"Expected \dD \(unbatched\) or \dD \(batched\) input to conv(\d)d, but got input of size: {_ROW}"),
     lambda match, case: _axes(int(match[1]), _numbers(match[2]), case)),
    (re.compile(
        rf"Expected (\d)-dimensional input for \d-dimensional weight.{{0,60}}? but got \d-dimensional input of size "
        rf"{_ROW}"
    ), lambda match, case: _axes(int(match[1]) - 2, _numbers(match[2]), case)),
    (re.compile(r"padded input size per channel: \(([\d x]{1,60})\)\. Kernel size: \(([\d x]{1,60})\)"), _kernel),
    (re.compile(r"Given input size: \((\d{1,6}(?:x\d{1,6}){1,3})\)\. Calculated output size"), _pooled),
    (re.compile(r"shape '\[([-\d, ]{1,60})\]' is invalid for input of size (\d{1,12})"), _view),
    (re.compile(r"size of tensor a \((\d{1,6})\) must match the size of tensor b \((\d{1,6})\)"), _joined),
    (re.compile(r"Sizes of tensors must match except in dimension \d\. Expected size (\d{1,6}) but got size (\d{1,6})"),
     _joined),
    (re.compile(r"Sizes of tensors must match except in dimension \d\. Got (\d{1,6}) and (\d{1,6})"), _joined),
)  # fmt: skip
"""Messages as torch writes them, and as older versions did."""
