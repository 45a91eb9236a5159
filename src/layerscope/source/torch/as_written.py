"""Functions of torch that are a row as they are written: with the batch in front, axes count alike in both.

One entry a function: the row's type, and what its arguments are called in the row. A function that is not here, or
whose batch stands elsewhere, goes through the rules that live modules share (`modules.functions`).
"""

from collections.abc import Callable
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH
from layerscope.source.torch.tensor import Tensor

Written = tuple[str, dict[str, Any], list[Tensor]]
"""A row's type, its arguments, and what it reads."""
_ALONG = frozenset({"cumprod", "cumsum", "flip", "logcumsumexp", "sort"})
_OF_EACH = frozenset(CATALOGUE["Function"].parameters()["function"].words)
_REDUCING = frozenset(CATALOGUE["Reduce"].parameters()["function"].words)


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else plain(value)


def _row(
    kind: str, *names: str, usual: dict[str, Any] | None = None, **renamed: str
) -> Callable[[Call], Written | None]:
    """A row of one tensor; `names` are the function's arguments after it, `renamed` what the row calls some of them.

    `usual` is what torch takes for those that need not be given.
    """

    def rule(call: Call) -> Written | None:
        given = (usual or {}) | call.bound("input", *names)
        of = given.pop("input", None)
        arguments = {renamed.get(name, name): _plain(value) for name, value in given.items()}
        known = {renamed.get(name, name) for name in names}
        if not isinstance(of, Tensor) or not arguments.keys() <= CATALOGUE[kind].parameters().keys():
            return None
        if usual is None and not known <= arguments.keys():
            return None
        return kind, arguments, [of]

    return rule


def _listed(kind: str, name: str) -> Callable[[Call], Written | None]:
    """A row whose argument is a row of numbers, given as such or one by one."""

    def rule(call: Call) -> Written | None:
        of, *rest = call.args or [None]
        values = rest or list(call.kwargs.values())
        row = values[0] if len(values) == 1 and isinstance(values[0], list | tuple) else values
        return (kind, {name: _plain(tuple(row))}, [of]) if isinstance(of, Tensor) else None

    return rule


def _joined(kind: str) -> Callable[[Call], Written | None]:
    def rule(call: Call) -> Written | None:
        given = call.bound("input", "other")
        one, other = given.pop("input", None), given.pop("other", given.pop("mat2", None))
        if given or not isinstance(one, Tensor) or not isinstance(other, Tensor):
            return None
        return kind, {}, [one, other]

    return rule


def _together(kind: str) -> Callable[[Call], Written | None]:
    """cat and stack."""

    def rule(call: Call) -> Written | None:
        given = call.bound("tensors", "dim")
        tensors, dim = given.get("tensors"), given.get("dim", given.get("axis", 0))
        if not isinstance(tensors, list | tuple) or not all(isinstance(part, Tensor) for part in tensors):
            return None
        return kind, {"dim": plain(dim)}, list(tensors)

    return rule


def _reduced(kind: str, function: str = "") -> Callable[[Call], Written | None]:
    def rule(call: Call) -> Written | None:
        given = call.bound("input", *(("p",) if function == "norm" else ()), "dim", "keepdim")
        dim = given.get("dim", given.get("axis"))
        if (
            dim is None
            or isinstance(dim, Tensor)
            or given.keys() - {"input", "p", "dim", "axis", "keepdim", "correction"}
        ):
            return None
        arguments = {"dim": _plain(dim), "keepdim": given.get("keepdim", False)}
        return kind, arguments | ({"function": function} if function else {}), [given["input"]]

    return rule


def _along(function: str) -> Callable[[Call], Written | None]:
    def rule(call: Call) -> Written | None:
        given = call.bound("input", "dim")
        dim = _plain(given.get("dim", given.get("dims", given.get("axis", -1 if function == "sort" else None))))
        dim = dim[0] if isinstance(dim, tuple) and len(dim) == 1 else dim
        return ("Along", {"function": function, "dim": dim}, [given["input"]]) if type(dim) is int else None

    return rule


def _of_each(function: str) -> Callable[[Call], Written | None]:
    def rule(call: Call) -> Written | None:
        return ("Function", {"function": function}, [call.args[0]]) if len(call.everything) == 1 else None

    return rule


