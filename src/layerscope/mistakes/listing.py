"""The thirteen mistakes, most frequent first, made with a network."""

from functools import lru_cache

from layerscope.mistakes import building, counts, shapes
from layerscope.mistakes.mistake import Mistake, UnsuitableError
from layerscope.mistakes.subject import Subject, lacks
from layerscope.network import Network

MAKERS = (
    shapes.features, shapes.channels, counts.maps, shapes.kernel, shapes.batch, shapes.view, building.init,
    counts.bias, building.same, shapes.layout, counts.words, counts.rounding, building.lazy,
)  # fmt: skip


@lru_cache(maxsize=32)
def mistakes(network: Network) -> tuple[Mistake, ...]:
    """Make each mistake with layers of `network`, really run by torch. Raises UnsuitableError: see `unsuitable`."""
    if clause := lacks(network):
        raise UnsuitableError(clause)
    subject = Subject(network)
    return tuple(make(subject) for make in MAKERS)


def unsuitable(network: Network) -> str:
    """Why the mistakes cannot be made with that network, as a clause; "" where they can."""
    try:
        mistakes(network)
    except UnsuitableError as error:
        return str(error)
    return ""
