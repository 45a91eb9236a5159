"""Modules of known networks, as a paste uses them: called, taken apart, with children replaced."""

import ast
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope import closed_form
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.record import InValue
from layerscope.source.torch import applying
from layerscope.source.torch.containers import Children, Group
from layerscope.source.torch.model_plans import Leaf, Plan
from layerscope.source.torch.modules import LayerModule, Learned, Module, adopt, learned, walked
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


MAKING = 4
"""Steps of work that it takes to make one module."""


@dataclass(eq=False, repr=False)
class KnownLayer(LayerModule):
    """A layer of a known network: its input must be as wide as in that network."""

    path: str = ""

    def call(self, run: "Evaluator", call: Call) -> Any:
        tensor = next(leaves(call.everything), None)
        is_open = isinstance(tensor, OpenInput) and tensor.is_open
        if tensor is not None and not is_open and self.layer is not None:
            fits = closed_form.output_shapes(self.layer, tensor.sample) is not None
            arriving = self.layer.decided(tensor.sample) if fits else {}
            for each in self.in_values:
                if fits and arriving.get(each.parameter) != each.value:
                    raise Fault(self._misfit(each, tensor.sample), call.node)
        return _seen(run, self.path, LayerModule.call(self, run, call))

    def _misfit(self, wanted: InValue, arriving: Shape) -> str:
        words = f"{self.path} has {wanted.parameter}={wanted.value:,} but gets {shape_text(arriving)}."
        if self.type == "Linear" and len(arriving) > 1 and prod(arriving) == wanted.value:
            words += " children() loses what forward does between the layers: put nn.Flatten() before it."
        return words


@dataclass(eq=False, repr=False)
class Part(Module):
    """A known network, or a block of one, whose forward is known here. `path` is what a sentence calls it."""

    plan: Plan
    path: str
    node: ast.AST
    held: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: Module | None = None
    kind = "Module"

    def children(self) -> dict[str, Any]:
        return self.held

    def keep(self, name: str, child: Any) -> None:
        """A child under that name."""
        self.held[name] = child
        adopt(self, name, child)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in self.held:
            return world_of(run).held(run, self.held[name], node)
        if name == "training":
            return world_of(run).training(run)
        found = Children(self) if name == "_modules" else self.method(run, name, node)
        if not isinstance(found, Unknown):
            return found
        return run.unknown(node, f"{self.path} has no {name} here; it has {', '.join(self.held)}.")

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        if run.asides and not run.making:
            return True
        if name in self.held or isinstance(value, Module) or name == "forward":
            if name not in self.held and isinstance(value, Module):
                run.remarks.note(
                    f"forward of {self.path} never calls {name}, so setting it does nothing. "
                    f"Its last layer is {self.head.path}.", value.node
                )  # fmt: skip
            self.keep(name, value)
            world_of(run).changed(self)
        return True

    def expect(self, channels: int) -> None:
        """The first convolution takes so many channels."""
        first = next(layer for layer in self._layers if layer.in_values)
        first.in_values = tuple(replace(each, value=channels) for each in first.in_values)

    @property
    def _layers(self) -> list[KnownLayer]:
        return [layer for _, layer in walked(self) if isinstance(layer, KnownLayer)]

    @property
    def head(self) -> KnownLayer:
        """The last layer with weights: where classes are told apart."""
        return [layer for layer in self._layers if layer.layer is not None and layer.layer.head][-1]

    def classify(self, classes: int) -> None:
        """The head tells so many classes apart."""
        head = self.head
        assert head.layer is not None
        head.layer = head.layer.with_chosen(str(head.layer.head), classes)

    def drop_head(self, node: ast.AST) -> None:
        """Nothing stands where the head was."""
        head = self.head
        owner, name = next(
            (module, name) for _, module in walked(self) for name, child in module.children().items() if child is head
        )
        owner.children()[name] = KnownLayer("Identity", node, unnamed("Identity"), path=head.path)

    def call(self, run: "Evaluator", call: Call) -> Any:
        world = world_of(run)
        if world.is_example(run, call):
            return world.showing.calls(self, call)
        if "forward" in self.held:
            raise Fault(f"{self.path} gets a new forward, which Layerscope cannot follow.", call.node)
        given = list(call.everything)
        if len(given) != len(self.plan.reads):
            words = f"{self.path} expects {len(self.plan.reads)} tensors inside its network but gets {len(given)}."
            raise Fault(words, call.node)
        values = dict(zip(self.plan.reads, given, strict=True))
        world.within.append(self)
        try:
            for step in self.plan.steps:
                found = self._step(run, step, [values[read] for read in step.reads], call.node)
                values[step.makes] = found[0] if isinstance(found, tuple) else found
                if isinstance(found, tuple) and step.function is not None:
                    ports = zip(step.function.ports, found, strict=False)
                    values |= {f"{step.makes}:{port}": part for port, part in ports}
        finally:
            world.within.pop()
        return _seen(run, self.path, values[self.plan.makes])

    def _step(self, run: "Evaluator", step: Any, given: list[Any], node: ast.AST) -> Any:
        """What one call in forward gives."""
        world = world_of(run)
        before, child = len(world.record.rows), self.held.get(step.child)
        if isinstance(child, Learned):  # as its readers see it, one for each sample
            leaf = dict(self.plan.children)[step.child]
            seen = closed_form.output_shapes(leaf.layer) if isinstance(leaf, Leaf) else None
            return child.tensor if seen is None else child.tensor.changed(shape=seen[0])
        if step.function is None:
            found = run.call(child, Call(node, given))
        else:
            unknown = next((value for value in given if not isinstance(value, Tensor)), None)
            if unknown is not None:
                raise Fault(f"{self.path} does not get a tensor.", node)
            found = applying.apply(run, step.function, given, node)
        is_row = step.function is not None or isinstance(child, KnownLayer)
        if is_row and len(world.record.rows) > before:
            world.record.rows[-1].label = step.makes.rpartition(".")[2]
        return _seen(run, f"{self.path}.{step.child or step.makes.rpartition('.')[2]}", found)


def _seen(run: "Evaluator", path: str, value: Any) -> Any:
    """What a part of a known network gave, kept where somebody wants to know."""
    seen = world_of(run).seen_inside
    if seen is not None:
        seen[path] = value
    return value


def made(run: "Evaluator", plan: Plan | Leaf, path: str, node: ast.AST) -> Any:
    """The modules of a plan, new ones. Raises Fault where that is too much work."""
    run.tick(node, MAKING)
    if isinstance(plan, Leaf):
        return _layer(run, plan, path, node)
    if plan.is_sequential:
        group = Group("Sequential", node)
        for name, child in plan.children:
            group.add(made(run, child, f"{path}.{name}", node), name)
        return group
    part = Part(plan, path, node)
    for name, child in plan.children:
        part.keep(name, made(run, child, f"{path}.{name}", node))
    return part


def _layer(run: "Evaluator", leaf: Leaf, path: str, node: ast.AST) -> Any:
    world_of(run).layers_made += 1
    if leaf.layer.type == "Parameter":
        return learned(node, Tensor(tuple(leaf.layer.chosen["shape"])))
    in_values = tuple(InValue(name, value, ast.Constant(value), is_written=False) for name, value in leaf.decided)
    return KnownLayer(leaf.layer.type, node, leaf.layer, in_values, path=path)
