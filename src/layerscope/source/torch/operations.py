"""Torch's functions on tensors of the paste: torch itself says what they give, asked about tensors that hold nothing.

Nothing of the paste is run. Only functions of `allowed.py` are called, with our tensors and with numbers, words and
short rows that were looked at before.
"""

import ast
import re
from dataclasses import replace
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.record import BATCH
from layerscope.source.text import scan
from layerscope.source.torch import allowed, applying, recording, reshaping, slicing
from layerscope.source.torch.layer_functions import layer_function
from layerscope.source.torch.modules import Learned
from layerscope.source.torch.questions import Question, Refused, answer, pieces
from layerscope.source.torch.showing import MAKERS, open_sizes
from layerscope.source.torch.tensor import Tensor, is_small, leaves, number
from layerscope.source.torch.worlds import unnamed, world_of
from layerscope.torch_functions import FUNCTIONS as LAYERS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

KEEPING = frozenset({
    "clone", "contiguous", "cpu", "cuda", "detach", "detach_", "requires_grad_", "retain_grad", "register_hook",
    "pin_memory", "alias", "positive", "conj", "resolve_conj", "real", "share_memory_",
})  # fmt: skip
"""Methods that give the same tensor, as far as shapes go."""
_TYPES: dict[str, torch.dtype] = {
    "float": torch.float32, "double": torch.float64, "half": torch.float16, "bfloat16": torch.bfloat16,
    "long": torch.int64, "int": torch.int32, "byte": torch.uint8, "bool": torch.bool, "short": torch.int16,
}  # fmt: skip
_DTYPES = {name: value for name, value in vars(torch).items() if isinstance(value, torch.dtype)}
_LEFT_OUT = frozenset(
    {"device", "generator", "requires_grad", "layout", "pin_memory", "out_dtype", "non_blocking", "copy"}
)
_MEASURING = frozenset({"size", "dim", "ndimension", "numel", "nelement", "get_device", "element_size", "stride"})
_ENDING = {
    "argmax": "argmax picks the class and is left out: the network's outputs come before it.",
    "item": "item() takes the number out of the tensor and is left out.",
    "numpy": "numpy() leaves torch and is left out.",
    "tolist": "tolist() leaves torch and is left out.",
    "backward": "backward() is no part of the network and is left out.",
}
_SPECIAL = {**reshaping.RESHAPING, "__getitem__": slicing.part}
"""What is worked out here, as it is a row that is written just so, or more than torch would say of it."""
_FRESH = frozenset({"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like"})
_NEW = {"new_zeros": "zeros", "new_ones": "ones", "new_empty": "empty", "new_full": "full"}
LONGEST_WORD = 200
LONGEST_ROW = 64


