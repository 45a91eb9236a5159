"""Common cards and how much memory they have, as they are sold: 1 GB is 2³⁰ bytes on a card."""

from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.study.estimate import EstimateError

GIGABYTE = 2**30
CARDS: dict[str, int] = {
    "GTX 1650 (4 GB)": 4,
    "RTX 2060 (6 GB)": 6,
    "RTX 4060 (8 GB)": 8,
    "RTX 3080 (10 GB)": 10,
    "RTX 3060 (12 GB)": 12,
    "Tesla T4, Colab and Kaggle (16 GB)": 16,
    "RTX 3090, RTX 4090, L4 (24 GB)": 24,
    "RTX 5090, V100 (32 GB)": 32,
    "A100 (40 GB)": 40,
    "L40S, RTX 6000 Ada (48 GB)": 48,
    "A100, H100 (80 GB)": 80,
    "H200 (141 GB)": 141,
}
"""Gigabytes by the name of a card, the small ones first."""


def card_bytes(gigabytes: Any) -> int:
    """The bytes of a card of so many gigabytes. Raises EstimateError for what is not a number of them."""
    is_number = isinstance(gigabytes, int | float) and not isinstance(gigabytes, bool) and isfinite(gigabytes)
    if not is_number or not 0 < gigabytes <= limits.MEMORY_CARD.most:
        raise EstimateError(limits.MEMORY_CARD.sentence(found=str(gigabytes)[:40]))
    return int(gigabytes * GIGABYTE)
