"""Which rows of two networks correspond: by name, then by place, the same in both directions."""

import time
from random import Random

import pytest

from layerscope.layers.activation import ReLU, Sigmoid
from layerscope.layers.convolution import Conv2d
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.network import Network
from layerscope.pairing import Pair, pairs
from layerscope.presets import DEFAULT, PRESETS
from tests.edits import edit_pairs
from tests.random_graphs import random_graph

SEED = PRESETS[DEFAULT]
SOME = (
    "fashion-mnist-cnn",
    "lenet5",
    "alexnet",
    "vgg11",
    "vgg16",
    "resnet18",
    "resnet50",
    "googlenet",
    "unet",
    "textcnn",
)


def network(*rows: str) -> Network:
    """Rows such as "conv1 relu1", each made by the letter that its name begins with."""
    made = {
        "c": lambda name: Conv2d(name=name, out_channels=4, kernel_size=3, padding=1),
        "r": lambda name: ReLU(name=name),
        "s": lambda name: Sigmoid(name=name),
        "b": lambda name: BatchNorm2d(name=name),
        "f": lambda name: Linear(name=name, out_features=4),
    }
    return Network((4, 8, 8), tuple(made[row[0]](row) for row in rows))


def found(a: str, b: str) -> list[tuple[str | None, str | None, str]]:
    return [(*pair,) for pair in pairs(network(*a.split()), network(*b.split()))]


@pytest.fixture(scope="module")
def many(thorough: bool) -> list[tuple[Network, Network]]:
    """Edits, presets against presets, and random networks that branch."""
    edits = [(a.network, b.network) for a, b in edit_pairs(1_000 if thorough else 60, seed=3)]
    presets = [(PRESETS[a], PRESETS[b]) for a in SOME for b in SOME]
    rng = Random(5)
    graphs = [(random_graph(rng), random_graph(rng)) for _ in range(400 if thorough else 25)]
    return edits + presets + graphs


def test_every_row_is_listed_once(many):
    for a, b in many:
        listed = pairs(a, b)
        assert sorted(pair.a for pair in listed if pair.a is not None) == sorted(a.names)
        assert sorted(pair.b for pair in listed if pair.b is not None) == sorted(b.names)
        assert [pair.a for pair in listed if pair.a is not None] == list(a.names)


def test_by_name_is_said_where_the_names_are_equal(many):
    for a, b in many:
        for pair in pairs(a, b):
            both = pair.a is not None and pair.b is not None
            assert pair.by == (("name" if pair.a == pair.b else "place") if both else "")


def test_rows_that_correspond_by_place_stand_in_one_order_and_are_of_one_family(many):
    for a, b in many:
        by_place = [pair for pair in pairs(a, b) if pair.by == "place"]
        places = [(a.index(pair.a), b.index(pair.b)) for pair in by_place]
        assert places == sorted(places)
        assert [place for _, place in places] == sorted(place for _, place in places)
        for pair in by_place:
            assert type(a[pair.a]).__module__ == type(b[pair.b]).__module__


def test_no_name_that_both_have_is_left_alone(many):
    for a, b in many:
        alone = [pair for pair in pairs(a, b) if not pair.by]
        assert not {pair.a for pair in alone if pair.a} & {pair.b for pair in alone if pair.b}


def test_the_other_direction_gives_the_mirrored_pairs(many):
    for a, b in many:
        assert {Pair(pair.b, pair.a, pair.by) for pair in pairs(b, a)} == set(pairs(a, b))


def test_a_network_corresponds_to_itself_row_by_row():
    for name in SOME:
        names = PRESETS[name].names
        assert pairs(PRESETS[name], PRESETS[name]) == tuple(Pair(each, each, "name") for each in names)


def test_an_edit_leaves_all_other_rows_matched_by_name():
    for a, b in [(SEED, SEED.remove("pool2")), (SEED, SEED.insert_after("conv1", "BatchNorm2d"))]:
        alone = [pair for pair in pairs(a, b) if pair.by != "name"]
        assert len(alone) == 1
        assert alone[0].by == ""


