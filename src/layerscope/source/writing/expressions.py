"""Rows that are not modules of torch's, as the expressions people write: x + y, torch.cat([x, y], dim=1), x[:, -1].

Here and in `source/operations.py`, which reads them back, stands what torch calls each of these rows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from layerscope.layers.base import Layer
from layerscope.layers.opaque import Measured, unflattened
from layerscope.source.constructing import written_arguments
from layerscope.source.spelling import Argument, argument, value_text
from layerscope.source.writing.called import Called
from layerscope.source.writing.helpers import MEASURED

SIGNS = {"Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "MatMul": "@"}
LISTS = {"Concat": "torch.cat", "Stack": "torch.stack"}
PAIRS = {"Maximum": "torch.maximum", "Minimum": "torch.minimum"}
FUNCTIONS = {"ScaledDotProductAttention": "F.scaled_dot_product_attention"}
REDUCTIONS = {"Mean": "mean", "Sum": "sum", "Max": "amax", "Min": "amin"}
_METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Transpose": ("transpose", ("dim0", "dim1")),
    "Squeeze": ("squeeze", ("dim",)),
    "Unsqueeze": ("unsqueeze", ("dim",)),
    "Permute": ("permute", ("order",)),
}
"""Methods of a tensor whose arguments are written in their order, a row of them as several."""
_SPREAD = {"Permute"}


def expression(layer: Layer, operands: Sequence[str]) -> Called:
    """A row on operands that are names, attributes or subscripts of such."""
    kind, values = layer.type, layer.chosen
    if isinstance(layer, Measured):
        gives = argument("gives", next(iter(unflattened(layer.gives)), ()))
        return Called(MEASURED, (Argument(value_text(layer.called)), *map(Argument, operands), gives))
    first = operands[0] if operands else ""
    if kind in LISTS and len(operands) == 1 and first.startswith("*"):
        return Called(LISTS[kind], (Argument(first.removeprefix("*")), argument("dim", values["dim"])))
    lacks_inputs = len(operands) < layer.takes[0] and kind not in LISTS
    if lacks_inputs or not layer.has_sound_values:  # it does not run, which stands above it
        return _function(layer, operands)
    if kind in SIGNS:
        return Called(operands=tuple(operands), sign=SIGNS[kind])
    if kind in LISTS:
        row = Argument(f"[{', '.join(operands)}]", "[", tuple(operands), "]")
        return Called(LISTS[kind], (row, argument("dim", values["dim"])))
    if kind in PAIRS:
        return Called(f"{PAIRS[kind]}", tuple(map(Argument, _nested(PAIRS[kind], operands))))
    if kind == "Transpose" and 0 in values.values():  # it does not run; by place it would only move the batch
        return Called(f"{first}.transpose", tuple(argument(*each) for each in values.items()))
    if kind in _METHODS:
        method, names = _METHODS[kind]
        texts = [value_text(part) for name in names for part in _parts(values[name], kind in _SPREAD)]
        return Called(f"{first}.{method}", tuple(map(Argument, texts)))
    if kind in REDUCTIONS:
        return Called(f"{first}.{REDUCTIONS[kind]}", _reduced(values))
    return _OTHERS[kind](values, first) if kind in _OTHERS else _function(layer, operands)


_LENGTH = {"norm": "linalg.vector_norm"}


def _parts(value: Any, spread: bool) -> tuple[Any, ...]:
    return value if spread and isinstance(value, tuple) else (value,)


def _nested(function: str, operands: Sequence[str]) -> tuple[str, str]:
    """The arguments of a function of two where it is called on more: the first is the function of all but the last."""
    *others, last = operands
    inner = others[0] if len(others) == 1 else f"{function}({', '.join(_nested(function, others))})"
    return inner, last


def _reduced(values: dict[str, Any]) -> tuple[Argument, ...]:
    keep = (Argument("keepdim=True"),) if values["keepdim"] is True else ()
    return argument("dim", values["dim"]), *keep


def _sizes(first: str, values: dict[str, Any]) -> tuple[Argument, ...]:
    return Argument(f"{first}.shape[0]"), *(Argument(value_text(size)) for size in _parts(values["shape"], True))


def _cut(first: str, dim: int, piece: str) -> Called:
    """One axis of a tensor cut: t[:, 0], t[..., :2, :]."""
    before = [":"] * dim if dim >= 0 else ["..."]
    after = [] if dim >= 0 else [":"] * (-dim - 1)
    return Called(f"{first}[{', '.join([*before, piece, *after])}]")


def _slice(values: dict[str, Any], first: str) -> Called:
    start, stop, step = values["start"], values["stop"], values["step"]
    end = "" if stop is None else value_text(stop)
    return _cut(first, values["dim"], f"{value_text(start)}:{end}" + ("" if step == 1 else f":{value_text(step)}"))


def _along(values: dict[str, Any], first: str) -> Called:
    """A function along one axis; torch takes a row of them for flip, and sorts the places too."""
    name, dim = values["function"], values["dim"]
    if name == "flip":
        return Called("torch.flip", (Argument(first), Argument(f"dims=({value_text(dim)},)")))
    if name == "sort":
        return Called(f"torch.sort({first}, dim={value_text(dim)}).values")
    room = "F" if name == "normalize" else "torch"
    return Called(f"{room}.{name}", (Argument(first), argument("dim", dim)))


def _signed(sign: str, name: str) -> "Callable[[dict[str, Any], str], Called]":
    return lambda values, first: Called(operands=(first, value_text(values[name])), sign=sign)


def _clamped(values: dict[str, Any], first: str) -> Called:
    ends = (argument(name, values[name]) for name in ("min", "max") if values[name] is not None)
    return Called(f"{first}.clamp", tuple(ends))


_OTHERS: dict[str, Callable[[dict[str, Any], str], Called]] = {
    "Reshape": lambda values, first: Called(f"{first}.reshape", _sizes(first, values)),
    "Expand": lambda values, first: Called(f"{first}.expand", (Argument("-1"), *_sizes(first, values)[1:])),
    "Select": lambda values, first: _cut(first, values["dim"], value_text(values["index"])),
    "Slice": _slice,
    "Chunk": lambda values, first: Called(
        f"{first}.chunk", (Argument(value_text(values["chunks"])), argument("dim", values["dim"]))
    ),
    "Split": lambda values, first: Called(
        f"{first}.split",
        (Argument(value_text(list(_parts(values["split_size"], True)))), argument("dim", values["dim"])),
    ),
    "Roll": lambda values, first: Called(
        "torch.roll",
        (Argument(first), argument("shifts", values["shifts"]), Argument(f"dims={value_text(values['dim'])}")),
    ),
    "Along": _along,
    "Pad": lambda values, first: Called(
        "F.pad",
        (
            Argument(first),
            argument("pad", values["pad"]),
            Argument('mode="constant"'),
            argument("value", values["value"]),
        ),
    ),
    "Scale": _signed("*", "factor"),
    "Shift": _signed("+", "amount"),
    "Power": _signed("**", "exponent"),
    "Clamp": _clamped,
    "Function": lambda values, first: Called(f"torch.{values['function']}", (Argument(first),)),
    "Reduce": lambda values, first: Called(
        f"torch.{_LENGTH.get(values['function'], values['function'])}", (Argument(first), *_reduced(values))
    ),
}


def attended(texts: Sequence[str]) -> list[str]:
    """What attention is called with: query, key and value. One tensor is all three.

    A row that names one tensor three times is written by name, so that reading can tell it from one that names it once.
    """
    if len(texts) == 1:
        return list(texts) * 3
    if len(texts) == 3 and len({*texts}) == 1:
        return [f"{name}={text}" for name, text in zip(("query", "key", "value"), texts, strict=True)]
    return list(texts)


def _function(layer: Layer, operands: Sequence[str]) -> Called:
    """Any other function: the tensors, then the arguments by name."""
    three = attended(operands) if layer.type in FUNCTIONS else operands
    names = [_while_training(name, value) for name, value in written_arguments(layer).items()]
    return Called(FUNCTIONS.get(layer.type, f"torch.{layer.type.lower()}"), (*map(Argument, three), *names))


def _while_training(name: str, value: Any) -> Argument:
    """An argument by name; what acts while training only is 0.0 after it, as in the module."""
    if name == "dropout_p":
        return Argument(f"{name}={value_text(value)} if self.training else 0.0")
    return argument(name, value)
