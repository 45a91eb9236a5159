"""Numbers that follow from a tensor's sizes or its type: fan-in and gain, the largest number of a type, widths."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Symbol
from layerscope.source.torch.arguments import DTYPES
from layerscope.source.torch.fields import Fields
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _calculated(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init._calculate_fan_in_and_fan_out(weight): both come from the sizes alone."""
    of = next(iter(call.everything), None)
    if not isinstance(of, Tensor) or len(of.shape) < 2:
        return NotImplemented
    return nn.init._calculate_fan_in_and_fan_out(of.meta)


def _fan(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init._calculate_correct_fan(weight, "fan_in")."""
    given = call.bound("tensor", "mode")
    of, mode = given.get("tensor"), given.get("mode")
    if not isinstance(of, Tensor) or len(of.shape) < 2 or mode not in ("fan_in", "fan_out"):
        return NotImplemented
    return nn.init._calculate_correct_fan(of.meta, mode)


def _gain(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init.calculate_gain("relu")."""
    values = [constants.plain(value) for value in call.everything]
    if not all(isinstance(value, str | int | float | None) for value in values):
        return NotImplemented
    try:
        return nn.init.calculate_gain(*values)
    except ValueError as error:
        return run.unknown(call.node, f"{run.paste.quote(call.node)} cannot be computed: {error}")


def _unique(run: "Evaluator", call: Call) -> Any:
    """torch.unique(widths, return_counts=True) of numbers that the code works out."""
    given = call.bound("input", "sorted", "return_inverse", "return_counts")
    of = given.pop("input", None)
    if not isinstance(of, Tensor) or of.numbers is None or not all(type(value) is bool for value in given.values()):
        return NotImplemented
    if not given.keys() <= {"sorted", "return_inverse", "return_counts"}:
        return NotImplemented
    found = torch.unique(of.numbers, **given)
    made = [
        Tensor(tuple(part.shape), part.dtype, node=call.node, numbers=part)
        for part in (found if isinstance(found, tuple) else (found,))
    ]
    return tuple(made) if isinstance(found, tuple) else made[0]


def _limits(run: "Evaluator", call: Call) -> Any:
    """torch.finfo(torch.float32), torch.iinfo(torch.int64): the smallest and largest numbers of a type."""
    of = next(iter(call.everything), Symbol("torch.float32"))
    dtype = DTYPES.get(of.last) if isinstance(of, Symbol) else None
    if dtype is None:
        return NotImplemented
    is_fraction = dtype.is_floating_point
    known = torch.finfo(dtype) if is_fraction else torch.iinfo(dtype)
    names = ("min", "max", "bits", "eps", "tiny", "smallest_normal") if is_fraction else ("min", "max", "bits")
    return Fields({name: getattr(known, name) for name in names})


def _divisible(run: "Evaluator", call: Call) -> Any:
    """make_divisible(channels, 8): the nearest multiple that is not more than a tenth below."""
    values = call.bound("v", "divisor", "min_value")
    width, divisor = values.get("v"), values.get("divisor", 8)
    if not isinstance(width, int | float) or not isinstance(divisor, int) or divisor < 1:
        return NotImplemented
    least = values.get("min_value") or divisor
    if not isinstance(least, int):
        return NotImplemented
    near = max(int(least), int(width + divisor / 2) // int(divisor) * int(divisor))
    return near + int(divisor) if near < 0.9 * width else near


def _sizes(run: "Evaluator", call: Call) -> Any:
    return tuple(call.args[0]) if call.args and isinstance(call.args[0], list | tuple) else NotImplemented


def _is_tensor(run: "Evaluator", call: Call) -> Any:
    return isinstance(call.args[0], Tensor) if call.args else NotImplemented


CALLS: dict[str, Callable[["Evaluator", Call], Any]] = {
    "torch.nn.init._calculate_fan_in_and_fan_out": _calculated,
    "torch.nn.init._calculate_correct_fan": _fan,
    "torch.nn.init.calculate_gain": _gain,
    "torch.unique": _unique,
    "torch.finfo": _limits,
    "torch.iinfo": _limits,
    "torch.get_default_dtype": lambda run, call: Symbol("torch.float32"),
    "torch.Size": _sizes,
    "torch.is_tensor": _is_tensor,
    "*._make_divisible": _divisible,
    "*.make_divisible": _divisible,
}
