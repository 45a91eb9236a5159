"""One sample run through a network's real module: what every row makes of it, and how one of those values comes about.

`look` is the front door. What it takes is known from the closed formulas before anything is built.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from layerscope import limits, workload
from layerscope.building import called, module
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.layers.opaque import complaint_about_running
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.study.rows import Rows, rows
from layerscope.study.windows import Field, Window, field
from layerscope.study.written_out import Written, written_out
from layerscope.tracing import trace

Tensors = tuple[Tensor, ...]


class LookError(ValueError):
    """A network or a sample that cannot be looked into; the message is a sentence for the user."""


@dataclass(frozen=True)
class Inside:
    """What one sample became on its way. Arrays are NumPy's, and have no batch axis."""

    network: Network
    tensors: Mapping[str, Tensor]
    """What leaves each input and row by its name; further outputs of a row as "lstm1:h_n"."""
    modules: Mapping[str, nn.Module]
    """The module that each row calls."""

    @property
    def maps(self) -> dict[str, Any]:
        """What leaves each input and row, as arrays: `maps["conv1"]` is (6, 24, 24)."""
        return {name: tensor.numpy() for name, tensor in self.tensors.items()}

    @property
    def weights(self) -> dict[str, Any]:
        """The weight of each row that has one, as arrays: `weights["conv1"]` is (6, 1, 5, 5)."""
        return {name: _parameter(made, "weight").numpy() for name, made in self.modules.items() if _has(made, "weight")}

    def parameters(self, name: str) -> dict[str, Tensor]:
        """All tensors of weights of the module that a row calls, by their names in it."""
        return {key: tensor.detach() for key, tensor in self.modules[name].named_parameters()}

    @property
    def biases(self) -> dict[str, Any]:
        """The bias of each row that has one, as arrays."""
        return {name: _parameter(made, "bias").numpy() for name, made in self.modules.items() if _has(made, "bias")}

    def arriving(self, name: str) -> Tensors:
        """What the row of that name reads, one tensor for each of its inputs."""
        return tuple(self.tensors[source] for source in self.network.before(name))

    def field(self, name: str) -> Field:
        """What a convolution or a pooling layer moves its window over. Raises LookError for other rows."""
        found = field(self._layer(name), self.arriving(name), self.tensors[name], *self._weight_and_bias(name))
        if found is None:
            raise LookError(f"{name} is a {self.network[name].type}, which moves no window over its input.")
        return found

    def rows(self, name: str) -> Rows:
        """The arithmetic of a Linear. Raises LookError for other rows."""
        weight, bias = self._weight_and_bias(name) if isinstance(self._layer(name), Linear) else (None, None)
        if weight is None:
            raise LookError(f"{name} is a {self.network[name].type} and not a Linear.")
        return rows(self.arriving(name)[0], self.tensors[name], weight, bias)

    def written(self, name: str) -> Written:
        """The formula of each value of a row where it has few numbers. Raises LookError for other rows."""
        layer = self._layer(name)
        module, sources = self.modules[name], self.network.before(name)
        found = written_out(layer, module, self.tensors, sources, self.tensors[name])
        if found is None:
            raise LookError(f"{name} is a {layer.type}, whose values take more than a formula of few numbers.")
        return found

    def window(self, name: str, unit: tuple[int, ...]) -> Window:
        """How the value at `unit` of a row's output comes about: (channel, row, column) of a Conv2d's.

        Raises LookError for rows of which nothing is written out, and for a unit that the output does not have.
        """
        shape = tuple(self.tensors[name].shape) if name in self.tensors else ()
        here = self.rows(name) if isinstance(self._layer(name), Linear) else self.field(name)
        if len(unit) != len(shape) or not all(0 <= at < size for at, size in zip(unit, shape, strict=True)):
            raise LookError(f"{name} outputs {'×'.join(map(str, shape))}; it has no value at {unit}.")
        return here.window(here.position(unit, shape), unit[-1]) if isinstance(here, Rows) else here.window(unit)

    def _layer(self, name: str) -> Layer:
        if name not in self.modules:
            raise LookError(f"This network has no layer {name}.")
        return self.network[name]

    def _weight_and_bias(self, name: str) -> tuple[Tensor | None, Tensor | None]:
        made = self.modules[name]
        weight, bias = (_parameter(made, each) if _has(made, each) else None for each in ("weight", "bias"))
        return weight, bias


def look(network: Network, image: Any, seed: int = 0, weights: Mapping[str, Any] | None = None) -> Inside:
    """Run one sample through the network's module, freshly initialised from `seed`.

    `image` is an array of the input's shape, without batch axis; with several inputs, a mapping from their names to
    such arrays. `weights` replaces fresh values: keys are those of the module's state_dict ("conv1.weight"), and those
    that it leaves out stay as they are. Nothing is trained, and the module is in evaluation mode. Raises LookError.
    """
    if wrong := complaint(trace(network)):
        raise LookError(wrong)
    given = as_batch(network, image)
    return _run(network, prepared(network, seed, weights), given)


def prepared(network: Network, seed: int = 0, weights: Mapping[str, Any] | None = None) -> nn.Module:
    """The network's module in evaluation mode, with those weights in place of fresh ones. Raises LookError."""
    made = module(network, seed).eval()
    if weights:
        _fill(made, weights)
    return made


def up_to(network: Network, name: str) -> Network:
    """The rows up to that one, whose fresh weights are the same as in the whole network with the same seed."""
    return network.first(network.index(name) + 1)


