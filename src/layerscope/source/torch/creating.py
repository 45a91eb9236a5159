"""Tensors of numbers alone: torch.zeros(1, 64), torch.tensor([1, 2])."""

import ast
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.record import Row
from layerscope.source.text import scan
from layerscope.source.torch.arguments import question_of
from layerscope.source.torch.questions import Question, Refused, answer
from layerscope.source.torch.showing import MAKERS, open_sizes
from layerscope.source.torch.tensor import DRAWING, Tensor, is_small
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def created(run: "Evaluator", name: str, call: Call) -> Any:
    """A tensor of numbers alone: torch.zeros(1, 64). Unknown where its sizes are not known."""
    found = of_sizes(run, name, call)
    world = world_of(run)
    if name not in MAKERS or not world.shows(run):
        return found
    if not isinstance(found, Tensor):
        sizes = open_sizes(name, call)
        found = found if sizes is None else Tensor(sizes, node=call.node)
    return world.showing.makes(found, call, bounds=_drawn(name, call)) if isinstance(found, Tensor) else found


def _drawn(name: str, call: Call) -> tuple[int, int] | None:
    """The smallest and the largest number that randint draws; None where the code does not tell them."""
    if name != "randint":
        return None
    numbers = call.args if "size" in call.kwargs else call.args[:-1]
    named = [call.kwargs[word] for word in ("low", "high") if word in call.kwargs]
    low, high = map(constants.plain, [0, *numbers, *named][-2:]) if numbers or named else (None, None)
    return (low, high - 1) if type(low) is int and type(high) is int else None


def bounds_of(numbers: torch.Tensor | None) -> tuple[int, int] | None:
    """The smallest and the largest of some whole numbers; None for others, and for none."""
    if numbers is None or numbers.dtype != torch.int64 or not numbers.numel():
        return None
    return int(numbers.min()), int(numbers.max())


NEW = {
    "new": "empty", "new_zeros": "zeros", "new_ones": "ones", "new_empty": "empty", "new_full": "full",
    "new_tensor": "tensor",
}  # fmt: skip
"""Methods of a tensor that make another one of the same type, and torch's functions that do the same."""


def new(run: "Evaluator", of: Any, name: str, call: Call) -> Any:
    """tensor.new_zeros(2, 3), and as it was written once tensor.new(2, 3). Unknown where its sizes are not known."""
    first = call.args[0] if call.args else None
    sizes = isinstance(first, tuple) and all(isinstance(size, constants.Size) for size in first)
    if name == "new_tensor" or (name == "new" and isinstance(first, Tensor | list | tuple) and not sizes):
        return literal(run, call)
    return created(run, NEW[name], call)


def of_sizes(run: "Evaluator", name: str, call: Call) -> Any:
    """The same, whether or not it shows what the networks take."""
    try:
        question = question_of(run, "torch", "empty" if name in _OF_SIZES else name, call)
    except Fault as fault:
        return run.unknown(call.node, fault.reason)
    made = answer(question)
    if isinstance(made, Refused):
        return run.unknown(call.node, f"PyTorch refuses {run.paste.quote(call.node)}: {made.words}")
    if not is_small(tuple(made.shape)):
        return run.unknown(call.node)
    counting = question.called(name)
    numbers = worked_out(run, counting, made, question.args, call.node) if name in _COUNTING else None
    return Tensor(tuple(made.shape), made.dtype, node=call.node, numbers=numbers, is_drawn=name in DRAWING)


_OF_SIZES = frozenset({"ones", "rand", "randn", "zeros"})
"""Functions that differ from torch.empty in their numbers alone; their own answers begin with a long import."""
_COUNTING = frozenset({"arange", "linspace", "logspace", "full", "zeros", "ones", "eye", "range"})
"""Functions that make the same numbers each time."""
SAFE = frozenset({
    "abs", "add", "ceil", "chunk", "clamp", "clip", "cumsum", "diff", "div", "divide", "exp", "flip", "floor",
    "floor_divide", "log", "log2", "log10", "max", "maximum", "mean", "min", "minimum", "mul", "multiply",
    "neg", "pow", "prod", "remainder", "reshape", "round", "select", "sqrt", "square", "squeeze", "sub", "sum",
    "true_divide", "trunc", "unsqueeze", "__getitem__", "cat", "stack", "rsub", "split", "split_with_sizes",
    "tensor_split", "unbind",
})  # fmt: skip
"""Functions that may be worked out where all that they are given are small constants."""
MOST_NUMBERS = 4_096
NUMBERS_A_STEP = 32


