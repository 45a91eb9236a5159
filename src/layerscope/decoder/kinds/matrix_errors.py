"""mat1 and mat2 shapes cannot be multiplied: the error of a Linear layer whose in_features does not match its input."""

from collections.abc import Iterator
from math import gcd, isqrt

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number
from layerscope.decoder.pointing import narrowed
from layerscope.decoder.search import expected, written
from layerscope.decoder.search.at import at
from layerscope.explain import written_count
from layerscope.layers.base import Shape
from layerscope.network import Network

MOST_LAYERS_CONCERNED = 2
WIDTHS = frozenset(2**power for power in range(3, 13))
"""Common widths of layers."""
MOST_COLUMNS = 31
"""Rows with at most this many numbers may be those of a table."""


def explain(found: Found, network: Network | None) -> Explanation:
    """The numbers AxB and CxD: B values arrive in each of A rows at a layer that expects C and gives D."""
    if not found["rows"]:
        return Explanation(
            "The layer expects another number of values than it gets.", (), _in_general(0, 0, 0, 0, set())
        )
    rows, columns, wanted, width = (found.number(name) for name in ("rows", "columns", "wanted", "width"))
    if columns == wanted:
        says = (
            f"The layer expects {wanted:,} values and gets {columns:,}. That fits, so this cannot be the whole error. "
            f"Please paste it again."
        )
        return Explanation(says)
    causes, names = in_network(network, rows, columns, wanted, width, found) if network else ([], [])
    if not network and "product" in found.line_calls:
        return _of_product(found, rows, columns, wanted, width)
    corrected = any(cause.mends and (cause.network == network or _gets_maps(network, cause.layer)) for cause in causes)
    channels = {shape[0] for name in names if network and (shape := _before_flatten(network, name))}
    where = f", here {' or '.join(names)}" if names else ""
    meanings = (
        (
            found.shown(f"{rows}x{columns}", f"[{rows}, {columns}]", f"[{rows} x {columns}]"),
            f"the input: {written_count(rows, 'row')} of {written_count(columns, 'value')}"
            + ("" if _knows_no_images(network) else ". After a flatten, each image is one row"),
        ),
        (
            found.shown(f"{wanted}x{width}", f"[{wanted}, {width}]", f"[{wanted} x {width}]"),
            f"in_features × out_features of the layer: nn.Linear({wanted}, {width}){where}",
        ),
    )
    says = f"The layer expects {written_count(wanted, 'value')} in each row but gets {columns:,}."
    first = list(_of_numbers(network, rows, columns, wanted, width, names))
    is_vector = network is None and rows == wanted == 1
    general = () if is_vector or _knows_no_images(network) else _in_general(rows, columns, wanted, width, channels)
    general = general[:-1] if corrected and general else general
    return Explanation(says, meanings, in_order([*causes, *first, *general]))


def _of_product(found: Found, rows: int, columns: int, wanted: int, width: int) -> Explanation:
    """x @ w, which has no layer: the second matrix is as often the transposed weight of one."""
    meanings = (
        (found.shown(f"{rows}x{columns}", f"[{rows}, {columns}]", f"[{rows} x {columns}]"), "the first matrix"),
        (found.shown(f"{wanted}x{width}", f"[{wanted}, {width}]", f"[{wanted} x {width}]"), "the second matrix"),
    )
    says = f"The first matrix has {written_count(columns, 'column')}, so the second needs as many rows, not {wanted:,}."
    turned = Cause(
        "The second matrix is transposed",
        f"Its {written_count(width, 'column')} are what the first matrix needs as rows. nn.Linear keeps its weight "
        "as (out_features, in_features), and multiplies by its transpose.",
        "Write x @ w.T, or torch.nn.functional.linear(x, w).",
    )
    first = Cause(
        "The first matrix is transposed",
        f"It has {written_count(rows, 'row')}, as many as the second has rows.",
        "Write x.T @ w.",
    )
    other = Cause(
        "The two matrices were made for different widths",
        "Columns of the first and rows of the second count the same thing, such as the features.",
        "Print both shapes before this line, and make the one that is wrong anew.",
    )
    return Explanation(
        says, meanings, (*([turned] if columns == width else []), *([first] if rows == wanted else []), other)
    )


def _gets_maps(network: Network | None, name: str) -> bool:
    """Whether the input of that layer has several axes, so that the last one alone is not the number to write."""
    return network is not None and bool(name) and len(at(network, name).shape or ()) > 1


def _knows_no_images(network: Network | None) -> bool:
    """Whether the network takes rows of numbers: nothing in it is an image, or was one."""
    return network is not None and len(network.input_shape) == 1


