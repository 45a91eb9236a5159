"""The engine's front door: `trace` turns a network into everything that is shown of it."""

from layerscope.network import Network
from layerscope.repair import repairs
from layerscope.steps import Trace, walk


def trace(network: Network) -> Trace:
    """Build the real torch modules of `network`, layer by layer, and say what became of each.

    A layer that does not run is a value, not an exception: the steps before it stay, its own step comes last with
    `.error`, which holds our sentence, torch's words and repairs that were tried.
    """
    return walk(network, repairs)
