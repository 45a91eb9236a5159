"""What torch and the other libraries mean to a paste, and the network that it is followed through."""

import ast
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.layers.base import Layer, Shape
from layerscope.network import MOST_LAYERS
from layerscope.source.python import builtin, constants
from layerscope.source.python.callables import DEEPEST_CALLS, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.record import Lookup, Output, Record, Row, whole
from layerscope.source.torch import adding, applying, creating, libraries, module_methods, operations
from layerscope.source.torch.containers import Group
from layerscope.source.torch.known_classes import ASSUMED, LAYERS, is_a, is_module_class
from layerscope.source.torch.layers import argument
from layerscope.source.torch.models import MODELS
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import ROOTS, LayerModule, Learned, Module, Training, UnknownParameter
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.parts import Part
from layerscope.source.torch.questions import Question
from layerscope.source.torch.showing import Showing, may_show, set_mode
from layerscope.source.torch.tensor import Tensor, Weights, leaves
from layerscope.source.torch.worlds import unnamed
from layerscope.ties import TENSORS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

QUESTION = 5
"""Steps that an answer from memory is worth, and each tensor in a new question, which takes three on top."""
HEADS = frozenset({
    "fc", "_fc", "classifier", "_classifier", "head", "heads", "last_linear", "output", "top", "logits", "lm_head",
    "score", "segmentation_head", "classification_head", "roi_heads", "box_predictor", "mask_predictor", "proj",
})  # fmt: skip
"""What the last part of a network is called; a part of it is what is set there."""
DROPPING = ("StochasticDepth", "DropPath")
"""What classes are called that drop a branch while training."""


