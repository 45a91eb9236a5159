"""The inputs that a live model is given: sizes or tensors, by place or by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_map

from layerscope.network import Network


class ModuleError(ValueError):
    """A model that gives no network; the message is a sentence.

    `network` holds the rows before the one that does not run, as far as there are any; `path` is that module's path,
    and `torch_message` are torch's own words.
    """

    def __init__(self, message: str, network: Network | None = None, path: str = "", torch_message: str = "") -> None:
        super().__init__(message)
        self.network, self.path, self.torch_message = network, path, torch_message


@dataclass(frozen=True)
class Given:
    """The inputs as they were given; sizes are tensors on the meta device."""

    args: tuple[torch.Tensor, ...]
    kwargs: dict[str, Any]

    @property
    def tensors(self) -> list[torch.Tensor]:
        return [part for part in (*self.args, *self.kwargs.values()) if isinstance(part, torch.Tensor)]

    @property
    def has_no_values(self) -> bool:
        """Whether sizes were given."""
        return any(tensor.is_meta for tensor in self.tensors)

    def with_batch(self, batch: int, axis: int, device: torch.device) -> "Given":
        """Other tensors of the same sizes but that of the batch."""

        def other(tensor: Any) -> Any:
            if not isinstance(tensor, torch.Tensor):
                return tensor
            size = [*tensor.shape]
            size[axis if len(size) > axis else 0] = batch
            return torch.zeros(size, dtype=tensor.dtype, device=device)

        return Given(tree_map(other, self.args), tree_map(other, self.kwargs))


def given_as(input_size: Any, input_data: Any) -> Given:
    """The inputs of either form. Raises ModuleError with a sentence."""
    if (input_size is None) == (input_data is None):
        raise ModuleError("Give input_size, such as (1, 3, 224, 224) with the batch first, or input_data, not both.")
    if input_data is None:
        sizes = [input_size] if all(isinstance(size, int) for size in input_size) else list(input_size)
        if not sizes or any(not len(size) or not all(type(n) is int and n > 0 for n in size) for size in sizes):
            raise ModuleError(
                "input_size must be a size with the batch first, such as (1, 3, 224, 224), or a list of sizes."
            )
        return Given(tuple(torch.empty(tuple(size), device="meta") for size in sizes), {})
    if isinstance(input_data, Mapping):
        return _checked(Given((), dict(input_data)))
    return _checked(Given((input_data,) if isinstance(input_data, torch.Tensor) else tuple(input_data), {}))


def _checked(given: Given) -> Given:
    if not given.tensors or any(tensor.dim() == 0 for tensor in given.tensors):
        raise ModuleError(
            "input_data must be a tensor with the batch first, a list of tensors, or a mapping of names to tensors."
        )
    return given
