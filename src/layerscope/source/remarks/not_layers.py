"""What stands where a layer belongs: a list or a function in nn.Sequential, a layer with a comma after it."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.values import Call, Symbol
from layerscope.source.reading import Span
from layerscope.source.remarks.missing_brackets import constructed_in, needed
from layerscope.source.torch.modules import Module
from layerscope.torch_functions import FUNCTIONS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator
    from layerscope.source.torch.containers import Group

_REFUSED = "{} is not a Module subclass"


def spread(run: "Evaluator", call: Call) -> list[Any]:
    """The layers of nn.Sequential(...): those of the list where it is given one, remarked upon."""
    only = call.args[0] if len(call.args) == 1 else None
    if not isinstance(only, list | tuple) or not any(isinstance(value, Module | Symbol) for value in only):
        return list(call.args)
    node = call.nodes.get(0, call.node)
    kind, text = type(only).__name__, run.paste.quote(node)
    fits = isinstance(call.node, ast.Call) and node is not call.node
    run.remarks.flaw(
        f"nn.Sequential takes the layers one by one, not as a {kind}: put * before {text}. Layerscope reads it that "
        "way.", node, kind="container", tone="error", title=f"nn.Sequential is given a {kind}",
        quote=_REFUSED.format(kind), label=f"Line {run.paste.place(node)[0]}: put * before it" if fits else "",
        changes=((run.paste.before(node), "*"),) if fits else (),
    )  # fmt: skip
    return list(only)


def layer_in(run: "Evaluator", value: Any, group: "Group", call: Call) -> Any:
    """What is meant by a class or a function in a container, remarked upon; the value itself where it is a module."""
    if isinstance(value, UserFunction):
        place = next((place for place, part in enumerate(call.args) if part is value), -1)
        _told(run, group, call.nodes.get(place, call.node), value.name, "", ())
    if not isinstance(value, Symbol) or (value.path.startswith("torch.nn.") and value.last[:1].isupper()):
        return constructed_in(run, value, group, call) if isinstance(value, Symbol) else value
    home = "F" if "functional" in value.path else "torch"
    function = FUNCTIONS.get(f"{home}.{value.last}") if value.path.startswith("torch.") else None
    if function is None:
        return value
    node = next((part for part in ast.walk(call.node) if _names(part, value)), call.node)
    meant = "" if needed(function.type) else f"nn.{function.type}()"
    quote = _REFUSED.format(value.path) if home == "F" else ""
    changes = ((run.paste.span(node), meant),) if meant and node is not call.node else ()
    _told(run, group, node, value.shown, meant, changes, quote)
    return run.world.call(run, Symbol(f"torch.nn.{function.type}"), Call(call.node)) if meant else value


def _told(
    run: "Evaluator", group: "Group", node: ast.AST, name: str, meant: str, changes: tuple[tuple[Span, str], ...],
    quote: str = "",
) -> None:  # fmt: skip
    words = f"nn.{group.kind} holds layers, and {name} is a function: "
    words += f"write {meant}. Layerscope assumes this fix." if meant else "call it in forward instead."
    run.remarks.flaw(
        words, node, kind="container", tone="error", title=f"{name} is a function, not a layer", quote=quote,
        label=f"Line {run.paste.place(node)[0]}: write {meant}" if changes else "", changes=changes,
    )  # fmt: skip


def _names(node: ast.AST, symbol: Symbol) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == symbol.last


def without_comma(run: "Evaluator", node: ast.Assign, value: Any) -> Any:
    """self.fc = nn.Linear(4, 3), makes a tuple: the layer that is meant, remarked upon; the same value otherwise."""
    written, target = node.value, node.targets[0]
    is_one = isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Module)
    if not is_one or not isinstance(written, ast.Tuple) or not isinstance(target, ast.Attribute | ast.Name):
        return value
    after, end = run.paste.after(written.elts[0]), run.paste.after(written)
    if run.paste.segment(written).startswith("(") or f"{run.paste.segment(target)}[" in run.paste.text:
        return value
    name = run.paste.quote(target)
    run.remarks.flaw(
        f"The comma at the end makes {name} a tuple with the layer in it: remove it. Layerscope assumes this fix.",
        node, kind="comma", tone="error", title=f"A comma makes {name} a tuple", quote="'tuple' object is not callable",
        label=f"Line {after.line}: remove the comma",
        changes=((Span(after.line, after.column, end.line, end.column), ""),),
    )  # fmt: skip
    return value[0]
