"""What a cell of a map sees of the image is where torch's gradient is not zero."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from layerscope import limits
from layerscope.building import module
from layerscope.link import decode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import up_to
from layerscope.study.sights import sights
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]
PADDED = decode("1x20x24~Conv2d.2.3.padding-2.stride-2.dilation-2~Conv2d.2.5.padding-2")
RESNET = PRESETS["resnet18"].with_input((3, 64, 64))


@pytest.fixture
def _means(monkeypatch):
    """A maximum has a gradient at its largest cell alone; a mean over the same window has one at each."""
    monkeypatch.setattr(
        nn.MaxPool2d, "forward",
        lambda self, x: functional.avg_pool2d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode),
    )  # fmt: skip


def by_gradient(network, name, place):
    """The rows and columns of the input that have a gradient for one cell of every map; all weights are positive."""
    built = module(up_to(network, name)).eval()
    for key, tensor in built.state_dict().items():
        tensor.fill_(1.0 if "num_batches" not in key else 1)
    image = torch.ones(1, *network.input_shape, requires_grad=True)
    built(image)[0][(slice(None), *place)].sum().backward()
    assert image.grad is not None
    seen = image.grad[0].sum(0) != 0
    return tuple((int(where.nonzero()[0]), int(where.nonzero()[-1])) for where in (seen.any(1), seen.any(0)))


@pytest.mark.usefixtures("_means")
@pytest.mark.parametrize(
    ("network", "name"),
    [
        (SEED, "conv1"), (SEED, "conv2"), (SEED, "relu2"), (RESNET, "layer1.0.conv1"), (PADDED, "conv2"),
        (RESNET, "layer2.0.downsample.0"), (RESNET, "layer2.0.conv2"),
    ],
)  # fmt: skip
def test_a_cell_sees_where_the_gradient_is(network, name):
    step = trace(network).by_name[name]
    seen = sights(step)
    assert seen is not None
    rows, columns = (step.output_shape or ())[1:]
    assert [len(axis) for axis in seen] == [rows, columns]
    for place in ((0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)):
        assert tuple(axis[at] for axis, at in zip(seen, place, strict=True)) == by_gradient(network, name, place)


def test_after_a_linear_every_value_sees_the_same():
    assert sights(trace(SEED).by_name["fc1"]) == (((0, 27),), ((0, 27),))


def test_where_no_place_is_known_there_is_none():
    assert sights(trace(SEED).by_name["flatten"]) is None
    text = trace(PRESETS["textcnn"])
    assert all(len(sights(step) or ()) < 2 for step in text.steps)
    large = decode(f"1x{limits.INSIDE_FOLLOWED.most + 3}x8~Conv2d.1.3")
    assert sights(trace(large).steps[0]) is None
