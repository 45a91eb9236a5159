"""Out of memory: the usual causes, and where this network has most of its values."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.network import Network
from layerscope.steps import BYTES_PER_VALUE, walk

MANY_WEIGHTS = 1_000_000
MEGABYTE = 1_000_000

USUAL = (
    Cause(
        "The batch is too large",
        "The outputs of all layers are kept for the gradients, once for each sample of the batch.",
        "Halve batch_size until it fits.",
    ),
    Cause(
        "Losses are added up with their history",
        "total += loss keeps every batch alive.",
        "Write total += loss.item().",
    ),
    Cause(
        "Gradients are recorded while testing",
        "Without torch.no_grad the evaluation keeps as much as the training.",
        "Write with torch.no_grad(): around it.",
    ),
    Cause(
        "Something else holds the memory",
        "Another notebook or an earlier run still has its tensors.",
        "Restart the kernel; nvidia-smi shows who holds what.",
    ),
)


def explain(found: Found, network: Network | None) -> Explanation:
    """CUDA out of memory. Tried to allocate 2.00 GiB."""
    asked = found["asked"]
    meanings = ((asked, "what was asked for in one piece, on top of what is held already"),) if asked else ()
    says = "There is no room left for a tensor."
    return Explanation(says, meanings, (*USUAL, *(_most_weights(network) if network else ())))


def _most_weights(network: Network) -> Iterator[Cause]:
    steps = walk(network).steps
    step = max(steps, key=lambda step: step.parameters, default=None)
    if step is None or step.parameters < MANY_WEIGHTS:
        return
    size = BYTES_PER_VALUE * step.parameters / MEGABYTE
    why = f"{step.name} has {step.parameters:,} of them, {size:,.0f} MB; gradients and Adam hold that four times."
    remedy = f"Let fewer values reach {step.name}: more pooling before it, or a narrower layer."
    yield Cause(f"Most weights are in {step.name}", why, remedy, layer=step.name)


KINDS: dict[str, Kind] = {
    "memory": kind(
        "Out of memory",
        "CUDA out of memory. Tried to allocate 2.00 GiB",
        (
            r"CUDA out of memory\. Tried to allocate (?P<asked>[\d.]{1,12} [KMGT]i?B)",
            r"CUDA error: out of memory",
            r"DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate "
            r"(?P<asked>\d{1,20} bytes)",
            r"MPS backend out of memory",
        ),
        explain,
    ),
}
