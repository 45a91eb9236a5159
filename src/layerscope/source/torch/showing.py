"""What a paste shows of its networks at module level: tensors that are made, and networks that are called on them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from layerscope.layers.base import Shape
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.python.constants import Size
from layerscope.source.python.values import Call, Method, Unknown
from layerscope.source.record import BATCH
from layerscope.source.text.scan import walk
from layerscope.source.torch.fields import inside
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import Module, walked
from layerscope.source.torch.tensor import Made, Tensor, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MAKERS = frozenset({"randn", "rand", "zeros", "ones", "empty", "randint"})
"""Functions that make a tensor of given sizes."""
_SUMMARIES = frozenset({"summary", "summarize", "profile", "get_model_complexity_info"})
_SHOWING = MAKERS | _SUMMARIES | {"reshape", "view"}
_HARMLESS = frozenset({"id", "isinstance", "len", "print", "repr", "str", "type"}) | _SUMMARIES
"""Functions that leave a module in its mode."""
_SIZES = ("input_size", "size", "input_shape")
MOST_MODES = 20
"""Calls of which it is looked up whether each norm trains."""
MOST = 200
"""Tensors, and calls, that are looked at."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A network that is called, or described by `summary(net, sizes)`. `training` is None where that is unsure."""

    network: Any
    """The class of the paste, or the container."""
    given: tuple[Tensor, ...]
    node: ast.Call
    training: bool | None
    call: Call

    @property
    def passed(self) -> list["Result"]:
        """What of other networks' results is handed over."""
        found = [part for part in inside(self.call.everything) if isinstance(part, Result)]
        return [part for part in found if part.of is not None and part.of.network is not self.network]

    def constants(self, names: Sequence[str]) -> dict[str, Any]:
        """Which of forward's parameters the call gives None, a number or a word that is written, and which one."""
        given = self.call.bound(*names)
        return {name: given[name] for name in names if name in given and _is_written(given[name])}


@dataclass(frozen=True, eq=False)
class Result(Unknown):
    """What a network gives for an example, or what stands at a `place` in it: not known here, but another network may
    be called on it."""

    of: Shown | None = None
    place: tuple[Any, ...] = ()

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return Method(self, name, _itself) if name in _KEEPING else super().attribute(run, name, node)

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return self._at(place) if type(place) in (int, str) else run.unknown(node, among=[self])

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        """Its parts, where the code gives each a name: out, (h, c) = encoder(x)."""
        named = isinstance(node, ast.Tuple | ast.List) and not any(isinstance(part, ast.Starred) for part in node.elts)
        return [self._at(place) for place in range(len(node.elts))] if named else None  # type: ignore[attr-defined]

    def _at(self, place: Any) -> "Result":
        return replace(self, place=(*self.place, place))


_KEEPING = frozenset({"detach", "clone", "contiguous", "requires_grad_", "cpu", "cuda", "float", "to"})
"""Methods of a tensor that leave its sizes as they are."""


def _itself(run: "Evaluator", of: Any, name: str, call: Call) -> Any:
    return of


