"""The network that questions are about, and what the templates ask of it again and again."""

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass
from functools import cached_property, reduce
from typing import NamedTuple

from layerscope.catalogue import GROUPS
from layerscope.explain import is_flattening, value_text
from layerscope.formula import Formula
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from layerscope.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.tracing import trace

CONVOLUTIONS = (Conv1d, Conv2d, Conv3d)
TRANSPOSED = (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
POOLS = (MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d)
KEEPING: tuple[type[Layer], ...] = (*GROUPS["Activation"], *GROUPS["Regularization"], BatchNorm2d)
"""Layers that leave the shape as it is, whatever the size of the maps."""
WIDTHS = ("in_channels", "out_channels", "in_features", "out_features", "num_features")


@dataclass(frozen=True)
class Subject:
    """A network and its trace. `steps` are the layers that run."""

    network: Network

    @cached_property
    def trace(self) -> Trace:
        return trace(self.network)

    @cached_property
    def runs(self) -> bool:
        """Whether the whole network runs."""
        return self.trace.error is None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.trace.steps if step.error is None)

    @cached_property
    def owners(self) -> tuple[Step, ...]:
        """The layers with weights of their own: those of a row that shares another's are asked about once."""
        return tuple(step for step in self.steps if not step.layer.of and not step.layer.tied)

    @cached_property
    def convolutions(self) -> tuple[Step, ...]:
        return tuple(step for step in self.owners if isinstance(step.layer, CONVOLUTIONS))

    @cached_property
    def transposed(self) -> tuple[Step, ...]:
        return tuple(step for step in self.owners if isinstance(step.layer, TRANSPOSED))

    @cached_property
    def linears(self) -> tuple[Step, ...]:
        """The Linear layers at which vectors arrive."""
        return tuple(step for step in self.owners if isinstance(step.layer, Linear) and len(step.input_shape) == 1)

    @cached_property
    def pools(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if isinstance(step.layer, POOLS))

    @cached_property
    def weighted(self) -> tuple[Step, ...]:
        """Convolutions, transposed ones too, and Linear layers in order."""
        every = (*self.convolutions, *self.transposed, *self.linears)
        return tuple(sorted(every, key=lambda step: self.network.index(step.name)))

    @cached_property
    def bridge(self) -> tuple[Step, Step] | None:
        """The Flatten that makes vectors of maps of (C, H, W), and the Linear layer that takes them."""
        for flatten in self.steps:
            if not is_flattening(flatten):
                continue
            after = next((s for s in self.line_after(flatten) if not isinstance(s.layer, KEEPING)), None)
            fits = len(flatten.input_shape) == 3 and flatten.layer.chosen["start_dim"] == 1
            return (flatten, after) if fits and after in self.linears and after is not None else None
        return None

    @property
    def takes_images(self) -> bool:
        """Whether the only input is (C, H, W)."""
        return len(self.network.inputs) == 1 and len(self.network.input_shape) == 3

    def up_to(self, step: Step) -> tuple[Step, ...]:
        """The layers from the network's input to that one; empty where something joins on the way."""
        if self.network.is_chain:
            return self.steps[: self.steps.index(step) + 1]
        way: list[Step] = []
        while len(step.parents) == 1 and not step.layer.of:
            way.insert(0, step)
            if step.previous is None:
                return tuple(way)
            step = step.previous
        return ()

    def line_after(self, step: Step) -> tuple[Step, ...]:
        """The layers after that one, as far as each is read by the next one only, and reads nothing else."""
        if self.network.is_chain:
            return self.steps[self.steps.index(step) + 1 :]
        line: list[Step] = []
        names = {given.name: given for given in self.steps}
        while len(readers := self.network.users(step.name)) == 1 and step.name not in self.network.output_names:
            after = names.get(readers[0])
            if after is None or len(after.parents) != 1 or after.layer.of or step.layer.ports:
                break
            line.append(after)
            step = after
        return tuple(line)

    def is_free(self, step: Step) -> bool:
        """Whether the network still runs with twice the width of a layer: no sum asks for the width that it has."""
        if self.network.is_chain:
            return True
        name = "out_features" if "out_features" in step.arguments else "out_channels"
        if step.name == self.network.head:
            return False
        return trace(self.network.with_argument(step.name, name, 2 * step.arguments[name])).error is None


