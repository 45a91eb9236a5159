"""The judge of what a network keeps: its real module, really run with autograd's hooks for saved tensors."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from layerscope.building import module
from layerscope.network import Network

LOWER = {"autocast": torch.bfloat16, "autocast-float16": torch.float16}


def inputs(network: Network, batch: int, values: torch.dtype = torch.float32) -> list[Tensor]:
    return [
        torch.rand(batch, *given.shape).to(values)
        if given.kind == "values"
        else torch.randint(given.high or 2, (batch, *given.shape))
        for given in network.inputs
    ]


def trained(network: Network, dtype: str = "float32") -> nn.Module:
    made = module(network).train()
    return made.to(torch.bfloat16) if dtype == "bfloat16" else made


def kept(made: nn.Module, given: list[Tensor], dtype: str = "float32") -> int:
    """Bytes that autograd saves in one forward pass: each piece of memory once, the module's own tensors left out."""
    own = {storage(each) for each in (*made.parameters(), *made.buffers())}
    saved: dict[int, Any] = {}

    def pack(tensor: Tensor) -> Tensor:
        saved.setdefault(storage(tensor), tensor.untyped_storage())
        return tensor

    with (
        torch.enable_grad(),
        saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", LOWER.get(dtype, torch.bfloat16), enabled=dtype in LOWER),
    ):
        made(*given)
    return sum(each.nbytes() for key, each in saved.items() if key not in own)


def storage(tensor: Tensor) -> int:
    """What tells its memory from another's, for tensors without memory too."""
    return int(tensor.untyped_storage()._cdata)
