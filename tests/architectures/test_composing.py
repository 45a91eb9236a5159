"""Blocks: names become paths, and what reads INPUT reads what stands before."""

from layerscope.architectures.composing import (
    ADD,
    CONCAT,
    INPUT,
    RELU,
    Row,
    chained,
    conv,
    fc,
    forked,
    network,
    numbered,
)
from layerscope.layers.cutting import Chunk
from layerscope.layers.learned import Parameter

CONV = conv(4, 3)


def wires(block):
    """Each row's name with what it reads."""
    return [(row.name, *row.inputs) for row in block]


def test_names_become_paths():
    inner = chained({"conv1": CONV, "relu": RELU})
    assert wires(chained({"layer1": numbered(inner, RELU), "fc": fc(2)})) == [
        ("layer1.0.conv1",), ("layer1.0.relu",), ("layer1.1",), ("fc",),
    ]  # fmt: skip


def test_a_block_without_a_path_keeps_its_names():
    inner = chained({"a": CONV})
    assert wires(chained(inner, {"b": RELU}, (Row(RELU, "c", ("a",)),))) == [("a",), ("b",), ("c", "a")]
    assert wires(chained({"": inner, "b": RELU})) == [("a",), ("b",)]


def test_branches_are_given_the_same():
    block = forked((chained({"a": CONV, "b": RELU}), chained({"c": CONV}), ()), "add", ADD)
    assert wires(block) == [("a", INPUT), ("b",), ("c", INPUT), ("add", "b", "c", INPUT)]


def test_what_a_block_is_given_is_what_stands_before_it():
    block = forked((chained({"a": CONV}), ()), "add", ADD)
    whole = chained({"stem": CONV, "one": block, "two": block})
    assert wires(whole) == [
        ("stem",),
        ("one.a", "stem"), ("one.add", "one.a", "stem"),
        ("two.a", "one.add"), ("two.add", "two.a", "one.add"),
    ]  # fmt: skip


def test_an_empty_block_gives_what_it_is_given():
    assert chained({}) == chained(()) == ()
    assert wires(chained({"a": CONV}, (), forked(((), ()), "add", ADD))) == [("a",), ("add", "a", "a")]


def test_branches_may_be_given_different_outputs_of_a_row():
    joined = forked(((), chained({"a": CONV})), "cat", CONCAT, given=("chunk:0", "chunk:1"))
    block = chained({"half": chained({"chunk": Chunk(name="", chunks=2)}, joined)})
    assert wires(block) == [("half.chunk",), ("half.a", "half.chunk:1"), ("half.cat", "half.chunk:0", "half.a")]


def test_a_parameter_reads_nothing():
    block = forked(((), (Row(Parameter(name="", shape=(4, 1, 1)), "scale"),)), "add", ADD)
    assert wires(block) == [("scale",), ("add", INPUT, "scale")]


def test_a_network_of_a_block_reads_its_input():
    made = network((4, 8, 8), forked((chained({"a": CONV}), ()), "add", ADD), None)
    assert made.before("a") == ("input",)
    assert made.layers[0].inputs == ()
    assert made.before("add") == ("a", "input")
    of_words = network((7,), (), None, words=100)
    assert [(given.name, given.kind, given.high) for given in of_words.inputs] == [("input", "indices", 100)]
