"""How a Linear's values come about on one sample: a row of its weight times the input, and its bias."""

from dataclasses import dataclass

from torch import Tensor

from layerscope.study.windows import Window


@dataclass(frozen=True)
class Rows:
    """A Linear's input and output with all axes but the last as one: (positions, features)."""

    given: Tensor
    made: Tensor
    """What torch's module gives."""
    weight: Tensor
    """(out_features, in_features)."""
    bias: Tensor | None

    def window(self, position: int, out: int) -> Window:
        """The arithmetic of one value."""
        values, weights = self.given[position], self.weight[out]
        products = values * weights
        bias = 0.0 if self.bias is None else float(self.bias[out])
        return Window(
            (0,), (tuple(range(len(values))),), values.numpy(), weights.numpy(), products.numpy(),
            (float(products.double().sum()),), bias, None, float(self.made[position, out]),
        )  # fmt: skip

    def position(self, unit: tuple[int, ...], shape: tuple[int, ...]) -> int:
        """The number of a value's position, for the output's own shape."""
        found = 0
        for at, size in zip(unit[:-1], shape[:-1], strict=True):
            found = found * size + at
        return found


def rows(given: Tensor, made: Tensor, weight: Tensor, bias: Tensor | None) -> Rows:
    """A Linear's arithmetic. Tensors have no batch axis."""
    return Rows(given.reshape(-1, given.shape[-1]), made.reshape(-1, made.shape[-1]), weight, bias)
