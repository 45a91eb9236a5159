"""The walk through a network: one step per layer reached, the failing one last."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import prod
from typing import Any

import torch

from layerscope import indices, wiring
from layerscope.asking import Answer, ask, words_about
from layerscope.formula import Check
from layerscope.layers.base import FROM_LAST_AXIS, Layer, Shape
from layerscope.layers.question import Kinds
from layerscope.network import Network
from layerscope.once import once
from layerscope.parameter import Role
from layerscope.receptive import OneAfterAnother, ReceptiveField

BYTES_PER_VALUE = 4
"""float32."""


@dataclass(frozen=True)
class Decision:
    """Who decided an argument: you, the data, the layer named in `by`, or the live model that was measured."""

    role: Role
    by: str = ""


_YOURS, _OF_THE_DATA, _OF_THE_MODEL = Decision(Role.YOU), Decision(Role.DATA), Decision(Role.MODEL)


@dataclass(frozen=True)
class Repair:
    """A change that was traced and works: its words, and the network it leads to."""

    label: str
    network: Network
    complete: bool = True
    """Whether the whole network runs then, not only this layer."""


@dataclass(frozen=True)
class StepError:
    """Why a layer does not run: our sentence, torch's own words, and what would mend it.

    The last two cost more than the walk itself, and are found when somebody looks.
    """

    message: str
    find_words: Callable[[], str] = field(repr=False, compare=False)
    find_repairs: Callable[[], tuple[Repair, ...]] = field(repr=False, compare=False)

    @cached_property
    def torch_message(self) -> str:
        """What torch itself says; "" where it says nothing, or where asking it might cost."""
        return self.find_words()

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """Changes that make the layer run, each verified by tracing the changed network."""
        return self.find_repairs()


@dataclass(frozen=True)
class Step:
    """One layer on its inputs. Shapes carry no batch axis; costs are for one sample."""

    layer: Layer
    input_shapes: tuple[Shape, ...]
    answer: Answer
    network: Network = field(repr=False, compare=False)
    parents: tuple["Step | None", ...] = field(repr=False, compare=False)
    """The steps that made the inputs; None stands for an input of the network."""
    error: StepError | None = None

    def __init__(
        self,
        layer: Layer,
        input_shapes: tuple[Shape, ...],
        answer: Answer,
        network: Network,
        parents: tuple["Step | None", ...],
        error: StepError | None = None,
    ) -> None:
        # What the dataclass would write takes three times as long, a third of a walk over layers that are remembered.
        here = self.__dict__
        here["layer"], here["input_shapes"], here["answer"] = layer, input_shapes, answer
        here["network"], here["parents"], here["error"] = network, parents, error

    @property
    def input_shape(self) -> Shape:
        """The first input's; () where the layer reads nothing."""
        return self.input_shapes[0] if self.input_shapes else ()

    @property
    def sources(self) -> tuple[str, ...]:
        """What the layer reads, by name."""
        return self.network.before(self.name)

    @property
    def previous(self) -> "Step | None":
        """The step that made the first input."""
        return self.parents[0] if self.parents else None

    @property
    def name(self) -> str:
        return self.layer.name

    @property
    def type(self) -> str:
        """The torch class, for example "Conv2d"."""
        return self.layer.type

    @property
    def arguments(self) -> dict[str, Any]:
        """Everything passed to the constructor, the values that data decides included."""
        return self.answer.arguments

    @property
    def output_shape(self) -> Shape | None:
        """The first output's; None where the layer does not run."""
        return self.answer.output_shape if self.error is None else None

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """Those of all outputs, in the order of `layer.ports`; empty where the layer does not run."""
        return self.answer.output_shapes if self.error is None else ()

    @property
    def shown_shapes(self) -> tuple[Shape, ...]:
        """Those of all outputs as they are told to people."""
        return tuple(map(self.layer.shown, self.output_shapes))

    @property
    def shown_input_shapes(self) -> tuple[Shape, ...]:
        """Those of all inputs as they are told to people."""
        read = zip(self.parents, self.input_shapes, strict=False)  # none are known where a row reads what there is not
        return tuple(above.layer.shown(shape) if above else shape for above, shape in read)

    @property
    def weight_shape(self) -> Shape | None:
        return self.answer.weight_shape

    @property
    def bias_shape(self) -> Shape | None:
        return self.answer.bias_shape

    @property
    def parameters(self) -> int:
        """Learnable values: weights and biases. None where another layer's module is called again."""
        return 0 if self.layer.of else self.answer.parameters

    @property
    def weights_of(self) -> str:
        """The row whose weights this one uses again; "" where they are its own, or there are none."""
        return self.layer.of if self.answer.parameters else ""

    @property
    def macs(self) -> int:
        """Multiply-accumulates, bias not counted; FLOPs are twice as many."""
        return self.answer.macs

    @property
    def checks(self) -> tuple[Check, ...]:
        """Our closed formulas beside torch's answers."""
        return self.answer.checks

    @property
    def activation_bytes(self) -> int:
        """Memory of the output in float32."""
        return BYTES_PER_VALUE * sum(map(prod, self.output_shapes))

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """What one output cell sees of the network's input.

        None where the layer does not run, where the maps are too large to follow their cells, where places are not
        followed (after a Permute, and of indices), and where several inputs of different sizes meet.
        """
        view = self._view
        return None if view is None or view.lost else view

    @once
    def _view(self) -> ReceptiveField | None:
        """The receptive field, also where only what all values see together is known."""
        for above in self.parents:
            if above is not None and "_view" not in above.__dict__:
                self._look_back()
                break
        return self._seen_through()

    def _look_back(self) -> None:
        """Find the views of all steps before this one, without a call for each: there may be a thousand."""
        unknown = [self]
        while unknown:
            step = unknown[-1]
            waiting = [above for above in step.parents if above and "_view" not in vars(above)]
            if waiting:
                unknown.extend(waiting)
                continue
            unknown.pop()
            if step is not self and "_view" not in vars(step):
                vars(step)["_view"] = step._seen_through()

    def _seen_through(self) -> ReceptiveField | None:
        """The view, once those of the steps that made the inputs are known."""
        if self.output_shape is None:
            return None
        if not self.parents:
            return ReceptiveField.of_nothing(self.network.input_shape[1:], self.output_shape[1:])
        reach = self.layer.reach(*self.input_shapes)
        leaving = self.answer.output_shapes[0][1:]
        if len(self.parents) == 1:
            above = self.parents[0]
            view = above._view if above else self._view_of_input(0)
            return None if view is None else view.after(reach, self.input_shapes[0][1:], leaving)
        views = [above._view if above else self._view_of_input(i) for i, above in enumerate(self.parents)]
        view = ReceptiveField.union(views, reach.axis if isinstance(reach, OneAfterAnother) else None)
        sizes = [shape[1:] for shape in self.input_shapes]
        arriving = tuple(map(max, *sizes)) if len(set(map(len, sizes))) == 1 else sizes[0]
        return None if view is None else view.after(reach, arriving, leaving)

    def _view_of_input(self, place: int) -> ReceptiveField:
        """What the values of the network's input see that the layer reads there: themselves."""
        row = self.network.wiring[self.network.index(self.name)][place].row
        given = self.network.inputs[-1 - row]
        return ReceptiveField.of_input(given.shape[1:], lost=given.kind == "indices")

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """Who decided each argument."""
        layer = self.layer
        decisions = dict.fromkeys(layer.parameters(), _OF_THE_MODEL if layer.origin else _YOURS)
        if layer.name == self.network.head and layer.head is not None:
            decisions[layer.head] = _OF_THE_DATA
        for name in layer.decides:
            decisions[name] = self._decided_by(name)
        if "normalized_shape" in decisions and layer.chosen.get("normalized_shape") is None:
            decisions["normalized_shape"] = self._decided_by("normalized_shape")
        return decisions

    def _decided_by(self, argument: str) -> Decision:
        """The layer that made the axis which `argument` counts, or the data where no layer did."""
        whole_shape = argument in FROM_LAST_AXIS
        place = self.layer.input_of(argument)
        step = self.parents[place] if place < len(self.parents) else None
        while step is not None:
            made_here = not step.layer.keeps_channels or not step.parents
            if made_here or (whole_shape and step.output_shape != step.input_shape):
                return Decision(Role.LAYER, step.name)
            step = step.previous
        return _OF_THE_DATA

    @cached_property
    def warning(self) -> str | None:
        """Something that torch accepts in silence but few people want."""
        is_meant = self.layer.acts_on_features and self.previous is not None and self.previous.has_features_last
        return None if self.error or is_meant else self.layer.warning(*self.input_shapes)

    @property
    def has_features_last(self) -> bool:
        """Whether the last axis of the output holds the features of a place: a Linear is meant to act on it.

        A join is as one of its inputs is, whichever: a table of positions alone does not tell.
        """
        waiting, seen = [self], {id(self)}
        while waiting:
            step = waiting.pop()
            if step.layer.features_last:
                return True
            above = step.parents if step.layer.features_last is None else ()
            unseen = [one for one in above if one is not None and id(one) not in seen]
            seen.update(map(id, unseen))
            waiting += unseen
        return False


