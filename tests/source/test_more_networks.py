"""More ways in which networks are written: made by functions, sized by arguments, with layers that are never used, with
chance, with inputs that are joined or split. Torch is the judge."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace
from tests.source.test_decoders import run

HEAD = "import random\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"


def net(init: str, forward: str, takes: str = "x", parameters: str = "self", name: str = "Net") -> str:
    rows = "".join(f"        {row}\n" for row in init.split("\n"))
    steps = "".join(f"        {row}\n" for row in forward.split("\n"))
    return (
        f"class {name}(nn.Module):\n    def __init__({parameters}):\n        super().__init__()\n{rows}\n"
        f"    def forward(self, {takes}):\n{steps}\n\n"
    )


def parameters(module: Any) -> int:
    assert isinstance(module, nn.Module)
    return sum(each.numel() for each in module.parameters())


def said(code: str) -> str:
    return " ".join(map(str, read_all(code).notes))


BLOCK = net("self.conv = nn.Conv2d(i, o, 3, padding=1)\nself.skip = nn.Conv2d(i, o, 1)",
            "return F.relu(self.conv(x) + self.skip(x))", parameters="self, i, o", name="Block")  # fmt: skip
MAKER = (
    "def get_model(widths=(4, 8), classes=5):\n    layers = [Block(3, widths[0])]\n"
    "    layers += [Block(a, b) for a, b in zip(widths, widths[1:])]\n"
    "    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], classes))\n\n\n"
)


@pytest.mark.parametrize("call", ["model = get_model()\n", "model = get_model((6, 7, 8), classes=2)\n", ""])
def test_what_a_function_makes_of_blocks_is_the_network_and_not_the_block(call: str) -> None:
    code = HEAD + BLOCK + MAKER + call
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    scope = run(code)
    made = scope["model"] if call else scope["get_model"]()
    assert trace(reading.network).parameters == parameters(made)


def test_a_class_that_a_function_wraps_stays_the_network() -> None:
    code = HEAD + net("self.fc = nn.Linear(4, 2)", "return self.fc(x)")
    code += "def make():\n    return Net()\n\n\ndef train(model):\n    return nn.Sequential(model)\n"
    assert read_all(code).class_name == "Net"


VIT = net(
    "self.proj = nn.Conv2d({channels}, 16, {patch}, {patch})\n"
    "self.pos = nn.Parameter(torch.zeros(1, ({size} // {patch}) ** 2, 16))\n"
    "self.enc = nn.TransformerEncoderLayer(16, 2, 20, batch_first=True)\nself.head = nn.Linear(16, 3)",
    "x = self.proj(x).flatten(2).transpose(1, 2) + self.pos\nreturn self.head(self.enc(x).mean(1))",
    parameters="self, {names}",
)  # fmt: skip


def vit(size: str, patch: str, names: str, channels: str = "3") -> str:
    return HEAD + VIT.format(size=size, patch=patch, names=names, channels=channels)


@pytest.mark.parametrize(("code", "shape"), [
    (vit("img_size", "patch", "img_size=40, patch=8"), (3, 40, 40)),
    (vit("image_size", "p", "image_size, p") + "model = Net(image_size=48, p=8)\n", (3, 48, 48)),
    (vit("img_sz", "p", "img_sz=224, p=16") + "model = Net(64, 8)\n", (3, 64, 64)),
    (vit("img_size[0]", "8", "img_size=(32, 32)"), (3, 32, 32)),
    (vit("resolution", "8", "resolution=24, in_chans=1", "in_chans"), (1, 24, 24)),
])  # fmt: skip
def test_an_argument_that_is_called_the_size_of_images_tells_it(code: str, shape: tuple[int, ...]) -> None:
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == shape
    assert reading.shape_told == "argument"
    seen = trace(reading.network)
    assert seen.error is None
    scope = run(code)
    made = scope.get("model") or scope["Net"]()
    assert tuple(made(torch.zeros(2, *shape)).shape[1:]) == seen.output_shape
    assert parameters(made) == seen.parameters


IDLE = [
    ("self.a = nn.Linear(4, 4)\nself.b = nn.Sequential(nn.Linear(4, 3), nn.ReLU())", "return self.a(x)", "b"),
    ("self.a = nn.Linear(4, 4)\nself.b = nn.Embedding(7, 3)", "return self.a(x)", "b"),
    ("self.a = nn.Linear(4, 4)\nself.b = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 2)])",
     "return self.b[0](self.a(x))", "b.1"),
    ("self.a = nn.Linear(4, 4)\nself.b = nn.ModuleDict({'c': nn.Linear(4, 4), 'd': nn.LayerNorm(4)})",
     "return self.b['c'](self.a(x))", "b.d"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "name"), IDLE)
def test_layers_that_are_never_used_are_told_wherever_they_stand(init: str, forward: str, name: str) -> None:
    code = HEAD + net(init, forward) + "model = Net()\nmodel(torch.zeros(2, 4))\n"
    reading = read_all(code)
    assert reading.network is not None
    counted = parameters(run(code)["model"]) - trace(reading.network).parameters
    assert f"Layers that forward never uses: {name}; PyTorch still counts their {counted:,} parameters." in said(code)


@pytest.mark.parametrize(("init", "forward"), [
    ("self.a = nn.Linear(4, 8)\nself.b = nn.Linear(9, 2)", "return self.b(F.relu(self.a(x)))"),
    ("self.a = nn.Conv2d(3, 8, 3, stride=2, padding='same')", "return self.a(x)"),
    ("self.a = nn.Linear(4, 8)\nself.b = nn.Linear(8, 2)", "return F.linear(x, self.a.weight) @ self.b.weight.t()"),
])  # fmt: skip
def test_layers_of_a_network_that_does_not_run_are_not_said_to_be_unused(init: str, forward: str) -> None:
    assert "never uses" not in said(HEAD + net(init, forward))


def test_a_result_that_forward_drops_is_counted_as_torch_counts_it() -> None:
    code = HEAD + net("self.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 9)", "y = self.b(x)\nreturn self.a(x)")
    assert f"is not shown; PyTorch still counts its {4 * 9 + 9} parameters." in said(code)


@pytest.mark.parametrize("forward", [
    "return F.linear(torch.relu(self.a(x)), self.a.weight.t(), self.c)",
    "return F.linear(x, self.u @ self.v, self.c)",
    "return F.linear(x, self.w * 2, self.c)",
])  # fmt: skip
def test_weights_that_are_worked_out_are_counted_once(forward: str) -> None:
    init = "self.a = nn.Linear(6, 3)\nself.u = nn.Parameter(torch.zeros(6, 2))\n"
    init += "self.v = nn.Parameter(torch.zeros(2, 6))\nself.w = nn.Parameter(torch.zeros(6, 6))\n"
    init += "self.c = nn.Parameter(torch.zeros(6))"
    code = HEAD + net(init, forward) + "model = Net()\nmodel(torch.zeros(2, 6))\n"
    network = read_all(code).network
    assert network is not None
    model = run(code)["model"]
    assert isinstance(model, nn.Module)
    out = model(torch.zeros(2, 6)).sum()
    out.backward()
    used = sum(each.numel() for each in model.parameters() if isinstance(each.grad, Tensor))
    assert trace(network).parameters == used


CHANCES = [
    "random.random() < self.p", "torch.rand(1) < self.p", "torch.rand(1).item() < self.p", "torch.rand(()) > 0.5",
    "torch.randint(0, 2, (1,)) == 1", "torch.bernoulli(torch.tensor(0.5))", "torch.rand(1)[0] < 0.3",
    "self.training and torch.rand(1) < self.p",
]  # fmt: skip


@pytest.mark.parametrize("test", CHANCES)
def test_of_two_ways_that_chance_decides_one_is_shown_and_said(test: str) -> None:
    code = HEAD + net("self.p = 0.5\nself.a = nn.Linear(4, 3)\nself.b = nn.Linear(4, 3)",
                      f"if {test}:\n    return self.a(x)\nreturn self.b(x)")  # fmt: skip
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    words = said(code)
    assert f"{test} is decided at random in each run; it is shown as" in words
    other = "a" if reading.network.names[0] == "b" else "b"
    assert f"Layers that forward does not use when it runs as shown: {other};" in words
    assert parameters(run(code)["Net"]()) == 2 * trace(reading.network).parameters


@pytest.mark.parametrize("test", ["x.mean() > 0", "x.sum().item() > self.p", "(x > torch.rand(1)).any()"])
def test_what_the_data_decides_is_not_taken_for_chance(test: str) -> None:
    code = HEAD + net("self.p = 0.5\nself.a = nn.Linear(4, 3)\nself.b = nn.Linear(4, 3)",
                      f"if {test}:\n    return self.a(x)\nreturn self.b(x)")  # fmt: skip
    assert read_all(code).refusal is not None


JOINED = [
    ("self.a = nn.Linear(states + actions, 8)", "return self.a(torch.cat([state, action], 1))",
     "state, action", "self, states, actions", "Net(5, 2)", [(5,), (2,)]),
    ("self.n = n\nself.a = nn.Linear(m + self.n, self.n)",
     "h = torch.tanh(self.a(torch.cat((x, hidden), 1)))\nreturn h, h",
     "x, hidden", "self, m=6, n=9", "Net()", [(6,), (9,)]),
    ("self.a = nn.Linear(3 + 4 + 5, 8)", "return self.a(torch.cat([z, x, y], -1))",
     "x, y, z", "self", "Net()", [(4,), (5,), (3,)]),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "takes", "names", "call", "shapes"), JOINED)
def test_the_terms_of_a_width_tell_the_inputs_that_are_joined(
    init: str, forward: str, takes: str, names: str, call: str, shapes: list[tuple[int, ...]]
) -> None:
    code = HEAD + net(init, forward, takes, names) + f"model = {call}\n"
    network = read_all(code).network
    assert network is not None
    assert [each.shape for each in network.inputs] == shapes
    run(code)["model"](*(torch.zeros(2, *shape) for shape in shapes))


def test_the_parts_of_a_split_tell_how_long_the_input_is() -> None:
    code = HEAD + net("self.a = nn.Linear(6, 4)\nself.b = nn.Linear(7, 2)",
                      "one, other = torch.split(x, [6, 3], dim=-1)\nreturn self.b(torch.cat([self.a(one), other], -1))"
                      )  # fmt: skip
    reading = read_all(code)
    assert reading.network is not None
    assert reading.network.input_shape == (9,)
    assert tuple(run(code)["Net"]()(torch.zeros(2, 9)).shape[1:]) == trace(reading.network).output_shape


ATTENTION = net(
    "self.q = nn.Linear(24, 24)\nself.k = nn.Linear(24, 24)\nself.v = nn.Linear(24, 24)",
    "q, k, v = map(self.heads, (self.q(x), self.k(x), self.v(x)))\n"
    "y = (q @ k.transpose(-1, -2)).softmax(-1) @ v\n"
    "y = y.permute(0, 2, 1, 3).contiguous()\nreturn y.view(y.size()[:-2] + (24,))",
).rstrip("\n") + (
    "\n\n    def heads(self, x):\n        return x.view(x.size()[:-1] + (4, 6)).permute(0, 2, 1, 3)\n"
)  # fmt: skip


def test_attention_on_rows_of_a_linear_is_shown_on_several_rows() -> None:
    code = HEAD + ATTENTION
    reading = read_all(code)
    assert reading.network is not None
    assert trace(reading.network).error is None
    assert reading.network.input_shape[1:] == (24,)
    assert "No layer says how many rows there are." in reading.doubt
    assert reading.shape_told == "guess"
    run(code)["Net"]()(torch.zeros(2, *reading.network.input_shape))


def test_a_signal_is_shown_as_long_as_its_layers_need() -> None:
    code = HEAD + net(
        "self.a = nn.Conv1d(1, 4, 80, stride=16)\nself.b = nn.Conv1d(4, 4, 3)\nself.c = nn.Linear(4, 3)",
        "x = F.max_pool1d(self.b(F.max_pool1d(self.a(x), 4)), 4)\nx = F.avg_pool1d(x, x.shape[-1])\n"
        "return self.c(x.flatten(1))",
    )  # fmt: skip
    network = read_all(code).network
    assert network is not None
    assert trace(network).error is None
    run(code)["Net"]()(torch.zeros(2, *network.input_shape))


@pytest.mark.parametrize("text", [
    "I have no idea what to do. How do I build a network?",
    "Hello everyone,\nmy network does not learn (accuracy stays at 10%). What can I do?\nThanks!",
    "Please help me with my homework: a CNN for digits.\n\nIt should have two layers.",
])  # fmt: skip
def test_a_text_without_code_is_told_to_have_none(text: str) -> None:
    refusal = read_all(text).refusal
    assert refusal is not None
    assert str(refusal).startswith("There is no code in this text. Paste a class built on nn.Module")


PARSER = (
    "import argparse\n\nparser = argparse.ArgumentParser(description='digits')\n"
    "group = parser.add_argument_group('layers')\ngroup.add_argument('-w', '--hidden-width', type=int, default=12)\n"
    "parser.add_argument('--classes', default='7', type=int)\nparser.add_argument('--no-bias', action='store_true')\n"
    "parser.set_defaults(depth=3)\nargs = parser.parse_args([])\n\n\n"
)


def test_the_settings_of_a_program_have_their_default_values() -> None:
    init = "self.a = nn.Linear(4, args.hidden_width, bias=not args.no_bias)\n"
    init += "self.b = nn.Sequential(*[nn.Linear(args.hidden_width, args.hidden_width) for _ in range(args.depth)])\n"
    init += "self.c = nn.Linear(args.hidden_width, args.classes)"
    code = (
        HEAD + PARSER + net(init, "return self.c(self.b(self.a(x)))", parameters="self, args") + "model = Net(args)\n"
    )
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).parameters == parameters(run(code)["model"])
    assert "args.hidden_width is 12, as by default." in said(code)


@pytest.mark.parametrize("argument", ["'width', type=int", "'--width', type=int, required=True"])
def test_a_setting_without_a_default_is_not_made_up(argument: str) -> None:
    code = (
        HEAD
        + f"import argparse\np = argparse.ArgumentParser()\np.add_argument({argument})\nargs = p.parse_args()\n\n\n"
    )
    code += net("self.a = nn.Linear(4, args.width)", "return self.a(x)")
    refusal = read_all(code).refusal
    assert refusal is not None
    assert "args.width has no default value" in str(refusal)


def test_a_matrix_tells_how_long_the_rows_are_that_it_is_multiplied_by() -> None:
    code = HEAD + net("self.w = nn.Parameter(torch.randn(12, 5))\nself.b = nn.Parameter(torch.zeros(5))",
                      "return torch.relu(x @ self.w + self.b)")  # fmt: skip
    reading = read_all(code)
    assert reading.network is not None
    assert reading.network.input_shape == (12,)
    assert trace(reading.network).parameters == parameters(run(code)["Net"]())


def test_what_the_layers_give_a_constant_is_worked_out_in_the_class() -> None:
    code = HEAD + net(
        "self.conv = nn.Conv2d(1, 4, 3)\nself.width = None\n"
        "self.maps(torch.randn(20, 20).view(-1, 1, 20, 20))\nself.fc = nn.Linear(self.width, 2)",
        "return self.fc(self.maps(x).view(-1, self.width))",
    ).rstrip("\n") + (
        "\n\n    def maps(self, x):\n        x = F.max_pool2d(torch.relu(self.conv(x)), 2).sigmoid()\n"
        "        if self.width is None:\n            self.width = x[0].shape[0] * x[0].shape[1] * x[0].shape[2]\n"
        "        return x\n"
    )  # fmt: skip
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).parameters == parameters(run(code)["Net"]())


FRAMES = net(
    "self.cnn = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())\nself.rnn = nn.GRU(4 * 6 * 6, 5, batch_first=True)",
    "b, t, c, h, w = x.shape\n{steps}\nreturn self.rnn(y)[0][:, -1]",
)
CALL = "model = Net()\nout = model(torch.rand(2, 3, 3, 8, 8))\n"


@pytest.mark.parametrize("steps", [
    "y = self.cnn(x.view(b * t, c, h, w)).view(b, t, -1)",
    "y = self.cnn(x.reshape(-1, c, h, w)).reshape(b, t, -1)",
    "y = self.cnn(x.flatten(0, 1)).unflatten(0, (b, t))",
    "y = torch.stack([self.cnn(x[:, n]) for n in range(t)], 1)",
    "y = F.relu(self.cnn[0](x.view(b * t, c, h, w)))\ny = y.flatten(1)\ny = y.view(b, t, -1)",
])  # fmt: skip
@pytest.mark.parametrize("call", [CALL, ""])
def test_steps_on_the_batch_axis_are_shown_one_by_one(steps: str, call: str) -> None:
    code = HEAD + FRAMES.replace("{steps}", steps.replace("\n", "\n        ")) + call
    reading = read_all(code if call else code.replace("4 * 6 * 6", "4 * 222 * 222"))
    assert reading.refusal is None
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    assert seen.output_shape == (5,)
    if call:
        scope = run(code)
        assert scope["out"].shape == (2, 5)
        assert seen.parameters == parameters(scope["model"])
        assert [step.type for step in seen.steps].count("Conv2d") == 3
        assert [step.type for step in seen.steps].count("Stack") == 1


@pytest.mark.parametrize(("takes", "test"), [("x, more=False", "more"), ("x, mode='plain'", "mode == 'both'")])
def test_layers_of_another_way_through_forward_are_not_said_to_be_never_used(takes: str, test: str) -> None:
    code = HEAD + net("self.a = nn.Linear(4, 2)\nself.b = nn.Linear(4, 3)",
                      f"if {test}:\n    return self.a(x), self.b(x)\nreturn self.a(x)", takes)  # fmt: skip
    assert "Layers that forward does not use when it runs as shown: b; PyTorch still counts their 15" in said(code)
