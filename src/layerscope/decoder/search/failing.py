"""How a network runs as it is, where it fails, and what mends it."""

from layerscope.network import Network
from layerscope.steps import Repair, Step
from layerscope.tracing import trace


def steps_of(network: Network | None) -> tuple[Step, ...]:
    """The steps that run, the failing one last; none without a network."""
    return trace(network).steps if network else ()


def failing(network: Network | None) -> Step | None:
    """The step that fails."""
    walked = steps_of(network)
    return walked[-1] if walked and walked[-1].error else None


def mending(network: Network | None) -> list[Repair]:
    """What mends the network as it is."""
    error = trace(network).error if network else None
    return [repair for repair in error.repairs if repair.complete] if error else []
