"""Images, maps and kernels as a browser shows them: a file, and a sheet of several."""

from io import BytesIO
from math import ceil, sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

MOST, SIDE = 32, 96
"""Pictures on a sheet, and cells along a side of each."""


def png(picture: Tensor) -> bytes:
    """A picture (colors, height, width) of values from 0 to 1 as a PNG: in color from three on, else in gray."""
    from PIL import Image  # here, as few need it

    planes = (picture.clamp(0, 1) * 255).round().to(torch.uint8)
    shown: Any = (planes[:3].permute(1, 2, 0) if len(planes) >= 3 else planes[0]).contiguous().numpy()
    file = BytesIO()
    Image.fromarray(shown).save(file, "PNG")
    return file.getvalue()


def sheet(pictures: Tensor, columns: int = 0) -> list[list[float | None]]:
    """Pictures (count, height, width) beside each other, None between them; of more than MOST the first."""
    shown = pictures[:MOST].float()
    if max(shown.shape[1:]) > SIDE:
        shown = functional.interpolate(shown[:, None], (SIDE, SIDE), mode="area")[:, 0]
    count, height, width = shown.shape
    columns = columns or max(1, min(count, round(sqrt(count * 3))))
    cells = torch.full((ceil(count / columns) * (height + 1) - 1, columns * (width + 1) - 1), float("nan"))
    for number, picture in enumerate(shown):
        down, across = divmod(number, columns)
        top, left = down * (height + 1), across * (width + 1)
        cells[top : top + height, left : left + width] = picture
    return [[None if value != value else round(value, 4) for value in row] for row in cells.tolist()]
