"""Multiply-accumulates by the rules of torch's own flop counter, for one call after the other."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts while it is entered; `take` gives what was counted since the last `take`.

    As in FlopCounterMode, an operator that has no rule is taken apart where torch knows how. That mode itself follows
    modules and gradients besides, which costs more than the run.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._flops = 0

    def take(self) -> int:
        """Multiply-accumulates since the last call."""
        flops, self._flops = self._flops, 0
        return flops // 2

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        rule = flop_registry.get(func._overloadpacket)
        if rule is None and func is not torch.ops.prim.device.default:
            with self:
                parts = func.decompose(*args, **kwargs)
                if parts is not NotImplemented:
                    return parts
        result = func(*args, **kwargs)
        if rule is not None:
            self._flops += rule(*args, **kwargs, out_val=result)
        return result