@dataclass(frozen=True)
class Trace:
    """What became of a network. `steps` ends at the first layer that does not run."""

    network: Network
    steps: tuple[Step, ...]

    @property
    def error(self) -> StepError | None:
        """The failing step's error, or None."""
        return self.steps[-1].error if self.steps else None

    @cached_property
    def parameters(self) -> int:
        """Learnable values of all layers reached."""
        return sum([step.answer.parameters for step in self.steps if not step.layer.of])

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of all layers reached, for one sample."""
        return sum([step.answer.macs for step in self.steps])

    @cached_property
    def activation_bytes(self) -> int:
        """Memory of all layers' outputs for one sample in float32, the input not counted."""
        return sum(step.activation_bytes for step in self.steps)

    @cached_property
    def agrees(self) -> bool:
        """Whether every closed formula gave what torch gave."""
        return all(check.agrees for step in self.steps for check in step.checks)

    @property
    def output_shape(self) -> Shape | None:
        """What leaves the network, the first of several outputs; None where it does not run."""
        return next(iter(self.output_shapes), None)

    @cached_property
    def output_shapes(self) -> tuple[Shape, ...]:
        """What leaves the network, one shape for each of its outputs; empty where it does not run."""
        if self.error is not None:
            return ()
        if not self.steps:
            return (self.network.input_shape,)
        made = [step.output_shapes for step in self.steps]
        sources = [wiring.source(self.network.layers, (), name) for name in self.network.output_names]
        return wiring.arriving(sources, (), made) or ()

    @cached_property
    def by_name(self) -> dict[str, Step]:
        """The steps by their layers' names."""
        return {step.name: step for step in self.steps}


