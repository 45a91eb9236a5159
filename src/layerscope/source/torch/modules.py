"""Modules of the paste: torch's layers and parameters, and what all modules have in common."""

import ast
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope.layers.base import Layer, Shape
from layerscope.source.python.callables import DEEPEST_CALLS, Numbers
from layerscope.source.python.values import Call, Fault, Method, Unknown, Value
from layerscope.source.record import InValue
from layerscope.source.torch.tensor import Tensor, Weights
from layerscope.source.torch.worlds import world_of
from layerscope.ties import TENSORS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

ROOTS = ("Module", "Sequential", "ModuleList", "ModuleDict", "LightningModule", "ScriptModule", "ParameterList")
"""What a network is built on: torch's own classes, and Lightning's, which is one of them."""


KEPT = frozenset({"running_mean", "running_var", "num_batches_tracked"})
"""What a norm keeps beside its weights."""
_PER_AXIS = ("kernel_size", "stride", "padding", "dilation")
"""What torch's convolutions hold for each axis, however it was written."""


@dataclass(frozen=True, eq=False)
class Training(Value):
    """self.training: on until the code calls eval()."""

    is_on: bool

    def truth(self, run: "Evaluator") -> bool | None:
        world_of(run).asked_for_mode = True
        run.remarks.note(
            "We assumed that self.training is True." if self.is_on
            else "self.training is False, because the example calls the network after eval()."
        )  # fmt: skip
        return self.is_on


class Module(Value):
    """What a network is made of. `owner` and `name` say where it was set first."""

    node: ast.AST
    name: str | None
    owner: "Module | None"
    is_training: bool | None = True
    """Whether it trains, as torch's modules do at first; None where nobody can tell."""

    def children(self) -> dict[str, Any]:
        """The modules and parameters in it, by name."""
        return {}

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        if not isinstance(sign, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) or isinstance(other, Unknown):
            return None
        return (self is other) is isinstance(sign, ast.Eq | ast.Is)

    def method(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        """A method that every module has; Unknown where it has none of that name."""
        if world_of(run).is_module_method(name):
            return Method(self, name, world_of(run).module_method)
        return run.unknown(node)


def adopt(owner: Module, name: str | None, value: Any) -> None:
    """A module learns where it is kept; the first place counts, and none within itself."""
    if isinstance(value, Module) and value.owner in (None, owner) and not _is_in(owner, value):
        value.owner = owner
        value.name = name if value.name is None else value.name


def _is_in(module: Module, other: Module) -> bool:
    """Whether a module stands in another one, or so deep in others that it cannot be called."""
    above: Module | None = module
    for _ in range(DEEPEST_CALLS):
        if above is None:
            return False
        if above is other:
            return True
        above = above.owner
    return True


@dataclass(frozen=True)
class Tried:
    """The sizes of a tensor that __init__ calls a layer on to see what comes out, and the call."""

    shape: Shape
    node: ast.AST


@dataclass(frozen=True)
class Lengths:
    """How many lengths of a weight weight_norm keeps; None where the code does not tell."""

    count: int | None


@dataclass(eq=False, repr=False)
class LayerModule(Module):
    """A layer as it was constructed. `layer` has no name yet; `fault` says why it cannot be used."""

    type: str
    node: ast.AST
    layer: Layer | None = None
    in_values: tuple[InValue, ...] = ()
    fault: Fault | None = None
    removed: tuple[str, ...] = ()
    """Weights that the code took away, and that the row counts all the same: no argument leaves them out."""
    name: str | None = None
    owner: Module | None = None
    untold: tuple[InValue, ...] = ()
    """In-values that are names which nothing in the code defines."""
    given: dict[str, Any] = field(default_factory=dict)
    """Parameters that were put in the place of its own, by name: what `decoder.weight = encoder.weight` has set."""
    made: Call | None = None
    """The call that made it."""
    numbers: dict[str, Numbers] = field(default_factory=dict)
    """The values that the names around that call had then."""
    lengths: "Lengths | None" = None
    """What weight_norm keeps beside its weight."""
    tried: Tried | None = None
    """What it was called on while the network was made."""
    gives_places: bool = False
    """Whether a max pooling gives where each maximum was, too."""
    parts: dict[str, "LayerModule"] = field(default_factory=dict)
    """The layers in it, where the code uses them by themselves."""

    @property
    def tensors(self) -> dict[str, Any]:
        """The parameters that it holds, by name: equal ones are one tensor."""
        return {name: self.given[name].parameter if name in self.given else (self, name) for name in TENSORS}

    def children(self) -> dict[str, Any]:
        return dict(self.parts)

    def call(self, run: "Evaluator", call: Call) -> Any:
        return world_of(run).feed(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name == "training":
            return world_of(run).training(run)
        if (part := world_of(run).part_of(self, name)) is not None:
            return part
        decided = {each.parameter: each.value for each in self.in_values}
        known = ({} if self.layer is None else self.layer.chosen) | decided
        if name == "normalized_shape" and isinstance(known.get(name), int):
            return (known[name],)
        if name in self.given:
            return self.given[name]
        if (name in TENSORS or (name in KEPT and "Norm" in self.type)) and self.layer is not None:
            return world_of(run).weight(run, self, name, node)
        if name in _PER_AXIS and self.layer is not None and self.type.startswith("Conv") and type(known[name]) is int:
            return (known[name],) * self.layer.dims
        return known[name] if name in known else self.method(run, name, node)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        return world_of(run).changed_layer(run, self, name, value)


@dataclass(eq=False, repr=False)
class Learned(Module):
    """nn.Parameter(...) or a buffer: a tensor that the network holds."""

    node: ast.AST
    tensor: Tensor
    is_parameter: bool = True
    name: str | None = None
    owner: Module | None = None


def learned(node: ast.AST, tensor: Tensor) -> Learned:
    """A tensor that the network learns."""
    held = Learned(node, tensor)
    held.tensor = Tensor(
        tensor.shape, tensor.dtype, weights=frozenset({Weights(held, prod(tensor.shape))}), node=node, owner=held,
        parameter=(held, ""),
    )  # fmt: skip
    return held


@dataclass(frozen=True)
class UnknownParameter(Unknown):
    """A layer's weight whose sizes the code does not tell. `parameter` as a tensor has it."""

    parameter: Any = None


def walked(module: Module) -> list[tuple[str, Module]]:
    """The module and all that is in it, with paths, as torch's named_modules() has them."""
    found: list[tuple[str, Module]] = []
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", module)]
    while waiting:
        path, value = waiting.pop()
        if id(value) in seen or not isinstance(value, Module):
            continue
        seen.add(id(value))
        found.append((path, value))
        waiting.extend((f"{path}.{name}" if path else name, child) for name, child in [*value.children().items()][::-1])
    return found
