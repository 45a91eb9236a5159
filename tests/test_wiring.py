"""Networks that branch: what reads what, the edits of them, and what is said where they do not run."""

import json
from dataclasses import replace
from random import Random

import pytest

from layerscope import wiring
from layerscope.catalogue import CATALOGUE
from layerscope.interchange import from_json, to_json
from layerscope.layers.base import Layer
from layerscope.link import decode, encode
from layerscope.network import Input, Network, NetworkError
from layerscope.tracing import trace
from tests.random_graphs import compare
from tests.source.graphs import random_graph as random_code_graph


def check(network: Network) -> None:
    assert (wrong := compare(trace(network))) is None, wrong


# --- edits ----------------------------------------------------------------------------------------------------------


def row(kind: str, name: str, *reads: str, **values: object) -> Layer:
    fresh = CATALOGUE[kind].fresh(name)
    return type(fresh)(**{**fresh.chosen, **values, "name": name, "inputs": reads})


def residual() -> Network:
    conv = {"out_channels": 8, "kernel_size": 3, "padding": 1}
    return Network(
        (3, 8, 8),
        (
            row("Conv2d", "stem", **conv),
            row("Conv2d", "block.conv1", **conv),
            row("ReLU", "block.relu"),
            row("Conv2d", "block.conv2", **conv),
            row("Add", "block.add", "block.conv2", "stem"),
            row("Flatten", "flatten"),
            row("Linear", "out", out_features=10),
        ),
        10,
    )


def reads(network: Network) -> dict[str, tuple[str, ...]]:
    return {name: network.before(name) for name in network.names}


def test_what_reads_what() -> None:
    network = residual()
    assert network.before("block.add") == ("block.conv2", "stem")
    assert network.before("stem") == ("input",)
    assert network.users("stem") == ("block.conv1", "block.add")
    assert network.users("input") == ("stem",)
    assert not network.is_chain
    assert network.head == "out"
    assert network.ancestors("block.relu") == {"stem", "block.conv1"}
    assert network.dependents("block.conv2") == {"block.add", "flatten", "out"}


def test_an_input_that_is_the_row_above_is_not_stored() -> None:
    network = residual()
    named = network.with_inputs("block.relu", ("block.conv1",))
    assert named == network
    assert named["block.relu"].inputs == ()
    assert network.with_inputs("stem", ("input",)) == network


def test_a_row_that_goes_hands_on_what_it_read() -> None:
    network = residual()
    assert network.remove("stem").before("block.add") == ("block.conv2", "input")
    assert network.remove("block.conv2").before("block.add") == ("block.relu", "stem")
    assert network.remove("block.add").before("flatten") == ("block.conv2",)
    aside = network.with_inputs("block.conv2", ("stem",))
    assert aside.remove("block.conv2").before("block.add") == ("stem", "stem")


def test_the_row_after_one_that_goes_reads_what_that_read() -> None:
    network = residual().with_inputs("block.relu", ("stem",))
    assert network.remove("block.relu").before("block.conv2") == ("stem",)
    assert network.move("block.relu", 4).before("block.conv2") == ("stem",)


def test_inserting_leaves_named_inputs_alone() -> None:
    network = residual().insert(1, row("ReLU", "relu"))
    assert network.before("block.conv1") == ("relu",)
    assert network.before("block.add") == ("block.conv2", "stem")


def test_inserting_after_a_row_stands_on_all_ways_from_it() -> None:
    network = residual().insert_after("stem", "ReLU")
    assert network.before("relu1") == ("stem",)
    assert network.users("relu1") == ("block.conv1", "block.add")
    assert network.users("stem") == ("relu1",)
    assert residual().insert_after("input", "ReLU").users("input") == ("relu1",)


def test_a_new_name_is_followed() -> None:
    network = residual().rename("stem", "features.0")
    assert network.before("block.add") == ("block.conv2", "features.0")
    with pytest.raises(NetworkError, match="named out already"):
        network.rename("features.0", "out")


def test_a_row_cannot_stand_above_what_it_reads() -> None:
    with pytest.raises(NetworkError, match=r"block\.add cannot come before block\.conv2, which it reads"):
        residual().move("block.add", 0)
    with pytest.raises(NetworkError, match=r"stem cannot come after block\.add, which reads it"):
        residual().move("stem", 5)
    assert residual().move("block.relu", 3).names[3] == "block.relu"


