"""Closed formulas: what is written with the numbers filled in, calculated by other means, is the value."""

import ast
import math
import operator
from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from layerscope import asking
from layerscope.formula import Check, Formula
from layerscope.layers import convolution, kernel, linear
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.oracle import random_question, single

OPERATIONS: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Any] = {"floor": math.floor, "ceil": math.ceil, "max": max}


def calculated(text: str) -> Any:
    """The value of a filled-in formula: exact fractions, and floats only where a float is written."""
    return _value(ast.parse(text.replace("·", "*").replace("−", "-"), mode="eval").body)


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Constant(value=float(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left), _value(right)
            return OPERATIONS[type(op)](*(map(float, (a, b)) if float in (type(a), type(b)) else (a, b)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return FUNCTIONS[name](*map(_value, arguments))
    raise ValueError(ast.dump(node))


def test_the_calculator():
    assert calculated("floor((28 + 2·0 − 1·(5 − 1) − 1) / 1) + 1") == 24
    assert calculated("ceil(7 / 2)") == 4
    assert calculated("2·(-3)") == -6
    with pytest.raises(ValueError, match="Name"):
        calculated("2·x")


def test_every_filled_in_formula_gives_its_value(thorough):
    seen: Counter[str] = Counter()
    for number in range(60_000 if thorough else 2_000):
        layer, shape = random_question(Random(number))
        step = trace(single(layer, shape)).steps[0]
        for check in step.checks:
            formula = check.formula
            assert check.agrees, (layer, shape, check)
            assert calculated(formula.filled) == formula.value == check.torch, (layer, shape, check)
            seen[formula.quantity] += 1
    assert sum(seen.values()) > 3_000
    assert {"parameters", "MACs", "output channels", "output height", "output length", "output depth"} <= set(seen)


def test_every_axis_is_checked(thorough):
    for number in range(20_000 if thorough else 700):
        layer, shape = random_question(Random(number))
        step = trace(single(layer, shape)).steps[0]
        if step.error is None:
            axes = [check for check in step.checks if check.formula.quantity not in ("parameters", "MACs")]
            assert tuple(check.torch for check in axes) == sum(step.output_shapes, ())


def test_a_formula_with_its_numbers():
    step = trace(PRESETS["fashion-mnist-cnn"]).by_name["conv2"]
    written = {check.formula.quantity: (check.formula.symbols, check.formula.filled) for check in step.checks}
    window = ("floor((i + 2·p − d·(k − 1) − 1) / s) + 1", "floor((12 + 2·0 − 1·(5 − 1) − 1) / 1) + 1")
    assert written == {
        "output channels": ("C_out", "12"),
        "output height": window,
        "output width": window,
        "parameters": ("C_out·C_in·k_h·k_w + C_out", "12·6·5·5 + 12"),
        "MACs": ("H_out·W_out·weights", "8·8·1800"),
    }


def test_negative_numbers_stand_in_brackets():
    assert Formula("n", "2·x", (("x", -3),), -6).filled == "2·(-3)"


@pytest.fixture
def no_memory():
    """Answers from before and from within the test do not meet."""
    asking.forget()
    yield
    asking.forget()


@pytest.mark.usefixtures("no_memory")
@pytest.mark.parametrize(
    ("owner", "name", "quantities"),
    [
        (convolution, "window_formula", {"output height", "output width"}),
        (kernel.AnyConvolution, "parameter_formula", {"parameters"}),
        (linear.Linear, "parameter_formula", {"parameters"}),
        (linear.Linear, "mac_formula", {"MACs"}),
    ],
)
def test_a_formula_that_is_wrong_is_shown_as_such(monkeypatch, owner, name, quantities):
    right = getattr(owner, name)

    def wrong(*arguments):
        formula = right(*arguments)
        return Formula(formula.quantity, formula.symbols, formula.numbers, formula.value + 1)

    monkeypatch.setattr(owner, name, wrong)
    traced = trace(PRESETS["fashion-mnist-cnn"])
    assert traced.error is None
    assert not traced.agrees
    assert traced.parameters == 32_998  # what torch says stays what is shown
    assert traced.output_shape == (10,)
    disagreeing = [check for step in traced.steps for check in step.checks if not check.agrees]
    assert {check.formula.quantity for check in disagreeing} == quantities
    assert all(check.formula.value == check.torch + 1 for check in disagreeing)


@pytest.mark.usefixtures("no_memory")
def test_a_missing_axis_or_count_is_shown_as_such(monkeypatch):
    formulas = linear.Linear.output_formulas
    monkeypatch.setattr(linear.Linear, "output_formulas", lambda self, shape: formulas(self, shape)[:-1])
    monkeypatch.setattr(linear.Linear, "parameter_formula", lambda self, shape: None)
    traced = trace(PRESETS["fashion-mnist-cnn"])
    assert sum(not check.agrees for check in traced.by_name["fc1"].checks) == 2


def test_agreement_is_equality():
    formula = Formula("n", "2·x", (("x", 3),), 6)
    assert Check(formula, 6).agrees
    assert not Check(formula, 7).agrees