def complaint(traced: Trace) -> str:
    """Why a network is not looked into, as a sentence; "" where it is. Nothing is built for it."""
    if not traced.steps:
        return "There is no layer yet."
    last = traced.steps[-1]
    if traced.error is not None:
        return f"{last.name} does not run: {traced.error.message}"
    if unknown := complaint_about_running(traced.network.layers):
        return unknown
    for limit, found in zip((limits.INSIDE_VALUES, limits.INSIDE_OPERATIONS), cost(traced), strict=True):
        if found > limit.most:
            return limit.sentence(name=last.name, found=found)
    return ""


def cost(traced: Trace) -> tuple[int, int]:
    """Values that one sample needs in memory, and multiply-accumulates or reads, at most."""
    values = traced.parameters + sum(prod(given.shape) for given in traced.network.inputs)
    operations = 0
    for step in traced.steps:
        made = sum(map(prod, step.output_shapes))
        values += made + step.layer.scratch(*step.input_shapes)
        operations += max(step.macs, made * _reads(step))
    return values, operations


def _reads(step: Step) -> int:
    return workload.reads(step.layer, step.input_shapes, step.output_shapes[0]) if step.input_shapes else 1


def as_batch(network: Network, image: Any) -> dict[str, Tensor]:
    """The sample as a tensor for each input, checked; each has a batch of one. Raises LookError."""
    names = [given.name for given in network.inputs]
    arrays = dict(image) if isinstance(image, Mapping) else {names[0]: image}
    if missing := [name for name in names if name not in arrays]:
        raise LookError(f"This network also reads {missing[0]}; give an array for each of {', '.join(names)}.")
    given = {}
    for each in network.inputs:
        kind = torch.float32 if each.kind == "values" else torch.int64
        shape = tuple(arrays[each.name].shape) if isinstance(arrays[each.name], Tensor) else None
        if shape is not None and shape != each.shape:
            raise LookError(_misfit(each.name, each.shape, shape))
        try:
            tensor = torch.as_tensor(arrays[each.name], dtype=kind, device="cpu").detach()
        except (TypeError, ValueError, RuntimeError) as error:
            raise LookError(f"{each.name} expects an array of {each.shape}.") from error
        if tuple(tensor.shape) != each.shape:
            raise LookError(_misfit(each.name, each.shape, tuple(tensor.shape)))
        high = each.high
        if high is not None and tensor.numel() and not 0 <= int(tensor.min()) <= int(tensor.max()) < high:
            raise LookError(f"{each.name} expects indices from 0 to {high - 1:,}.")
        given[each.name] = tensor[None]
    return given


def _misfit(name: str, wanted: Shape, found: Shape) -> str:
    return f"{name} expects {'×'.join(map(str, wanted))}, but gets {'×'.join(map(str, found)) or 'one number'}."


def _fill(made: nn.Module, weights: Mapping[str, Any]) -> None:
    """Put the values into the module. Raises LookError for a name or a shape that it does not have."""
    known = made.state_dict()
    for name, values in weights.items():
        if name not in known:
            raise LookError(f"The module has no {name}.")
        tensor = torch.as_tensor(values, dtype=known[name].dtype)
        if tensor.shape != known[name].shape:
            raise LookError(_misfit(name, tuple(known[name].shape), tuple(tensor.shape)))
        known[name].copy_(tensor)


@contextmanager
def refusals() -> Iterator[None]:
    """What torch says of one sample that it does not run, though an empty batch ran, as a LookError."""
    try:
        yield
    except (RuntimeError, ValueError, IndexError) as error:
        raise LookError(f"PyTorch could not run this sample: {str(error).splitlines()[0][:200]}") from error


@torch.no_grad()
def _run(network: Network, made: nn.Module, given: Mapping[str, Tensor]) -> Inside:
    """Call the module once. Hooks see what each row's module gives, in the order of the rows."""
    modules, seen = called(made), list[Any]()

    def keep(_module: nn.Module, _inputs: Any, result: Any) -> None:
        seen.append(_copied(result))  # a later row may work in place

    hooks = [one.register_forward_hook(keep) for one in {id(each): each for each in modules.values()}.values()]
    try:
        with refusals():
            made(*map(torch.clone, given.values()))  # a row may work in place
    finally:
        for hook in hooks:
            hook.remove()
    tensors = {name: tensor[0] for name, tensor in given.items()}
    for layer, result in zip(network.layers, seen, strict=True):
        tensors.update(_named(layer.name, layer.ports, layer.unpack(result)))
    return Inside(network, tensors, modules)


def _copied(result: Any) -> Any:
    if isinstance(result, Tensor):
        return result.detach().clone()
    return type(result)(map(_copied, result)) if isinstance(result, tuple | list) else result


def _named(name: str, ports: tuple[str, ...], made: Tensors) -> Iterator[tuple[str, Tensor]]:
    """What a row gives by the names that other rows read it by: the first output goes by the row's name alone."""
    yield name, made[0][0]
    for port, tensor in zip(ports[1:], made[1:], strict=False):
        yield f"{name}:{port}", tensor[0]


def _has(made: nn.Module, name: str) -> bool:
    return isinstance(getattr(made, name, None), Tensor)


def _parameter(made: nn.Module, name: str) -> Tensor:
    found: Tensor = getattr(made, name)
    return found.detach()
