"""Activations that nothing in the code defines: their shape is known all the same, as an activation keeps it."""

import ast
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from layerscope.network import LONGEST_NAME
from layerscope.source.python.values import Call, Symbol, Unknown
from layerscope.source.reading import Span
from layerscope.source.torch import allowed
from layerscope.source.torch.tensor import Tensor
from layerscope.torch_functions import FUNCTIONS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

ALIKE = 0.8
"""How much of a name must agree with one of the code that may be meant by it."""
_BY_WORD: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), layer)
    for pattern, layer in (
        (r"h(?:ard)?_?swish", "Hardswish"), (r"swish|silu", "SiLU"), (r"mish", "Mish"), (r"gelu", "GELU"),
        (r"leaky", "LeakyReLU"), (r"selu", "SELU"), (r"celu|elu", "ELU"), (r"softplus", "Softplus"),
        (r"softsign", "Softsign"), (r"sigmoid", "Sigmoid"), (r"tanh", "Tanh"),
        (r"relu|(?:^|_)act(?:iv|_|\d|$)|activation|nonlin|rectif|squash", "ReLU"),
    )
)  # fmt: skip
"""What stands in for an activation, by what it is called; relu is looked for before elu."""


def stand_in(run: "Evaluator", memory: dict[str, bool], unknown: Unknown, call: Call) -> Any:
    """What a call of an undefined name gives that is an activation by its name; NotImplemented for all others.

    swish2(x) is one; Swish() makes one. `memory` keeps which names are only misspelled.
    """
    missed = unknown.undefined
    if missed is None or len(missed.id) > LONGEST_NAME or call.kwargs:
        return NotImplemented
    name = missed.id
    on_tensor = len(call.args) == 1 and isinstance(call.args[0], Tensor) and call.args[0].carries
    if on_tensor and (path := _of_torch(name)):
        run.remarks.assume(name, path)
        return run.world.call(run, Symbol(path), call)
    makes = not call.args and name[:1].isupper() and run.making > 0
    kind = _kind(name)
    if not kind or not (on_tensor or makes) or _is_misspelled(run, memory, name):
        return NotImplemented
    text = f"nn.{kind}" if makes else f"nn.{kind}()"
    changes = above(run, missed, f"{name} = {text}")
    run.remarks.flaw(
        f"{name} is not defined in the code. Its name suggests an activation, which keeps the shape; nn.{kind} is used "
        "for it here.", missed, kind="undefined", tone="error", title=f"{name} is not defined",
        quote=f"name '{name}' is not defined", label=f"Add {name} = {text}" if changes else "", changes=changes,
    )  # fmt: skip
    layer = run.world.call(run, Symbol(f"torch.nn.{kind}"), Call(call.node))
    return layer if makes else run.call(layer, call)


def _of_torch(name: str) -> str:
    """The full name of a function of torch's that works on tensors; "" where there is none of that name."""
    if f"F.{name}" in FUNCTIONS or name in allowed.FUNCTIONAL:
        return f"torch.nn.functional.{name}"
    return f"torch.{name}" if f"torch.{name}" in FUNCTIONS else ""


def _kind(name: str) -> str:
    small = name.lower()
    found = [layer for pattern, layer in _BY_WORD if pattern.search(small)]
    return "ReLU" if "relu" in small and found[:1] == ["ELU"] else found[0] if found else ""


def _is_misspelled(run: "Evaluator", memory: dict[str, bool], name: str) -> bool:
    """Whether the code has a name that may be meant."""
    if name in memory:
        return memory[name]
    known = [other for other in run.globals.names if isinstance(other, str) and abs(len(other) - len(name)) <= 2]
    run.tick(None, len(known))
    memory[name] = bool(get_close_matches(name, known, 1, ALIKE))
    return memory[name]


def above(run: "Evaluator", node: ast.AST, text: str) -> tuple[tuple[Span, str], ...]:
    """A line above the class or statement at module level that the node stands in."""
    rows = run.paste.lines
    line = start = getattr(node, "lineno", 1)
    while line > 1 and not re.match(r"[A-Za-z_@]", rows[line - 1]):
        line -= 1
    while line > 1 and rows[line - 2].startswith("@"):
        line -= 1
    run.tick(node, start - line)
    margin = run.paste.margin(line)
    far = text.startswith("class ") or rows[line - 1].startswith(("class ", "@", "def "))
    gap = "\n\n\n" if far else "\n"
    return () if margin is None else ((Span(line, 1, line, 1), f"{margin}{text}{gap}"),)
