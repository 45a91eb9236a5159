"""Tensors of different sizes that are added, put side by side or made a batch: x + y, torch.cat, torch.stack."""

import re
from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.broadcast_causes import of_line
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.decoder.kinds.one_sided import one_sided
from layerscope.explain import written_count
from layerscope.formatting import joined, shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.tracing import trace

LARGEST_KERNEL = 11
LOST_BY_3 = 2
"""Cells that a 3×3 convolution without padding loses along an axis."""
SMALLEST_IMAGE = 3
"""The axes of an image with its channels."""
RGBA_AND_RGB = {3, 4}
SEQUENCES = Cause(
    "Sequences of different lengths",
    "Texts and recordings have different lengths.",
    "Pad them to one length: nn.utils.rnn.pad_sequence(sequences, batch_first=True), in the DataLoader's collate_fn.",
)


def explain_sizes(found: Found, network: Network | None) -> Explanation:
    """The size of tensor a (14) must match the size of tensor b (7) at non-singleton dimension 3."""
    one, other, axis = _differing(found)
    meanings: tuple[tuple[str, str], ...] = (
        (f"({one})", "the size on the left"),
        (f"({other})", "the size on the right"),
        (f"dimension {axis}", "the axis, counted from 0"),
    )
    if found["shape"]:
        meanings = ((f"[{found['shape']}]", "the shape of one"), (f"[{found['wanted']}]", "the shape of the other"))
    says = f"The two tensors differ along axis {axis}: one has size {one:,}, the other {other:,}."
    return Explanation(
        says,
        meanings,
        in_order(
            [
                *_at_join(network, one, other, axis),
                *of_line(found.line_calls, one, other, axis),
                *_ways(network, one, other, axis),
                *_of_values(one, other, axis),
            ]
        ),
    )


def _differing(found: Found) -> tuple[int, int, int]:
    """The two sizes and their axis; torch.compile tells both shapes instead."""
    if not found["shape"]:
        return found.number("one"), found.number("other"), found.number("axis")
    shape, wanted = found.sizes("shape"), found.sizes("wanted")
    pairs = zip(wanted[::-1], shape[::-1], strict=False)
    back = next((n for n, (one, other) in enumerate(pairs) if one != other and 1 not in (one, other)), 0)
    return wanted[-1 - back], shape[-1 - back], len(wanted) - 1 - back


def _of_values(one: int, other: int, axis: int) -> Iterator[Cause]:
    if 0 in (one, other):
        yield Cause(
            "One of the tensors is empty",
            "A size of 0 comes from a slice beyond the end, or from a filter that matches nothing.",
            "Print both shapes before this line, and find where the 0 first appears.",
        )
    if axis > 1 and abs(one - other) == 1 and min(one, other) > 1:
        yield _rounded(one, other)
    if axis == 0 and {one, other} == RGBA_AND_RGB:
        why = "PNG pictures may have a fourth channel, but Normalize has three means."
        yield Cause("Images with transparency (RGBA)", why, 'Load them as RGB: image.convert("RGB").')
    residual = Cause(
        "A skip connection between different shapes",
        "x + f(x) needs the same channels, height and width on both sides.",
        "Keep the size with padding=kernel_size // 2, or match the channels of x with a 1×1 convolution.",
        at=("sum",),
    )
    labels = Cause(
        "Outputs and labels of different shapes",
        "A loss such as MSELoss compares them value by value.",
        "Print both shapes. For class numbers use nn.CrossEntropyLoss().",
        at=("loss",),
    )
    yield from (residual, labels) if axis > 1 else (labels, residual)


def _rounded(one: int, other: int) -> Cause:
    return Cause(
        "An odd size was rounded",
        f"{max(one, other)} and {min(one, other)}: a pooling or stride of 2 rounds an odd size down, and "
        "upsampling doubles the rounded size.",
        "Resize one to match: x = F.interpolate(x, size=y.shape[2:]); or use images whose sides every "
        "pooling can halve, such as multiples of 32.",
    )


