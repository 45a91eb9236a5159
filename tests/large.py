"""What is one more of many of its kind, and left for --thorough: large networks, and pairs of which some are tried.

That each known network is torchvision's own is compared in every run."""

from collections.abc import Iterable
from typing import Any

import pytest

LARGE = {
    "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "resnet34", "resnet50", "resnet101",
    "resnet152", "convnext_tiny", "convnext_small", "convnext_base", "convnext_large", "densenet121", "densenet169",
    "densenet201", "inception_v3", "mobilenet_v2", "efficientnet_b0", "shufflenet_v2_x1_0",
}  # fmt: skip
TRAINING = ("training", "seeds")
"""Lessons that train."""


def one_in(many: int, values: Iterable[Any]) -> list[Any]:
    """The values of a test's parameter: the first of each `many` in every run, the others for --thorough alone."""
    return [pytest.param(value, marks=pytest.mark.thorough if n % many else ()) for n, value in enumerate(values)]


def in_turns(firsts: Iterable[str], seconds: Iterable[str], each: int = 2) -> list[Any]:
    """Pairs as values of two parameters: of the second so many with each of the first, the others for --thorough alone.

    Lessons that train networks take the first of the second alone.
    """
    firsts, seconds = list(firsts), list(seconds)
    pairs = [(a, b, place, n) for place, a in enumerate(firsts) for n, b in enumerate(seconds)]
    chosen = {(a, b) for a, b, place, n in pairs if (n == 0 if a in TRAINING else (n - place) % len(seconds) < each)}
    return [pytest.param(a, b, marks=() if (a, b) in chosen else pytest.mark.thorough) for a, b, _, n in pairs]


def large_last(names: Iterable[str]) -> list[Any]:
    """The names as values of a test's parameter, with those of large networks for --thorough alone."""
    return [pytest.param(name, marks=pytest.mark.thorough) if name in LARGE else name for name in names]
