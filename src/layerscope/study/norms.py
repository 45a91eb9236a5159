"""How a BatchNorm's values come about on one sample: each on its own, with four numbers of its channel."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@dataclass(frozen=True)
class Normed:
    """(x − mean) / √(variance + eps) · weight + bias, with its numbers; `value` is torch's."""

    x: float
    mean: float
    variance: float
    eps: float
    weight: float
    bias: float
    value: float


@dataclass(frozen=True)
class Norms:
    """A BatchNorm's input and output (channels, *sizes), and its numbers, one for each channel."""

    given: Tensor
    made: Tensor
    """What torch's module gives."""
    mean: Tensor
    variance: Tensor
    eps: float
    weight: Tensor
    bias: Tensor

    def at(self, unit: tuple[int, ...]) -> Normed:
        """The arithmetic of one value: its channel, then its place along each axis."""
        channel = (numbers[unit[0]] for numbers in (self.mean, self.variance, self.weight, self.bias))
        mean, variance, weight, bias = map(float, channel)
        return Normed(float(self.given[unit]), mean, variance, self.eps, weight, bias, float(self.made[unit]))


def norms(module: nn.Module, given: Tensor, made: Tensor) -> Norms | None:
    """The arithmetic of a BatchNorm in eval mode; None for other modules. Tensors have no batch axis.

    Without running averages the statistics are those of the sample.
    """
    if not isinstance(module, _BatchNorm):
        return None
    values = given.reshape(len(given), -1)
    mean, variance = module.running_mean, module.running_var
    if mean is None or variance is None:
        mean, variance = values.mean(1), values.var(1, correction=0)
    weight = values.new_ones(len(values)) if module.weight is None else module.weight.detach()
    bias = values.new_zeros(len(values)) if module.bias is None else module.bias.detach()
    return Norms(given, made, mean, variance, module.eps, weight, bias)