def explain_cat(found: Found, network: Network | None) -> Explanation:
    """Sizes of tensors must match except in dimension 1. Expected size 14 but got size 7 for tensor number 1."""
    axis = found.number("axis") if found["axis"] else _written_axis(found.before)
    one, other = found.number("one"), found.number("other")
    differs = int(found["differs"] or 0)
    if not differs and "Got" in found.message and axis and (said := _axis_of(found.line)) not in (None, axis):
        differs, axis = axis, said or 0  # torch 1.5 to 1.8 name the axis that differs
    where = "the axis on which they differ" if differs else "the axis along which they are joined"
    meanings = (
        (f"dimension {differs or axis}", f"{where}, counted from 0" + ("" if differs else ": here sizes may differ")),
        (found.shown(f"size {one}", f"{one}"), "the size of the first tensor along another axis"),
        (found.shown(f"size {other}", f"{other}"), "the size of another tensor along the same axis"),
    )
    spatial = axis == 1
    causes = [*_at_join(network, one, other, None)]
    causes += list(_ways(network, one, other, 2, is_joined=True)) if spatial else []
    if spatial and abs(one - other) == 1 and min(one, other) > 1:
        causes.append(_rounded(one, other))
    if axis == 0:
        causes.append(SEQUENCES)
    maps = Cause(
        "Maps of different sizes",
        f"For torch.cat along axis {axis}, all other axes must be equal: {one:,} is not {other:,}.",
        "Resize one of them first: F.interpolate(x, size=y.shape[2:]).",
    )
    another = Cause(
        "A different axis was meant",
        "Channels are axis 1, the batch is axis 0.",
        "Write torch.cat([x, y], dim=1) for channels.",
    )
    says = f"To join along axis {axis}, tensors must have the same size on all other axes; {one:,} is not {other:,}."
    return Explanation(says, meanings, in_order([*causes, *([maps] if spatial else [another, maps])]))


def _axis_of(line: str) -> int | None:
    """The axis of torch.cat([x, y], 1) in that line."""
    named = re.search(r"\bcat\(.{1,80}[\])], ?(?:dim ?= ?|axis ?= ?)?(\d)\)", line)
    return int(named[1]) if named else None


def _written_axis(before: str) -> int:
    """The axis that the lines before name, as in torch.cat([x, y], dim=1); 1 where none does."""
    named = re.findall(r"(?:dim|axis) ?= ?(\d)", before)
    return int(named[-1]) if named else 1


def _at_join(network: Network | None, one: int, other: int, axis: int | None) -> Iterator[Cause]:
    """The row of this network that fails where branches join, if these sizes meet there; along any axis for None."""
    last = trace(network).steps[-1:] if network and not network.is_chain else ()
    for step in last:
        if step.error is None or len(step.input_shapes) < 2:
            continue
        met = [shape[axis - 1 :][:1] if axis else shape for shape in step.input_shapes if axis is None or axis > 0]
        if not {one, other} <= {size for sizes in met for size in sizes}:
            continue
        given = joined(
            [f"{shape_text(s)} from {name}" for name, s in zip(step.sources, step.input_shapes, strict=True)]
        )
        mends = [repair for repair in step.error.repairs if repair.complete]
        works = "; or ".join(repair.label.replace("; ", " and ") for repair in mends[:3])
        remedy = f"What works: {works}." if mends else "Give both the same shape."
        mended = mends[0].network if mends else None
        yield Cause(
            f"{step.name} joins different shapes", f"It gets {given}.", remedy, True, step.name, mended, bool(mends)
        )


def _ways(
    network: Network | None, one: int, other: int, axis: int, *, is_joined: bool = False
) -> Iterator[Cause]:  # fmt: skip
    """What made two tensors from one source so different, as their sizes along an axis say."""
    large, small = max(one, other), min(one, other)
    yield from one_sided(network, large, small, axis) if network else ()
    if axis < 2:
        return
    lost = large - small
    if small > 1 and large // 2 <= small <= -(-large // 2):
        why = f"{small} is half of {large}: only one of the two branches has a stride or pooling of 2."
        remedy = "Halve the other branch too: nn.Conv2d(channels, out_channels, kernel_size=1, stride=2)."
        yield Cause("One side was halved", why, remedy)
    elif lost % 2 == 0 and small:
        yield from _unpadded(large, small, is_joined)


def _unpadded(large: int, small: int, is_joined: bool) -> Iterator[Cause]:
    """Convolutions without padding that lose so many cells. Maps that are joined went through several of the usual 3×3,
    as in a U-Net; between the two sides of a sum there may be one large kernel."""
    lost = large - small
    if lost > LOST_BY_3 and (is_joined or lost >= LARGEST_KERNEL):
        count = lost // LOST_BY_3
        fewer = f", or {written_count(count // 2, 'convolution')} if the maps are then upsampled by 2"
        why = f"{large:,} − {small:,} = {lost:,}: each 3×3 convolution without padding loses {LOST_BY_3}, so {count:,} "
        why += f"of them lose that{fewer if count % 2 == 0 else ''}."
        remedy = "Write padding=1 in each 3×3 convolution; or crop the larger maps, as the first U-Net does."
        yield Cause("Several convolutions without padding", why, remedy)
    if lost < LARGEST_KERNEL:
        why = f"{large} − {small} = {lost}: a kernel of {lost + 1} without padding loses exactly that."
        yield Cause("A convolution without padding", why, f"Give it padding={lost // 2}.")


