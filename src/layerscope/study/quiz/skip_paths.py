"""The skip connections of a network, and the convolutions of 1 × 1 that stand on them."""

from dataclasses import dataclass

from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.layers.normalization import BatchNorm2d
from layerscope.steps import Step
from layerscope.study.quiz.subject import Subject

Projection = tuple[int, int, int, int]
"""in_channels, out_channels, kernel_size and stride of a convolution without padding."""


@dataclass(frozen=True)
class Skip:
    """A skip connection: from the row or input `source` to the second or first input of the sum `add`.

    `layers` stand on it: none, or a convolution of 1 × 1 and perhaps a BatchNorm2d. `main` is the sum's other input.
    """

    add: Step
    source: str
    main: str
    layers: tuple[Step, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """What the skip connection begins with."""
        return self.layers[0].input_shape if self.layers else self.add.input_shape

    @property
    def parameters(self) -> int:
        return sum(step.parameters for step in self.layers)


def skips(subject: Subject) -> list[Skip]:
    """The skip connections around one way or more layers, of sums of two inputs of one shape."""
    found = []
    for add in subject.steps:
        if add.type != "Add" or len(add.parents) != 2 or set(add.input_shapes) != {add.output_shape}:
            continue
        here = [skip for place in (0, 1) if (skip := _skip(subject, add, place)) is not None]
        found += here if len(here) == 1 else []  # of two alike, which is the main path?
    return found


def _skip(subject: Subject, add: Step, place: int) -> Skip | None:
    layers: tuple[Step, ...] = ()
    last, source = add.parents[place], add.sources[place]
    if last is not None and isinstance(last.layer, BatchNorm2d) and last.previous and _projects(last.previous):
        layers = (last.previous, last)
    elif last is not None and _projects(last):
        layers = (last,)
    if layers:
        source = layers[0].sources[0]
    other, main = add.parents[1 - place], add.sources[1 - place]
    if other is None or source == main:
        return None
    above = {other.name, *subject.network.ancestors(other.name)}
    reaches = any(source in subject.network.before(name) for name in above)
    return Skip(add, source, main, layers) if reaches else None


def _projects(step: Step) -> bool:
    """Whether it is a convolution of 1 × 1 of all channels, with one stride along all axes."""
    layer = step.layer
    if not isinstance(layer, (Conv1d, Conv2d, Conv3d)) or layer.of or step.arguments["groups"] != 1:
        return False
    strides = step.arguments["stride"]
    bare = step.arguments["padding"] in (0, (0,) * layer.dims, "valid")
    return set((step.weight_shape or (1,))[2:]) == {1} and bare and (type(strides) is int or len(set(strides)) == 1)


def projection_of(conv: Step) -> Projection:
    """A convolution of 1 × 1 in numbers."""
    stride = conv.arguments["stride"]
    return (conv.input_shape[0], conv.arguments["out_channels"], 1, stride if type(stride) is int else stride[0])


def code_of(value: Projection, dims: int) -> str:
    """Such a convolution as code."""
    arriving, width, kernel, stride = value
    strided = f", stride={stride}" if stride > 1 else ""
    return f"nn.Conv{dims}d({arriving}, {width}, kernel_size={kernel}{strided})"
