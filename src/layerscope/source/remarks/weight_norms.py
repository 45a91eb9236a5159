"""Lengths that weight_norm keeps beside a layer's weight: parameters that no row shows."""

from collections.abc import Iterator

from layerscope.formatting import joined
from layerscope.source.reading import Flaw
from layerscope.source.remarks.case import Case

MOST_NAMED = 3


def remark(case: Case) -> Iterator[Flaw]:
    """One remark about all layers whose weight is a direction and a length."""
    found = {
        id(row.module): (name, row.module.lengths)
        for row, name in case.followed.pairs
        if row.again is None and getattr(row.module, "lengths", None) is not None
    }
    if not found:
        return
    names = [name for name, _ in found.values()]
    first = next(row for row, name in case.followed.pairs if name == names[0])
    counts = [lengths.count for _, lengths in found.values()]
    known = [count for count in counts if count is not None]
    total = sum(known) if len(known) == len(counts) else None
    shown = joined(names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], f"{len(names) - 2} other layers"])
    more = "more parameters" if total is None else f"{total:,} more parameter{'s' * (total != 1)}"
    yield case.flaw(
        f"weight_norm splits the weight of {shown} into directions and lengths. The lengths are not shown here: "
        f"PyTorch counts {more}.", first.module.node,
        kind="weight_norm", title=f"weight_norm has {more}",
    )  # fmt: skip
