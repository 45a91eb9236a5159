"""What else a paste may be written with: arrays of NumPy, match, functions with a gradient of their own, graphs."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as people write it
from torch import nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = (
    "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
    "from torch.autograd import Variable\n\n\n"
)


def paste(init: str, forward: str, parameters: str = "self", before: str = "") -> str:
    """A class with these lines in its methods."""
    rows = [f"        {row}" for row in init.split("\n")]
    steps = [f"        {row}" for row in forward.split("\n")]
    return "\n".join(
        [f"{HEAD}{before}class Net(nn.Module):", f"    def __init__({parameters}):",
        "        super().__init__()", *rows,
         "", "    def forward(self, x):", *steps, ""]
    )  # fmt: skip


def compared(code: str, shape: tuple[int, ...], call: str = "Net()") -> list[str]:
    """The types of the rows, whose output and parameters are those of torch."""
    names: dict[str, Any] = {}
    exec(code, names)
    made: nn.Module = eval(call, names)
    with torch.no_grad():
        wanted = made(torch.rand(2, *shape)).shape[1:]
    reading = read_all(code, shape)
    assert reading.refusal is None
    assert reading.network is not None
    traced = trace(reading.network)
    assert traced.error is None
    assert traced.output_shape == tuple(wanted)
    assert traced.parameters == sum(value.numel() for value in made.parameters())
    return [layer.type for layer in reading.layers]


ARRAYS = [
    "torch.from_numpy(np.array([1, 0, 0, 0, 1, 0, 0, 0, 1]).astype(np.float32))",
    "torch.from_numpy(np.eye(3).flatten().astype(np.float32))",
    "torch.from_numpy(np.eye(3).reshape(9).astype('float32'))",
    "torch.tensor(np.array([[1, 2, 3]] * 3).ravel(), dtype=torch.float32)",
    "torch.from_numpy(np.zeros((3, 3), dtype=np.float32)).view(9)",
    "torch.FloatTensor(np.arange(9))",
    "torch.as_tensor(np.ones(shape=(9,)) * 2 - 1).float()",
    "torch.Tensor(np.full((9,), 0.5))",
]


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("place", ["forward", "buffer"])
def test_an_array_whose_numbers_are_written(array: str, place: str) -> None:
    if place == "buffer":
        code = paste(
            f"self.fc = nn.Linear(20, 9)\nself.register_buffer('eye', {array})", "return self.fc(x) + self.eye"
        )
    else:
        steps = f"eye = Variable({array}).view(1, 9).repeat(x.size()[0], 1)\nreturn (self.fc(x) + eye).view(-1, 3, 3)"
        code = paste("self.fc = nn.Linear(20, 9)", steps)
    compared(code, (20,))


def test_numbers_of_an_array_are_numbers() -> None:
    init = "sizes = np.array([20, 9])\nself.fc = nn.Linear(int(sizes[0]), sizes.max() - len(sizes) + sizes.shape[0])"
    code = paste(init.replace("int(sizes[0])", "sizes[0]"), "return self.fc(x)")
    network = read_all(code, (20,)).network
    assert network is not None
    assert network.layers[0].chosen["out_features"] == 20
    exec(paste(init, "return self.fc(x)"), {})


@pytest.mark.parametrize("array", ["np.array(load())", "np.random.rand(9)", "np.array(unknown).astype(np.float32)"])
def test_an_array_of_what_nobody_knows_is_not_made_up(array: str) -> None:
    code = paste("self.fc = nn.Linear(20, 9)", f"return self.fc(x) + torch.from_numpy({array})")
    assert read_all(code, (20,)).refusal is not None


SWISH = (
    "class Swish(torch.autograd.Function):\n    @staticmethod\n    def forward({first}i):\n"
    "        result = i * torch.sigmoid(i)\n"
    "        {keep}\n        return result\n\n{more}    @staticmethod\n    def backward(ctx, grad):\n"
    "        return grad\n\n\n"
)
SETUP = "    @staticmethod\n    def setup_context(ctx, inputs, output):\n        ctx.save_for_backward(*inputs)\n\n"


@pytest.mark.parametrize("before", [
    SWISH.format(first="ctx, ", keep="ctx.save_for_backward(i); ctx.scale = 2", more=""),
    SWISH.format(first="", keep="pass", more=SETUP),
], ids=["context", "setup_context"])  # fmt: skip
@pytest.mark.parametrize("call", ["Swish.apply(self.fc(x))", "swish(self.fc(x))"])
def test_a_function_with_its_own_gradient_gives_what_its_forward_gives(before: str, call: str) -> None:
    code = paste("self.fc = nn.Linear(10, 4)", f"return {call}", before=f"{before}swish = Swish.apply\n\n\n")
    assert compared(code, (10,)) == ["Linear", "Sigmoid", "Multiply"]


MATCH = """match {subject}:
    case "relu":
        self.act = nn.ReLU()
    case "tanh" | "th":
        self.act = nn.Tanh()
    case None:
        self.act = nn.Identity()
    case [first, *_] if first > 2:
        self.act = nn.ELU(first)
    case (first, second):
        self.act = nn.Hardtanh(-second, second)
    case int():
        self.act = nn.Softplus()
    case other:
        self.act = nn.LeakyReLU(other)
