"""The right number reaches a Linear layer of the network; what did the code that failed do differently?"""

from collections.abc import Iterator
from math import prod

from layerscope.decoder import wording
from layerscope.decoder.answer import Cause
from layerscope.decoder.search.at import at, last, reckoned
from layerscope.decoder.search.changed_networks import of_layers, rank, width_of, with_width
from layerscope.decoder.search.layouts import layouts, other_view
from layerscope.decoder.search.matching import changes_to
from layerscope.decoder.search.other_images import other_images, with_image
from layerscope.decoder.search.ranking import Ranked, likeliest_first
from layerscope.decoder.search.usual import USUAL_SIZES, is_usual
from layerscope.network import Network

COLOURS = (1, 3, 4)


def causes(network: Network, name: str, rows: int, columns: int, widths: bool = True) -> list[Cause]:
    """What makes `rows` x `columns` reach that layer, the likeliest first; each computed by tracing.

    Without `widths` those of the layers are what the network has: the code that failed says them.
    """
    found = [
        *layouts(network, name, rows, columns),
        *(ranked for ranked in _single(network, name, columns, widths) if _has_rows(ranked[1], name, rows)),
    ]
    found = found or list(_two_mistakes(network, name, rows, columns)) or list(other_view(network, name, rows, columns))
    return [cause for _, cause in likeliest_first(found)]


def _has_rows(cause: Cause, name: str, rows: int) -> bool:
    """Whether batches of what the cause's network gives the layer have this many rows."""
    shape = at(cause.network, name).shape if cause.network else None
    return shape is not None and rows % prod(shape[:-1]) == 0


def single(network: Network, name: str, target: int) -> list[Ranked]:
    """Single changes that make `target` arrive in each row, for messages that do not say how many rows; the lower the
    number, the likelier."""
    return likeliest_first(_single(network, name, target))


def _single(network: Network, name: str, target: int, widths: bool = True) -> Iterator[Ranked]:
    yield from _images(network, name, target)
    yield from _changes(network, name, target)
    if widths:
        yield from _widths(network, name, target)


def _images(network: Network, name: str, columns: int) -> Iterator[Ranked]:
    for changed, low, high in other_images(network, lambda other: last(reckoned(other, name)), columns):
        if at(changed, name).features == columns:
            yield 2.0 if is_usual(low, high) else 6.5, _image_cause(network, changed, name, low, high)
    if any("in_channels" in layer.decides for layer in at(network, name).before):
        return  # a convolution would have refused other channels
    for channels in COLOURS if len(network.input_shape) == 3 else ():
        if channels == network.input_shape[0]:
            continue
        other = network.with_input((channels, *network.input_shape[1:]))
        if at(other, name).features == columns:
            yield 2.5, _image_cause(network, other, name, 0, 0)
        for changed, low, high in other_images(other, lambda some: last(reckoned(some, name)), columns):
            if channels != 4 and at(changed, name).features == columns:
                yield 6.7, _image_cause(network, changed, name, low, high)


def _image_cause(network: Network, changed: Network, name: str, low: int, high: int) -> Cause:
    words = wording.of_image(network, changed, low, high)
    return Cause(words.title, compared(network, changed, name), words.undo, True, name, changed)


def compared(network: Network, changed: Network, name: str) -> str:
    return f"Then {at(changed, name).in_words} instead of {at(network, name).given}."


def _changes(network: Network, name: str, columns: int) -> Iterator[Ranked]:
    for place, (change, others) in enumerate(changes_to(network, name, columns)):
        words = wording.of_change(network, change)
        why = compared(network, change.network, name) + others
        cause = Cause(words.title, why, words.undo, True, change.layers[0], change.network)
        yield rank(network, change) + place / 10_000, cause


def _widths(network: Network, name: str, columns: int) -> Iterator[Ranked]:
    """Another out_channels or out_features of the layer that makes the input."""
    source = at(network, name).source
    shape = at(network, name).shape
    if source is None or not shape:
        return
    width = source.chosen[width_of(source)]
    other, rest = divmod(columns * width, shape[-1]) if type(width) is int else (0, 1)
    changed = None if rest else with_width(network, source, other)
    if changed is not None and other != width and at(changed, name).features == columns:
        title = f"{width_of(source)}={other} in {source.name}"
        remedy = f"Write {width_of(source)}={width} in {source.name}; or, if you meant {other}, give {name} "
        remedy += f"in_features={columns}."
        yield 9.0, Cause(title, compared(network, changed, name), remedy, True, source.name, changed)


def _two_mistakes(network: Network, name: str, rows: int, columns: int) -> Iterator[Ranked]:
    """Another image or no pooling, and on top of it axes in another order or number."""
    flatten = at(network, name).flatten or name
    usual = prod(reckoned(network, flatten) or (0,))
    for place, changed, words in other_networks(network, name):
        size = prod(reckoned(changed, flatten) or (0,))
        if not size or size == usual or rows * columns % size:
            continue  # whatever the axes: a batch holds a multiple of the values of one sample
        for position, cause in layouts(changed, name, rows, columns):
            both = f"{words.title}, and {cause.title[0].lower()}{cause.title[1:]}"
            remedy = f"{words.undo} {cause.remedy}"
            yield 12 + position + place, Cause(both, cause.why, remedy, True, name, cause.network or changed)


def other_networks(network: Network, name: str) -> Iterator[tuple[float, Network, wording.Words]]:
    """What people meet most often: missing pooling, images of a usual size. The lower the number, the likelier."""
    for change in of_layers(network, name):
        if change.what == "remove" and network[change.layers[0]].stem == "pool":
            yield rank(network, change), change.network, wording.of_change(network, change)
    for place, size in enumerate(USUAL_SIZES if len(network.input_shape) == 3 else ()):
        changed = with_image(network, (size, size))
        if changed != network:
            yield 2 + place / 100, changed, wording.of_image(network, changed, size, size)
