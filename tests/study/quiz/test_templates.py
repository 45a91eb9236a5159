"""Each template on the seed network, with the answer that the course knows."""

import re
from collections.abc import Iterator
from random import Random

import pytest

from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.presets import PRESETS
from layerscope.study.quiz.making import ALL, questions
from layerscope.study.quiz.question import Question
from tests.study.quiz.branches import DENSE, JOINED, RESIDUAL
from tests.study.quiz.judge import is_right

SEED = PRESETS["fashion-mnist-cnn"]

# Template, layer, a piece of the text, the right option's text.
KNOWN = [
    ("argument", "conv1", "for kernel_size?", "5"),
    ("who-decides", "conv1", "of kernel_size", "You choose it"),
    ("who-decides", "conv1", "of in_channels", "The data decides it"),
    ("who-decides", "out", "of out_features", "The data decides it"),
    ("who-decides", "fc1", "of in_features", "The layer before decides it"),
    ("other-channels", "", "RGB: 3 channels instead of 1", "conv1.in_channels"),
    ("other-classes", "", "instead of 10", "out.out_features"),
    ("next-argument", "conv1", "You set conv1.out_channels to 8 and", "conv2.in_channels becomes 8"),
    ("next-features", "fc1", "You set conv2.out_channels to 24 and", "384"),
    ("size", "conv1", "What is the height", "24"),
    ("full-shape", "pool1", "A batch of N samples", "(N, 6, 12, 12)"),
    ("full-shape", "fc1", "A batch of N samples", "(N, 120)"),
    ("flattened-length", "flatten", "of shape (1, 28, 28)", "192"),
    ("largest-image", "fc1", "images of n × n", "31"),
    ("smallest-image", "pool2", "up to and including pool2", "16"),
    ("weight-shape", "conv1", "weight", "(6, 1, 5, 5)"),
    ("weight-shape", "conv2", "weight", "(12, 6, 5, 5)"),
    ("weight-shape", "fc1", "weight", "(120, 192)"),
    ("weight-shape", "out", "weight", "(10, 60)"),
    ("filters", "conv2", "filters", "12"),
    ("kernels", "conv2", "kernels", "72"),
    ("filter-depth", "conv2", "How deep", "6"),
    ("maps", "conv1", "How many maps come out?", "6"),
    ("parameters", "conv2", "learnable parameters", "1,812"),
    ("without-bias", "conv2", "bias=False", "1,800"),
    ("most-parameters", "", "the most learnable parameters", "fc1 = nn.Linear(192, 120)"),
    ("most-macs", "", "multiply-accumulates", "conv2 = nn.Conv2d(6, 12, kernel_size=5)"),
    ("kept-for-backward", "conv1", "not counting the weights?", "its input"),
    ("kept-for-backward", "relu1", "not counting the weights?", "its output"),
    ("kept-for-backward", "pool1", "not counting the weights?", "its input and the places of the largest values"),
    ("kept-for-backward", "flatten", "not counting the weights?", "nothing"),
    ("optimizer-values", "conv2", "does Adam keep", "3,624"),
    ("training-bytes", "", "32,998 parameters in float32", "527,968"),
    ("same-padding", "conv1", "keep the height and width", "2"),
    ("effective-kernel", "conv1", "gets dilation=2", "9"),
    ("receptive-field", "pool2", "output value of pool2", "16"),
    ("error-cause", "", "(8x4800 and 192x120)", "No pooling is called in forward"),
    ("error-cause", "", "(8x300 and 192x120)", "The images are 32 × 32"),
    ("error-cause", "", "(384x4 and 192x120)", "flatten is not called in forward"),
    ("error-cause", "", "(12x16 and 192x120)", "A single image was passed, without a batch axis"),
    ("error-cause", "", "(1x1536 and 192x120)", "The batch axis was flattened too, with start_dim=0"),
    ("error-cause", "", "to have 1 channels, but got 28 channels", "The channels come last in the images: N, H, W, C"),
    ("grid-runs", "", "True, False; conv1.out_channels: 6, 12)", "4"),
]  # fmt: skip

OF_BRANCHES = [
    ("joined-channels", "cat1", "(16, 28, 28) from branch1 and (24, 28, 28) from branch2", "40"),
    ("dense-channels", "cat3", "after 3 such layers", "28"),
    ("sum-shape", "add1", "Each has the shape (N, 32, 14, 14)", "(N, 32, 14, 14)"),
    ("projection", "add1", "conv3, (32, 14, 14)", "nn.Conv2d(16, 32, kernel_size=1, stride=2)"),
    ("skip-parameters", "add1", "shortcut = nn.Conv2d(16, 32, kernel_size=1, stride=2, bias=False)", "512"),
    ("skip-parameters", "add2", "which has no layer on it", "0"),
    ("sum-field", "add1", "conv3 depends on 9 cells", "9"),
]
"""The same for templates about networks that branch."""


