"""A tensor of the paste: its sizes, and which row of the network gives it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Method, Symbol, Unknown, Value
from layerscope.source.record import BATCH, Output, Row, batch_axis, sample
from layerscope.source.torch.fields import inside
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

REMEMBERED = 256
"""Sizes of tensors that hold nothing, of which one is kept."""
JOINING = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul", ast.Pow: "pow",
    ast.FloorDiv: "floor_divide", ast.Mod: "remainder",
}  # fmt: skip
_COMPARING: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip

DRAWING = frozenset({"rand", "randn", "randint", "randperm", "rand_like", "randn_like", "bernoulli", "normal"})
"""Functions that draw their numbers at random."""


@dataclass(frozen=True, repr=False)
class Weights:
    """Learnable values of the network: of `owner`, so many."""

    owner: Any
    count: int


@dataclass(eq=False)
class Made:
    """The call that a tensor of the paste was made by. `sizes` are the nodes of what says how large it is.

    `literal`: its numbers are written; `described`: only its sizes are, as in summary(net, (3, 32, 32)). `lost`: it was
    handed to something that nobody knows. `bounds` are its smallest and largest number, where these are whole numbers.
    """

    node: ast.Call
    sizes: tuple[ast.expr, ...]
    shape: Shape
    literal: bool = False
    described: bool = False
    lost: bool = False
    bounds: tuple[int, int] | None = None


@dataclass(eq=False, repr=False)
class Tensor(Value):
    """A tensor. `shape` holds the batch (see record.BATCH); `origin` is None where it depends on no input.

    `weights` are what such a constant was made of; `fresh` says that it is made of numbers alone, such as zeros.
    """

    shape: Shape
    dtype: torch.dtype = torch.float32
    origin: Output | None = None
    weights: frozenset[Weights] = frozenset()
    node: ast.AST | None = None
    numbers: torch.Tensor | None = None
    """Of a small constant that no input and no weight decides: what is in it."""
    ended: str = ""
    """What was left out at the end, after which no row may come."""
    is_cast: bool = False
    """Whether the code made whole numbers of it, as in x.long()."""
    goes_on: Callable[[], "Tensor"] | None = None
    """What gives the tensor that it is in the code, where code may go on after what was left out."""
    owner: Any = None
    """The module, parameter or buffer that it is, for its name."""
    made: Made | None = None
    """How it was made at module level, where nothing but its axes was changed since."""
    parameter: Any = None
    """Which parameter of the network it is: what holds it, and under which name. None for what is made of one."""
    is_drawn: bool = False
    """Whether its numbers are drawn at random."""
    parts: tuple["Tensor", ...] = ()
    """The parts of each sample one by one, where they were made so (see by_part.py)."""
    filled: Any = None
    """What it became when the code put a result into it (see filled.py); all its names mean that from then on."""

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return self.origin is not None

    @property
    def chance(self) -> bool:  # type: ignore[override]
        """Whether it is one number that is drawn at random, so that a condition on it holds in some runs only."""
        return self.is_drawn and not self.carries and prod(self.shape) == 1

    @property
    def axis(self) -> int | None:
        """Where the batch stands."""
        return _axis(self.shape)

    @property
    def is_shared(self) -> bool:
        """Whether it depends on the input, and is one for the whole batch: a mean over the samples."""
        return self.origin is not None and isinstance(self.origin.origin, Row) and self.axis is None

    @property
    def sample(self) -> Shape:
        """The sizes of one sample."""
        return _sample(self.shape)

    @property
    def meta(self) -> torch.Tensor:
        """A tensor of torch's that is as large and holds nothing."""
        return _meta(self.shape, self.dtype)

    def changed(self, **values: Any) -> "Tensor":
        """Another tensor of the same row."""
        own = {name: getattr(self, name) for name in _FIELDS}
        return Tensor(**(own | {"numbers": None} | values))

    def go_on(self, node: ast.AST) -> None:
        """Something reads it: what was left out at the end has its row now. Raises Fault where it can have none."""
        if not self.ended:
            return
        if self.goes_on is None:
            raise Fault(f"{self.ended} Layerscope allows nothing after it.", node)
        self.become(self.goes_on())
        self.ended, self.goes_on = "", None

    def become(self, other: "Tensor") -> "Tensor":
        """What torch does in place: this tensor is that one from now on."""
        self.shape, self.dtype, self.origin = other.shape, other.dtype, other.origin
        self.weights, self.owner = other.weights, other.owner
        return self

    # Answers

    def read(self, run: "Evaluator", node: ast.AST) -> Any:
        return self if self.filled is None else self.filled.read(run, node)

    def number(self) -> int | float | None:
        known = self.numbers is not None and self.filled is None and self.numbers.numel() == 1
        found = self.numbers.item() if known and self.numbers is not None else None
        return found if isinstance(found, int | float) else None

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        return constants.Size(self.shape[0]) if self.shape else run.unknown(node)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name == "shape":
            return tuple(map(constants.Size, self.shape))
        if name == "ndim":
            return len(self.shape)
        if name == "data":
            return self
        if name in ("T", "mT", "H", "mH"):
            return world_of(run).method(run, self, name.replace("H", "T"), Call(node))
        if name in ("is_cuda", "is_mps", "requires_grad", "is_quantized"):
            return False
        if name == "dtype":
            return Symbol(str(self.dtype))
        if name in ("device", "grad", "grad_fn", "layout"):
            return run.unknown(node)
        return Method(self, name, world_of(run).method_of)

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return world_of(run).method(run, self, "__getitem__", Call(node, [place]))

    def set_item(self, run: "Evaluator", place: Any, value: Any) -> bool:
        self.numbers = None
        return True

    def with_item(self, run: "Evaluator", place: Any, value: Any, node: ast.AST) -> Any:
        if self.filled is not None:
            return self.filled.with_item(run, place, value, node)
        return world_of(run).filled(run, self, place, value, node)

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        if not self.shape or self.axis == 0:
            raise Fault(f"{run.paste.quote(node)} loops over the samples of the batch one by one.", node)
        if self.shape[0] > limits.PORTS.most:
            raise Fault(
                f"{run.paste.quote(node)} loops over {self.shape[0]:,} parts; the limit is {limits.PORTS.most}.", node
            )
        return [self.item(run, place, node) for place in range(self.shape[0])]

    def operate(self, run: "Evaluator", sign: ast.operator, other: Any, is_left: bool, node: ast.AST) -> Any:
        name = JOINING.get(type(sign))
        if name is None:
            return run.unknown(node)
        if isinstance(other, Unknown):
            raise Fault(other.reason, other.node or node) if self.carries else Fault(other.reason, node)
        args = [self, other] if is_left else [other, self]
        nodes: dict[int | str, ast.expr] = {}
        if isinstance(node, ast.BinOp):
            nodes = {0: node.left, 1: node.right}
        elif isinstance(node, ast.AugAssign):
            nodes = {0: node.target, 1: node.value}
        return world_of(run).operation(run, name, Call(node, args, {}, nodes))

    def negated(self, run: "Evaluator", node: ast.AST) -> Any:
        return world_of(run).method(run, self, "neg", Call(node))

    def related(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> Any:
        name = _COMPARING.get(type(sign))
        if name is None or not isinstance(other, Tensor | int | float):
            return NotImplemented
        swapped = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(name, name)
        return world_of(run).method(run, self, name if is_left else swapped, Call(node, [other]))

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        if isinstance(sign, ast.Is | ast.IsNot):
            return (self is other) is isinstance(sign, ast.Is)
        return None


@lru_cache(maxsize=REMEMBERED)
def _meta(shape: Shape, dtype: torch.dtype) -> torch.Tensor:
    """One for all tensors of these sizes: torch is asked by no function that changes what it is given."""
    return torch.empty(shape, dtype=dtype, device="meta")


_axis, _sample = lru_cache(maxsize=REMEMBERED)(batch_axis), lru_cache(maxsize=REMEMBERED)(sample)
"""Asked of each tensor several times, and of few shapes."""
_FIELDS = ("shape", "dtype", "origin", "weights", "node", "ended", "is_cast", "owner", "made", "is_drawn")


def leaves(value: Any) -> Iterator[Tensor]:
    """The tensors in a value, in rows and tables of them too."""
    return iter([part for part in inside(value) if isinstance(part, Tensor)])


def tensors_given(run: "Evaluator", call: Call) -> list[Tensor]:
    """The tensors that a call is given. Raises Fault for one that was filled through another name."""
    found = [part for part in inside(call.everything) if isinstance(part, Tensor)]
    for tensor in found:
        if tensor.filled is not None:
            raise Fault(
                f"{run.paste.quote(call.node)} reads a tensor in a list, into which results were put one by one. Put "
                "the results themselves into the list, and join them with torch.stack(...).", call.node,
            )  # fmt: skip
    return found


def number(value: Any) -> Any:
    """A whole number that torch may be given: what a paste writes, or a multiple of the batch. None where it is not."""
    is_size = isinstance(value, constants.Size)
    value = constants.plain(value)
    if type(value) is not int:
        return value
    size = abs(value)
    if is_size and size % BATCH == 0:
        size //= BATCH
    return value if size <= limits.TENSOR_NUMBER.most else None


def is_small(shape: Shape) -> bool:
    """Whether a tensor is of a size that a network may hold."""
    return len(shape) <= limits.RANK.most and prod(shape) <= limits.TENSOR_CELLS.most * BATCH