def _of_numbers(
    network: Network | None, rows: int, columns: int, wanted: int, width: int, names: list[str]
) -> Iterator[Cause]:
    """What the numbers alone suggest: a column, a layer that is applied twice, adjacent layers, a table. `names` are
    the layers that are concerned, where that is known."""
    table = _knows_no_images(network)
    is_first = network is None or not names or at(network, names[0]).source is None
    is_later = network is None or not names or not is_first
    if columns == 1 and rows == wanted:
        why = f"{rows} rows of 1 value are one sample written as a column; the layer expects it as one row of {wanted}."
        yield Cause("A column instead of a row", why, f"Write x.T, or x.reshape(1, {wanted}).")
    if rows == wanted == 1 < columns:
        why = (
            f"A vector of {columns} numbers counts as one sample. The layer expects 1 number per sample, which is "
            f"{written_count(columns, 'row')} of 1."
        )
        yield Cause("The feature axis is missing", why, "Write x.unsqueeze(-1).")
    if columns == width:
        why = f"The layer outputs {width} values and gets {columns}, so its input may already have gone through it."
        remedy = "Call each layer once: look for a second call of it in forward, or a second call of the network."
        name = names[0] if names else ""
        yield Cause(f"{name or 'The layer'} is applied twice", why, remedy, bool(name), name)
    if is_first and columns != width and (table or max(columns, wanted) <= MOST_COLUMNS):
        more = "few" if columns < wanted else "many"
        why = (
            f"A sample has {written_count(columns, 'number')}, but the layer expects {wanted}: the table has "
            f"{written_count(abs(columns - wanted), 'column')} too {more}, such as the labels or an index."
        )
        remedy = (
            f"Print x.shape, and use the columns that the network was made for; or write nn.Linear({columns}, {width})."
        )
        yield Cause("Samples with a different number of columns", why, remedy)
    if is_later and columns != width and (table or (columns in WIDTHS and wanted in WIDTHS)):
        why = f"The layer before it outputs {written_count(columns, 'value')}, but this one expects {wanted:,}."
        remedy = f"Write out_features={wanted} in the layer before it, or nn.Linear({columns}, {width}) here."
        yield Cause("The layer before it has a different width", why, remedy)


def in_network(
    network: Network, rows: int, columns: int, wanted: int, width: int, found: Found
) -> tuple[list[Cause], list[str]]:
    """The causes that fit, and the layers that they are about.

    Either the network makes `wanted` arrive, and the code that failed differs from it; or it makes `columns` arrive,
    as the code that failed does, and `wanted` was written by hand.
    """
    linear = [layer for layer in network.resolved if layer.type == "Linear"]
    steps = [step for layer in linear if (step := at(network, layer.name).step)]
    steps = [step for step in steps if step.arguments["out_features"] == width]
    named = narrowed(found.calls, [step.name for step in steps])
    steps = [step for step in steps if step.name in named]
    causes: list[Cause] = []
    names: list[str] = []
    for step in [s for s in steps if s.input_shape[-1] == wanted][:MOST_LAYERS_CONCERNED]:
        names.append(step.name)
        causes += expected.causes(network, step.name, rows, columns, widths=found.written is None)
    if names:
        return causes, names
    for step in [s for s in steps if s.input_shape[-1] == columns][:MOST_LAYERS_CONCERNED]:
        names.append(step.name)
        causes += written.causes(network, step.name, wanted, found.written or ())
    if not names and steps:
        arriving = f"{steps[0].input_shape[-1]:,}"
        why = f"Here {arriving} values reach {steps[0].name}: neither {wanted:,} nor {columns:,}."
        remedy = "Change the input shape and the layers here to match your code, then explain the error again."
        causes.append(Cause("The network here is not the one that failed", why, remedy, layer=steps[0].name))
    return causes, names


def _before_flatten(network: Network, name: str) -> Shape:
    """The maps that are flattened for that layer; () where none are."""
    return at(network, name).maps or ()


