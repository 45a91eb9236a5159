"""What came of a training: the curve, the accuracy on held-out images, which were mistaken for what, the weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from layerscope.formatting import percent
from layerscope.interchange import to_json
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.plan import Plan
from layerscope.weights import as_file

Weights = dict[str, Tensor]


class Row(NamedTuple):
    """One step of the curve. The loss and accuracy are of its batch, before the weights move."""

    step: int
    epoch: int
    seconds: float
    loss: float | None
    accuracy: float | None
    held_loss: float | None
    """Of the held-out images that are watched, after the step; None where they are not measured."""
    held_accuracy: float | None


COLUMNS = Row._fields


@dataclass(frozen=True)
class About:
    """What a script has to know of a set of images."""

    name: str
    count: int
    shape: Shape
    """Of one image: (colors, height, width)."""
    white: int
    mirrors: bool


@dataclass(frozen=True, eq=False)
class Run:
    """A training that ended. Accuracies are shares from 0 to 1."""

    network: Network
    plan: Plan
    data: About
    classes: tuple[str, ...]
    rows: tuple[Row, ...]
    accuracy: float
    """On held-out images: all of them, or those measured before it was stopped."""
    loss: float
    places: Tensor
    """Places of those images in their set, (count,)."""
    labels: Tensor
    """Their classes, (count,)."""
    probabilities: Tensor
    """(count, classes)."""
    weights: Weights
    before: Weights
    """The weights at the start."""
    exploded: str
    """A sentence where the loss exploded; "" where it did not."""
    stopped: bool
    is_continued: bool
    """Whether it began with given weights."""
    watched: int
    """Held-out images that the curve is measured on."""
    held: int
    """Held-out images in all."""
    guessed: float
    """The accuracy of always predicting the class that most of them have."""
    threads: int
    """torch's threads: another number of them may round sums in another way."""

    @cached_property
    def curves(self) -> pd.DataFrame:
        """One row a step. The row of step 0 has what was held out before the first step; NaN where not measured."""
        frame = pd.DataFrame(self.rows, columns=list(COLUMNS))
        return frame.astype(dict.fromkeys(COLUMNS[2:], "float64"))

    @property
    def predicted(self) -> Tensor:
        """The class of each held-out image that got the highest score, (count,)."""
        return self.probabilities.argmax(1)

    @cached_property
    def confusion(self) -> Tensor:
        """How many images of each class (first axis) were taken for which class (second axis)."""
        size = len(self.classes)
        return torch.bincount(self.labels * size + self.predicted, minlength=size * size).reshape(size, size)

    @cached_property
    def mistakes(self) -> pd.DataFrame:
        """The held-out images that were mistaken, those first that the network was surest about.

        Columns: `place` in the set, `label`, `predicted` (names of classes), `confidence` (from 0 to 1).
        """
        wrong = (self.predicted != self.labels).nonzero()[:, 0]
        sure = self.probabilities.max(1).values[wrong]
        wrong = wrong[sure.argsort(descending=True, stable=True)]
        return pd.DataFrame({
            "place": self.places[wrong].numpy(),
            "label": [self.classes[at] for at in self.labels[wrong].tolist()],
            "predicted": [self.classes[at] for at in self.predicted[wrong].tolist()],
            "confidence": self.probabilities.max(1).values[wrong].double().numpy(),
        })  # fmt: skip

    def at(self, label: int, predicted: int) -> Tensor:
        """Places of the images in one cell of the confusion matrix, (count,)."""
        return self.places[(self.labels == label) & (self.predicted == predicted)]

    @property
    def first_loss(self) -> float | None:
        """The loss of the first batch, before the weights moved; None where there was no step."""
        return next((row.loss for row in self.rows if row.loss is not None), None)

    @property
    def size(self) -> int:
        """Bytes of the weights, those of the start too."""
        return sum(each.nbytes for held in (self.weights, self.before) for each in held.values())

    @property
    def sentence(self) -> str:
        """How good it became, with what guessing would reach."""
        found, right = len(self.places), int(self.confusion.diag().sum())
        most = percent(self.guessed)
        few = (
            f" Only {found:,} of {self.held:,} were measured: stopping does not wait for all."
            if self.is_partly_measured
            else ""
        )
        return (
            f"{right:,} of {found:,} held-out images are classified correctly: an accuracy of "
            f"{100 * self.accuracy:.1f}%.{few} Always predicting the most common class would reach {most}."
        )

    @property
    def is_partly_measured(self) -> bool:
        """Whether the accuracy is of some of the held-out images only, as the training was stopped."""
        return len(self.places) < self.held

    @property
    def kernels(self) -> tuple[str, Tensor, Tensor] | None:
        """The first convolution over images, and its kernels before and after, (out, in, height, width); or None."""
        for name, after in self.weights.items():
            if after.ndim == 4 and name.endswith("weight"):
                return name.rpartition(".")[0], self.before[name], after
        return None

    def weights_file(self) -> bytes:
        """The weights as a safetensors file; its metadata hold the network and the settings."""
        return as_file(self.weights, {"network": to_json(self.network), "plan": self.plan.to_json()})


def first_loss_sentence(loss: float, classes: int) -> str:
    """How the first loss compares with ln(classes), the loss of someone who gives every class the same probability."""
    even = log(classes)
    if abs(loss - even) <= 0.15 * even:
        return (
            f"The first loss is {loss:.2f}, near ln {classes:,} = {even:.2f}: an untrained network gives "
            f"every class about the same probability."
        )
    where = "above" if loss > even else "below"
    return f"The first loss is {loss:,.2f}, {where} ln {classes:,} = {even:.2f}, which equal probabilities would give."


def run_of(
    network: Network, data: Data, plan: Plan, rows: Sequence[Row], scores: Tensor, held: Tensor, *,
    weights: Weights, before: Weights, exploded: str, stopped: bool, is_continued: bool, watched: int, threads: int,
) -> Run:  # fmt: skip
    """A run from the scores (count, classes) of the first of the held-out images, whose places are `held`."""
    places = held[: len(scores)]
    labels = data.labels[places]
    guessed = data.labels[held].bincount().max().item() / len(held)
    probabilities = scores.softmax(1).nan_to_num(0.0)
    about = About(data.name, len(data), tuple(data.images.shape[1:]), data.white, data.mirrors)
    return Run(
        network, plan, about, data.classes, tuple(rows),
        (probabilities.argmax(1) == labels).double().mean().item(), functional.cross_entropy(scores, labels).item(),
        places, labels, probabilities, weights, before, exploded, stopped, is_continued, watched, len(held), guessed,
        threads,
    )  # fmt: skip
