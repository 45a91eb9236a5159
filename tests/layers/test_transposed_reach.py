"""Which cells feed a cell of a transposed convolution, beside the same counted out tap by tap."""

from itertools import product

from layerscope.layers.transposed import _transposed_reach
from layerscope.receptive import NOTHING


def test_the_feeding_cells_are_those_that_counting_finds():
    for kernel, stride, pad, dilation, size in product((1, 2, 3, 7), (1, 2, 3, 6), (0, 1, 3), (1, 2, 4), (1, 2, 5)):
        reach = _transposed_reach(kernel, stride, pad, dilation, size)
        for u in range(30):
            taps = [u + pad - dilation * t for t in range(kernel)]
            feeding = [tap // stride for tap in taps if tap % stride == 0 and 0 <= tap // stride < size]
            assert reach.span(u) == ((min(feeding), max(feeding)) if feeding else NOTHING)
