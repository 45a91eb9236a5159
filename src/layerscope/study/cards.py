"""Common cards and how much memory they have, in GiB, the unit of nvidia-smi; and what of it no tensor gets."""

from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.study.estimate import EstimateError

MIB, GIB = 2**20, 2**30
CARDS: dict[str, int] = {
    "GTX 1650 (4 GiB)": 4,
    "RTX 2060 (6 GiB)": 6,
    "RTX 4060 (8 GiB)": 8,
    "RTX 3080 (10 GiB)": 10,
    "RTX 3060 (12 GiB)": 12,
    "Tesla T4, Colab and Kaggle (16 GiB)": 16,
    "RTX 3090, RTX 4090, L4 (24 GiB)": 24,
    "RTX 5090, V100 (32 GiB)": 32,
    "A100 (40 GiB)": 40,
    "L40S, RTX 6000 Ada (48 GiB)": 48,
    "A100, H100 (80 GiB)": 80,
    "H200 (141 GiB)": 141,
}
"""GiB by the name of a card, the small ones first. The boxes say GB and mean these."""
CONTEXT = 512 * MIB
"""What PyTorch's first use of a card takes before there is any tensor: the CUDA context with the kernels it loads. It
depends on card, driver and libraries, and is 300 to 600 MiB on most."""


def card_bytes(gibibytes: Any) -> int:
    """The bytes of a card of so many GiB. Raises EstimateError for what is not a number of them."""
    is_number = isinstance(gibibytes, int | float) and not isinstance(gibibytes, bool) and isfinite(gibibytes)
    if not is_number or not 0 < gibibytes <= limits.MEMORY_CARD.most:
        raise EstimateError(limits.MEMORY_CARD.sentence(found=str(gibibytes)[:40]))
    return int(gibibytes * GIB)


def room_on(card: int) -> int:
    """The bytes of a card that are left for tensors beside the CUDA context."""
    return max(0, card - CONTEXT)