def _no_repairs(network: Network, place: int) -> tuple[Repair, ...]:
    return ()


@torch.no_grad()
def walk(
    network: Network,
    repairs: Callable[[Network, int], tuple[Repair, ...]] = _no_repairs,
) -> Trace:
    """Run `network` layer by layer. `repairs` is asked, when somebody looks, for what mends a failing layer."""
    steps: list[Step] = []
    kinds, wired = _kinds(network), () if network.is_chain else network.wiring
    highs = indices.bounds(network) if kinds else ()
    inputs, made = [given.shape for given in network.inputs], list[tuple[Shape, ...]]()
    shapes: tuple[Shape, ...] = (network.input_shape,)
    parents: tuple[Step | None, ...] = (None,)
    for place, layer in enumerate(network.resolved):
        if wired:
            sources = wired[place]
            shapes = wiring.arriving(sources, inputs, made) or ()
            parents = tuple([steps[row] if row >= 0 else None for row, _ in sources])
        said = ask(layer, *shapes, kinds=kinds[place]) if kinds else ask(layer, *shapes)
        message = said.message
        if wired and (message is not None or layer.of or len(shapes) < len(parents)):
            message = _unwired(network, place, shapes, said, steps)
        high = highs[place] if highs and message is None else None
        if high is not None and (message := layer.beyond(high)):
            words = partial(indices.words, layer, high)
        elif message is not None:
            words = partial(words_about, layer, said.arguments, *shapes, kinds=kinds[place] if kinds else ())
        if message is not None:
            error = StepError(message, words, partial(repairs, network, place))
            steps.append(Step(layer, shapes, said, network, parents, error))
            break
        step = Step(layer, shapes, said, network, parents)
        steps.append(step)
        if wired:
            made.append(said.output_shapes)
        else:
            shapes, parents = said.output_shapes[:1], (step,)
    return Trace(network, tuple(steps))


def _unwired(
    network: Network, place: int, shapes: tuple[Shape, ...], answer: Answer, steps: Sequence[Step]
) -> str | None:
    """Why a row that names other rows does not run. Layers know their inputs by number, the network by name."""
    layer = network.layers[place]
    if len(shapes) < len(network.wiring[place]):
        return _missing_output(network, place)
    if answer.message is not None:
        names = network.before(layer.name)
        return re.sub(r"\binput (\d+)\b", lambda number: names[int(number[1]) - 1], answer.message)
    return _other_weights(layer, answer, steps[network.index(layer.of)]) if layer.of else None


def _kinds(network: Network) -> Sequence[Kinds]:
    """For each row, whether its inputs hold indices; nothing where all hold values."""
    if all(given.kind == "values" for given in network.inputs):
        return ()
    inputs, made, kinds = [given.kind == "indices" for given in network.inputs], list[bool](), list[Kinds]()
    for layer, sources in zip(network.layers, network.wiring, strict=True):
        kinds.append(tuple([inputs[~row] if row < 0 else made[row] for row, _ in sources]))
        made.append(layer.passes_kind and all(kinds[-1]))  # torch makes values of both
    return kinds


def _missing_output(network: Network, place: int) -> str:
    """Why a row cannot read the output that it names."""
    layer = network.layers[place]
    for reference in layer.inputs:
        name, port = wiring.parts(reference)
        if port and port not in (ports := network[name].ports if name in network.names else ()):
            known = f"has the outputs {', '.join(ports)}" if ports else "has only one output"
            return f"{layer.name} reads output {port} of {name}, but {name} {known}."
    return f"{layer.name} reads an output that is not there."


def _other_weights(layer: Layer, answer: Answer, owner: Step) -> str | None:
    """Why the module of another row cannot be called with these inputs; None where it can."""
    for name in layer.decides:
        old, new = owner.arguments.get(name), answer.arguments.get(name)
        if old != new:
            return f"{layer.name} calls {owner.name} again, whose {name} is {old}, but its input asks for {new}."
    return None
