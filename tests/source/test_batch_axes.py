"""Sequences whose batch is on another axis than the layer or the code takes it for: what is said, and what mends it."""

import re
from typing import Any

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.source.repairing import corrections
from layerscope.source.rereading import Reader
from layerscope.tracing import trace
from tests.ui.test_pasted_torch import net

FC = "self.fc = nn.Linear(8, 3)"
GRU = f"self.rnn = nn.GRU(6, 8); {FC}"
STATE = "h = torch.zeros(1, {}, 8); out, h = self.rnn(x, h); return self.fc({})"
CALL = "net = Net(); x = torch.randn(4, 20, 6); out = net(x)"

MISSING = "batch_first=True is missing"
STEPS = "The state is made for the length, not for the batch"


def mended(source: str) -> tuple[str, str, str]:
    """The title of the flaw, the words of the correction, and the code after it."""
    reading = read_all(source)
    seen = trace(reading.network) if reading.network is not None else None
    found = corrections(Reader(reading, None, None), seen)
    assert len(found) == 1
    words = re.sub(r"[Ll]ines? \d+( and \d+)?: ", "", found[0].label)
    return next(flaw.title for flaw in reading.flaws if flaw.ways), words, found[0].text


def outcome(source: str, changed: int) -> tuple[Any, Any]:
    """What torch makes of the code, and of the code with another sample in the place of one."""
    names: dict[str, Any] = {}
    exec(source, names)
    x = names["x"].clone()
    x[changed] += 1
    with torch.no_grad():
        names["net"].eval()
        return names["net"](names["x"]), names["net"](x)


@pytest.mark.parametrize(
    ("init", "forward", "title", "does"),
    [
        (GRU, "out, h = self.rnn(x); return self.fc(out[:, -1, :])", MISSING, "add batch_first=True"),
        (GRU, "out, h = self.rnn(x); return self.fc(out[:, -1])", MISSING, "add batch_first=True"),
        (f"self.rnn = nn.LSTM(6, 4, bidirectional=True); {FC}", "return self.fc(self.rnn(x)[0].mean(1))", MISSING,
         "add batch_first=True"),
        (f"self.a = nn.GRU(6, 8)\n        self.b = nn.RNN(8, 8); {FC}",
         "x, _ = self.a(x); x, _ = self.b(x); return self.fc(x[:, -1])", MISSING, "add batch_first=True"),
        (f"self.a = nn.GRU(6, 8, batch_first=True)\n        self.b = nn.RNN(8, 8); {FC}",
         "x, _ = self.a(x); x, _ = self.b(x); return self.fc(x[:, -1])", MISSING, "add batch_first=True"),
        ("self.a = nn.TransformerEncoderLayer(6, 2); self.fc = nn.Linear(6, 3)",
         "return self.fc(self.a(x).mean(dim=1))", MISSING, "add batch_first=True"),
        (f"self.rnn = nn.GRU(6, 8, batch_first=True); {FC}",
         "out, h = self.rnn(x.permute(1, 0, 2)); return self.fc(out[-1])", "batch_first=True does not fit here",
         "write batch_first=False"),
        (GRU, "out, h = self.rnn(x.permute(1, 0, 2)); return self.fc(out[:, -1])", "out[:, -1] takes samples for steps",
         "write out[-1]"),
        (GRU, f"x = x.transpose(0, 1); {STATE.format('x.size(0)', 'out[-1]')}", STEPS, "write x.size(1)"),
        (GRU, f"x = x.permute(1, 0, 2); {STATE.format('x.shape[0]', 'out[:, -1]')}", STEPS,
         "write x.shape[1]; write out[-1]"),
        (GRU, f"x = x.permute(1, 0, 2); n = len(x); {STATE.format('n', 'out[-1]')}", STEPS, "write x.size(1)"),
        (GRU.replace("(6, 8)", "(6, 8, batch_first=True)"), STATE.format("x.size(1)", "out[:, -1]"), STEPS,
         "write x.size(0)"),
    ],
)  # fmt: skip
def test_the_batch_on_another_axis_is_named_and_mended(init: str, forward: str, title: str, does: str) -> None:
    told, label, text = mended(net(init, forward, CALL))
    assert (told, label) == (title, does)
    before, after = outcome(text, 2)
    assert before.shape == (4, 3)
    assert [bool((one != other).any()) for one, other in zip(before, after, strict=True)] == [False, False, True, False]


def test_a_width_that_follows_is_put_right_with_it() -> None:
    source = net(
        f"self.rnn = nn.LSTM(6, 8, bidirectional=True); {FC}", "x, _ = self.rnn(x); return self.fc(x[:, -1])", CALL
    )
    assert "nn.Linear(16, 3)" in mended(source)[2]


def test_without_an_example_a_state_for_the_steps_is_told_too() -> None:
    source = net(GRU, f"x = x.permute(1, 0, 2); {STATE.format('x.size(0)', 'out[-1]')}", "")
    assert mended(source)[:2] == (STEPS, "write x.size(1)")


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        (GRU, "out, h = self.rnn(x); return self.fc(out[-1])"),
        (GRU, f"x = x.permute(1, 0, 2); {STATE.format('x.size(1)', 'out[-1]')}"),
        (GRU.replace("(6, 8)", "(6, 8, batch_first=True)"), STATE.format("x.size(0)", "out[:, -1]")),
        (GRU.replace("(6, 8)", "(6, 8, batch_first=True)"), STATE.format("4", "out[:, -1]")),
    ],
)
def test_code_that_is_right_is_left_alone(init: str, forward: str) -> None:
    reading = read_all(net(init, forward, CALL))
    assert reading.refusal is None
    assert not any(flaw.ways for flaw in reading.flaws)


def test_without_an_example_the_code_may_move_the_batch_itself() -> None:
    source = net(GRU, f"x = x.permute(1, 0, 2); {STATE.format('x.size(1)', 'out[-1]')}", "")
    network = read_all(source).network
    assert network is not None
    assert trace(network).error is None
    assert network.input_shape[-1] == 6
