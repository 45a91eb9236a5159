"""A network as code holds it: input sizes are numbers that somebody wrote, and nothing adapts by itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from layerscope.mistakes.mistake import LARGEST_WEIGHT, UnsuitableError, provoked
from layerscope.mistakes.subject import sample
from layerscope.network import Network, NetworkError
from layerscope.steps import Step, Trace
from layerscope.tracing import trace

IN_VALUES = ("in_channels", "in_features", "num_features")
MOST_BREAKS = 3
MOST_SIZE, MOST_KERNEL = 48, 13


@dataclass(frozen=True)
class Failure:
    """Where torch stops, in its own words; `label` is the written value that does not fit ("" for another reason)."""

    layer: str
    message: str
    label: str


@dataclass(frozen=True)
class Break:
    """A number to change so that another one no longer fits. `changed` gives the network that torch would accept."""

    key: str
    label: str
    told: str
    """The change as a clause, with {} for the value."""
    low: int
    high: int
    start: int
    suggested: int
    follows: str
    """The written value that must follow, such as "fc1.in_features"."""
    changed: Callable[[int], Network]


def written(network: Network) -> dict[str, int]:
    """The input sizes that code for the network holds, such as "conv2.in_channels": 6."""
    return _in_values(trace(network))


def _in_values(traced: Trace) -> dict[str, int]:
    return {
        f"{step.name}.{name}": step.arguments[name]
        for step in traced.steps
        if not step.layer.of
        for name in IN_VALUES
        if type(step.arguments.get(name)) is int
    }


def run(network: Network, values: Mapping[str, int]) -> Failure | None:
    """Where torch stops with these written values; None where it runs. Raises UnsuitableError for a huge layer."""
    for step in trace(network).steps:
        if step.error is not None:
            return Failure(step.name, step.error.torch_message or step.error.message, "")
        for name in IN_VALUES:
            label = f"{step.name}.{name}"
            if label in values and values[label] != step.arguments.get(name):
                return Failure(step.name, _refused(step, name, values[label]), label)
    return None


def _refused(step: Step, name: str, value: int) -> str:
    """What torch says of the layer with that value written, on a batch of two."""
    arguments: dict[str, Any] = {**step.arguments, name: value}

    def act() -> None:
        module: nn.Module = step.layer.torch_class(**arguments, device="meta")
        if sum(each.numel() for each in module.parameters()) > LARGEST_WEIGHT:
            raise UnsuitableError("its weights are too large to be built here")
        module.to_empty(device="cpu")(sample(step.input_shape))

    return provoked(act)


def breaks(network: Network) -> tuple[Break, ...]:
    """Changes of one number after which exactly one written value must follow, from the input on."""
    before = written(network)
    found: dict[str, Break] = {}
    for key, label, told, low, high, start, wanted, changed in _candidates(network):
        for value in wanted:
            if not low <= value <= high or value == start:
                continue
            seen = trace(changed(value))
            if seen.error:
                continue
            after = _in_values(seen)
            different = [name for name in before if after.get(name) != before[name]]
            if len(different) == 1:
                found.setdefault(key, Break(key, label, told, low, high, start, value, different[0], changed))
                break
    return tuple(found.values())[:MOST_BREAKS]


_Candidate = tuple[str, str, str, int, int, int, tuple[int, ...], Callable[[int], Network]]


def _candidates(network: Network) -> Iterator[_Candidate]:
    convolutions = [step for step in trace(network).steps if step.type == "Conv2d" and not step.layer.of]
    if not convolutions or len(network.input_shape) != 3:
        return
    channels, height, width = network.input_shape
    told = "The number of image channels becomes {}"
    yield (
        "colors", "image channels", told, 1, 4, channels, (1 if channels == 3 else 3,),
        lambda value: network.with_input((value, height, width)),
    )  # fmt: skip
    first, last = convolutions[0], convolutions[-1]
    count, groups = first.arguments["out_channels"], first.arguments["groups"]
    if groups == 1:
        label = f"{first.name}.out_channels"
        yield (
            "filters", label, f"{label} becomes {{}}", 1, 2 * count, count, (count + 2, count + 1),
            _with_argument(network, first.name, "out_channels"),
        )  # fmt: skip
    kernel = last.arguments["kernel_size"]
    if type(kernel) is int:
        label, high = f"{last.name}.kernel_size", max(kernel, min(last.input_shape[1] + 1, MOST_KERNEL))
        yield (
            "kernel", label, f"{label} becomes {{}}", 1, high, kernel, (kernel - 2, kernel - 1, kernel + 2, kernel + 1),
            _with_argument(network, last.name, "kernel_size"),
        )  # fmt: skip
    if height == width and height < MOST_SIZE:
        told = "The height and width of the images become {}"
        yield (
            "size", "image height and width", told, 8, MOST_SIZE, height, (32, 28, height + 8, height + 16),
            lambda value: network.with_input((channels, value, value)),
        )  # fmt: skip


def _with_argument(network: Network, name: str, argument: str) -> Callable[[int], Network]:
    def changed(value: int) -> Network:
        try:
            return network.with_argument(name, argument, value)
        except NetworkError:  # a width that is the number of classes
            return network

    return changed