def method(run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
    """tensor.name(...). Raises Fault."""
    if name in KEEPING:
        return of
    if name in _TYPES and not call.everything:
        return of.changed(dtype=_TYPES[name], numbers=None if of.numbers is None else of.numbers.to(_TYPES[name]))
    if name in ("to", "type", "type_as"):
        return _converted(of, call)
    if name in _MEASURING:
        return _measured(run, of, name, call)
    if of.numbers is not None and name in ("item", "tolist", "numpy") and not call.everything:
        return of.numbers.tolist()
    if name in _ENDING and of.carries:
        run.remarks.note(_ENDING[name], call.node)
        return of.changed(ended=_ENDING[name])
    if name in _NEW:
        return created(run, _NEW[name], call)
    if name in ("expand", "repeat") and isinstance(of.owner, Learned) and not of.carries:
        repeated = recording.repeated(run, of, call)
        if repeated is not None:
            return repeated
    whole = call.with_first(of)
    if f"x.{name}" in LAYERS and of.carries and name not in reshaping.RESHAPING:
        return layer_function(run, f"x.{name}", whole)
    if not of.carries and name.endswith("_") and not name.endswith("__"):
        return of  # filled in place: its sizes stay
    plain = name[:-1] if name.endswith("_") and not name.endswith("__") and name[:-1] in allowed.METHODS else name
    if plain not in allowed.METHODS and plain != "__getitem__":
        raise Fault(refusal(f"x.{name}"), call.node)
    found = _asked(run, "x", plain, whole)
    return of.become(found) if plain != name and isinstance(found, Tensor) else found


def function(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """A function of torch or torch.nn.functional that is given a tensor of the paste. Raises Fault."""
    space = "F" if "functional" in symbol.path.split(".") else "torch"
    name = symbol.last
    if not call.args and isinstance(call.kwargs.get("input"), Tensor):
        kwargs = {key: value for key, value in call.kwargs.items() if key != "input"}
        call = Call(call.node, [call.kwargs["input"]], kwargs, call.nodes)
    first = call.args[0] if call.args else None
    key = f"{space}.{name}"
    if key in LAYERS and isinstance(first, Tensor) and first.carries and name not in reshaping.RESHAPING:
        return layer_function(run, key, call)
    if name in KEEPING and isinstance(first, Tensor):
        return first
    if name in _ENDING and isinstance(first, Tensor):
        return method(run, first, name, call.after_first())
    if name.removesuffix("_") not in (allowed.FUNCTIONAL if space == "F" else allowed.FUNCTIONS):
        raise Fault(refusal(symbol.shown if symbol.shown.count(".") else f"torch.{name}"), call.node)
    return _asked(run, space, name.removesuffix("_"), call)


def operated(run: "Evaluator", name: str, call: Call) -> Any:
    """left + right and the like on tensors. Raises Fault."""
    if not isinstance(call.args[0], Tensor) and name in ("sub", "div", "pow"):
        name = {"sub": "rsub", "div": "reciprocal", "pow": "pow"}[name]
        if name == "reciprocal":
            return method(run, call.args[1], "reciprocal", Call(call.node))
    return _asked(run, "torch", name, call)


def broadcast(run: "Evaluator", of: Tensor, other: Tensor, call: Call) -> Tensor | None:
    """The tensor itself, where the other one changes none of its sizes; None where it does, or does not fit."""
    try:
        shape = torch.broadcast_shapes(of.shape, other.shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return None
    return of if tuple(shape) == of.shape else None


def with_number(run: "Evaluator", name: str, of: Tensor, value: int | float, is_left: bool, call: Call) -> Any:
    """x * 2, 1 - x: a row that scales or shifts. Raises Fault."""
    number = constants.plain(value)
    if (type(number) is int and not -(2**53) <= number <= 2**53) or (type(number) is float and not isfinite(number)):
        raise Fault(f"{run.paste.quote(call.node)} is worked out with a number that no layer holds.", call.node)
    if isinstance(value, constants.Size) and abs(number) % BATCH == 0 and number:
        raise Fault(f"{run.paste.quote(call.node)} depends on how many samples there are.", call.node)
    kind, values = _with_number(name, number, is_left)
    if not kind:
        return _asked(run, "torch", name, call)
    return applying.apply(run, unnamed(kind, **values), [of], call.node)


def _with_number(name: str, number: int | float, is_left: bool) -> tuple[str, dict[str, Any]]:
    """The row of an operation with a number; "" where there is none. `is_left`: the tensor stands before the sign."""
    if name == "div" and is_left:
        return ("Scale", {"factor": 1 / number}) if number else ("", {})
    if name in ("add", "mul") or (is_left and name in ("sub", "pow")):
        kind, parameter = {
            "add": ("Shift", "amount"),
            "sub": ("Shift", "amount"),
            "mul": ("Scale", "factor"),
            "pow": ("Power", "exponent"),
        }[name]
        return kind, {parameter: -number if name == "sub" else number}
    return ("Scale", {"factor": -1}) if name == "sub" else ("", {})


def refusal(shown: str) -> str:
    """The sentence for a function that is not read."""
    return f"{shown} is not among what Layerscope reads."


def created(run: "Evaluator", name: str, call: Call) -> Any:
    """A tensor of numbers alone: torch.zeros(1, 64). Unknown where its sizes cannot be told."""
    found = _created(run, name, call)
    world = world_of(run)
    if not world.at_module_level or name not in MAKERS or run.making:
        return found
    if not isinstance(found, Tensor):
        sizes = open_sizes(name, call)
        found = found if sizes is None else Tensor(sizes, node=call.node)
    return world.showing.makes(found, call) if isinstance(found, Tensor) else found


def _created(run: "Evaluator", name: str, call: Call) -> Any:
    try:
        question = _question(run, "torch", "empty" if name in _OF_SIZES else name, call)
    except Fault as fault:
        return run.unknown(call.node, fault.reason)
    made = answer(question)
    if isinstance(made, Refused):
        return run.unknown(call.node, f"torch refuses {run.paste.quote(call.node)}: {made.words}")
    if not is_small(tuple(made.shape)):
        return run.unknown(call.node)
    counting = replace(question, name=name)
    numbers = worked_out(run, counting, made, question.args, call.node) if name in _COUNTING else None
    return Tensor(tuple(made.shape), made.dtype, node=call.node, numbers=numbers)


_OF_SIZES = frozenset({"ones", "rand", "randn", "zeros"})
"""Functions that differ from torch.empty in their numbers alone; their own answers begin with a long import."""
_COUNTING = frozenset({"arange", "linspace", "logspace", "full", "zeros", "ones", "eye", "range"})
"""Functions that make the same numbers each time."""
_SAFE = frozenset({
    "abs", "add", "ceil", "chunk", "clamp", "clip", "cumsum", "diff", "div", "divide", "exp", "flip", "floor",
    "floor_divide", "log", "log2", "log10", "max", "maximum", "mean", "min", "minimum", "mul", "multiply",
    "neg", "pow", "prod", "remainder", "reshape", "round", "select", "sqrt", "square", "squeeze", "sub", "sum",
    "true_divide", "trunc", "unsqueeze", "__getitem__", "cat", "stack", "rsub",
})  # fmt: skip
"""Functions that may be worked out where all that they are given are small constants."""
MOST_NUMBERS = 4_096
NUMBERS_A_STEP = 32


def worked_out(
    run: "Evaluator", question: Question, made: torch.Tensor, args: list[Any], node: ast.AST
) -> torch.Tensor | None:
    """The numbers themselves, on the CPU; None where there are too many. Raises Fault."""
    if made.numel() > MOST_NUMBERS or any(isinstance(part, torch.Tensor) for part in question.kwargs.values()):
        return None
    run.tick(node, made.numel() // NUMBERS_A_STEP)
    kwargs = question.kwargs | ({"device": "cpu"} if "device" in question.kwargs else {})
    try:
        with torch.no_grad(), scan.quiet():
            found = question.work(*args, **kwargs)
    except Exception:  # torch's own Python raises anything where it is given what it does not expect
        return None
    return found if isinstance(found, torch.Tensor) else None


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
    whole = all(isinstance(part, int) for part in level)
    dtype = torch.int64 if whole and sizes else torch.float32
    plain = [constants.plain(part) for part in level]
    is_small = 0 < len(plain) <= MOST_NUMBERS and all(
        type(part) in (int, float, bool) and abs(part) < 2**62 for part in plain
    )
    numbers = torch.tensor(plain, dtype=dtype).reshape(sizes) if is_small else None
    made = Tensor(tuple(sizes), dtype, node=call.node, numbers=numbers)
    at_module_level = world_of(run).at_module_level and not run.making
    return world_of(run).showing.makes(made, call, literal=True) if at_module_level and sizes else made


def _converted(of: Tensor, call: Call) -> Tensor:
    """x.to(torch.long), x.type(torch.FloatTensor), x.to(device)."""
    for value in call.everything:
        if isinstance(value, Symbol) and value.last in _DTYPES:
            return of.changed(dtype=_DTYPES[value.last])
        if isinstance(value, Symbol) and value.last.removesuffix("Tensor").lower() in _TYPES:
            return of.changed(dtype=_TYPES[value.last.removesuffix("Tensor").lower()])
        if isinstance(value, Tensor):
            return of.changed(dtype=value.dtype)
    return of


def _measured(run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
    """x.size(0), x.dim(), x.numel()."""
    if name == "size" and not call.everything:
        return tuple(map(constants.Size, of.shape))
    if name == "size" and len(call.everything) == 1 and isinstance(call.everything[0], int):
        axis = call.everything[0]
        if -len(of.shape) <= axis < len(of.shape):
            return constants.Size(of.shape[axis])
        raise Fault(
            f"{run.paste.quote(call.node)} asks for axis {axis} of a tensor with {len(of.shape)} axes.", call.node
        )
    if name in ("numel", "nelement"):
        return constants.Size(prod(of.shape))
    return len(of.shape) if name in ("dim", "ndimension") else run.unknown(call.node)


def _asked(run: "Evaluator", space: str, name: str, call: Call) -> Any:
    """What torch gives: tensors, each with the rows that make it. Raises Fault."""
    given = list(leaves([*call.args, call.kwargs]))
    is_live = any(tensor.carries for tensor in given) and name not in _FRESH
    if is_live and (ended := next((tensor.ended for tensor in given if tensor.ended), "")):
        raise Fault(f"{ended} Nothing can come after it in Layerscope.", call.node)
    if is_live and world_of(run).exact and (row := recording.as_it_stands(run, name, call)) is not None:
        return row
    if name in _SPECIAL and given and isinstance(call.args[0] if call.args else None, Tensor):
        special = _SPECIAL[name](run, call) if is_live else NotImplemented
        if special is not NotImplemented:
            return special
    if name in ("cat", "concat", "concatenate", "stack", "vstack") and is_live:
        recording.check_joined(run, name, call)
        if name not in ("stack", "vstack") and len(given) == 1 and given[0].shape:
            return given[0]
    if is_live and (known := recording.simple(run, name, call, given)) is not None:
        return known
    question = _question(run, space, name, call)
    result = answer(question)
    if isinstance(result, Refused):
        words = f"{_BATCHES.sub(_counted, result.words).rstrip(':. ')}."
        if is_live:
            return recording.refused(run, space, name, call, words)
        return run.unknown(call.node, f"torch refuses {run.paste.quote(call.node)}: {words}")
    found = recording.made(run, question, call, result, is_live)
    constant = not is_live and all(tensor.numbers is not None for tensor in given)
    if constant and name in _SAFE and isinstance(found, Tensor):
        real = [_numbers_of(value, part) for value, part in zip(call.args, question.args, strict=True)]
        found.numbers = worked_out(run, question, result, real, call.node)
    return found


def _question(run: "Evaluator", space: str, name: str, call: Call) -> Question:
    """The question to torch that a call is. Raises Fault where it is not to be asked."""
    try:
        question = Question.of(space, name, *_arguments(run, call))
    except RuntimeError:
        raise Fault(f"{run.paste.quote(call.node)} works on more values than torch can count.", call.node) from None
    if not question.is_known:
        raise Fault(refusal(f"{space}.{name}"), call.node)
    if (count := pieces(question)) > limits.PORTS.most:
        raise recording.too_many(run, count, call.node)
    world_of(run).count(run, question, call.node)
    return question


_BATCHES = re.compile(r"\d{5,}")


def _counted(found: re.Match[str]) -> str:
    """A size in torch's words with the batch called N."""
    times, rest = divmod(int(found[0]), BATCH)
    return found[0] if rest or not times else f"{times}*N" if times > 1 else "N"


def _numbers_of(value: Any, part: Any) -> Any:
    """An argument with the numbers of the tensors in it."""
    if isinstance(value, Tensor):
        return value.numbers
    return [_numbers_of(*pair) for pair in zip(value, part, strict=True)] if isinstance(value, list | tuple) else part


def _arguments(run: "Evaluator", call: Call) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as torch gets them. Raises Fault where one is not to be handed on."""
    args = [_argument(run, value, call, 3) for value in call.args]
    kwargs = {
        name: _argument(run, value, call, 3) for name, value in call.kwargs.items()
        if name not in _LEFT_OUT and not (name == "dtype" and not isinstance(value, Symbol))
    }  # fmt: skip
    if "out" in kwargs:
        raise Fault(f"{run.paste.quote(call.node)} writes into another tensor; assign its result instead.", call.node)
    return args, kwargs


def _argument(run: "Evaluator", value: Any, call: Call, depth: int) -> Any:
    if isinstance(value, Tensor):
        return value.meta
    if isinstance(value, bool) or value is None or value is Ellipsis:
        return value
    if isinstance(value, int):
        known = number(value)
        if known is None:
            words = limits.TENSOR_NUMBER.sentence(
                text=run.paste.quote(call.node), found=f"a number as large as {value}"
            )
            raise Fault(words, call.node)
        return known
    if isinstance(value, float) and isfinite(value):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, str) and len(value) <= LONGEST_WORD:
        return value
    if isinstance(value, slice):
        return slice(*(_argument(run, end, call, 0) for end in (value.start, value.stop, value.step)))
    if isinstance(value, list | tuple | range) and len(value) <= LONGEST_ROW and depth:
        parts = [_argument(run, part, call, depth - 1) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if isinstance(value, Symbol) and value.last in _DTYPES:
        return _DTYPES[value.last]
    if isinstance(value, Unknown):
        raise Fault(value.reason, value.node or call.node)
    raise Fault(f"{run.paste.quote(call.node)} is given something that torch cannot be asked about.", call.node)
