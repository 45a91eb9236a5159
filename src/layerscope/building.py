"""A network as the real nn.Module that it stands for, freshly initialised."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.overrides import TorchFunctionMode

from layerscope import wiring
from layerscope.layers.base import Layer
from layerscope.layers.learned import Parameter
from layerscope.layers.opaque import complaint_about_running
from layerscope.network import Network
from layerscope.source.attributes import attribute
from layerscope.steps import Step, Trace
from layerscope.ties import named
from layerscope.tracing import trace
from layerscope.unfilled import Unfilled
from layerscope.wiring import Source


class BuildError(ValueError):
    """A network that gives no module; the message is a sentence for the user."""


def module(network: Network, seed: int = 0) -> nn.Module:
    """The network's module, with other modules in it by their paths: "layer1.0.conv1.weight" is in its state_dict.

    `forward` takes one tensor for each of the network's inputs, in their order, with the batch as the first axis, and
    returns the output, or a tuple where the network has several. A module that is called several times is there once,
    and a tensor that several modules hold is one tensor. The values are those of the same code after
    `torch.manual_seed(seed)`; the random state of this program stays as it is. Raises BuildError where the network does
    not run, or holds rows that were only measured.
    """
    traced = sound(network)
    with torch.device("cpu"), _Draws(seed):
        return Built(traced)


def unfilled(layer: Layer, arguments: dict[str, Any]) -> nn.Module:
    """The module of one layer, with whatever its memory holds as weights."""
    with torch.device("cpu"), Unfilled():
        return layer.torch_class(**arguments)


def unfilled_module(traced: Trace) -> "Built":
    """The module of what was traced to its end, with whatever its memory holds as weights: for questions about it.

    Under a mode of fake tensors it takes no memory at all.
    """
    with torch.device("cpu"), Unfilled():
        return Built(traced)


def sound(network: Network) -> Trace:
    """The walk through a network of which a module can be built. Raises BuildError where none can."""
    if unknown := complaint_about_running(network.layers):
        raise BuildError(unknown)
    traced = trace(network)
    if traced.error is not None:
        raise BuildError(f"{traced.steps[-1].name} does not run: {traced.error.message}")
    return traced


def called(built: nn.Module) -> dict[str, nn.Module]:
    """The module that each row of a module of ours calls, by the row's name, in the order in which they are called.

    Rows that call another row's module again have the same one. Each is called just once for each of its rows.
    """
    assert isinstance(built, Built)
    return {call.layer.name: call.module for call in built._calls}


def rows_in_turn(built: nn.Module) -> dict[nn.Module, Iterator[str]]:
    """The rows that each module of a module of ours is called for, one after the other in a forward pass."""
    modules = called(built)
    return {part: iter([row for row in modules if modules[row] is part]) for part in modules.values()}


@dataclass(frozen=True)
class _Call:
    """One row: its module and what it reads."""

    layer: Layer
    module: nn.Module
    sources: tuple[Source, ...]
    owner: nn.Module | None = None
    """Whose tensor a Parameter is, which is not a module of its own in torch; `key` is its name there."""
    key: str = ""

    def outputs(self, tensors: Iterable[Tensor], batch: int) -> tuple[Tensor, ...]:
        """What the row gives, one tensor for each port; the batch is the first axis of everything."""
        if self.owner is not None:
            values: dict[str, Tensor] = {"weight": self.owner.get_parameter(self.key)}
            return (functional_call(self.module, values, (batch,)),)
        return self.layer.unpack(self.layer.call(self.module, *tensors))


class Built(nn.Module):
    """Calls its parts in the network's order. It is made where and as torch's defaults say; `module` fixes them."""

    def __init__(self, traced: Trace) -> None:
        super().__init__()
        network = traced.network
        self._inputs = tuple(given.name for given in network.inputs)
        names = network.output_names
        self._is_tuple = len(names) > 1
        self._outputs = tuple(wiring.source(network.layers, (), name) for name in names) or (Source(-1, 0),)
        self._unread: dict[int, list[int]] = {}
        """By the place of a row: the rows that nobody reads after it."""
        self._calls: tuple[_Call, ...] = ()
        calls: dict[str, _Call] = {}
        for step, sources in zip(traced.steps, network.wiring, strict=True):
            calls[step.name] = self._call(step, sources, calls)
        self._calls = tuple(calls.values())
        last = {source.row: place for place, call in enumerate(self._calls) for source in call.sources}
        kept = {source.row for source in self._outputs}
        for row, place in last.items():
            if row not in kept:
                self._unread.setdefault(place, []).append(row)

    def forward(self, *inputs: Tensor) -> Any:
        if len(inputs) != len(self._inputs):
            wanted = ", ".join(self._inputs)
            raise TypeError(f"forward() expects one tensor for each of {wanted}, but gets {len(inputs)}")
        made: dict[int, tuple[Tensor, ...]] = {}
        for _ in self.running(inputs, made):
            pass
        results = tuple(made[row][port] for row, port in self._outputs)
        return results if self._is_tuple else results[0]

    def running(self, inputs: Sequence[Tensor], made: dict[int, tuple[Tensor, ...]]) -> Iterator[int]:
        """Call the rows one after the other, and stop after each at its place. `made` holds what is still wanted."""
        made.update({~place: (tensor,) for place, tensor in enumerate(inputs)})
        for place, call in enumerate(self._calls):
            made[place] = call.outputs([made[row][port] for row, port in call.sources], len(inputs[0]))
            yield place
            for row in self._unread.get(place, ()):
                del made[row]

    def sources(self, place: int) -> tuple[Source, ...]:
        """What the row at `place` reads."""
        return self._calls[place].sources

    def _call(self, step: Step, sources: tuple[Source, ...], calls: Mapping[str, _Call]) -> _Call:
        layer = step.layer
        if layer.of:
            shared = calls[layer.of]
            return _Call(layer, shared.module, sources, shared.owner, shared.key)
        made = layer.torch_class(**step.arguments)
        owner, key = self._place(step.name)
        if not isinstance(layer, Parameter):
            owner.add_module(key, made)
            for tensor, name in named(layer):
                setattr(made, tensor, calls[name].module.get_parameter(tensor))
            return _Call(layer, made, sources)
        owner.register_parameter(key, made.get_parameter("weight"))
        return _Call(layer, made, sources, owner, key)

    def _place(self, path: str) -> tuple[nn.Module, str]:
        """The module that a path ends in, made where there is none, and a name that is free there."""
        owner: nn.Module = self
        *blocks, name = map(attribute, path.split("."))
        for block in blocks:
            if block not in owner._modules:
                block = _free(owner, block)
                owner.add_module(block, nn.Module())
            owner = owner.get_submodule(block)
        return owner, _free(owner, name)


def _free(owner: nn.Module, name: str) -> str:
    """The name, with underscores where the module has something else under it."""
    while hasattr(owner, name):
        name += "_"
    return name


class _Draws(TorchFunctionMode):
    """Lets torch's initialisation draw from a generator of its own instead of the one that all threads share."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._generator = torch.Generator().manual_seed(seed)

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, arguments: tuple[Any, ...] = (), named: Any = None
    ) -> Any:
        named = dict(named or {})
        if "generator" in named and named["generator"] is None:
            named["generator"] = self._generator
        return function(*arguments, **named)
