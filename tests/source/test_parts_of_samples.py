"""Networks that put parts of each sample on the batch axis, or make a batch of one themselves. Torch runs the same."""

from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.corrections import mismatches
from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"


def net(init: str, forward: str, call: str, takes: str = "x") -> str:
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")] + ["", f"    def forward(self, {takes}):"]
    rows += [f"        {row}" for row in forward.split("; ")] + ["", "net = Net()", f"out = net({call})", ""]
    return HEAD + "\n".join(rows)


def agrees(code: str) -> Any:
    """The trace of what is read, after comparing it with what torch makes of the code."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None, str(reading.refusal)
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    assert not mismatches(reading, seen)
    out = scope["out"]
    assert seen.output_shape in (tuple(out.shape[1:]), tuple(out.shape))
    assert seen.parameters == sum(each.numel() for each in scope["net"].parameters())
    return seen


BLOCK = """\
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
    def forward(self, x):
        b = x.size(0)
        y = F.relu(self.norm(self.a(x))) + x
        return y.view(b, y.size(1), -1).mean(2).view(b, -1)

"""


@pytest.mark.parametrize(("init", "forward", "call"), [
    ("self.cnn = Block(3); self.rnn = nn.LSTM(3, 5, batch_first=True)",
     "b, t, c, h, w = x.size(); y = self.cnn(x.view(b * t, c, h, w)); return self.rnn(y.view(b, t, -1))[0][:, -1]",
     "torch.randn(2, 4, 3, 8, 8)"),
    ("self.a = nn.Conv2d(1, 4, 3); self.b = nn.Conv2d(4, 4, 3); self.fc = nn.Linear(16, 5)",
     "b, t = x.shape[:2]; y = x.reshape(-1, *x.shape[2:]); y = F.max_pool2d(F.relu(self.a(y)), 2); "
     "y = F.relu(self.b(y)).view(b * t, -1); return self.fc(y).view(b, t, -1).mean(1)",
     "torch.randn(3, 2, 1, 10, 10)"),
    ("self.a = nn.Conv2d(1, 4, 3, padding=1); self.b = nn.Conv2d(4, 4, 3, padding=1)",
     "b, t, c, h, w = x.shape; y = self.a(x.view(-1, c, h, w)); y = y + self.b(y); return y.view(b, t, -1).sum(1)",
     "torch.randn(3, 2, 1, 6, 6)"),
    ("self.a = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU())",
     "b, n, f = x.shape; y = self.a(x.reshape(b * n, f)); return y.reshape(b, n, -1).max(1)[0]",
     "torch.randn(3, 5, 6)"),
    ("self.words = nn.GRU(6, 4, batch_first=True); self.lines = nn.GRU(4, 3, batch_first=True)",
     "b, n, w, f = x.shape; _, h = self.words(x.view(b * n, w, f)); _, h = self.lines(h[-1].view(b, n, -1)); "
     "return h[-1]", "torch.randn(3, 5, 7, 6)"),
    ("self.flat = nn.Flatten(); self.a = nn.Linear(12, 4)",
     "b, n, h, w = x.shape; y = self.a(self.flat(x.view(b * n, h, w))); return y.view(b, n, -1)",
     "torch.randn(2, 5, 3, 4)"),
])  # fmt: skip
def test_a_module_on_parts_of_samples_is_shown_once_for_each(init: str, forward: str, call: str) -> None:
    agrees(net(init, forward, call).replace("class Net", BLOCK + "class Net"))


def test_too_many_parts_are_refused_with_what_to_write() -> None:
    code = net("self.cnn = nn.Sequential(*[nn.Conv2d(3, 3, 3, padding=1) for _ in range(90)])",
               "b, t, c, h, w = x.shape; return self.cnn(x.view(b * t, c, h, w)).view(b, t, -1)",
               "torch.randn(2, {}, 3, 8, 8)")  # fmt: skip
    assert "Hand it fewer parts in the example, such as 2 frames" in str(read_all(code.format(16)).refusal)
    agrees(code.format(2))


REPEATED = ("self.seq = 9; self.enc = nn.LSTM(3, 5, batch_first=True); self.dec = nn.LSTM(5, 5, batch_first=True); "
            "self.out = nn.Linear(5, 3)")  # fmt: skip


def test_a_hidden_state_that_is_repeated_for_one_sample() -> None:
    forward = (
        "_, (h, _) = self.enc(x); h = h.repeat(1, self.seq, 1).view(1, self.seq, 5); return self.out(self.dec(h)[0])"
    )
    code = net(REPEATED, forward, "torch.randn(1, 9, 3)")
    agrees(code)
    assert any("fits only one batch size" in flaw.title for flaw in read_all(code).flaws)
    several = code.replace("randn(1, 9", "randn(4, 9")
    with pytest.raises(RuntimeError, match="is invalid for input of size"):
        exec(several, {})
    (flaw,) = (each for each in read_all(several).flaws if each.kind == "reshape")
    assert flaw.tone == "error"


def test_one_sequence_of_which_the_code_makes_a_batch_of_one() -> None:
    forward = ("x = x.reshape((1, self.seq, 3)); _, (h, _) = self.enc(x); h = h.reshape(1, 5).repeat(self.seq, 1); "
               "y, _ = self.dec(h.reshape(1, self.seq, 5)); return self.out(y.reshape(self.seq, 5))")  # fmt: skip
    assert agrees(net(REPEATED, forward, "torch.randn(9, 3)")).network.input_shape == (9, 3)


GAT = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(6, 4))
        self.a = nn.Parameter(torch.randn(8, 1))
    def forward(self, x, adj):
        h = {product}(x, self.w)
        e = F.leaky_relu(torch.matmul(h, self.a[:4]) + torch.matmul(h, self.a[4:]){turned})
        a = torch.softmax(torch.where(adj > 0, e, torch.full_like(e, -9e15)), dim={dim})
        return torch.matmul(a, h)

net = Net()
out = net(torch.randn({batch}7, 6), torch.ones({batch}7, 7))
"""


