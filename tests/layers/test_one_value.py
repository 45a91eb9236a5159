"""Norms over one value: what torch refuses in training and in eval mode, and that the warning or the error says so."""

from dataclasses import replace
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Shape
from layerscope.steps import Step
from layerscope.tracing import trace
from tests.oracle import single

NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm2d", "LayerNorm")
RANKS = {"BatchNorm2d": (3,), "BatchNorm3d": (4,), "InstanceNorm2d": (3,), "BatchNorm1d": (1, 2)}


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, dict[str, Any], Shape]:
    """A norm and a small shape, one value for each mean often."""
    kind = draw(st.sampled_from(NORMS))
    shape = draw(st.sampled_from(RANKS.get(kind, (1, 2, 3, 4))).flatmap(lambda n: st.tuples(*[st.integers(1, 3)] * n)))
    shape = draw(st.sampled_from((shape, (shape[0], *(1 for _ in shape[1:])))))
    if kind == "GroupNorm":
        groups = draw(st.sampled_from([n for n in range(1, shape[0] + 1) if shape[0] % n == 0]))
        return kind, {"num_groups": groups, "affine": draw(st.booleans())}, shape
    if kind == "LayerNorm":
        return kind, {"normalized_shape": draw(st.sampled_from((None, shape[-1:])))}, shape
    return kind, {"track_running_stats": draw(st.booleans()), "affine": draw(st.booleans())}, shape


def refusal(step: Step, batch: int, *, training: bool) -> str:
    """What torch says of that many samples; "" where it runs."""
    module = step.layer.torch_class(**step.arguments).train(training)
    try:
        module(torch.rand(batch, *step.input_shape))
    except ValueError as error:
        return str(error)
    return ""


@given(questions())
def test_what_torch_refuses_of_one_value_is_told(question):
    kind, arguments, shape = question
    step = trace(single(replace(CATALOGUE[kind].fresh("it"), **arguments), shape)).steps[0]
    told = step.warning or ""
    always = refusal(step, 2, training=False)
    assert bool(step.error) is bool(always)
    if step.error:
        assert step.error.torch_message == refusal(step, 1, training=False)
        return
    one, training = refusal(step, 1, training=False), refusal(step, 1, training=True)
    two = refusal(step, 2, training=True)
    assert ("a batch of 1 raises" in told) is bool(training and not two)
    assert ("every batch raises" in told) is bool(two)
    assert ("in eval mode too" in told) is bool(one)
    assert not training or told.split('"')[1] in training
    values = step.layer.torch_class(**step.arguments).eval()(torch.rand(2, *shape))
    is_zero = bool(values.abs().max() < 1e-3) and kind in ("GroupNorm", "LayerNorm")
    assert ("0: it is its own mean" in told) is is_zero
