"""Networks that torch.jit.script refuses: it reads their code, so they must stand in a file."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


class AnyNumber(nn.Module):
    def forward(self, *tensors):
        return tensors[0]


class Filtered(nn.Module):
    def forward(self, x):
        return [row for row in x if row > 0]


class Trying(nn.Module):
    def forward(self, x):
        try:
            return x
        except ValueError:
            return x


class Lambda(nn.Module):
    def forward(self, x):
        twice = lambda y: y * 2  # noqa: E731
        return twice(x)


class ToArray(nn.Module):
    def forward(self, x):
        return x.numpy()


class TwoTypes(nn.Module):
    def forward(self, x):
        if x.sum() > 0:  # noqa: SIM108
            y = 1
        else:
            y = "a"  # type: ignore[assignment]
        return y


class Divided(nn.Module):
    def forward(self, x):
        return torch.zeros(x.shape[0] / 2)


class PlainList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(2, 2)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Indexed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 2)])

    def forward(self, x):
        place = 0
        return self.layers[place](x)


class SetLater(nn.Module):
    def forward(self, x):
        self.h = x
        return x


class NoneFirst(nn.Module):
    def forward(self, x):
        y = None
        if x.sum() > 0:
            y = x
        return y


class OneBranch(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            y = x
        return y


class Numbers(nn.Module):
    def forward(self, x):
        y = []
        y.append(1)
        return y


class Results(nn.Module):
    def forward(self, x, a: bool):
        if a:
            return 1
        return x


class Printing(nn.Module):
    def forward(self, x):
        print(x, end="")
        return x


def _scripting(made: type[nn.Module]) -> Callable[[], Any]:
    return lambda: torch.jit.script(made())


SCRIPTED: list[tuple[str, Callable[[], Any]]] = [
    *(("script-unsupported", _scripting(made)) for made in (AnyNumber, Filtered, Trying, Lambda)),
    *(("script-types", _scripting(made)) for made in (ToArray, TwoTypes, Divided, PlainList, Indexed)),
    *(("script-changing", _scripting(made)) for made in (NoneFirst, Numbers, Results)),
    ("script-branch", _scripting(OneBranch)),
    ("script-attribute", _scripting(SetLater)),
    ("script-foreign", _scripting(Printing)),
]
