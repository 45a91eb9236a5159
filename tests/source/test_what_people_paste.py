"""Kinds found in pastes as people write them: Lightning's hyperparameters, steps before samples, losses on flat scores,
a network that cannot be read beside its parts."""

import pytest
import torch
from torch import nn

from layerscope.building import module
from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.tracing import trace

HEAD = "import math\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"


def body(saves: str, width: str, given: str = "width=24, rate=0.1") -> str:
    return HEAD + (
        f"import lightning as L\n\n\nclass Lit(L.LightningModule):\n    def __init__(self, {given}):\n"
        f"        super().__init__()\n        {saves}\n        self.one = nn.Linear(9, {width})\n"
        f"        self.two = nn.Linear({width}, 4)\n\n    def forward(self, x):\n"
        "        return self.two(torch.relu(self.one(x)))\n\n\n"
    )


@pytest.mark.parametrize("code", [
    body("self.save_hyperparameters()", "self.hparams.width"),
    body("self.save_hyperparameters()", "self.hparams['width']"),
    body("self.save_hyperparameters('width')", "self.hparams.width"),
    body("self.save_hyperparameters(ignore=['rate'])", "self.hparams.width"),
    body("self.save_hyperparameters(settings)", "self.hparams.width", "settings") + "Lit({'width': 24})\n",
    body("self.save_hyperparameters()", "self.hparams.width", "*, width=24"),
])  # fmt: skip
def test_the_hyperparameters_that_lightning_saves_are_read(code: str) -> None:
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).parameters == 9 * 24 + 24 + 24 * 4 + 4


def test_a_hyperparameter_that_is_not_saved_is_not_there() -> None:
    reading = read_all(body("self.save_hyperparameters('rate')", "self.hparams.width"))
    assert reading.refusal is not None


STEPS_FIRST = HEAD + (
    "class Places(nn.Module):\n    def __init__(self, width, most=60):\n        super().__init__()\n"
    "        table = torch.zeros(most, 1, width)\n        table[:, 0, 0::2] = torch.sin(torch.arange(most)[:, None])\n"
    "        self.register_buffer('table', table)\n\n    def forward(self, x):\n"
    "        return x + self.table[:x.size(0)]\n\n\n"
    "class Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.words = nn.Embedding(30, 16)\n        self.places = Places(16)\n"
    "        self.body = nn.{body}\n        self.out = nn.Linear({width}, 30)\n\n    def forward(self, x):\n"
    "        x = self.places(self.words(x) * math.sqrt(16))\n        return self.out({of})\n\n\n"
    "Model()(torch.randint(0, 30, (12, 5)))\n"
)


@pytest.mark.parametrize(("layer", "width", "of"), [
    ("TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 20), 2, enable_nested_tensor=False)", 16, "self.body(x)"),
    ("LSTM(16, 7)", 7, "self.body(x)[0]"),
    ("GRU(16, 7, bidirectional=True)", 14, "self.body(x)[0]"),
])  # fmt: skip
def test_code_that_has_the_steps_before_the_samples_is_followed_that_way(layer: str, width: int, of: str) -> None:
    code = STEPS_FIRST.replace("{body}", layer).replace("{width}", str(width)).replace("{of}", of)
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    scope: dict[str, object] = {}
    exec(code, scope)
    real = scope["Model"]()  # type: ignore[operator]
    assert isinstance(real, nn.Module)
    assert seen.parameters == sum(each.numel() for each in real.parameters())
    assert module(reading.network)(torch.zeros(2, 5, dtype=torch.int64)).shape == (2, 5, 30)


SCORES = HEAD + (
    "class Words(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.table = nn.Embedding(30, 16)\n        self.out = nn.Linear(16, 30)\n\n    def forward(self, x):\n"
    "        return self.out(self.table(x))\n\n\nscores = Words()(torch.randint(0, 30, (2, 8)))\n{made}"
    "loss = {loss}({given}, torch.randint(0, 30, (16,)))\n"
)


@pytest.mark.parametrize(("made", "loss"), [
    ("", "F.cross_entropy"), ("criterion = nn.CrossEntropyLoss()\n", "criterion"),
    ("measure = torch.nn.NLLLoss()\n", "measure"),
])  # fmt: skip
@pytest.mark.parametrize(
    "given", ["scores", "scores.view(-1, 30)", "scores.transpose(1, 2)", "torch.flatten(scores, 0, 1)"]
)
def test_a_loss_is_remarked_on_only_where_the_scores_go_in_as_they_are(made: str, loss: str, given: str) -> None:
    notes = read_all(SCORES.format(made=made, loss=loss, given=given)).notes
    told = [note for note in notes if "reads the first axis as the classes" in note.sentence]
    assert bool(told) is (given == "scores")


