"""One step of a bidirectional layer's output, and layers that forward never uses: what is said, and what is offered."""

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw, Offer
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace
from tests.source.test_more_networks import HEAD, net

CALL = "net = Net()\nout = net({})\n"
BATCH_FIRST = "torch.randn(3, 7, 5)"


def two_way(kind: str, body: str, more: str = ", batch_first=True") -> str:
    layers = f"self.rnn = nn.{kind}(5, 6, 2, bidirectional=True{more})\nself.fc = nn.Linear(12, 2)"
    return HEAD + net(layers, body) + CALL.format(BATCH_FIRST)


def told(code: str) -> Flaw | None:
    return next((note for note in read_all(code).notes if isinstance(note, Flaw) and note.kind == "last_step"), None)


STEPS = [
    two_way("LSTM", "out, _ = self.rnn(x)\nreturn self.fc(out[:, -1, :])"),
    two_way("LSTM", "out, (h, c) = self.rnn(x)\nreturn self.fc(out[:, -1])"),
    two_way("LSTM", "out, (_, _) = self.rnn(x)\nreturn self.fc(out[:, 0])"),
    two_way("LSTM", "out, state = self.rnn(x)\nreturn self.fc(out[:, -1])"),
    two_way("GRU", "y, _ = self.rnn(x)\nreturn self.fc(y[:, -1])"),
    two_way("RNN", "y, hidden = self.rnn(x)\nreturn self.fc(y[:, -1])"),
    two_way("GRU", "y, h = self.rnn(x.transpose(0, 1))\nreturn self.fc(y[-1])", ""),
]


@pytest.mark.parametrize("code", STEPS)
def test_one_step_of_both_directions_is_questioned_and_the_final_states_are_offered(code: str) -> None:
    flaw = told(code)
    assert flaw is not None
    assert "has seen only this one" in flaw.sentence
    mended = replaced(code, dict(flaw.changes))
    assert told(mended) is None
    reading = read_all(mended)
    assert reading.refusal is None
    assert reading.network is not None
    scope: dict[str, object] = {}
    exec(mended, scope)
    out, real = scope["out"], scope["net"]
    assert isinstance(out, torch.Tensor)
    assert isinstance(real, torch.nn.Module)
    assert trace(reading.network).output_shape == tuple(out.shape[1:])
    real.eval()
    x = torch.randn(3, 7, 5)
    first, second = x.clone(), x.clone()
    second[:, 3] += 1  # a step in the middle counts in both halves of what the last layer reads
    seen: list[torch.Tensor] = []
    real.fc.register_forward_pre_hook(lambda _, given: seen.append(given[0]))  # type: ignore[union-attr]
    real(first), real(second)
    changed = (seen[0] != seen[1]).any(0)
    assert changed[:6].any()
    assert changed[6:].any()


@pytest.mark.parametrize("code", [
    two_way("LSTM", "out, (h, c) = self.rnn(x)\nreturn self.fc(torch.cat([h[-2], h[-1]], 1))"),
    two_way("LSTM", "out, _ = self.rnn(x)\nreturn self.fc(out.mean(1))"),
    two_way("LSTM", "out, _ = self.rnn(x)\nreturn self.fc(out)[:, -1]"),
    two_way("GRU", "y, _ = self.rnn(x)\nreturn self.fc(y[:, -1])").replace("bidirectional=True, ", "").replace(
        "12", "6"),
])  # fmt: skip
def test_nothing_is_said_of_other_ways(code: str) -> None:
    assert told(code) is None


def test_the_states_are_not_offered_where_their_name_means_something_else() -> None:
    flaw = told(two_way("GRU", "y, h = self.rnn(x)\nh = y[:, 0]\nreturn self.fc(y[:, -1]) + self.fc(h)"))
    assert flaw is not None
    assert not flaw.changes


IDLE = HEAD + net("self.fc = nn.Linear(4, 3)\nself.softmax = nn.Softmax(dim=1)  # for later\n{}", "return self.fc(x)")


@pytest.mark.parametrize(("more", "label"), [
    ("", "Line 11: remove self.softmax"),
    ("self.more = nn.Linear(3, 3)", "Line 11: remove self.softmax; line 12: remove self.more"),
    ("self.seq = nn.Sequential(nn.Linear(3, 3), nn.ReLU())", "Line 11: remove self.softmax; line 12: remove self.seq"),
])  # fmt: skip
def test_a_layer_that_is_never_called_can_be_taken_away(more: str, label: str) -> None:
    code = IDLE.format(more) + CALL.format("torch.randn(2, 4)")
    (offer,) = [note for note in read_all(code).notes if isinstance(note, Offer)]
    assert offer.label == label
    mended = replaced(code, dict(offer.changes))
    assert "softmax" not in mended
    assert "forward never uses" not in " ".join(map(str, read_all(mended).notes))
    exec(mended, {})


@pytest.mark.parametrize("more", [
    "self.more = nn.Linear(\n    3, 3)", "a = self.more = nn.Linear(3, 3)",
    "\n".join(f"self.l{n} = nn.Linear(3, 3)" for n in range(4)),
])  # fmt: skip
def test_nothing_is_taken_away_that_is_more_than_a_line_or_two(more: str) -> None:
    code = IDLE.format(more) + CALL.format("torch.randn(2, 4)")
    assert not [note for note in read_all(code).notes if isinstance(note, Offer)]
