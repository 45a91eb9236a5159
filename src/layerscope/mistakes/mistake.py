"""A common mistake, really made: the code, torch's error message, and what the fixed code gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

LARGEST_WEIGHT = 2**28
"""Values; a module with more is not built."""


class UnsuitableError(ValueError):
    """A network on which a mistake cannot be shown; the message is a clause such as "its weights are too large"."""


@dataclass(frozen=True)
class Mistake:
    """One mistake. Both codes run as they stand, with torch, nn and F imported; the last line is an expression."""

    key: str
    title: str
    code_wrong: str
    code_right: str
    question: str
    """Asked before anything else is told."""
    answer: str
    options: tuple[str, ...]
    torch_message: str
    """Torch's words with the error's type, just provoked; "" where torch says nothing."""
    silent: str
    """What goes wrong without an error, with the numbers; "" where torch says it all."""
    why: str
    mended: str
    """What the right code gave when it was run."""
    of_network: bool = False
    """Whether the message is about the network as it is, so that causes can be searched in it."""


@dataclass(frozen=True)
class Call:
    """A constructor's call, as text and as the real module. `first` are written without their names."""

    torch_class: type[nn.Module]
    first: tuple[int, int]
    rest: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """nn.Conv2d(1, 6, kernel_size=5)."""
        parts = [*map(str, self.first), *(f"{name}={_value(value)}" for name, value in self.rest)]
        return f"nn.{self.torch_class.__name__}({', '.join(parts)})"

    def but(self, *first: int, **rest: Any) -> "Call":
        """The same call with other values."""
        values = (first[0], first[1]) if first else self.first
        return Call(self.torch_class, values, tuple((dict(self.rest) | rest).items()))

    def build(self) -> nn.Module:
        """The real module with weights that nobody filled. Raises UnsuitableError where it would be very large."""
        module = self.torch_class(*self.first, **dict(self.rest), device="meta")
        if sum(value.numel() for value in module.parameters()) > LARGEST_WEIGHT:
            raise UnsuitableError("its weights are too large to be built here")
        return module.to_empty(device="cpu")


def _value(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def provoked(act: Callable[[], object]) -> str:
    """What torch says when `act` is done: "RuntimeError: ...". Raises UnsuitableError where it says nothing."""
    try:
        with torch.no_grad():
            act()
    except UnsuitableError:
        raise
    except Exception as error:  # whatever torch raises is what is asked for
        return f"{type(error).__name__}: {error}"
    raise UnsuitableError("with its sizes, PyTorch does not notice one of the mistakes")


def left(act: Callable[[], torch.Tensor]) -> str:
    """The shape that `act` gives, N for the batch: "(N, 6, 24, 24)"."""
    with torch.no_grad():
        shape = act().shape
    return f"({', '.join(['N', *map(str, shape[1:])])})"


def choices(answer: int, *others: int) -> tuple[str, ...]:
    """Numbers to choose from, in order, none twice."""
    return tuple(f"{number:,}" for number in sorted({answer, *others}) if number >= 0)
