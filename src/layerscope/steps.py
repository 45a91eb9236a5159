"""The walk through a network: one step per layer reached, the failing one last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import prod
from typing import Any

import torch

from layerscope import indices, wiring
from layerscope.asking import Answer, ask, words_about
from layerscope.formula import Check
from layerscope.layers.base import FROM_LAST_AXIS, Layer, Shape
from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.seeing import Seeing
from layerscope.step_errors import Repair, StepError
from layerscope.ties import named, owners
from layerscope.wired_rows import kinds_of, refusal

__all__ = ["BYTES_PER_VALUE", "Decision", "Repair", "Step", "StepError", "Trace", "walk"]

BYTES_PER_VALUE = 4
"""float32."""


@dataclass(frozen=True)
class Decision:
    """Who decided an argument: you, the data, the layer named in `by`, or the model whose call was measured."""

    role: Role
    by: str = ""


_YOURS, _OF_THE_DATA, _OF_THE_MODEL = Decision(Role.YOU), Decision(Role.DATA), Decision(Role.MODEL)


@dataclass(frozen=True)
class Step(Seeing):
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
        """Learnable values: weights and biases. Those of a row before, or of its whole module, count there."""
        if self.layer.of:
            return 0
        return self.answer.parameters - self.tied_parameters if self.layer.tied else self.answer.parameters

    @property
    def tied_parameters(self) -> int:
        """Learnable values that rows before hold too."""
        shapes = {"weight": self.weight_shape, "bias": self.bias_shape}
        return sum(prod(shapes[tensor] or (0,)) for tensor, _ in named(self.layer))

    @property
    def weights_of(self) -> str:
        """The row whose weights this one uses again; "" where they are its own, or there are none."""
        return self.layer.of if self.answer.parameters else ""

    @property
    def owners(self) -> tuple[str, ...]:
        """The rows before that hold weights of this one too."""
        if not (self.layer.of or self.layer.tied):
            return ()
        return tuple(dict.fromkeys((*filter(None, [self.weights_of]), *(name for _, name in named(self.layer)))))

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
        """Learnable values of all layers reached, each once."""
        every = sum([step.answer.parameters for step in self.steps if not step.layer.of])
        if self.network.is_chain:
            return every
        return every - sum([step.tied_parameters for step in self.steps if step.layer.tied])

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
    kinds, wired = kinds_of(network), () if network.is_chain else network.wiring
    highs = indices.bounds(network) if kinds else ()
    inputs, made = [given.shape for given in network.inputs], list[tuple[Shape, ...]]()
    shapes: tuple[Shape, ...] = (network.input_shape,)
    parents: tuple[Step | None, ...] = (None,)
    for place, layer in enumerate(network.resolved):
        if wired:
            sources = wired[place]
            if len(sources) == 1 and sources[0].port == 0 and sources[0].row >= 0:  # most rows read one row, as here
                row = sources[0].row
                shapes, parents = made[row][:1], (steps[row],)
            else:
                shapes = wiring.arriving(sources, inputs, made) or ()
                parents = tuple([steps[row] if row >= 0 else None for row, _ in sources])
        said = ask(layer, *shapes, kinds=kinds[place]) if kinds else ask(layer, *shapes)
        message = said.message
        if wired and (message is not None or layer.of or layer.tied or len(shapes) < len(parents)):
            answers = {name: steps[network.index(name)].answer for name in owners(layer)}
            message = refusal(network, place, layer, shapes, said, answers)
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