WHOLE = HEAD + (
    "class Part(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.fc = nn.Linear(5, 6)\n\n    def forward(self, x):\n        return self.fc(x)\n\n\n"
    "class Whole(nn.Module):\n    def __init__(self, part):\n        super().__init__()\n"
    "        self.part = part\n\n    def forward(self, x):\n        return mystery(self.part(x))\n\n\n"
)


def test_a_part_is_not_shown_in_silence() -> None:
    reading = read_all(WHOLE)
    flaw = next(note for note in reading.notes if isinstance(note, Flaw))
    assert reading.class_name == "Part"
    assert flaw.kind == "part"
    assert flaw.title == "Whole is not shown"
    assert "so Part is shown" in flaw.sentence


def test_of_a_network_that_the_code_makes_no_part_is_shown_in_its_place() -> None:
    reading = read_all(f"{WHOLE}net = Whole(Part())\nnet(torch.randn(2, 5))\n")
    assert reading.class_name == "Whole"
    assert reading.refusal is not None
    assert "mystery" in reading.refusal.reason
    assert [layer.type for layer in reading.layers] == ["Linear"]


GIVEN = {
    "a dictionary": ("batch", "batch['one'], batch['two']", "{{'one': {a}, 'two': {b}}}", ("one", "two")),
    "a tuple": ("pair", "pair[0], pair[1]", "({a}, {b})", ("pair1", "pair2")),
    "a list beside a tensor": ("x, rest", "x, rest[0]", "{a}, [{b}]", ("x", "rest1")),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_tensors_that_are_handed_over_together_are_inputs(name: str) -> None:
    takes, parts, call, names = GIVEN[name]
    code = HEAD + (
        "class Both(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = nn.Conv2d(3, 6, 3)\n        self.table = nn.EmbeddingBag(40, 6)\n"
        f"        self.out = nn.Linear(12, 2)\n\n    def forward(self, {takes}):\n        a, b = {parts}\n"
        "        a = self.conv(a).amax((2, 3))\n        return self.out(torch.cat([a, self.table(b)], 1))\n\n\n"
        f"net = Both()\nnet({call.format(a='torch.randn(2, 3, 9, 9)', b='torch.randint(0, 40, (2, 7))')})\n"
    )
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert [(each.name, each.shape) for each in reading.network.inputs] == [(names[0], (3, 9, 9)), (names[1], (7,))]
    seen = trace(reading.network)
    assert seen.error is None
    scope: dict[str, object] = {}
    exec(code, scope)
    assert seen.parameters == sum(each.numel() for each in scope["net"].parameters())  # type: ignore[attr-defined]


@pytest.mark.parametrize("keys", ["{1: x, 2: x}", "{(1, 2): x}", "{'a b': x, '': x}", "{}", "[]", "{'a': None}"])
def test_tables_whose_keys_are_no_names_end_in_a_sentence(keys: str) -> None:
    code = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(4, 2)\n\n"
        f"    def forward(self, batch):\n        return self.fc(batch[1])\n\n\nx = torch.randn(2, 4)\nNet()({keys})\n"
    )
    assert read_all(code).source == code


def test_a_class_built_on_a_layer_may_do_more_before_it() -> None:
    code = HEAD + (
        "class Causal(nn.Conv1d):\n    def forward(self, x):\n"
        "        left = (self.kernel_size[0] - 1) * self.dilation[0]\n"
        "        return super().forward(F.pad(x, (left, 0)))\n\n\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.blocks = nn.ModuleList([Causal(4, 4, 2, dilation=2 ** n) for n in range(3)])\n\n"
        "    def forward(self, x):\n        for block in self.blocks:\n            x = x + torch.tanh(block(x))\n"
        "        return x\n\n\nnet = Net()\nnet(torch.randn(2, 4, 30))\n"
    )
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert {"blocks.0", "blocks.pad1", "blocks.2", "blocks.pad3"} <= {*reading.network.names}
    seen = trace(reading.network)
    assert seen.output_shape == (4, 30)
    scope: dict[str, object] = {}
    exec(code, scope)
    assert seen.parameters == sum(each.numel() for each in scope["net"].parameters())  # type: ignore[attr-defined]
