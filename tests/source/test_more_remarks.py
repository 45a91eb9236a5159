"""Mistakes that are told with the code put right. Torch refuses each paste, or runs it to something nobody means, and
runs what is left of it after the correction."""

import pytest

from layerscope.source.reader import corrected, mismatches, read_all
from layerscope.source.reading import Flaw
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace
from tests.source.test_more_networks import HEAD, net


def flaw_of(code: str, kind: str) -> Flaw:
    return next(note for note in read_all(code).notes if isinstance(note, Flaw) and note.kind == kind)


def refused(code: str) -> str:
    """Torch's words about a paste; "" where it runs."""
    try:
        exec(code, {})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


SEQUENCE = "model = nn.Sequential({})\nmodel(torch.zeros(2, 4))\n"
REFUSED = [
    ("container", SEQUENCE.format("[nn.Linear(4, 3), nn.ReLU()]"), "nn.Sequential is given a list"),
    ("container", "layers = [nn.Linear(4, 3), nn.ReLU()]\n" + SEQUENCE.format("layers"),
     "nn.Sequential is given a list"),
    ("container", SEQUENCE.format("nn.Linear(4, 3), F.relu"), "F.relu is a function, not a layer"),
    ("container", SEQUENCE.format("torch.tanh, nn.Linear(4, 3)"), "torch.tanh is a function, not a layer"),
    ("comma", net("self.a = nn.Linear(4, 3),", "return self.a(x)") + "Net()(torch.zeros(2, 4))\n",
     "A comma makes self.a a tuple"),
    ("undefined", net("self.a = nn.Linear(4, 3)", "return a(x)") + "Net()(torch.zeros(2, 4))\n",
     "self. is missing before a"),
    ("undefined", net("self.a = nn.Linear(4, 3)\nself.n = 2", "return self.a(x) * n") + "Net()(torch.zeros(2, 4))\n",
     "self. is missing before n"),
    ("joined", net("self.a = nn.Linear(4, 3)", "y = self.a(x)\nreturn torch.cat(y, y, 1)")
     + "Net()(torch.zeros(2, 4))\n", "torch.cat needs a list"),
    ("joined", net("self.a = nn.Linear(4, 3)", "y = self.a(x)\nreturn torch.stack(y, y)")
     + "Net()(torch.zeros(2, 4))\n", "torch.stack needs a list"),
    ("example", net("self.a = nn.Embedding(9, 3)", "return self.a(x).mean(1)") + "Net()(torch.randn(2, 4))\n",
     "Fractions for an Embedding"),
    ("example", net("self.a = nn.Embedding(9, 3)", "return self.a(x)") + "Net()(torch.zeros((2, 4)))\n",
     "Fractions for an Embedding"),
    ("tuple", net("self.a = nn.GRU(4, 3)", "out, (h, c) = self.a(x)\nreturn h[-1]")
     + "Net()(torch.zeros(2, 5, 4))\n", "GRU has no cell state"),
    ("tuple", net("self.a = nn.RNN(4, 3, batch_first=True)", "out, (h, _) = self.a(x)\nreturn out[:, -1]")
     + "Net()(torch.zeros(2, 5, 4))\n", "RNN has no cell state"),
    ("target", net("self.a = nn.Linear(4, 1)", "return self.a(x)")
     + "x = torch.zeros(3, 4)\ny = torch.ones(3)\nloss = nn.BCEWithLogitsLoss()(Net()(x), y)\n",
     "The output and the target have different shapes"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "title"), REFUSED)
def test_what_torch_refuses_is_put_right(kind: str, code: str, title: str) -> None:
    words = refused(HEAD + code)
    assert words
    flaw = flaw_of(HEAD + code, kind)
    assert (flaw.title, flaw.tone) == (title, "error")
    assert flaw.quote in words
    assert flaw.changes
    assert not refused(replaced(HEAD + code, dict(flaw.changes)))


