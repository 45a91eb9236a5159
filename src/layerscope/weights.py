"""A network's weights as torch initialises them, in safetensors form.

The keys are those of the written code's state_dict, which are the same in every style, so that
`Network().load_state_dict(safetensors.torch.load_file(path))` takes them.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import safetensors.torch

from layerscope.building import module
from layerscope.formatting import bytes_text
from layerscope.interchange import to_json
from layerscope.layers.opaque import complaint_about_running
from layerscope.network import Network
from layerscope.steps import BYTES_PER_VALUE, Step
from layerscope.tracing import trace

LARGEST_WEIGHTS = 2**28
"""Bytes."""

_LENGTH = struct.Struct("<Q")
"""A safetensors file begins with the length of its header, which is JSON."""


class WeightsError(ValueError):
    """Weights that are not made; the message is a sentence for the user."""


def fresh_weights(network: Network, *, seed: int = 0) -> bytes:
    """A state_dict with freshly initialised weights in float32, buffers included, as the bytes of a safetensors file.

    The values are those of `torch.manual_seed(seed); Network()` in a program of its own; the random state of this one
    stays as it is. The metadata hold the network as JSON. Raises WeightsError where the network does not run or its
    weights are too large.
    """
    if wrong := complaint(network):
        raise WeightsError(wrong)
    return as_file(module(network, seed).state_dict(), {"network": to_json(network)})


def as_file(values: Mapping[str, Any], metadata: Mapping[str, str]) -> bytes:
    """A state_dict as the bytes of a safetensors file; the same values give the same bytes."""
    return _in_order(safetensors.torch.save(_apart(values), {"format": "pt", **metadata}))


def _apart(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same tensors, a copy where two names hold one: the form takes each name with memory of its own, and a
    module whose tensors are tied loads both."""
    seen: set[int] = set()
    found: dict[str, Any] = {}
    for name, value in values.items():
        found[name] = value.clone() if value.data_ptr() in seen else value
        seen.add(value.data_ptr())
    return found


def complaint(network: Network) -> str:
    """Why weights of this network are not made, as a sentence; "" where they are. Nothing is built for it."""
    story = trace(network)
    if story.error is not None:
        reason = f"{story.steps[-1].name} does not run: {story.error.message}"
        return f"{reason} Until it does, the shapes of its weights are not known."
    if unknown := complaint_about_running(network.layers):
        return unknown
    sizes = {step.name: BYTES_PER_VALUE * (_held(step) + _averages(step)) for step in story.steps}
    total = sum(sizes.values())
    if total <= LARGEST_WEIGHTS:
        return ""
    largest = max(sizes, key=sizes.__getitem__)
    return (
        f"These weights would take {bytes_text(total)}; this server exports at most {bytes_text(LARGEST_WEIGHTS)}. "
        f"The largest part is {largest} with {bytes_text(sizes[largest])}. The exported code has no such limit: "
        "it creates fresh weights where it runs."
    )


def _held(step: Step) -> int:
    """How many values stand in the file under the row's name: tied tensors stand there under each of their names."""
    return step.parameters + step.tied_parameters


def _averages(step: Step) -> int:
    """At most so many values are kept besides what is learned: the running averages of a normalization."""
    return 2 * step.input_shape[0] + 2 if step.arguments.get("track_running_stats") else 0


def _in_order(data: bytes) -> bytes:
    """The same file with its metadata in one order; safetensors writes them in another each time."""
    start = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    header = json.loads(data[_LENGTH.size : start])
    text = json.dumps(
        {"__metadata__": dict(sorted(header.pop("__metadata__").items())), **header}, separators=(",", ":")
    )
    text += " " * (-len(text) % _LENGTH.size)  # the tensors begin at a multiple of eight
    return b"".join((_LENGTH.pack(len(text)), text.encode("ascii"), memoryview(data)[start:]))