def _in_general(rows: int, columns: int, wanted: int, width: int, channels: set[int]) -> tuple[Cause, ...]:
    """The usual causes that the numbers allow, the likeliest first; `channels` are those of the maps that are
    flattened, where that is known."""
    whole = wanted and rows * columns % wanted == 0
    images = rows * columns // wanted if wanted else 0
    kept = f" {rows:,} × {columns:,} = {rows * columns:,}" + (f" = {images:,} × {wanted:,}: " if images > 1 else ": ")
    short = (rows != 1 and columns < wanted) or not rows
    tall = bool(short and whole and rows)
    unflattened = Cause(
        "Not flattened",
        "A Linear layer acts on the last axis: for it, maps that are not flattened are many short rows."
        + (f"{kept}all values are there, but not in one row for each image." if tall else ""),
        "Write x = torch.flatten(x, start_dim=1) before the layer.",
    )
    no_batch = Cause(
        "No batch axis",
        "Without a batch axis, flatten(start_dim=1) turns each channel of a single image into a row."
        + (f"{kept}{rows:,} channels of {written_count(columns, 'cell')}?" if tall else ""),
        "Give the network a batch of one: image.unsqueeze(0).",
    )
    flattened = Cause(
        "The batch flattened too",
        "flatten(start_dim=0) or view(-1) turns the whole batch into one row."
        + (
            f" {columns:,} = {columns // wanted:,} × {wanted:,}: a batch of {columns // wanted:,}?"
            if rows == 1 and whole
            else ""
        ),
        "Keep the batch axis: torch.flatten(x, start_dim=1).",
    )
    size, pooling, count = _other_causes(columns, wanted, width)
    if rows == 1:  # one row: what was not flattened makes several
        return (flattened, size, pooling, count) if whole else (size, pooling, flattened, count)
    axes = [unflattened] if short else []
    if short and _may_be_channels(rows, columns, wanted, channels):
        # Maps are mostly square: rows of W values come in multiples of H = W, rows of H·W values are squares.
        first = tall and rows % columns != 0 and isqrt(columns) ** 2 == columns
        axes.insert(0 if first else 1, no_batch)
    if tall:
        return *axes, size, pooling, count
    return size, pooling, *axes, *([flattened] if not rows else []), count


def _may_be_channels(rows: int, columns: int, wanted: int, channels: set[int]) -> bool:
    """Whether the rows can be the channels of one image without its batch axis, each flattened for itself."""
    if channels or not rows:
        return rows in channels or not rows
    square = isqrt(columns) ** 2 == columns
    if rows * columns == wanted:  # as many values as one image should have
        return square or rows % columns != 0
    return square and rows % 2 == 0 and rows * columns % wanted != 0


def _maps(columns: int, wanted: int) -> str:
    """Square maps of the same channels that both numbers may be: 1,600 = 64 × 5 × 5 and 3,136 = 64 × 7 × 7."""
    channels = gcd(columns, wanted)
    if channels < 2:
        return ""
    sides = isqrt(columns // channels), isqrt(wanted // channels)
    if [side**2 * channels for side in sides] != [columns, wanted]:
        return ""
    (here, made), (there, meant) = ((f"{channels} × {side} × {side}", f"{side} × {side}") for side in sides)
    return (
        f" {columns:,} = {here} and {wanted:,} = {there}: with {channels} channels, the maps are {made} here, and the "
        f"layer was written for {meant}."
    )


def _other_causes(columns: int, wanted: int, width: int) -> tuple[Cause, Cause, Cause]:
    return (
        Cause(
            "Your images have a different size",
            "The number of values after flattening grows with height and width." + _maps(columns, wanted),
            "Print x.shape before the layer, and check the image size that the network was written for.",
        ),
        Cause(
            "A pooling layer is missing or was not counted",
            "Each pooling of 2 divides the flattened values by 4.",
            "Follow the sizes through forward: in_features must count every pooling, and forward must call it.",
        ),
        Cause(
            "in_features counts something else",
            "in_features is channels × height × width of the maps that are flattened"
            + (f": {columns:,}." if columns else "."),
            f"When the forward pass is right, write nn.Linear({columns}, {width})."
            if columns
            else "When the forward pass is right, write that product.",
        ),
    )


KINDS: dict[str, Kind] = {
    "matrix": kind(
        "Matrices cannot be multiplied",
        "mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)",
        (
            rf"mat1 and mat2 shapes cannot be multiplied ?\( ?{number('rows')}x{number('columns')} and "
            rf"{number('wanted')}x{number('width')} ?\)",
            rf"size mismatch, m1: \[{number('rows')} x {number('columns')}\], m2: \[{number('wanted')} x "
            rf"{number('width')}\]",
            rf"a and b must have same reduction dim, but got \[{number('rows')}, {number('columns')}\] X "
            rf"\[{number('wanted')}, {number('width')}\]",
            r"mat1 dim 1 must match mat2 dim 0"
            rf"(?: ?\({number('rows')}x{number('columns')} and {number('wanted')}x{number('width')}\))?",
        ),
        explain,
    ),
}
