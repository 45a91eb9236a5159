"""What a paste says of its input beside the layers: in a docstring, or in an example call."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any

from layerscope.layers.base import Shape
from layerscope.network import LARGEST_IMAGE
from layerscope.parameter import LARGEST_WIDTH, MOST_AXES, written
from layerscope.source import receivers
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault

_DOCSTRING = re.compile(r"\bInput \((\d{1,6}(?:, ?\d{1,6}){0,3}),?\)(?:, (\d{1,6}) class(?:es)?\b)?")
MAKERS = frozenset({"randn", "rand", "zeros", "ones", "empty", "randint"})
LITERALS = frozenset({"tensor", "Tensor", "FloatTensor", "as_tensor"})
_SUMMARIES = {"summary", "summarize", "profile", "get_model_complexity_info"}
COLOURS = (1, 3, 4)
"""As many channels as images come with."""
SMALLEST_SIDE = 16
_MOST_CALLS = 200


@dataclass(frozen=True)
class Example:
    """The shape of one sample, how many samples there are (0: nobody says), and the call that makes them.

    `calls` are the calls of the network on them. `unbatched`: the batch axis is left out;
    `channels_last`: they are written with the channels behind height and width, `shape` has them in front.
    `channelless`: a batch of images without their channel axis; `bare`: one image with neither of both axes; `flat`:
    images whose values stand in one row. In all of them `shape` is what is meant. `sizes` are the nodes of sizes,
    `turns` says whether their axes are turned before the call.
    """

    shape: Shape
    batch: int
    node: ast.Call
    calls: tuple[ast.Call, ...] = ()
    unbatched: bool = False
    channels_last: bool = False
    channelless: bool = False
    bare: bool = False
    flat: bool = False
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
    nodes: Iterable[ast.AST], run: Evaluator, network: Any, axes: int | None, channels: int | None
) -> list[Example]:
    """The examples that `network` is called on, whatever their shapes; those that fit the layers come first.

    Where it is called on none, one that nothing is called on and that fits. What other networks are called on tells
    nothing.
    """
    found = [_in_order(each, axes, channels) for each in _candidates(list(nodes), run, network, axes, channels)]
    fitting = [each for each in found if axes is None or len(each.shape) == axes + 1]
    best = [each for each in fitting if channels is None or each.shape[0] == channels]
    called = {each.node: each for row in (best, fitting, found) for each in row if each.called}
    return list(called.values()) or [*best, *fitting][:1]


def _in_order(each: Example, axes: int | None, channels: int | None) -> Example:
    """The same with the channels in front, where they were last."""
    shape = each.shape
    if not axes or channels is None or len(shape) != axes + 1 or shape[0] == channels or shape[-1] != channels:
        return each
    return replace(each, shape=(shape[-1], *shape[:-1]), channels_last=True)


def _candidates(
    nodes: list[ast.AST], run: Evaluator, network: Any, axes: int | None, channels: int | None
) -> Iterator[Example]:
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    calling = receivers.Receivers(nodes, run)
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset))[:_MOST_CALLS]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        sizes = next((word.value for word in node.keywords if word.arg in ("input_size", "size", "input_shape")), None)
        given: list[ast.expr] = []
        batched: bool | None = None
        if name in MAKERS:
            given, batched = ([sizes] if sizes is not None else list(node.args)), True
            given = given[-1:] if name == "randint" else given
        elif name in LITERALS and node.args:
            given, batched = list(node.args[:1]), True
        elif name in _SUMMARIES and (sizes is not None or len(node.args) > 1):
            given = [sizes if sizes is not None else node.args[1]]
        elif sizes is not None and any(word.arg == "input_size" for word in node.keywords):
            given = [sizes]
        if not given:
            continue
        handed = calling.of(node)
        order, ours = handed.order, tuple(call for each, call in handed.to if each is network)
        called = bool(ours)
        literal = name in LITERALS
        row = receivers.turned(_nesting(given[0], run) if literal else numbers(given, run), order)
        if not row or (handed.to and not called) or (literal and not called):
            continue
        lacking = (axes or 0) + 2 - len(row) if called and name in MAKERS else 0
        unbatched = bool(axes) and lacking == 1
        channelless = unbatched and _is_a_batch(row, channels)
        bare = lacking == 2 and channels is not None and bool(axes)
        if channelless:  # torch would take the batch for channels
            row, unbatched = [row[0], channels, *row[1:]], False
        side = _side(row, channels) if bare else 0
        if bare:
            row = [row[0], channels, side, side] if side else [None, channels, *row]
        if lacking == 1 and not axes:  # one sample for a Linear
            row = [None, *row]
        if batched is None:
            # torchinfo counts the batch, torchsummary does not; the layers tell them apart
            batched = len(row) == axes + 2 if axes is not None else len(row) in (2, 4)
        shape = tuple(row[1:] if batched and not unbatched else row)
        count = row[0] if batched and not unbatched and isinstance(row[0], int) else 0
        if called:
            _beyond_us(shape, node, run)
        if is_shape(shape):
            yield Example(
                shape, count, node, ours, unbatched, False, channelless, bare, bool(side), tuple(given), bool(order)
            )


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
                f"{text} has a size of {written(size)}; Layerscope itself takes at most {limit:,}, torch has no such "
                "limit. This call is left out.", node, title="The example is larger than Layerscope takes",
            )  # fmt: skip
            return


def _nesting(node: ast.expr, run: Evaluator) -> list[Any]:
    """The sizes of a row of rows as it is written; [] where they are ragged or none."""
    try:
        level = [run.worth(node)]
    except Fault:
        return []
    found: list[Any] = []
    while level and all(isinstance(row, list | tuple) for row in level):
        lengths = {len(row) for row in level}
        if len(lengths) > 1 or len(found) > MOST_AXES:
            return []
        found.append(lengths.pop())
        level = [part for row in level for part in row]
    return [] if any(isinstance(part, list | tuple) for part in level) else found


def numbers(nodes: list[ast.expr], run: Evaluator) -> list[Any]:
    """The numbers of a shape; a batch that is not known is None."""
    values: list[Any] = []
    for node in nodes:
        try:
            value = run.worth(node)
        except Fault:
            return []
        values += list(value) if isinstance(value, list | tuple) else [value]
    return [int(value) if isinstance(value, int) else None for value in values][:6]
