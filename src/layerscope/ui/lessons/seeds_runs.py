"""The training runs of lesson 13: on few images and on all, and two kernel sizes with five seeds each."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import mean

from layerscope.network import Network
from layerscope.study.data import load
from layerscope.study.outcome import Run
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.ui.lessons.training_runs import KERNELS, trained, trained_by

FEW = 60
"""Training images of the network that overfits."""
LONG = Plan(lr=2e-3, batch=10, epochs=30)
"""For few images: each is seen often."""
SHORT = replace(LONG, epochs=2)
"""For all images: more steps than LONG has for few."""
SEEDS = (0, 1, 2, 3, 4)
SIZES = KERNELS[:2]
MOST_POINTS = 20
"""Points of a curve of training accuracy."""


def few(network: Network) -> Run:
    """The network trained on few images."""
    return trained_by(network, LONG, FEW)


def every(network: Network) -> Run:
    """The network trained on all training images."""
    return trained_by(network, SHORT)


def images() -> int:
    """How many images there are to train on."""
    return len(split(load("digits")).training)


def reached(network: Network, size: int) -> list[float]:
    """The share of held-out images that is classified correctly with that kernel, for each seed."""
    return [trained(network, size, seed).accuracy for seed in SEEDS]


def spread(values: Sequence[float]) -> float:
    """From the worst to the best."""
    return max(values) - min(values)


def better(network: Network) -> int | None:
    """The size whose average is higher by more than the seeds spread, or None where that is not known."""
    found = {size: reached(network, size) for size in SIZES}
    best, other = sorted(found, key=lambda size: mean(found[size]), reverse=True)
    gap = mean(found[best]) - mean(found[other])
    return best if gap > max(map(spread, found.values())) else None


def learned(run: Run) -> tuple[list[int], list[float]]:
    """Steps, and the share of training images that was classified correctly in the steps up to each."""
    rows = [(row.step, row.accuracy) for row in run.rows if row.accuracy is not None]
    length = max(1, len(rows) // MOST_POINTS)
    groups = [rows[at : at + length] for at in range(0, len(rows) - length + 1, length)]
    return [group[-1][0] for group in groups], [mean(share for _, share in group) for group in groups]


def last_epoch(run: Run) -> float:
    """The share of training images that was classified correctly in the last epoch, each when it was learned from."""
    last = run.rows[-1].epoch
    return mean(row.accuracy for row in run.rows if row.epoch == last and row.accuracy is not None)


def ahead(network: Network) -> None:
    """Make all training runs of the lesson, in the order of its questions."""
    few(network)
    every(network)
    for size in reversed(SIZES):
        reached(network, size)
