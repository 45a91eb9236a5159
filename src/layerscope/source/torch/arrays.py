"""Arrays of NumPy whose numbers or sizes the code writes: np.array([1, 0, 0]), np.eye(3)."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Method, Symbol, Unknown, Value
from layerscope.source.torch import creating
from layerscope.source.torch.arguments import DTYPES
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_SAME = frozenset({"reshape", "squeeze", "sum", "mean", "min", "max", "prod", "flatten", "clip", "round"})
"""Methods that a tensor has too, with the same arguments."""
_CALLED = {"ravel": "flatten"}
_KINDS = {"FloatTensor": torch.float32, "Tensor": torch.float32, "LongTensor": torch.int64, "IntTensor": torch.int32,
          "DoubleTensor": torch.float64, "HalfTensor": torch.float16}  # fmt: skip


@dataclass(eq=False, repr=False)
class Array(Value):
    """An array; `tensor` holds its sizes and numbers."""

    tensor: Tensor

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name == "T":
            return _array(self.tensor.attribute(run, name, node))
        if name == "size":
            return constants.FUNCTIONS["math.prod"](self.tensor.shape)
        return self.tensor.attribute(run, name, node) if name in ("shape", "ndim") else Method(self, name, _method)

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return _array(self.tensor.item(run, place, node))

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        found = self.tensor.items(run, node)
        return None if found is None else [_array(part) for part in found]

    def number(self) -> int | float | None:
        return self.tensor.number()

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        return constants.plain(self.tensor.length(run, node))

    def operate(self, run: "Evaluator", sign: ast.operator, other: Any, is_left: bool, node: ast.AST) -> Any:
        if isinstance(other, Tensor):
            return run.unknown(node)
        other = other.tensor if isinstance(other, Array) else other
        return _array(self.tensor.operate(run, sign, other, is_left, node))

    def negated(self, run: "Evaluator", node: ast.AST) -> Any:
        return _array(self.tensor.negated(run, node))


def _array(found: Any) -> Any:
    """What NumPy gives where torch gives this: a number of no axes is a number."""
    if isinstance(found, Tensor) and not found.shape and found.numbers is not None:
        return found.numbers.item()
    return Array(found) if isinstance(found, Tensor) else found


def _method(run: "Evaluator", of: Array, name: str, call: Call) -> Any:
    if name == "copy":
        return of
    if name == "astype":
        return Array(_of_type(of.tensor, next(iter(call.everything), None)))
    if name == "tolist" and of.tensor.numbers is not None:
        return of.tensor.numbers.tolist()
    name = _CALLED.get(name, name)
    if name not in _SAME:
        return run.unknown(call.node)
    given = {"dim" if word == "axis" else word: value for word, value in call.kwargs.items()}
    return _array(world_of(run).method(run, of.tensor, name, Call(call.node, call.args, given, call.nodes)))


def _of_type(tensor: Tensor, dtype: Any) -> Tensor:
    """The same numbers as values of that type, where the code says which."""
    word = dtype.path if isinstance(dtype, Symbol) else dtype
    word = "float64" if word in ("builtins.float", "float") else "int64" if word in ("builtins.int", "int") else word
    known = DTYPES.get(word.rpartition(".")[2]) if isinstance(word, str) else None
    if known is None:
        return tensor
    return tensor.changed(dtype=known, numbers=None if tensor.numbers is None else tensor.numbers.to(known))


def _written(run: "Evaluator", call: Call) -> Any:
    """np.array([[1, 0], [0, 1]])."""
    first = call.args[0] if call.args else None
    made = first.tensor if isinstance(first, Array) else creating.literal(run, Call(call.node, call.args[:1]))
    if not isinstance(made, Tensor) or made.carries:
        return made if isinstance(made, Unknown) else run.unknown(call.node)
    if made.dtype == torch.float32 and not isinstance(first, Array):
        made = _of_type(made, "float64")
    return Array(_of_type(made, call.kwargs.get("dtype", call.args[1] if len(call.args) > 1 else None)))


def _sized(name: str) -> Any:
    """np.zeros((2, 3)) and the like, which torch has under this name."""

    def work(run: "Evaluator", call: Call) -> Any:
        kwargs = {word: value for word, value in call.kwargs.items() if word not in ("dtype", "shape")}
        args = [call.kwargs["shape"], *call.args] if "shape" in call.kwargs else call.args
        has_type = name in ("zeros", "ones", "empty") and len(args) > 1
        dtype = call.kwargs.get("dtype", args[1] if has_type else None)
        made = creating.of_sizes(run, name, Call(call.node, args[:1] if has_type else args, kwargs, call.nodes))
        if not isinstance(made, Tensor):
            return made
        made = _of_type(made, "float64") if made.dtype == torch.float32 else made
        return Array(_of_type(made, dtype))

    return work


def unwrapped(symbol: Symbol, call: Call) -> Call:
    """The call of a function of torch's with tensors in place of arrays."""
    if not any(isinstance(value, Array) for value in call.args):
        return call
    dtype = _KINDS.get(symbol.last)
    parts = [value.tensor if isinstance(value, Array) else value for value in call.args]
    if dtype is not None or isinstance(call.kwargs.get("dtype"), Symbol):
        wanted = str(dtype).rpartition(".")[2] if dtype is not None else call.kwargs["dtype"]
        parts = [_of_type(part, wanted) if isinstance(part, Tensor) else part for part in parts]
    return Call(call.node, parts, call.kwargs, call.nodes, call.scope)


CALLS: dict[str, Any] = {
    "numpy.array": _written,
    "numpy.asarray": _written,
    **{f"numpy.{name}": _sized(name) for name in ("zeros", "ones", "empty", "eye", "full", "arange", "linspace")},
    "numpy.identity": _sized("eye"),
}
