"""A class of torch's where a layer belongs: nn.Sequential(nn.Linear(4, 3), nn.ReLU)."""

import ast
from collections.abc import Iterator
from functools import cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from torch import nn

from layerscope.catalogue import TORCH_LAYERS
from layerscope.source.python.values import Call, Fault, Symbol
from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks import dropout_in_forward
from layerscope.source.text.paste import LONGEST_QUOTE
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of
from layerscope.torch_functions import FUNCTIONS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator
    from layerscope.source.torch.containers import Group

_OPEN = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def constructed_in(run: "Evaluator", symbol: Symbol, group: "Group", call: Call) -> Any:
    """The layer that is meant by its class, remarked upon; it stays unknown where it needs arguments."""
    if not symbol.path.startswith("torch.nn.") or symbol.last not in TORCH_LAYERS:
        return symbol
    kind = TORCH_LAYERS[symbol.last].torch_class
    lacking = needed(symbol.last)
    shown = f"{symbol.shown}({', '.join(f'{name}=...' for name in lacking)})"
    nodes = [node for node in _elements(call.node) if _names(node, symbol)]
    changes: tuple[tuple[Span, str], ...] = tuple((run.paste.after(node), "()") for node in nodes if not lacking)
    reason = f"{symbol.shown} in nn.{group.kind} is a class, not a layer: write {shown}."
    run.remarks.flaw(
        reason if lacking else f"{reason} Layerscope assumes this fix.", (nodes or [call.node])[0],
        kind="brackets", tone="error", title=_title(symbol),
        quote=f"{kind.__module__}.{kind.__qualname__} is not a Module subclass",
        label=f"Line {changes[0][0].line}: write {shown}" if changes else "", changes=changes,
    )  # fmt: skip
    return (
        run.unknown(call.node, f"{symbol.shown} is never called to make a layer.")
        if lacking
        else world_of(run).call(run, symbol, Call(call.node))
    )


def called_on_data(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """nn.ReLU(x), nn.MaxPool2d(x, 2): what the layer gives that is meant, remarked upon. Raises Fault where none is."""
    node = call.node
    if f"F.{symbol.last}" in FUNCTIONS and not hasattr(nn, symbol.last):
        return _of_functional(run, symbol, call)
    is_first = isinstance(node, ast.Call) and bool(node.args) and isinstance(next(iter(call.args), None), Tensor)
    rest = call.after_first()
    names = rest.bound(*_signature(symbol.last))
    if not is_first or not isinstance(node, ast.Call) or any(name not in names for name in needed(symbol.last)):
        words = f"{symbol.shown} is a class: make the layer first, as in {symbol.shown}(...)(x)."
        raise Fault(words, node)
    dim = "dim=1" if symbol.last in ("Softmax", "LogSoftmax", "Softmin") and "dim" not in names else ""
    given = [run.paste.segment(part) for part in (*node.args[1:], *node.keywords)] + ([dim] if dim else [])
    brackets = f"({', '.join(given)})"
    text = f"{run.paste.quote(node.func)}{brackets}"
    end, last = run.paste.after(node.args[0]), run.paste.inside(node)
    changes = [(run.paste.after(node.func), brackets)]
    if len(node.args) + len(node.keywords) > 1:
        changes.append((Span(end.line, end.column, last.line, last.column), ""))
    whole = f"{text}({run.paste.segment(node.args[0])})"
    rest_of = [run.paste.segment(part) for part in (*node.args[1:], *node.keywords)]
    if dropping := dropout_in_forward.functional(
        run, symbol.last, rest_of, run.paste.segment(node.args[0]), call.scope
    ):
        changes, whole = [(run.paste.span(node), dropping)], dropping
    is_short = len(whole) <= LONGEST_QUOTE and "\n" not in whole
    shown = whole if is_short else dropout_in_forward.shown(whole) if dropping else f"{text}(...)"
    told = any(isinstance(note, Flaw) and note.kind == "brackets" for note in run.remarks.notes)
    words = f"{run.paste.quote(node)} passes the tensor to the class, not to a layer: write {shown}."
    if dropping:
        words += " A layer made in forward would drop values even after model.eval(); this drops them only in training."
    run.remarks.flaw(
        words if told else f"{words} Layerscope assumes this fix.", node, kind="brackets", tone="error",
        title=_title(symbol), label=f"Line {run.paste.place(node)[0]}: write {shown}", changes=tuple(changes),
    )  # fmt: skip
    kwargs = rest.kwargs | ({"dim": 1} if dim else {})
    layer = run.world.call(run, symbol, Call(node, rest.args, kwargs, rest.nodes))
    return run.call(layer, Call(node, [call.args[0]]))


def _of_functional(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """nn.relu(x): the function is in nn.functional."""
    func = call.node.func if isinstance(call.node, ast.Call) else None
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(func, ast.Attribute):
        end = run.paste.last_name(func)
        changes = ((Span(end.line, end.column, end.line, end.column), "functional."),)
    run.remarks.flaw(
        f"PyTorch has no nn.{symbol.last}; Layerscope reads it as the function nn.functional.{symbol.last}.",
        call.node, kind="layer name", tone="error", title=f"PyTorch has no nn.{symbol.last}",
        quote=f"module 'torch.nn' has no attribute '{symbol.last}'",
        label=f"Line {changes[0][0].line}: write nn.functional.{symbol.last}" if changes else "", changes=changes,
    )  # fmt: skip
    return run.world.call(run, Symbol(f"torch.nn.functional.{symbol.last}"), call)


def _title(symbol: Symbol) -> str:
    return f"{symbol.shown} is a class here; call it: {symbol.shown}()"


@cache
def _signature(name: str) -> list[str]:
    """The arguments of one of torch's classes, in order."""
    return list(signature(TORCH_LAYERS[name].torch_class).parameters) if name in TORCH_LAYERS else []


@cache
def needed(name: str) -> list[str]:
    """The arguments without a default of one of torch's classes; of a class that is not known, anything."""
    if name not in TORCH_LAYERS:
        return [name]
    parameters = signature(TORCH_LAYERS[name].torch_class).parameters.values()
    return [each.name for each in parameters if each.default is Parameter.empty and each.kind not in _OPEN]


def _elements(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a container's call, in a list there too."""
    for part in node.args if isinstance(node, ast.Call) else []:
        part = part.value if isinstance(part, ast.Starred) else part
        yield from part.elts if isinstance(part, ast.List | ast.Tuple) else [part]


def _names(node: ast.AST, symbol: Symbol) -> bool:
    """Whether it is written as that class: nn.ReLU, or ReLU."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == symbol.last
