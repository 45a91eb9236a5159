"""A BatchNorm at work: one value of a channel at a time, with the channel's mean, variance, weight and bias."""

from typing import Any

from layerscope.steps import Trace
from layerscope.study.inside import Inside
from layerscope.ui.insides.packing import packed, plane
from layerscope.ui.insides.window import VOLUME, on_image
from layerscope.ui.looking import Looking

Part = dict[str, Any]
ONE = (1, 1)
_STILL = {"kernel": 1, "dilation": 1, "stride": 1, "before": 0, "apart": 1, "spans": None}
"""A window of one slice."""


def scene(seen: Inside, traced: Trace, name: str, looking: Looking) -> Part:
    """The numbers and choices, as those of a window of one cell."""
    here = seen.norms(name)
    channel = min(looking.filter, len(here.made) - 1)
    source = seen.network.before(name)[0]
    is_image = source in [given.name for given in seen.network.inputs]
    size = plane((1, *here.made.shape[1:])) if here.made.ndim > 1 else ONE
    slices = here.made.shape[1] if here.made.ndim > len(VOLUME) else 0
    numbers = {"mean": here.mean, "variance": here.variance, "weight": here.weight, "bias": here.bias}
    found = {
        "stem": f"{name}-value", "layer": name, "reads": source, "kind": "norm", "filter": channel,
        "filters": len(here.made), "channel": 0, "channels": [channel], "depth": 1, "labels": ("channel", ""),
        "kernel": ONE, "dilation": ONE, "stride": ONE, "before": (0, 0), "padding": "", "listed": False,
        "slices": _STILL | {"size": slices, "map": slices, "inner": slices} if slices else None,
        "axes": max(here.made.ndim - 1, 1), "size": size, "inner": size, "map": size, "gray": is_image, "shown": 0,
        "cells": packed(here.given[channel]), "sums": packed(here.made[channel]),
        "norm": {key: float(tensor[channel]) for key, tensor in numbers.items()} | {"eps": here.eps},
    }  # fmt: skip
    return found if is_image or here.made.ndim < 2 else found | on_image(seen, traced, name)
