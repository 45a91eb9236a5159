"""What the Memory page says: sentences and tables. Knows no screen."""

from collections.abc import Sequence
from html import escape

import torch

from layerscope import limits
from layerscope.figures.memory import PARTS
from layerscope.formatting import bytes_apart, bytes_text, percent
from layerscope.study.cards import BEFORE_AMPERE, CARDS, CONTEXT, GIB, card_bytes, room_on
from layerscope.study.estimate import Memory, Peak
from layerscope.study.measured import Beside
from layerscope.study.saved import AUTOCAST, TYPES
from layerscope.study.timeline import AGAIN, BACKWARD, FORWARD, STEP, Moment
from layerscope.tables import Table
from layerscope.ui.lab.memory_why import why

ACTIVATIONS = (
    "Activations here are what PyTorch keeps for the backward pass: inputs of convolutions, outputs of ReLU, indices "
    "of max pooling, masks: {}. Explore counts something else, the output of every layer in float32: {}."
)


NO_BFLOAT16 = (
    "The {} has no native bfloat16: it is a {} card, and that came with Ampere. PyTorch emulates it there, which is "
    "slow and does not work for every layer. Autocast to float16 suits this card."
)
LEFT = f"{bytes_text(CONTEXT)} is set aside for the CUDA context"


def fits(memory: Memory, card: int) -> str:
    """Whether the batch fits on the card beside the CUDA context, and which is the largest that does; of a common card
    also how much it is sold with, as the menu says that."""
    size, largest = f"{card / GIB:g} GiB", memory.largest_batch(room_on(card))
    if name := _named(card):
        size += f" (of its {name.rpartition(', ')[2]}; the driver keeps the rest)"
    if not largest:
        one = bytes_text(memory.with_batch(1).peak)
        return f"Not even a batch of 1 fits on a card with {size}: it needs {one}, and {LEFT}."
    most = _most(largest)
    if memory.batch > largest:
        return (
            f"A batch of {memory.batch:,} does not fit on a card with {size}; the largest that does is {most}. {LEFT}."
        )
    return f"It fits on a card with {size}, which holds batches of up to {most}; {LEFT}."


def _named(card: int) -> str:
    """The common card that has so many bytes; "" for another one."""
    return next((name for name, usable in CARDS.items() if card_bytes(usable) == card), "")


def emulates(memory: Memory, card: int) -> str:
    """That a card has no bfloat16 of its own, where that is computed in; "" where it has, or is not known."""
    kind = BEFORE_AMPERE.get(_named(card))
    if kind is None or AUTOCAST.get(memory.dtype, TYPES[memory.dtype]) is not torch.bfloat16:
        return ""
    return NO_BFLOAT16.format(*kind)


def _most(batch: int) -> str:
    return f"{batch:,}" + (" or more" if batch == limits.MEMORY_BATCH.most else "")


def checkpointed(memory: Memory, plain: Memory, block: str) -> str:
    """What running a block again saves, and what it costs.

    The share alone: rounded sizes rarely differ by their rounded difference.
    """
    macs = sum(step.macs for step in memory.traced.steps if step.name in memory.checkpoint)
    cost = f"an extra {percent(macs / memory.traced.macs if macs else 0)} of the forward pass's MACs"
    if plain.peak <= memory.peak:
        saves = "saves nothing"
        if plain.peak < memory.peak:
            less, more = bytes_apart(plain.peak, memory.peak)
            saves += f" (the peak would be {less} without, not {more})"
        return f"Recomputing {block} {saves}: the peak is in {memory.moment}, {_at_peak(memory)}. It costs {cost}."
    return (
        f"Without the checkpoint it would be {bytes_text(plain.peak)}: recomputing {block} in the backward pass "
        f"saves {percent(1 - memory.peak / plain.peak)} of it and costs {cost}."
    )


def _at_peak(memory: Memory) -> str:
    """What becomes of a recomputed block's tensors at the peak, where recomputing it saves nothing."""
    phase, layer = memory.moment.phase, memory.moment.layer
    if phase == STEP:
        return "when no activations are left"
    if phase == AGAIN or (phase == BACKWARD and layer in memory.checkpoint):
        return "when its tensors are computed again and in memory again"
    names = memory.traced.network.names
    if names.index(layer) < names.index(memory.checkpoint[0]):
        return "before it keeps anything" if phase == FORWARD else "after its tensors were dropped anyway"
    return "when all that it keeps is kept for other layers too"


