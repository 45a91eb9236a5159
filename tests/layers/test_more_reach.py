"""Which cells the paddings, power pooling, shuffles and gates read, beside torch's gradients."""

from typing import Any

import pytest
import torch

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.tracing import trace

SHAPES = {1: (2, 5), 2: (2, 5, 6), 3: (2, 4, 5, 3)}


def new(kind: str, **values: Any) -> Layer:
    layer = CATALOGUE[kind].fresh("layer")
    for name, value in values.items():
        layer = layer.with_chosen(name, value)
    return layer


CASES: list[tuple[Layer, Shape]] = [
    *(
        (new(f"{kind}Pad{dims}d", padding=(1, 2, 2, 0, 1, 1)[: 2 * dims]), shape)
        for kind in ("Reflection", "Replication", "Circular", "Zero", "Constant")
        for dims, shape in SHAPES.items()
    ),
    *((new(f"LPPool{dims}d"), shape) for dims, shape in SHAPES.items()),
    *((new("GLU", dim=dim), (4, 6, 8)) for dim in (1, 2, 3, -1)),
    (new("PixelUnshuffle"), (2, 4, 6)),
    (new("ChannelShuffle"), (4, 4, 6)),
    (new("RMSNorm"), (3, 4, 5)),
    (new("InstanceNorm1d"), (3, 5)),
]


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=lambda part: part.type if isinstance(part, Layer) else "")
def test_a_cell_sees_the_cells_that_have_a_gradient(layer, shape):
    step: Any = trace(Network(shape, (layer,))).steps[0]
    module = layer.torch_class(**step.arguments).eval()
    given: Any = torch.rand(1, *shape, requires_grad=True)
    for axis in range(2, len(shape) + 1):
        for cell in range(step.output_shape[axis - 1]):
            given.grad = None
            module(given).select(axis, cell).sum().backward()
            others = [other for other in range(given.dim()) if other != axis]
            seen = given.grad.abs().sum(dim=others).nonzero().flatten().tolist()
            first, last = step.receptive_field.axes[axis - 2].span(cell)
            if seen:
                assert (max(first, 0), min(last, shape[axis - 1] - 1)) == (seen[0], seen[-1])
            else:
                assert first >= shape[axis - 1] or last < 0, "a cell of the padding sees nothing"
