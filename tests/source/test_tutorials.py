"""Kinds found in networks of well-known tutorials: states as inputs, norms as arguments, code for one sample."""

import pytest
from torch import Tensor, nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace

NET = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
HEAD = "import functools\nimport string\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
NORMS = (
    "class Net(nn.Module):\n    def __init__(self, norm_layer=nn.BatchNorm2d):\n        super().__init__()\n"
    "        if type(norm_layer) == functools.partial:\n            use_bias = norm_layer.func == nn.InstanceNorm2d\n"
    "        else:\n            use_bias = norm_layer == nn.InstanceNorm2d\n"
    "        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, bias=use_bias), norm_layer(8), nn.ReLU())\n\n"
    "    def forward(self, x):\n        return self.body(x)\n\n\n"
)
STATES = (
    NET + "        self.table = nn.Embedding(30, 16)\n"
    "        self.rnn = nn.{layer}\n        self.out = nn.Linear(12, 30)\n\n    def forward(self, letter, hidden):\n"
    "        x = self.table(letter)\n        out, hidden = self.rnn({given}, hidden)\n"
    "        return self.out(out{after}), hidden\n\n\n"
)
KEPT = (
    NET + "        self.table = nn.Embedding(30, 16)\n"
    "        self.rnn = nn.LSTM(16, 12)\n        self.out = nn.Linear(12, 3)\n        self.hidden = self.fresh()\n\n"
    "    def fresh(self):\n        return torch.zeros(1, 1, 12), torch.zeros(1, 1, 12)\n\n"
    "    def forward(self, sentence):\n        x = self.table(sentence).view(len(sentence), 1, -1)\n"
    "        out, self.hidden = self.rnn(x, self.hidden)\n        return self.out(out[-1])\n\n\n"
    "net = Net()\nout = net(torch.randint(0, 30, (7,)))\n"
)
ATTENTION = (
    NET + "        self.rnn = nn.GRU(8, 6, batch_first=True)\n"
    "        self.weight = nn.Parameter(torch.zeros(6, 1))\n        self.bias = nn.Parameter(torch.zeros(5))\n\n"
    "    def forward(self, x):\n        x = self.rnn(x)[0]\n"
    "        scores = torch.mm(x.contiguous().view(-1, 6), self.weight).view(-1, 5) + self.bias\n"
    "        return (x * torch.softmax(scores, 1).unsqueeze(-1)).sum(1)\n\n\n"
    "net = Net()\nout = net(torch.randn(3, 5, 8))\n"
)
LETTERS = (
    'letters = string.ascii_letters + " .,;\'"\n\n\n'
    + NET
    + "        self.mix = nn.Linear(len(letters) + 12, 12)\n\n    def forward(self, letter, hidden):\n"
    "        return torch.tanh(self.mix(torch.cat((letter, hidden), 1)))\n\n\n"
    "net = Net()\nout = net(torch.zeros(1, len(letters)), torch.zeros(1, 12))\n"
)
QUERIES = (
    NET + "        self.query, self.key = nn.Linear(8, 6), nn.Linear(8, 6)\n"
    "        self.score = nn.Linear(6, 1)\n\n    def forward(self, keys, hidden):\n"
    "        query = hidden.permute(1, 0, 2)\n"
    "        scores = self.score(torch.tanh(self.query(query) + self.key(keys))).squeeze(2).unsqueeze(1)\n"
    "        return torch.bmm(F.softmax(scores, -1), keys)\n\n\n"
    "net = Net()\nout = net(torch.randn(4, 10, 8), torch.randn(1, 4, 8))\n"
)
ONE = "net = Net()\nout = net(torch.tensor([4]), torch.zeros(1, 1, 12))\n"
SEVERAL = "net = Net()\nout = net(torch.randint(0, 30, (5,)), torch.zeros({layers}, 5, 12))\n"


def states(layer: str, given: str, after: str, call: str) -> str:
    return STATES.replace("{layer}", layer).replace("{given}", given).replace("{after}", after) + call


