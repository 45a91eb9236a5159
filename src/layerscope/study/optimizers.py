"""What torch's optimizers keep for each parameter, and what a step of theirs borrows (torch 2.13, the default loop)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

STEP_BYTES = 4
"""The counter of steps: one number in float32 for each tensor, whatever the type of the weights."""


@dataclass(frozen=True)
class Kind:
    """`copies`: values kept for each weight. `borrowed`: copies of the tensor at hand while it is stepped."""

    name: str
    copies: int
    counts_steps: bool
    borrowed: int
    make: Callable[[Iterable[nn.Parameter]], Optimizer]

    def state(self, weights: int, tensors: int) -> int:
        """The bytes of the state, for so many bytes of weights in so many tensors."""
        return self.copies * weights + STEP_BYTES * tensors * self.counts_steps


def _kind(name: str, copies: int, counts_steps: bool, borrowed: int, made: Any, **arguments: Any) -> Kind:
    return Kind(name, copies, counts_steps, borrowed, partial(made, lr=0.01, **arguments))


KINDS = {
    kind.name: kind
    for kind in (
        _kind("SGD", 0, False, 0, torch.optim.SGD),
        _kind("SGD with momentum", 1, False, 0, torch.optim.SGD, momentum=0.9),
        _kind("Adam", 2, True, 2, torch.optim.Adam),
        _kind("AdamW", 2, True, 2, torch.optim.AdamW),
        _kind("RMSprop", 1, True, 1, torch.optim.RMSprop),
    )
}
_OTHER_NAMES = {"momentum": "SGD with momentum", "sgd momentum": "SGD with momentum"}


def named(name: str) -> Kind | None:
    """The optimizer of that name, however it is spelled; None where there is none."""
    spelled = str(name).replace("_", " ").replace("+", " ").casefold()
    spelled = _OTHER_NAMES.get(" ".join(spelled.split()), spelled).casefold()
    return next((kind for kind in KINDS.values() if kind.name.casefold() == spelled), None)
