"""An axis of accuracies shows what is there."""

import pytest

from layerscope.figures.scales import MOST_MARKS, span


@pytest.mark.parametrize("whole", [1, 100])
@pytest.mark.parametrize("shares", [(0.825, 0.852, 0.877), (0.1, 0.954), (0.0, 1.0), (0.5,), (), (0.9, 0.901)])
def test_an_axis_reaches_as_far_as_its_values_and_has_some_marks(shares, whole):
    axis = span([share * whole for share in shares], whole)
    low, high = axis["range"]
    assert all(low < share * whole < high for share in shares)
    assert -0.02 * whole <= low < high <= 1.02 * whole
    assert 2 <= (high - low) / axis["dtick"] <= MOST_MARKS


def test_accuracies_that_are_near_each_other_are_told_apart():
    low, high = span([0.825, 0.852, 0.877], 1)["range"]
    assert (0.852 - 0.825) / (high - low) > 0.3
