"""The module of a network: its names, its weights, and what comes out of it."""

import copy
from collections import OrderedDict
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from layerscope.building import BuildError, Built, module
from layerscope.catalogue import MEASURED
from layerscope.layers.activation import ReLU
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv2d
from layerscope.layers.cutting import Chunk
from layerscope.layers.joining import Add, Multiply
from layerscope.layers.learned import Parameter
from layerscope.layers.linear import Linear
from layerscope.layers.opaque import Opaque
from layerscope.layers.recurrent import LSTM
from layerscope.layers.stacking import Concat
from layerscope.network import Input, Network
from layerscope.presets import PRESETS
from layerscope.source.writer import write
from layerscope.steps import Step
from layerscope.tracing import trace
from layerscope.weights import complaint
from tests.running import random_runnable

SMALLER = {
    "resnet18": (3, 64, 64), "squeezenet1_1": (3, 64, 64), "mobilenet_v3_small": (3, 64, 64), "googlenet": (3, 64, 64),
    "shufflenet_v2_x1_0": (3, 64, 64), "convnext_tiny": (3, 64, 64), "unet": (3, 32, 32), "textcnn": (16,),
    "lstm-classifier": (12,),
}  # fmt: skip
"""Inputs that cost little; those that are not here run on their own."""
RUN = [*SMALLER, "transformer-classifier", "fashion-mnist-cnn", "decoder"]


def fc(name: str, out_features: int = 4, **more: Any) -> Layer:
    return Linear(name=name, out_features=out_features, **more)


def tensors(network: Network, batch: int = 2) -> list[torch.Tensor]:
    """Something for each input of the network."""
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randint(given.high or 2, (batch, *given.shape), generator=generator)
        if given.kind == "indices"
        else torch.rand(batch, *given.shape, generator=generator)
        for given in network.inputs
    ]


def made(network: Network, seed: int = 0) -> Any:
    """The module, whose parts are looked at by name."""
    return module(network, seed)


@torch.no_grad()
def outputs(network: Network, batch: int = 2):
    return made(network).eval()(*tensors(network, batch))


@pytest.mark.parametrize("key", RUN)
def test_a_real_batch_has_the_shapes_that_are_traced(key):
    network = PRESETS[key]
    network = network.with_input(SMALLER.get(key, network.input_shape))
    traced = trace(network)
    built = made(network).eval()
    seen: dict[str, tuple[int, ...]] = {}

    def look(step: Step):
        def hook(_, __, result):
            seen[step.name] = tuple(step.layer.unpack(result)[0].shape)

        return hook

    for step in traced.steps:
        if step.type != "Parameter":  # those are no modules
            built.get_submodule(step.name).register_forward_hook(look(step))
    with torch.no_grad():
        result = built(*tensors(network))
    assert traced.output_shape is not None
    assert tuple(result.shape) == (2, *traced.output_shape)
    wanted = {step.name: (2, *(step.output_shape or ())) for step in traced.steps if step.type != "Parameter"}
    assert seen == wanted


@pytest.mark.parametrize("key", RUN)
def test_as_many_values_are_learned_as_are_counted(key):
    assert sum(value.numel() for value in made(PRESETS[key]).parameters()) == trace(PRESETS[key]).parameters


@pytest.mark.parametrize("key", ["unet", "textcnn", "transformer-classifier", "shufflenet_v2_x1_0"])
def test_the_multiply_accumulates_are_those_of_torchs_counter(key):
    network = PRESETS[key]
    with torch.device("meta"):
        built = Built(trace(network))
    with FlopCounterMode(display=False) as counter:
        built(*(given.to("meta") for given in tensors(network)))
    assert counter.get_total_flops() == 2 * 2 * trace(network).macs


@pytest.mark.filterwarnings("ignore")  # torch's remarks, such as those about softmax without dim
def test_a_chain_is_what_its_modules_make_of_it():
    for network in random_runnable(60, first_seed=9_000):
        if any(layer.ports for layer in network.layers):
            continue  # nn.Sequential hands on all outputs
        built = made(network).eval()
        modules = [(name, built.get_submodule(name)) for name in network.names]
        chain = nn.Sequential(OrderedDict(modules)).eval()
        with torch.no_grad():
            wanted = chain(*tensors(network))
            torch.testing.assert_close(built(*tensors(network)), wanted, rtol=0, atol=0, equal_nan=True)


def test_the_transformer_classifier_is_torchs():
    network = PRESETS["transformer-classifier"]
    built = made(network).eval()
    layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.1, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    encoder.load_state_dict(built.get_submodule("encoder").state_dict())
    (words,) = tensors(network)
    with torch.no_grad():
        given = built.embedding(words) + built.positions
        wanted = built.fc(encoder(given).mean(1))
        torch.testing.assert_close(built(words), wanted)


def test_the_lstm_classifier_reads_the_last_state():
    network = PRESETS["lstm-classifier"]
    built = made(network).eval()
    (words,) = tensors(network)
    with torch.no_grad():
        _, (h_n, _) = built.lstm(built.embedding(words))
        assert torch.equal(built(words), built.fc(h_n[-1]))


def test_the_values_are_those_of_the_seed_and_nobody_is_disturbed():
    network = Network((4,), (fc("fc1", 8), ReLU(name="relu1"), fc("fc2", 2)))
    torch.manual_seed(5)
    wanted = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)]
    before = torch.get_rng_state()
    built = made(network, seed=5)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(map(torch.equal, built.parameters(), nn.Sequential(*wanted).parameters()))
    assert not torch.equal(next(made(network, seed=6).parameters()), next(built.parameters()))