def two_meanings(memory: Memory) -> str:
    """What is called activations here and in Explore."""
    here = bytes_text(memory.activations / memory.batch)
    return ACTIVATIONS.format(f"{here} per sample", f"{bytes_text(memory.traced.activation_bytes)} per sample")


def selected(memory: Memory, at: str, moment: Moment | None) -> str:
    """What the layer `at`, or the `moment`, takes; how to select one where none is."""
    if moment is not None:
        parts = ", ".join(f"{PARTS[key][0]} {bytes_text(size)}" for key, size in memory.at(moment).items() if size)
        return f"Selected: {Peak(moment.phase, moment.layer)}. {_in_use(memory, moment)} in use: {parts or 'nothing'}."
    row = next((row for row in memory.rows if row.name == at), None)
    if row is None:
        return f"Select a moment above{', or a layer below,' if memory.trains else ''} to see what it takes."
    kept = f"keeps {bytes_text(row.kept)} for the backward pass" if memory.trains else "keeps nothing"
    weights = f"has {bytes_text(row.weights)} of weights" if row.weights else "has no weights of its own"
    runs = [f"{_in_use(memory, each)} in {Peak(each.phase, each.layer)}" for each in memory.moments if each.layer == at]
    return f"Selected: {at}. It {kept} and {weights}. In use while it runs: {', '.join(runs)}."


def _in_use(memory: Memory, moment: Moment) -> str:
    total = sum(memory.at(moment).values())
    return f"{bytes_text(total)} ({percent(total / memory.peak)} of the peak)" if memory.peak else bytes_text(total)


def kept_by(memory: Memory, layer: str) -> str:
    """What a layer keeps, in few words; "" where there is no such layer."""
    row = next((row for row in memory.rows if row.name == layer), None)
    if row is None:
        return ""
    share = (
        f", {percent(row.kept / memory.activations)} of all activations"
        if memory.activations and not memory.checkpoint
        else ""
    )
    return f"{layer} keeps {bytes_text(row.kept)}{share}"


def on_cards(memory: Memory) -> Table:
    """The largest batch for each common card, beside the CUDA context."""
    rows = []
    for name, size in CARDS.items():
        largest = memory.largest_batch(room_on(card_bytes(size)))
        rows.append((name, f"{size:g}", _most(largest) if largest else "does not fit"))
    columns = ("card", "GiB", "largest batch")
    return Table(f"Largest batch by card; {LEFT}", columns, frozenset(columns[1:]), tuple(rows), tuple(CARDS))


def by_row(memory: Memory) -> Table:
    """Each row's share, in bytes; the columns add up to the totals."""
    rows = tuple(
        (
            row.name, row.type, f"{row.kept:,}", f"{row.weights:,}", f"{row.gradients:,}", f"{row.optimizer:,}",
            "PyTorch" if row.is_measured else "formula",
        )
        for row in memory.rows
    )  # fmt: skip
    sums = [sum(getattr(row, name) for row in memory.rows) for name in ("kept", "weights", "gradients", "optimizer")]
    columns = ("layer", "type", "kept for backward", "weights", "gradients", "optimizer", "source")
    foot = ("total", "", *(f"{total:,}" for total in sums), "")
    caption = (
        f"Memory by layer in bytes, {memory.mode}, batch size {memory.batch:,}, {memory.kind.name}, {memory.dtype}"
    )
    return Table(caption, columns, frozenset(columns[2:6]), rows, tuple(row.name for row in memory.rows), foot)


def compared(memory: Memory, found: Sequence[Beside]) -> Table:
    """Our numbers beside torch's, with a mark, and a reason where they differ."""
    rows = tuple(
        (each.name, f"{each.ours:,}", f"{each.torchs:,}", "✓ agree" if each.agrees else "differ", why(memory, each))
        for each in found
    )
    columns = ("bytes of", "formula", "PyTorch", "", "why")
    return Table("Checked against PyTorch", columns, frozenset(columns[1:3]), rows, tuple(each.name for each in found))


def markup(table: Table) -> str:
    """A table as HTML."""
    sides = [" class='number'" if name in table.numeric else "" for name in table.columns]
    head = "".join(f"<th{side}>{escape(name)}</th>" for name, side in zip(table.columns, sides, strict=True))
    rows = (
        "".join(f"<td{side}>{escape(cell)}</td>" for cell, side in zip(row, sides, strict=True)) for row in table.rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table class='memory-compared' aria-label='{escape(table.caption)}'><tr>{head}</tr>{body}</table>"
