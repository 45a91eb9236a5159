"""What of a paste's call goes to torch: our tensors, and numbers, words and short rows that were looked at."""

from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.torch import recording
from layerscope.source.torch.modules import Training
from layerscope.source.torch.questions import Question, pieces
from layerscope.source.torch.tensor import Tensor, number
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

DTYPES = {name: value for name, value in vars(torch).items() if isinstance(value, torch.dtype)}
_LEFT_OUT = frozenset(
    {"device", "generator", "requires_grad", "layout", "pin_memory", "out_dtype", "non_blocking", "copy"}
)
_AS_THEY_ARE = frozenset({bool, float, type(None), type(Ellipsis)})
LONGEST_WORD = 200
LONGEST_ROW = 64


def refusal(shown: str) -> str:
    """The sentence for a function that is not read."""
    return f"Layerscope does not know {shown}."


def question_of(run: "Evaluator", space: str, name: str, call: Call) -> Question:
    """The question to torch that a call is. Raises Fault where it is not to be asked."""
    try:
        question = Question.of(space, name, *_arguments(run, call))
    except RuntimeError:
        raise Fault(f"{run.paste.quote(call.node)} needs more values than PyTorch can count.", call.node) from None
    if not question.is_known:
        raise Fault(refusal(f"{space}.{name}"), call.node)
    if (count := pieces(question)) > limits.PORTS.most:
        raise recording.too_many(run, count, call.node)
    world_of(run).count(run, question, call.node)
    return question


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
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, int):
        known = number(value)
        if known is None:
            words = limits.TENSOR_NUMBER.sentence(
                text=run.paste.quote(call.node), found=f"a number as large as {value}"
            )
            raise Fault(words, call.node)
        return known
    if isinstance(value, str) and len(value) <= LONGEST_WORD:
        return value
    if isinstance(value, Training):
        return value.truth(run)
    if isinstance(value, slice):
        return slice(*(_argument(run, end, call, 0) for end in (value.start, value.stop, value.step)))
    if isinstance(value, list | tuple | range) and len(value) <= LONGEST_ROW and depth:
        parts = [_argument(run, part, call, depth - 1) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if isinstance(value, Symbol) and value.last in DTYPES:
        return DTYPES[value.last]
    if isinstance(value, Unknown):
        raise Fault(value.reason, value.node or call.node)
    raise Fault(f"{run.paste.quote(call.node)} gets a value that Layerscope cannot pass to PyTorch.", call.node)
