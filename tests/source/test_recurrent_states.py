"""States that code hands to recurrent layers: what torch refuses is found, and what it runs is read whole."""

from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace

CODE = """import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{made}
        self.fc = nn.Linear({width}, 5)

    def forward(self, x):
        h = torch.zeros({layers}, x.size(0), 20)
        out, _ = self.rnn(x, {state})
        return self.fc(out[:, -1])


net = Net()
"""
CALL = "out = net(torch.randn(3, 7, 10))\n"
PLAIN = "10, 20, batch_first=True"


def code(kind: str, state: str, layers: int = 1, more: str = "", width: int = 20) -> str:
    return CODE.format(made=f"{kind}({PLAIN}{more})", state=state, layers=layers, width=width) + CALL


def real(text: str) -> torch.Tensor:
    scope: dict[str, Any] = {}
    exec(text, scope)
    found: torch.Tensor = scope["out"]
    return found


WRONG = [
    code("LSTM", "h"), code("LSTM", "h", 2, ", num_layers=2"), code("GRU", "(h, h)"), code("RNN", "(h, h)"),
    code("GRU", "[h, h]"), code("LSTM", "hx=h"), code("GRU", "hx=(h, h)"),
]  # fmt: skip
RIGHT = [
    code("LSTM", "(h, h)"), code("GRU", "h"), code("RNN", "h"), code("LSTM", "(h, h)", 2, ", num_layers=2"),
    code("LSTM", "(h, h)", 2, ", bidirectional=True", 40), code("GRU", "hx=h"), code("LSTM", "[h, h]"),
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_state_of_the_wrong_kind_is_what_torch_refuses_and_is_put_right(text: str) -> None:
    with pytest.raises((RuntimeError, IndexError, AttributeError)) as raised:
        real(text)
    reading = read_all(text)
    flaw = next(flaw for flaw in reading.flaws if flaw.kind == "state")
    assert flaw.tone == "error"
    assert not flaw.quote or flaw.quote in str(raised.value)
    mended = replaced(text, dict(flaw.changes))
    assert real(mended).shape == (3, 5)
    assert not [flaw for flaw in read_all(mended).flaws if flaw.kind == "state"]


@pytest.mark.parametrize("text", RIGHT)
def test_states_that_torch_takes_are_not_remarked_on(text: str) -> None:
    assert real(text).shape == (3, 5)
    reading = read_all(text)
    assert reading.refusal is None
    assert not reading.flaws or all(flaw.kind == "last_step" for flaw in reading.flaws)


@pytest.mark.parametrize("text", [
    code("LSTM", "(h, h)", 1, ", num_layers=2"), code("LSTM", "(h, h)", 1, ", bidirectional=True", 40),
    code("GRU", "h", 3), code("GRU", "h[0]"),
])  # fmt: skip
def test_a_state_of_other_sizes_is_found(text: str) -> None:
    with pytest.raises(RuntimeError):
        real(text)
    assert [flaw.title for flaw in read_all(text).flaws if flaw.kind == "state"] == ["The state does not fit rnn"]


HALF = """import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.GRU(10, 20, batch_first=True)
        self.dec = nn.LSTM(6, 20, batch_first=True)
        self.fc = nn.Linear(20, 5)

    def forward(self, x, y):
        _, h = self.enc(x)
        out, _ = self.dec(y, {})
        return self.fc(out)


net = Net()
out = net(torch.randn(3, 7, 10), torch.randn(3, 4, 6))
"""


@pytest.mark.parametrize("state", ["(h, torch.zeros_like(h))", "(torch.zeros(1, 3, 20), h)", "(h, h)", "h"])
def test_a_state_from_the_network_is_read_beside_one_of_zeros(state: str) -> None:
    reading = read_all(HALF.format(state))
    assert reading.network is not None
    seen = trace(reading.network)
    whole = HALF.format(state if state != "h" else "(h, h)")
    scope: dict[str, nn.Module] = {}
    exec(whole, scope)
    assert [each.name for each in reading.network.inputs] == ["x", "y"]
    assert seen.output_shape == (4, 5)
    assert seen.parameters == sum(each.numel() for each in scope["net"].parameters())


def test_a_cell_of_two_states_wants_both() -> None:
    text = HALF.replace("nn.LSTM(6, 20, batch_first=True)", "nn.LSTMCell(6, 20)").replace(
        "out, _ = self.dec(y, {})", "out, _ = self.dec(y[:, 0], h[0])"
    )
    flaw = next(flaw for flaw in read_all(text).flaws if isinstance(flaw, Flaw) and flaw.kind == "state")
    with pytest.raises(TypeError, match="must be tuple of Tensors, not Tensor"):
        real(text)
    assert "must be tuple of Tensors, not Tensor" in flaw.quote
