"""Marks of a logarithmic axis of counts are round, within the axis, and apart."""

from itertools import pairwise
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.figures.count_marks import MOST, logarithmic


@pytest.mark.parametrize(
    ("low", "top", "marks"),
    [
        (98_040, 443_336, [1e5, 2e5, 3e5]),
        (1, 1e6, [1, 100, 1e4, 1e6]),
        (213_144, 251_256, [220_000, 230_000, 240_000, 250_000]),
        (5, 5, [5]),
    ],
)
def test_marks_are_round(low, top, marks):
    assert logarithmic(low, top) == pytest.approx(marks)


@given(st.floats(1, 1e12), st.floats(1, 1e6))
def test_marks_are_within_the_axis_and_apart(low, times):
    top = low * times
    marks = logarithmic(low, top)
    assert marks
    assert all(low * 0.999 <= mark <= top * 1.001 for mark in marks)
    for one, other in pairwise(marks):
        assert log10(other / one) >= 0.999 * log10(top / low) / MOST
    if times > 1.001:
        assert len(marks) > 1
