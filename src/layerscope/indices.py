"""How large the indices are that rows look up, as far as the inputs of the network say it."""

from collections.abc import Sequence

import torch

from layerscope.asking import first_line
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.unfilled import build

Bounds = Sequence[int | None]
"""For each row, what all indices that it reads are below; None where it reads values, or nobody said."""


def bounds(network: Network) -> Bounds:
    """The bounds of all rows. Rows that pass indices on only move them."""
    given = [each.high if each.kind == "indices" else None for each in network.inputs]
    found, passed = list[int | None](), list[int | None]()
    for layer, sources in zip(network.layers, network.wiring, strict=True):
        read = [given[~row] if row < 0 else passed[row] for row, _ in sources]
        known = [high for high in read if high is not None]
        found.append(max(known) if known and len(known) == len(read) else None)
        passed.append(found[-1] if layer.passes_kind else None)
    return found


def words(layer: Layer, high: int) -> str:
    """What torch says when `layer` looks up the largest index below `high`; its vectors need no more than one value."""
    narrow = layer.with_chosen("embedding_dim", 1)
    try:
        with torch.no_grad():
            build(narrow, narrow.chosen)(torch.full((1, 1), high - 1))
    except Exception as error:  # whatever torch refuses it with
        return first_line(error)
    return ""
