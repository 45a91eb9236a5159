"""x.unsqueeze(...) is an Unflatten, x.max(dim) a global pooling; torch says what they make of the axes."""

from typing import Any

import pytest

from layerscope.source.reader import read, read_all
from layerscope.tracing import trace
from tests.ui.test_pasted_torch import net

AUDIO = "self.conv = nn.Conv1d(1, 4, 8)"
MLP = "self.fc = nn.Linear(6, 8)"


@pytest.mark.parametrize(
    ("init", "forward", "given"),
    [
        (AUDIO, "return self.conv(x.unsqueeze(1))", "torch.randn(3, 50)"),
        (AUDIO, "return self.conv(torch.unsqueeze(x, dim=1))", "torch.randn(3, 50)"),
        ("self.conv = nn.Conv2d(1, 4, 3)", "return self.conv(x.unsqueeze(1))", "torch.randn(3, 9, 9)"),
        (MLP, "return self.fc(x).unsqueeze(-1)", "torch.randn(3, 6)"),
        (MLP, "x = self.fc(torch.flatten(x, 1)); return x.unsqueeze(2).unsqueeze(-1)", "torch.randn(3, 2, 3)"),
    ],
)
def test_torch_makes_the_same_of_it(init: str, forward: str, given: str) -> None:
    source = net(init, forward, f"net = Net(); out = net({given})")
    names: dict[str, Any] = {}
    exec(source, names)
    seen = trace(read(source))
    assert seen.error is None
    assert seen.output_shape == tuple(names["out"].shape)[1:]
    assert seen.parameters == sum(each.numel() for each in names["net"].parameters())
    assert "Unflatten" in {step.type for step in seen.steps}


POINTS = "self.conv = nn.Conv1d(3, 4, 1); self.fc = nn.Linear(4, 2)"


@pytest.mark.parametrize(
    "way",
    [
        "x = torch.max(x, 2)[0]", "x, _ = x.max(dim=-1)", "x = x.max(2).values", "x = torch.max(x, dim=2).values",
        "x = torch.max(x, 2, keepdim=True)[0]; x = x.view(-1, 4)", "x = x.amax(2)",
    ],
)  # fmt: skip
def test_the_largest_along_the_only_axis_is_a_global_pooling(way: str) -> None:
    source = net(POINTS, f"x = self.conv(x); {way}; return self.fc(x)", "net = Net(); out = net(torch.randn(5, 3, 50))")
    names: dict[str, Any] = {}
    exec(source, names)
    seen = trace(read(source))
    assert [step.type for step in seen.steps] == ["Conv1d", "AdaptiveMaxPool1d", "Flatten", "Linear"]
    assert seen.output_shape == tuple(names["out"].shape)[1:]


@pytest.mark.parametrize("way", ["x.max()", "torch.max(x, 1)[0]", "torch.max(x, x)"])
def test_another_largest_is_no_global_pooling(way: str) -> None:
    reading = read_all(net(POINTS, f"x = self.conv(x); x = {way}; return self.fc(x)", ""))
    assert reading.refusal is not None or reading.doubt
    assert "AdaptiveMaxPool1d" not in [layer.type for layer in reading.layers]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("x.unsqueeze(x.size(0))", "PyTorch refuses x.unsqueeze(x.size(0)): Dimension"),
        ("x.unsqueeze(n)", "n is not defined"),
    ],
)
def test_a_place_that_cannot_be_told_is_refused_with_its_reason(call: str, why: str) -> None:
    refusal = read_all(net(MLP, f"return self.fc({call})", "")).refusal
    assert refusal is not None
    assert refusal.reason.startswith(why)
    assert "65537" not in refusal.reason
