"""What the mistakes are made with: two convolutions and the first Linear layer of a network."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

import torch
from torch import nn

from layerscope.layers.base import Shape, per_axis
from layerscope.mistakes.mistake import Call, UnsuitableError
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.tracing import trace

LARGEST_INPUT, LARGEST_COST = 2**22, 2**25
"""Values of an input, and multiply-accumulates for a sample, that are really run through a layer."""
_TAKEN = {"torch", "nn", "F", "images", "image", "maps", "rows", "labels", "scores", "after"}


@dataclass(frozen=True)
class Subject:
    """A network seen as the place of mistakes. `lacks` says what it needs for that."""

    network: Network

    @cached_property
    def first(self) -> Step:
        """The first Conv2d: the one that the images reach."""
        return next(step for step in trace(self.network).steps if step.type == "Conv2d")

    @cached_property
    def wide(self) -> Step:
        """The first Conv2d that more than one channel reaches and that is not cut into groups."""
        steps = [step for step in trace(self.network).steps if step.type == "Conv2d"]
        whole = [step for step in steps if step.arguments["groups"] == 1]
        return next((step for step in whole if step.input_shape[0] > 1), whole[0])

    @cached_property
    def linear(self) -> Step:
        """The first Linear after the Flatten."""
        steps = trace(self.network).steps
        place = next(place for place, step in enumerate(steps) if step.type == "Flatten")
        return next(step for step in steps[place:] if step.type == "Linear")

    @cached_property
    def maps(self) -> Shape:
        """What reaches the Flatten: (C, H, W)."""
        return next(step for step in trace(self.network).steps if step.type == "Flatten").input_shape

    @property
    def length(self) -> int:
        return prod(self.maps)

    @property
    def classes(self) -> int:
        """At most ten, so that what is run stays small."""
        return min(self.network.classes or 10, 10)

    @cached_property
    def conv(self) -> Call:
        """The first convolution as the network has it, without what is torch's default."""
        return _call(self.first)

    @cached_property
    def plain(self) -> Call:
        """A convolution of the wide one's channels and kernel, and nothing else."""
        channels = self.wide.input_shape[0] if self.wide.input_shape[0] > 1 else 3
        kernel = self.wide.arguments["kernel_size"]
        return Call(nn.Conv2d, (channels, self.wide.arguments["out_channels"]), (("kernel_size", kernel),))

    @property
    def kernel(self) -> tuple[int, int]:
        """Height and width of the wide convolution's kernels."""
        height, width = per_axis(self.wide.arguments["kernel_size"], 2)
        return height, width

    @cached_property
    def uncounted(self) -> tuple[Shape, str]:
        """Maps that somebody counts who overlooks a pooling layer, and that layer's name ("" for a forgotten side)."""
        steps = trace(self.network).steps
        place = steps.index(self.linear)
        for step in reversed(steps[:place]):
            shape = step.input_shape
            if step.layer.stem == "pool" and shape[0] == self.maps[0] and prod(shape) != self.length:
                return shape, step.name
        channels, height, width = self.maps
        return ((channels, height), "") if width > 1 else ((channels, 2, 2), "")


def lacks(network: Network) -> str:
    """What a network needs for the mistakes to be made with it, as a clause; "" where it has all."""
    if not network.is_chain:
        return "it branches, and this lesson needs layers that run one after another"
    steps = trace(network).steps
    types = [step.type for step in steps]
    behind = types[types.index("Flatten") :] if "Flatten" in types else []
    if len(network.input_shape) != 3 or "Conv2d" not in types or "Linear" not in behind:
        return "it has no Conv2d on images with a Flatten and a Linear layer after it"
    subject = Subject(network)
    whole = [step for step in steps if step.type == "Conv2d" and step.arguments["groups"] == 1]
    if not whole or len(subject.maps) != 3 or subject.maps[0] == 1 or subject.linear.input_shape != (subject.length,):
        return "it has no plain Conv2d, or does not flatten several maps into one row"
    if prod(network.input_shape) > LARGEST_INPUT or max(subject.maps[1:]) > 48:
        return "its images are too large to be run here"
    return ""


def named(step: Step) -> str:
    """The layer's name as a variable, unless the code needs that name for something else."""
    return "layer" if step.name in _TAKEN else step.name


def sample(shape: Shape, cost: int = 0, batch: int = 2) -> torch.Tensor:
    """A batch of `shape` to run; an empty one where running it would cost much, for the shape comes out the same."""
    if prod(shape) > LARGEST_INPUT:
        raise UnsuitableError("its images are too large to be run here")
    return torch.zeros(batch if cost < LARGEST_COST else 0, *shape)


def _call(step: Step) -> Call:
    values = step.arguments
    usual = type(step.layer).usual
    wanted = ("kernel_size", "stride", "padding", "dilation", "groups", "bias")
    rest = {name: values[name] for name in wanted if name == "kernel_size" or values[name] != usual(name)}
    return Call(nn.Conv2d, (values["in_channels"], values["out_channels"]), tuple(rest.items()))