CODES = {
    "norm": NORMS + "net = Net()\nout = net(torch.randn(2, 3, 9, 9))\n",
    "other norm": NORMS + "net = Net(nn.InstanceNorm2d)\nout = net(torch.randn(2, 3, 9, 9))\n",
    "partial norm": NORMS
    + "net = Net(functools.partial(nn.InstanceNorm2d, affine=False))\nout = net(torch.randn(2, 3, 9, 9))\n",
    "several letters": states("GRU(16, 12, 2)", "x.view(1, x.size(0), -1)", "[0]", SEVERAL.replace("{layers}", "2")),
    "one letter": states("GRU(16, 12)", "x.view(1, 1, -1)", "[0]", ONE),
    "state kept": KEPT,
    "scores by hand": ATTENTION,
    "letters": LETTERS,
    "state of a decoder": QUERIES,
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_the_network_is_what_torch_makes(name: str) -> None:
    code = HEAD + CODES[name]
    scope: dict[str, object] = {}
    exec(code, scope)
    net, out = scope["net"], scope["out"]
    assert isinstance(net, nn.Module)
    parts: list[Tensor] = list(out) if isinstance(out, tuple) else [out]  # type: ignore[list-item]
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    assert seen.parameters == sum(each.numel() for each in net.parameters())
    assert len(seen.output_shapes) == len(parts)
    for shape, part in zip(seen.output_shapes, parts, strict=True):
        sizes = tuple(part.shape)
        assert shape in [sizes[:axis] + sizes[axis + 1 :] for axis in range(len(sizes))]


def test_a_state_that_no_call_shows_is_as_the_layer_takes_it() -> None:
    reading = read_all(HEAD + states("GRU(16, 12, 2)", "x.transpose(0, 1)", "", ""))
    assert reading.network is not None
    assert [given.shape for given in reading.network.inputs] == [(16,), (2, 12)]
    assert trace(reading.network).error is None


@pytest.mark.parametrize(("code", "told"), [
    (
        NORMS.replace("self.body(x)", "torch.distributions.Categorical(self.body(x).flatten(1)).entropy()"),
        "Return the tensor that it is made of",
    ),
    (
        NET.replace("self", "self, env", 1) + "        self.body = nn.Linear(8, env.action_space.n)\n\n"
        "    def forward(self, x):\n        return self.body(x)\n",
        "Only the environment says what env.action_space.n is. Write the number itself in its place.",
    ),
])  # fmt: skip
def test_what_is_not_read_says_what_to_write(code: str, told: str) -> None:
    assert told in str(read_all(HEAD + code).refusal)


def test_a_view_for_one_letter_says_that_there_is_one() -> None:
    reading = read_all(HEAD + states("GRU(16, 12)", "x.view(1, 1, -1)", "", ""))
    assert reading.network is not None
    assert [given.shape for given in reading.network.inputs] == [(1,), (1, 12)]
    assert trace(reading.network).error is None


def test_a_network_made_of_the_one_before_it_loses_no_layer() -> None:
    code = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.body = models.resnet18(weights=None)\n        self.fc = nn.Linear(self.body.fc.in_features, 5)\n"
        "        self.body = nn.Sequential(*list(self.body.children())[:-1])\n\n    def forward(self, x):\n"
        "        return self.fc(self.body(x).flatten(1))\n\n\nNet()(torch.randn(1, 3, 64, 64))\n"
    )
    reading = read_all(HEAD.replace("import torch\n", "import torch\nfrom torchvision import models\n", 1) + code)
    assert reading.refusal is None
    assert not [note for note in reading.notes if "set twice" in note.sentence]


def test_sizes_in_a_message_are_never_those_of_our_batch() -> None:
    code = HEAD + ATTENTION.replace("torch.zeros(5)", "torch.zeros(7)").replace(".view(-1, 5)", ".view(-1, 35)")
    assert "65,537" not in str(read_all(code).refusal)
    assert not [digits for digits in ("2,293,795", "2293795") if digits in str(read_all(code).refusal)]