def test_a_copy_reads_the_original() -> None:
    assert residual().duplicate("block.add").before("block.add1") == ("block.add", "stem")
    assert residual().duplicate("stem").before("conv1") == ("stem",)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("out",), "stem reads 'out', but that layer comes later."),
        (("stem",), "stem reads 'stem', but that layer comes later."),
        (("nobody",), "stem reads 'nobody', but there is no layer of that name before it."),
        (("input:a b",), "stem reads 'input:a b', but there is no layer of that name before it."),
    ],
)
def test_references_that_cannot_be(names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(NetworkError) as refusal:
        residual().with_inputs("stem", names)
    assert str(refusal.value) == sentence


def test_an_output_that_a_row_has_not_is_told_where_it_is_read() -> None:
    network = Network((4, 6), (row("Chunk", "chunk", chunks=2, dim=1), row("ReLU", "relu", "chunk:1")))
    assert trace(network).output_shape == (2, 6)
    wrong = trace(network.with_inputs("relu", ("chunk:7",)))
    assert wrong.error is not None
    assert wrong.error.message == "relu reads output 7 of chunk, but chunk has the outputs 0, 1."
    none = trace(network.with_inputs("relu", ("input:0",)))
    assert none.error is not None
    assert none.error.message == "relu reads output 0 of input, but input has only one output."


def test_shared_weights_count_once() -> None:
    linear = row("Linear", "a", out_features=4)
    again = replace(row("Linear", "b", out_features=99), of="a")
    seen = trace(Network((4,), (linear, again)))
    assert seen.network["b"].chosen["out_features"] == 4, "the arguments are those of the module that is called"
    assert [step.parameters for step in seen.steps] == [20, 0]
    assert [step.macs for step in seen.steps] == [16, 16]
    changed = trace(seen.network.with_argument("a", "out_features", 6))
    assert changed.error is not None
    assert changed.error.message == "b calls a again, whose in_features is 4, but its input needs 6."
    left = seen.network.remove("a")
    assert left["b"].of == ""
    with pytest.raises(NetworkError, match="b cannot call a again: it is not a ReLU"):
        Network((4,), (linear, replace(row("ReLU", "b"), of="a")))


def test_several_inputs_and_outputs() -> None:
    rows = (
        row("Linear", "a", "left", out_features=3),
        row("Linear", "b", "right", out_features=3),
        row("Add", "sum", "a", "b"),
    )
    network = Network((4,), rows, inputs=(Input("left", (4,)), Input("right", (5,))), outputs=("sum", "a"))
    seen = trace(network)
    assert seen.error is None
    assert seen.output_shapes == ((3,), (3,))
    assert network.remove("sum").outputs == ("a",)
    assert decode(encode(network)) == network
    assert from_json(to_json(network)) == network
    assert network.with_input((7,)).inputs[0] == Input("left", (7,))


def test_a_join_that_does_not_fit_is_told_with_names_and_mended() -> None:
    network = residual().with_argument("block.conv2", "stride", 2).with_argument("block.conv2", "out_channels", 16)
    seen = trace(network)
    assert seen.error is not None
    assert "block.conv2" in seen.error.message
    assert "stem" in seen.error.message
    assert seen.error.torch_message
    labels = [repair.label for repair in seen.error.repairs]
    assert "a 1×1 convolution to 16 channels with stride 2 on the way from stem" in labels
    for repair in seen.error.repairs:
        check(repair.network)
        if repair.complete:
            assert trace(repair.network).error is None


def test_a_width_is_mended_in_either_branch() -> None:
    seen = trace(residual().with_argument("block.conv2", "out_channels", 16))
    assert seen.error is not None
    labels = [repair.label for repair in seen.error.repairs]
    assert {"out_channels 16 in stem", "out_channels 8 in block.conv2"} <= {*labels}


def test_sizes_are_padded_or_cropped() -> None:
    seen = trace(residual().with_argument("block.conv2", "padding", 0))
    assert seen.error is not None
    labels = [repair.label for repair in seen.error.repairs]
    assert "crop stem to 8×6×6" in labels
    assert "pad block.conv2 to 8×8×8" in labels


# --- spellings ------------------------------------------------------------------------------------------------------


def respelled(rng: Random, network: Network) -> Network:
    """The same network, with the first output of rows named by its row or by its port, at random."""

    def spelled(reference: str) -> str:
        name, port = wiring.parts(reference)
        ports = network[name].ports if name in network.names else ()
        return f"{name}:{ports[0]}" if ports and port in ("", ports[0]) and rng.random() < 0.7 else reference

    rows = tuple(replace(row, inputs=tuple(map(spelled, network.before(row.name)))) for row in network.layers)
    return replace(network, layers=rows, outputs=tuple(map(spelled, network.output_names)))


def test_the_first_output_of_a_row_has_one_spelling() -> None:
    several = 0
    for seed in range(400):
        rng = Random(seed)
        network = random_code_graph(rng)
        several += any(layer.ports for layer in network.layers)
        text, code = to_json(network), encode(network)
        for other in (respelled(rng, network), from_json(respelled_text(text, network))):
            assert other == network
            assert hash(other) == hash(network)
            assert to_json(other) == text
            assert encode(other) == code
            assert decode(encode(other)) == network
    assert several > 100


def respelled_text(text: str, network: Network) -> str:
    """JSON in which each row's first output is named by its port wherever it is read."""
    fields = json.loads(text)
    ports = {layer.name: layer.ports[0] for layer in network.layers if layer.ports}
    for row in (*fields["layers"], fields):
        names = row.get("outputs" if row is fields else "inputs", [])
        names[:] = [f"{name}:{ports[name]}" if name in ports else name for name in names]
    return json.dumps(fields)


def test_links_and_edits_take_both_spellings() -> None:
    rows = (row("Chunk", "chunk1", chunks=2), row("ReLU", "a", "chunk1:1"), row("Add", "b", "a", "chunk1"))
    network = Network((4, 6), rows, None, (), ("b", "chunk1"))
    code = encode(network)
    assert "chunk1--0" not in code
    old = code.replace("in-a,chunk1", "in-a,chunk1--0").replace("Output.b,chunk1", "Output.b,chunk1--0")
    assert old != code
    assert decode(old) == network
    assert network.with_inputs("b", ("a", "chunk1:0")) == network
    assert network.with_inputs("a", ("chunk1:0",))["a"].inputs == ()
    assert network.outputs == ("b", "chunk1")


def test_only_a_row_can_be_called_again_not_one_of_its_outputs() -> None:
    rows = (row("LSTM", "lstm1"), replace(row("LSTM", "lstm2", "input"), of="lstm1:h_n"))
    with pytest.raises(NetworkError, match="lstm2 cannot call lstm1:h_n again"):
        Network((4, 6), rows)
