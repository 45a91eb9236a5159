"""Sizes of images and of batches that people meet."""

USUAL_SIZES = (28, 32, 224, 64, 128, 256, 96, 299, 227, 112, 48, 512, 100, 150, 160, 192, 84, 200, 300, 384, 400, 16, 8)
"""Sizes of images, the most frequent first."""
USUAL_BATCHES = frozenset(
    (*range(1, 11), 12, 16, 20, 24, 25, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1000, 1024)
)
LOVED_BATCHES = (8, 16, 32, 64, 128, 256)
"""The most common sizes of batches."""


def is_usual(low: int, high: int) -> bool:
    """Whether a common image size lies between these."""
    return any(low <= size <= high for size in USUAL_SIZES)


def most_usual(low: int, high: int) -> int:
    """The most common image size between these; the smallest where none is common."""
    return next((size for size in USUAL_SIZES if low <= size <= high), low)