def asked(network: Network, key: str, layer: str, words: str) -> Iterator[Question]:
    """Questions of a template about a layer with these words in it, from many seeds."""
    for seed in range(200):
        for question in questions(network, seed, 20, [key]):
            if question.layer == layer and words in question.text:
                yield question


def test_every_template_is_known():
    assert {key for key, *_ in (*KNOWN, *OF_BRANCHES)} == set(ALL)
    assert len(ALL) == 34


@pytest.mark.parametrize(("key", "layer", "words", "answer"), KNOWN)
def test_the_seed_network(key, layer, words, answer):
    question = next(asked(SEED, key, layer, words))
    assert question.right.text == answer
    assert question.key == key
    assert question.network == SEED


@pytest.mark.parametrize(("key", "layer", "words", "answer"), OF_BRANCHES)
def test_networks_that_branch(key, layer, words, answer):
    network = {"joined-channels": JOINED, "dense-channels": DENSE}.get(key, RESIDUAL)
    question = next(asked(network, key, layer, words))
    assert question.right.text == answer
    assert question.network == (RESIDUAL.remove("shortcut") if key == "projection" else network)


def test_what_people_get_wrong_where_branches_join():
    joined = mistakes(JOINED, "joined-channels", "cat1", "from branch1 and (24")
    assert joined["24"].startswith("That counts only branch2")
    assert joined["384"].startswith("That multiplies 16·24")
    sums = mistakes(RESIDUAL, "sum-shape", "add1")
    assert sums["(N, 64, 14, 14)"].startswith("That puts the channels side by side, 32 + 32, as Concat does")
    layers = mistakes(RESIDUAL, "projection", "add1", "conv3, (32")
    assert layers["nn.Conv2d(16, 32, kernel_size=1)"].startswith("That forgets the stride")
    assert layers["nn.Conv2d(16, 16, kernel_size=1, stride=2)"].startswith("That keeps 16 channels")
    costs = mistakes(RESIDUAL, "skip-parameters", "add1", "bias=False")
    assert costs["544"].startswith("That counts one bias per channel, 32 more")
    assert mistakes(RESIDUAL, "skip-parameters", "add2")["1,024"].startswith("That is a 1×1 convolution, 32·32")
    assert mistakes(
        DENSE, "dense-channels", "cat3", "conv1 gives 16 channels to a dense block with a growth rate of 4"
    )["12"].startswith("That forgets the channels that the block starts with, 16 channels")
    assert mistakes(RESIDUAL, "sum-field", "add1", "depends on 9 cells")["12"].startswith("That adds 9 + 3")


def mistakes(network: Network, key: str, layer: str, words: str = "") -> dict[str, str]:
    """Every mistake that some seed offers, by the option's text."""
    found: dict[str, str] = {}
    for question in asked(network, key, layer, words):
        found |= {option.text: option.mistake for option in question.options if option is not question.right}
    return found


def test_wrong_options_are_the_usual_mistakes():
    counts = mistakes(SEED, "parameters", "conv2")
    assert counts["1,800"].startswith("That forgets the bias")
    assert counts["1,801"].startswith("That counts a single bias")
    assert counts["1,872"].startswith("That gives each of the 72 kernels a bias")
    assert counts["312"].startswith("That counts one kernel per output map")
    assert mistakes(SEED, "weight-shape", "conv2")["(6, 12, 5, 5)"].startswith("That swaps in and out")
    assert mistakes(SEED, "filters", "conv2")["72"].startswith("That counts the kernels")
    assert mistakes(SEED, "filter-depth", "conv2")["12"].startswith("That is the number of filters")
    assert mistakes(SEED, "maps", "conv2")["72"].startswith("That makes 6·12 maps")
    lengths = mistakes(SEED, "flattened-length", "flatten", "Batches of 100 ")
    assert lengths["4,800"].startswith("That forgets the pooling: without it, flatten would get 12 × 20 × 20")
    assert lengths["19,200"].startswith("That counts all 100 samples")
    assert lengths["16"].startswith("That counts the values of one map, 4 × 4")
    assert mistakes(SEED, "size", "conv1")["23"].startswith("That forgets the + 1")
    assert mistakes(SEED, "receptive-field", "pool2")["11"].startswith("That forgets the strides")
    assert mistakes(SEED, "receptive-field", "pool2")["9"].startswith("That forgets the pooling")
    assert mistakes(SEED, "argument", "conv1", "for kernel_size?")["kernel_size"].startswith("That is the parameter")
    assert mistakes(SEED, "effective-kernel", "conv1", "dilation=2")["10"].startswith("That multiplies 2·5")


def test_rounding_down():
    odd = SEED.with_input((1, 29, 29))
    assert next(asked(odd, "size", "pool1", "")).right.text == "12"
    assert mistakes(odd, "size", "pool1")["13"].startswith("That rounds 23 / 2 up")


def test_groups():
    network = SEED.with_argument("conv2", "groups", 3)
    assert next(asked(network, "filter-depth", "conv2", "")).right.text == "2"
    assert mistakes(network, "filter-depth", "conv2")["6"].startswith("That forgets the groups")
    assert mistakes(network, "kernels", "conv2")["72"].startswith("That forgets the groups")
    assert next(asked(network, "kernels", "conv2", "")).right.text == "24"


