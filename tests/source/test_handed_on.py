"""What one network gives to another in the code is an example for that one. Torch runs the same code."""

import pytest
import torch

from layerscope.source.corrections import mismatches
from layerscope.source.reader import read_all
from layerscope.tracing import trace

GAN = """\
import torch
import torch.nn as nn

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(10, 8, 4, 1, 0), nn.ReLU(True),
            nn.ConvTranspose2d(8, {made}, 4, 2, 1), nn.Tanh(),
        )

    def forward(self, noise):
        return self.main(noise)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d({read}, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 4))

    def forward(self, image):
        return self.main(image)

netG = Generator()
netD = Discriminator()
noise = torch.randn(6, 10, 1, 1)
{call}
"""
CALLS = (
    "output = netD(netG(noise))",
    "fake = netG(noise)\noutput = netD(fake)",
    "fake = netG(noise)\noutput = netD(fake.detach())",
)


@pytest.mark.parametrize("call", CALLS)
def test_what_fits_runs(call: str) -> None:
    text = GAN.format(made=3, read=3, call=call)
    names: dict[str, torch.Tensor] = {}
    exec(text, names)
    reading = read_all(text)
    assert (reading.class_name, reading.shape_told, reading.batch) == ("Discriminator", "example call", 6)
    assert reading.network is not None
    assert reading.network.input_shape == (3, 8, 8)
    traced = trace(reading.network)
    assert traced.output_shape == tuple(names["output"].shape[1:])
    assert not mismatches(reading, traced)


@pytest.mark.parametrize("call", CALLS)
def test_what_does_not_fit_is_told(call: str) -> None:
    text = GAN.format(made=1, read=3, call=call)
    with pytest.raises(RuntimeError, match=r"expected input.* to have 3 channels, but got 1 channels instead"):
        exec(text, {})
    reading = read_all(text)
    assert reading.class_name == "Discriminator"
    assert reading.network is not None
    (wrong,) = mismatches(reading, trace(reading.network))
    assert (wrong.layer, wrong.parameter, wrong.value, wrong.arrives) == ("conv1", "in_channels", 3, 1)


def test_three_in_a_row() -> None:
    text = """\
import torch
import torch.nn as nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(12, 5)
    def forward(self, x):
        return self.fc(x)

class Middle(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 7)
    def forward(self, x):
        return self.fc(x)

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 2)
    def forward(self, x):
        return self.fc(x)

encoder, middle, head = Encoder(), Middle(), Head()
features = middle(encoder(torch.randn(3, 12)))
scores = head(features)
"""
    with pytest.raises(RuntimeError, match="3x7 and 6x2"):
        exec(text, {})
    reading = read_all(text)
    assert reading.network is not None
    (wrong,) = mismatches(reading, trace(reading.network))
    assert (wrong.parameter, wrong.value, wrong.arrives) == ("in_features", 6, 7)


def test_a_network_on_its_own_result_is_no_example() -> None:
    text = GAN.format(made=3, read=3, call="again = netG(netG(noise))")
    assert read_all(text).refusal is None
