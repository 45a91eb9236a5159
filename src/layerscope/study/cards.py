"""Common cards and how much memory CUDA has on them, in GiB; and what of it no tensor gets."""

from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.study.estimate import EstimateError

MIB, GIB = 2**20, 2**30
CARDS: dict[str, float] = {
    "GTX 1650, 4 GB": 3.8,
    "RTX 2060, 6 GB": 5.8,
    "RTX 4060, 8 GB": 7.7,
    "RTX 3080, 10 GB": 9.7,
    "RTX 3060, 12 GB": 11.7,
    "Tesla T4, Colab and Kaggle, 16 GB": 14.5,
    "L4, A10G, 24 GB": 22.0,
    "RTX 3090, RTX 4090, 24 GB": 23.5,
    "RTX 5090, V100, 32 GB": 31.3,
    "A100, 40 GB": 39.3,
    "L40S, 48 GB": 44.3,
    "RTX 6000 Ada, 48 GB": 47.4,
    "A100, H100, 80 GB": 79.0,
    "H200, 141 GB": 139.7,
}
"""GiB by the name of a card, the small ones first: what PyTorch's own messages call its total capacity, the lowest that
people report for it. The driver and error correction keep the rest."""
BEFORE_AMPERE: dict[str, tuple[str, str]] = {
    "GTX 1650, 4 GB": ("GTX 1650", "Turing"),
    "RTX 2060, 6 GB": ("RTX 2060", "Turing"),
    "Tesla T4, Colab and Kaggle, 16 GB": ("T4", "Turing"),
    "RTX 5090, V100, 32 GB": ("V100", "Volta"),
}
"""Cards of CARDS without native bfloat16, and what they are: it needs compute capability 8.0, and Turing has 7.5, Volta
7.0 (`torch.cuda.is_bf16_supported(including_emulation=False)` asks for that; by itself it is True for a T4 too, as
PyTorch can make tensors of that type there)."""
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
