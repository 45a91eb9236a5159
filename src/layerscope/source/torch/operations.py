"""Torch's functions on tensors of the paste: torch itself says what they give, asked about tensors that hold nothing.

Nothing of the paste is run. Only functions of `allowed.py` are called, with our tensors and with numbers, words and
short rows that were looked at before.
"""

import re
from dataclasses import replace
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope.source.python import constants
from layerscope.source.python.values import Call, CodeFault, Fault, Symbol, carries
from layerscope.source.record import BATCH
from layerscope.source.remarks.joined_tensors import as_row
from layerscope.source.torch import adding, allowed, applying, creating, recording, reshaping, slicing
from layerscope.source.torch.arguments import DTYPES, question_of, refusal
from layerscope.source.torch.layer_functions import layer_function
from layerscope.source.torch.modules import Learned
from layerscope.source.torch.neighbors import gathered
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.questions import Refused, answer
from layerscope.source.torch.second_opinions import objection
from layerscope.source.torch.tensor import Tensor, tensors_given
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
_WHOLE = (torch.int64, torch.int32)
_MEASURING = frozenset({"size", "dim", "ndimension", "numel", "nelement", "get_device", "element_size", "stride"})
_ENDING = {
    "argmax": "argmax only picks the class, so it is not shown: the network's outputs come before it.",
    "item": "item() only takes the number out of the tensor, so it is not shown.",
    "numpy": "numpy() only converts the tensor to NumPy, so it is not shown.",
    "tolist": "tolist() only converts the tensor to a list, so it is not shown.",
    "backward": "backward() is not part of the network, so it is not shown.",
}
_PICKING = frozenset({"argmax"})
"""Those of them that code may go on with: a decoder looks up the word that it chose."""
_SPECIAL = {**reshaping.RESHAPING, "__getitem__": slicing.part}
"""What is worked out here, as it is a row that is written just so, or more than torch would say of it."""
_FRESH = frozenset({"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like"})


