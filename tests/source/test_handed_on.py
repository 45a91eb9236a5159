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


PAIR = """\
import torch
import torch.nn as nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 12)
        self.rnn = nn.{kind}(12, 20, batch_first=True)
        self.mean = nn.Linear(20, 4)
        self.spread = nn.Linear(20, 4)

    def forward(self, x):
        out, state = self.rnn(self.words(x))
        return {gives}

class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{kind}({width}, 20, batch_first=True)
        self.fc = nn.Linear(8, 12)

    def forward(self, {takes}):
        return {does}

enc, dec = Encoder(), Decoder()
x = torch.randint(0, 50, (3, 7))
y = torch.randn(3, 5, 6)
{call}
"""
BOTH = {"kind": "GRU", "gives": "self.mean(out[:, -1]), self.spread(state[-1])", "width": 6, "takes": "a, b",
        "does": "self.fc(torch.cat([a, b], 1))"}  # fmt: skip
STATE = {"gives": "out, state", "width": 6, "takes": "y, state", "does": "self.rnn(y, state)[0]"}


@pytest.mark.parametrize(("parts", "call", "names"), [
    (BOTH, "out = dec(*enc(x))", ["a", "b"]),
    (BOTH, "m, s = enc(x)\nout = dec(m, s)", ["a", "b"]),
    (BOTH, "found = enc(x)\nout = dec(found[0], b=found[1])", ["a", "b"]),
    (BOTH, "m, s = enc(x)\nout = dec(torch.randn(3, 4), s.detach())", ["a", "b"]),
    ({**BOTH, "gives": "{'a': self.mean(out[:, -1]), 'b': self.spread(out[:, 0])}"},
     "found = enc(x)\nout = dec(found['a'], found['b'])", ["a", "b"]),
    ({**STATE, "kind": "GRU"}, "_, h = enc(x)\nout = dec(y, h)", ["y", "state"]),
    ({**STATE, "kind": "LSTM"}, "_, h = enc(x)\nout = dec(y, h)", ["y", "state1", "state2"]),
    ({**STATE, "kind": "LSTM"}, "_, (h, c) = enc(x)\nout = dec(y, (h, c))", ["y", "state1", "state2"]),
])  # fmt: skip
def test_what_several_results_are_handed_to_is_read(parts: dict[str, object], call: str, names: list[str]) -> None:
    text = PAIR.format(**parts, call=call)
    scope: dict[str, torch.Tensor] = {}
    exec(text, scope)
    reading = read_all(text, class_name="Decoder")
    assert reading.refusal is None
    assert reading.network is not None
    assert (reading.shape_told, reading.doubt) == ("example call", "")
    assert [each.name for each in reading.network.inputs] == names
    traced = trace(reading.network)
    assert traced.error is None
    assert traced.output_shape == tuple(scope["out"].shape[1:])


def test_results_that_do_not_fit_are_told() -> None:
    text = PAIR.format(**BOTH, call="out = dec(*enc(x))").replace("nn.Linear(8, 12)", "nn.Linear(9, 12)")
    with pytest.raises(RuntimeError, match="3x8 and 9x12"):
        exec(text, {})
    reading = read_all(text)
    assert (reading.class_name, reading.network is not None) == ("Decoder", True)
    assert reading.network is not None
    (wrong,) = mismatches(reading, trace(reading.network))
    assert (wrong.parameter, wrong.value, wrong.arrives) == ("in_features", 9, 8)


def test_a_result_of_which_too_little_is_known_tells_nothing() -> None:
    text = PAIR.format(**BOTH, call="m, s, extra = enc(x)\nout = dec(m, extra)")
    assert read_all(text, class_name="Decoder").shape_told != "example call"
