"""Layers that torch does not have, nn.GlobalPool2d and nn.Liner, and the ones that are meant by them."""

import ast
import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from torch import nn

from layerscope.catalogue import TORCH_LAYERS
from layerscope.formatting import joined
from layerscope.network import LONGEST_NAME
from layerscope.source.python.values import Call
from layerscope.source.reading import Span
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

COMPARING = 100
"""Steps of work that it takes to compare a name with all that may be meant."""
ALIKE, AT_ALL = 0.8, 0.6
"""How much of a layer's name must agree with one that is meant by it, and with one that is worth a mention."""
MOST_NEAR = 3
_IN_SMALL = {name.lower(): name for name in reversed(TORCH_LAYERS)}
_MODULES = sorted(name for name, value in vars(nn).items() if isinstance(value, type) and issubclass(value, nn.Module))

_OTHERS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), layer, arguments)
    for pattern, layer, arguments in (
        (r"global_?(?:avg|average|mean)?_?pool(?:ing)?_?([123])?d?", "AdaptiveAvgPool{}d", "1"),
        (r"global_?max_?pool(?:ing)?_?([123])?d?", "AdaptiveMaxPool{}d", "1"),
        (r"max_?pool(?:ing)?_?([123])?d?", "MaxPool{}d", ""),
        (r"(?:avg|average|mean)_?pool(?:ing)?_?([123])?d?", "AvgPool{}d", ""),
        (r"conv(?:olution)?_?([123])?d?", "Conv{}d", ""),
        (r"(?:deconv(?:olution)?|conv_?transposed?|transposed?_?conv)_?([123])?d?", "ConvTranspose{}d", ""),
        (r"conv([123])dtransposed?", "ConvTranspose{}d", ""),
        (r"batch_?norm(?:ali[sz]ation)?_?([123])?d?", "BatchNorm{}d", ""),
        (r"layer_?norm(?:ali[sz]ation)?_?[123]?d?", "LayerNorm", ""),
        (r"group_?norm(?:ali[sz]ation)?_?[123]?d?", "GroupNorm", ""),
        (r"dense|fc|fully_?connected|lin", "Linear", ""),
        (r"swish", "SiLU", ""),
        (r"h_?swish|hard_?swish", "Hardswish", ""),
        (r"h_?sigmoid|hard_?sigmoid", "Hardsigmoid", ""),
        (r"leaky", "LeakyReLU", ""),
        (r"flat|flattening", "Flatten", ""),
        (r"zero_?padding_?([123])?d?", "ZeroPad{}d", ""),
        (r"(?:multi_?head_?)?(?:self_?)?attention", "MultiheadAttention", ""),
    )
)
"""What other libraries and people call a layer of torch's; there are 2 axes by default."""
_NO_LAYERS = {
    "concat": "torch.cat([a, b], 1) in forward joins tensors",
    "concatenate": "torch.cat([a, b], 1) in forward joins tensors",
    "add": "a + b in forward adds tensors",
    "multiply": "a * b in forward multiplies tensors",
    "reshape": "x.view(...) or x.reshape(...) in forward, or nn.Unflatten, changes shapes",
    "view": "x.view(...) in forward, or nn.Unflatten, changes shapes",
    "permute": "x.permute(...) in forward changes the order of the axes",
    "lambda": "write a subclass of nn.Module whose forward calls the function",
    "activation": "nn.ReLU() or another activation is a separate layer",
    "input": "a network has no layer for its input; forward gets it as its argument",
    "separableconv2d": "nn.Conv2d with groups=in_channels, then a 1×1 nn.Conv2d, does that",
    "depthwiseconv2d": "nn.Conv2d with groups=in_channels does that",
}
"""What takes the place of a layer of another library where no layer of torch's does."""


def is_missing(name: str) -> bool:
    """Whether torch.nn has nothing of that name."""
    return len(name) <= LONGEST_NAME and not hasattr(nn, name)


def meant(run: "Evaluator", name: str, call: Call) -> Any:
    """The layer that is meant by a name that torch does not have, remarked upon; None where that is not known."""
    run.tick(call.node, COMPARING)
    other, arguments = _named(name)
    if not other:
        return None
    text = f"nn.{other}({arguments})" if arguments else f"nn.{other}"
    changes = _changes(run, call, other, arguments)
    line = run.paste.place(call.node)[0]
    label = f"Line {line}: write {text if arguments else other}" if changes else ""
    is_slip = other.lower() == name.lower() or _nearest(name) == other
    run.remarks.flaw(
        f"PyTorch has no nn.{name}; Layerscope reads it as nn.{other}." if is_slip and not arguments
        else f"PyTorch has no nn.{name}; Layerscope reads it as {text}.", call.node,
        kind="layer name", tone="error", title=f"nn.{name} is misspelled" if is_slip else f"PyTorch has no nn.{name}",
        quote=f"module 'torch.nn' has no attribute '{name}'", label=label, changes=changes,
    )  # fmt: skip
    given = Call(call.node, [int(arguments)]) if arguments else call
    return world_of(run).imported(f"torch.nn.{other}").call(run, given)


@lru_cache(maxsize=1_000)
def reason(name: str) -> str:
    """Why there is no such layer, and what could be written in its place."""
    instead = _NO_LAYERS.get(name.lower().replace("_", ""), "")
    near = [f"nn.{other}" for other in get_close_matches(name, _MODULES, MOST_NEAR, AT_ALL)]
    if not instead and near:
        instead = f"the nearest names are {joined(near)}" if len(near) > 1 else f"the nearest name is {near[0]}"
    return f"PyTorch has no nn.{name}; {instead or 'paste the class too, or use another layer'}."


def told(run: "Evaluator", name: str, node: ast.AST) -> None:
    """A remark on a layer that torch does not have, where none is read in its place."""
    run.remarks.flaw(
        reason(name), node, kind="layer name", tone="error", title=f"PyTorch has no nn.{name}",
        quote=f"module 'torch.nn' has no attribute '{name}'",
    )  # fmt: skip


@lru_cache(maxsize=1_000)
def _named(name: str) -> tuple[str, str]:
    """The layer that is meant and its arguments where they are others than those written; "" where none is."""
    small = name.lower()
    if small in _IN_SMALL:
        return _IN_SMALL[small], ""
    for pattern, layer, arguments in _OTHERS:
        if found := pattern.fullmatch(small):
            dims = next((group for group in found.groups() if group), "2")
            return layer.format(dims), arguments
    return _nearest(name), ""


def _nearest(name: str) -> str:
    return "".join(get_close_matches(name, TORCH_LAYERS, 1, ALIKE))


def _changes(run: "Evaluator", call: Call, other: str, arguments: str) -> tuple[tuple[Span, str], ...]:
    """The right name in place of the wrong one, or the right call; nothing where the name was imported alone."""
    node = call.node
    func = node.func if isinstance(node, ast.Call) else None
    if not isinstance(func, ast.Attribute):
        return ()
    if arguments:
        return ((run.paste.span(node), f"{run.paste.segment(func.value)}.{other}({arguments})"),)
    return ((run.paste.last_name(func), other),)
