"""The network makes another number arrive than the in_features that was written by hand: where does that come from?"""

from collections.abc import Iterator

from layerscope.decoder import wording
from layerscope.decoder.answer import Cause
from layerscope.decoder.arrivals import arrival, arriving, features, is_usual, last, other_images, reckoned
from layerscope.decoder.matching import changes_to
from layerscope.decoder.mistakes import rank, source_of, width_of, with_width
from layerscope.explain import product_text
from layerscope.formatting import shape_text
from layerscope.network import MOST_LAYERS, Network

MOST = 8


def causes(network: Network, name: str, wanted: int) -> list[Cause]:
    """Networks in which `wanted` would be right, each traced; last the plain correction of in_features."""
    found = [*_flatten(network, name, wanted), *_images(network, name, wanted), *_changes(network, name, wanted)]
    found += _width(network, name, wanted)
    ordered = [cause for _, cause in sorted(found, key=lambda ranked: ranked[0])]
    return [*ordered[:MOST], _correction(network, name, wanted)]


def _flatten(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    shape = arrival(network, name) or ()
    if len(shape) < 2 or len(network.layers) >= MOST_LAYERS:
        return
    changed = network.insert(network.index(name), "Flatten")
    if features(changed, name) == wanted:
        why = (
            f"{shape_text(shape)} arrives at {name}, which acts on the last axis of {shape[-1]} only. "
            f"Flattened it is {product_text(shape)} = {wanted:,} values, as in_features says."
        )
        remedy = f"Write x = torch.flatten(x, start_dim=1) before {name}."
        yield 0.0, Cause("Not flattened", why, remedy, True, name, changed, mends=True)


def _images(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    for changed, low, high in other_images(network, lambda other: last(reckoned(other, name)), wanted):
        if features(changed, name) != wanted:
            continue
        words = wording.of_image(network, changed, low, high)
        title = f"in_features is written for other inputs: {words.title[0].lower()}{words.title[1:]}"
        place = 2.0 if is_usual(low, high) else 6.5
        yield place, Cause(title, _compared(network, changed, name), words.do, True, name, changed, mends=True)


def _changes(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    for change, others in changes_to(network, name, wanted):
        words = wording.of_change(network, change)
        title = f"in_features counts otherwise: {words.title[0].lower()}{words.title[1:]}"
        why = _compared(network, change.network, name) + others
        yield rank(network, change), Cause(title, why, words.do, True, change.layers[0], change.network, mends=True)


def _width(network: Network, name: str, wanted: int) -> Iterator[tuple[float, Cause]]:
    source, shape = source_of(network, name), arrival(network, name)
    if source is None or not shape or type(source.chosen[width_of(source)]) is not int:
        return
    width = source.chosen[width_of(source)]
    other, rest = divmod(wanted * width, shape[-1])
    changed = None if rest else with_width(network, source, other)
    if changed is not None and features(changed, name) == wanted:
        title = f"in_features is written for {width_of(source)}={other} in {source.name}"
        remedy = f"Write {width_of(source)}={other} in {source.name}."
        yield 9.0, Cause(title, _compared(network, changed, name), remedy, True, source.name, changed, mends=True)


def _compared(network: Network, changed: Network, name: str) -> str:
    return f"Then {arriving(changed, name)} at {name}; as the network is, {arriving(network, name)}."


def _correction(network: Network, name: str, wanted: int) -> Cause:
    count = features(network, name)
    why = f"in_features is no free choice: {arriving(network, name)} at {name}. {wanted:,} was written."
    width = network.resolved[network.index(name)].chosen["out_features"]
    remedy = f"If the layers before {name} are as you want them: self.{name} = nn.Linear({count}, {width})."
    return Cause(f"in_features of {name} does not count what arrives", why, remedy, True, name, network, mends=True)
