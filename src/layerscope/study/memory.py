"""How much memory training a network takes: weights, gradients, optimizer, activations, temporaries, and their peak.

`training_memory` is the front door. It is arithmetic: nothing of the network's size is allocated. `measured.py` has
what torch itself counts for the same step.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from layerscope.layers.opaque import complaint_about_running
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study import optimizers
from layerscope.study.estimate import MODES, TRAINING, EstimateError, Memory, UnaskedEstimateError, checked_batch
from layerscope.study.keeping import keeping
from layerscope.study.parts import parts
from layerscope.study.saved import TYPES, SavedError, UnaskedError
from layerscope.study.timeline import timeline
from layerscope.tracing import trace

PRECISIONS = {
    "float32": "float32",
    "bfloat16": "bfloat16",
    "autocast": "Autocast to bfloat16",
    "autocast-float16": "Autocast to float16",
}
"""Names of precisions, and what they are: of "bfloat16" the weights themselves, under autocast only what is computed.
The GradScaler that float16 is trained with holds a few numbers, and leaves weights and their gradients in float32."""
_SPELLED = {"float": "float32", "mixed": "autocast", "bf16": "bfloat16", "fp32": "float32", "amp": "autocast"}


def training_memory(
    network: Network,
    batch: int = 64,
    optimizer: str = "Adam",
    dtype: Any = "float32",
    *,
    mode: str = TRAINING,
    checkpoint: str | Sequence[str] = (),
    asks: bool = True,
) -> Memory:
    """The memory that one training step takes, from its second step on, when the optimizer has its state.

    `optimizer` is one of `optimizers.KINDS`, `dtype` one of `PRECISIONS` (or torch's type of that name), `mode`
    "training" or "inference". `checkpoint` names a block ("layer1.0"), or rows that follow each other, which are not
    kept but run again in the backward pass. Without `asks` formulas alone answer, in milliseconds: where torch would
    have to be asked, it raises UnaskedEstimateError. Raises EstimateError, also for a network that does not run.
    """
    kind = optimizers.named(optimizer)
    if kind is None:
        raise EstimateError(f"There is no optimizer {optimizer} here; {', '.join(optimizers.KINDS)} would work.")
    precision = str(dtype).removeprefix("torch.")
    precision = _SPELLED.get(precision, precision)
    if precision not in PRECISIONS:
        raise EstimateError(f"There is no precision {dtype} here; {', '.join(PRECISIONS)} would work.")
    if mode not in MODES:
        raise EstimateError(f"There is no mode {mode} here; {', '.join(MODES)} would work.")
    rows = _checkpointed(network, checkpoint)
    again = rows if mode == TRAINING else ()  # without a backward pass nothing is run again
    return replace(_estimate(network, kind.name, precision, mode, again, asks), batch=checked_batch(batch))


@lru_cache(maxsize=64)
def _estimate(
    network: Network, optimizer: str, dtype: str, mode: str, checkpoint: tuple[str, ...], asks: bool
) -> Memory:
    traced = trace(network)
    if wrong := complaint(traced):
        raise EstimateError(wrong)
    kind, trains = optimizers.KINDS[optimizer], mode == TRAINING
    try:
        kept = keeping(traced, dtype, trains, asks=asks)
        static = parts(traced, TYPES[dtype].itemsize, asks=asks)
    except UnaskedError as error:
        raise UnaskedEstimateError(str(error)) from error
    except SavedError as error:
        raise EstimateError(str(error)) from error
    moments = timeline(kept, trains, checkpoint, kind.borrowed * static.largest)
    return Memory(traced, 1, kind, dtype, mode, checkpoint, kept, static, moments)


def complaint(traced: Trace) -> str:
    """Why nothing can be told of a network, as a sentence; "" where it can."""
    if not traced.steps:
        return "There is no layer yet."
    if traced.error is not None:
        return f"{traced.steps[-1].name} does not run: {traced.error.message}"
    return complaint_about_running(traced.network.layers) or ""


def _checkpointed(network: Network, checkpoint: str | Sequence[str]) -> tuple[str, ...]:
    """The rows that are run again: those of a block, or those named, which have to follow each other."""
    if isinstance(checkpoint, str):
        if not checkpoint:
            return ()
        rows = network.blocks.get(checkpoint) or ((checkpoint,) if checkpoint in network.names else ())
        if not rows:
            raise EstimateError(f"There is no block {checkpoint} in this network.")
    else:
        rows = tuple(checkpoint)
        if unknown := next((name for name in rows if name not in network.names), None):
            raise EstimateError(f"There is no layer {unknown} in this network.")
    places = sorted(map(network.index, rows))
    if places and places[-1] - places[0] + 1 != len(places):
        raise EstimateError("Checkpointed layers have to follow each other; others come between these.")
    return tuple(network.names[place] for place in places)
