"""Max pooling that also gives where each maximum was, and the layers that put values back there.

The places have the size of what the pooling gives, and no row of their own.
"""

from typing import TYPE_CHECKING, Any

import torch

from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Symbol
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.torchvision_modules import Made

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

WITH_PLACES = "return_indices"
UNPOOLING = ("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")


def gives_places(value: Any) -> bool:
    """Whether that value of `return_indices` tells a pooling to give the places too."""
    return plain(value) is True


def with_places(pooled: Any) -> Any:
    """What such a pooling gives."""
    if not isinstance(pooled, Tensor):
        return pooled
    return pooled, pooled.changed(dtype=torch.int64)


def unpool(run: "Evaluator", kind: str, call: Call) -> Any:
    """nn.MaxUnpool2d(2, stride=2): its function with these arguments, as a module."""
    given = {"stride": None, "padding": 0} | call.bound("kernel_size", "stride", "padding")
    function = Symbol(f"torch.nn.functional.max_unpool{kind[-2:]}")

    def work(run: "Evaluator", held: dict[str, Any], call: Call) -> Any:
        taken = call.bound("input", "indices", "output_size")
        tensors = [taken.get("input"), taken.get("indices")]
        arguments = [given.get("kernel_size"), given["stride"], given["padding"], taken.get("output_size")]
        return run.call(function, Call(call.node, [*tensors, *arguments]))

    return Made(call.node, work)