self.fc = nn.Linear(4, 3)"""


@pytest.mark.parametrize("value", ["'relu'", "'tanh'", "'th'", "None", "[3, 1]", "(1, 2)", "7", "0.25"])
def test_match_takes_the_case_that_python_takes(value: str) -> None:
    code = paste(MATCH.format(subject="act"), "return self.act(self.fc(x))", f"self, act={value}")
    names: dict[str, Any] = {}
    exec(code, names)
    kind = type(names["Net"]().act).__name__
    assert compared(code, (4,))[1:] == [kind]


def test_match_on_what_nobody_knows_is_refused_where_it_matters() -> None:
    code = paste(MATCH.format(subject="act"), "return self.act(self.fc(x))", "self, act")
    assert "act of Net.__init__ has no value here" in str(read_all(code, (4,)).refusal)


def test_match_in_forward() -> None:
    steps = (
        "match x.shape:\n    case (_, 4):\n        return self.fc(x)\n    case _:\n        raise ValueError(x.shape)"
    )
    assert compared(paste("self.fc = nn.Linear(4, 3)", steps), (4,)) == ["Linear"]


RESIZED = (
    "import torchvision.transforms.functional as TF\n\n\n", "self.down = nn.Conv2d(3, 8, 3, padding=1)\n"
    "self.up = nn.ConvTranspose2d(8, 8, 2, 2)\nself.last = nn.Conv2d(16, 1, 1)",
    "skip = self.down(x)\nx = self.up(F.max_pool2d(skip, 2))\nif x.shape != skip.shape:\n"
    "    x = TF.resize(x, {size})\nreturn self.last(torch.cat((skip, x), dim=1))",
)  # fmt: skip


@pytest.mark.parametrize("size", ["size=skip.shape[2:]", "skip.shape[2:]", "size=list(skip.shape[-2:])", "[33, 41]",
                                  "size=(33, 41), antialias=True"])  # fmt: skip
def test_a_map_is_resized_as_interpolate_does(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision is not installed here: for a height and a width its resize of a tensor is F.interpolate."""
    stood = {name: ModuleType(name) for name in ("torchvision", "torchvision.transforms")}
    functional = SimpleNamespace(resize=lambda img, size, antialias=True: F.interpolate(img, size=tuple(size)))
    stood["torchvision.transforms"].functional = functional  # type: ignore[attr-defined]
    stood["torchvision"].transforms = stood["torchvision.transforms"]  # type: ignore[attr-defined]
    for name, module in (*stood.items(), ("torchvision.transforms.functional", functional)):
        monkeypatch.setitem(sys.modules, name, module)
    before, init, steps = RESIZED
    assert "Upsample" in compared(paste(init, steps.format(size=size), before=before), (3, 33, 41))


GRAPH = (
    "class Conv(nn.Module):\n    def __init__(self, inside, outside):\n        super().__init__()\n"
    "        self.weight = nn.Parameter(torch.zeros(inside, outside))\n"
    "        self.bias = nn.Parameter(torch.zeros(outside))\n\n    def forward(self, x, adj):\n"
    "        return {product}(adj, {inner}(x, self.weight)) + self.bias\n\n\n"
    "class GCN(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.gc1 = Conv(14, 6)\n"
    "        self.gc2 = Conv(6, 3)\n\n    def forward(self, x, adj):\n"
    "        return self.gc2(torch.relu(self.gc1(x, adj)), adj)\n\n\n"
    "model = GCN()\nout = model(torch.randn({batch}50, 14), torch.randn({batch}50, 50))\n"
)


