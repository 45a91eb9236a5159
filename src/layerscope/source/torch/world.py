"""What torch and the other libraries mean to a paste, and the network that it is followed through."""

import ast
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.network import MOST_LAYERS
from layerscope.source.python import builtin, constants
from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.values import Call, Fault, Method, Symbol, Unknown, Value
from layerscope.source.record import Output, Record, Row, whole
from layerscope.source.torch import (
    adding,
    autograd_functions,
    by_part,
    creating,
    environments,
    filled,
    filling,
    layer_attributes,
    libraries,
    module_calls,
    module_methods,
    operations,
    operators,
    showing,
)
from layerscope.source.torch.arguments import DTYPES
from layerscope.source.torch.astray import Picked
from layerscope.source.torch.containers import Group
from layerscope.source.torch.known_classes import ASSUMED, LAYERS, is_a, is_module_class
from layerscope.source.torch.models import MODELS
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import ROOTS, LayerModule, Learned, Module, Training
from layerscope.source.torch.parts import Part
from layerscope.source.torch.questions import Question
from layerscope.source.torch.repeated import Repeated
from layerscope.source.torch.showing import RESHAPING, Showing, may_show, set_mode
from layerscope.source.torch.tensor import Tensor, Weights, leaves
from layerscope.source.torch.unpooling import with_places
from layerscope.source.ways import Way

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

QUESTION = 5
"""Steps that an answer from memory is worth, and each tensor in a new question, which takes three on top."""
HEADS = frozenset({
    "fc", "_fc", "classifier", "_classifier", "head", "heads", "last_linear", "output", "top", "logits", "lm_head",
    "score", "segmentation_head", "classification_head", "roi_heads", "box_predictor", "mask_predictor", "proj",
})  # fmt: skip
"""What the last part of a network is called; a part of it is what is set there."""


_VALUES = constants.VALUES | {
    f"torch.{name}.{word}": getattr(dtype, word)
    for name, dtype in DTYPES.items()
    for word in ("is_floating_point", "is_complex", "itemsize")
}
"""What imported names are, where that is a constant."""


