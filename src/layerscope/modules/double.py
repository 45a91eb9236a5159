"""A double of a live model, so that the model itself is neither run nor moved nor changed.

The double is a deep copy whose tensors are replaced before they are copied: on torch's meta device they have shapes
and no memory, and no arithmetic is done. Hooks are left out, except those of torch itself (weight_norm needs its own):
a hook of the model's owner would otherwise see a run that nobody asked for.
"""

import copy
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.utils._pytree import tree_leaves

_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
)


def meta_double(model: nn.Module) -> nn.Module:
    """A copy on the meta device, in eval mode. Raises what `copy.deepcopy` raises where a part cannot be copied."""
    return _copied(model, {id(tensor): _meta(tensor) for tensor in _tensors(model)})


def real_double(model: nn.Module) -> nn.Module:
    """A copy that can compute: it reads the model's own weights in their place and has copies of its buffers."""
    held = {id(tensor): tensor.detach().clone() for tensor in _tensors(model) if not isinstance(tensor, nn.Parameter)}
    weights = {
        id(tensor): nn.Parameter(tensor.detach(), requires_grad=False)
        for tensor in _tensors(model)
        if isinstance(tensor, nn.Parameter)
    }
    return _copied(model, held | weights)


def _copied(model: nn.Module, memo: dict[int, Any]) -> nn.Module:
    for module in model.modules():
        for name in _HOOKS:
            hooks = getattr(module, name, None)
            if hooks:
                kept = {key: hook for key, hook in hooks.items() if _is_of_torch(hook)}
                memo[id(hooks)] = OrderedDict(copy.deepcopy(kept, memo)) if kept else OrderedDict()
    double = copy.deepcopy(model, memo)
    double.eval()
    return double


def _is_of_torch(hook: Any) -> bool:
    """Whether torch itself put the hook there."""
    home = getattr(hook, "__module__", None) or type(hook).__module__
    return str(home).startswith("torch.nn.")


def _tensors(model: nn.Module) -> Iterator[torch.Tensor]:
    """Every tensor that a module holds: parameters, buffers, and plain attributes."""
    for module in model.modules():
        held = {name: value for name, value in vars(module).items() if name != "_modules"}
        yield from (leaf for leaf in tree_leaves(held) if isinstance(leaf, torch.Tensor))


def _meta(tensor: torch.Tensor) -> torch.Tensor:
    if isinstance(tensor, UninitializedParameter):
        return UninitializedParameter(device="meta")  # type: ignore[call-arg]
    if isinstance(tensor, UninitializedBuffer):
        return UninitializedBuffer(device="meta")  # type: ignore[call-arg]
    shaped = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    return nn.Parameter(shaped, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else shaped
