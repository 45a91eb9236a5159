"""Where torch's first answer lets too much pass: the kernels of the meta device check less than those of the processor.

The processor is asked about a batch of nothing, so it computes nothing. It looks at no index then, so those that are
known are looked at here.
"""

from math import prod
from typing import Any

import torch

from layerscope.asking import first_line
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH
from layerscope.source.text import scan
from layerscope.source.torch.questions import Question
from layerscope.source.torch.tensor import Tensor

_ASKED_AGAIN = frozenset({
    "argsort", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
    "gumbel_softmax", "sort",
})  # fmt: skip
_BY_INDEX = frozenset({"index_add", "index_copy", "index_fill", "index_select"})
LARGEST = 1 << 20
"""Values of a weight up to which it is made for the question."""


def objection(question: Question, call: Call) -> str:
    """Why torch refuses on the processor what it takes on the meta device; "" where nothing is known against it."""
    if question.name in _BY_INDEX:
        return _out_of_range(question.name, call)
    if question.name not in _ASKED_AGAIN:
        return ""
    if question.name.startswith("conv") and (words := _unfit_numbers(question)):
        return words
    args, kwargs = _on_processor(question.args), _on_processor(question.kwargs)
    if args is None or kwargs is None:
        return ""
    try:
        with torch.no_grad(), scan.quiet():
            question.work(*args, **kwargs)
    except Exception as error:  # whatever torch raises is its answer
        return first_line(error)
    return ""


def _on_processor(value: Any) -> Any:
    """Arguments with tensors that are really there, of a batch of nothing; None where one is too large."""
    if isinstance(value, dict):
        parts = _on_processor([*value.values()])
        return None if parts is None else dict(zip(value, parts, strict=True))
    if isinstance(value, list):
        found = [_real(part) for part in value]
        return None if any(part is NotImplemented for part in found) else found
    return value


def _real(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    sizes = [0 if size % BATCH == 0 else size for size in value.shape]
    return torch.empty(sizes, dtype=value.dtype) if prod(sizes) <= LARGEST else NotImplemented


def _unfit_numbers(question: Question) -> str:
    """Numbers of a convolution that a batch of nothing lets pass too."""
    transposed = question.name.startswith("conv_transpose")
    names = ("output_padding", "groups", "dilation") if transposed else ("dilation", "groups")
    given = dict(zip(("input", "weight", "bias", "stride", "padding", *names), question.args, strict=False))
    given |= question.kwargs
    strides, dilations, added = (_row(given.get(name, usual)) for name, usual in _USUAL)
    if min(dilations) < 1:
        return "dilation should be greater than zero"
    if max(added) >= max(*strides, *dilations):
        return "output padding must be smaller than either stride or dilation"
    return ""


_USUAL = (("stride", 1), ("dilation", 1), ("output_padding", 0))


def _row(value: Any) -> list[int]:
    parts = value if isinstance(value, list | tuple) and value else [value]
    return [part if type(part) is int else 1 for part in parts]


def _out_of_range(name: str, call: Call) -> str:
    given = call.bound("input", "dim", "index")
    of, dim, index = given.get("input"), plain(given.get("dim")), given.get("index")
    if not isinstance(of, Tensor) or not isinstance(index, Tensor) or index.numbers is None or type(dim) is not int:
        return ""
    size = of.shape[dim]
    least = -size if name == "index_fill" else 0
    wrong = [number for number in index.numbers.flatten().tolist() if not least <= number < size]
    return f"index {wrong[0]} is out of range for an axis of {size}" if wrong else ""
