"""How a network is trained: the settings, their bounds, and the optimizer that they make."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from layerscope import limits
from layerscope.source.torch import questions

SGD = "SGD"
OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "Adam": torch.optim.Adam,
    SGD: torch.optim.SGD,
    "AdamW": torch.optim.AdamW,
    "RMSprop": torch.optim.RMSprop,
}


class PlanError(ValueError):
    """Settings with which nothing is trained; the message is a sentence for the user."""


@dataclass(frozen=True)
class Plan:
    """The settings of one training. Raises PlanError for those out of bounds."""

    optimizer: str = "Adam"
    lr: float = 1e-3
    momentum: float = 0.9
    """Of SGD; the other optimizers have none, or averages of their own."""
    weight_decay: float = 0.0
    batch: int = 100
    """Images of one step."""
    epochs: int = 10
    """How often every training image is seen."""
    augmentation: bool = False
    seed: int = 0
    """Of the fresh weights, the order of the images, dropout and augmentation."""

    def __post_init__(self) -> None:
        if not isinstance(self.optimizer, str) or self.optimizer not in OPTIMIZERS:
            raise PlanError(f"There is no optimizer {_shown(self.optimizer)} here; {', '.join(OPTIMIZERS)} would work.")
        lr, decay = limits.TRAIN_LR, limits.TRAIN_DECAY
        _check("lr", self.lr, 0 < _number(self.lr) <= lr.most, f"a number above 0 and up to {lr.most}")
        _check("momentum", self.momentum, 0 <= _number(self.momentum) < 1, "a number from 0 to 0.99")
        _check(
            "weight_decay", self.weight_decay, 0 <= _number(self.weight_decay) <= decay.most,
            f"a number from 0 to {decay.most}",
        )  # fmt: skip
        for name, limit, least in (
            ("batch", limits.TRAIN_BATCH, 1), ("epochs", limits.TRAIN_EPOCHS, 1), ("seed", limits.TRAIN_SEED, 0),
        ):  # fmt: skip
            value = getattr(self, name)
            is_sound = type(value) is int and least <= value <= limit.most
            _check(name, value, is_sound, f"a whole number from {least} to {limit.most:,}")
        _check("augmentation", self.augmentation, type(self.augmentation) is bool, "True or False")

    def to_json(self) -> str:
        """The settings as a JSON object; the same settings give the same text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The settings that a JSON object holds; what it leaves out stays as it usually is. Raises PlanError."""
        if len(text) > limits.TRAIN_PLAN.most:
            raise PlanError(limits.TRAIN_PLAN.sentence(found=len(text)))
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PlanError("This is not JSON with the settings of a training run.") from error
        if not isinstance(found, dict):
            raise PlanError("The settings of a training run are one JSON object.")
        known = [field.name for field in fields(cls)]
        if unknown := next((name for name in found if name not in known), None):
            raise PlanError(f"There is no setting {_shown(unknown)}; there are {', '.join(known)}.")
        return cls(**found)

    def epoch_steps(self, images: int) -> int:
        """Steps of an epoch with so many images to learn from; what fills no batch is left out of that epoch."""
        return images // self.batch

    @property
    def kind(self) -> str:
        """The name that `optimizers.KINDS` has for this optimizer."""
        return "SGD with momentum" if self.optimizer == SGD and self.momentum else self.optimizer

    def arguments(self) -> dict[str, float]:
        """What the optimizer is given besides the parameters, as one would type it."""
        found = {"lr": self.lr}
        if self.optimizer == SGD and self.momentum:
            found["momentum"] = self.momentum
        if self.weight_decay or self.optimizer == "AdamW":  # AdamW has a usual weight decay that is not 0
            found["weight_decay"] = self.weight_decay
        return found

    def make(self, parameters: Iterable[nn.Parameter]) -> Optimizer:
        """The optimizer of these parameters."""
        kind: Any = OPTIMIZERS[self.optimizer]
        questions.load()  # torch would import it inside, beside a server that warms up
        made: Optimizer = kind(parameters, **self.arguments())
        return made


def _number(value: Any) -> float:
    """The value, or NaN where it is not a finite number: a NaN lies within no bounds."""
    return value if type(value) in (int, float) and isfinite(value) else float("nan")


def _check(name: str, value: Any, is_sound: bool, works: str) -> None:
    if not is_sound:
        raise PlanError(f"{name} is {_shown(value)}; {works} would work.")


def _shown(value: Any) -> str:
    return str(value)[: limits.WORD.most]
