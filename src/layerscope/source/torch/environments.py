"""Environments of Gymnasium: how many numbers an observation has, and how many actions there are."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Method, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

KNOWN = {
    "CartPole": (4, 2), "MountainCar": (2, 3), "Acrobot": (6, 3), "LunarLander": (8, 4),
}  # fmt: skip
"""Environments whose observations are a row of numbers and whose actions are counted: how many of each."""
SPACES = ("observation_space", "single_observation_space", "action_space", "single_action_space")
"""What environments have, one alone or several side by side."""
_WRAPPED = ("unwrapped", "env")


@dataclass(frozen=True, eq=False)
class Environment(Value):
    """gym.make(name). `sizes` is None where nobody here knows the environment."""

    name: str
    sizes: tuple[int, int] | None

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in _WRAPPED:
            return self
        if name in SPACES[:2]:
            return Space(self, {} if self.sizes is None else {"shape": self.sizes[:1]})
        if name in SPACES:
            return Space(self, {} if self.sizes is None else {"n": self.sizes[1], "shape": ()})
        return Method(self, name, _called) if name == "reset" else run.unknown(node)


UNTOLD = Environment("the environment", None)
"""One that the code only names, such as a parameter env."""


@dataclass(frozen=True, eq=False)
class Space(Value):
    """What is known of an environment's observations, or of its actions."""

    of: Environment
    known: dict[str, Any]

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name not in self.known:
            return untold(run, node)
        run.remarks.note(f"{run.paste.quote(node)} of {self.of.name} is {self.known[name]}.", node)
        return self.known[name]


@dataclass(frozen=True, eq=False)
class Observation(Value):
    """What env.reset() gives: an observation, and since Gym 0.26 something else beside it."""

    of: Environment

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return [self, run.unknown(node)]

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        return untold(run, node) if self.of.sizes is None else self.of.sizes[0]

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name not in ("shape", "size"):
            return run.unknown(node)
        if self.of.sizes is None:
            return untold(run, node)
        return self.of.sizes[:1] if name == "shape" else self.of.sizes[0]


def untold(run: "Evaluator", node: ast.AST) -> Any:
    """What only the environment says."""
    text = run.paste.quote(node)
    return run.unknown(node, f"Only the environment says what {text} is. Write the number itself in its place.")


def _called(run: "Evaluator", of: Environment, name: str, call: Call) -> Any:
    return Observation(of)


def made(run: "Evaluator", call: Call) -> Any:
    """gym.make("CartPole-v1")."""
    name = call.args[0] if call.args else call.kwargs.get("id")
    if not isinstance(name, str):
        return UNTOLD
    return Environment(name[:60], KNOWN.get(name.rpartition("-v")[0]))


CALLS: dict[str, Any] = {"gym.make": made, "gymnasium.make": made}
