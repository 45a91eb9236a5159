"""Networks: pure edits, equality by value, and sentences about what makes no network."""

from dataclasses import FrozenInstanceError, replace
from operator import attrgetter
from typing import Any

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.interchange import from_json, to_json
from layerscope.layers.activation import ReLU
from layerscope.layers.base import Layer
from layerscope.layers.linear import Linear
from layerscope.link import decode
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.chains import CHAINS

SEED = PRESETS["fashion-mnist-cnn"]
NAMES = ("conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2", "relu4", "out")


def new(kind: str, name: str = "it", **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def refusal(make: Any) -> str:
    with pytest.raises(NetworkError) as caught:
        make()
    return str(caught.value)


# --- edits --------------------------------------------------------------------------------------------------------


def test_names_and_places():
    assert SEED.names == NAMES
    assert SEED.index("conv2") == 3
    assert SEED["conv2"] is SEED.layers[3]


def test_edits_leave_the_old_network_as_it_was():
    before = repr(SEED)
    SEED.with_argument("conv1", "kernel_size", 3)
    SEED.with_input((3, 32, 32))
    SEED.with_classes(100)
    SEED.insert(0, "ReLU")
    SEED.remove("conv1")
    SEED.move("conv1", 5)
    SEED.duplicate("conv1")
    assert repr(SEED) == before
    with pytest.raises(FrozenInstanceError):
        SEED.classes = 5  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        SEED["conv1"].name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", [DEFAULT, "resnet18", "vit_b_16", "transformer-classifier"])
def test_another_argument_takes_over_what_does_not_depend_on_it(name):
    """What is known of names and wires by then is that of the network built anew."""
    network = PRESETS[name]
    known = attrgetter("names", "_places", "blocks", "wiring", "called_again", "is_chain", "_readers", "head", "exact")
    known(network)
    for layer in network.layers:
        widths = {"kernel_size", "out_features", "num_heads"}.intersection(layer.parameters())
        if widths and layer.name != network.head:
            changed = network.with_argument(layer.name, widths.pop(), 2)
            anew = replace(changed)
            assert changed == anew
            assert known(changed) == known(anew)


def test_what_each_edit_does():
    changed = SEED.with_argument("conv1", "kernel_size", (3, 5))
    assert changed["conv1"].chosen["kernel_size"] == (3, 5)
    assert [a for a, b in zip(SEED.layers, changed.layers, strict=True) if a != b] == [SEED["conv1"]]
    assert SEED.with_argument("conv1", "kernel_size", [3, 5]) == changed
    assert SEED.insert(1, "BatchNorm2d").names[:3] == ("conv1", "bn1", "relu1")
    assert SEED.insert(1, new("Tanh", "mine"))["mine"].type == "Tanh"
    assert SEED.insert(99, "ReLU").names[-1] == "relu5"
    assert SEED.insert(-5, "ReLU").names[0] == "relu5"
    assert SEED.remove("relu1").names == tuple(name for name in NAMES if name != "relu1")
    assert SEED.move("relu1", 0).names[:3] == ("relu1", "conv1", "pool1")
    assert SEED.move("conv1", 99).names[-1] == "conv1"
    assert SEED.move("conv1", SEED.index("conv1")) == SEED
    twice = SEED.with_argument("conv1", "stride", 2).duplicate("conv1")
    assert twice.names[:3] == ("conv1", "conv3", "relu1")
    assert twice["conv3"] == replace(twice["conv1"], name="conv3")
    assert SEED.with_input([3, 8, 8]).input_shape == (3, 8, 8)


def test_equality_is_by_value():
    same = Network([1, 28, 28], list(SEED.layers), 10)  # type: ignore[arg-type]
    assert same == SEED
    assert hash(same) == hash(SEED)
    assert SEED.with_argument("conv1", "kernel_size", 3).with_argument("conv1", "kernel_size", 5) == SEED
    others = [
        SEED.with_classes(11),
        SEED.with_input((1, 29, 28)),
        SEED.remove("relu1"),
        SEED.move("relu1", 0),
        SEED.with_argument("conv1", "bias", False),
        replace(SEED, layers=(replace(SEED.layers[0], name="first"), *SEED.layers[1:])),
    ]
    assert len({SEED, *others}) == 7
    assert new("ReLU") != new("Tanh")


def test_free_names():
    assert SEED.free_name("conv") == "conv3"
    assert SEED.free_name("gelu") == "gelu1"
    assert SEED.remove("conv1").free_name("conv") == "conv1"


def test_a_free_name_beside_a_row_is_in_its_block():
    network = PRESETS["resnet18"]
    assert network.free_name("conv", "layer1.0.conv1") == "layer1.0.conv3"
    assert network.free_name("conv", "layer1.0.") == "layer1.0.conv3"
    assert network.free_name("relu", "fc") == "relu1"


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((), "An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes."),
        ((1, 2, 3, 4, 5), "An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes."),
        ((1, 28.0, 28), "An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes."),
        ((True, 28, 28), "An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes."),
        ((0, 28, 28), "An input size is 0; from 1 to 65,536 would work."),
        ((65_537,), "An input size is 65537; from 1 to 65,536 would work."),
        ((1, 28, 65_537), "An input size is 65537; from 1 to 65,536 would work."),
        ((1, -1, 28), "An input size is -1; from 1 to 65,536 would work."),
    ],
)
def test_inputs_that_are_none(shape, sentence):
    assert refusal(lambda: Network(shape, ())) == sentence
    assert refusal(lambda: SEED.with_input(shape)) == sentence