class TorchWorld:
    """One paste's torch. `record` holds the rows of the network that is being followed."""

    def __init__(self) -> None:
        self.exact = False
        """Whether the code was written row by row, so that nothing is read as another row that means the same."""
        self.layers_made = 0
        self.at_module_level = False
        self.showing = Showing()
        self.groups: list[Group | Part] = []
        """The containers and known networks constructed at module level."""
        self.given_away: list[tuple[Unknown, str, Module]] = []
        """What was set into something outside the paste: that, under which name, and the module."""
        self.not_held: Unknown | None = None
        """A model that is named and not held here."""
        self.constructed: dict[str, Call] = {}
        """How each class of the paste was first constructed at module level."""
        self.is_training = True
        """What self.training is; `asked_for_mode` says whether the network looked."""
        self.asked_for_mode = False
        self.asked: set[Question] = set()
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
        self.alive: list[Any] = []
        self.input_sizes: Shape | None = None
        """What the code itself reshapes its input to."""

    # Names

    def imported(self, path: str) -> Any:
        """What a full name stands for."""
        found = self._imported.get(path)
        if found is None:
            found = self._imported[path] = constants.VALUES.get(path, Symbol(path))
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
        """Something that is not known is called."""
        if self.at_module_level and isinstance(call.node, ast.Call):
            self.showing.meets(call.node, call)

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

    def class_attribute(self, run: "Evaluator", cls: UserClass, name: str, node: ast.AST) -> Any:
        """What a class has from torch's; of torchvision's tables of weights only that they let weights pass."""
        is_table = any(root.rpartition(".")[2] == "WeightsEnum" for root in cls.roots)
        return Symbol(f"WeightsEnum.{name}") if is_table else run.unknown(node)

    def object_of(self, cls: UserClass, node: ast.AST) -> Object:
        """A new object, a module where the class is one."""
        return ModuleObject(cls, node) if is_module_class(cls) else Object(cls, node)

    # Work

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
        """layer.weight: a tensor where all is written that decides its sizes."""
        layer = module.layer
        if layer is None:
            return run.unknown(node)
        decided = {each.parameter: each.value for each in module.in_values}
        shape = adding.weight_shape(layer, decided, name)
        if shape is None:
            unknown = run.unknown(node)
            return UnknownParameter(unknown.quote, unknown.why, node, parameter=(module, name))
        weights = frozenset({Weights((id(module), name), prod(shape))})
        return Tensor(shape, weights=weights, node=node, owner=module, parameter=(module, name))

    def changed_layer(self, run: "Evaluator", module: LayerModule, name: str, value: Any) -> bool:
        """layer.weight = other.weight: from now on it is one tensor, which both hold."""
        if run.asides and not run.making:
            return True
        value = value.tensor if isinstance(value, Learned) else value
        if name in TENSORS and isinstance(value, Tensor | UnknownParameter) and value.parameter is not None:
            module.given[name] = value
            self.changed(module)
            if value.parameter[1] not in ("", name):
                run.remarks.note(
                    f"{name} of one layer and {value.parameter[1]} of another are the same tensor here; torch counts "
                    "it once, the table counts both.", module.node,
                )  # fmt: skip
            return True
        if isinstance(value, Unknown) and name.startswith(_OTHER_TENSORS):
            run.remarks.note(
                f"The code does not say which tensor {name} is set to; if two layers share it, torch counts it once, "
                "the table counts both.", module.node,
            )  # fmt: skip
        if module.layer is not None and name in module.layer.chosen:
            return setting(run, module, module.layer, name, value)
        return True

    def forward(self, run: "Evaluator", instance: ModuleObject, call: Call) -> Any:
        """Call an object of the paste's own class of modules. Raises Fault."""
        function = run.watch.forward_of(run, instance.cls)
        if self.is_example(call):
            self.showing.calls(instance, call)
            return run.unknown(call.node)
        if isinstance(function, UserFunction):
            self.within.append(instance)
            try:
                if instance.cls.name in DROPPING and call.args and isinstance(call.args[0], Tensor):
                    return self._dropped(run, instance, call.args[0], call.node)
                return run.watch.returned(run, function, function.call(run, call.with_first(instance)))
            finally:
                self.within.pop()
        if instance.group is not None:
            return instance.group.call(run, call)
        raise Fault(f"{instance.cls.name} has no forward, so it cannot be called.", call.node)

    def is_example(self, call: Call) -> bool:
        """Whether a network is called at module level, on a tensor that only says what one looks like."""
        return self.at_module_level and not any(tensor.carries for tensor in leaves(call.everything))

    def _dropped(self, run: "Evaluator", instance: ModuleObject, of: Tensor, node: ast.AST) -> Any:
        """Stochastic depth: it is a row of its own, whatever the class does for it."""
        numbers = [
            value
            for value in instance.attributes.values()
            if isinstance(value, int | float) and type(value) is not bool
        ]
        mode = instance.attributes.get("mode")
        known = mode if mode in ("row", "batch") else "row"
        layer = unnamed("StochasticDepth", p=constants.plain(numbers[0]) if numbers else 0.0, mode=known)
        return applying.apply(run, layer, [of], node)

    def through(self, run: "Evaluator", group: Group, call: Call) -> Any:
        """nn.Sequential: each layer is given what the one before it gives. Raises Fault."""
        if len(call.everything) != 1:
            raise Fault(
                f"An nn.Sequential expects one input; {run.paste.quote(call.node)} passes {len(call.everything)}.",
                call.node,
            )
        value = call.everything[0]
        if self.is_example(call):
            self.showing.calls(group, call)
            return run.unknown(call.node)
        if run.calls >= DEEPEST_CALLS:
            raise Fault(f"Groups of layers are nested too deeply here; the limit is {DEEPEST_CALLS} levels.", call.node)
        run.calls += 1
        try:
            for child in group.values:
                if isinstance(child, LayerModule) and isinstance(value, tuple):
                    at = call.nodes.get(0) if value is call.everything[0] else None
                    value = run.watch.single(run, value, at, call.node)
                value = run.call(child, Call(call.node, [value]))
        finally:
            run.calls -= 1
        return value

    def feed(self, run: "Evaluator", module: LayerModule, call: Call) -> Any:
        """Call a layer of torch's. Raises Fault."""
        call = run.watch.handing(run, call, module)
        tensors = list(leaves(call.everything))
        if not tensors:
            unknown = next((value for value in call.everything if isinstance(value, Unknown)), None)
            return run.unknown(call.node, among=[unknown] if unknown is not None else ())
        if module.fault is not None or module.layer is None:
            raise module.fault or Fault("Layerscope cannot read this layer.", module.node)
        run.watch.feeding(run, module, call)
        layer = module.layer
        for tensor in tensors:
            if isinstance(tensor, OpenInput):
                tensor.meet(layer, module.in_values)
        if self.is_example(call):
            self.showing.calls(module, call)
        elif module.type == "Embedding" and (bounds := creating.bounds_of(tensors[0].numbers)) is not None:
            self.record.lookups.append(Lookup(module, *bounds, call.nodes.get(0, call.node)))
        if not any(tensor.carries for tensor in tensors):
            return applying.of_constants(module, layer, tensors, call.node)
        read = applying.read_by(run, module, layer, call, tensors)
        return applying.apply(
            run, layer, read, call.node, module=module, in_values=module.in_values, untold=module.untold
        )

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
        """x + y, 2 * x and the like. Raises Fault."""
        left, right = call.args
        numbers = [value for value in (left, right) if isinstance(value, int | float)]
        live = next((value for value in (left, right) if isinstance(value, Tensor) and value.carries), None)
        if live is None:
            return operations.operated(run, name, call)
        other = right if live is left else left
        is_empty = isinstance(other, Tensor) and not other.carries and not other.weights
        if is_empty and name not in ("matmul", "bmm") and not self.exact:
            found = operations.broadcast(run, live, other, call)
            if found is not None:
                node = call.nodes.get(1 if other is right else 0, call.node)
                words = f"{run.paste.quote(node)} is not learned and changes no shape, so it has no row."
                run.remarks.note(words, call.node)
                return found
        if numbers and not isinstance(other, bool):
            return operations.with_number(run, name, live, numbers[0], live is left, call)
        return operations.operated(run, name, call)

    def written(self, run: "Evaluator", of: Tensor, place: Any, value: Any) -> bool:
        """x[place] = value: a constant stays what it is; what holds results of the network is another matter."""
        return not of.carries and not any(tensor.carries for tensor in leaves(value))

    def reshaped_input(self, shape: Shape) -> None:
        """The code gives its input this shape."""
        self.input_sizes = self.input_sizes or shape


_OTHER_TENSORS = ("weight_", "bias_", "in_proj_")
"""What the parameters of recurrent layers and of attention begin with."""
LIVE = frozenset({"stride", "padding", "dilation", "p", "ceil_mode", "inplace", "negative_slope", "eps", "momentum"})
"""Attributes that a layer's forward looks at; all others were used when its weights were made."""


def setting(run: "Evaluator", module: LayerModule, layer: Layer, name: str, value: Any) -> bool:
    """conv.stride = (1, 1) takes effect; fc.out_features = 10 changes no weight."""
    if name in LIVE and not isinstance(value, Unknown):
        module.layer = layer.with_chosen(name, argument(run, value, name, module.node))
        return True
    shown = f"{getattr(module, 'path', '') or module.name or layer.type}.{name}"
    run.remarks.note(
        f"Setting {shown} changes no weight: the layer stays as it was made. Replace it with a new layer.", module.node
    )
    return False


def input_of(entry: Any, axis: int, shape: Shape, dtype: torch.dtype) -> Tensor:
    """The tensor that the network is given."""
    return Tensor(whole(shape, axis), dtype, Output(entry))