def test_a_renamed_network_corresponds_by_place():
    renamed = SEED
    for name in SEED.names:
        renamed = renamed.rename(name, f"other_{name}")
    assert pairs(SEED, renamed) == tuple(Pair(name, f"other_{name}", "place") for name in SEED.names)


def test_numbers_as_names_do_not_hide_an_inserted_layer():
    """In a Sequential all later rows are renumbered."""
    rows = [("features.0", Conv2d), ("features.1", ReLU), ("features.2", Conv2d), ("features.3", ReLU)]
    more = [("features.0", Conv2d), ("features.1", BatchNorm2d), ("features.2", ReLU), ("features.3", Conv2d),
            ("features.4", ReLU)]  # fmt: skip

    def made(kinds):
        layers = (
            kind(name=n, **({"out_channels": 4, "kernel_size": 3} if kind is Conv2d else {})) for n, kind in kinds
        )
        return Network((4, 8, 8), tuple(layers))

    assert [tuple(pair) for pair in pairs(made(rows), made(more))] == [
        ("features.0", "features.0", "name"),
        (None, "features.1", ""),
        ("features.1", "features.2", "place"),
        ("features.2", "features.3", "place"),
        ("features.3", "features.4", "place"),
    ]


def test_a_layer_with_weights_is_a_landmark():
    """relu2 after conv2 in one, before it in the other, as an activation came in between."""
    assert found("conv1 relu1 conv2 relu2", "conv1 relu1 conv9 relu2 conv2 relu3") == [
        ("conv1", "conv1", "name"),
        ("relu1", "relu1", "name"),
        (None, "conv9", ""),
        (None, "relu2", ""),
        ("conv2", "conv2", "name"),
        ("relu2", "relu3", "place"),
    ]


def test_a_name_in_common_by_chance_does_not_part_all_others():
    a, b = "relu c1 b1 c2 b2 c3 b3 c4 b4 c5 b5", "c.1 b.1 c.2 b.2 c.3 b.3 c.4 b.4 c.5 b.5 relu"
    assert sum(by == "place" for *_, by in found(a, b)) == 10
    assert ("relu", "relu", "name") in found(a, b)


def test_a_row_that_moved_and_one_of_another_type_keep_their_names():
    assert ("conv1", "conv1", "name") in found("conv1 relu1 conv2 conv3", "conv2 conv3 relu1 conv1")
    other = Network((4, 8, 8), (ReLU(name="conv1"), ReLU(name="relu1")))
    assert pairs(network("conv1", "relu1"), other) == (Pair("conv1", "conv1", "name"), Pair("relu1", "relu1", "name"))


def test_layers_of_one_family_correspond_where_nothing_better_is_there():
    assert found("conv1 relu1 fc1", "conv1 sigmoid fc1")[1] == ("relu1", "sigmoid", "place")
    assert found("conv1 relu1 fc1", "conv1 bn fc1")[1:3] == [("relu1", None, ""), (None, "bn", "")]


def test_blocks_of_known_networks_correspond():
    matched = {pair.a: pair.b for pair in pairs(PRESETS["resnet18"], PRESETS["resnet34"])}
    assert all(name == other for name, other in matched.items() if name)
    matched = {pair.a: pair.b for pair in pairs(PRESETS["inception_v3"], PRESETS["googlenet"])}
    last = {(matched[name] or "").split(".")[0] for name in PRESETS["inception_v3"].blocks["Mixed_7c"]}
    assert last == {"inception5b", ""}


def test_the_longest_networks_are_matched_in_a_moment():
    a = network(*(f"r{place}" if place % 3 else f"c{place}" for place in range(1_024)))
    b = network(*(f"c.{place}" if place % 2 else f"r.{place}" for place in range(1_024)))
    begin = time.process_time()
    assert sum(pair.by == "place" for pair in pairs(a, b)) > 600
    assert time.process_time() - begin < 3
