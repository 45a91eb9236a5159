"""What print(model) shows: real modules are printed, made into code, and read back as the network they came from."""

from collections import OrderedDict
from random import Random

import pytest
import torch
from torch import nn

from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.reader import read, read_all
from layerscope.source.reading import SourceError
from layerscope.source.text import printed
from layerscope.tracing import trace
from layerscope.ui.correcting import correct
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood
from tests.chains import CHAINS
from tests.running import random_runnable
from tests.source.test_writing_and_reading import as_read


def module_of(network: Network) -> nn.Module:
    steps = trace(network).steps
    with torch.device("meta"):
        return nn.Sequential(OrderedDict((step.name, step.layer.torch_class(**step.arguments)) for step in steps))


def as_code(text: str) -> str:
    assert printed.is_printed(text)
    return printed.as_code(text)


def check(network: Network) -> None:
    """Torch prints a stride that nobody gave and (5, 5) for 5: what runs is compared, and not how it was written."""
    text = str(module_of(network))
    seen, right = trace(read(as_code(text), network.input_shape)), trace(as_read(network))
    assert [step.type for step in seen.steps] == [step.type for step in right.steps], text
    assert [step.output_shape for step in seen.steps] == [step.output_shape for step in right.steps], text
    assert [step.parameters for step in seen.steps] == [step.parameters for step in right.steps], text
    assert seen.macs == right.macs, text


@pytest.mark.parametrize("name", CHAINS)
def test_every_preset_comes_back(name):
    check(PRESETS[name])


PRINTED = {
    *("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Linear", "PReLU", "ReLU"),
    *("LeakyReLU", "ELU", "GELU", "SiLU", "Hardswish", "Sigmoid", "Tanh", "ReLU6", "SELU", "Mish", "Softplus"),
    *("Hardsigmoid", "LogSigmoid", "Softsign", "Softmax", "LogSoftmax", "Identity", "MaxPool1d", "MaxPool2d"),
    *("MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d"),
    *("AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "BatchNorm1d"),
    *("BatchNorm2d", "BatchNorm3d", "GroupNorm", "LayerNorm", "InstanceNorm2d", "LocalResponseNorm", "Dropout"),
    *("Dropout1d", "Dropout2d", "Dropout3d", "Flatten", "Unflatten", "ZeroPad2d", "PixelShuffle", "Upsample"),
}


def is_told(layer: Layer) -> bool:
    """Whether torch prints all arguments of a layer by name; it prints no ceil_mode of an average pooling, for one."""
    return layer.type in PRINTED and not (layer.type.startswith("AvgPool") and layer.chosen.get("ceil_mode"))


def test_random_networks_come_back(thorough):
    count = 0
    for network in random_runnable(10_000 if thorough else 100):
        if all(map(is_told, network.layers)):
            count += 1
            check(network)
    assert count > 15


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2))
        self.rows = nn.ModuleList([nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect") for _ in range(3)])
        self.lazy = nn.LazyConv2d(12, 3)
        self.pool = nn.AdaptiveAvgPool2d((4, 4))
        self.flat = nn.Flatten()
        self.head = nn.LazyLinear(10)


def test_containers_rows_of_equals_and_lazy_layers():
    text = str(Net())
    assert "3 x Conv2d" in text
    network = read(as_code(text), (3, 32, 32))
    types = [layer.type for layer in network.layers]
    assert types == ["Conv2d", "ReLU", "MaxPool2d", *["Conv2d"] * 4, "AdaptiveAvgPool2d", "Flatten", "Linear"]
    seen = trace(network)
    assert seen.error is None
    assert seen.output_shape == (10,)
    assert network.layers[0].chosen["padding"] == "same"
    assert network.layers[3].chosen["padding_mode"] == "reflect"


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.fc = nn.Conv2d(1, 6, 5), nn.Linear(6 * 24 * 24, 10)


def test_the_page_offers_the_code_and_says_what_is_not_in_the_text():
    here = Pasted(text=str(Small()), shape="1, 28, 28")
    seen = understood(here)
    assert seen is not None
    assert seen.problem == "Paste the class itself for what really runs."
    (flaw,) = seen.flaws
    assert "nor functions such as F.relu and torch.flatten" in flaw.sentence
    correct(here, "flaw0")
    assert here.text.startswith("import torch.nn as nn\n")
    again = understood(here)
    assert again is not None
    assert again.network is not None
    assert [mismatch.layer for mismatch in again.wrong] == ["fc"]  # nobody flattened


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Net(\n  (a): Block(\n    (b): ReLU()\n  )\n)", 2, "Block has its own forward"),
        ("Net(\n  (a): ReLU()\n  something else\n)", 3, "print(model) shows no line like this"),
        ("Net(\n  (0-2000): 2000 x ReLU()\n)", 2, "more than 1,000 layers"),
        ("Net(\n" + "".join(f"{'  ' * n}(a): Sequential(\n" for n in range(1, 35)), 22, "20 levels"),
    ],
)
def test_refusals_have_a_line(text, line, words):
    refusal = read_all(text).refusal
    assert refusal is not None
    assert refusal.line == line
    assert words in refusal.reason


def test_code_is_not_taken_for_it():
    assert not printed.is_printed("Net(\n    1,\n)")
    assert not printed.is_printed("Sequential(")
    with pytest.raises(SourceError, match="never closed"):
        read("Net(\n  oops(\n)")


def test_broken_texts_are_no_surprise(thorough):
    whole, rng = str(Net()), Random(0)
    for _ in range(20_000 if thorough else 700):
        start, end = sorted(rng.randrange(len(whole)) for _ in range(2))
        read_all(whole[:start] + whole[end:])
