"""Out of memory: the usual causes, and where this network has most of its values."""

import re
from collections.abc import Iterator
from math import isqrt

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.formatting import bytes_text
from layerscope.network import Network
from layerscope.steps import BYTES_PER_VALUE, walk

AMOUNT = r"\d{1,9}(?:\.\d{1,9})? [KMGT]i?B"
UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "KB": 2**10, "MB": 2**20, "GB": 2**30}
LARGEST_MACHINE = 2**38
"""Bytes that no usual machine has."""
MANY_WEIGHTS = 1_000_000

USUAL = (
    Cause(
        "The batch is too large",
        "For the gradients, PyTorch keeps the outputs of all layers for every sample of the batch.",
        "Halve batch_size until it fits. If it is already 1, use smaller images, or torch.autocast for "
        "numbers of half the size.",
    ),
    Cause(
        "Losses are summed with their history",
        "total += loss keeps every batch in memory.",
        "Write total += loss.item().",
    ),
    Cause(
        "Gradients are recorded while testing",
        "Without torch.no_grad, evaluation keeps as much in memory as training.",
        "Write with torch.no_grad(): around it.",
    ),
    Cause(
        "Something else uses the memory",
        "Another notebook or an earlier run still has its tensors.",
        "Restart the kernel; nvidia-smi shows which program uses how much.",
    ),
)


_OF_A_MAC = Cause(
    "Something else uses the memory",
    "A Mac's card shares its memory with all programs.",
    "Restart the kernel; the Activity Monitor shows which program uses how much.",
)


def explain(found: Found, network: Network | None) -> Explanation:
    """CUDA out of memory. Tried to allocate 2.00 GiB."""
    asked = found["asked"]
    meanings = ((asked, "the size of one tensor, on top of what is already in use"),) if asked else ()
    says = "There is not enough memory left for a tensor."
    largest = _most_weights(network) if network else ()
    causes: tuple[Cause, ...] = USUAL if not _others_hold_it(found) else (*USUAL[-1:], *USUAL[:-1])
    if "MPS" in found.message or "MPS" in found.after[:200]:
        causes = tuple(_OF_A_MAC if cause is USUAL[-1] else cause for cause in causes)
    return Explanation(says, meanings, (*_much_too_much(found), *causes, *largest))


def _others_hold_it(found: Found) -> bool:
    """Whether the message names another process, or little is asked for while this one holds little."""
    told = found.after[:500]
    if re.search(r"Process \d{1,9} has", told):
        return True
    held = re.search(rf"({AMOUNT}) total capacity; ({AMOUNT}) already allocated", told)
    return held is not None and _bytes(held[2]) < _bytes(held[1]) / 4 and _bytes(found["asked"]) < _bytes(held[1]) / 8


def _much_too_much(found: Found) -> Iterator[Cause]:
    """More in one piece than the whole card or any machine has: no batch size mends that."""
    asked = _bytes(found["asked"])
    total = re.search(rf"({AMOUNT}) total capacity|total capacity of ({AMOUNT})", found.after[:200])
    capacity = _bytes((total[1] or total[2]) if total else "")
    if asked < (capacity or LARGEST_MACHINE):
        return
    side = isqrt(int(asked) // BYTES_PER_VALUE)
    square = side > 1 and side * side * BYTES_PER_VALUE == asked
    counted = f" {side:,} × {side:,} = {side * side:,} values of 4 bytes are exactly that." if square else ""
    whole = f", more than the {total[1] or total[2]} of the whole card" if total else ""
    yield Cause(
        "A shape is wrong",
        f"{found['asked']} in one tensor{whole}: a smaller batch does not help.{counted} Outputs of shape (N, 1) minus "
        f"labels of "
        "shape (N) make N × N values; so do all pairs of samples.",
        "Print the shapes in the line of the traceback, and make them equal: out.squeeze(1) - labels.",
    )


def _bytes(amount: str) -> float:
    number, _, unit = amount.partition(" ")
    return float(number) * UNITS.get(unit, 0) if re.fullmatch(r"\d+(?:\.\d+)?", number) else 0.0


def _most_weights(network: Network) -> Iterator[Cause]:
    steps = walk(network).steps
    step = max(steps, key=lambda step: step.parameters, default=None)
    if step is None or step.parameters < MANY_WEIGHTS:
        return
    size = bytes_text(BYTES_PER_VALUE * step.parameters)
    why = f"{step.name} has {step.parameters:,} parameters, {size}; gradients and Adam make it four times that."
    remedy = f"Let fewer values reach {step.name}: more pooling before it, or a narrower layer."
    yield Cause(f"Most weights are in {step.name}", why, remedy, layer=step.name)


KINDS: dict[str, Kind] = {
    "memory": kind(
        "Out of memory",
        "CUDA out of memory. Tried to allocate 2.00 GiB",
        (
            r"CUDA out of memory\. Tried to allocate (?P<asked>[\d.]{1,12} [KMGT]i?B)",
            r"(?:CUDA error|cuda runtime error \(2\) ?): out of memory",
            r"DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate "
            r"(?P<asked>\d{1,20} bytes)",
            r"MPS backend out of memory",
            r"Invalid buffer size: (?P<asked>[\d.]{1,12} [KMGT]i?B)",
        ),
        explain,
    ),
}
