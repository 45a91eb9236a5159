"""Covering an image: what it gives is what torch gives for each image that is covered by hand, within the limits."""

import pytest
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.limits import Limit
from layerscope.link import decode
from layerscope.presets import PRESETS
from layerscope.study.covering import FEWEST, covered, effort, square, uncoverable
from layerscope.study.inside import LookError, cost
from layerscope.study.samples import sample
from layerscope.tracing import trace
from tests.study.test_class_maps import VIT

MLP = decode("1x28x28~Flatten~Linear.16~ReLU~Linear.5")
NETWORKS = {
    "mlp": MLP,
    "vit": decode(VIT),
    "signal": decode("2x50~Conv1d.4.5~ReLU~Flatten~Linear.3"),
    "values": decode("13~Linear.8~ReLU~Linear.3"),
    "wide": decode("3x10x17~Flatten~Linear.4"),
    "two inputs": decode("1x8x8-3~Input.1x8x8.as-x~Input.4.as-other~Flatten.in-x~Concat.in-flatten1,other~Linear.3"),
}


def planes(image):
    """A view of an input as (…, rows, columns)."""
    return image if image.ndim > 2 else image[..., None, :]


@pytest.mark.parametrize("key", NETWORKS)
def test_each_cell_is_the_fall_of_the_score_of_the_image_covered_there(key):
    network = NETWORKS[key]
    image = sample("edges", network.input_shape) + 0.1
    more = {each.name: torch.rand(each.shape) for each in network.inputs[1:]}
    found = covered(network, {network.inputs[0].name: image, **more}, seed=3)
    built = module(network, 3).eval()
    others = [value[None] for value in more.values()]
    with torch.no_grad():
        plain = built(image[None], *others)[0]
        (high, wide), (classes, rows, columns) = found.square, found.drops.shape
        assert (classes, found.scores.shape) == (len(plain), plain.shape)
        assert torch.allclose(found.scores, plain)
        size = planes(image).shape[-2:]
        assert (rows - 1) * high < size[0] <= rows * high
        assert (columns - 1) * wide < size[1] <= columns * wide
        for row in range(rows):
            for column in range(columns):
                copy = image.clone()
                planes(copy)[..., row * high : (row + 1) * high, column * wide : (column + 1) * wide] = 0
                assert torch.allclose(found.drops[:, row, column], plain - built(copy[None], *others)[0], atol=1e-5)
    assert found.drops.any()
    assert max(rows, columns) <= limits.INSIDE_SQUARES.most


def test_what_it_takes_is_bounded_by_larger_squares_and_then_refused(monkeypatch):
    traced = trace(MLP)
    (_, one), most = cost(traced), limits.INSIDE_COVERED
    assert square(traced) == (2, 2)
    assert effort(traced) == (14 * 14 + 1) * one
    for passes, wanted in ((14 * 14 + 1, (2, 2)), (14 * 14, (3, 3)), (4 * 4 + 1, (7, 7))):
        monkeypatch.setattr(limits, "INSIDE_COVERED", Limit("", "", passes * one, most.says))
        assert square(traced) == wanted
        assert effort(traced) <= passes * one
    monkeypatch.setattr(limits, "INSIDE_COVERED", Limit("", "", FEWEST**2 * one, most.says))
    assert uncoverable(traced) == limits.INSIDE_COVERED.sentence(found=one)
    with pytest.raises(LookError, match="square by square"):
        covered(MLP, sample("digit", MLP.input_shape))


def test_what_has_no_places_says_so():
    assert "reads indices" in uncoverable(trace(PRESETS["textcnn"]))
    volume = decode("1x4x6x6~Flatten~Linear.3")
    assert "is a volume" in uncoverable(trace(volume))
    for network in (PRESETS["textcnn"], volume, PRESETS["unet"]):
        with pytest.raises(LookError):
            covered(network, None)