def test_uneven_kernels():
    network = SEED.with_argument("conv1", "kernel_size", (3, 7))
    question = next(asked(network, "same-padding", "conv1", ""))
    assert question.right.text == "(1, 3)"
    assert mistakes(network, "same-padding", "conv1")["(3, 1)"].startswith("That swaps the axes")
    assert {q.right.text for q in asked(network, "size", "conv1", "")} == {"26", "22"}


def test_grayscale_for_color_images():
    network = SEED.with_input((3, 28, 28))
    assert (
        next(asked(network, "other-channels", "", "grayscale: 1 channel instead of 3")).right.text
        == "conv1.in_channels"
    )


def test_every_answer_of_who_decides_is_asked():
    assert {q.right.value for q in questions(SEED, 1, 3, ["who-decides"])} == set(Role) - {Role.MODEL}


def test_transposed_convolutions_are_asked_about():
    decoder = PRESETS["decoder"]
    first, second = (layer.name for layer in decoder.layers if layer.type == "ConvTranspose2d")
    assert next(asked(decoder, "size", first, "")).right.text == "14"
    assert next(asked(decoder, "weight-shape", first, "")).right.text == "(32, 16, 4, 4)"
    assert next(asked(decoder, "full-shape", second, "")).right.text == "(N, 1, 28, 28)"
    assert next(asked(decoder, "maps", first, "")).right.text == "16"
    assert mistakes(decoder, "size", first)["16"].startswith("That forgets the padding")
    assert mistakes(decoder, "weight-shape", first)["(16, 32, 4, 4)"].startswith("That is the order of a convolution")
    grouped = decoder.with_argument(first, "groups", 4).with_argument(first, "output_padding", 1)
    assert next(asked(grouped, "weight-shape", first, "")).right.text == "(32, 4, 4, 4)"
    assert mistakes(grouped, "size", first)["14"].startswith("That forgets output_padding=1")


def test_grouped_and_dilated_transposed_convolutions(thorough):
    """Random ones, as torch builds and runs them."""
    rng = Random(7)
    for _ in range(120 if thorough else 15):
        groups = rng.choice((1, 2, 4))
        network = PRESETS["decoder"]
        first, second = (layer.name for layer in network.layers if layer.type == "ConvTranspose2d")
        for name, value in (
            ("kernel_size", rng.choice((2, 3, 4, (2, 3)))), ("stride", rng.choice((1, 2, 3))),
            ("dilation", rng.choice((1, 2))), ("padding", rng.choice((0, 1))), ("groups", groups),
            ("out_channels", groups * rng.choice((2, 3, 5))), ("bias", rng.random() < 0.7),
        ):  # fmt: skip
            network = network.with_argument(first, name, value)
        kinds = ["size", "full-shape", "weight-shape", "maps", "parameters", "without-bias", "effective-kernel",
                 "next-argument", "most-parameters", "most-macs", "argument"]  # fmt: skip
        found = questions(network, rng.randrange(99), 40, kinds)
        assert {q.layer for q in found} >= {first, second}
        for question in found:
            assert [is_right(question, option) for option in question.options].count(True) == 1, question
            assert is_right(question, question.right), question


def test_no_mistake_speaks_of_a_bias_that_is_not_there():
    """Those that add one say that bias=False leaves it out."""
    network = PRESETS["depthwise-separable"]
    unbiased = {layer.name for layer in network.layers if layer.chosen.get("bias") is False}
    assert len(unbiased) == 7
    for seed in range(30):
        for question in questions(network, seed, 60, ["weight-shape", "filters", "kernels", "filter-depth", "maps"]):
            if question.layer in unbiased:
                assert not [o.mistake for o in question.options if "bias" in o.mistake]


@pytest.mark.parametrize(
    "key", sorted(set(ALL) - {"argument", "other-channels", "other-classes", "error-cause", "kept-for-backward"})
)
def test_an_explanation_has_the_numbers_filled_in(key):
    """Every number of the explanation's sums stands in the question, in the network, or follows from them."""
    for question in questions(SEED, 5, 4, [key]):
        assert re.search(r"\d", question.explanation), question.explanation
        if key in {"size", "full-shape", "parameters", "kernels", "receptive-field", "effective-kernel", "grid-runs"}:
            assert re.search(r"\d[·+ ×(].*= \(?[\dN]|outputs|\d \+ 1 = \d", question.explanation), question.explanation


def test_the_smallest_image_is_worked_out_layer_by_layer():
    question = next(asked(SEED, "smallest-image", "pool2", ""))
    assert "at least 1: pool2 2, conv2 6, pool1 12, conv1 16. With 15 × 15, pool2" in question.explanation
    assert question.explanation.count("is the first layer that fails") == 1
    for option in question.options:
        assert "is the first layer that fails" not in option.mistake
