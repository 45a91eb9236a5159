"""Results that are one for the whole batch, outputs with the steps first, and lists with something unknown in them."""

import re
from typing import Any

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
NORM = (
    "m = x.mean(0)\n        v = x.var(0, unbiased=False)\n"
    "        return self.fc(self.g * (x - m) / torch.sqrt(v + 1e-5))"
)
STDDEV = (
    "m = x.mean(dim=0, keepdim=True)\n        s = (x - m).pow(2).mean(0, keepdim=True).sqrt().mean()\n"
    "        return self.conv(torch.cat([x, s.expand(x.size(0), 1, x.size(2), x.size(3))], 1))"
)
ROUTING = (
    "u = torch.matmul(torch.cat([self.w] * x.size(0), dim=0), torch.stack([x] * 4, dim=2).unsqueeze(4))\n"
    "        b = torch.zeros(1, 6, 4, 1)\n        for i in range(3):\n            c = F.softmax(b, dim=1)\n"
    "            c = torch.cat([c] * x.size(0), dim=0).unsqueeze(4)\n"
    "            v = (c * u).sum(dim=1, keepdim=True)\n            if i < 2:\n"
    "                a = torch.matmul(u.transpose(3, 4), torch.cat([v] * 6, dim=1))\n"
    "                b = b + a.squeeze(4).mean(dim=0, keepdim=True)\n        return v.squeeze(1)"
)
CTC = "return F.log_softmax(self.fc(x.transpose(1, 2)), dim=2).transpose(0, 1)"
LOOKUP = (
    "d = x.pow(2).sum(1, keepdim=True) + self.table.weight.pow(2).sum(1) - 2 * x @ self.table.weight.t()\n"
    "        return self.table(torch.argmin(d, 1))"
)
CASES = {
    "a norm by hand": ("self.g = nn.Parameter(torch.ones(8)); self.fc = nn.Linear(8, 3)", NORM, "(4, 8)"),
    "the spread of a batch": ("self.conv = nn.Conv2d(4, 5, 3)", STDDEV, "(4, 3, 9, 9)"),
    "capsules that agree": ("self.w = nn.Parameter(torch.randn(1, 6, 4, 5, 8))", ROUTING, "(3, 6, 8)"),
    "steps before samples": ("self.fc = nn.Linear(6, 9)", CTC, "(2, 6, 20)"),
    "a table that is read twice": ("self.table = nn.Embedding(7, 5)", LOOKUP, "(3, 5)"),
}


def code(init: str, forward: str, shape: str) -> str:
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")] + ["", "    def forward(self, x):", f"        {forward}"]
    return HEAD + "\n".join([*rows, "", "", "model = Net()", f"out = model(torch.randn{shape})", ""])


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_with_torch_s_sizes_and_parameters(name: str) -> None:
    text = code(*CASES[name])
    scope: dict[str, Any] = {}
    exec(text, scope)
    reading = read_all(text)
    assert reading.refusal is None
    assert reading.network is not None
    seen = trace(reading.network)
    out: torch.Tensor = scope["out"]
    batch = int(re.findall(r"\d+", CASES[name][2])[0])
    sizes = [*out.shape]
    sizes.remove(batch)
    assert seen.error is None
    assert seen.output_shape == tuple(sizes)
    assert seen.parameters == sum(each.numel() for each in scope["model"].parameters())
    assert not reading.flaws


def test_what_is_one_for_the_batch_goes_through_no_layer_and_is_no_output() -> None:
    for forward in ("return self.fc(x.mean(0))", "return x.mean(0)", "return self.fc(x)[0]"):
        reading = read_all(code("self.fc = nn.Linear(8, 3)", forward, "(4, 8)"))
        assert reading.refusal is not None, forward


def test_nothing_unknown_is_left_out_of_a_list_that_is_joined() -> None:
    text = "from mylib import extra\n" + code(
        "self.fc = nn.Linear(6, 3)", "return self.fc(torch.cat([x, extra()], 1))", "(4, 4)"
    )
    reading = read_all(text)
    assert reading.refusal is not None
    assert "extra" in reading.refusal.reason
