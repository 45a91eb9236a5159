"""Images that are moved a little each time they are seen, so that a network cannot learn their cells by heart."""

import torch
from torch import Tensor

REACH = 8
"""An image moves by up to this part of its height and width: one cell of a digit of 8×8."""


def augmented(pictures: Tensor, generator: torch.Generator, mirrors: bool) -> Tensor:
    """Pictures (count, colors, height, width), each moved by a few cells, black filling in; half of them mirrored.

    `mirrors` says whether a mirrored picture is of the same class: a digit's is none.
    """
    count, _, height, width = pictures.shape
    down, across = height // REACH, width // REACH
    padded = torch.nn.functional.pad(pictures, (across, across, down, down))
    tops = torch.randint(2 * down + 1, (count, 1), generator=generator)
    lefts = torch.randint(2 * across + 1, (count, 1), generator=generator)
    rows, columns = tops + torch.arange(height), lefts + torch.arange(width)
    moved = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    if mirrors:
        is_mirrored = torch.rand(count, generator=generator) < 0.5
        moved[is_mirrored] = moved[is_mirrored].flip(-1)
    return moved
