"""Expected input batch_size (200) to match target batch_size (8): outputs and labels have different numbers of rows."""

from collections.abc import Iterator
from dataclasses import replace

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number
from layerscope.decoder.kinds.view_errors import KEEP, MEND, first_linear
from layerscope.decoder.search import expected
from layerscope.decoder.search.at import at
from layerscope.explain import written_count
from layerscope.network import Network
from layerscope.source.reading import Written

MOST_BRANCHES = 16
"""The most outputs that people join into one."""
MOST_SUPPOSED = 4
"""How many causes may suppose a view that no code shows."""


def explain(found: Found, network: Network | None) -> Explanation:
    """Only a view(-1, n) changes the number of rows; where the code has none, outputs and labels come from different
    batches."""
    rows, labels = found.number("rows"), found.number("labels")
    meanings = (
        (f"({rows})", "the rows that the network outputs"),
        (f"({labels})", "the labels, one per image of the batch"),
    )
    mixing = _mixing(found.written)
    may_be = found.written is None or mixing is not None
    causes = list(_batches(network, mixing, rows, labels)) if network and may_be else []
    general = [*_of_labels(rows, labels), *([_mixed(rows, labels)] if may_be else [])]
    supposed = [cause for cause in causes if not cause.fits][:MOST_SUPPOSED]
    fitting = [cause for cause in causes if cause.fits]
    verb = "is" if rows == 1 else "are"
    says = f"There {verb} {written_count(rows, 'row')} of outputs but {written_count(labels, 'label')}."
    first = list(_of_one(rows, labels))
    return Explanation(says, meanings, in_order([*fitting, *first, general[0], *supposed, *general[1:]]))


def _of_one(rows: int, labels: int) -> Iterator[Cause]:
    """One sample, with a label for each of its cells or steps."""
    if rows == 1 and labels > 1:
        yield Cause(
            "The labels of one sample without a batch axis",
            f"One row of outputs but {labels:,} labels: a label map, or the labels of one sequence, without a "
            f"batch axis.",
            "Give the labels a batch of one as well: labels.unsqueeze(0).",
        )


def _mixing(written: tuple[Written, ...] | None) -> Written | None:
    """The view(-1, n) of the code, which cuts the values of all images into rows of n."""
    views = [row for row in written or () if row.parameter == "features" and row.rows == -1]
    return views[0] if views else None


def _of_labels(rows: int, labels: int) -> Iterator[Cause]:
    yield Cause(
        "Outputs and labels from different batches",
        f"A network outputs one row per sample: here {written_count(rows, 'row')}, with "
        f"{written_count(labels, 'label')}. Was the last, smaller batch mixed with another, or do the labels come "
        "from another loader?",
        "Take both from the same step: for x, y in loader. Print x.shape and y.shape before the loss.",
    )
    if labels and rows > labels and rows % labels == 0 and rows // labels <= MOST_BRANCHES:
        many = rows // labels
        yield Cause(
            "Outputs concatenated along the batch",
            f"{rows:,} = {many} × {labels:,}: torch.cat along axis 0 makes {many} rows per sample.",
            "Write torch.cat(outputs, dim=1) for more features per sample.",
        )
    if rows and labels > rows and labels % rows == 0:
        yield Cause(
            "Several labels per image",
            f"{labels:,} = {rows:,} × {labels // rows:,}: one-hot labels or label maps that were flattened.",
            "Keep one class number per image; for one-hot labels, write labels.argmax(dim=1).",
        )


def _mixed(rows: int, labels: int) -> Cause:
    cut = rows // labels if labels and rows > labels and rows % labels == 0 else 0
    ratio = f" {rows:,} = {cut:,} × {labels:,}: was each image cut into {cut:,} rows?" if cut else ""
    why = f"view(-1, n) cuts the values of all images into rows of n.{ratio}"
    return Cause("A view that mixes the images", why, KEEP)


def _batches(network: Network, view: Written | None, rows: int, labels: int) -> Iterator[Cause]:
    """Numbers of values per image that the view cuts into this many rows. They fit where the code has that view."""
    name = first_linear(network)
    if view and view.layer not in network.names:
        return
    row = view.value if view else at(network, name).features if name else 0
    if type(row) is not int or row < 1 or not labels or rows * row % labels or rows == labels:
        return
    target = rows * row // labels
    if view and _flattened(network, view.layer) == target:
        yield _as_written(network, view, name, rows, labels)
        return
    for _, cause in expected.single(network, name, target) if name else ():
        why = (
            f"{cause.why} view(-1, {row}) cuts the {labels:,} × {target:,} values into {rows:,} rows of {row:,}, "
            "which mixes the images."
        )
        whole = replace(cause, why=why, remedy=f"{cause.remedy} {KEEP}", mends=False)
        yield whole if view else _supposed(whole, row)


def _flattened(network: Network, name: str) -> int:
    """The values of one image that reach that view."""
    return at(network, name).values if at(network, name).shape else 0


def _as_written(network: Network, view: Written, name: str | None, rows: int, labels: int) -> Cause:
    """The view's number is wrong for the code as it stands."""
    here = _flattened(network, view.layer)
    place = name or view.layer
    arriving = at(network, place).in_words
    why = (
        f"{arriving} for each image. view(-1, {view.value}) cuts the {labels:,} × {here:,} values into "
        f"{rows:,} rows of {view.value:,}, which mixes the images."
    )
    also = f", and in_features={here} in {name}" if name else ""
    remedy = f"Keep the batch axis{also}: {MEND}"
    return Cause(f"The view says {view.value} but gets {here}", why, remedy, True, place, network, True)


def _supposed(cause: Cause, row: int) -> Cause:
    title = f"If you flatten with view(-1, {row}): {cause.title[0].lower()}{cause.title[1:]}"
    return Cause(title, cause.why, cause.remedy, False, cause.layer)


KINDS: dict[str, Kind] = {
    "batch-size": kind(
        "More or fewer outputs than labels",
        "Expected input batch_size (200) to match target batch_size (8).",
        (rf"Expected input batch_size \({number('rows')}\) to match target batch_size \({number('labels')}\)",),
        explain,
    ),
}
