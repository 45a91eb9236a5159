"""Random numbers of a module's own: dropout draws from one generator, whatever else draws in this program."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_TURN = Lock()
"""Whoever has put another state into the generator that all threads share."""


class Draws(TorchFunctionMode):
    """While it is on in a thread, what a module draws is what `torch.manual_seed(seed)` would have it draw.

    Plain dropout is computed here with a generator of its own, cell for cell as torch computes it on a CPU. The few
    functions that draw inside torch (an LSTM's dropout, attention's) find our state in the shared generator for as long
    as they run. The random state of the program stays as it is either way.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        super().__init__()
        self.generator = torch.Generator(device).manual_seed(seed)

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, arguments: tuple[Any, ...] = (), named: Any = None
    ) -> Any:
        named = named or {}
        if function in _DROPS:
            return self._dropped(_DROPS[function], *arguments, **named)
        if function in _INSIDE:
            with _TURN:
                return self._lent(function, arguments, named)
        return function(*arguments, **named)

    def _dropped(
        self, axes: int | None, input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        """Torch's dropout: `axes` cells are kept or dropped one by one, those after them together."""
        if not training or p == 0 or input.numel() == 0:
            return input
        size = input.shape if axes is None else (*input.shape[:axes], *(1 for _ in input.shape[axes:]))
        mask = torch.empty(size, dtype=input.dtype, device=input.device)
        kept = mask.bernoulli_(1 - p, generator=self.generator).div_(1 - p) if p < 1 else mask.zero_()
        return input.mul_(kept) if inplace else input * kept

    def _lent(self, function: Callable[..., Any], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        device = self.generator.device
        shared = torch.cuda.default_generators[device.index or 0] if device.type == "cuda" else torch.default_generator
        before = shared.get_state()
        shared.set_state(self.generator.get_state())
        try:
            return function(*arguments, **named)
        finally:
            self.generator.set_state(shared.get_state())
            shared.set_state(before)


_DROPS: Mapping[Any, int | None] = {
    functional.dropout: None, functional.dropout1d: 2, functional.dropout2d: 2, functional.dropout3d: 2,
}  # fmt: skip
"""How many leading axes are dropped one by one; None for all."""
_INSIDE = frozenset({
    functional.alpha_dropout, functional.feature_alpha_dropout, functional.rrelu, functional.rrelu_,
    functional.multi_head_attention_forward, functional.scaled_dot_product_attention, torch.lstm, torch.gru,
    torch.rnn_tanh, torch.rnn_relu, torch.dropout, torch.dropout_, torch.feature_dropout, torch.feature_dropout_,
    torch.alpha_dropout, torch.alpha_dropout_, torch.feature_alpha_dropout, torch.feature_alpha_dropout_, torch.rrelu,
    torch.rrelu_, functional.fractional_max_pool2d, functional.fractional_max_pool3d,
})  # fmt: skip
