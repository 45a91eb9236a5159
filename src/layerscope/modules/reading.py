"""A network from a live model: `from_module(model, input_size=(1, 3, 224, 224))`."""

import inspect
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from layerscope import limits
from layerscope.layers.base import Layer
from layerscope.modules.given import Given, ModuleError, given_as
from layerscope.modules.record import Asked, Reason, Source, Stop
from layerscope.modules.recorder import CONTAINERS
from layerscope.modules.rows import Rows, unused
from layerscope.modules.sample import Sample
from layerscope.modules.sampling import nothing_changed, sample_of
from layerscope.modules.stopping import sentence
from layerscope.network import Input, Network, NetworkError

__all__ = ["ModuleError", "Reading", "from_module", "read"]

Size = Sequence[int]


@dataclass(frozen=True)
class Reading:
    """What was read: the network, the parameters that `forward` never reads, and why it ended early, if it did."""

    network: Network
    unused_parameters: int = 0
    stop: Stop | None = None
    asked: Asked | None = None
    """Where the numbers in the input decided what was called next."""
    sharing: Mapping[str, str] = field(default_factory=dict)
    """Rows that were measured because they share weights with another row, though not all, or of another type."""
    masked: tuple[str, ...] = ()
    """Rows of attention whose masks are not shown: they change no shape and no count."""


def from_module(
    model: nn.Module,
    input_size: Size | Sequence[Size] | None = None,
    input_data: Any = None,
) -> Network:
    """The network of a live model, under the model's own names.

    Args:
        model: any `nn.Module`, on any device. It is neither run nor moved nor changed: a copy without weights is.
        input_size: the size of its input with the batch axis, such as (1, 3, 224, 224); a list of sizes for several.
        input_data: tensors instead of sizes, where the inputs are indices or have names: a tensor, a list of them, or
            a mapping from the names of `forward`'s arguments.

    Raises:
        ModuleError: the model does not run on that input (`network` then holds the rows before the one that does not),
            or it cannot be held as a network.
    """
    reading = read(model, input_size, input_data)
    if reading.stop is not None:
        raise ModuleError(sentence(reading.stop), reading.network, reading.stop.path, reading.stop.words)
    return reading.network


def read(model: nn.Module, input_size: Any = None, input_data: Any = None) -> Reading:
    """The same, but a model that does not run gives the rows before the one that does not, and why."""
    if not isinstance(model, nn.Module):
        raise ModuleError(f"model is of type {type(model).__name__}; pass an nn.Module such as nn.Sequential(...).")
    if isinstance(model, torch.jit.ScriptModule):
        raise ModuleError(
            "This is a compiled TorchScript module, which hides its calls; pass the nn.Module it was made from."
        )
    model = getattr(model, "_orig_mod", model)  # what torch.compile was given
    given = given_as(input_size, input_data)
    try:
        reading = _read(model, given)
    except ModuleError as error:
        if (batched := _with_batch(model, input_size)) is None:
            raise
        raise ModuleError(sentence(batched), error.network) from error
    stop = reading.stop
    if stop is not None and stop.reason is None and (batched := _with_batch(model, input_size)) is not None:
        return replace(reading, stop=replace(batched, words=stop.words))
    return reading


def _with_batch(model: nn.Module, input_size: Any) -> Stop | None:
    """Where the model runs on one sample of that size: what is wrong is that the size lacks the batch."""
    if not isinstance(input_size, Sequence) or not input_size:
        return None
    is_one = isinstance(input_size[0], int)
    try:
        longer = [(1, *size) for size in ([input_size] if is_one else input_size)]
        if _read(model, given_as(longer, None)).stop is not None:
            return None
    except (ModuleError, TypeError):
        return None
    return Stop("", type(model).__name__, str(longer[0] if is_one else longer), "", reason=Reason.NO_BATCH)


