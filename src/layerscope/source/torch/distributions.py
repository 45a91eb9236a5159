"""torch.distributions: a distribution is shown as the tensors that it is made of."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Fault, Method, Symbol
from layerscope.source.torch.fields import Fields
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_OF_PLACE_AND_SPREAD = frozenset({"Normal", "Laplace", "Gumbel", "Cauchy"})
"""Distributions of which a draw is the place plus the spread times a number that is drawn."""
_DRAWING = ("rsample", "sample")


@dataclass(eq=False, repr=False)
class Distribution(Fields):
    """Normal(mean, spread): its tensors by name."""

    name: str = ""

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in _DRAWING and self.name in _OF_PLACE_AND_SPREAD:
            return Method(self, name, _drawn)
        found = self.fields.get({"mean": "loc", "stddev": "scale"}.get(name, name))
        return found if isinstance(found, Tensor) else run.unknown(node, not_known(self.name))


def made(run: "Evaluator", symbol: Symbol, call: Call) -> Distribution | None:
    """A distribution of tensors of the network; None where it is of others, or by arguments that are not known."""
    names = ("loc", "scale") if symbol.last in _OF_PLACE_AND_SPREAD else ("probs", "logits")
    given = {name: value for name, value in call.bound(*names).items() if isinstance(value, Tensor)}
    if not given:
        return None
    text = run.paste.quote(call.node)
    run.remarks.note(f"{text} makes a distribution: the tensors that it is made of are shown.", call.node)
    return Distribution(given, symbol.last)


def not_known(name: str) -> str:
    """The sentence for what is asked of a distribution and has no row."""
    return (
        f"{name} makes a distribution, and what this code asks of it has no row. Return the tensor that it is made of, "
        "and make the distribution outside of forward."
    )


def _drawn(run: "Evaluator", of: Distribution, name: str, call: Call) -> Any:
    """A draw: as large as the place and the spread together. Raises Fault."""
    place, spread = of.fields.get("loc"), of.fields.get("scale")
    if call.everything or not isinstance(place, Tensor) or not isinstance(spread, Tensor):
        raise Fault(not_known(of.name), call.node)
    return world_of(run).operation(run, "add", Call(call.node, [place, spread]))