def method(run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
    """tensor.name(...). Raises Fault."""
    if name in KEEPING:
        return of
    if name in _TYPES and isinstance(of, OpenInput) and of.is_open:
        return of  # a layer that it meets says more of it
    if name in _TYPES and not call.everything:
        if of.carries and _TYPES[name] in _WHOLE:
            return of.changed(dtype=_TYPES[name], is_cast=True)
        return of.changed(dtype=_TYPES[name], numbers=None if of.numbers is None else of.numbers.to(_TYPES[name]))
    if name in ("to", "type", "type_as"):
        return _converted(of, call)
    if name in _MEASURING:
        return _measured(run, of, name, call)
    if of.numbers is not None and name in ("item", "tolist", "numpy") and not call.everything:
        return of.numbers.tolist()
    if of.chance and name == "item":
        return replace(run.unknown(call.node), chance=True)
    if name in _ENDING and of.carries:
        if id(call.node) not in world_of(run).gone_on:
            run.remarks.note(_ENDING[name], call.node)
        ended = of.changed(ended=_ENDING[name])
        if name in _PICKING and call.everything:
            ended.goes_on = lambda: _picked(run, of, name, call)
        return ended
    if name in creating.NEW:
        return creating.new(run, of, name, call)
    if name in ("expand", "repeat") and isinstance(of.owner, Learned) and not of.carries:
        repeated = adding.repeated(run, of, call)
        if repeated is not None:
            return repeated
    whole = call.with_first(of)
    if f"x.{name}" in LAYERS and of.carries and not of.is_shared and name not in reshaping.RESHAPING:
        return layer_function(run, f"x.{name}", whole)
    is_own = of.owner is None and not of.weights  # what a layer keeps is not changed by one call
    if not of.carries and name in _OTHER_SIZES:
        return _resized(run, of, name, call)
    if not of.carries and name.endswith("_") and not name.endswith("__") and not (is_own and carries(call.everything)):
        return of  # filled in place: its sizes stay
    plain = name[:-1] if name.endswith("_") and not name.endswith("__") and name[:-1] in allowed.METHODS else name
    if plain not in allowed.METHODS and plain in allowed.OF["F"] and not of.carries:
        return _asked(run, "F", plain, whole)
    if plain not in allowed.METHODS and plain != "__getitem__":
        raise Fault(refusal(f"x.{name}"), call.node)
    found = _asked(run, "x", plain, whole)
    return of.become(found) if plain != name and isinstance(found, Tensor) else found


_OTHER_SIZES = {
    "resize_": "reshape", "squeeze_": "squeeze", "unsqueeze_": "unsqueeze", "t_": "t", "transpose_": "transpose",
    "swapaxes_": "swapaxes", "swapdims_": "swapdims",
}  # fmt: skip
"""Methods that give a tensor other sizes in place, and what gives another tensor of those sizes."""


def _resized(run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
    """images.resize_(64, 784): the tensor has other sizes from now on. Raises Fault."""
    found = _asked(run, "x", _OTHER_SIZES[name], call.with_first(of))
    if not isinstance(found, Tensor):
        return found  # more values, or fewer
    of.numbers = None
    return of.become(found)


def _picked(run: "Evaluator", of: Tensor, name: str, call: Call) -> Tensor:
    """The places that a function picks, where something reads them. Raises Fault."""
    question = question_of(run, "x", name, call.with_first(of))
    result = answer(question)
    if isinstance(result, Refused):
        raise CodeFault(f"PyTorch refuses {run.paste.quote(call.node)}: {result.words}", call.node)
    world_of(run).gone_on.add(id(call.node))
    run.remarks.take_back(_ENDING[name], call.node)
    found: Tensor = recording.made(run, question, call.with_first(of), [of], result, True)
    return found


def function(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """A function of torch or torch.nn.functional that is given a tensor of the paste. Raises Fault."""
    homes = symbol.path.split(".")
    space = "F" if "functional" in homes else "linalg" if "linalg" in homes else "torch"
    name = symbol.last
    if not call.args and isinstance(call.kwargs.get("input"), Tensor):
        kwargs = {key: value for key, value in call.kwargs.items() if key != "input"}
        call = Call(call.node, [call.kwargs["input"]], kwargs, call.nodes)
    first = call.args[0] if call.args else None
    key = f"{space}.{name}"
    is_live = isinstance(first, Tensor) and first.carries and not first.is_shared
    if key in LAYERS and is_live and name not in reshaping.RESHAPING:
        return layer_function(run, key, call)
    if name in KEEPING and isinstance(first, Tensor):
        return first
    if name in _ENDING and isinstance(first, Tensor):
        return method(run, first, name, call.after_first())
    if name in _MATRICES:
        if (found := gathered(run, name, call)) is not None:
            return found
        if all(isinstance(value, Tensor) and value.carries for value in call.args) and len(call.args) > 1:
            raise Fault(_across_samples(run, call), call.node)
        name = "mm"
    if space == "F" and name in _LOSSES and call.kwargs.get("reduction") != "none":
        words = f"{run.paste.quote(call.node)} is one number for the whole batch."
        return replace(run.unknown(call.node, words), of_numbers=True)
    if key in LAYERS and name not in allowed.OF[space] and name in allowed.OF["F"]:
        space = "F"  # torch.relu of a constant
    if name.removesuffix("_") not in allowed.OF[space]:
        raise Fault(refusal(symbol.shown if symbol.shown.count(".") else f"torch.{name}"), call.node)
    return _asked(run, space, name.removesuffix("_"), call)


_LOSSES = frozenset({
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "cross_entropy", "nll_loss", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "kl_div", "cosine_embedding_loss", "triplet_margin_loss",
})  # fmt: skip
_MATRICES = frozenset({"mm", "spmm", "dsmm"})
"""Functions that multiply two matrices; which of them is sparse changes no size."""


def _across_samples(run: "Evaluator", call: Call) -> str:
    """Why a product of two matrices that both depend on the input has no sizes of one sample."""
    return (
        f"{run.paste.quote(call.node)} multiplies across the first axis, which is the batch here. If the rows are the "
        "nodes of one graph, write torch.matmul for each of these products and give all inputs a batch axis in front: "
        "(batch, nodes, features)."
    )


def operated(run: "Evaluator", name: str, call: Call) -> Any:
    """left + right and the like on tensors. Raises Fault."""
    if not isinstance(call.args[0], Tensor) and name in ("sub", "div", "pow"):
        if name == "div":
            return method(run, call.args[1], "reciprocal", Call(call.node))
        if name == "sub":  # torch.rsub takes the tensor first
            name, call = "rsub", Call(call.node, call.args[::-1])
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
        raise Fault(f"{run.paste.quote(call.node)} uses a number that no layer can hold.", call.node)
    if isinstance(value, constants.Size) and abs(number) % BATCH == 0 and number:
        raise Fault(f"{run.paste.quote(call.node)} depends on the batch size.", call.node)
    kind, values = _with_number(name, number, is_left)
    if of.is_shared:
        return operated(run, name, call)
    if not kind:
        return _asked(run, "torch", name, call)
    made = applying.apply(run, unnamed(kind, **values), [of], call.node)
    is_whole = name != "div" and not isinstance(number, float)
    return made if is_whole or of.dtype.is_floating_point else made.changed(dtype=torch.float32)


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


def _converted(of: Tensor, call: Call) -> Tensor:
    """x.to(torch.long), x.type(torch.FloatTensor), x.to(device)."""
    if isinstance(of, OpenInput) and of.is_open:
        return of
    dtype = next((found for value in call.everything if (found := _dtype_of(value)) is not None), None)
    if dtype is None:
        return of
    return of.changed(dtype=dtype, is_cast=of.carries and dtype in _WHOLE)


def _dtype_of(value: Any) -> torch.dtype | None:
    """What kind of numbers an argument of x.to(...) says, if it says one."""
    if isinstance(value, Symbol) and value.last in DTYPES:
        return DTYPES[value.last]
    if isinstance(value, Symbol):
        return _TYPES.get(value.last.removesuffix("Tensor").lower())
    return value.dtype if isinstance(value, Tensor) else None


def _measured(run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
    """x.size(0), x.dim(), x.numel()."""
    if name == "size" and not call.everything:
        return tuple(map(constants.Size, of.shape))
    if name == "size" and len(call.everything) == 1 and isinstance(call.everything[0], int):
        axis = call.everything[0]
        if -len(of.shape) <= axis < len(of.shape):
            return constants.Size(of.shape[axis])
        raise Fault(
            f"{run.paste.quote(call.node)} asks for axis {axis}, but the tensor has {len(of.shape)} axes.", call.node
        )
    if name in ("numel", "nelement"):
        return constants.Size(prod(of.shape))
    return len(of.shape) if name in ("dim", "ndimension") else run.unknown(call.node)


def _asked(run: "Evaluator", space: str, name: str, call: Call) -> Any:
    """What torch gives: tensors, each with the rows that make it. Raises Fault."""
    call = as_row(run, name, call) if name in _JOINING and call.args and isinstance(call.args[0], Tensor) else call
    given = tensors_given(run, call)
    is_live = name not in _FRESH and bool([tensor for tensor in given if tensor.origin is not None])
    if is_live:
        for tensor in given:
            tensor.go_on(call.node)
    is_shared = is_live and any(tensor.is_shared for tensor in given)
    if is_live and world_of(run).exact and (row := recording.as_it_stands(run, name, call)) is not None:
        return row
    if name in _SPECIAL and given and isinstance(call.args[0] if call.args else None, Tensor):
        special = _SPECIAL[name](run, call) if is_live and not is_shared else NotImplemented
        if special is not NotImplemented:
            return special
    if name in ("mm", "matmul") and len(call.args) == 2 and isinstance(call.args[0], OpenInput):
        _settled_by_matrix(run, *call.args)
    if name in ("split", "split_with_sizes") and isinstance(call.args[0], OpenInput):
        _settled_by_parts(run, call.args[0], call.bound("x", "sizes", "dim"))
    if name in (*_JOINING, "vstack") and is_live:
        recording.check_joined(run, name, call)
        if name not in ("stack", "vstack") and len(given) == 1 and given[0].shape and _is_alone(call):
            return given[0]
    if is_live and not is_shared and (known := recording.simple(run, name, call, given)) is not None:
        return known
    question = question_of(run, space, name, call)
    result = answer(question)
    if name == "matmul" and isinstance(result, Refused) and (sums := gathered(run, name, call)) is not None:
        return sums
    if not isinstance(result, Refused) and (words := objection(question, call)):
        result = Refused(words)
    if isinstance(result, Refused):
        words = f"{_BATCHES.sub(_counted, result.words).rstrip(':. ')}."
        if is_live:
            return recording.refused(run, space, name, call, words)
        return run.unknown(call.node, f"PyTorch refuses {run.paste.quote(call.node)}: {words}")
    found = recording.made(run, question, call, given, result, is_live)
    constant = not is_live and all(tensor.numbers is not None for tensor in given)
    if constant and name in creating.SAFE:
        real = [_numbers_of(value, part) for value, part in zip(call.args, question.args, strict=True)]
        creating.number(run, question, found, result, real, call.node)
    return found


def _is_alone(call: Call) -> bool:
    """Whether the list of what is joined holds one value: nothing that is not known stands beside it."""
    row = call.args[0] if call.args else call.kwargs.get("tensors")
    return isinstance(row, list | tuple) and len(row) == 1


def _settled_by_matrix(run: "Evaluator", of: OpenInput, other: Any) -> None:
    """A row of values is as long as the matrix is high that it is multiplied by: x @ self.weight."""
    if of.is_open and isinstance(other, Tensor) and not other.carries and len(other.shape) == 2:
        of.settle(((other.shape[0],), 0, "values"))
        world_of(run).reshaped_input((other.shape[0],))


def _settled_by_parts(run: "Evaluator", of: OpenInput, given: dict[str, Any]) -> None:
    """A row of values is as long as the parts that it is split into: x.split([63, 27], dim=-1)."""
    sizes = given.get("sizes", given.get("split_size_or_sections"))
    numbers = [constants.plain(size) for size in sizes] if isinstance(sizes, list | tuple) else []
    if of.is_open and numbers and all(type(size) is int for size in numbers) and given.get("dim", 0) in (1, -1):
        of.settle(((sum(numbers),), 0, "values"))
        world_of(run).reshaped_input((sum(numbers),))


_JOINING = ("cat", "concat", "concatenate", "stack")
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
