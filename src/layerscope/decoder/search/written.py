"""The network makes another number arrive than the in_features that was written by hand: where does that come from?"""

from collections.abc import Collection, Iterator
from math import prod

from layerscope.decoder import wording
from layerscope.decoder.answer import Cause
from layerscope.decoder.search.at import at, last, reckoned
from layerscope.decoder.search.changed_networks import rank, width_of, with_width
from layerscope.decoder.search.matching import changes_to
from layerscope.decoder.search.other_images import other_images
from layerscope.decoder.search.ranking import likeliest_first
from layerscope.decoder.search.usual import is_usual
from layerscope.decoder.wording import pixels
from layerscope.explain import product_text
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import MOST_LAYERS, Network
from layerscope.repair import inserted_before
from layerscope.source.mismatch import in_style
from layerscope.source.reading import Written

MOST = 8
SMALLEST_ADVISED = 8
"""Cells along an axis of the smallest images in use: nobody should resize to fewer."""
IMAGE_AXES = 3
MOST_WINDOWS = 2
"""A learner who typed a number by hand rarely meant another kernel."""
UNUSUAL = 6.5
"""The rank of images of a size that people rarely meet."""


def causes(network: Network, name: str, wanted: int, code: Collection[Written] = ()) -> list[Cause]:
    """The values were miscounted, so the corrected line comes first; then networks in which `wanted` is right, each
    traced. Only a missing flatten comes before: then the count was right. `code` are the in-values that the code holds:
    the right number is written in the manner of the wrong one.
    """
    text = next((each.text for each in code if (each.layer, each.parameter) == (name, "in_features")), "")
    images = list(_images(network, name, wanted))
    found = [*_flatten(network, name, wanted, text), *images, *_changes(network, name, wanted)]
    found += _width(network, name, wanted)
    usual = [cause.network.input_shape for rank, cause in images if cause.network and rank < UNUSUAL]
    if not _are_maps(network, name):
        found.append((1.0, _correction(network, name, wanted, text, usual[0] if usual else None)))
    return [cause for _, cause in likeliest_first(found, windows=MOST_WINDOWS)][:MOST]


def _flatten(network: Network, name: str, wanted: int, text: str) -> Iterator[tuple[float, Cause]]:
    shape = at(network, name).shape or ()
    if len(shape) < 2 or len(network.layers) >= MOST_LAYERS:
        return
    changed = inserted_before(network, network.index(name), "Flatten")
    if at(changed, name).features != wanted:
        if _are_maps(network, name):
            yield 0.0, _unflattened(network, changed, name, wanted, text)
        return
    why = (
        f"{shape_text(shape)} reaches {name}, which acts only on the last axis, of {shape[-1]}. "
        f"Flattened, it is {product_text(shape)} = {wanted:,} values, as in_features says."
    )
    remedy = f"Write x = torch.flatten(x, start_dim=1) before {name}."
    yield 0.0, Cause("Not flattened", why, remedy, True, name, changed, mends=True)


def _are_maps(network: Network, name: str) -> bool:
    """Whether feature maps reach the layer: they come from a convolution or pooling, and kept their axes since."""
    for layer in at(network, name).way_back:
        if layer.dims or not layer.keeps_channels:
            return bool(layer.dims)
    return False


def _unflattened(network: Network, changed: Network, name: str, wanted: int, text: str) -> Cause:
    """Maps reach the layer, and in_features is not the number of their values either: both have to be put right."""
    shape, width = at(network, name).shape or (), network.resolved[network.index(name)].chosen["out_features"]
    why = (
        f"{shape_text(shape)} reaches {name}, which acts only on the last axis, of {shape[-1]}. "
        f"Flattened, it is {product_text(shape)} = {prod(shape):,} values, not the {wanted:,} of in_features."
    )
    remedy = f"Write x = torch.flatten(x, start_dim=1) before {name}, and "
    remedy += f"nn.Linear({in_style(text, prod(shape), shape)}, {width})."
    return Cause("Not flattened, and in_features is a different number", why, remedy, True, name, changed, mends=True)


def _images(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    for changed, low, high in other_images(network, lambda other: last(reckoned(other, name)), wanted):
        if at(changed, name).features != wanted:
            continue
        words = wording.of_image(network, changed, low, high)
        title = f"in_features counts {words.title[0].lower()}{words.title[1:]}"
        if len(changed.input_shape) == IMAGE_AXES and high < SMALLEST_ADVISED:
            continue
        place = 2.0 if is_usual(low, high) else UNUSUAL
        yield place, Cause(title, _compared(network, changed, name), words.do, True, name, changed, mends=True)


def _changes(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    for change, others in changes_to(network, name, wanted):
        words = wording.of_change(network, change)
        title = f"in_features is right for another network: {words.title[0].lower()}{words.title[1:]}"
        why = _compared(network, change.network, name) + others
        place = rank(network, change)
        place = 3.0 if place < 2.0 else place  # pooling after all layers
        cause = Cause(title, why, words.do, True, change.layers[0], change.network, True, words.title)
        yield place, cause


def _width(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    source, shape = at(network, name).source, at(network, name).shape
    if source is None or not shape or type(source.chosen[width_of(source)]) is not int:
        return
    width = source.chosen[width_of(source)]
    other, rest = divmod(wanted * width, shape[-1])
    changed = None if rest else with_width(network, source, other)
    if changed is not None and at(changed, name).features == wanted:
        title = f"in_features is right for {width_of(source)}={other} in {source.name}"
        remedy = f"Write {width_of(source)}={other} in {source.name}."
        yield 6.9, Cause(title, _compared(network, changed, name), remedy, True, source.name, changed, mends=True)


def _compared(network: Network, changed: Network, name: str) -> str:
    return f"Then {at(changed, name).in_words} instead of {at(network, name).given}."


def _correction(network: Network, name: str, wanted: int, text: str, image: Shape | None) -> Cause:
    """The line with the actual number; `image` is a usual input for which `wanted` would be right."""
    count, width = at(network, name).features, network.resolved[network.index(name)].chosen["out_features"]
    counted = f"; {wanted:,} is right for inputs of {pixels(image)}" if image else f", but you wrote {wanted:,}"
    why = f"{at(network, name).in_words}{counted}. in_features cannot be chosen freely: the layers before it decide."
    factors = _factors(network, name)
    right = in_style(text, count, factors)
    of = f": {count} = {' * '.join(map(str, factors))}" if len(factors) > 1 and right == str(count) else ""
    remedy = f"Write self.{name} = nn.Linear({right}, {width}){of}."
    title = f"in_features of {name} does not match its input: nn.Linear({right}, {width})"
    return Cause(title, why, remedy, True, name, network, mends=True)


def _factors(network: Network, name: str) -> Shape:
    """The shape whose product arrives in one row, as before a Flatten."""
    here = at(network, name)
    shape, before = here.shape or (), here.maps or ()
    return before if prod(before) == prod(shape) and len(shape) == 1 else shape[-1:]
