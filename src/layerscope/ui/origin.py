"""Which known network the one at hand is, or was until it was changed; and what it is called for that."""

from functools import cache

from layerscope.network import Network
from layerscope.presets import PRESETS, TITLES, key_of

CUSTOM = "Custom network"
_DEFAULT = " (default)"


def known(network: Network, beginning: Network | None = None) -> tuple[str | None, bool]:
    """The key of the known network that this one is, or was, and whether it was changed; None where it was none.

    `beginning` is the network that was loaded or opened before the changes, where that is known.
    """
    if not network.layers:
        return None, False
    if (key := key_of(network)) is not None:
        return key, False
    structure = _structure(network)
    alike = (key for key in PRESETS if _preset_structure(key) == structure)
    key = (key_of(beginning) if beginning is not None else None) or next(alike, None)
    return key, key is not None


def title(network: Network, beginning: Network | None = None) -> str:
    """A known network's title, with "changed" where it was; "Custom network" for any other."""
    key, is_changed = known(network, beginning)
    if key is None:
        return CUSTOM
    return f"{plain_title(key)}, changed" if is_changed else TITLES[key]


def plain_title(key: str) -> str:
    """A known network's title alone: changed, it is the default no more."""
    return TITLES[key].removesuffix(_DEFAULT)


def _structure(network: Network) -> tuple[object, ...]:
    rows = tuple((layer.name, layer.type, layer.inputs) for layer in network.layers)
    return network.input_shape, rows, network.outputs


@cache
def _preset_structure(key: str) -> tuple[object, ...]:
    return _structure(PRESETS[key])
