"""Code that has the steps before the samples, and code that moves the batch itself: read as torch runs it.

The numbers are torch's own: the code is run, and its weights are put into the network that was read.
"""

from typing import Any

import pytest
import torch

from layerscope.building import module
from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.tracing import trace
from layerscope.ui.understood import Understood
from tests.ui.test_pasted_torch import net

LSTM = "self.lstm = nn.LSTM(6, 8); self.fc = nn.Linear(8, 3)"
TWO_WAYS = "self.lstm = nn.LSTM(6, 8, num_layers=2, bidirectional=True); self.fc = nn.Linear(16, 3)"
WORDS = f"self.words = nn.Embedding(9, 6); {LSTM}"
CRNN = "self.conv = nn.Conv2d(1, 6, (8, 3)); self.lstm = nn.LSTM(6, 8, bidirectional=True); self.fc = nn.Linear(16, 3)"
TAGGER = (
    "words = self.words(x); out, _ = self.lstm(words.view(len(x), 1, -1)); "
    "scores = self.fc(out.view(len(x), -1)); return F.log_softmax(scores, dim=1)"
)
PACKED = (
    "n = torch.full((x.size(1),), x.size(0)); packed = nn.utils.rnn.pack_padded_sequence(self.words(x), n); "
    "out, (h, c) = self.lstm(packed); return self.fc({})"
)
SENTENCE = "torch.randint(0, 9, (5,))"


def ran(source: str) -> tuple[Any, Any, torch.Tensor]:
    """The network as torch builds it, what it gives, and its input."""
    names: dict[str, Any] = {}
    exec(source, names)
    names["model"].eval()
    with torch.no_grad():
        return names["model"], names["model"](names["x"]), names["x"]


def read(source: str) -> Reading:
    """What the code is read as; it is read to its end, and nothing is said against it."""
    reading = read_all(source)
    assert reading.refusal is None, reading.refusal
    assert not reading.flaws
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    assert Understood(reading, reading.network, seen).warned is None
    return reading


def check(source: str, axis: int | None, given: int | None = None) -> None:
    """The network that is read gives torch's numbers. The batch is on axis `given` of the code's input and on `axis` of
    what it returns, None where the code has none."""
    model, returned, x = ran(source)
    reading = read(source)
    assert reading.network is not None
    assert trace(reading.network).parameters == sum(each.numel() for each in model.parameters())
    built = module(reading.network).eval()
    built.load_state_dict(model.state_dict())
    with torch.no_grad():
        found = built(x[None] if given is None else x.movedim(given, 0))
    wanted = returned[None] if axis is None else returned.movedim(axis, 0)
    assert found.shape == wanted.shape
    assert torch.allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize(("init", "forward", "axis"), [
    (WORDS, TAGGER, None),
    (WORDS, TAGGER.replace("len(x), 1, -1", "-1, 1, 6"), None),
    (WORDS, TAGGER.replace("len(x)", "x.size(0)").replace("dim=1", "dim=-1"), None),
    (WORDS, TAGGER.replace("len(x)", "x.shape[0]").replace("F.log_softmax(scores, dim=1)", "scores[-1]"), None),
])  # fmt: skip
def test_code_for_one_sentence_at_a_time_is_read(init: str, forward: str, axis: int | None) -> None:
    check(net(init, forward, f"model = Net(); x = {SENTENCE}"), axis)
    check(net(init, forward, f"model = Net(); x = {SENTENCE}; model(x)"), axis)


@pytest.mark.parametrize("call", ["", "; model(x)", "; model(x[:, 0])"])
def test_a_series_of_single_numbers_is_read_one_by_one(call: str) -> None:
    forward = "out, _ = self.lstm(x.view(len(x), 1, -1)); steps = self.fc(out.view(len(x), -1)); return steps[-1]"
    init = "self.lstm = nn.LSTM(1, 8); self.fc = nn.Linear(8, 1)"
    check(net(init, forward, f"model = Net(); x = torch.rand(7, 1){call}"), None)


def test_the_tagger_of_torchs_tutorial_counts_what_torch_counts() -> None:
    init = "self.words = nn.Embedding(9, 6); self.lstm = nn.LSTM(6, 6); self.fc = nn.Linear(6, 3)"
    network = read(net(init, TAGGER, f"model = Net(); x = {SENTENCE}; model(x)")).network
    assert network is not None
    assert trace(network).parameters == 9 * 6 + 4 * 6 * (6 + 6 + 2) + 7 * 3
    assert trace(network).output_shape == (5, 3)