def explain_stack(found: Found, network: Network | None) -> Explanation:
    """stack expects each tensor to be equal size, but got [3, 32, 32] at entry 0 and [3, 28, 28] at entry 1."""
    one, other = found.sizes("one"), found.sizes("other")
    meanings = (
        (f"[{found['one']}]", f"the shape of sample {found['entry']} of the batch"),
        (f"[{found['other']}]", f"the shape of sample {found['second']}, which differs"),
    )
    causes = list(_samples(one, other, network.input_shape if network else ()))
    says = f"All samples of a batch must have the same shape; {shape_text(one)} and {shape_text(other)} differ."
    return Explanation(says, meanings, in_order(causes))


def _samples(one: Shape, other: Shape, wanted: Shape) -> Iterator[Cause]:
    if len(one) == len(other) == 3 and one[0] != other[0]:
        why = f"One sample has {one[0]} channels, another {other[0]}: 1 is grayscale, 3 is RGB, 4 has transparency."
        yield Cause("Images of different kinds", why, 'Load all of them the same way: image.convert("RGB").')
    if len(one) == len(other) == 3 and one[1:] != other[1:]:
        here = len(wanted) == 3
        size = wanted[1:] if here else (224, 224)
        why = "The DataLoader stacks samples into a batch, so they must be the same size." + (
            f" The network here expects {shape_text(wanted[1:])}." if here else ""
        )
        remedy = f"Resize all of them: transforms.Resize({size}), with both numbers; one alone keeps the proportions."
        yield Cause("Images of different sizes", why, remedy, here and wanted[0] in (one[0], other[0]))
    if abs(len(one) - len(other)) == 1 and max(len(one), len(other)) >= SMALLEST_IMAGE:
        why = f"{shape_text(one)} and {shape_text(other)}: a grayscale image without a channel axis, or a mask."
        remedy = 'Load all of them the same way, image.convert("RGB"); or add the missing axis: x.unsqueeze(0).'
        yield Cause("Only one of them has a channel axis", why, remedy)
    elif len(one) < SMALLEST_IMAGE:
        yield SEQUENCES
    yield Cause(
        "A transform that not every sample goes through",
        "An if in __getitem__, or a random transform, may leave some samples unchanged.",
        "Print the shape of each sample in the data set.",
    )


KINDS: dict[str, Kind] = {
    "sizes": kind(
        "Sizes that do not match",
        "The size of tensor a (6) must match the size of tensor b (5) at non-singleton dimension 1",
        (
            rf"The size of tensor a \({number('one')}\) must match the size of tensor b \({number('other')}\) "
            rf"at non-singleton dimension {number('axis')}",
            rf"Attempting to broadcast a dimension of length {number('one')} at -\d{{1,3}}! Mismatching argument at "
            rf"index \d{{1,3}} had torch\.Size\({sizes('shape')}\); but expected shape should be broadcastable to "
            rf"{sizes('wanted')}",
        ),
        explain_sizes,
    ),
    "cat": kind(
        "torch.cat of different sizes",
        (
            "Sizes of tensors must match except in dimension 1. Expected size 14 but got size 7 for "
            "tensor number 1 in the list."
        ),
        (
            rf"Sizes of tensors must match except in dimension {number('axis')}\. Expected {number('one')} in "
            rf"dimension \d{{1,9}} but got {number('other')} for tensor number \d{{1,9}} in the list",
            rf"Sizes of tensors must match except in dimension {number('axis')}\. Expected size {number('one')} "
            rf"but got size "
            rf"{number('other')} for tensor number \d{{1,9}} in the list",
            rf"Sizes of tensors must match except in dimension {number('differs')}\. Got {number('one')} and "
            rf"{number('other')} \(The offending index",
            rf"Sizes of tensors must match except in dimension {number('axis')}\. Got {number('one')} and "
            rf"{number('other')} "
            r"(?:in dimension \d{1,9})?",
        ),
        explain_cat,
    ),
    "stack": kind(
        "Images of different sizes in one batch",
        ("stack expects each tensor to be equal size, but got [3, 32, 32] at entry 0 and [3, 28, 28] at entry 1"),
        (
            rf"stack expects each tensor to be equal size, but got {sizes('one')} at entry {number('entry')} and "
            rf"{sizes('other')} "
            rf"at entry {number('second')}",
        ),
        explain_stack,
    ),
}
