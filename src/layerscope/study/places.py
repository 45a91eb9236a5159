"""Along which axes of a network's first input its places lie: rows and columns of an image, also slices of a volume,
samples of a signal, steps of a sequence, of values or of indices.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from layerscope.catalogue import GROUPS
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network

PER_STEP = frozenset({*GROUPS["Attention"], *GROUPS["Linear"]})
"""Types that read (steps, features), as do recurrent ones and norms over the last axis."""
PER_CHANNEL = frozenset({*GROUPS["Convolution"], *GROUPS["Transposed convolution"], *GROUPS["Pooling"]})
"""Types that read (channels, length)."""
_STEPS = frozenset({"LSTM", "GRU", "RNN", "LayerNorm", "RMSNorm"})
_LENGTH = frozenset({"BatchNorm1d", "InstanceNorm1d", "GroupNorm", "SyncBatchNorm", "Flatten"})
_TURNS: dict[str, dict[str, object]] = {"Permute": {"order": (0, 2, 1)}, "Transpose": {"dim0": 1, "dim1": 2}}
_INPUT = (~0, 0)


class Places(NamedTuple):
    """How many places lie along each axis; `steps_first`: an input of (steps, features), where each step is a place."""

    sizes: tuple[int, ...]
    """(rows, columns), or (slices, rows, columns) of a volume."""
    steps_first: bool = False


def places(network: Network) -> Places:
    """The places of the first input. A signal, a sequence, or a row of values is one row."""
    shape: Shape = network.input_shape
    if len(shape) > 2:
        return Places(shape[1:])
    steps_first = len(shape) == 2 and _steps_first(network)
    return Places((1, shape[0] if steps_first else shape[-1]), steps_first)


def embeddings(network: Network) -> tuple[str, ...]:
    """The rows that look up the first input's indices, one vector for each; none where another row reads them too."""
    readers = [row for row, sources in zip(network.resolved, network.wiring, strict=True) if _INPUT in sources]
    return tuple(row.name for row in readers) if all(row.type == "Embedding" for row in readers) else ()


def _steps_first(network: Network) -> bool:
    """Whether the first row that tells the two axes apart takes the last one for features."""
    turned = {_INPUT: False}
    for number, (row, sources) in enumerate(zip(network.resolved, network.wiring, strict=True)):
        for source in sources:
            if source not in turned:
                continue
            is_turned = turned[source]
            if type(row) in PER_STEP or row.type in _STEPS:
                return not is_turned
            if type(row) in PER_CHANNEL or row.type in _LENGTH:
                return is_turned
            turned |= {(number, port): is_turned ^ _turns(row) for port in range(len(row.ports) or 1)}
    return False


def _turns(row: Layer) -> bool:
    """Whether a row makes (length, channels) of (channels, length)."""
    wanted = _TURNS.get(row.type, {})
    given = dict[str, object](_sorted(row.chosen))
    return bool(wanted) and all(given.get(name) == value for name, value in wanted.items())


def _sorted(chosen: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Arguments; those of a Transpose with the smaller axis first, negative ones counted from the front."""
    axes = {name: value % 3 for name, value in chosen.items() if name in ("dim0", "dim1") and isinstance(value, int)}
    yield from chosen.items()
    yield from zip(axes, sorted(axes.values()), strict=True)