@pytest.mark.parametrize(("init", "forward", "x", "axis", "given"), [
    (WORDS, PACKED.format("h[-1]"), "torch.randint(0, 9, (7, 4))", 0, 1),
    (f"self.words = nn.Embedding(9, 6); {TWO_WAYS}", PACKED.format("torch.cat((h[-2, :, :], h[-1, :, :]), 1)"),
     "torch.randint(0, 9, (7, 4))", 0, 1),
    (WORDS, "# x = [sent len, batch size]; out, (h, c) = self.lstm(self.words(x)); return self.fc(h.squeeze(0))",
     "torch.randint(0, 9, (7, 4))", 0, 1),
    (LSTM, "# x: (seq_len, batch, input_size); out, _ = self.lstm(x); return self.fc(out[-1])",
     "torch.rand(7, 4, 6)", 0, 1),
    (LSTM, "'''x: Tensor, shape ``[seq_len, batch_size, 6]``'''; out, _ = self.lstm(x); return self.fc(out)",
     "torch.rand(7, 4, 6)", 1, 1),
    (LSTM, "# (L, N, H); out, _ = self.lstm(x); return F.softmax(self.fc(out), dim=0)", "torch.rand(7, 4, 6)", 1, 1),
    (CRNN, "x = self.conv(x).squeeze(2).permute(2, 0, 1); x, _ = self.lstm(x); return self.fc(x)",
     "torch.rand(4, 1, 8, 20)", 1, 0),
    (CRNN, "x = self.conv(x).squeeze(2).permute(2, 0, 1); x, _ = self.lstm(x); return F.log_softmax(self.fc(x), 2)",
     "torch.rand(4, 1, 8, 20)", 1, 0),
    (CRNN, "x = self.conv(x).squeeze(2).permute(2, 0, 1); x, _ = self.lstm(x); t, b, h = x.size(); "
     "return F.softmax(self.fc(x.view(t * b, h)), dim=1).view(t, b, -1)", "torch.rand(4, 1, 8, 20)", 1, 0),
    (LSTM, "out, _ = self.lstm(x.unsqueeze(0)); return self.fc(out.squeeze(0))", "torch.rand(4, 6)", 0, 0),
    (LSTM, "out, _ = self.lstm(x.transpose(0, 1)); return self.fc(out[-1])", "torch.rand(4, 7, 6)", 0, 0),
    ("self.body = nn.TransformerEncoderLayer(6, 2, 12); self.fc = nn.Linear(6, 3)",
     "x = self.body(x.permute(1, 0, 2)); return self.fc(x.mean(dim=0))", "torch.rand(4, 7, 6)", 0, 0),
])  # fmt: skip
def test_a_batch_that_the_code_puts_on_axis_1_is_no_reason_to_warn(
    init: str, forward: str, x: str, axis: int, given: int
) -> None:
    check(net(init, forward, f"model = Net(); x = {x}; model(x)"), axis, given)


def test_an_example_may_name_its_axes() -> None:
    sizes = "seq_len, batch_size = 7, 4; model = Net(); x = torch.rand({}, 6); model(x)"
    forward = "out, _ = self.lstm(x); return self.fc(out)"
    check(net(LSTM, forward, sizes.format("seq_len, batch_size")), 1, 1)
    reading = read_all(net(LSTM, forward, sizes.format("batch_size, seq_len")))
    assert reading.network is not None
    warned = Understood(reading, reading.network, trace(reading.network)).warned
    assert warned is not None
    assert warned.name == "lstm"


@pytest.mark.parametrize("view", [
    "h.view(2, 2, x.size(0), 8)[-1]", "h.view(2, 2, -1, 8)[-1]", "h.reshape(2, 2, x.shape[0], -1)[1]",
])  # fmt: skip
def test_a_state_may_be_split_into_layers_and_directions(view: str) -> None:
    init = TWO_WAYS.replace("bidirectional", "batch_first=True, bidirectional")
    forward = f"out, (h, c) = self.lstm(x); h = {view}; return self.fc(torch.cat((h[0], h[1]), dim=1))"
    check(net(init, forward, "model = Net(); x = torch.rand(4, 7, 6); model(x)"), 0, 0)


