"""The methods that stand in for the forward of a class that has none: net.policy(x) and net.value(x), of one input."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from layerscope.formatting import joined
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.reading import Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.remarks.forward_errors import MISSING
from layerscope.source.text.scan import walk
from layerscope.source.torch.worlds import world_of

MOST_METHODS = 8
_TRAINING = ("_step", "loss", "train", "fit", "learn", "update", "backward")
"""Ends of the names of methods that take batches with labels, not inputs."""


def function_of(cls: UserClass) -> UserFunction | None:
    """What is followed where a class has no forward: its only method that calls layers, or all of them together if
    they take the same; None where the class has no such methods."""
    found = _methods(cls)
    if len(found) < 2:
        return found[0] if found else None
    first, node = found[0], found[0].node
    names = _required(node)
    if not names or len(found) > MOST_METHODS or any(_required(each.node) != names for each in found):
        return None
    given = ", ".join(names)
    calls = ", ".join(f"self.{each.name}({given})" for each in found)
    made = ast.parse(f"def forward(self, {given}): return ({calls})").body[0]
    for part in ast.walk(made):
        ast.copy_location(part, node)
    assert isinstance(made, ast.FunctionDef)
    made.args.args[1:] = [arg for arg in node.args.args if arg.arg in names]
    return UserFunction(made, first.scope, cls)


def only_refuses(forward: object) -> bool:
    """Whether a forward stands there only to be overridden: raise NotImplementedError."""
    node = forward.node if isinstance(forward, UserFunction) else None
    body = node.body if isinstance(node, ast.FunctionDef) else []
    last = next((part for part in body if not isinstance(part, ast.Expr | ast.Pass)), None)
    if not isinstance(last, ast.Raise) or last.exc is None:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def remark(case: Case) -> Iterator[Flaw]:
    """That methods are shown in place of a forward."""
    followed, watch = case.followed, case.run.watch
    cls = getattr(followed.instance, "cls", None)
    if not isinstance(cls, UserClass) or getattr(followed.instance, "group", None) is not None or followed.order:
        return
    if not watch.forward_of(case.run, cls) and watch.methods_for(case.run, cls):
        is_called = any(each.network is cls for each in world_of(case.run).showing.shown)
        yield case.flaw(
            sentence(cls), cls.node, kind="forward", tone="error" if is_called else "warning",
            title=f"{cls.name} has no forward", quote=MISSING.format(name=cls.name),
        )  # fmt: skip


def sentence(cls: UserClass) -> str:
    """What is shown in place of the forward."""
    names = [each.name for each in _methods(cls)]
    are = "method {} is" if len(names) == 1 else "methods {} are"
    return (
        f"{cls.name} has no forward, so net(x) raises NotImplementedError. Its "
        f"{are.format(joined(names))} shown instead{', on the same input' if len(names) > 1 else ''}."
    )


def _methods(cls: UserClass) -> list[UserFunction]:
    """The methods that call layers themselves and that no other of them calls."""
    made = _made(cls)
    plain = [each for each in cls.members.values() if isinstance(each, UserFunction) and _is_plain(each)]
    found = {each.name: each for each in plain if made & _uses(each.node)}
    inner = {name for each in found.values() for name in _uses(each.node) if name != each.name}
    return [each for name, each in found.items() if name not in inner]


def _is_plain(function: UserFunction) -> bool:
    """Whether a method may stand for a forward: it takes something, and its name speaks of no training."""
    name = function.name
    is_method = isinstance(function.node, ast.FunctionDef) and not function.kind and not name.startswith("__")
    return is_method and not name.endswith(_TRAINING) and bool(_required(function.node))


def _required(node: ast.AST) -> Sequence[str]:
    """The parameters without a default, without self."""
    spec = getattr(node, "args", ast.arguments([], [], None, [], [], None, []))
    positional = [*spec.posonlyargs, *spec.args]
    return tuple(arg.arg for arg in positional[1 : len(positional) - len(spec.defaults)])


def _made(cls: UserClass) -> set[str]:
    """The attributes that __init__ gives what a call makes."""
    init = cls.find("__init__")
    parts: Iterable[ast.AST] = walk(init.node) if isinstance(init, UserFunction) else ()
    sets = [part for part in parts if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call)]
    return {name for part in sets for target in part.targets if (name := _attribute(target))}


def _uses(node: ast.AST) -> set[str]:
    """The attributes of self that a method calls, or goes through in a loop."""
    called = (part.func if isinstance(part, ast.Call) else part.iter if isinstance(part, ast.For) else None
              for part in walk(node))  # fmt: skip
    return {name for part in called if (name := _attribute(part))}


def _attribute(node: ast.AST | None) -> str:
    """fc1 for self.fc1; "" for anything else."""
    is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if is_own and isinstance(node, ast.Attribute) else ""
