"""Sweeps as the server makes them: kept for a while, and large ones one at a time."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from layerscope import limits
from layerscope.network import Network
from layerscope.study.sweep import Sweep, size_of, sweep

ROWS_A_SECOND = 30_000
"""About: what a busy machine of two cores was seen to do."""

Grid = Mapping[str, Sequence[Any]]
_Key = tuple[Network, tuple[tuple[str, str], ...]]
"""The values as text: to Python `True == 1`, to torch they differ."""
_kept: OrderedDict[_Key, Sweep] = OrderedDict()
_lock, _large = Lock(), Lock()


class BusyError(RuntimeError):
    """Another large sweep is going on; the message is a sentence for the visitor."""


def known(network: Network, grid: Grid) -> Sweep | None:
    """The sweep, if it was made and is kept, or is so small that it is made at once. Raises SweepError."""
    with _lock:
        if (found := _kept.get(_key(network, grid))) is not None:
            _kept.move_to_end(_key(network, grid))
            return found
    return made(network, grid) if rows_of(network, grid) <= limits.SWEEP_AT_ONCE.most else None


def at_once(network: Network, grid: Grid) -> Sweep:
    """The sweep, kept or made now, for few values. Raises SweepError."""
    return known(network, grid) or made(network, grid)


def rows_of(network: Network, grid: Grid) -> int:
    """How many layers all its networks have together. Raises SweepError where it is refused."""
    return size_of(network, grid) * max(len(network.layers), 1)


def made(network: Network, grid: Grid, on_progress: Callable[[int, int], object] | None = None) -> Sweep:
    """Make the sweep and keep it. Raises SweepError, BusyError, and what `on_progress` raises to end it."""
    if on_progress is None:
        return _keep(network, grid, sweep(network, grid))
    if not _large.acquire(blocking=False):
        raise BusyError("Another large sweep is running on this server. Try again in a moment, or choose fewer values.")
    try:
        return _keep(network, grid, sweep(network, grid, on_progress))
    finally:
        _large.release()


def _keep(network: Network, grid: Grid, result: Sweep) -> Sweep:
    with _lock:
        _kept[_key(network, grid)] = result
        while len(_kept) > limits.SWEEPS_KEPT.most:
            _kept.popitem(last=False)
    return result


def _key(network: Network, grid: Grid) -> _Key:
    return network, tuple((key, repr(values)) for key, values in grid.items())
