"""One value of a Linear: its row of weights times the input, the largest products one by one."""

from math import ceil, sqrt
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.study.inside import Inside
from layerscope.study.sheets import A_LINE, vector
from layerscope.ui.insides.packing import packed
from layerscope.ui.looking import Looking

Part = dict[str, Any]
MOST = 12
"""So many products are written out; what the others add up to is one number."""


def scene(seen: Inside, name: str, looking: Looking) -> Part:
    """The numbers and choices. The filter is the place of the value, the channel that of the row of the input."""
    here = seen.rows(name)
    positions, features = here.made.shape
    position, out = min(looking.channel, positions - 1), min(looking.filter, features - 1)
    made = here.window(position, out)
    weights = made.weights
    assert weights is not None
    products = torch.from_numpy(made.products)
    order = products.abs().argsort(descending=True, stable=True)[:MOST].sort().values
    sum_ = float(products[order].double().sum())
    given, outputs = _square(here.given[position], 0), _square(here.made[position], out)
    return {
        "view": "row", "kind": "sum", "stem": f"{name}-value", "layer": name, "reads": seen.network.before(name)[0],
        "filter": out, "filters": features, "channel": position, "depth": positions, "labels": ("value", "row"),
        "given": given, "made": outputs, "in_features": len(products),
        "terms": [
            [index, float(made.values[index]), float(weights[index]), float(products[index])]
            for index in order.tolist()
        ],
        "sum": sum_, "others": len(products) - len(order), "rest": made.sums[0] - sum_,
        "bias": made.bias if here.bias is not None else None, "value": made.value,
    }  # fmt: skip


def _square(values: Tensor, at: int) -> Part:
    """Values in about as many lines as each has values; `first` is the number of the first one."""
    sheet = vector(values, at, ceil(sqrt(min(len(values), A_LINE * limits.INSIDE_MATRIX.most))))
    return {
        "cells": packed(sheet.tiles), "size": list(sheet.tiles.shape[2:]), "first": sheet.first.get("place", 0),
        "cut": sheet.cut,
    }  # fmt: skip
