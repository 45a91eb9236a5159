"""Which images a network learns from, and which are held out to see whether it learned more than those."""

from dataclasses import dataclass

import torch
from torch import Tensor

from layerscope.study.data import Data

HELD = 0.2
"""The share of each class that is held out."""


@dataclass(frozen=True, eq=False)
class Split:
    """Places of images in their set, int64, each in a mixed order in which the classes are spread evenly."""

    training: Tensor
    held: Tensor

    def with_fewer(self, images: int) -> "Split":
        """Only so many to train on; the same are held out."""
        return Split(self.training[:images], self.held)


def split(data: Data, held: float = HELD) -> Split:
    """Divide a set, the same way each time: training runs with different seeds are measured on the same images."""
    return Split(*divided(data.labels, len(data.classes), held))


def divided(labels: Tensor, classes: int, held: float) -> tuple[Tensor, Tensor]:
    """Places to train on, and places that are held out: that share of each class, at least one of two."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    is_held = torch.zeros(len(labels), dtype=torch.bool)
    for label in range(classes):
        places = (labels[order] == label).nonzero()[:, 0]
        is_held[places[: max(round(held * len(places)), min(1, len(places) // 2))]] = True
    return order[~is_held], order[is_held]
