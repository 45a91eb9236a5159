"""view and reshape with a number written by hand: values that do not fit."""

from collections.abc import Iterator
from math import prod

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number
from layerscope.decoder.search import expected
from layerscope.decoder.search.at import at, last, reckoned
from layerscope.decoder.search.usual import USUAL_BATCHES
from layerscope.explain import value_text
from layerscope.network import Network
from layerscope.source.mismatch import in_style
from layerscope.source.reading import Written

MEND = "x = torch.flatten(x, start_dim=1), or x.view(x.size(0), -1)."
KEEP = f"Keep the batch axis: {MEND}"

IMAGE_AXES = 4
COLOURS = (1, 3, 4)


def explain(found: Found, network: Network | None) -> Explanation:
    """shape '[-1, 192]' is invalid for input of size 2400."""
    shape, size = found.sizes("shape"), found.number("size")
    row = prod(n for n in shape if n != -1)
    meanings = (
        (
            f"[{found['shape']}]",
            "the shape asked for" + ("; -1 stands for what is left" if -1 in shape else ""),
        ),
        (f"{size}", "the number of values in the whole batch"),
    )
    causes = list(_views(network, shape, row, size, found.written)) if network and row > 0 else []
    heads = list(_heads(shape, size, "heads" in found.line_calls))
    rest = f": {size:,} / {row:,} leaves {size % row:,}" if row > 0 and size % row else ""
    why = f"A view keeps every value; {size:,} values do not fit into the shape {value_text(shape)}{rest}."
    general: tuple[Cause, ...] = (
        Cause("The number in the view does not match its input", why, f"{KEEP} Then correct in_features."),
        Cause(
            "Your images have a different size",
            "The number is for other images, or for other layers before the view.",
            "Print x.shape before the view.",
        ),
    )
    if (window := _window(shape)) and size % window and not heads_said(found):
        heads, general = [], (_of_windows(shape),)
    elif heads and "heads" in found.line_calls:
        general = ()
    elif 0 in shape:
        general = (_nothing(shape),)
    elif "counting" in found.line_calls:
        general = (_counted(row, size),)
    elif len(shape) == IMAGE_AXES and shape[1] in COLOURS and shape[-1] == shape[-2]:
        general = (_images(shape, row, why), general[1])
    return Explanation(
        "The number of values does not fit the shape in the view.", meanings, in_order([*causes, *heads, *general])
    )


WINDOW_AXES = 6


def heads_said(found: Found) -> bool:
    """Whether the failing line speaks of heads."""
    return "heads" in found.line_calls and "head" in found.line


def _window(shape: tuple[int, ...]) -> int:
    """How many values one row of windows has in a view such as (batch, rows, 7, columns, 7, channels); 0 for others."""
    is_one = len(shape) == WINDOW_AXES and shape[2] == shape[4] > 1 and min(shape) > 0
    return shape[2] * prod(shape[3:]) * shape[0] if is_one else 0


def _of_windows(shape: tuple[int, ...]) -> Cause:
    side = shape[2]
    why = (
        f"Windows of {side}×{side} cut a map into whole ones only where height and width are multiples of {side}; here "
        "some rows or columns are left over."
    )
    return Cause(
        "The map is not a whole number of windows",
        why,
        f"Choose an image size that leaves multiples of {side}, or pad the map before the view: "
        f"x = F.pad(x, (0, 0, 0, -width % {side}, 0, -height % {side})), for x of shape (batch, height, width, "
        "channels).",
    )


def _nothing(shape: tuple[int, ...]) -> Cause:
    return Cause(
        "One of the sizes is 0",
        f"In {value_text(shape)} one size is 0, as where a division such as batch // 16 rounded down.",
        "Print the numbers of the view before this line, and use a batch, or on several cards a part of it, that is "
        "not smaller than the divisor.",
    )