RUNNING = [
    ("softmax", net("self.a = nn.Linear(4, 3)", "return F.softmax(self.a(x), dim=0)"),
     "F.softmax(self.a(x), dim=0) works over the batch"),
    ("softmax", net("self.a = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(0))", "return self.a(x)"),
     "nn.LogSoftmax(0) works over the batch"),
    ("target", net("self.a = nn.Linear(4, 1)", "return self.a(x)")
     + "x = torch.zeros(3, 4)\nloss_fn = nn.MSELoss()\nout = Net()(x)\nloss = loss_fn(out, torch.ones(3))\n",
     "The output and the target have different shapes"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize(("kind", "code", "title"), RUNNING)
def test_what_torch_runs_and_nobody_means_is_a_warning(kind: str, code: str, title: str) -> None:
    assert not refused(HEAD + code)
    flaw = flaw_of(HEAD + code, kind)
    assert (flaw.title, flaw.tone) == (title, "warning")
    right = replaced(HEAD + code, dict(flaw.changes))
    assert not refused(right)
    assert not [note for note in read_all(right).notes if isinstance(note, Flaw) and note.kind == kind]


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_an_autoencoder_whose_output_is_smaller_than_its_input() -> None:
    code = HEAD + net("self.a = nn.Conv2d(1, 4, 3, 2, 1)\nself.b = nn.ConvTranspose2d(4, 1, 3, 2, 1)",
                      "return self.b(self.a(x))")  # fmt: skip
    code += "img = torch.rand(2, 1, 28, 28)\ncrit = nn.MSELoss()\nmodel = Net()\nloss = crit(model(img), img)\n"
    assert "must match" in refused(code)
    flaw = flaw_of(code, "target")
    assert "The output is (2, 1, 27, 27) and the target (2, 1, 28, 28)" in flaw.sentence
    right = code.replace("3, 2, 1)\n\n", "3, 2, 1, 1)\n\n")
    assert not refused(right)
    assert not [note for note in read_all(right).notes if isinstance(note, Flaw) and note.kind == "target"]


@pytest.mark.parametrize("end", [
    "model = Net()\nloss = nn.MSELoss()(model(torch.zeros(3, 4)), torch.ones(3, 1))\n",
    "model = Net()\nloss = nn.MSELoss()(model(torch.zeros(3, 4)).squeeze(1), torch.ones(3))\n",
    "model = Net()\nloss = nn.MSELoss()(torch.zeros(2), torch.ones(3))\n",
    "model = Net()\nout = model(torch.zeros(3, 4))\nout = out.squeeze(1)\nloss = nn.MSELoss()(out, torch.ones(3))\n",
    "model = Net()\nout = model(torch.zeros(3, 4))\nloss = F.cross_entropy(out, torch.zeros(3).long())\n",
])  # fmt: skip
def test_shapes_that_are_not_those_of_the_output_are_not_compared(end: str) -> None:
    code = HEAD + net("self.a = nn.Linear(4, 1)", "return self.a(x)") + end
    assert not [note for note in read_all(code).notes if isinstance(note, Flaw) and note.kind == "target"]


def test_tensors_that_are_joined_along_the_batch_get_an_axis() -> None:
    code = HEAD + net("self.a = nn.Linear(4, 3)\nself.b = nn.Linear(6, 2)",
                      "return self.b(torch.cat([self.a(x), self.a(x)]))") + "Net()(torch.zeros(2, 4))\n"  # fmt: skip
    assert refused(code)
    flaw = flaw_of(code, "joined")
    ((change,),) = flaw.ways
    assert not refused(replaced(code, {change.place: change.text}))


SWAPPED = [
    ("self.a = nn.Conv2d(32, 3, 3)\nself.b = nn.Linear(32 * 30 * 30, 10)", "return self.b(self.a(x).flatten(1))",
     (3, 32, 32)),
    ("self.a = nn.Linear(128, 784)\nself.b = nn.Linear(128, 10)", "return self.b(self.a(x))", (784,)),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "shape"), SWAPPED)
def test_two_numbers_the_wrong_way_round_are_swapped(init: str, forward: str, shape: tuple[int, ...]) -> None:
    code = HEAD + net(init, forward) + f"Net()(torch.zeros(2, {', '.join(map(str, shape))}))\n"
    assert refused(code)
    reading = read_all(code)
    assert not [note for note in reading.notes if isinstance(note, Flaw)]
    assert reading.network is not None
    assert reading.network.input_shape == shape
    (found,) = mismatches(reading, trace(reading.network))
    assert "the wrong way round" in found.sentence
    assert not refused(corrected(code, [found]))


@pytest.mark.parametrize(("init", "forward", "count"), [
    ("self.a = nn.Linear(64, 784)\nself.b = nn.Linear(784, 10)", "return self.b(self.a(x))", 784),
    ("self.a = nn.Linear(9, 4)\nself.b = nn.Linear(4, 9)", "return self.b(self.a(x))", 4),
])  # fmt: skip
def test_two_numbers_are_not_swapped_where_that_does_not_fit_the_rest(init: str, forward: str, count: int) -> None:
    reading = read_all(HEAD + net(init, forward), [count])
    assert reading.network is not None
    found = mismatches(reading, trace(reading.network))
    assert found
    assert not [each for each in found if "wrong way round" in each.sentence]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_number_that_is_the_width_of_a_layer_too_is_doubled_where_it_is_used(kind: str) -> None:
    code = HEAD + net(
        f"self.rnn = nn.{kind}(8, hidden, batch_first=True, bidirectional=True)\nself.fc = nn.Linear(hidden, 2)",
        "return self.fc(self.rnn(x)[0][:, -1])", parameters="self, hidden",
    ) + "model = Net(16)\nmodel(torch.zeros(3, 5, 8))\n"  # fmt: skip
    reading = read_all(code)
    assert reading.network is not None
    (found,) = mismatches(reading, trace(reading.network))
    assert found.replacement == "hidden * 2"
    assert not refused(found.corrected)


def test_a_layer_norm_of_as_many_values_as_there_are_channels() -> None:
    code = HEAD + net("self.a = nn.Conv2d(3, 16, 1)\nself.b = nn.LayerNorm(16)", "return self.b(self.a(x))")
    code += "Net()(torch.zeros(2, 3, 8, 8))\n"
    assert refused(code)
    reading = read_all(code)
    assert reading.network is not None
    (found,) = mismatches(reading, trace(reading.network))
    assert "nn.GroupNorm(1, 16) works on the channels" in found.sentence
    assert "self.b = nn.GroupNorm(1, 16)" in found.corrected
    assert not refused(found.corrected)
