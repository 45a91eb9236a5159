"""The walk through a network: one step per layer reached, the failing one last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import prod
from typing import Any

import torch

from layerscope.asking import Answer, ask, words_about
from layerscope.formula import Check
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.receptive import ReceptiveField

BYTES_PER_VALUE = 4
"""float32."""


@dataclass(frozen=True)
class Decision:
    """Who decided an argument: you, the data, or the layer named in `by`."""

    role: Role
    by: str = ""


_YOURS, _OF_THE_DATA = Decision(Role.YOU), Decision(Role.DATA)


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
    """One layer on its input. Shapes carry no batch axis; costs are for one sample."""

    layer: Layer
    input_shape: Shape
    answer: Answer
    network: Network = field(repr=False, compare=False)
    previous: "Step | None" = field(repr=False, compare=False)
    error: StepError | None = None

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
        """None where the layer does not run."""
        return self.answer.output_shape

    @property
    def weight_shape(self) -> Shape | None:
        return self.answer.weight_shape

    @property
    def bias_shape(self) -> Shape | None:
        return self.answer.bias_shape

    @property
    def parameters(self) -> int:
        """Learnable values: weights and biases."""
        return self.answer.parameters

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
        return BYTES_PER_VALUE * prod(self.output_shape) if self.output_shape else 0

    @cached_property
    def receptive_field(self) -> ReceptiveField | None:
        """What one output cell sees of the network's input.

        None where the layer does not run, or where the maps are too large to follow their cells.
        """
        unknown: list[Step] = [self]
        while (before := unknown[-1].previous) is not None and "receptive_field" not in vars(before):
            unknown.append(before)
        extent = self.network.input_shape[1:]
        view = ReceptiveField.of_input(extent) if before is None else before.receptive_field
        for step in reversed(unknown):
            if view is not None and step.output_shape is not None:
                reach = step.layer.reach(step.input_shape)
                view = view.after(reach, step.input_shape[1:], step.output_shape[1:], extent)
            vars(step)["receptive_field"] = view if step.output_shape else None
        return view if self.output_shape else None

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """Who decided each argument."""
        layer = self.layer
        decisions = dict.fromkeys(layer.parameters(), _YOURS)
        if layer.name == self.network.head and layer.head is not None:
            decisions[layer.head] = _OF_THE_DATA
        for name in layer.decides:
            decisions[name] = self._decided_by(name)
        if "normalized_shape" in decisions and layer.chosen.get("normalized_shape") is None:
            decisions["normalized_shape"] = self._decided_by("normalized_shape")
        return decisions

    def _decided_by(self, argument: str) -> Decision:
        """The layer that made the axis which `argument` counts, or the data where no layer did."""
        whole_shape = argument in ("in_features", "normalized_shape")
        step = self.previous
        while step is not None:
            if not step.layer.keeps_channels or (whole_shape and step.output_shape != step.input_shape):
                return Decision(Role.LAYER, step.name)
            step = step.previous
        return _OF_THE_DATA

    @cached_property
    def warning(self) -> str | None:
        """Something that torch accepts in silence but few people want."""
        return None if self.error else self.layer.warning(self.input_shape)


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
        return sum(step.parameters for step in self.steps)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of all layers reached, for one sample."""
        return sum(step.macs for step in self.steps)

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
        """What the last layer puts out; None where the network does not run."""
        return self.steps[-1].output_shape if self.steps else self.network.input_shape

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
    shape = network.input_shape
    steps: list[Step] = []
    step: Step | None = None
    for place, layer in enumerate(network.resolved):
        answer = ask(layer, shape)
        if answer.output_shape is None:
            words = partial(words_about, layer, answer.arguments, shape)
            error = StepError(answer.message or "", words, partial(repairs, network, place))
            steps.append(Step(layer, shape, answer, network, step, error))
            break
        step = Step(layer, shape, answer, network, step)
        steps.append(step)
        shape = answer.output_shape
    return Trace(network, tuple(steps))