class Showing:
    """All that is shown, in the order in which it happens."""

    def __init__(self) -> None:
        self.made: list[Tensor] = []
        self.shown: list[Shown] = []
        self.modes: set[int] = set()
        """The nodes of those calls of train() and eval() that were followed."""

    def calls(self, network: Module, call: Call) -> Unknown:
        """A network is called on tensors that no input of it decides."""
        shown: Shown | None = None
        if len(self.shown) < MOST and isinstance(call.node, ast.Call):
            known = network.cls if isinstance(network, ModuleObject) else network
            given = tuple(leaves(call.everything))
            shown = Shown(known, given, call.node, self._mode(network), call)
            self.shown.append(shown)
        return Result(lambda: ast.unparse(call.node), node=call.node, of=shown)

    def hands(self, shown: Shown, call: Call) -> None:
        """It is found what a network is called on: tensors that other networks give."""
        given = tuple(leaves(call.everything))
        self.made += [tensor for tensor in given if tensor.made is not None and tensor not in self.made]
        place = self.shown.index(shown)
        self.shown[place] = replace(shown, given=given, call=call)

    def _mode(self, network: Module) -> bool | None:
        """Whether the network's norms train, for they alone give something else then; the network where it has none."""
        inside = walked(network) if len(self.shown) < MOST_MODES else []
        norms = {each.is_training for _, each in inside if getattr(each, "type", "").startswith("BatchNorm")}
        return (None if None in norms else True in norms) if norms else network.is_training

    def shape_for(self, network: Any) -> Shape | None:
        """One sample of the first tensor of values that a network is called on, where it may be the input as it stands.

        So the network need not be followed once more when its input is known.
        """
        first = next((each.given[0] for each in self.shown if each.network is network and each.given), None)
        if first is None or first.dtype != torch.float32 or first.made is None or first.made.described:
            return None
        sizes = first.shape[1:]
        is_input = 1 <= len(sizes) <= 4 and all(0 < size <= LARGEST_WIDTH for size in sizes)
        return sizes if is_input else None

    def makes(self, tensor: Tensor, call: Call, literal: bool = False, bounds: tuple[int, int] | None = None) -> Tensor:
        """A tensor is made of given sizes, or of written numbers."""
        node = call.node
        if isinstance(node, ast.Call) and tensor.made is None and len(self.made) < MOST:
            tensor.made = Made(
                node, tuple(_size_nodes(node, called_name(node), literal)), tensor.shape, literal, bounds=bounds
            )
            self.made.append(tensor)
        return tensor

    def meets(self, node: ast.Call, call: Call) -> None:
        """Something that is not part of the paste is called: what it does to modules and tensors is not known."""
        name = called_name(node)
        sizes = next((call.kwargs[word] for word in ("input_size", "input_shape") if word in call.kwargs), None)
        model = call.args[0] if call.args else call.kwargs.get("model")
        if name in _SUMMARIES and sizes is None and len(call.args) > 1:
            sizes = call.args[1]
        row = list(sizes) if isinstance(sizes, list | tuple) else [sizes] if name in _SUMMARIES else []
        if row and all(isinstance(size, int) for size in row):
            described = Tensor(tuple(int(size) for size in row if isinstance(size, int)), node=node)
            described.made = Made(node, tuple(_described(node)), described.shape, described=True)
            self.made.append(described)
            if isinstance(model, Module):
                self.calls(model, Call(node, [described]))
        elif name not in _HARMLESS:
            for tensor in leaves(call.everything):
                if tensor.made is not None:
                    tensor.made.lost = True
        for value in call.everything if name not in _HARMLESS else ():
            set_mode(value, None)


def _is_written(value: Any) -> bool:
    """Whether a value is a constant that no tensor's size decides."""
    return value is None or (isinstance(value, (int, float, str)) and not isinstance(value, Size))


def called_name(node: ast.Call) -> str:
    """The last word of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def may_show(node: ast.FunctionDef) -> bool:
    """Whether a function makes tensors, or describes a network."""
    return any(isinstance(part, ast.Call) and called_name(part) in _SHOWING for part in walk(node))


def set_mode(value: Any, mode: bool | None) -> None:
    """A module and all in it train from now on, or no longer; None: nobody can tell."""
    for _, module in walked(value) if isinstance(value, Module) else ():
        module.is_training = mode


def open_sizes(name: str, call: Call) -> tuple[int, ...] | None:
    """The sizes that a maker is given, the batch for a first one that is not known; None where they are not told."""
    given = call.kwargs.get("size", call.args[-1:] if name == "randint" else call.args)
    row = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    sizes = list(row) if isinstance(row, list | tuple) else [row]
    if not sizes or not all(isinstance(size, int) for size in sizes[1:]) or len(sizes) > MOST_SIZES:
        return None
    first = sizes[0]
    if not isinstance(first, int | Unknown):
        return None
    return (BATCH if isinstance(first, Unknown) else int(first), *map(int, sizes[1:]))


RESHAPING = ("reshape", "view")
"""Methods that say how large a tensor is, whatever it was before."""
MOST_SIZES = 6


def reshaped(run: "Evaluator", of: Unknown, name: str, call: Call) -> Any:
    """images.reshape(-1, 28, 28) of images that nobody knows: a batch of that size, if it is handed to a network."""
    row = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], list | tuple) else call.args
    sizes = [run.unknown(call.node) if n == 0 and size == -1 else size for n, size in enumerate(row)]
    known = open_sizes(name, Call(call.node, sizes)) if len(sizes) > 1 else None
    if known is None or not all(0 < size <= BATCH for size in known):
        return run.unknown(call.node, among=[of])
    made = world_of(run).showing.makes(Tensor(known, node=call.node), call)
    if made.made is not None:
        made.made.lost = True  # nothing is called on it, so it shows nothing
    return made


def _size_nodes(node: ast.Call, name: str, literal: bool) -> list[ast.expr]:
    sizes = next((word.value for word in node.keywords if word.arg == "size"), None)
    if literal:
        return list(node.args[:1])
    return [sizes] if sizes is not None else node.args[-1:] if name == "randint" else list(node.args)


def _described(node: ast.Call) -> Iterator[ast.expr]:
    named = next((word.value for word in node.keywords if word.arg in _SIZES), None)
    if named is not None:
        yield named
    else:
        yield from node.args[1:2]