class TorchWorld:
    """One paste's torch. `record` holds the rows of the network that is being followed."""

    def __init__(self) -> None:
        self.exact = False
        """Whether the code was written row by row, so that nothing is read as another row that means the same."""
        self.layers_made = 0
        self.at_module_level = False
        self.tuples: dict[str, int] = {}
        """The inputs of the network that are several tensors, and of how many."""
        self.is_called = False
        """Whether a call in the code shows the sizes of several inputs."""
        self.neighbors: set[str] = set()
        """The inputs that say which nodes of a graph are neighbors."""
        self.way = Way()
        self.showing = Showing()
        self.groups: list[Group | Part] = []
        """The containers and known networks constructed at module level."""
        self.given_away: list[tuple[Unknown, str, Module]] = []
        """What was set into something outside the paste: that, under which name, and the module."""
        self.not_held: Unknown | None = None
        """A model that is named and not held here."""
        self.made_without: dict[int, Fault] = {}
        """Why a statement was left out of the function that made a network, by the id of the network or its class."""
        self.constructed: dict[str, Call] = {}
        """How each class of the paste was first constructed at module level."""
        self.builders: dict[str, UserFunction] = {}
        """The function of the paste that makes the network, by the name of the class, where one is followed."""
        self.is_training = True
        """What self.training is; `asked_for_mode` says whether the network looked."""
        self.asked_for_mode = False
        self.asked: set[Question] = set()
        self.nodes: Sequence[ast.AST] = ()
        """All nodes of the paste."""
        self.picked: dict[int, Picked] = {}
        """For operations that leave no single batch, by their nodes: the layers above that say where it is."""
        self.filling: dict[int, bool] = {}
        """Whether a loop only fills parameters, by the id of its node."""
        self._imported: dict[str, Any] = {}
        """What full names stand for, those that were asked for."""
        self.seen_inside: dict[str, Any] | None = None
        """What the parts of a known network gave, by their paths, while somebody wants to know."""
        self.begin()

    def begin(self) -> None:
        """Forget the rows of another network."""
        self.record = Record()
        self.within: list[ModuleObject | Part] = []
        self.constants: dict[Any, Row] = {}
        self.told_weights: frozenset[Weights] = frozenset()
        self.counted: dict[Weights, Row] = {}
        """Learnable values that a constant's row counts, and that row."""
        self.alive: list[Any] = []
        self.casts: dict[int, Output] = {}
        """What rows look up that the code made whole numbers of, by the id of the row."""
        self.gone_on: set[int] = set()
        """Calls such as x.argmax(1) that the code goes on after, by the id of their nodes."""
        self.input_sizes: Shape | None = None
        """What the code itself reshapes its input to."""
        self.says_batch = False
        """Whether the code itself shows that the steps come before the samples, as in pack_padded_sequence(x, n)."""
        self.makes_batch = False
        """Whether the code itself makes one sequence a batch of one, as in x.view(len(x), 1, -1)."""
        self.is_one_by_one = False
        """Whether the code takes the steps of one sample for rows, as in lstm_out.view(len(x), -1)."""

    # Names

    @cached_property
    def named_values(self) -> dict[str, list[ast.expr]]:
        """What the paste gives each plain name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Name) and isinstance(node, ast.Assign):
                    found.setdefault(target.id, []).append(node.value)
        return found

    def imported(self, path: str) -> Any:
        """What a full name stands for."""
        found = self._imported.get(path)
        if found is None:
            found = self._imported[path] = _VALUES.get(path, Symbol(path))
        return found

    def assumed(self, name: str) -> str | None:
        """The full name that is meant by a name without an import."""
        known = f"torch.nn.{name}" if name in LAYERS else f"torchvision.models.{name}" if name in MODELS else None
        return ASSUMED.get(name) or known

    def call(self, run: "Evaluator", symbol: Symbol, call: Call) -> Any:
        """What a function or class of a library gives. Raises Fault."""
        if symbol.path.startswith("builtins."):
            return builtin.call(run, symbol, call)
        if symbol.path in constants.FUNCTIONS:
            return builtin.constant_call(run, symbol.path, call)
        found = libraries.call(run, symbol, call)
        if isinstance(found, Unknown):
            self.met(call)
        return found

    def shows(self, run: "Evaluator") -> bool:
        """Whether what happens now shows what the networks take: at module level, outside their constructors."""
        return self.at_module_level and not run.making

    def met(self, call: Call) -> None:
        """Something unknown is called."""
        if self.at_module_level and isinstance(call.node, ast.Call):
            self.showing.meets(call.node, call)

    def gave(self, value: Any, call: Call, fault: Fault) -> None:
        """A function of the paste gave this although one of its statements was left out."""
        given = {*map(id, call.everything)}
        for each in value if isinstance(value, tuple | list) else [value]:
            if isinstance(each, Module) and id(each) not in given:
                known = each.cls if isinstance(each, ModuleObject) else each
                self.made_without.setdefault(id(known), fault)

    def may_show(self, node: ast.FunctionDef) -> bool:
        """Whether a function makes tensors and calls something on them."""
        return may_show(node)

    def is_of(self, value: Any, kind: Any) -> bool | None:
        """isinstance(value, kind)."""
        if isinstance(value, Unknown) or not isinstance(kind, Symbol):
            return None if isinstance(value, Unknown) else False
        if isinstance(value, Tensor):
            return kind.last == "Tensor"
        own = value.type if isinstance(value, LayerModule) else getattr(value, "kind", "")
        if (found := is_a(own, kind.last)) is not None:
            return found
        return False if kind.path.startswith(("builtins.", "torch.")) else None

    def is_built_on(self, roots: Sequence[str], kind: Symbol) -> bool | None:
        """Whether a class with these roots is built on that class of torch's."""
        lasts = {root.rpartition(".")[2] for root in roots}
        return kind.last in lasts or (kind.last == "Module" and bool(lasts & {*ROOTS}))

    def names_in(self, symbol: Symbol) -> Any:
        known = {"torch": torch, "torch.nn": torch.nn, "torch.nn.functional": torch.nn.functional}
        return dir(known[symbol.path]) if symbol.path in known else NotImplemented

    def class_attribute(self, run: "Evaluator", cls: UserClass, name: str, node: ast.AST) -> Any:
        """What a class has from torch's; of torchvision's tables of weights only that they let weights pass."""
        if name == "apply" and autograd_functions.is_function(cls):
            return Method(cls, name, autograd_functions.applied)
        is_table = any(root.rpartition(".")[2] == "WeightsEnum" for root in cls.roots)
        return Symbol(f"WeightsEnum.{name}") if is_table else run.unknown(node)

    def object_of(self, cls: UserClass, node: ast.AST) -> Object:
        """A new object, a module where the class is one."""
        return ModuleObject(cls, node) if is_module_class(cls) else Object(cls, node)

    # Work

    def repeated(self, value: Value, times: int, node: ast.AST) -> Any:
        return Repeated(value, times, node) if isinstance(value, Tensor) and times > limits.PORTS.most else None

    def turns(self, run: "Evaluator", node: ast.For, row: Sequence[Any], scope: Scope) -> Sequence[Any]:
        """Those of a loop's values for which its body has to be followed."""
        return filling.of_each_kind(run, node, row, scope)

    def allowance(self) -> int:
        """Steps on top of the usual: for each layer and row so far."""
        return limits.ROW_STEPS.most * min(self.layers_made + len(self.record.rows), MOST_LAYERS)

    def count(self, run: "Evaluator", question: Question, node: ast.AST) -> None:
        """One question to torch more; one that this paste asked before is answered from memory.

        Raises Fault where there are too many.
        """
        run.tick(node, QUESTION if question in self.asked else QUESTION * (3 + question.tensors))
        self.asked.add(question)

    # Modules

    def is_module_method(self, name: str) -> bool:
        """Whether every module has a method of that name."""
        return module_methods.is_known(name)

    def is_group_method(self, name: str) -> bool:
        """Whether containers have that method on top of those."""
        return name in module_methods.OF_GROUP

    def module_method(self, run: "Evaluator", module: Module, name: str, call: Call) -> Any:
        return module_methods.called(run, module, name, call)

    def group_method(self, run: "Evaluator", group: Group, name: str, call: Call) -> Any:
        return module_methods.of_group(run, group, name, call)

    @property
    def inside(self) -> ModuleObject | Part | None:
        """The object whose forward is being followed."""
        return self.within[-1] if self.within else None

    def built(self, group: Group | Part) -> None:
        """A container or a known network was constructed."""
        if self.at_module_level:
            self.groups.append(group)

    def changed(self, owner: Any) -> None:
        """A module was set into this one; outside its own methods that makes another network of the whole."""
        while self.at_module_level and isinstance(owner, Module):
            if isinstance(owner, ModuleObject):
                owner.changed = True
            owner = owner.owner

    def mode(self, run: "Evaluator", module: Module, name: str, call: Call) -> None:
        """module.train(), module.eval()."""
        wanted = next(iter(call.everything), True)
        known = False if name == "eval" else bool(wanted) if isinstance(wanted, bool | int) else None
        set_mode(module, None if run.asides else known)
        if not run.asides:
            self.showing.modes.add(id(call.node))

    def attribute_of_unknown(self, run: "Evaluator", of: Unknown, name: str, node: ast.AST) -> Any:
        """What of.name is: only tensors have new_zeros and its like, which make another one whatever they are of."""
        if name in RESHAPING and self.shows(run):
            return Method(of, name, showing.reshaped)
        if name in environments.SPACES:
            return environments.UNTOLD.attribute(run, name, node)
        known = name in creating.NEW and of.undefined is None
        return Method(of, name, creating.new) if known else run.unknown(node, among=[of])

    def set_outside(self, owner: Unknown, name: str, value: Any) -> None:
        """A module is set into something that is not in the paste; it is the head of that, if the name says so."""
        if isinstance(value, Module) and value.owner is None and name in HEADS:
            self.given_away.append((owner, name, value))

    def training(self, run: "Evaluator") -> Training:
        return Training(self.is_training)

    def held(self, run: "Evaluator", value: Any, node: ast.AST) -> Any:
        """What an attribute stands for: a parameter is a tensor."""
        if isinstance(value, Learned) and self.exact and self.within and value.is_parameter:
            adding.exact_parameter(run, value, node)
        return value.tensor if isinstance(value, Learned) else value

    def weight(self, run: "Evaluator", module: LayerModule, name: str, node: ast.AST) -> Any:
        return layer_attributes.weight(run, module, name, node)

    def part_of(self, module: LayerModule, name: str) -> LayerModule | None:
        return layer_attributes.part(module, name)

    def changed_layer(self, run: "Evaluator", module: LayerModule, name: str, value: Any) -> bool:
        return layer_attributes.changed(run, module, name, value)

    def is_example(self, run: "Evaluator", call: Call) -> bool:
        """Whether a network is called at module level, on a tensor that only says what one looks like."""
        return self.at_module_level and not run.making and not any(tensor.carries for tensor in leaves(call.everything))

    def forward(self, run: "Evaluator", instance: ModuleObject, call: Call) -> Any:
        found = by_part.each(run, instance, call)
        return module_calls.forward(run, instance, call) if found is None else found

    def through(self, run: "Evaluator", group: Group, call: Call) -> Any:
        found = by_part.each(run, group, call)
        return module_calls.through(run, group, call) if found is None else found

    def feed(self, run: "Evaluator", module: LayerModule, call: Call) -> Any:
        found = by_part.each(run, module, call)
        found = module_calls.feed(run, module, call) if found is None else found
        return with_places(found) if module.gives_places else found

    # Rows

    def assigned(self, run: "Evaluator", node: ast.Assign, value: Any) -> None:
        """In code written row by row the variable says what the row is called."""
        if not self.exact:
            return
        given = next(leaves(value), None)
        row = given.origin.origin if given is not None and given.origin is not None else None
        target: ast.expr = node.targets[0]
        while isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[0]
        if (
            isinstance(row, Row)
            and row is self.record.rows[-1]
            and row.inside is self.inside
            and isinstance(target, ast.Name)
        ):
            row.label = row.label or target.id

    # Tensors

    def method_of(self, run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
        return operations.method(run, of, name, call)

    def method(self, run: "Evaluator", of: Tensor, name: str, call: Call) -> Any:
        return operations.method(run, of, name, call)

    def operation(self, run: "Evaluator", name: str, call: Call) -> Any:
        return operators.operation(run, name, call)

    def filled(self, run: "Evaluator", of: Tensor, place: Any, value: Any, node: ast.AST) -> Any:
        """What a tensor is after of[place] = value; None where it stays a constant of the same sizes."""
        return filled.filled(run, of, place, value, node)

    def joined(self, run: "Evaluator", name: str, call: Call) -> Any:
        """What torch.stack or torch.cat gives."""
        return operations.function(run, Symbol(f"torch.{name}"), call)

    def reshaped_input(self, shape: Shape) -> None:
        """The code gives its input this shape."""
        self.input_sizes = self.input_sizes or shape


def input_of(entry: Any, axis: int, shape: Shape, dtype: torch.dtype) -> Tensor:
    """The tensor that the network is given."""
    return Tensor(whole(shape, axis), dtype, Output(entry))