def _read(model: nn.Module, given: Given) -> Reading:
    with nothing_changed():
        whole: frozenset[type[nn.Module]] = frozenset()
        while True:
            sample, double = sample_of(model, given, whole)
            rows = Rows(sample, _input_names(sample, double, given), [path for path, _ in double.named_modules()])
            outputs = _outputs(rows, sample)
            last = [rows.layers[-1].name] if rows.layers and sample.stop else []
            layers = rows.pruned([*outputs, *last])
            widest = _widest(double, layers, whole) if len(layers) > limits.LAYERS.most else None
            if widest is None:
                return _reading(sample, double, rows, layers, outputs)
            whole |= {widest}


def _widest(double: nn.Module, layers: Sequence[Layer], whole: Collection[type]) -> type[nn.Module] | None:
    """The class of modules that holds most rows: where there are too many, such a module is shown as one row."""
    modules = dict(double.named_modules())
    count: Counter[type[nn.Module]] = Counter()
    for layer in layers:
        module = modules.get(layer.name.rpartition(".")[0])
        if module is not None and module is not double and not isinstance(module, CONTAINERS):
            count[type(module)] += 1
    return next((kind for kind, rows in count.most_common() if rows > 1 and kind not in whole), None)


def _reading(sample: Sample, double: nn.Module, rows: Rows, layers: Sequence[Layer], outputs: Sequence[str]) -> Reading:
    values = [v for v, value in enumerate(sample.record.values) if value.source is Source.INPUT]
    names = {v: rows.references[v] for v in values}
    try:
        declared = tuple(
            Input(name, sample.values[v].shape, *_kind(sample, v, layers, name)) for v, name in names.items()
        )
        network = Network(declared[0].shape, tuple(layers), None, declared, () if sample.stop else tuple(outputs))
        network = _with_classes(network)
    except NetworkError as error:
        raise ModuleError(f"This model cannot be shown as a network: {error}") from error
    sharing = {name: owner for name, owner in rows.sharing.items() if name in network.names}
    masked = tuple(name for name in rows.masked if name in network.names)
    return Reading(network, unused(double, sample), sample.stop, sample.asks(Reason.VALUES), sharing, masked)


def _input_names(sample: Sample, double: nn.Module, given: Given) -> dict[int, str]:
    """The inputs by the names of `forward`'s arguments; a single one is just "input"."""
    values = [v for v, value in enumerate(sample.record.values) if value.source is Source.INPUT]
    if len(values) == 1:
        return {values[0]: "input"}
    parameters = [*inspect.signature(type(double).forward).parameters][1:]
    parts = (*zip(parameters, given.args, strict=False), *given.kwargs.items())
    names = [name for name, part in parts if isinstance(part, torch.Tensor)]
    taken = {path for path, _ in double.named_modules()}
    sound = len(names) == len(values) and all(map(str.isidentifier, names)) and taken.isdisjoint(names)
    return dict(zip(values, names if sound else [f"input{n}" for n in range(1, len(values) + 1)], strict=True))


def _kind(sample: Sample, value: int, layers: Sequence[Layer], name: str) -> tuple[Any, ...]:
    """Whether an input holds indices, and how many there may be."""
    if sample.values[value].value.dtype.is_floating_point:
        return ("values",)
    highs = [
        layer.num_embeddings
        for place, layer in enumerate(layers)
        if hasattr(layer, "num_embeddings") and (name in layer.inputs or (not layer.inputs and place == 0))
    ]
    return "indices", min(highs, default=None)


def _outputs(rows: Rows, sample: Sample) -> list[str]:
    """What leaves the network, by name; an output that no row gives has no name."""
    names = [rows.references.get(value, "") for _, value in sample.outputs]
    known = {layer.name for layer in rows.layers}
    return [*dict.fromkeys(name for name in names if name.partition(":")[0] in known)]


def _with_classes(network: Network) -> Network:
    """The network with its number of classes, where its last layer has one."""
    if not network.layers or len(network.output_names) != 1:
        return network
    last = next((layer for layer in reversed(network.layers) if layer.head is not None and not layer.of), None)
    if last is None:
        return network
    width = getattr(last, str(last.head))
    try:
        tried = replace(network, classes=width)
    except NetworkError:
        return network
    return tried if tried.head == last.name and tried.resolved == network.layers else network
