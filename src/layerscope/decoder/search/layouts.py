"""Axes that reach a Linear layer in another order or number: not flattened, no batch, the batch flattened."""

from collections.abc import Iterator
from math import prod

from layerscope.decoder.answer import Cause
from layerscope.decoder.search.at import at
from layerscope.decoder.search.usual import LOVED_BATCHES
from layerscope.explain import product_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network

NEEDS_A_BATCH = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "LocalResponseNorm", "Upsample", "Unflatten")
"""Types that refuse an input without a batch axis, or take its first axis for one."""


def layouts(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    """Causes that make exactly `rows` x `columns` reach that layer of this network, with their rank."""
    yield from _not_flattened(network, name, rows, columns)
    yield from _no_batch(network, name, rows, columns)
    yield from _flattened_too_late(network, name, rows, columns)
    yield from _batch_flattened(network, name, rows, columns)


def _not_flattened(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    flatten = at(network, name).flatten
    if flatten is None:
        return
    changed = network.remove(flatten)
    shape = at(changed, name).shape
    batch = _batch(shape, rows, columns)
    if batch and shape and len(shape) > 1:
        of_batch = "" if batch == 1 else f" for each of the {batch} images"
        why = (
            f"Without {flatten}, {shape_text(shape)} reaches {name}, which acts only on the last axis: "
            f"{product_text(shape[:-1])} rows{of_batch}, with {columns} values in each. "
            f"Flattened, each image is one row of {product_text(shape)} = {prod(shape):,} values."
        )
        yield 0.0, Cause("Not flattened", why, _flatten_remedy(name), True, name, changed)


def _no_batch(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    """One image without its batch axis: the Flatten keeps the first axis, which now is that of the channels."""
    for given, lost in _with_or_without_channel(network):
        flatten = at(given, name).flatten
        shape = _unbatched(given, name)
        if not flatten or not shape or (prod(shape[:-1]), shape[-1]) != (rows, columns):
            continue
        maps = at(given, flatten).shape or ()
        why = (
            f"One input of {shape_text(given.input_shape)} without a batch axis reaches {flatten} as "
            f"{shape_text(maps)}. {flatten} keeps the first axis, as if it were the batch: "
            f"{shape_text(shape)} reaches {name}."
        )
        remedy = "Give the network a batch of one: image.unsqueeze(0)" + (
            ".unsqueeze(0), once for the channel and once for the batch." if lost else "."
        )
        title = "Neither batch nor channel axis" if lost else "No batch axis"
        yield 3.0, Cause(title, why, remedy, True, flatten)


def _with_or_without_channel(network: Network) -> Iterator[tuple[Network, bool]]:
    yield network, False
    if network.input_shape[0] == 1 and len(network.input_shape) == 3:
        yield network.with_input(network.input_shape[1:]), True


def _unbatched(network: Network, name: str) -> Shape | None:
    """What the layer gets when the input has no batch axis; None where that raises another error or none."""
    shifted = _shifted(network, name)
    before = at(network, at(network, name).flatten or name).before
    if shifted is None or any(_needs_a_batch(layer) for layer in before):
        return None
    return at(shifted, name).shape


def _needs_a_batch(layer: Layer) -> bool:
    channelwise = layer.type == "PReLU" and layer.chosen["num_parameters"] != 1
    return layer.type in NEEDS_A_BATCH or layer.type == "Flatten" or channelwise


def _shifted(network: Network, name: str) -> Network | None:
    """The network whose Flatten begins one axis later: on a batch, what the given one does without a batch."""
    flatten = at(network, name).flatten
    if flatten is None:
        return None
    start, end = network[flatten].chosen["start_dim"], network[flatten].chosen["end_dim"]
    if type(start) is not int or type(end) is not int or not 0 <= start < 4 or end >= 4:
        return None
    shifted = network.with_argument(flatten, "start_dim", start + 1)
    return shifted.with_argument(flatten, "end_dim", end + 1) if end >= 0 else shifted


def _flattened_too_late(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    flatten = at(network, name).flatten
    begin = network[flatten].chosen["start_dim"] if flatten else None
    late = network.with_argument(flatten, "start_dim", begin + 1) if flatten and type(begin) is int else None
    shape = at(late, name).shape if late else None
    if late and flatten and shape and len(shape) > 1 and _batch(shape, rows, columns):
        start = late[flatten].chosen["start_dim"]
        why = (
            f"With start_dim={start} the channels stay separate: {shape_text(shape)} reaches {name} for each image, "
            f"which makes {rows} rows for a batch of {_batch(shape, rows, columns)}."
        )
        title = f"Flattened from axis {start} on"
        yield 4.5, Cause(title, why, _flatten_remedy(name), True, flatten, late)


def _batch_flattened(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    """flatten(start_dim=0), view(-1) or view(1, -1): all images of a batch in one row."""
    shape = at(network, name).shape
    first = not any(layer.type == "Linear" for layer in at(network, name).before)
    if not shape or len(shape) > 1 or not first or rows != 1:
        return
    batch, rest = divmod(columns, shape[0])
    if rest == 0 and batch > 1:
        why = (
            f"{columns:,} = {batch:,} × {shape[0]:,}: all {batch:,} images of a batch are in one row, "
            f"with {written_count(shape[0], 'value')} each."
        )
        remedy = "Keep the batch axis: torch.flatten(x, start_dim=1), not start_dim=0, and x.view(x.size(0), -1), "
        remedy += "not x.view(-1)."
        yield (
            1.5 if batch in LOVED_BATCHES else 4.0,
            Cause("The batch flattened too", why, remedy, True, at(network, name).flatten or name),
        )


def other_view(network: Network, name: str, rows: int, columns: int) -> Iterator[tuple[float, Cause]]:
    """view(-1, n) with another n than in_features: the values of some images, cut into rows of a different length."""
    shape = at(network, name).shape
    flatten = at(network, name).flatten
    if not flatten or not shape or len(shape) > 1 or rows * columns % shape[0] or rows == 1 or columns == shape[0]:
        return
    batch = rows * columns // shape[0]
    why = (
        f"{rows:,} × {columns:,} = {rows * columns:,} values come from {written_count(batch, 'image')} of "
        f"{shape[0]:,} values, cut into rows of {columns:,}."
    )
    title = f"view(-1, {columns}) instead of a flatten"
    yield 10.0, Cause(title, why, _flatten_remedy(name), True, flatten)


def _batch(shape: Shape | None, rows: int, columns: int) -> int:
    """How many samples of that shape make so many rows and columns; 0 where none do."""
    if not shape or shape[-1] != columns or rows % prod(shape[:-1]):
        return 0
    return rows // prod(shape[:-1])


def _flatten_remedy(name: str) -> str:
    return f"Write x = torch.flatten(x, start_dim=1) before {name}."