def _counted(row: int, size: int) -> Cause:
    more = f": {size:,} instead of {row:,}" if size > row > 0 else ""
    return Cause(
        "A class number is too large",
        f"bincount counts up to the largest number that occurs, so one label or prediction above the last class makes "
        f"it longer{more}. Often 255 marks pixels without a class.",
        "Leave such pixels out before counting: keep = num_classes > labels, then labels[keep] and predicted[keep].",
    )


def _images(shape: tuple[int, ...], row: int, why: str) -> Cause:
    return Cause(
        "The values are not images of that size",
        f"{why} The view makes images of {shape[1]} × {shape[-2]} × {shape[-1]} = {row:,} values." if row > 0 else why,
        "Print x.shape before the view, and write the size of your images in it.",
    )


def _heads(shape: tuple[int, ...], size: int, is_said: bool) -> Iterator[Cause]:
    """view(batch, length, heads, head size): their product is not the width. Without the line, numbers that may be an
    image, (batch, channels, height, width), are none."""
    axes = [n for n in shape if n != -1]
    image = len(shape) == IMAGE_AXES and (shape[-1] == shape[-2] or shape[1] in COLOURS)
    if len(shape) < IMAGE_AXES or len(axes) < len(shape) - 1 or min(axes) < 1 or (image and not is_said):
        return
    heads, each, parts = shape[-2], shape[-1], prod(shape[2:-2])
    positions = shape[0] * shape[1]
    width, rest = divmod(size, positions * parts) if positions > 0 and parts > 0 else (0, 1)
    whole = width > 0 and rest == 0 and heads * each > 0 and width % (heads * each) == 0
    if heads < 1 or each < 1 or ((rest or whole) and not is_said):
        return
    if whole:
        why = f"{heads} heads of {each} fit; then the batch × length of the view, {positions:,}, is another's."
        yield Cause(
            "A batch or a length of a different size", why, "Write x.view(*x.shape[:2], heads, -1).", at=("heads",)
        )
        return
    why = f"{heads} heads of {each} need {heads} × {each} = {heads * each:,} values at each position"
    known = rest == 0 and width > 0
    why += f", but there are {width:,}." if known else "."
    if known and width % heads == 0:
        sizes = ", ".join(map(str, (*shape[:-1], width // heads)))
        remedy = f"Make the head size embed_dim // num_heads = {width} // {heads} = {width // heads}: x.view({sizes})."
    else:
        remedy = "Choose num_heads so that it divides embed_dim, and write head_dim = embed_dim // num_heads."
    yield Cause("heads × head size is not the width", why, remedy, at=("heads",))


def first_linear(network: Network) -> str | None:
    """The first Linear layer after a Flatten, where a forward has its view."""
    linear = next((layer.name for layer in network.layers if layer.type == "Linear"), None)
    return linear if linear and at(network, linear).flatten else None


def _views(
    network: Network, shape: tuple[int, ...], row: int, size: int, written: tuple[Written, ...] | None
) -> Iterator[Cause]:
    """Causes in this network; that its view has another number fits only where the code says so, or a usual
    batch does."""
    name = first_linear(network)
    here = at(network, name).features if name else 0
    if not name or not here:
        return
    batch, rest = divmod(size, here)
    row = shape[-1] if -1 not in shape and len(shape) == 2 else row
    if rest == 0 and row != here and _is_said(written, row, batch):
        why = (
            f"{at(network, name).in_words} for each image, and {size:,} = {batch:,} × {here:,}; the view says {row:,}."
        )
        text = next((each.text for each in written or () if (each.parameter, each.value) == ("features", row)), "")
        right = in_style(text, here, at(network, name).maps or ())
        remedy = f"Write {right} instead of {text or row}, in the view and as in_features of {name}."
        remedy += f" Better still, let PyTorch count: {MEND}"
        yield Cause(f"The view says {row} but gets {here}", why, remedy, True, name, network, True)
    if row == here and rest:
        yield from _with_values(network, name, size)
    if row == here and rest == 0 and -1 not in shape and batch != shape[0]:
        why = f"{size:,} = {batch:,} × {here:,}: this batch has {batch} images, but the view says {shape[0]}."
        yield Cause("A batch of a different size", why, f"The last batch may be smaller. {KEEP}", True, name)


def _with_values(network: Network, name: str, size: int) -> Iterator[Cause]:
    """Usual images, or pooling that is missing, whose flattened length divides `size` into a usual batch."""
    here = at(network, name).features
    found = sorted(expected.other_networks(network, name), key=lambda entry: entry[0])
    for _, changed, words in found:
        target = last(reckoned(changed, name))
        batch, rest = divmod(size, target) if target else (0, 1)
        if rest == 0 and batch in USUAL_BATCHES and target != here and at(changed, name).features == target:
            why = (
                f"{expected.compared(network, changed, name)} {size:,} = {batch:,} × {target:,}, a batch of {batch:,}."
            )
            yield Cause(words.title, why, words.undo, True, name, changed)


def _is_said(written: tuple[Written, ...] | None, row: int, batch: int) -> bool:
    """Whether the code has a view with that number; without code, whether the batch is one that people use."""
    if written is None:
        return batch in USUAL_BATCHES
    return any(each.parameter == "features" and each.value == row for each in written)


_WRITTEN_TO = r"(?:input tensor and the )?written-to tensor"
KINDS: dict[str, Kind] = {
    "view": kind(
        "The values do not fit the view",
        "shape '[-1, 192]' is invalid for input of size 2400",
        (
            rf"shape '\[(?P<shape>-?\d{{1,9}}(?:, -?\d{{1,9}}){{0,8}})\]' is invalid for input of size "
            rf"{number('size')}",
            rf"size '\[(?P<shape>-?\d{{1,9}}(?: x -?\d{{1,9}}){{0,8}})\]' is invalid for input with "
            rf"{number('size')} elements",
        ),
        explain,
    ),
    "view-nothing": kind(
        "A view of a tensor without values",
        "cannot reshape tensor of 0 elements into shape [0, -1] because the unspecified dimension size -1 can be any "
        "value and is ambiguous",
        (r"cannot reshape tensor of 0 elements into shape \[",),
        fixed(
            "The tensor is empty, so -1 could stand for any size.",
            Usual(
                "An empty batch",
                "A mask that picks nothing, or data that ran out, gives a batch of 0.",
                "Print x.shape before this line; x.flatten(start_dim=1) works for an empty batch too.",
            ),
        ),
    ),
    "shared-cells": kind(
        "Writing into a tensor that shows one place several times",
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation.",
        (rf"(?P<which>more than one element|some elements) of the {_WRITTEN_TO} refer",),
        fixed(
            "The tensor shows the same place in memory several times, so it cannot be changed in place.",
            Usual(
                "expand before a change in place",
                "expand and expand_as copy nothing.",
                "Write x = x.expand(3, 4).clone(), or x = x.repeat(3, 1).",
                lambda found: found["which"] == "more than one element",
            ),
            Usual(
                "A value shifted within itself",
                "x[1:] += x[:-1] reads what it has just changed.",
                "Write x[1:] = x[1:] + x[:-1].",
                lambda found: found["which"] == "some elements",
            ),
            Usual(
                "An input without a copy",
                "A layer with inplace=True writes into its input, and an optimizer into weights that share memory.",
                "Write x = x.contiguous() before that layer.",
            ),
            pieces={"which": "how much of it is shared"},
        ),
    ),
    "view-stride": kind(
        "A view of values in a different order",
        (
            "view size is not compatible with input tensor's size and stride (at least one dimension "
            "spans across two contiguous subspaces). Use .reshape(...) instead."
        ),
        (r"view size is not compatible with input tensor's size and stride", r"\binput is not contiguous at "),
        fixed(
            "A view needs its values in order in memory; after permute or transpose they are not.",
            Usual(
                "A view after permute or transpose",
                "permute and transpose change only how the memory is read, not its order.",
                "Write x.flatten(start_dim=1), or reshape instead of view: they copy if they must.",
            ),
        ),
    ),
}
