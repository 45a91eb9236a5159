"""A network from a live model: `from_module(model, input_size=(1, 3, 224, 224))`."""

import inspect
import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map

from layerscope import limits
from layerscope.layers.base import Layer
from layerscope.modules.double import meta_double, real_double
from layerscope.modules.record import Record, Source, Stop
from layerscope.modules.recorder import CONTAINERS, Recorder
from layerscope.modules.rows import Rows, unused
from layerscope.modules.sample import Sample, Unlike
from layerscope.modules.stopping import sentence
from layerscope.network import Input, Network, NetworkError

BATCHES = (2, 3)
"""Two runs tell which axis is the batch; a batch of one would be taken away by squeeze()."""

Size = Sequence[int]


class ModuleError(ValueError):
    """A model that gives no network; the message is a sentence.

    `network` holds the rows before the one that does not run, as far as there are any; `path` is that module's path,
    and `torch_message` are torch's own words.
    """

    def __init__(self, message: str, network: Network | None = None, path: str = "", torch_message: str = "") -> None:
        super().__init__(message)
        self.network, self.path, self.torch_message = network, path, torch_message


@dataclass(frozen=True)
class Reading:
    """What was read: the network, the parameters that `forward` never reads, and why it ended early, if it did."""

    network: Network
    unused_parameters: int = 0
    stop: Stop | None = None


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
        raise ModuleError(f"model is a {type(model).__name__}; an nn.Module such as nn.Sequential(...) would work.")
    if isinstance(model, torch.jit.ScriptModule):
        raise ModuleError(
            "This is a compiled TorchScript module, which hides what it calls; give the nn.Module it was made from."
        )
    model = getattr(model, "_orig_mod", model)  # what torch.compile was given
    given = _given(input_size, input_data)
    with _nothing_changed():
        whole: frozenset[type[nn.Module]] = frozenset()
        while True:
            sample, double = _sample(model, given, whole)
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


@dataclass(frozen=True)
class _Given:
    """The inputs as they were given; sizes are tensors on the meta device."""

    args: tuple[torch.Tensor, ...]
    kwargs: dict[str, Any]

    @property
    def tensors(self) -> list[torch.Tensor]:
        return [part for part in (*self.args, *self.kwargs.values()) if isinstance(part, torch.Tensor)]

    def with_batch(self, batch: int, axis: int, device: torch.device) -> "_Given":
        """Other tensors of the same sizes but that of the batch."""

        def other(tensor: Any) -> Any:
            if not isinstance(tensor, torch.Tensor):
                return tensor
            size = [*tensor.shape]
            size[axis if len(size) > axis else 0] = batch
            return torch.zeros(size, dtype=tensor.dtype, device=device)

        return _Given(tree_map(other, self.args), tree_map(other, self.kwargs))


def _given(input_size: Any, input_data: Any) -> _Given:
    if (input_size is None) == (input_data is None):
        raise ModuleError("Give input_size, such as (1, 3, 224, 224) with the batch in front, or input_data, not both.")
    if input_data is None:
        sizes = [input_size] if all(isinstance(size, int) for size in input_size) else list(input_size)
        if not sizes or any(not len(size) or not all(type(n) is int and n > 0 for n in size) for size in sizes):
            raise ModuleError(
                "input_size is a size with the batch in front, such as (1, 3, 224, 224), or a list of them."
            )
        return _Given(tuple(torch.empty(tuple(size), device="meta") for size in sizes), {})
    if isinstance(input_data, Mapping):
        return _checked(_Given((), dict(input_data)))
    return _checked(_Given((input_data,) if isinstance(input_data, torch.Tensor) else tuple(input_data), {}))


def _checked(given: _Given) -> _Given:
    if not given.tensors or any(tensor.dim() == 0 for tensor in given.tensors):
        raise ModuleError(
            "input_data is a tensor with the batch in front, a list of them, or a mapping of names to them."
        )
    return given


@contextmanager
def _nothing_changed() -> Iterator[None]:
    """Random numbers continue afterwards as if nothing had been run."""
    state = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(state)


def _sample(model: nn.Module, given: _Given, whole: Collection[type[nn.Module]]) -> tuple[Sample, nn.Module]:
    """The model's calls: on two batches without weights, or once with them where values decide what is called."""
    first = _without_weights(model, given, whole)
    if first is not None and first[0].stop is None:
        return first
    weights = [*model.parameters(), *model.buffers()]
    really = None
    if not any(tensor.is_meta for tensor in weights):
        with suppress(Exception):  # a part that cannot be copied
            really = real_double(model)
    if really is not None:
        record = _run(really, given, weights[0].device if weights else torch.device("cpu"), None, 0, whole)
        if record.stop is None or first is None or len(record.calls) >= len(first[0].calls):
            return Sample(record), really
    if first is None:
        raise ModuleError("A part of this model cannot be copied, so it cannot be read without being changed.")
    return first


def _without_weights(
    model: nn.Module, given: _Given, whole: Collection[type[nn.Module]]
) -> tuple[Sample, nn.Module] | None:
    """The calls of a copy on the meta device; None where a part cannot be copied."""
    try:
        double = meta_double(model)
    except Exception:  # whatever a part of the model raises when it is copied
        return None
    _fill_lazy(double, given)
    sample = _compared(double, given, 0, whole)
    if sample.stop is None and _has_batch_second(sample):
        turned = _compared(double, given, 1, whole)
        sample = turned if turned.stop is None else sample
    return sample, double


def _fill_lazy(double: nn.Module, given: _Given) -> None:
    """Modules that learn their sizes from their first input (nn.LazyLinear) meet it, in the double only."""
    if not any(map(is_lazy, (*double.parameters(), *double.buffers()))):
        return
    met = given.with_batch(BATCHES[0], 0, torch.device("meta"))
    with torch.no_grad(), suppress(Exception):  # what stops it stops the recorded run too, and is told there
        double(*met.args, **met.kwargs)


def _compared(double: nn.Module, given: _Given, axis: int, whole: Collection[type[nn.Module]]) -> Sample:
    device = torch.device("meta")
    records = [_run(double, given, device, batch, axis, whole) for batch in BATCHES]
    if records[0].stop is None and records[1].stop is None:
        try:
            return Sample(*records)
        except Unlike:
            pass
    elif records[0].stop is not None and records[1].stop is not None:
        try:
            return Sample(*records)
        except Unlike:
            return Sample(records[0])
    return Sample(_run(double, given, device, None, axis, whole))


def _run(
    double: nn.Module,
    given: _Given,
    device: torch.device,
    batch: int | None,
    axis: int,
    whole: Collection[type[nn.Module]],
) -> Record:
    sizes = given.tensors[0].shape
    size = sizes[axis if len(sizes) > axis else 0]
    if batch is None and not any(tensor.is_meta for tensor in given.tensors):
        moved = _Given(
            *(
                tree_map(lambda part: part.to(device) if isinstance(part, torch.Tensor) else part, tree)
                for tree in (given.args, given.kwargs)
            )
        )
    else:
        moved = given.with_batch(batch or size, axis, device)
    return Recorder(double, device, whole).run(batch or size, moved.args, moved.kwargs)


def _has_batch_second(sample: Sample) -> bool:
    """Whether a recurrent or attention layer of the model takes the batch on its second axis."""
    return any(
        getattr(call.module, "batch_first", True) is False and call.reads and sample.values[call.reads[0]].axis == 0
        for call in sample.calls
    )


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
    return Reading(network, unused(double, sample), sample.stop)


def _input_names(sample: Sample, double: nn.Module, given: _Given) -> dict[int, str]:
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
