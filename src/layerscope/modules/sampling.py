"""Running a copy of a live model on example inputs: twice without weights, or once with them."""

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map

from layerscope.modules.double import meta_double, real_double
from layerscope.modules.given import Given, ModuleError
from layerscope.modules.record import Reason, Record
from layerscope.modules.recorder import Recorder
from layerscope.modules.sample import Sample, Unlike

BATCHES = (2, 3)
"""Two runs tell which axis is the batch; a batch of one would be taken away by squeeze()."""


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Random numbers continue afterwards as if nothing had been run; here they are the same each time."""
    state = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            random.seed(0)
            torch.manual_seed(0)
            yield
    finally:
        random.setstate(state)


def sample_of(model: nn.Module, given: Given, whole: Collection[type[nn.Module]]) -> tuple[Sample, nn.Module]:
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
            return _decided(Sample(record), given), really
    if first is None:
        raise ModuleError("Part of this model cannot be copied, so reading it would change it.")
    return first


def _decided(sample: Sample, given: Given) -> Sample:
    """The sample as far as it is a matter of the model and its input, not of chance nor of numbers made up here."""
    open_ = [Reason.CHANCE, *([Reason.VALUES] if given.has_no_values else [])]
    found = [(asked, reason) for reason in open_ if (asked := sample.asks(reason)) is not None]
    if not found:
        return sample
    asked, reason = min(found, key=lambda pair: pair[0].before)
    return sample.until(asked, reason)


def _without_weights(
    model: nn.Module, given: Given, whole: Collection[type[nn.Module]]
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


def _fill_lazy(double: nn.Module, given: Given) -> None:
    """Modules that learn their sizes from their first input (nn.LazyLinear) meet it, in the double only."""
    if not any(map(is_lazy, (*double.parameters(), *double.buffers()))):
        return
    met = given.with_batch(BATCHES[0], 0, torch.device("meta"))
    with torch.no_grad(), suppress(Exception):  # what stops it stops the recorded run too, and is told there
        double(*met.args, **met.kwargs)


def _compared(double: nn.Module, given: Given, axis: int, whole: Collection[type[nn.Module]]) -> Sample:
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
    given: Given,
    device: torch.device,
    batch: int | None,
    axis: int,
    whole: Collection[type[nn.Module]],
) -> Record:
    sizes = given.tensors[0].shape
    size = sizes[axis if len(sizes) > axis else 0]
    if batch is None and not given.has_no_values:
        moved = Given(
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