def number(run: "Evaluator", question: Question, ours: Any, made: Any, args: list[Any], node: ast.AST) -> None:
    """Put the numbers into our tensor, or into each of several, where torch has `made` its own. Raises Fault."""
    tensors = [ours] if isinstance(ours, Tensor) else ours
    if isinstance(tensors, list | tuple) and all(isinstance(part, Tensor) for part in tensors):
        count = sum(part.numel() for part in ([made] if isinstance(made, torch.Tensor) else made))
        for tensor, each in zip(tensors, _all(run, question, count, args, node), strict=False):
            tensor.numbers = each


def worked_out(
    run: "Evaluator", question: Question, made: torch.Tensor, args: list[Any], node: ast.AST
) -> torch.Tensor | None:
    """The numbers themselves, on the CPU; None where there are too many. Raises Fault."""
    found = _all(run, question, made.numel(), args, node)
    return found[0] if len(found) == 1 else None


def _all(run: "Evaluator", question: Question, count: int, args: list[Any], node: ast.AST) -> list[torch.Tensor]:
    """What torch gives on the CPU; [] where there are too many numbers. Raises Fault."""
    if count > MOST_NUMBERS or any(isinstance(part, torch.Tensor) for part in question.kwargs.values()):
        return []
    run.tick(node, count // NUMBERS_A_STEP)
    kwargs = question.kwargs | ({"device": "cpu"} if "device" in question.kwargs else {})
    try:
        with torch.no_grad(), scan.quiet():
            found = question.work(*args, **kwargs)
    except Exception:  # torch's own Python raises anything where it is given what it does not expect
        return []
    row = [found] if isinstance(found, torch.Tensor) else found
    is_row = isinstance(row, list | tuple) and all(isinstance(part, torch.Tensor) for part in row)
    return [*row] if is_row else []


_KINDS = {
    "Tensor": torch.float32, "FloatTensor": torch.float32, "LongTensor": torch.int64, "IntTensor": torch.int32,
    "DoubleTensor": torch.float64, "HalfTensor": torch.float16,
}  # fmt: skip
"""The types of the functions that make tensors of one type."""


def copied(run: "Evaluator", of: Tensor, name: str, call: Call) -> Tensor:
    """torch.tensor(x), torch.FloatTensor(x): x itself, where it is the input as an array; else a copy that no gradient
    passes."""
    if of.origin is not None and isinstance(of.origin.origin, Row):
        text = run.paste.quote(call.node)
        run.remarks.note(f"{text} is a copy without its history: the layers before it are not trained.", call.node)
    if getattr(of, "is_open", False):
        return of
    wanted = call.kwargs.get("dtype")
    dtype = _KINDS.get(name, getattr(torch, wanted.last, None) if isinstance(wanted, Symbol) else None)
    if not isinstance(dtype, torch.dtype) or dtype == of.dtype:
        return of
    return of.changed(dtype=dtype, is_cast=of.carries and not dtype.is_floating_point)


def literal(run: "Evaluator", call: Call) -> Any:
    """torch.tensor([[1.0, 2.0]]): a tensor of written numbers."""
    value = call.args[0] if call.args else None
    if isinstance(value, Tensor):
        return value
    sizes: list[int] = []
    level: list[Any] = [value]
    while level and all(isinstance(part, list | tuple | range) for part in level):
        lengths = {len(part) for part in level}
        if len(lengths) > 1 or len(sizes) > limits.RANK.most:
            return run.unknown(call.node)
        sizes.append(lengths.pop())
        run.tick(call.node, sizes[-1] * len(level))
        level = [part for row in level for part in row]
    if any(isinstance(part, Unknown) for part in level):
        return run.unknown(call.node, among=level)
    level = [getattr(part, "tensor", part) for part in level]  # NumPy's arrays
    arrays = [part for part in level if isinstance(part, Tensor)]
    if arrays:  # a list of arrays: they are stacked
        first = arrays[0]
        alike = len(arrays) == len(level) and all(not part.carries and part.shape == first.shape for part in arrays)
        if not alike:
            return run.unknown(call.node, among=level)
        stacked = Tensor((*sizes, *first.shape), first.dtype, node=call.node)
        shows = world_of(run).shows(run)
        return world_of(run).showing.makes(stacked, call, literal=True) if sizes and shows else stacked
    whole = all(isinstance(part, int) for part in level)
    dtype = torch.int64 if whole and sizes else torch.float32
    plain = [constants.plain(part) for part in level]
    is_small = 0 < len(plain) <= MOST_NUMBERS and all(
        type(part) in (int, float, bool) and abs(part) < 2**62 for part in plain
    )
    numbers = torch.tensor(plain, dtype=dtype).reshape(sizes) if is_small else None
    made = Tensor(tuple(sizes), dtype, node=call.node, numbers=numbers)
    world = world_of(run)
    return (
        world.showing.makes(made, call, literal=True, bounds=bounds_of(numbers)) if sizes and world.shows(run) else made
    )
