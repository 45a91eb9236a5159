"""A norm whose second argument is meant for something else: nn.BatchNorm2d(64, 64) adds 64 to the variance."""

import ast
from collections.abc import Iterator

from layerscope.source.reading import Flaw
from layerscope.source.remarks.case import Case

LARGE = 1
"""From here on, what is added outweighs the variance of ordinary values."""


def remark(case: Case) -> Iterator[Flaw]:
    """One remark, about the first of them."""
    found = [
        (row, name)
        for row, name in case.followed.pairs
        if row.module is not None and row.again is None and (row.layer.chosen.get("eps") or 0) >= LARGE
    ]
    if not found:
        return
    row, name = found[0]
    node, eps = row.module.node, row.layer.chosen["eps"]
    second = node.args[1] if isinstance(node, ast.Call) and len(node.args) > 1 else None
    others = f" The same holds for {len(found) - 1} more." if len(found) > 1 else ""
    yield case.flaw(
        f"{name} adds eps = {eps:g} to the variance before it divides, so it hardly normalizes: the second argument "
        f"of {row.type} is eps, usually 1e-5.{others}",
        second or node, kind="eps", title=f"{name}: eps is {eps:g}",
    )  # fmt: skip