@pytest.mark.parametrize("classes", [0, -1, 65_537, 2.0, True])
def test_classes_that_are_none(classes):
    assert refusal(lambda: SEED.with_classes(classes)) == (
        f"The number of classes is {classes}; from 1 to 65,536 would work."
    )


LETTERS = (
    "A layer's name is made of letters, digits and underscores, such as conv1; dots separate the blocks that contain "
    "it, such as layer1.0.conv1."
)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", LETTERS),
        ("1conv", LETTERS),
        ("conv..1", LETTERS),
        (".conv", LETTERS),
        ("conv1.", LETTERS),
        ("layer1.1conv", LETTERS),
        ("conv1\n", LETTERS),
        ("größe", LETTERS),
        (None, LETTERS),
        (3, LETTERS),
        ("a" * 121, "A layer's name has 121 characters; the limit is 120."),
        ("class", "class is a word of Python's own and cannot name a layer."),
        ("None", "None is a word of Python's own and cannot name a layer."),
    ],
)
def test_names_that_are_none(name, sentence):
    assert refusal(lambda: Network((3,), (new("ReLU", name),))) == sentence


def test_names_that_are_fine():
    Network((3,), tuple(new("ReLU", name) for name in ("_", "a" * 120, "Conv", "match", "conv1_b")))


def test_what_makes_no_network():
    two = (new("ReLU", "a"), new("Tanh", "a"))
    assert refusal(lambda: Network((3,), two)) == "Two layers are named a; each needs its own name."
    many = tuple(new("ReLU", f"r{i}") for i in range(1025))
    assert refusal(lambda: Network((3,), many)) == "This network has 1,025 layers; the limit is 1,024."
    full = Network((3,), many[:1024])
    assert refusal(lambda: full.insert(0, "ReLU")) == "This network has 1,025 layers; the limit is 1,024."
    assert refusal(lambda: full.duplicate("r0")) == "This network has 1,025 layers; the limit is 1,024."


def test_edits_that_cannot_be_done():
    assert refusal(lambda: SEED.remove("nobody")) == (f"There is no layer named nobody; there are {', '.join(NAMES)}.")
    assert refusal(lambda: SEED.insert(0, "Conv4d")) == (
        f"There is no layer type Conv4d; there are {', '.join(CATALOGUE)}."
    )
    assert refusal(lambda: SEED.with_argument("conv1", "ksize", 3)) == (
        "Conv2d has no parameter ksize that you can set; it has out_channels, kernel_size, stride, padding, dilation, "
        "groups, bias, padding_mode."
    )
    assert refusal(lambda: SEED.with_argument("conv1", "name", "a")).startswith("Conv2d has no parameter name")
    assert refusal(lambda: new_network().with_argument("it", "p", 3)) == (
        "Tanh has no parameter p that you can set; it has none."
    )


def new_network() -> Network:
    return Network((3,), (new("Tanh"),))


@pytest.mark.parametrize(
    ("name", "parameter"), [("conv1", "in_channels"), ("conv2", "in_channels"), ("fc1", "in_features")]
)
def test_what_the_shape_decides_is_not_chosen(name, parameter):
    assert refusal(lambda: SEED.with_argument(name, parameter, 3)) == (
        f"{name}.{parameter} is decided by the input of {name}."
    )


def test_what_the_classes_decide_is_not_chosen():
    assert refusal(lambda: SEED.with_argument("out", "out_features", 3)) == (
        "out.out_features is the number of classes, 10; change the classes instead."
    )
    assert SEED.with_classes(None).with_argument("out", "out_features", 3)["out"].chosen["out_features"] == 3
    assert SEED.with_argument("fc2", "out_features", 3)["fc2"].chosen["out_features"] == 3


@pytest.mark.parametrize("value", [{}, object(), b"3", 1j, ((3,),), [[3]], [3, {}], (3, (3, 3)), "x" * 41, (1,) * 17])
def test_values_that_no_layer_can_hold(value):
    assert refusal(lambda: SEED.with_argument("conv1", "kernel_size", value)) == (
        "A value is a number, a word, True, False or None, or a short tuple of those such as (3, 3)."
    )


