"""What every layer type has in common.

A layer type is one frozen dataclass under torch's own name. Its fields are the arguments that a user chooses, with
torch's names and defaults; what the data decides is not stored but computed from the input shape.

Shapes never hold the batch axis: (C, H, W) for images, (C, L) for sequences, (C, D, H, W) for volumes, (F,) for
vectors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, ClassVar, Literal, NamedTuple

from torch import Tensor, nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.configuration import Configuration
from layerscope.layers.kept import Kept, in_place
from layerscope.layers.one_value import Branch, as_it_is
from layerscope.receptive import SAME, Reach

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]
Wants = tuple[bool, ...]
"""Of which inputs a gradient is wanted: not of what nothing learnable has touched."""

FROM_LAST_AXIS = frozenset(
    {"in_features", "normalized_shape", "input_size", "embed_dim", "kdim", "vdim", "d_model", "in1_features",
     "in2_features"}
)  # fmt: skip
"""The arguments that count what lies along the last axis of an input; others that an input decides count channels."""

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}

NEEDS_AN_AXIS = "needs an axis besides the batch but gets one number per sample; Unsqueeze adds an axis."


class Product(NamedTuple):
    """A product of two matrices, rows × inner and inner × columns, so many times."""

    rows: int
    inner: int
    columns: int
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class Layer(Configuration):
    """One row of a network: a name, what it reads, and the arguments that the user chose.

    Subclasses state their torch class, which arguments the input decides, and the closed formulas that stand beside
    torch's answer. Methods that ask about shapes are called with one shape for each input: a layer with one input
    takes `shape`, one with several takes `*shapes`.
    """

    takes: ClassVar[tuple[int, int]] = (1, 1)
    """The fewest and the most inputs."""
    wants: ClassVar[Literal["values", "indices", "either"]] = "values"
    """What the inputs hold: values to compute with, or indices, which are whole numbers that name entries."""
    passes_kind: ClassVar[bool] = False
    """Whether indices leave where indices arrive, as from layers that only move them."""
    features_last: ClassVar[bool | None] = None
    """Whether the last axis of the output holds the features of a place, as in a sequence; None: as in the input."""
    acts_on_features: ClassVar[bool] = False
    """Whether it works on the last axis alone: where the features of a place stand there, that is what is meant, and
    `warning` has nothing to say."""
    multiplies: ClassVar[bool] = False
    """Whether torch counts multiply-accumulates for it."""
    head: ClassVar[str | None] = None
    """The argument that becomes the number of classes when this is the last layer with weights."""
    dims: ClassVar[int] = 0
    """Number of spatial axes the layer works on; 0 where any shape will do."""
    keeps_channels: ClassVar[bool] = True
    """Whether as many channels leave as arrive."""
    has_parts: ClassVar[bool] = False
    """Whether the module is made of other modules with weights."""
    repeats: ClassVar[dict[str, str]] = {}
    """The arguments that say how many equal modules stand in a row, with the list in the module that holds them. Each
    takes what it gives, so that torch is asked of one, whose weights and products then count so many times."""

    keeps: ClassVar[Kept | None] = None
    """What it keeps for the backward pass whatever arrives; None where `kept` tells, or only torch does."""
    result_tells: ClassVar[bool] = False
    """Whether its slope follows from its result too, so that one which overwrites its input needs no copy of it."""

    lowers: ClassVar[bool] = False
    """Whether autocast computes it in the smaller type, with copies of its inputs and weights in that type."""
    widens: ClassVar[bool] = False
    """Whether autocast computes it in float32 whatever arrives."""
    hands_on: ClassVar[bool] = False
    """Whether the gradients of its inputs are that of its output, or parts of it: they take no memory of their own."""
    only_trains: ClassVar[bool] = False
    """Whether it hands on its input once training is over."""

    has_workspace: ClassVar[bool] = False
    """Whether torch's kernel on the CPU keeps a workspace while it trains, which only a real run shows."""

    @property
    def makes_indices(self) -> bool:
        """Whether indices leave whatever arrives, as from a function that tells where the largest value stands."""
        return False

    @property
    def ports(self) -> tuple[str, ...]:
        """The names of the outputs, such as ("output", "h_n"); empty where there is just one."""
        return ()

    @property
    def origin(self) -> str:
        """Where a row comes from that holds nothing to choose, in sentences; empty where values are chosen."""
        return ""

    @property
    def batch_axis(self) -> int:
        """The axis of the batch in what the module itself takes and gives; `call` and `unpack` have it in front."""
        return 0

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        """What the module makes of its inputs, whose first axis is the batch."""
        return module(*tensors)

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        """One tensor for each port of what `call` gave, the batch on its first axis."""
        return (result,)

    def input_of(self, argument: str) -> int:
        """Which input decides `argument`, one of `decides`."""
        return 0

    def arguments(self, *shapes: Shape) -> dict[str, Any]:
        """Everything passed to torch's constructor for inputs of these shapes, in torch's order."""
        values = (
            self.__dict__ | self.decided(*shapes) if all(shapes) else self.__dict__
        )  # a bare number decides nothing
        return {name: values[name] for name in self._written() if name in values}

    def decided(self, shape: Shape, /) -> dict[str, Any]:
        """The arguments that `shape` decides."""
        return dict.fromkeys(self.decides, shape[0]) if self.decides else {}

    def complaint(self, *shapes: Shape) -> str | None:
        """A sentence about why the layer cannot work on its inputs, as far as we can tell without torch."""
        axes = self.values_per_parameter(*shapes)
        here = self.__dict__
        for name, parameter, default in self._meanings():
            value = here[name]
            if value is not default and (wrong := parameter.complaint(name, value, axes)):
                return wrong
        if self.decides and not all(shapes):
            return f"{self.type} {NEEDS_AN_AXIS}"
        return self.rank_complaint(*shapes) or self.misfit(*shapes)

    @property
    def has_sound_values(self) -> bool:
        """Whether each argument is of its kind and within its bounds, whatever arrives."""
        return not any(
            known.complaint(name, self.__dict__[name], self.dims) for name, known in self.parameters().items()
        )

    def values_per_parameter(self, shape: Shape, /) -> int:
        """How many values an argument has that is given per axis, when `shape` arrives."""
        return self.dims

    def rank_complaint(self, shape: Shape, /) -> str | None:
        """A sentence where the number of axes is wrong."""
        if not self.dims or len(shape) == self.dims + 1:
            return None
        wanted = ", ".join(("channels", *AXES[self.dims]))
        return f"{self.type} expects ({wanted}) but gets {arrival(shape)}."

    def misfit(self, shape: Shape, /) -> str | None:
        """A sentence where each argument is sound but they do not fit `shape` or each other."""
        return None

    def joins_places(self, *shapes: Shape) -> bool:
        """Whether it computes across the places of an input whose last axis holds the features of each."""
        return bool(self.features_last)

    def beyond(self, high: int) -> str | None:
        """A sentence where indices from 0 to `high` - 1 are too large to be looked up."""
        return None

    def prepare(self, module: nn.Module, shape: Shape, /) -> None:
        """Adapt a freshly built module where the zero-batch question would otherwise mislead."""
        return None

    def asked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`arguments` without those that torch only remarks on, for a module that is asked and not used."""
        return arguments

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product] | None:
        """The matrix products that `module` computes for one sample; None where torch's own counter has to watch.

        Of the modules that `repeats` names it has one each.
        """
        return None

    @property
    def moves(self) -> bool:
        """Whether each output cell is one input cell's copy, or padding."""
        return self.passes_kind

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        """How each value of the output comes about, where that is a formula of few numbers; nothing where it isn't."""
        if self.only_trains:
            return as_it_is("x, which it leaves as it is once training is over")
        return as_it_is() if self.moves else ()

    def output_formulas(self, shape: Shape, /) -> tuple[Formula, ...]:
        """One closed formula for each axis of the output, the first axis first."""
        return unchanged(shape)

    def shown(self, shape: Shape) -> Shape:
        """The shape of an output as it is told to people."""
        return shape

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        """The closed formulas of every output, in the order of `ports`."""
        return (self.output_formulas(*shapes),)

    def parameter_formula(self, shape: Shape, /) -> Formula | None:
        """The closed formula for the number of weights and biases; None where there are none."""
        return None

    def mac_formula(self, shape: Shape, output_shape: Shape, /) -> Formula | None:
        """The closed formula for the multiply-accumulates of one sample, bias not counted."""
        return None

    def tables(self, shape: Shape, /) -> int:
        """Cells that torch fills for this layer whatever the batch, so for an empty one too."""
        return 0

    def scratch(self, shape: Shape, /) -> int:
        """Cells of the largest tensor that torch makes between input and output, for one sample."""
        return 0

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        """What the layer keeps for the backward pass while it trains; None where only torch can tell."""
        if self.keeps is not None and self.__dict__.get("inplace"):
            return in_place(self.keeps, self.result_tells, prod(shapes[0]))
        return self.keeps

    def reach(self, shape: Shape, /) -> Reach:
        """Which input cells an output cell sees along each spatial axis."""
        return SAME

    def warning(self, shape: Shape, /) -> str | None:
        """A sentence about something that torch accepts in silence but few people want."""
        return None


@lru_cache(maxsize=1024)
def unchanged(shape: Shape) -> tuple[Formula, ...]:
    """The formulas of a layer that leaves every axis as it is."""
    return tuple(map(_same, axis_names(shape), shape))


@lru_cache(maxsize=1024)
def _same(axis: str, size: int) -> Formula:
    return Formula(f"output {axis}", "i", (("i", size),), size)


def axis_names(shape: Shape) -> tuple[str, ...]:
    """Names of the axes of a shape, the first axis first."""
    if len(shape) == 1:
        return ("features",)
    if len(shape) - 1 in AXES:
        return ("channels", *AXES[len(shape) - 1])
    return tuple(f"axis {i + 1}" for i in range(len(shape)))


def arrival(shape: Shape) -> str:
    """A shape in words: "a vector of 192 values" or "6 x 12 x 12"."""
    if not shape:
        return "one number per sample"
    if len(shape) == 1:
        return f"a flat vector of {shape[0]:,} value{'' if shape[0] == 1 else 's'}"
    return shape_text(shape)


def per_axis(value: Any, axes: int) -> tuple[Any, ...]:
    """The value for each axis: 5 -> (5, 5)."""
    return value if isinstance(value, tuple) else (value,) * axes
