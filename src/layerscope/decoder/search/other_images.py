"""For which other images something else would reach a layer."""

from collections.abc import Callable, Iterable, Iterator

from layerscope.decoder.search.usual import most_usual
from layerscope.network import LARGEST_IMAGE, Network

LARGEST_SIZE = 512
"""The largest image that is looked for; sequences, and networks on larger images, get more."""

Measure = Callable[[Network], int]
"""A number of a network that does not fall when the image grows; 0 where it does not run."""


def with_image(network: Network, sizes: Iterable[int]) -> Network:
    """The network on images of these sizes; the channels stay."""
    return network.with_input((network.input_shape[0], *sizes))


def other_images(network: Network, measure: Measure, target: int) -> Iterator[tuple[Network, int, int]]:
    """Networks on another image for which `measure` is `target`, with the smallest and largest size that do the same.

    Squares (cubes, lengths) first, the most usual size of those that fit; where the image is not a square, also those
    with only one side changed.
    """
    shape = network.input_shape
    if len(shape) < 2 or target < 1:
        return
    whole = tuple(range(1, len(shape)))
    square = len(set(shape[1:])) == 1
    for axes in (whole, *(() if square else ((axis,) for axis in whole))):
        current = shape[axes[0]] if square or len(axes) == 1 else 0
        fitting = _sizes_with(network, axes, measure, target)
        if fitting:
            low, high = fitting
            size = most_usual(low, high)
            if not low <= current <= high:
                yield _resized(network, axes, size), low, high


def _resized(network: Network, axes: tuple[int, ...], size: int) -> Network:
    shape = tuple(size if axis in axes else old for axis, old in enumerate(network.input_shape))
    return network.with_input(shape)


def _sizes_with(network: Network, axes: tuple[int, ...], measure: Measure, target: int) -> tuple[int, int] | None:
    """The smallest and largest size along `axes` for which `measure` is `target`, by halving."""
    most = LARGEST_IMAGE if len(network.input_shape) == 2 else max(LARGEST_SIZE, 2 * max(network.input_shape[1:]))
    most = min(most, LARGEST_IMAGE)
    known: dict[int, int] = {}

    def at(size: int) -> int:
        if size not in known:
            known[size] = measure(_resized(network, axes, size))
        return known[size]

    def first(reaches: int) -> int:
        """The first size whose measure is `reaches` or more; beyond the end where none is."""
        low, high = 1, most + 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if at(middle) >= reaches else (middle + 1, high)
        return low

    start = first(target)
    if start > most or at(start) != target:
        return None
    return start, first(target + 1) - 1