def test_torchs_default_device_does_not_matter():
    with torch.device("meta"):
        built = made(Network((4,), (fc("fc1"),)))
    assert {value.device.type for value in built.parameters()} == {"cpu"}


def test_a_module_that_is_called_twice_is_there_once():
    rows = (fc("fc1"), ReLU(name="relu1"), fc("again", of="fc1"), Add(name="add1", inputs=("fc1", "again")))
    network = Network((4,), rows)
    built = made(network)
    assert list(built.state_dict()) == ["fc1.weight", "fc1.bias"]
    (given,) = tensors(network)
    once = built.fc1(given)
    assert torch.equal(built(given), once + built.fc1(once.relu()))


def test_several_inputs_and_outputs_keep_their_order():
    rows = (
        fc("left", 3, inputs=("a",)),
        fc("right", 3, inputs=("b",)),
        Concat(name="both", inputs=("right", "left")),
        Chunk(name="parts", chunks=2),
    )
    given = (Input("a", (4,)), Input("b", (5,)))
    network = Network((4,), rows, None, given, ("parts:1", "left"))
    built = made(network)
    a, b = tensors(network)
    part, left = built(a, b)
    assert torch.equal(left, built.left(a))
    assert torch.equal(part, left)
    with pytest.raises(TypeError, match="one tensor for each of a, b, but gets 1"):
        built(a)


def test_the_batch_stays_in_front_where_torch_wants_it_second():
    network = Network((7, 5), (LSTM(name="lstm1", hidden_size=3),), None, (), ("lstm1:output", "lstm1:h_n"))
    built = made(network)
    (given,) = tensors(network)
    output, h_n = built(given)
    wanted, (state, _) = built.lstm1(given.transpose(0, 1))
    assert torch.equal(output, wanted.transpose(0, 1))
    assert torch.equal(h_n, state.transpose(0, 1))
    assert output.shape == (2, 7, 3)


def test_a_parameter_is_a_tensor_under_its_name():
    rows = (
        Conv2d(name="stage.conv", out_channels=4, kernel_size=1),
        Parameter(name="stage.scale", shape=(4, 1, 1)),
        Multiply(name="mul1", inputs=("stage.scale", "stage.conv")),
    )
    network = Network((3, 5, 5), rows)
    built = made(network)
    assert set(built.state_dict()) == {"stage.conv.weight", "stage.conv.bias", "stage.scale"}
    (given,) = tensors(network, batch=3)
    assert torch.equal(built(given), built.stage.scale * built.stage.conv(given))
    built(given).sum().backward()
    assert built.stage.scale.grad is not None
    other = {key: torch.ones_like(value) for key, value in built.state_dict().items()}
    built.load_state_dict(other, assign=True)
    assert torch.equal(built(given), built.stage.conv(given))


def test_a_copy_stands_for_itself():
    network = Network((4,), (fc("fc1"), Parameter(name="shift", shape=(4,)), Add(name="add1", inputs=("fc1", "shift"))))
    built = made(network)
    other = copy.deepcopy(built)
    with torch.no_grad():
        for value in other.parameters():
            value.zero_()
    (given,) = tensors(network)
    assert other(given).abs().sum() == 0
    assert built(given).abs().sum() > 0


def test_names_that_torch_has_are_written_as_in_the_code():
    rows = (fc("forward"), fc("block.0"), fc("block.weight"), fc("training"), fc("_calls"))
    network = Network((4,), (*rows, Parameter(name="parameters", shape=(4,))))
    built = made(network)
    assert [key for key in built.state_dict() if not key.endswith(".weight")] == [
        "parameters_", "forward_.bias", "block.0.bias", "block.weight.bias", "training_.bias", "_calls_.bias",
    ]  # fmt: skip
    assert outputs(network).shape == (2, 4)


def test_what_does_not_run_is_not_built():
    network = Network((3, 4, 4), (Conv2d(name="conv1", out_channels=2, kernel_size=9),))
    with pytest.raises(BuildError, match="conv1 does not run: "):
        made(network)


@pytest.mark.parametrize("kind", MEASURED)
def test_rows_that_were_only_measured_are_not_run(kind):
    measured = kind(name="odd", called="roi_align", gives=(1, 4), inputs=("input",) if kind.takes[0] else ())
    network = Network((4,), (measured, fc("out", inputs=("odd",))))
    assert trace(network).error is None
    says = "odd stands for roi_align, for which there is no layer type here: "
    with pytest.raises(BuildError, match=says):
        made(network)
    assert complaint(network).startswith(says)
    lines = write(network).splitlines()
    assert any(line.strip().startswith("# odd stands for the measured model's own roi_align") for line in lines)


def test_torch_has_no_words_about_a_row_that_was_only_measured():
    odd = Opaque(name="odd", called="roi_align", gives=(1, 4), reads=(1, 3))
    error = trace(Network((4,), (odd,))).error
    assert error is not None
    assert error.message.startswith("roi_align was measured while its input was 3, and gets 4")
    assert error.torch_message == ""


def test_an_empty_network_gives_what_it_is_given():
    given = torch.rand(2, 3)
    assert torch.equal(made(Network((3,), ()))(given), given)


def test_nothing_is_kept_longer_than_it_is_read():
    built = Built(trace(PRESETS["resnet18"]))
    assert sorted(row for rows in built._unread.values() for row in rows) == list(range(-1, 68))
