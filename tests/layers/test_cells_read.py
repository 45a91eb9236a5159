"""Padding that cuts away, and upsampling: shapes, cells read and cells unread, beside torch's own."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Shape
from layerscope.metrics import unread
from layerscope.receptive import NOTHING
from layerscope.steps import Step
from layerscope.tracing import trace
from tests.oracle import single

PADS = [
    name
    for name, kind in CATALOGUE.items()
    if "Pad" in name and "padding" in kind.parameters() and kind.parameters()["padding"].low < 0
]
"""All but Pad, whose `pad` names its own number of axes, and those that we let only add: Replication-, CircularPad."""
MODES = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}


def step_of(kind: str, shape: Shape, **arguments: Any) -> Step:
    return trace(single(replace(CATALOGUE[kind].fresh("it"), **arguments), shape)).steps[0]


def module_of(step: Step) -> nn.Module:
    return step.layer.torch_class(**step.arguments)


def reads_what_torch_reads(step: Step) -> None:
    """Compare each row, column, ... of the output with its gradient, and what none of them reads with `unread`."""
    assert step.output_shape is not None
    assert step.receptive_field is not None
    values = torch.rand(1, *step.input_shape, requires_grad=True)
    output = module_of(step)(values)
    assert tuple(output.shape[1:]) == step.output_shape
    for number, axis in enumerate(step.receptive_field.axes):
        read: set[int] = set()
        for u in range(axis.cells):
            made = output.select(number + 2, u)
            weights = torch.rand(made.shape) + 0.5
            (gradient,) = torch.autograd.grad((made * weights).sum(), values, retain_graph=True)
            cells = gradient[0].abs().transpose(0, number + 1).flatten(1).sum(1).nonzero().flatten().tolist()
            assert axis.span(u) == ((min(cells), max(cells)) if cells else NOTHING)
            read.update(cells)
        assert unread(step)[number] == tuple(sorted(set(range(axis.extent)) - read))


@pytest.mark.parametrize("kind", PADS)
@given(data=st.data())
def test_padding_may_cut_away(kind, data):
    dims = CATALOGUE[kind].dims
    shape = (2, *data.draw(st.tuples(*[st.integers(1, 6)] * dims)))
    sides = st.integers(-4, 4)
    padding = data.draw(st.one_of(sides, st.tuples(*[sides] * (2 * dims))))
    step = step_of(kind, shape, padding=padding)
    try:
        really: Shape | None = tuple(module_of(step)(torch.rand(1, *shape)).shape[1:])
    except RuntimeError:
        really = None
    runs = really is not None and 0 not in really
    assert (step.error is None) is runs, (step.error, really)
    if runs:
        reads_what_torch_reads(step)
        assert all(check.agrees for check in step.checks)


def test_padding_that_cuts_all_away_says_so():
    error = step_of("ZeroPad2d", (1, 8, 8), padding=(0, 0, -3, -5)).error
    assert error is not None
    assert error.message == "The output height would be 8 + (-3) + (-5) = 0; at least 1 is needed."


def test_padding_that_cuts_more_than_there_is_says_so():
    error = step_of("ZeroPad2d", (1, 3, 2), padding=(-3, 9, 0, 0)).error
    assert error is not None
    assert error.message == "padding cuts 3 cells from one side of the width of 2; at most 2 can go."
    assert error.torch_message == "narrow(): length must be non-negative."


@st.composite
def upsampled(draw: st.DrawFn) -> tuple[Shape, dict[str, Any]]:
    dims = draw(st.integers(1, 3))
    largest = {1: 40, 2: 12, 3: 5}[dims]
    shape = (1, *draw(st.tuples(*[st.integers(1, largest)] * dims)))
    mode = draw(st.sampled_from(("nearest", "nearest-exact", *MODES[dims])))
    arguments: dict[str, Any] = {"mode": mode, "scale_factor": None}
    if not mode.startswith("nearest"):
        arguments["align_corners"] = draw(st.sampled_from((None, False, True)))
    if draw(st.booleans()):
        return shape, arguments | {"size": draw(st.tuples(*[st.integers(1, 2 * largest)] * dims))}
    factor = st.one_of(st.sampled_from((0.3, 1 / 3, 0.5, 0.7, 1.0, 1.3, 1.5, 2.0, 2.3, 2.7, 3.0)), st.floats(0.2, 3))
    return shape, arguments | {"scale_factor": draw(st.tuples(*[factor] * dims))}


@given(upsampled())
def test_upsampling_reads_the_cells_that_torch_reads(question):
    shape, arguments = question
    step = step_of("Upsample", shape, **arguments)
    assume(step.error is None)
    reads_what_torch_reads(step)


@pytest.mark.parametrize(
    ("size", "arguments"), [(21, {"size": 77}), (31, {"scale_factor": 1.3}), (31, {"scale_factor": 2.3})]
)
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_single_precision_decides_which_cell_is_nearest(size, arguments, mode):
    step = step_of("Upsample", (1, size), mode=mode, **{"scale_factor": None, **arguments})
    cells = torch.arange(size, dtype=torch.float32)[None, None]
    assert step.receptive_field is not None
    (axis,) = step.receptive_field.axes
    assert [axis.span(u) for u in range(axis.cells)] == [(int(n), int(n)) for n in module_of(step)(cells).flatten()]
