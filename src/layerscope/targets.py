"""What a guess is about, and what torch says of it: a layer's output shape, a value, parameters, whether it runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from layerscope.explain import as_sentence, is_flattening, is_sentence, product_text, reason, value_text
from layerscope.formatting import fits_sentence, shape_text
from layerscope.formula import Formula
from layerscope.steps import Step, Trace

ANY, SHAPE, VALUE, PARAMETERS, RUNS, TEXT = "", "shape", "value", "parameters", "runs", "text"
KINDS = (ANY, SHAPE, VALUE, PARAMETERS, RUNS, TEXT)
"""Of any kind is the guess that names a shape, the parameter count, or whether the network runs, as it likes."""
MOST_TERMS = 6
"""So many layers are named in a sum of parameters."""

_PATH = r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*"
_WRITTEN = re.compile(
    rf"(?:(?P<shape>shape):(?P<layer>{_PATH})|(?P<value>value):(?P<reader>{_PATH})\.(?P<argument>[a-z_]+))"
)
_WINDOW = frozenset("ipdks")


@dataclass(frozen=True)
class Target:
    """`layer` counts for a shape and a value, `argument` for a value."""

    kind: str = ANY
    layer: str = ""
    argument: str = ""

    @property
    def written(self) -> str:
        """As text for a link: "shape:pool2", "value:fc1.in_features", "parameters"; "" for any kind."""
        place = f"{self.layer}.{self.argument}" if self.argument else self.layer
        return f"{self.kind}:{place}" if place else self.kind

    @property
    def question(self) -> str:
        return {
            SHAPE: f"What shape does {self.layer} output?",
            VALUE: f"What will {self.layer}.{self.argument} be?",
            PARAMETERS: "How many parameters does the network have then?",
            RUNS: "Does the network still run?",
            TEXT: "What do you expect?",
        }.get(self.kind, "What will happen?")


def read(text: str) -> Target:
    """The target of `Target.written`. Raises ValueError for a text that names none."""
    if text in (ANY, PARAMETERS, RUNS, TEXT):
        return Target(text)
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError("That names nothing that a guess could be about.")
    if found["shape"]:
        return Target(SHAPE, found["layer"])
    return Target(VALUE, found["reader"], found["argument"])


@dataclass(frozen=True)
class Truth:
    """What a guess is compared with. Any of `values` is right: numbers, as the guess of a shape has several.

    `says` is a sentence without its full stop, `short` the answer alone ("" where it takes the sentence), `why` the
    reason in words, then the formula.
    """

    says: str
    short: str
    why: str = ""
    values: tuple[tuple[int, ...], ...] = ()
    runs: bool = True


def truth(target: Target, now: Trace) -> Truth | None:
    """What torch says of the target; None where the network does not have it, or where no engine can judge."""
    if target.kind == RUNS:
        return _runs(now)
    if target.kind == PARAMETERS:
        return _parameters(now) if now.error is None else _runs(now)
    if target.kind not in (SHAPE, VALUE) or target.layer not in now.network.names:
        return None
    step = now.by_name.get(target.layer)
    if step is None or (target.kind == SHAPE and step.output_shape is None):
        return _runs(now)
    if target.kind == SHAPE:
        return _shape(step)
    return _value(now, step, target.argument) if target.argument in step.arguments else None


def _runs(now: Trace) -> Truth:
    if now.error is None:
        outputs = " and ".join(map(shape_text, now.output_shapes)) or "nothing"
        return Truth("the network runs", "", f"Every layer fits the one before it; the output is {outputs}.")
    return Truth("the network does not run", "", f"{now.steps[-1].name}: {now.error.message}", runs=False)


def _parameters(now: Trace) -> Truth:
    terms = [(step.parameters, step.name) for step in now.steps if step.parameters]
    total = now.parameters
    if not terms:
        return Truth("the network has 0 parameters", "0 parameters", "No layer has weights.", ((0,),))
    named = sorted(terms, reverse=True)[:MOST_TERMS]
    rest = total - sum(count for count, _ in named)
    parts = [f"{count:,}" for count, name in terms if (count, name) in named] + ([f"{rest:,}"] if rest else [])
    others = f", {len(terms) - len(named)} smaller layers" if rest else ""
    names = ", ".join(name for count, name in terms if (count, name) in named)
    why = f"Add up the parameters of {names}{others}: {' + '.join(parts)} = {total:,}."
    return Truth(f"the network has {total:,} parameters", f"{total:,} parameters", why, ((total,),))


def _value(now: Trace, step: Step, argument: str) -> Truth:
    value = step.arguments[argument]
    short = f"{value:,}" if type(value) is int else value_text(value)
    told = reason(now, step, argument)
    why = as_sentence(now, told) if is_sentence(now, told) else f"It is {told}"
    return Truth(f"{step.name}.{argument} is {short}", short, f"{why}.", _numbers(value), runs=step.error is None)


def _numbers(value: Any) -> tuple[tuple[int, ...], ...]:
    parts = value if isinstance(value, tuple) else (value,)
    return (parts,) if all(type(part) is int for part in parts) else ()


def _shape(step: Step) -> Truth:
    shown = [shape_text(shape) for shape in step.shown_shapes]
    shapes = (*step.shown_shapes[:1], *step.output_shapes[:1])
    return Truth(f"{step.name} outputs {' and '.join(shown)}", shown[0], " ".join(_why_shape(step)), shapes)


def _why_shape(step: Step) -> Iterator[str]:
    """In words, then the formulas."""
    checks = [check.formula for check in step.checks if check.formula.quantity.startswith("output ")]
    if step.input_shapes and all(step.output_shape == shape for shape in step.input_shapes):
        yield f"{step.name} keeps the shape of its input."
        return
    if is_flattening(step):
        yield f"Flattened, they make {product_text(step.input_shape)} = {prod(step.input_shape):,} values."
        return
    windows = {formula.numbers: formula for formula in checks if {letter for letter, _ in formula.numbers} == _WINDOW}
    for formula in windows.values():
        yield _fits(formula, "×".join([str(dict(formula.numbers)["k"])] * step.layer.dims) if len(windows) == 1 else "")
    if windows:
        return
    told = [
        f"{formula.quantity.removeprefix('output ')} {formula.filled} = {formula.value:,}"
        for formula in checks
        if not formula.filled.isdecimal()
    ]
    if told:
        yield f"By the formulas: {'; '.join(told)}."
    elif "out_features" in step.arguments:
        yield f"{step.name} outputs out_features values: {step.arguments['out_features']:,}."


def _fits(formula: Formula, square: str) -> str:
    """How often a window fits. `square` is its size where it is the same along all axes, else this is about one."""
    of = dict(formula.numbers)
    axis = formula.quantity.removeprefix("output ")
    window = f"A {square} window" if square else f"Along the {axis} a window of {of['k']}"
    spread = f" with its taps {of['d']} apart" if of["d"] > 1 else ""
    padded = f" plus {of['p']} of padding on each side" if of["p"] else ""
    words = fits_sentence(f"{window}{spread}", of["s"], formula.value, f"{of['i']:,}{padded}")
    return f"{words}: {formula.filled} = {formula.value:,}."
