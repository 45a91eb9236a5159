"""mat1 and mat2 shapes cannot be multiplied: the error of a Linear layer whose in_features is another number."""

from layerscope.decoder import expected, written
from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.arrivals import step_at
from layerscope.decoder.messages import Found
from layerscope.explain import written_count
from layerscope.network import Network

MOST_LAYERS_CONCERNED = 2


def explain(found: Found, network: Network | None) -> Explanation:
    """The numbers AxB and CxD: B values arrive in each of A rows at a layer that wants C and gives D."""
    if not all(found.groups):
        return Explanation("The layer wants another number of values than arrives.", (), _in_general(0, 0, 0, 0))
    rows, columns, wanted, width = (found.number(place) for place in range(4))
    if columns == wanted:
        says = (
            f"{columns:,} values arrive and {wanted:,} are wanted, which fits: torch would not say so. Paste it again?"
        )
        return Explanation(says)
    causes, names = in_network(network, rows, columns, wanted, width) if network else ([], [])
    where = f", here {' or '.join(names)}" if names else ""
    meanings = (
        (
            found.shown(f"{rows}x{columns}", f"[{rows} x {columns}]"),
            f"the rows and columns that arrive: {written_count(rows, 'row')} (the batch, times each axis that was "
            f"not flattened), {written_count(columns, 'value')} in each",
        ),
        (
            found.shown(f"{wanted}x{width}", f"[{wanted} x {width}]"),
            f"the weight, lying on its side: in_features is {wanted:,} and out_features is {width:,}, "
            f"as in nn.Linear({wanted}, {width}){where}",
        ),
    )
    says = f"The layer wants {written_count(wanted, 'value')} in each row; {columns:,} arrive."
    return Explanation(says, meanings, in_order([*causes, *_in_general(rows, columns, wanted, width)]))


def in_network(network: Network, rows: int, columns: int, wanted: int, width: int) -> tuple[list[Cause], list[str]]:
    """The causes that fit, and the layers that they are about.

    Either the network makes `wanted` arrive, and the code that failed differs from it; or it makes `columns` arrive,
    as the code that failed does, and `wanted` was written by hand.
    """
    linear = [layer for layer in network.resolved if layer.type == "Linear"]
    steps = [step for layer in linear if (step := step_at(network, layer.name))]
    steps = [step for step in steps if step.arguments["out_features"] == width]
    causes: list[Cause] = []
    names: list[str] = []
    for step in [s for s in steps if s.input_shape[-1] == wanted][:MOST_LAYERS_CONCERNED]:
        names.append(step.name)
        causes += expected.causes(network, step.name, rows, columns)
    if names:
        return causes, names
    for step in [s for s in steps if s.input_shape[-1] == columns][:MOST_LAYERS_CONCERNED]:
        names.append(step.name)
        causes += written.causes(network, step.name, wanted)
    if not names and steps:
        arriving = f"{steps[0].input_shape[-1]:,}"
        why = f"Here {arriving} values arrive at {steps[0].name}: neither {wanted:,} nor {columns:,}."
        remedy = "Bring the input shape and the layers here to what your code says, then decode again."
        causes.append(Cause("The network here is not the one that failed", why, remedy, layer=steps[0].name))
    return causes, names


def _in_general(rows: int, columns: int, wanted: int, width: int) -> tuple[Cause, ...]:
    """The usual causes, in the order that the numbers alone suggest."""
    whole = wanted and rows * columns % wanted == 0
    kept = (
        f" {rows:,} × {columns:,} = {rows * columns:,} is {rows * columns // wanted:,} × {wanted:,}: " if whole else ""
    )
    tall = rows > 1 and columns < wanted and bool(whole)
    square = round(columns**0.5) ** 2 == columns
    unflattened = Cause(
        "Not flattened",
        "A Linear layer acts on the last axis, so maps that were not flattened arrive as many short rows."
        + (f"{kept}all values are there, but not in one row for each image." if tall else ""),
        "Write x = torch.flatten(x, start_dim=1) before the layer.",
    )
    no_batch = Cause(
        "No batch axis",
        "A single image without a batch axis makes flatten(start_dim=1) keep the channels as rows."
        + (f"{kept}{rows:,} channels of {columns:,} cells?" if tall else ""),
        "Give the network a batch of one: image.unsqueeze(0).",
    )
    flattened = Cause(
        "The batch flattened too",
        "flatten(start_dim=0) or view(-1) makes one row of the whole batch."
        + (
            f" {columns:,} = {columns // wanted:,} × {wanted:,}: a batch of {columns // wanted:,}?"
            if rows == 1 and whole
            else ""
        ),
        "Keep the batch axis: torch.flatten(x, start_dim=1).",
    )
    others = (
        Cause(
            "Images of another size",
            "The number of values after flattening grows with height and width.",
            "Print x.shape before the layer, and compare the images with those the network was written for.",
        ),
        Cause(
            "A pooling layer that is missing or was not counted",
            "Each pooling of 2 divides the flattened values by 4.",
            "Follow the sizes through forward: every pooling must be called, and counted in in_features.",
        ),
        Cause(
            "in_features counts something else",
            "in_features is no free choice: it is channels × height × width of what arrives"
            + (f", and {columns:,} arrives." if columns else "."),
            f"When the forward pass is as you want it: nn.Linear({columns}, {width})."
            if columns
            else "When the forward pass is as you want it, write that product.",
        ),
    )
    if rows == 1:  # one row: what was not flattened makes several
        return (flattened, *others) if whole else (*others[:2], flattened, others[2])
    if not tall:
        return *others[:2], unflattened, no_batch, *([flattened] if not rows else []), others[2]
    # Maps are mostly square: rows of W values come in multiples of H = W, rows of H·W values are squares.
    first, second = (no_batch, unflattened) if square and rows % columns else (unflattened, no_batch)
    return first, second, *others