@pytest.mark.parametrize("forward", [
    "x = x.view(7, x.size(0), 6); out, _ = self.lstm(x); return self.fc(out[-1])",
    "out, (h, c) = self.lstm(x.transpose(0, 1)); return self.fc(h.view(x.size(0), -1))",
])  # fmt: skip
def test_a_view_that_mixes_the_samples_is_refused(forward: str) -> None:
    init = "self.lstm = nn.LSTM(6, 8, 2); self.fc = nn.Linear(8, 3)"
    init = init.replace("nn.Linear(8", "nn.Linear(16") if "h.view" in forward else init
    source = net(init, forward, "model = Net(); x = torch.rand(4, 7, 6); model(x)")
    model, before, x = ran(source)
    x[2] += 1
    with torch.no_grad():
        changed = [bool((one != other).any()) for one, other in zip(before, model(x), strict=True)]
    assert changed != [False, False, True, False]
    refusal = read_all(source).refusal
    assert refusal is not None
    assert "does not keep the samples of a batch separate" in refusal.reason


@pytest.mark.parametrize("lengths", ["torch.tensor([7, 5, 3, 2])", "torch.randint(1, 8, (4,))"])
@pytest.mark.parametrize(
    "last", ["out[torch.arange(out.size(0)), n - 1]", "out[torch.arange(x.shape[0]), n.long() - 1]"]
)
def test_lengths_in_the_example_are_whole_numbers(lengths: str, last: str) -> None:
    source = net(LSTM.replace("8)", "8, batch_first=True)", 1), f"out, _ = self.lstm(x); return self.fc({last})", "")
    source = source.replace("forward(self, x)", "forward(self, x, n)")
    source += f"model = Net()\nx, n = torch.rand(4, 7, 6), {lengths}\nresult = model(x, n)\n"
    names: dict[str, Any] = {}
    exec(source, names)
    reading = read_all(source)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).output_shape == tuple(names["result"].shape[1:])


def test_times_in_the_example_become_fractions_where_torch_makes_them_so() -> None:
    forward = "t = torch.sin(t / 1000); t = t.mean(dim=1, keepdim=True); return self.fc(torch.cat((x, t), dim=1))"
    source = net("self.fc = nn.Linear(7, 3)", forward, "").replace("forward(self, x)", "forward(self, t, x)")
    source += "model = Net()\nresult = model(x=torch.rand(4, 6), t=torch.randint(0, 1000, (4, 5)))\n"
    exec(source, {})
    reading = read_all(source)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).output_shape == (3,)


@pytest.mark.parametrize("forward", [
    "out, _ = self.lstm(self.words(x)); out = torch.linalg.qr(out)[0]; return self.fc(out[-1])",
    "out, _ = self.lstm(self.words(x)); return self.fc(torch.linalg.qr(out[-1])[0])",
])  # fmt: skip
def test_what_is_not_read_further_down_is_no_reason_to_accuse(forward: str) -> None:
    reading = read_all(net(WORDS, forward, ""))
    assert reading.refusal is not None
    assert "qr" in reading.refusal.reason
    assert not reading.flaws


def test_a_state_that_is_an_input_is_no_reason_to_accuse() -> None:
    source = net(WORDS, "out, h = self.lstm(self.words(x), h); return self.fc(out).view(-1, 3), h", "")
    reading = read_all(source.replace("forward(self, x)", "forward(self, x, h)"))
    assert reading.network is not None
    assert [given.name for given in reading.network.inputs] == ["x", "h1", "h2"]  # both states of an LSTM
    assert trace(reading.network).error is None
    assert not reading.flaws


@pytest.mark.parametrize("forward", ["return self.fc(h[-1])", "return self.fc(out)"])
def test_what_runs_either_way_is_warned_of_and_not_changed(forward: str) -> None:
    source = net(
        WORDS, f"out, (h, c) = self.lstm(self.words(x)); {forward}", "net = Net(); net(torch.ones(4, 7).long())"
    )
    exec(source, {})
    reading = read_all(source)
    assert reading.refusal is None
    assert not reading.flaws
    assert reading.network is not None
    warned = Understood(reading, reading.network, trace(reading.network)).warned
    assert warned is not None
    assert warned.name == "lstm"


def test_a_layer_of_sequences_that_gets_other_axes_is_not_told_to_have_the_batch_first() -> None:
    forward = "out, _ = self.lstm(self.words(x).unsqueeze(1)); return self.fc(out.squeeze(1))"
    reading = read_all(net(WORDS, forward, f"model = Net(); x = {SENTENCE}; model(x)"))
    assert not reading.flaws
