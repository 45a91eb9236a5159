"""The decoder's front door."""

from collections.abc import Callable
from dataclasses import replace

from layerscope.decoder import (
    asserting,
    axes,
    batches,
    channels,
    checkpoint,
    combining,
    devices,
    general,
    losses,
    matrix,
    memory,
    naming,
    norms,
    sizes,
    undefined,
    views,
)
from layerscope.decoder.answer import Decoded, Explanation, in_order
from layerscope.decoder.messages import LONGEST_MESSAGE, Found, lasting, recognise
from layerscope.decoder.pointing import called
from layerscope.network import Network
from layerscope.source.reading import Written

EXPLAIN: dict[str, Callable[[Found, Network | None], Explanation]] = {
    "matrix": matrix.explain,
    "channels": channels.explain,
    "kernel": sizes.explain_kernel,
    "output": sizes.explain_output,
    "pool-padding": sizes.explain_pool_padding,
    "one-value": norms.explain_one_value,
    "running-mean": norms.explain_running_mean,
    "norm-weight": norms.explain_running_mean,
    "normalized-shape": norms.explain_normalized_shape,
    "group-norm": norms.explain_divisors,
    "groups": norms.explain_divisors,
    "axes": axes.explain,
    "norm-axes": axes.explain_norm,
    "view": views.explain,
    "batch-size": batches.explain,
    "target-range": losses.explain_target_range,
    "same-stride": norms.explain_same_stride,
    "checkpoint": checkpoint.explain,
    "sizes": combining.explain_sizes,
    "cat": combining.explain_cat,
    "stack": combining.explain_stack,
    "attribute": naming.explain_attribute,
    "unexpected": naming.explain_unexpected,
    "missing": naming.explain_missing,
    "output-1d": sizes.explain_output_1d,
    "memory": memory.explain,
    "device": devices.explain,
    "device-assert": asserting.explain,
    "undefined": undefined.explain,
}
"""The kinds that look at the network or at the numbers; the others have fixed words in `general`."""


def decode(text: str, network: Network | None = None, written: tuple[Written, ...] | None = None) -> Decoded | None:
    """The last torch error in `text`, explained for `network` where one is given.

    `text` is a message, a line or a whole traceback; of a long paste the last 20,000 characters are read. None where
    no error is found that we know (`messages.KINDS` lists those with a name and an example). `written` is what a
    `Reading` says of the code; without it some causes can be listed but not said to fit.
    """
    found = recognise(text)
    if found is None:
        return None
    found = replace(found, written=written, calls=called(lasting(text)))
    explained = EXPLAIN.get(found.kind, general.explain)(found, network)
    message = found.message[:LONGEST_MESSAGE]
    return Decoded(found.kind, message, explained.says, explained.meanings, in_order(explained.causes))
