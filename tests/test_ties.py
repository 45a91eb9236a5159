"""Rows that hold one tensor together: it counts once, as torch counts it, and every edit keeps or ends the tie."""

import warnings
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from layerscope import blocks
from layerscope.assignment import assigned
from layerscope.building import module
from layerscope.catalogue import CATALOGUE
from layerscope.changes import ripple
from layerscope.edit_titles import title
from layerscope.explain import borrowed, sharing
from layerscope.interchange import InterchangeError, from_json, to_json
from layerscope.layers.base import Layer
from layerscope.link import decode, encode
from layerscope.network import Input, Network, NetworkError
from layerscope.source.reader import read
from layerscope.source.writer import write
from layerscope.story import story
from layerscope.tables import summary
from layerscope.tracing import trace
from tests.large import one_in
from tests.random_graphs import random_graph
from tests.tying import tied, total, with_random_ties

SEEDS = range(70)


def row(kind: str, name: str, *inputs: str, **more: Any) -> Layer:
    return CATALOGUE[kind](name=name, inputs=inputs, **more)


def language(**more: Any) -> Network:
    """Words in, a score for each word out; the last weight is the table of words."""
    rows = (
        row("Embedding", "wte", num_embeddings=20, embedding_dim=8),
        row("Linear", "fc", out_features=8),
        row("ReLU", "relu"),
        row("Linear", "head", out_features=20, bias=False, **more),
    )
    return Network((7,), rows, None, (Input("input", (7,), "indices", 20),))


TIED = language(tied=("wte:weight",))


def twins() -> Network:
    """Three Linears of one size, in blocks."""
    names = ("a.fc", "b.fc", "c.fc")
    return Network((4,), tuple(row("Linear", name, out_features=4) for name in names)).with_tied(
        "c.fc", ("a.fc:weight", "b.fc:weight")
    )


def drawn(seed: int) -> Network:
    """A random network whose rows hold tensors together."""
    rng = Random(seed)
    while True:
        network = random_graph(rng, bad=0)
        if trace(network).error is not None:
            network = network.upto(len(trace(network).steps) - 1)
        copied = [layer for layer in network.layers if layer.type != "Parameter"][-1:]
        for layer in copied:  # what runs on its own output is twice of one size
            longer = network.duplicate(layer.name)
            network = network if trace(longer).error else longer
        network = with_random_ties(rng, network)
        if tied(network):
            return network


@pytest.mark.parametrize("seed", one_in(3, SEEDS))
def test_totals_are_torchs_wherever_a_network_goes(seed: int) -> None:
    network = drawn(seed)
    story = trace(network)
    assert story.error is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a dropout that drops nothing
        built = module(network)
    assert story.parameters == sum(step.parameters for step in story.steps) == total(built)
    shown = summary(story)
    column = shown.columns.index("parameters")
    assert shown.foot is not None
    assert sum(int(cells[column].replace(",", "")) for cells in shown.rows) == total(built)
    assert shown.foot[column] == f"{total(built):,}"
    for again in (decode(encode(network)), from_json(to_json(network))):
        assert again == network
        assert hash(again) == hash(network)


def test_a_tie_can_be_said_from_either_side_and_through_a_third() -> None:
    assert language().with_tied("wte", ("head:weight",)) == TIED
    assert tied(TIED) == {"head": ("wte:weight",)}
    assert tied(twins()) == {"b.fc": ("a.fc:weight",), "c.fc": ("a.fc:weight",)}
    assert twins() == twins().with_tied("b.fc", ("c.fc:weight",))
    assert not tied(TIED.with_tied("head", ()))
    assert language() != TIED


def test_what_counts_where() -> None:
    story = trace(TIED)
    assert [step.parameters for step in story.steps] == [160, 72, 0, 0]
    assert story.parameters == 232 == total(module(TIED))
    assert trace(language()).parameters == 392
    both = Network((4,), (row("Linear", "a", out_features=4), row("Linear", "b", out_features=4)))
    both = both.with_tied("b", ("a:weight", "a:bias"))
    assert [step.parameters for step in trace(both).steps] == [20, 0]
    built = module(both)
    assert built.get_parameter("a.bias") is built.get_parameter("b.bias")


def test_a_network_without_ties_is_what_it_was() -> None:
    assert "tied" not in encode(language()) + to_json(language())
    assert '"version": 2' in to_json(TIED)
    chain = Network((4,), (row("Linear", "fc", out_features=4), row("ReLU", "relu")))
    assert '"version": 1' in to_json(chain)
    assert chain.is_chain
    assert not chain.insert(2, "Linear").with_tied("fc", ("fc:weight",)).layers[0].tied


