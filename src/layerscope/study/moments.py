"""What a training reports while it goes on."""

from dataclasses import dataclass

from torch import Tensor


class Stop(Exception):  # noqa: N818  (no error: a way to say that it is enough)
    """Raised by `on_step` to end a training after this batch, as returning False does."""


@dataclass(frozen=True)
class Moment:
    """Where a training is after a batch. Losses and accuracies (0 to 1) are the last ones known; None before."""

    step: int
    steps: int
    epoch: int
    """From 1; 0 before the first step."""
    loss: float | None
    accuracy: float | None
    held_loss: float | None
    held_accuracy: float | None
    seconds: float
    """Spent on training and measuring; pauses do not count."""
    left: float
    """Seconds that the rest will take at this pace."""


@dataclass(frozen=True)
class Peek:
    """What a module makes of some images while it learns."""

    places: Tensor
    probabilities: Tensor
    """(count, classes)."""
    layer: str
    """The first convolution over images; "" where there is none."""
    maps: Tensor | None
    """Its maps of the first image, (channels, height, width)."""
    kernels: Tensor | None
    """Its kernels, (out channels, in channels, height, width)."""
