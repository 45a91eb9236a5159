"""Why a number of the Memory page differs from PyTorch's count, in words. Knows no screen."""

from collections.abc import Iterator

from layerscope.explain import written_count
from layerscope.formatting import bytes_text, joined, percent
from layerscope.study.culprit import Culprit
from layerscope.study.estimate import Memory
from layerscope.study.measured import Beside
from layerscope.study.saved import AUTOCAST

MOST_NAMED = 3
"""Layers that a reason names."""
WORKSPACE = "PyTorch's LSTM keeps a workspace on the CPU, which only a real run shows; the formula counts it"
NORMS = "Fake tensors count what normalizations keep as {}; a real run keeps float32"
ON_FAKE = "On fake tensors a layer keeps other tensors than in a real run, which the formula is tested against"
UNTRAINED = "PyTorch makes no gradient for weights that no output depends on, such as those of {}"
COPIES = (
    "Autocast keeps a {} copy of each weight that it has used until the pass ends: {} at the peak, which the "
    "formula leaves out"
)
INDICES = "Max pooling also makes indices ({} in {}), which are dropped at once where nothing trains"
ON_THE_WAY = (
    "The peak is in the forward pass of {}: its {} needs {} more for a moment, for results on the way that the formula "
    "leaves out"
)
HELD = "The peak is in the forward pass of {}, where PyTorch still holds outputs that no later layer reads"
BACKWARD = (
    "The peak is in the backward pass, at {}: the formula has one gradient for each output of a layer, and PyTorch "
    "makes more on the way"
)
STEP = "The peak is in the optimizer's step, at {}, which borrows more than the formula has for it"


def why(memory: Memory, each: Beside) -> str:
    """The reason, or by how much two numbers differ that still agree; "" where they are the same."""
    if each.agrees:
        return _apart(abs(each.ours - each.torchs), each.torchs)
    if each.torchs < each.ours and any(step.layer.has_workspace for step in memory.traced.steps):
        return WORKSPACE
    if each.culprit is not None:
        return _peak(memory, each, each.culprit)
    if each.name in ("gradients", "optimizer"):
        return UNTRAINED.format(_named([*_untrained(memory)]))
    return NORMS.format(_lower(memory)) if memory.dtype in AUTOCAST else ON_FAKE


def _lower(memory: Memory) -> str:
    """The type in which autocast computes."""
    return str(AUTOCAST.get(memory.dtype, "")).removeprefix("torch.")


def _apart(count: int, whole: int) -> str:
    """By how much two numbers differ; what is less than a thousandth in bytes, as that many are told at a glance."""
    if not count:
        return ""
    return f"{percent(count / whole)} apart" if count >= whole / 1000 else f"{written_count(count, 'byte')} apart"


def _peak(memory: Memory, each: Beside, culprit: Culprit) -> str:
    """What PyTorch really held more, as its tracker saw it."""
    apart = each.torchs - each.ours
    if each.phase == "step":
        return STEP.format(culprit.op)
    if each.phase == "backward":
        return BACKWARD.format(culprit.op)
    if not memory.trains and 2 * culprit.copies >= apart:
        return COPIES.format(_lower(memory), bytes_text(culprit.copies))
    if not culprit.borrowed:
        return HELD.format(culprit.row)
    if culprit.op.endswith("with_indices"):
        return INDICES.format(bytes_text(culprit.borrowed), culprit.row)
    return ON_THE_WAY.format(culprit.row, culprit.op, bytes_text(culprit.borrowed))


def _untrained(memory: Memory) -> Iterator[str]:
    """Rows with weights that no output depends on."""
    network = memory.traced.network
    needed = {name.partition(":")[0] for name in network.output_names}
    for layer, sources in reversed([*zip(network.layers, network.wiring, strict=True)]):
        if layer.name in needed:
            needed |= {network.names[source.row] for source in sources if source.row >= 0}
    used = {layer.of or layer.name for layer in network.layers if layer.name in needed}
    for row in memory.rows:
        if row.weights and row.name not in used:
            yield row.name


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return joined([*names[:MOST_NAMED], *[f"{more:,} more"] * (more > 0)]) or "this network"