def test_attention_over_nodes_is_refused_with_how_to_write_it_and_read_so() -> None:
    alone = HEAD + GAT.format(product="torch.mm", turned=".T", dim=1, batch="")
    exec(alone, {})
    words = str(read_all(alone).refusal)
    assert "for a batch of graphs, (batch, nodes, features), with torch.matmul" in words
    agrees(HEAD + GAT.format(product="torch.matmul", turned=".transpose(-2, -1)", dim=-1, batch="2, "))


def test_parts_do_not_change_the_numbers() -> None:
    """That torch gives the same for parts on the batch axis and one by one, which the rows stand on."""
    cnn, x = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval(), torch.randn(2, 5, 3, 6, 6)
    one_by_one = torch.stack([cnn(x[:, n]) for n in range(5)], dim=1)
    torch.testing.assert_close(cnn(x.view(10, 3, 6, 6)).view(2, 5, 4, 4, 4), one_by_one)


BAG = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.score = nn.Linear(4, 1)
    def forward(self, x):
        x = x.squeeze(0)
        h = self.cnn(x)
        return {gives}

net = Net()
out = net(torch.randn({batch}, 6, 1, 28, 28))
"""


def test_a_bag_of_images_is_a_batch_of_one() -> None:
    code = HEAD + BAG.format(gives="torch.softmax(self.score(h), dim=0)", batch=1)
    seen = agrees(code)
    assert [step.type for step in seen.steps].count("Conv2d") == 6
    assert [step.layer.chosen["dim"] for step in seen.steps if step.type == "Softmax"] == [1]
    assert not read_all(code).flaws


def test_more_than_one_bag_is_left_as_it_is() -> None:
    code = HEAD + BAG.format(gives="self.score(h)", batch=2)
    with pytest.raises(RuntimeError, match="Expected 3D"):
        exec(code, {})
    reading = read_all(code)
    assert reading.network is None or trace(reading.network).error is not None or reading.refusal is not None
