"""Arrays on their way to the browser."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def plane(shape: Sequence[int]) -> tuple[int, ...]:
    """Rows and columns; what has one axis is one row."""
    return (1, *shape[1:])[-2:]


def packed(values: Tensor) -> str:
    """float32 in base64, little end first."""
    array: Any = values.to(torch.float32).contiguous().numpy()
    return b64encode(array.astype("<f4").tobytes()).decode("ascii")