def weight_sizes(step: Step) -> tuple[int, ...]:
    """The outputs of a layer, for each the inputs that it is made of, and the sides of the kernel.

    That is the order of the weight's axes, except for transposed convolutions, which keep the inputs first.
    """
    if not isinstance(step.layer, TRANSPOSED):
        return step.weight_shape or (1, 1)
    arriving, width, *kernel = step.weight_shape or (1, 1)
    groups = step.arguments["groups"]
    return (width * groups, arriving // groups, *kernel)


class Window(NamedTuple):
    """How a layer slides along one axis: `size` arrives, `cover` = d(k - 1) + 1, `pads` is both sides together."""

    size: int
    kernel: int
    dilation: int
    stride: int
    pads: int

    @property
    def cover(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def leaving(self) -> int:
        """The size that leaves."""
        return (self.size + self.pads - self.cover) // self.stride + 1


def window(step: Step, axis: int) -> Window:
    """The window of a convolution or pooling along a spatial axis, counted from 0."""
    n = dict(step.layer.output_formulas(step.input_shape)[axis + 1].numbers)
    pads = 2 * n["p"] if "p" in n else n["p_left"] + n["p_right"]
    return Window(n["i"], n["k"], n["d"], n["s"], pads)


def without(network: Network, names: Iterable[str]) -> Network:
    """The network without those layers; what read one of them reads what it read."""
    return reduce(Network.remove, names, network)


def is_plain(step: Step) -> bool:
    """Whether the size that leaves depends on the input size by the usual formula, or not at all."""
    layer = step.layer
    if isinstance(layer, KEEPING):
        return True
    if isinstance(layer, POOLS):
        return layer.chosen["ceil_mode"] is False
    return isinstance(layer, CONVOLUTIONS) and layer.padding_mode == "zeros"


def slides(step: Step) -> bool:
    """Whether the layer is a convolution or a pooling."""
    return isinstance(step.layer, (*CONVOLUTIONS, *POOLS))


def differing(before: Trace, after: Trace) -> tuple[tuple[str, str], ...]:
    """The arguments, as (layer, name), that are not the same in two traces of layers of the same names."""
    return tuple(
        (new.name, name)
        for old, new in zip(before.steps, after.steps, strict=False)
        for name, value in new.arguments.items()
        if old.arguments[name] != value
    )


def call(step: Step, positional: Iterable[str] = WIDTHS, without: Iterable[str] = ()) -> str:
    """How the layer is made: nn.Conv2d(6, 12, kernel_size=5). Arguments at torch's default are left out."""
    parts = list(_arguments(step, tuple(positional), tuple(without)))
    return f"nn.{step.type}({', '.join(parts)})"


def _arguments(step: Step, positional: tuple[str, ...], without: tuple[str, ...]) -> Iterator[str]:
    bare = True
    for name, value in step.arguments.items():
        if name in without or (value == _default(step, name) and value is not MISSING):
            continue
        bare = bare and name in positional  # nothing stands bare behind a keyword
        yield value_text(value) if bare else f"{name}={value_text(value)}"


def _default(step: Step, name: str) -> object:
    field = type(step.layer).__dataclass_fields__.get(name)
    return MISSING if field is None else field.default


def made(step: Step, without: Iterable[str] = ()) -> str:
    """The layer with its name: conv2 = nn.Conv2d(6, 12, kernel_size=5)."""
    return f"{step.name} = {call(step, without=without)}"


def worked(formula: Formula) -> str:
    """A formula in letters, with its numbers, and its value: C_out·C_in = 12·6 = 72."""
    return f"{formula.symbols} = {formula.filled} = {formula.value:,}"