def test_edits_keep_ties_or_end_them() -> None:
    assert tied(TIED.rename("wte", "words")) == {"head": ("words:weight",)}
    assert tied(TIED.rename("head", "scores")) == {"scores": ("wte:weight",)}
    assert not tied(TIED.remove("wte")) | tied(TIED.remove("head"))
    moved = twins().move("a.fc", 2)
    assert tied(moved) == {"c.fc": ("b.fc:weight",), "a.fc": ("b.fc:weight",)}
    assert tied(twins().remove("a.fc")) == {"c.fc": ("b.fc:weight",)}
    copied = twins().duplicate("c.fc")
    assert copied.names[-1] == "c.fc1"
    assert not copied["c.fc1"].tied
    assert tied(twins().with_argument("b.fc", "bias", False)) == tied(twins())
    assert tied(blocks.swapped(twins(), "a", "b")) == {"a.fc": ("b.fc:weight",), "c.fc": ("b.fc:weight",)}


def test_ties_follow_a_module_that_is_called_again() -> None:
    network = Network((4,), (row("Linear", "a", out_features=4), row("Linear", "b", out_features=4)))
    network = replace(network, layers=(*network.layers, row("Linear", "again", out_features=4, of="b")))
    network = network.with_tied("b", ("a:weight",))
    assert tied(network) == {"b": ("a:weight",)}
    assert tied(network.with_tied("a", ("again:weight",))) == {"b": ("a:weight",)}
    assert trace(network).parameters == 16 + 4 + 4 == total(module(network))
    left = network.remove("b")
    assert left["again"].of == ""
    assert tied(left) == {"again": ("a:weight",)}
    assert tied(network.remove("a")) == {}


def test_a_copy_of_a_block_ties_its_own_rows_as_the_block_does() -> None:
    rows = (
        row("Linear", "stem", out_features=4),
        row("Linear", "block.one", out_features=4),
        row("Linear", "block.two", out_features=4, tied=("block.one:weight", "stem:bias")),
    )
    changed, new = blocks.duplicated(Network((4,), rows), "block")
    assert changed[f"{new}.two"].tied == (f"{new}.one:weight", "stem:bias")
    assert set(blocks.alike(changed, "block")) == {"block", new}
    untied = changed.with_tied(f"{new}.two", ())
    assert blocks.alike(untied, "block") == ("block",)
    assert trace(changed).parameters == total(module(changed))


@pytest.mark.parametrize(
    ("name", "tie", "sentence"),
    [
        ("head", "nobody:weight", "head is tied to 'nobody:weight', but there is no layer of that name."),
        ("head", "wte", "head is tied to 'wte'; conv1:weight or conv1:bias would work."),
        ("head", "wte:table", "head is tied to 'wte:table'; conv1:weight or conv1:bias would work."),
    ],
)
def test_ties_that_cannot_be(name: str, tie: str, sentence: str) -> None:
    with pytest.raises(NetworkError) as refusal:
        language().with_tied(name, (tie,))
    assert str(refusal.value) == sentence


def test_a_tensor_of_no_layer_is_not_tied() -> None:
    network = Network((4,), (row("Linear", "fc", out_features=4), row("Parameter", "scale", shape=(4,))))
    for name, tie in (("fc", "scale:weight"), ("scale", "fc:weight")):
        with pytest.raises(NetworkError, match="scale is a tensor alone"):
            network.with_tied(name, (tie,))


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (
            TIED.with_argument("head", "out_features", 21),
            "head and wte share one weight, but that of wte is 20×8 and head needs 21×8.",
        ),
        (
            TIED.with_argument("wte", "embedding_dim", 9),
            "head and wte share one weight, but that of wte is 20×9 and head needs 20×8.",
        ),
        (language().with_tied("relu", ("fc:weight",)), "relu and fc share one weight, but relu has no weight."),
        (language().with_tied("head", ("fc:bias",)), "head and fc share one bias, but head has no bias."),
        (language().with_tied("wte", ("fc:bias",)), "fc and wte share one bias, but wte has no bias."),
        (
            language().with_argument("head", "bias", True).with_tied("head", ("fc:bias",)),
            "head and fc share one bias, but that of fc is 8 long and head needs 20 long.",
        ),
    ],
)
def test_what_does_not_fit_is_said_at_the_row(network: Network, sentence: str) -> None:
    found = trace(network)
    assert found.error is not None
    assert found.error.message == sentence
    assert sentence.startswith(found.steps[-1].name)
    assert any(trace(repair.network).error is None for repair in found.error.repairs)
    assert f"give {found.steps[-1].name} a {'bias' if 'bias' in sentence else 'weight'} of its own" in [
        repair.label for repair in found.error.repairs
    ]
    again = read(write(network), [given.shape for given in network.inputs])
    assert again.layers == network.layers


