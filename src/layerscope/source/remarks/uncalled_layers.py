"""A layer that is named where it should be called: x = self.fc, return self.out, self.out(self.fc)."""

import ast
import re
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.values import Call, Symbol, Value
from layerscope.source.text.scan import walk
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_Latest = tuple[str, Tensor]
_CALLABLE = (LayerModule, ModuleObject)


class UncalledLayers:
    """Which tensor each object works on, so that a layer that is not called can be."""

    def __init__(self) -> None:
        self._latest: dict[int, _Latest] = {}
        """The name and the value of the tensor that the forward of each object gave a name last."""
        self._named: dict[int, tuple[ast.expr, _Latest]] = {}
        """Where a layer itself was given a name in a forward, and the tensor of that time."""
        self._callees: frozenset[str] | None = None
        """The names that the code calls anywhere; looked for once."""

    def begins(self, run: "Evaluator", function: UserFunction, call: Call) -> None:
        """A function is called: the first tensor that a forward is given is what it works on."""
        inside = world_of(run).inside
        if inside is None or not call.args or call.args[0] is not inside:
            return
        for arg, value in zip(function.node.args.args[1:], call.args[1:], strict=False):
            if isinstance(value, Tensor) and value.carries:
                self._latest[id(inside)] = arg.arg, value
                return

    def assigned(self, run: "Evaluator", node: ast.Assign, value: Any, scope: Scope) -> Any:
        """A value gets a name inside a forward: the value that is meant."""
        inside, target = world_of(run).inside, node.targets[0]
        if inside is None or not isinstance(target, ast.Name):
            return value
        if isinstance(value, Tensor):
            if value.carries:
                self._latest[id(inside)] = target.id, value
            return value
        if isinstance(value, Value) and (is_callable(value) or is_function(value)):
            latest = self._latest.get(id(inside))
            before = scope.names.get(target.id)
            if isinstance(before, Tensor) and before.carries and not self._is_called(run, target.id):
                return _called(run, value, node.value, (target.id, before))
            if latest is not None:
                self._named[id(value)] = node.value, latest
        return value

    def handed(self, run: "Evaluator", call: Call) -> Call:
        """A layer or function is given what is in a call: the same call with what those layers give."""
        first = call.args[0] if call.args else None
        if isinstance(first, Tensor) or not is_callable(first):
            return call
        if any(leaves(call.everything)) or not isinstance(call.node, ast.Call):
            return call
        value = self._put_right(run, first, call.node.args[0])
        return call if value is first else Call(call.node, [value, *call.args[1:]], call.kwargs, call.nodes)

    def returned(self, run: "Evaluator", function: UserFunction, value: Any) -> Any:
        """A forward returned this: what the layer gives that it returned."""
        if not (is_callable(value) or is_function(value)):
            return value
        parts = list(walk(function.node))
        run.tick(function.node, len(parts))
        returns = [part.value for part in parts if isinstance(part, ast.Return) and part.value]
        node = returns[0] if len(returns) == 1 else None
        return value if node is None else self._put_right(run, value, node)

    def _is_called(self, run: "Evaluator", name: str) -> bool:
        """Whether the code calls that name anywhere: then it may well stand for a layer."""
        if self._callees is None:
            self._callees = frozenset(re.findall(r"(?<![\w.])(\w{1,60})\(", run.paste.text))
        return name in self._callees

    def _put_right(self, run: "Evaluator", module: Any, node: ast.expr) -> Any:
        """What a layer gives that stands at a node, called on the tensor of that time; itself where that is unknown."""
        where, latest = self._named.get(id(module), (node, None)) if isinstance(node, ast.Name) else (node, None)
        inside = world_of(run).inside
        latest = latest or self._latest.get(id(inside))
        if latest is None or not isinstance(where, ast.Attribute | ast.Subscript):
            return module
        return _called(run, module, where, latest)


def is_callable(value: Any) -> bool:
    """Whether it is a layer or a block that could be called on a tensor."""
    return isinstance(value, _CALLABLE) or (isinstance(value, Group) and value.kind == "Sequential")


def is_function(value: Any) -> bool:
    """Whether it is a function of torch's, such as F.relu."""
    return isinstance(value, Symbol) and value.path.startswith("torch.") and value.last.islower()


def _called(run: "Evaluator", module: Any, node: ast.expr, latest: _Latest) -> Any:
    """What the layer gives for the tensor, remarked upon."""
    name, tensor = latest
    text, what = run.paste.quote(node), "function" if is_function(module) else "layer"
    run.remarks.flaw(
        f"{text} names the {what} but does not call it, so no tensor passes through it: write {text}({name}). "
        "Layerscope assumes this fix.", node, kind="uncalled", tone="error", title=f"{text} is not called",
        label=f"Line {node.end_lineno}: write {text}({name})", changes=((run.paste.after(node), f"({name})"),),
    )  # fmt: skip
    call = ast.copy_location(ast.Call(func=node, args=[ast.copy_location(ast.Name(name), node)], keywords=[]), node)
    return run.call(module, Call(call, [tensor]))