@pytest.mark.parametrize("value", [0, -1, True, 2.5, "sam", None, (1, 2, 3), 10**400])
def test_values_that_cannot_work_are_kept(value):
    """Wrong is normal while somebody types: the network stays, and its trace says why."""
    network = SEED.with_argument("conv1", "kernel_size", value)
    assert network["conv1"].chosen["kernel_size"] == value
    assert trace(network).error is not None
    assert network.with_argument("conv1", "kernel_size", 5) == SEED


# --- the head -----------------------------------------------------------------------------------------------------

CONV, POOL, FLAT = new("Conv2d", "conv"), new("AdaptiveAvgPool2d", "gap"), new("Flatten", "flat")


@pytest.mark.parametrize(
    ("layers", "head"),
    [
        ((new("Linear", "a"),), "a"),
        ((new("Linear", "a"), new("Linear", "b")), "b"),
        ((new("Linear", "a"), new("ReLU", "r"), new("Softmax", "s"), new("Dropout", "d")), "a"),
        ((CONV, FLAT, new("Linear", "a"), new("BatchNorm1d", "n")), "a"),
        ((CONV, POOL, FLAT), "conv"),
        ((CONV, new("AdaptiveAvgPool2d", "gap", output_size=(1, 1)), FLAT), "conv"),
        ((CONV, new("AdaptiveAvgPool2d", "gap", output_size=2), FLAT), None),
        ((CONV, POOL), None),
        ((CONV, FLAT), None),
        ((CONV,), None),
        ((new("Linear", "a"), new("Unflatten", "u"), new("ConvTranspose2d", "t")), None),
        ((new("Linear", "a"), new("PixelShuffle", "p")), None),
        ((FLAT,), None),
        ((), None),
    ],
)
def test_whose_outputs_are_the_classes(layers, head):
    network = Network((3, 8, 8), layers, 10)
    assert network.head == head
    assert replace(network, classes=None).head is None
    for layer, resolved in zip(network.layers, network.resolved, strict=True):
        if layer.name == head:
            assert layer.head is not None
            assert resolved.chosen[layer.head] == 10
        else:
            assert resolved is layer


def test_the_presets_heads():
    heads = {key: network.head for key, network in CHAINS.items()}
    assert heads.pop("all-convolutional") == "conv5"
    assert heads.pop("decoder") is None
    assert set(heads.values()) == {"out"}
    heads = {key: network.head for key, network in PRESETS.items() if key not in CHAINS}
    assert heads.pop("squeezenet1_1") == "classifier.1"
    assert heads.pop("unet") is None
    assert set(heads.values()) == {"fc", "classifier", "classifier.1", "classifier.2", "classifier.3", "heads.head"}


def test_networks_are_equal_by_what_runs():
    network = PRESETS["fashion-mnist-cnn"]
    narrow = replace(network, layers=(*network.layers[:-1], new("Linear", "out", out_features=3)))
    assert narrow == network
    assert hash(narrow) == hash(network)
    assert narrow.with_classes(None) != network.with_classes(None)
    assert network != "a network"


NESTED = "a names both a layer and the block that contains a.b; rename one of them."


def test_no_row_has_the_name_of_a_block_wherever_names_are_given():
    flat = Network((4,), (Linear(name="a", out_features=4), Linear(name="c", out_features=4)))
    nested = Network((4,), (Linear(name="a.b", out_features=4), Linear(name="c", out_features=4)))
    text = to_json(nested).replace('"c"', '"a"')
    for attempt in (
        lambda: flat.rename("c", "a.b"),
        lambda: nested.rename("c", "a"),
        lambda: nested.insert(2, Linear(name="a", out_features=4)),
        lambda: nested.insert_after("c", Linear(name="a", out_features=4)),
        lambda: replace(flat, layers=(*flat.layers, *nested.layers[:1])),
        lambda: decode("4~Linear.4.as-a~Linear.4.as-a-b"),
        lambda: from_json(text),
    ):
        with pytest.raises(ValueError, match=NESTED.replace(".", r"\.")):
            attempt()


def test_a_free_name_is_no_block_either():
    network = Network((4,), (Linear(name="fc1.relu1", out_features=4), ReLU(name="relu1.a")))
    assert network.free_name("fc") == "fc2"
    assert network.insert(0, "ReLU").names[0] == "relu2"
    assert network.duplicate("relu1.a").names == ("fc1.relu1", "relu1.a", "relu1.relu1")


def test_the_first_rows_are_a_network_in_which_each_is_as_wide_as_before():
    """A Linear that becomes the last one is no head: the number of classes belongs to the whole network's."""
    for network in (SEED, SEED.with_classes(37), PRESETS["resnet18"], PRESETS["transformer-classifier"]):
        whole = trace(network)
        for count in range(len(network.layers) + 1):
            part = network.first(count)
            assert part.names == network.names[:count]
            assert [step.output_shapes for step in trace(part).steps] == [s.output_shapes for s in whole.steps[:count]]
