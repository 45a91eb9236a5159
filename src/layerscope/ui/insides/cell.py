"""One value as a formula of few numbers: the formula, what each cell reads of each input, and the cells themselves.

Everything that the browser needs for one map of the output comes at once.
"""

from collections.abc import Sequence
from math import ceil, prod, sqrt
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.layers.several import letters
from layerscope.steps import Step, Trace
from layerscope.study.inside import Inside
from layerscope.study.sights import sights
from layerscope.study.written_out import NAMED, Read, Written
from layerscope.ui.insides.calculating import as_maps
from layerscope.ui.insides.packing import packed
from layerscope.ui.insides.window import on_image
from layerscope.ui.looking import Looking

Part = dict[str, Any]
SAID = {
    "mean_of_squares": "mean of x²", "total": "Σ exp(x)", "total_of_opposites": "Σ exp(−x)",
}  # fmt: skip
"""Names that are better written another way."""


def scene(seen: Inside, traced: Trace, name: str, looking: Looking) -> Part:
    """The numbers and choices."""
    here = seen.written(name)
    shape = tuple(here.made.shape)
    count = as_maps(shape)[0]
    chosen = min(looking.filter, (count if len(shape) > 1 else max(shape, default=1)) - 1)
    at = chosen if len(shape) > 1 else 0
    shown = _shown(traced.steps[-1], shape)
    inputs = [given.name for given in seen.network.inputs if given.kind == "values"]
    is_one = here.moves or len(here.reads) == 1
    named = list(zip(here.reads, ["x"] * len(here.reads) if is_one else letters(len(here.reads)), strict=True))
    used = [one for one in named if not here.moves or bool((_part(one[0].at, at) >= 0).any())] or named[:1]
    is_image = len(used) == 1 and used[0][0].name in inputs
    found = {
        "view": "cell", "kind": "cell", "stem": f"{name}-value", "layer": name, "filter": chosen, "at_map": at,
        "filters": max(shape, default=1) if len(shape) < 2 else count, "labels": (shown["words"][0], ""),
        "channel": 0, "depth": 1, "shown": shown,
        "sums": packed(_part(here.made, at)), "which": _sent(_part(here.which, at)),
        "formulas": [{"text": one.text, "said": one.said} for one in here.branches],
        "numbers": {
            key: _sent(_part(value.expand(shape), at)) if isinstance(value, Tensor) else value
            for key, value in _own(here).items()
        },
        "names": SAID, "moves": here.moves,
        "reads": [_read(*one, at, traced, inputs) for one in used],
    }  # fmt: skip
    return found if is_image or len(used) > 1 else found | on_image(seen, traced, name)


def _own(here: Written) -> dict[str, float | Tensor]:
    """The numbers that stand in the formulas, but what is read."""
    wanted = {key for one in here.branches for key in NAMED.findall(one.text)}
    read = {"x"} if len(here.reads) == 1 or here.moves else set(letters(len(here.reads)))
    return {key: value for key, value in here.numbers.items() if key in wanted - read}


def _shown(step: Step | None, shape: Shape) -> Part:
    """How a tensor is drawn: as maps, or as lines; and what the axes of a cell are called."""
    _, *plane = as_maps(shape)
    found = sights(step) if step is not None and len(shape) == 2 else None
    is_signal = len(found or ()) == 1
    is_line = len(shape) < 2 or (len(shape) == 2 and not is_signal)
    words: dict[int, Sequence[str]] = {
        0: ("value",), 1: ("value",), 2: ("channel", "position") if is_signal else ("row", "column"),
        3: ("channel", "row", "column"), 4: ("channel", "slice", "row", "column"),
    }  # fmt: skip
    fold = ceil(sqrt(prod(plane))) if is_line else 0
    return {"shape": list(shape), "map": plane, "fold": fold, "words": words.get(len(shape), ("map", "row", "column"))}


def _read(read: Read, letter: str, at: int, traced: Trace, inputs: Sequence[str]) -> Part:
    """What is read of one input: its maps of which some cell is read, where they are few enough, and for each cell of
    the output the place of its map among them, and its own place there; −1 where none is read."""
    shape = tuple(read.given.shape)
    plane = prod(as_maps(shape)[2:])
    places = _part(
        read.at if read.at is not None else torch.arange(read.given.numel(), dtype=torch.int32).reshape(shape), at
    )
    is_none = places < 0
    maps = torch.tensor(sorted(set((places[~is_none] // plane).tolist())), dtype=torch.int32)
    is_few = len(maps) * plane <= limits.INSIDE_CELLS.most
    cells = read.given.reshape(-1, plane)[maps] if is_few else read.given.new_zeros(0)
    where = (
        torch.where(is_none, -1, one)
        for one in (torch.searchsorted(maps, (places // plane).contiguous()), places % plane)
    )
    above = traced.by_name.get(read.name.partition(":")[0])
    return {
        "name": read.name, "letter": letter, "gray": read.name in inputs, "maps": maps.tolist(), "cells": packed(cells),
        "is_few": is_few, "at": None if read.at is None else list(map(packed, where)), **_shown(above, shape),
    }  # fmt: skip


def _sent(values: Tensor) -> Part:
    """The values of a map: once along each axis where all are the same."""
    for axis in range(values.ndim):
        first = values.narrow(axis, 0, 1)
        if bool((values == first).all()):
            values = first
    return {"cells": packed(values), "sizes": list(values.shape)}


def _part(values: Tensor | None, at: int) -> Tensor:
    """One map of values shaped as an output."""
    assert values is not None
    return values.reshape(as_maps(tuple(values.shape)))[at]
