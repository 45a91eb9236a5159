"""Covering an image: what it gives is what torch gives for each image that is covered by hand, within the limits."""

from itertools import product

import pytest
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.limits import Limit
from layerscope.link import decode
from layerscope.presets import PRESETS
from layerscope.study.class_maps import last_map
from layerscope.study.covering import FEWEST, covered, effort, square, uncoverable
from layerscope.study.inside import LookError, cost
from layerscope.study.places import places
from layerscope.study.samples import sample
from layerscope.tracing import trace
from tests.study.test_class_maps import VIT

MLP = decode("1x28x28~Flatten~Linear.16~ReLU~Linear.5")
NETWORKS = {
    "mlp": MLP,
    "vit": decode(VIT),
    "signal": decode("2x50~Conv1d.4.5~ReLU~Flatten~Linear.3"),
    "values": decode("13~Linear.8~ReLU~Linear.3"),
    "volume": decode("2x5x9x8~AvgPool3d.2~Flatten~Linear.4"),
    "branching volume": decode(
        "1x4x6x6~Conv3d.2.3.padding-1~ReLU~Conv3d.2.1.in-input~Add.in-relu1,conv2~AdaptiveAvgPool3d.1~Flatten~Linear.3"
    ),
    "wide": decode("3x10x17~Flatten~Linear.4"),
    "two inputs": decode("1x8x8-3~Input.1x8x8.as-x~Input.4.as-other~Flatten.in-x~Concat.in-flatten1,other~Linear.3"),
}


def planes(image):
    """A view of an input as (…, rows, columns), or (…, slices, rows, columns)."""
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
        classes, *grid = found.drops.shape
        assert (classes, found.scores.shape) == (len(plain), plain.shape)
        assert torch.allclose(found.scores, plain)
        sizes = planes(image).shape[-len(grid) :]
        for count, side, size in zip(grid, found.square, sizes, strict=True):
            assert (count - 1) * side < size <= count * side
        for number, place in enumerate(product(*(range(count) for count in grid))):
            copy = image.clone()
            part = (slice(at * side, (at + 1) * side) for at, side in zip(place, found.square, strict=True))
            planes(copy)[(..., *part)] = 0
            drop = plain - built(copy[None], *others)[0]
            assert torch.allclose(found.drops.flatten(1)[:, number], drop, atol=1e-5)
    assert found.drops.any()
    assert max(grid) <= limits.INSIDE_SQUARES.most


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


SEQUENCES = {
    "lstm": "12x5~LSTM.4.batch_first-t~Select.1.-1~Linear.3",
    "linear first": "12x5~Linear.6~ReLU~GRU.4.batch_first-t~Select.1.-1~Linear.3",
    "transformer": "12x6~TransformerEncoderLayer.2.dim_feedforward-8.batch_first-t~Flatten~Linear.3",
    "turned twice": "12x5~Transpose.1.2~Transpose.-1.-2~LSTM.4.batch_first-t~Select.1.-1~Linear.3",
}
SIGNALS = {
    "signal": "2x50~Conv1d.4.5~ReLU~Flatten~Linear.3",
    "norm": "2x50~BatchNorm1d~Flatten~Linear.3",
    "turned": "2x50~Transpose.1.2~LSTM.4.batch_first-t~Select.1.-1~Linear.3",
    "flat": "2x50~ReLU~Flatten~Linear.3",
}


@pytest.mark.parametrize("key", [*SEQUENCES, *SIGNALS])
def test_the_places_of_two_axes_are_steps_or_samples_by_what_reads_them(key):
    network = decode((SEQUENCES | SIGNALS)[key])
    assert trace(network).error is None
    assert places(network) == ((1, 12 if key in SEQUENCES else 50), key in SEQUENCES)