@pytest.mark.parametrize("product", ["torch.mm", "torch.spmm", "torch.sparse.mm"])
def test_a_graph_is_read_by_its_nodes_and_in_batches_by_its_graphs(product: str) -> None:
    for code in (
        GRAPH.format(product=product, inner="torch.mm", batch=""),
        GRAPH.format(product="torch.matmul", inner="torch.matmul", batch="2, "),
    ):
        names: dict[str, Any] = {}
        exec(HEAD + code, names)
        network = read_all(HEAD + code).network
        assert network is not None
        assert trace(network).output_shape == tuple(names["out"].shape[1:])


LINEAR_GRAPH = (
    "class Conv(nn.Module):\n    def __init__(self, inside, outside):\n        super().__init__()\n"
    "        self.lin = nn.Linear(inside, outside, bias=False)\n"
    "        self.bias = nn.Parameter(torch.zeros(outside))\n\n    def forward(self, x, adj):\n"
    "        return {product} + self.bias\n\n\n"
    "class GCN(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.g1 = Conv(16, 32)\n"
    "        self.g2 = Conv(32, 4)\n\n    def forward(self, x, adj):\n"
    "        return self.g2(torch.relu(self.g1(x, adj)), adj).mean(dim=1)\n\n\n"
    "model = GCN()\nx, neighbors = torch.randn(8, {nodes}, 16), torch.rand(8, {nodes}, {nodes})\n{call}\n"
)


@pytest.mark.parametrize(
    "product", ["torch.matmul(adj, self.lin(x))", "adj @ self.lin(x)", "torch.bmm(adj, self.lin(x))"]
)
@pytest.mark.parametrize("nodes", [50, 16, 8])
@pytest.mark.parametrize("call", [
    "out = model(x, neighbors)", "out = model(torch.randn(8, {nodes}, 16), torch.randn(8, {nodes}, {nodes}))",
])  # fmt: skip
@pytest.mark.parametrize("name", ["adj", "a_hat"])
def test_inputs_have_the_sizes_that_a_call_shows_whatever_they_are_called(
    product: str, nodes: int, call: str, name: str
) -> None:
    code = HEAD + LINEAR_GRAPH.format(product=product, nodes=nodes, call=call.format(nodes=nodes)).replace("adj", name)
    names: dict[str, Any] = {}
    exec(code, names)
    reading = read_all(code)
    assert reading.refusal is None
    assert not reading.notes
    assert reading.network is not None
    assert [(each.name, each.shape) for each in reading.network.inputs] == [("x", (nodes, 16)), (name, (nodes, nodes))]
    traced = trace(reading.network)
    assert traced.output_shape == tuple(names["out"].shape[1:])
    assert traced.parameters == sum(value.numel() for value in names["model"].parameters()) == 676


@pytest.mark.parametrize("product", ["torch.mm", "torch.spmm", "torch.sparse.mm"])
def test_a_product_across_the_nodes_of_a_graph_says_what_to_write(product: str) -> None:
    code = GRAPH.format(product=product, inner="torch.mm", batch="").replace("adj, torch", "adj * 1, torch")
    reading = read_all(HEAD + code)
    assert "multiplies across the first axis" in str(reading.refusal)
    assert "write torch.matmul" in str(reading.refusal)


GYM = (
    "import gymnasium as gym\n\n\nenv = gym.make({name})\n\n\nclass DQN(nn.Module):\n"
    "    def __init__(self, seen, actions):\n"
    "        super().__init__()\n        self.a = nn.Linear(seen, 128)\n        self.b = nn.Linear(128, actions)\n\n"
    "    def forward(self, x):\n        return self.b(F.relu(self.a(x)))\n\n\n{lines}\nnet = DQN(seen, actions)\n"
)
WAYS = [
    "actions = env.action_space.n\nstate, info = env.reset()\nseen = len(state)",
    "actions = env.action_space.n\nseen = env.observation_space.shape[0]",
    "seen, actions = len(env.reset()), env.unwrapped.action_space.n",
]


@pytest.mark.parametrize("lines", WAYS)
def test_the_sizes_of_a_known_environment(lines: str) -> None:
    reading = read_all(HEAD + GYM.format(name="'CartPole-v1'", lines=lines))
    assert reading.network is not None
    assert reading.network.input_shape == (4,)
    assert reading.layers[-1].chosen["out_features"] == 2
    assert [note for note in reading.notes if "of CartPole-v1 is" in note.sentence]


@pytest.mark.parametrize("lines", WAYS)
def test_what_only_the_environment_says(lines: str) -> None:
    reading = read_all(HEAD + GYM.format(name="name", lines=lines))
    assert "Only the environment says what env." in str(reading.refusal)
    assert "Write the number itself in its place." in str(reading.refusal)
