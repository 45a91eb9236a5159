"""Networks that return several values, and functions that give several: all are kept, as torch gives them."""

from typing import Any

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.tracing import trace
from tests.ui.test_pasted_torch import net

CHAIN = "self.one = nn.Linear(10, 20); self.two = nn.Linear(20, 30); self.head = nn.Linear(30, 5)"
STEPS = "h1 = torch.relu(self.one(x)); h2 = torch.relu(self.two(h1)); y = self.head(h2)"
GATE = "self.gate = nn.Linear(10, 4)"
CALL = "model = Net(); x = torch.rand(3, 10); result = model(x)"


def of_torch(source: str) -> tuple[tuple[int, ...], ...]:
    """The shapes that torch gives, without the batch."""
    names: dict[str, Any] = {}
    exec(source, names)
    found = names["result"]
    parts = found.values() if isinstance(found, dict) else [found] if isinstance(found, torch.Tensor) else found
    return tuple(tuple(part.shape[1:]) for part in parts)


def sound(source: str) -> Reading:
    reading = read_all(source)
    assert reading.refusal is None, reading.refusal
    assert not reading.flaws
    return reading


def of_us(reading: Reading) -> tuple[tuple[int, ...], ...]:
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    return seen.output_shapes


@pytest.mark.parametrize("returns", [
    '{"features": h2, "logits": y}', '{"logits": y, "features": h1}', "[h1, h2]", "[h1, y]", "(y, h1)", "y, h1, h2",
    'dict(logits=y, probabilities=F.softmax(y, dim=1))', "y, F.softmax(y, dim=1)", "y", "{'logits': y}",
])  # fmt: skip
def test_a_chain_keeps_all_that_it_returns(returns: str) -> None:
    source = net(CHAIN, f"{STEPS}; return {returns}", CALL)
    assert of_us(sound(source)) == of_torch(source)


@pytest.mark.parametrize("forward", [
    "v, i = torch.topk(x, 2, dim=-1); return torch.full_like(x, float('-inf')).scatter(-1, i, v).softmax(-1)",
    "v, i = x.topk(2); z = torch.zeros_like(x); z.scatter_(1, i, v); return z",
    "v, i = torch.topk(x, 2, dim=-1); z = torch.zeros_like(x).scatter_(-1, i, v.softmax(-1)); return z, i",
    "best = torch.topk(x, 3); return x.gather(1, best.indices), best.values",
    "i = torch.topk(x, 2)[1]; return x * F.one_hot(i, 4).sum(1)",
    "v, i = torch.sort(x, dim=1, descending=True); return v, x.gather(1, i[:, :2])",
    "v, i = x.max(dim=1, keepdim=True); return torch.zeros_like(x).scatter(1, i, v)",
    "return torch.max(x, 1)",
    "return x.median(1).indices",
])  # fmt: skip
def test_the_places_beside_values_are_read(forward: str) -> None:
    source = net(GATE, f"x = self.gate(x); {forward}", CALL)
    assert of_us(sound(source)) == of_torch(source)


def test_places_that_nothing_reads_are_no_row() -> None:
    reading = sound(net(GATE, "v, _ = torch.topk(self.gate(x), 2); return v", CALL))
    assert [layer.type for layer in reading.layers] == ["Linear", "Opaque"]
    reading = sound(net(GATE, "v, i = torch.topk(self.gate(x), 2); return v, i", CALL))
    assert [layer.chosen.get("called") for layer in reading.layers] == [None, "topk", "topk_indices"]


def test_values_scattered_into_zeros_depend_on_the_input() -> None:
    reading = sound(net(GATE, "x = self.gate(x); v, i = x.topk(2); z = torch.zeros_like(x); z.scatter_(1, i, v); "
                              "return z", CALL))  # fmt: skip
    last = reading.layers[-1]
    assert last.chosen["called"] == "scatter"
    assert len(last.inputs) == 2