@pytest.mark.parametrize("key", [*SEQUENCES, "turned"])
def test_a_step_is_covered_with_all_its_features_and_a_sample_with_all_its_channels(key):
    network = decode((SEQUENCES | SIGNALS)[key])
    image = sample("edges", network.input_shape) + 0.1
    found, built = covered(network, {network.inputs[0].name: image}, seed=3), module(network, 3).eval()
    _, wide = found.square
    with torch.no_grad():
        for place in range(found.drops.shape[2]):
            copy = image.clone()
            stretch = slice(place * wide, (place + 1) * wide)
            copy[stretch if key in SEQUENCES else (slice(None), stretch)] = 0
            assert torch.allclose(found.drops[:, 0, place], (built(image[None]) - built(copy[None]))[0], atol=1e-5)
    assert found.drops.any()


WORDS = "20~Input.20.as-words.kind-indices.high-9~Embedding.9.6.as-look"
TEXTS = {
    "windows": f"{WORDS}~Transpose.1.2~Conv1d.4.3~ReLU~AdaptiveMaxPool1d.1~Flatten~Linear.3",
    "steps": f"{WORDS}~LSTM.4.batch_first-t~Select.1.-1~Linear.3",
    "attention": f"{WORDS}~TransformerEncoderLayer.2.dim_feedforward-8.batch_first-t~Mean.1~Linear.3",
    "two looks": f"{WORDS}~Embedding.9.6.as-again.of-look.in-words~Add.in-look,again~Flatten~Linear.3",
}


@pytest.mark.parametrize("key", TEXTS)
def test_a_step_of_indices_is_covered_by_making_its_vector_zero(key):
    """Beside torch, with one index more whose vector is zero in the place of the covered ones."""
    network = decode(TEXTS[key])
    assert trace(network).error is None
    words = torch.tensor([3, 1, 4, 1, 5, 8, 2, 6, 5, 3, 5, 8, 7, 0, 7, 8, 3, 2, 3, 8])
    found, built = covered(network, {"words": words}, seed=3), module(network, 3).eval()
    (look,) = {part for part in built.modules() if isinstance(part, torch.nn.Embedding)}
    with torch.no_grad():
        look.weight = torch.nn.Parameter(torch.cat([look.weight, torch.zeros(1, 6)]))
        look.num_embeddings = 10
        for place in range(20):
            other = words.clone()
            other[place] = 9
            drop = (built(words[None]) - built(other[None]))[0]
            assert torch.allclose(found.drops[:, 0, place], drop, atol=1e-5)
    assert found.square == (1, 1)
    assert found.drops.any()
    assert not any(part._forward_hooks for part in built.modules())


@pytest.mark.parametrize("name", ["textcnn", "lstm-classifier", "transformer-classifier"])
def test_text_classifiers_of_any_kind_have_evidence_for_a_class(name):
    traced = trace(PRESETS[name])
    assert last_map(traced) is None
    assert uncoverable(traced) == ""
    assert places(PRESETS[name]) == ((1, *PRESETS[name].input_shape), False)


def test_what_has_no_places_says_so():
    bag = decode("20~Input.20.as-words.kind-indices.high-9~EmbeddingBag.9.6~Linear.3")
    assert "words holds indices" in uncoverable(trace(bag))
    for network in (bag, PRESETS["unet"]):
        with pytest.raises(LookError):
            covered(network, None)


def test_a_volume_is_covered_within_the_same_operations_as_an_image(monkeypatch):
    network = decode("1x28x28x28~MaxPool3d.2~Flatten~Linear.3")
    traced = trace(network)
    (_, one), most = cost(traced), limits.INSIDE_COVERED
    assert square(traced) == (2, 2, 2)
    assert effort(traced) == (14**3 + 1) * one <= most.most
    monkeypatch.setattr(limits, "INSIDE_COVERED", Limit("", "", 200 * one, most.says))
    assert square(traced) == (6, 6, 6)
    assert effort(traced) == (5**3 + 1) * one
    monkeypatch.setattr(limits, "INSIDE_COVERED", Limit("", "", FEWEST**3 * one, most.says))
    assert uncoverable(traced) == limits.INSIDE_COVERED.sentence(found=one)


def test_a_flat_volume_has_blocks_no_deeper_than_itself():
    assert square(trace(decode("1x2x28x28~Flatten~Linear.3"))) == (2, 2, 2)
    assert square(trace(decode("1x1x56x56~Flatten~Linear.3"))) == (1, 4, 4)
