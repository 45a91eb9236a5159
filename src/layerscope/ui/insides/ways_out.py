"""What would work where a network or a layer is too large to look inside: a smaller input, or another layer."""

from collections.abc import Iterator
from typing import Any

from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.class_maps import missing
from layerscope.study.inside import complaint, up_to
from layerscope.tracing import trace
from layerscope.ui.insides import heat
from layerscope.ui.insides.calculating import is_written_out, too_large

Part = dict[str, Any]
SMALLER = "smaller-input"
"""The event that takes the smaller input."""
PARTS = 8
"""An image is tried with so many eighths of its sides: those that networks halve again and again still run."""


def lacking(network: Network, name: str, lens: str) -> str:
    """Why a row, or with "class" the whole network, is not looked into; "" where it is."""
    if lens == "class":
        return heat.lacking(trace(network))
    traced = trace(up_to(network, name))
    return complaint(traced) or (too_large(traced.steps[-1]) if lens == "window" else "")


def smaller_input(network: Network, name: str, lens: str) -> Network | None:
    """The network on the largest smaller image that is looked into; None where there is none, or no image."""
    channels, *sizes = network.input_shape
    if len(network.inputs) != 1 or len(sizes) < 2 or network.inputs[0].kind != "values":
        return None
    for part in range(PARTS - 1, 0, -1):
        smaller = network.with_input((channels, *(max(1, size * part // PARTS) for size in sizes)))
        if trace(smaller).error is None and not lacking(smaller, name, lens):
            return smaller
    return None


def ways_out(network: Network, name: str, lens: str, may_change: bool) -> list[Part]:
    """The buttons beside what `lacking` says; none where the network, or the row, is not too large but wrong."""
    traced = trace(network)
    if traced.error is not None or not _is_too_large(traced, name, lens):
        return []
    found = []
    if may_change and (smaller := smaller_input(network, name, lens)) is not None:
        found.append({"key": SMALLER, "value": None, "label": f"Make the input {shape_text(smaller.input_shape[1:])}"})
    if lens == "class":
        return [*found, {"key": "lens", "value": "maps", "label": "See what a layer outputs"}]
    return [
        *found,
        *({"key": "select", "value": one, "label": f"Look at {one}"} for one in _nearest(network, name, lens)),
    ]


def _is_too_large(traced: Trace, name: str, lens: str) -> bool:
    if lens == "class":
        return bool(heat.lacking(traced)) and not missing(traced)
    return bool(lacking(traced.network, name, lens))


def _nearest(network: Network, name: str, lens: str) -> Iterator[str]:
    """The last row before that one which is looked into; or else the first one after it."""
    names = network.names
    place = network.index(name)
    low, high = 0, place  # what a sample takes up to a row only grows
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if complaint(trace(up_to(network, names[middle]))) else (middle + 1, high)
    for one in [*reversed(names[:low]), *(names[place + 1 :] if low == place else ())]:
        if (lens != "window" or is_written_out(network[one])) and not lacking(network, one, lens):
            yield one
            return
