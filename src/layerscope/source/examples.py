"""What a paste says of its input beside the layers: in a docstring, or in an example call."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from math import isqrt
from typing import Any

from layerscope.layers.base import Shape
from layerscope.network import LARGEST_IMAGE
from layerscope.parameter import LARGEST_WIDTH, written
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.record import BATCH
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.showing import Shown
from layerscope.source.torch.tensor import Made, Tensor
from layerscope.source.torch.worlds import world_of

_DOCSTRING = re.compile(r"\bInput \((\d{1,6}(?:, ?\d{1,6}){0,3}),?\)(?:, (\d{1,6}) class(?:es)?\b)?")
COLOURS = (1, 3, 4)
"""As many channels as images come with."""
SMALLEST_SIDE = 16


class Form(Enum):
    """How the sizes of an example stand to those of a batch that the network takes. `shape` is what is meant."""

    BATCH = auto()
    """The batch is in front."""
    UNBATCHED = auto()
    """The batch axis is left out."""
    CHANNELLESS = auto()
    """A batch of images without their channel axis."""
    BARE = auto()
    """One image with neither of both axes."""
    FLAT = auto()
    """Images whose values stand in one row."""


@dataclass(frozen=True)
class Example:
    """The shape of one sample, how many samples there are (0: nobody says), and the call that makes them.

    `calls` are the calls of the network on them, `modes` whether it trains at each, None where that is unsure.
    `channels_last`: they are written with the channels after height and width, `shape` has them in front. `sizes` are
    the nodes of sizes, `turns` says whether their axes are turned before the call.
    """

    shape: Shape
    batch: int
    node: ast.Call
    calls: tuple[ast.Call, ...] = ()
    modes: tuple[bool | None, ...] = ()
    form: Form = Form.BATCH
    channels_last: bool = False
    sizes: tuple[ast.expr, ...] = ()
    turns: bool = False

    @property
    def called(self) -> bool:
        """Whether the network is really called on them."""
        return bool(self.calls)

    @property
    def rows(self) -> list[ast.expr]:
        """The nodes of the sizes one by one, those of a tuple or list too."""
        only = self.sizes[0] if len(self.sizes) == 1 else None
        return only.elts if isinstance(only, ast.Tuple | ast.List) and only.elts else list(self.sizes)


def docstring(tree: ast.Module, class_name: str | None) -> tuple[Shape, int | None] | None:
    """Input shape and classes from "Input (1, 28, 28), 10 classes." in the class's docstring or the module's."""
    nodes: list[ast.ClassDef | ast.Module] = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name
    ]
    for node in (*nodes, tree):
        if found := _DOCSTRING.search(ast.get_docstring(node, clean=False) or ""):
            shape = tuple(map(int, found[1].split(",")))
            classes = int(found[2]) if found[2] else None
            if is_shape(shape) and (classes is None or 1 <= classes <= LARGEST_WIDTH):
                return shape, classes
    return None


def is_shape(shape: Any) -> bool:
    """Whether a row of numbers can be an input shape."""
    return (
        isinstance(shape, tuple)
        and 1 <= len(shape) <= 4
        and all(type(size) is int and size >= 1 for size in shape)
        and shape[0] <= LARGEST_WIDTH
        and all(size <= LARGEST_IMAGE for size in shape[1:])
    )


def ranked(
    run: Evaluator, network: Any, axes: int | None, channels: int | None, is_sequence: bool = False,
    batch_axis: int = 0, makes_batch: bool = False, enters: Callable[[Shape], bool] = lambda _: True,
) -> list[Example]:  # fmt: skip
    """The examples that `network` is called on, whatever their shapes; those that fit the layers come first.

    `is_sequence`: the first layer expects rows of features, one for each step. `batch_axis` is 1 where the network
    takes (length, batch, ...). `makes_batch`: its code itself makes one sequence a batch of one.
    Where it is called on none, one that nothing is called on and that fits, if `enters` says that the first layers take
    it: tensors are made for much else, such as noise for a decoder. What other networks are called on tells nothing.
    """
    taken = _Taken(axes, channels, is_sequence, batch_axis, makes_batch)
    found = [_in_order(each, axes, channels) for each in _candidates(run, network, taken)]
    fitting = [each for each in found if axes is None or len(each.shape) == axes + 1]
    best = [each for each in fitting if channels is None or each.shape[0] == channels]
    called = {each.node: each for row in (best, fitting, found) for each in row if each.called}
    return list(called.values()) or [each for each in (*best, *fitting) if enters(each.shape)][:1]


def _in_order(each: Example, axes: int | None, channels: int | None) -> Example:
    """The same with the channels in front, where they were last."""
    shape = each.shape
    if not axes or channels is None or len(shape) != axes + 1 or shape[0] == channels or shape[-1] != channels:
        return each
    if axes == 2 and shape[0] in COLOURS and channels not in COLOURS:
        return each  # an image as wide as the layer has channels: that is what is wrong
    return replace(each, shape=(shape[-1], *shape[:-1]), channels_last=True)


@dataclass(frozen=True)
class _Taken:
    """What the first layer takes: so many spatial axes and channels, None where it does not say; a row of features for
    each step; where the batch stands, and whether the code makes one sequence a batch of one."""

    axes: int | None
    channels: int | None
    is_sequence: bool
    batch_axis: int
    makes_batch: bool


def _candidates(run: Evaluator, network: Any, taken: _Taken) -> Iterator[Example]:
    showing = world_of(run).showing
    handed: dict[int, list[tuple[Shown, Tensor]]] = defaultdict(list)
    for each in showing.shown:
        for tensor in each.given[:1]:
            handed[id(tensor.made)].append((each, tensor))
    for made in sorted(showing.made, key=_place):
        assert made.made is not None
        to = handed[id(made.made)]
        ours = [(each, tensor) for each, tensor in to if each.network is network]
        to = [pair for pair in to if not isinstance(pair[0].network, LayerModule)]  # a part of a network, maybe
        if (ours or not (to or made.made.lost or made.made.literal)) and made.origin is None:
            alike = [pair for pair in ours if pair[1].shape == ours[0][1].shape]
            given = ours[0][1] if ours else made
            if example := _example(given, made.made, [each for each, _ in alike], run, taken):
                yield example


def _place(tensor: Tensor) -> tuple[int, int]:
    assert tensor.made is not None
    return tensor.made.node.lineno, tensor.made.node.col_offset


def _example(tensor: Tensor, made: Made, shown: list[Shown], run: Evaluator, taken: _Taken) -> Example | None:
    """What a tensor says of the input; None where its sizes can be none of one."""
    axes, channels, is_sequence = taken.axes, taken.channels, taken.is_sequence
    row: list[Any] = [None if size == BATCH else size for size in tensor.shape]
    if not row:
        return None
    is_one_sequence = is_sequence and len(row) < 3
    if taken.makes_batch and not made.described and len(row) < 2 + is_sequence:
        row = [1, *row, *[1] * (2 - len(row)) * is_sequence]  # torch.rand(7) are steps of one number each
    elif len(row) > taken.batch_axis and not made.described and not is_one_sequence:
        row.insert(0, row.pop(taken.batch_axis))
    is_made = not made.literal and not made.described
    expected = 3 if is_sequence else (axes or 0) + 2
    lacking = expected - len(row) if is_made and (shown or is_sequence) else 0
    form = Form.BATCH
    if is_sequence and lacking == 1:
        form = Form.UNBATCHED
    elif axes and lacking == 1:
        form = Form.CHANNELLESS if _is_a_batch(row, channels) else Form.UNBATCHED
    elif axes and lacking == 2 and channels is not None:
        form = Form.FLAT if _side(row, channels) else Form.BARE
    if form is Form.CHANNELLESS:  # torch would take the batch for channels
        row = [row[0], channels, *row[1:]]
    elif form is Form.FLAT:
        row = [row[0], channels, *[_side(row, channels)] * 2]
    elif form is Form.BARE:
        row = [None, channels, *row]
    elif lacking == 1 and not axes and not is_sequence:  # one sample for a Linear
        row = [None, *row]
    # torchinfo counts the batch, torchsummary does not; the layers tell them apart
    described = len(row) == axes + 2 if axes is not None else len(row) in (2, 4)
    batched = (described if made.described else True) and form is not Form.UNBATCHED
    shape = tuple(row[1:] if batched else row)
    if shown:
        _beyond_us(shape, made.node, run)
    if not is_shape(shape):
        return None
    count = row[0] if batched and isinstance(row[0], int) else 0
    calls, modes = tuple(each.node for each in shown), tuple(each.training for each in shown)
    turns = tensor.shape != made.shape
    return Example(shape, count, made.node, calls, modes, form, sizes=made.sizes, turns=turns)


def _is_a_batch(row: list[Any], channels: int | None) -> bool:
    """Whether the first of three sizes can only be a batch: no image that the layers take has so many channels."""
    if channels is None or channels in (row[0], row[-1]):
        return False
    return channels == 1 or row[0] not in COLOURS


def _side(row: list[Any], channels: int | None) -> int:
    """The side of the square images that a batch of flat ones holds; 0 where it holds none."""
    if len(row) != 2 or not channels or type(row[1]) is not int or row[1] % channels:
        return 0
    side = isqrt(row[1] // channels)
    return side if side * side * channels == row[1] and side >= SMALLEST_SIDE and row[0] != row[1] else 0


def _beyond_us(shape: Shape, node: ast.Call, run: Evaluator) -> None:
    """A remark about a size that torch would take and Layerscope does not."""
    if not shape or len(shape) > 4 or not all(type(size) is int and size >= 1 for size in shape):
        return
    for size, limit in zip(shape, (LARGEST_WIDTH, *[LARGEST_IMAGE] * 3), strict=False):
        if size > limit:
            text = run.paste.quote(node)
            run.remarks.flaw(
                f"{text} has a size of {written(size)}; Layerscope allows at most {limit:,}, "
                "though PyTorch has no such limit. This call is ignored.", node,
                kind="example", title="The example is too large for Layerscope",
            )  # fmt: skip
            return
