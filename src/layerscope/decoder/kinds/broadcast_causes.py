"""Sizes that do not match in lines of attention: a mask, positions that are added, a product of several axes."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause

LENGTH_AXES = (1, 2)
"""Where the positions of a text are: (batch, length, width); in a table with two axes the first is the length too."""


def of_line(calls: frozenset[str], one: int, other: int, axis: int) -> Iterator[Cause]:
    """What such a line points at; `one` is the size on the left. Nothing where the line does something else."""
    if "mask" in calls:
        yield from _mask()
    if "positions" in calls:
        yield from _positions(one, other, axis)
    if "step" in calls:
        yield _state()
    if "product" in calls:
        yield Cause(
            "The leading axes differ",
            f"a @ b multiplies matrix by matrix along all axes before the last two; on axis {axis} there are "
            f"{one:,} on "
            f"the left and {other:,} on the right.",
            "Give both the same batch and heads; repeat one of them with repeat_interleave, such as "
            f"k.repeat_interleave({max(one, other) // max(min(one, other), 1)}, dim={axis}).",
            at=("product",),
        )


def _state() -> Cause:
    return Cause(
        "The optimizer's state belongs to other weights",
        "load_state_dict of an optimizer matches averages and weights by their order only: with other layers, or in "
        "another order, each weight gets the averages of another one.",
        "Leave out optimizer.load_state_dict(state), or make network and optimizer exactly as in the program that "
        "saved them.",
        at=("step",),
    )


def _mask() -> Iterator[Cause]:
    yield Cause(
        "The mask lacks the axis of the heads, or of the queries",
        "Attention scores are (batch, heads, queries, keys). A padding mask is (batch, keys), so its batch meets the "
        "queries unless it gets the axes between.",
        "Write mask.unsqueeze(1).unsqueeze(2) for a mask of (batch, keys), mask.unsqueeze(1) for one of (batch, "
        "queries, keys).",
        at=("mask",),
    )
    yield Cause(
        "A mask for another length",
        "The mask was made for other texts, or before a class token was added or the text was cut.",
        "Make it from the tensor that the layer gets: mask = (tokens != padding_index).unsqueeze(1).unsqueeze(2).",
        at=("mask",),
    )


def _positions(one: int, other: int, axis: int) -> Iterator[Cause]:
    longer = Cause(
        "The input is longer than the table of positions",
        f"The two lengths are {one:,} and {other:,}: another image size, patch size or text length than the "
        f"table was made "
        "for; a class token makes it one longer.",
        "Give the table as many rows as there are positions: nn.Parameter(torch.zeros(1, length, width)), with "
        "length = "
        "(image_size // patch_size) ** 2 + 1 in a vision transformer.",
        at=("positions",),
    )
    cut = Cause(
        "The table of positions was not cut to the length",
        "A table is made for the longest text, and only the first rows are added.",
        "Write x + pos[:, : x.size(1)], with the name of your table for pos.",
        at=("positions",),
    )
    turned = Cause(
        "The table expects the length on another axis",
        "PyTorch's tutorial makes it (length, 1, width), for inputs (length, batch, width) without batch_first.",
        "With the batch first, write x + pe[: x.size(1)].transpose(0, 1).",
        at=("positions",),
    )
    width = Cause(
        "Positions of another width",
        f"Tokens and positions are added, so both need the same embed_dim; here they have {one:,} and {other:,}.",
        "Write the same embed_dim in both.",
        at=("positions",),
    )
    by_length = (longer, cut, turned) if one > other else (cut, longer, turned)
    yield from (turned, *by_length[:2]) if axis == 0 else (*by_length, width) if axis in LENGTH_AXES else (width,)