def test_repairs_make_the_two_alike() -> None:
    found = trace(TIED.with_argument("wte", "num_embeddings", 30))
    assert found.error is not None
    labels = [repair.label for repair in found.error.repairs if repair.complete]
    assert "out_features 30" in labels
    assert "num_embeddings 20 in wte" in labels
    assert not any("or less" in label or "or more" in label for label in labels)


def test_the_number_of_classes_does_not_change_a_tensor_of_another_row() -> None:
    found = trace(TIED.with_classes(5))
    assert found.error is not None
    assert found.error.message == "head and wte share one weight, but that of wte is 20×8 and head needs 5×8."


def test_a_tie_is_told_in_a_sentence() -> None:
    steps = trace(TIED).by_name
    assert sharing(steps["head"]) == "weight shared with wte: counted once"
    assert sharing(steps["wte"]) == "weight shared with head: counted once"
    assert borrowed(steps["head"]) == "weight of wte"
    assert sharing(steps["fc"]) == borrowed(steps["wte"]) == ""
    assert sharing(trace(twins()).by_name["b.fc"]) == "weight shared with a.fc and c.fc: counted once"


def _told(before: Network, after: Network) -> tuple[str, str]:
    change = ripple(trace(before), trace(after))
    return title(change), story(change)


def test_the_story_says_what_became_of_a_tie() -> None:
    assert _told(language(), TIED) == (
        "head shares its weight with wte",
        "Now head shares its weight with wte. The parameter count falls from 392 to 232; only head changes (−160).",
    )
    assert _told(TIED, TIED.with_tied("head", ()))[0] == "head has a weight of its own"
    both = Network((8,), (row("Linear", "a", out_features=8), row("Linear", "b", out_features=8))).with_tied(
        "b", ("a:weight",)
    )
    done, why = _told(both, both.remove("a"))
    assert done == "removed a · b has a weight of its own"
    assert why.startswith("Now b has a weight of its own.")
    assert _told(both, both.move("b", 0))[0] in ("moved a", "moved b")


def test_an_assignment_sees_whether_a_tie_was_changed() -> None:
    given = assigned(TIED, rest="locked")
    assert not [*given.differences(TIED)]
    assert [*given.differences(language())] == ["the list of layers"]


def test_what_a_file_says_of_ties() -> None:
    text = to_json(TIED)
    assert from_json(text.replace('"wte:weight"', '"wte:weight", "wte:weight"')) == TIED
    with pytest.raises(InterchangeError, match=r'"tied" lists names such as \["conv1:weight"\]'):
        from_json(text.replace('["wte:weight"]', "[1]"))
    with pytest.raises(InterchangeError, match="there is no layer of that name"):
        from_json(text.replace('["wte:weight"]', '["later:weight"]'))
    first = to_json(Network((4,), (row("Linear", "a", out_features=4), row("ReLU", "b"))))
    assert '"version": 1' in first
    with pytest.raises(InterchangeError, match='ReLU has no parameter "tied"'):
        from_json(first.replace('"ReLU"', '"ReLU", "tied": ["a:weight"]'))


@pytest.mark.parametrize("name", ["layer1.0.conv1", "layer1.0.bn1", "layer1.0.conv2", "layer1.1.conv1", "stem"])
def test_a_copy_of_a_row_stays_in_its_block(name: str) -> None:
    conv = {"out_channels": 4, "kernel_size": 3, "padding": 1}
    rows = [row("Conv2d", "stem", **conv)]
    for path in ("layer1.0", "layer1.1"):
        rows += [row("Conv2d", f"{path}.conv1", **conv), row("BatchNorm2d", f"{path}.bn1")]
        rows.append(row("Conv2d", f"{path}.conv2", **conv))
    network = Network((4, 8, 8), tuple(rows))
    copied = network.duplicate(name)
    new = copied.names[copied.index(name) + 1]
    assert new.rpartition(".")[0] == name.rpartition(".")[0]
    assert set(copied.blocks) == set(network.blocks)
    for path in copied.blocks:  # the rows of a block stand together
        places = [copied.index(each) for each in copied.blocks[path]]
        assert places == [*range(places[0], places[0] + len(places))]
    assert trace(copied).error is None


@pytest.mark.parametrize("path", ["layer1", "layer1.0", "layer1.1"])
def test_a_copy_of_a_block_cuts_no_block(path: str) -> None:
    rows = [row("Linear", f"layer1.{n}.{part}", out_features=4) for n in range(2) for part in ("fc1", "fc2")]
    network = Network((4,), tuple(rows))
    copied, new = blocks.duplicated(network, path)
    assert new not in network.blocks
    assert trace(copied).error is None
    for each in copied.blocks:
        places = [copied.index(name) for name in copied.blocks[each]]
        assert places == [*range(places[0], places[0] + len(places))]