def _narrowed(call: Call) -> Written | None:
    given = call.bound("input", "dim", "start", "length")
    dim, start, length = (plain(given.get(name)) for name in ("dim", "start", "length"))
    if (
        type(start) is not int
        or type(length) is not int
        or not 0 <= start <= start + length <= given["input"].shape[dim]
    ):
        return None  # a slice would stop at the end, where torch refuses
    return "Slice", {"dim": dim, "start": start, "stop": start + length}, [given["input"]]


def _split(call: Call) -> Written | None:
    given = call.bound("input", "split_size_or_sections", "dim")
    sizes = given.get("split_size_or_sections", given.get("split_size"))
    if not isinstance(sizes, list | tuple):
        return None
    return "Split", {"split_size": _plain(sizes), "dim": plain(given.get("dim", 0))}, [given["input"]]


def _sized(kind: str) -> Callable[[Call], Written | None]:
    """A row whose argument are the sizes of one sample; the batch's comes first, as -1 or as it is."""

    def rule(call: Call) -> Written | None:
        of, *rest = call.args or [None]
        sizes = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
        batch, *own = map(_plain, sizes)
        return (kind, {"shape": tuple(own)}, [of]) if isinstance(of, Tensor) and batch in (-1, BATCH) else None

    return rule


def _attention(call: Call) -> Written | None:
    given = call.bound("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
    read = [given.pop(name) for name in ("query", "key", "value") if name in given]
    if given.pop("attn_mask", None) is not None or not all(isinstance(part, Tensor) for part in read):
        return None
    alike = len(read) == 3 and len({part.origin for part in read}) == 1 and "query" not in call.kwargs
    return "ScaledDotProductAttention", {name: plain(value) for name, value in given.items()}, read[: 1 if alike else 3]


RULES: dict[str, Callable[[Call], Written | None]] = {
    **{name: _of_each(name) for name in _OF_EACH},
    **{name: _reduced("Reduce", name) for name in _REDUCING},
    **{name: _along(name) for name in _ALONG},
    "vector_norm": _reduced("Reduce", "norm"),
    "mean": _reduced("Mean"), "sum": _reduced("Sum"), "amax": _reduced("Max"), "amin": _reduced("Min"),
    "max": _reduced("Max"), "min": _reduced("Min"),
    "cat": _together("Concat"), "concat": _together("Concat"), "concatenate": _together("Concat"),
    "stack": _together("Stack"),
    "add": _joined("Add"), "sub": _joined("Subtract"), "subtract": _joined("Subtract"), "mul": _joined("Multiply"),
    "multiply": _joined("Multiply"), "div": _joined("Divide"), "divide": _joined("Divide"),
    "true_divide": _joined("Divide"), "matmul": _joined("MatMul"), "bmm": _joined("MatMul"), "mm": _joined("MatMul"),
    "maximum": _joined("Maximum"), "minimum": _joined("Minimum"),
    "expand": _sized("Expand"), "reshape": _sized("Reshape"),
    "permute": _listed("Permute", "order"),
    "transpose": _row("Transpose", "dim0", "dim1", axis0="dim0", axis1="dim1"),
    "swapaxes": _row("Transpose", "dim0", "dim1", axis0="dim0", axis1="dim1"),
    "swapdims": _row("Transpose", "dim0", "dim1"),
    "unsqueeze": _row("Unsqueeze", "dim"), "squeeze": _row("Squeeze", "dim"),
    "select": _row("Select", "dim", "index"), "narrow": _narrowed,
    "chunk": _row("Chunk", "chunks", "dim", usual={"dim": 0}), "split": _split,
    "roll": _row("Roll", "shifts", "dims", dims="dim"),
    "clamp": _row("Clamp", "min", "max", usual={}), "clip": _row("Clamp", "min", "max", usual={}),
    "pow": _row("Power", "exponent"),
    "normalize": _along("normalize"),
    "scaled_dot_product_attention": _attention,
}  # fmt: skip


def written(name: str, call: Call) -> Written | None:
    """The row for a function as it is written; None where it is not simply one."""
    rule = RULES.get(name)
    try:
        found = rule(call) if rule is not None else None
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    return found if found is not None and all(isinstance(part, Tensor) for part in found[2]) else None
