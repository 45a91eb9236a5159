"""Which places of an image speak for a class: Grad-CAM.

Method: R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV
2017. Each map of the last layer that still has places is weighted with the mean gradient of the class's score for it;
what is positive of their sum is what speaks for the class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from layerscope.building import called
from layerscope.catalogue import GROUPS
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.study.inside import LookError, as_batch, complaint, prepared, refusals
from layerscope.tracing import trace

OVER_IMAGES = (*GROUPS["Convolution"], *GROUPS["Transposed convolution"], *GROUPS["Pooling"])
NO_MAP = "No feature map of this network keeps its positions up to the classes, so Grad-CAM has nothing to show."


@dataclass(frozen=True)
class ClassMap:
    """`heat` is (rows, columns) of the maps that leave `layer`, of a volume (slices, rows, columns); `scores` has one
    number for each class."""

    layer: str
    heat: Tensor
    weights: Tensor
    """What each of the layer's maps counts: the mean gradient of the score."""
    scores: Tensor
    maps: Tensor
    """What leaves the layer, a map for each of `weights`. `heat` is what is positive of their sum, each times its
    weight."""

    @property
    def probabilities(self) -> Tensor:
        """The softmax of the scores."""
        return self.scores.softmax(0)


def missing(traced: Trace) -> str:
    """What a network lacks for a class map, as a sentence; "" where it lacks nothing."""
    shapes = traced.output_shapes
    if traced.error is not None:
        return f"{traced.steps[-1].name} does not run: {traced.error.message}"
    if len(shapes) != 1 or len(shapes[0]) != 1 or shapes[0][0] < 2:
        return "This network does not output one score for each class, so there is no class to explain."
    return ""


def last_map(traced: Trace) -> Step | None:
    """The last row whose output is (channels, rows, columns) of more than one cell, or (channels, slices, rows,
    columns) where the input is a volume; None where there is none.

    Nor is there one before attention: it mixes the places, so what the map's cells hold says little of the score. After
    it (heads, steps, features) is not a map either, until a row over an image makes one again.
    """
    found, is_mixed = None, False
    ranks = {3, len(traced.network.input_shape)} - {1, 2}  # of an image four axes are channels in groups
    for step in traced.steps:
        shape = step.output_shape or ()
        if isinstance(step.layer, GROUPS["Attention"]):
            found, is_mixed = None, True
        elif len(step.output_shapes) == 1 and len(shape) in ranks and prod(shape[1:]) > 1:
            is_mixed = is_mixed and not isinstance(step.layer, OVER_IMAGES)
            found = None if is_mixed else step
    return found


def class_map(
    network: Network, image: Any, wanted: int, seed: int = 0, weights: Mapping[str, Any] | None = None
) -> ClassMap:
    """Where the image speaks for the class `wanted`; `image`, `seed` and `weights` are those of `inside.look`.

    Raises LookError where the network has no classes or no maps (see `covering` for those), or where it is too large
    to be run.
    """
    traced = trace(network)
    row = last_map(traced)
    if wrong := missing(traced) or complaint(traced) or ("" if row else NO_MAP):
        raise LookError(wrong)
    assert row is not None
    (count,) = traced.output_shapes[0]
    if not 0 <= wanted < count:
        raise LookError(f"This network has classes 0 to {count - 1:,}; {wanted} is none of them.")
    given = as_batch(network, image)
    made = prepared(network, seed, weights).requires_grad_(False)
    with refusals():
        maps, scores = _scored(made, network, row.name, given)
        (gradient,) = torch.autograd.grad(scores[0, wanted], maps, allow_unused=True)
    if gradient is None:
        raise LookError(f"The scores do not depend on {row.name}, the last layer that keeps positions.")
    counts = gradient[0].flatten(1).mean(1)
    heat = torch.tensordot(counts, maps.detach()[0], 1).relu()
    return ClassMap(row.name, heat, counts, scores.detach()[0], maps.detach()[0])


def _scored(made: nn.Module, network: Network, name: str, given: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The maps that leave a row, as a leaf of the graph, and the scores that torch makes of them."""
    module = called(made)[name]
    calls = [row for row in network.names if called(made)[row] is module]
    turn, kept = calls.index(name), list[Tensor]()
    seen = iter(range(len(calls)))

    def hook(_module: nn.Module, _inputs: Any, result: Tensor) -> Tensor | None:
        if next(seen) != turn:
            return None
        kept.append(result.detach().requires_grad_())
        return kept[0].clone()  # a later row may work in place

    handle = module.register_forward_hook(hook)
    try:
        with torch.enable_grad():
            scores = made(*given.values())
    finally:
        handle.remove()
    if not scores.requires_grad:
        raise RuntimeError("the scores depend on no map")
    return kept[0], scores
