"""Functions with a gradient of their own: what Swish.apply(x) gives is what its forward gives."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.values import Call, Method, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

NAMES = ("torch.autograd.Function", "torch.autograd.function.Function")


@dataclass(eq=False, repr=False)
class Context(Value):
    """ctx: it keeps things for the way back, which does not belong to the network."""

    held: dict[str, Any]

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return self.held[name] if name in self.held else Method(self, name, _nothing)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.held[name] = value
        return True


def _nothing(run: "Evaluator", of: Context, name: str, call: Call) -> None:
    """ctx.save_for_backward(x)."""


def is_function(cls: UserClass) -> bool:
    """Whether a class of the paste is built on torch.autograd.Function."""
    return any(root in NAMES or root == "Function" for root in cls.roots)


def applied(run: "Evaluator", cls: UserClass, name: str, call: Call) -> Any:
    """Swish.apply(x). Raises Fault."""
    forward = cls.find("forward")
    if not isinstance(forward, UserFunction):
        return run.strange(run.unknown(call.node), call)
    has_context = cls.find("setup_context") is None
    return forward.call(run, call.with_first(Context({})) if has_context else call)
