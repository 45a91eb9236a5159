"""Visitors' own weights: safetensors files, by names that nobody can guess."""

from layerscope import limits
from layerscope.building import sound, unfilled_module
from layerscope.network import Network
from layerscope.study.uploaded import Weights, fitting, opened, read_weights
from layerscope.ui.keeping import Kept

BYTES = limits.WEIGHTS_FILE.most
TEXT = 4 * ((BYTES + 2) // 3)
"""Characters of a file in base64."""

FILE, TRAINED = "weights", "trained"
"""How the names begin: of a visitor's own file, and of what the Train page trained."""

kept = Kept(limits.WEIGHTS_FILES.most)


def keep(data: bytes, network: Network, instead_of: str = "", start: str = FILE) -> str:
    """Keep a file whose weights fit the network, and give its name. Raises WeightsFileError."""
    read_weights(data, network)
    return kept.keep(data, start, instead_of)


def names(name: str) -> frozenset[str]:
    """The tensors that a file holds; none where it is gone."""
    data = kept.get(name)
    return frozenset() if data is None else frozenset(opened(data))


def is_trained(name: str) -> bool:
    """Whether it is what the Train page trained."""
    return name.partition("-")[0] == TRAINED


def weights(name: str, network: Network) -> tuple[Weights, tuple[str, ...]]:
    """What fits of a file, and the network's tensors that it has no values for; all of them where it is gone."""
    data = kept.get(name)
    wanted = unfilled_module(sound(network)).state_dict()
    found = {} if data is None else fitting(opened(data), wanted)
    return found, tuple(key for key in wanted if key not in found)
