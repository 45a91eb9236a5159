"""One sample on a BatchNorm: whether the network is training then, told from the code, with torch as the judge."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.test_pasted_torch import corrected, net, told, words_of_torch

NORMED = "self.fc1 = nn.Linear(4, 8); self.bn = nn.BatchNorm1d(8); self.fc2 = nn.Linear(8, 2)"


@pytest.mark.parametrize(
    ("call", "title"),
    [
        ("out = Net()(torch.randn(1, 4))", "One sample is too few for bn"),
        ("out = Net()(torch.rand((1, 4)))", "One sample is too few for bn"),
        ("out = Net()(torch.randn(4))", "The example has no batch axis"),
        ("model = Net(); out = model.eval()(torch.randn(1, 4))", ""),
        ("model = Net(); model.eval(); out = model(torch.randn(1, 4))", ""),
        ("out = Net()(torch.randn(8, 4))", ""),
        (
            "model = Net(); model.eval(); model(torch.randn(1, 4)); out = model.train()(torch.randn(1, 4))",
            "One sample is too few for bn",
        ),
    ],
)
def test_one_sample_on_a_norm(call: str, title: str) -> None:
    source = net(NORMED, "return self.fc2(self.bn(self.fc1(x)))", call)
    words, message = words_of_torch(source), told(source)
    assert bool(words) == bool(title)
    if not title:
        assert message["tone"] == "calm"
        return
    assert (message["tone"], message["title"], message["quote"]) == ("error", title, words)
    names: dict[str, Any] = {}
    exec(corrected(source), names)
    assert names["out"].shape == (2, 2)
    assert told(corrected(source))["tone"] == "calm"


def test_one_sample_whose_maps_have_one_cell() -> None:
    source = net("self.conv = nn.Conv2d(1, 8, 28); self.bn = nn.BatchNorm2d(8)", "return self.bn(self.conv(x))",
                 "out = Net()(torch.randn(1, 1, 28, 28))")  # fmt: skip
    assert told(source)["quote"] == words_of_torch(source) != ""
    assert words_of_torch(corrected(source)) == ""


STRAIGHT = [
    "model.eval()", "model.train()", "model.train(False)", "model.train( mode = False )", "model.train(True)",
    "model = Net().eval()", "model = Net()", "model: nn.Module = Net().train(False)", "other = model", "other.eval()",
    "other = Net(); other.eval()", "other = nn.ReLU().eval()", "model.to('cpu').eval()",
    "# model.eval()", "text = 'model.eval()'", "print(model)", "model.requires_grad_(False)",
    "for p in model.parameters(): p.requires_grad = False", "with torch.no_grad(): model.eval()",
    "if __name__ == '__main__': model.eval()",
]  # fmt: skip
"""Statements before a call. After each of them torch knows the mode, and so must the page."""
CALLS = [
    "out = model(x)", "with torch.no_grad():\n    out = model(x)", "out = other.forward(x)", "out = model.eval()(x)",
    "print(model(x).shape)", "out = other(x).argmax(1)",
]  # fmt: skip


def _pasted(*statements: str) -> str:
    rows = ["x = torch.randn(1, 4)", "model = other = Net()", *statements]
    return net(NORMED, "return self.fc2(self.bn(self.fc1(x)))", "\n".join(rows))


@given(st.lists(st.sampled_from(STRAIGHT), max_size=5), st.sampled_from(CALLS))
def test_the_mode_is_told_from_the_calls_in_their_order(statements: list[str], call: str) -> None:
    source = _pasted(*statements, call, "model.eval()" if len(statements) % 2 else "model.train()")
    words, message = words_of_torch(source), told(source)
    if words:
        assert (message["tone"], message["quote"]) == ("error", words)
        assert message["title"] == "One sample is too few for bn"
    else:
        assert message["tone"] == "calm"


ROUND_ABOUT = [
    "model.bn.eval()",
    "[layer.eval() for layer in model.children()]",
    "model.train(bool(0))",
    "def quiet(m):\n    m.eval()\nquiet(model)",
    "compiled = nn.Sequential(model); compiled.eval()",
    "model.train(mode=not True)",
]
"""Other ways to the mode that are followed too."""


@pytest.mark.parametrize("statement", ROUND_ABOUT)
def test_the_mode_of_the_norm_is_followed(statement: str) -> None:
    source = _pasted(statement, "out = model(x)")
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"


UNSURE = [
    "for layer in model.modules(): layer.eval()",
    "if torch.rand(1) < 2: model.eval()",
    "model.training = model.bn.training = False",
    "model.eval() if 1 else model.train()",
    "torch.nn.Module.eval(model)",
]


@pytest.mark.parametrize("statement", UNSURE)
def test_where_the_mode_is_not_sure_nothing_is_called_an_error(statement: str) -> None:
    source = _pasted(statement, "out = model(x)")
    assert words_of_torch(source) == ""
    message = told(source)
    assert (message["tone"], message["title"]) == ("warning", "In training mode, one sample is too few for bn")
    assert "does not say for certain" in message["text"]
    assert told(corrected(source))["tone"] == "calm"


@pytest.mark.parametrize(
    ("body", "tone"),
    [
        ("    model = Net()\n    model.eval()\n    print(model(torch.randn(1, 4)))", "calm"),
        ("    print(Net()(torch.randn(1, 4)))", "error"),
        ("    print(Net().eval()(torch.randn(1, 4)))", "calm"),
    ],
)
def test_a_function_has_names_of_its_own(body: str, tone: str) -> None:
    source = net(NORMED, "return self.fc2(self.bn(self.fc1(x)))", f"model = 1\ndef main():\n{body}\nmain()")
    assert told(source)["tone"] == tone
    assert bool(words_of_torch(source)) == (tone == "error")


def test_a_class_that_sets_the_mode_its_own_way_is_not_sure() -> None:
    own = "\n    def eval(self):\n        return self\nout = Net().eval()(torch.randn(1, 4))"
    source = net(NORMED, "return self.fc2(self.bn(self.fc1(x)))", own)
    assert words_of_torch(source)
    assert told(source)["tone"] == "warning"


@pytest.mark.parametrize("call", ["Net()", "Net().eval()"])
def test_a_norm_without_running_averages_needs_two_samples_in_any_mode(call: str) -> None:
    init = NORMED.replace("nn.BatchNorm1d(8)", "nn.BatchNorm1d(8, track_running_stats=False)")
    source = net(init, "return self.fc2(self.bn(self.fc1(x)))", f"out = {call}(torch.randn(1, 4))")
    message = told(source)
    assert message["quote"] == words_of_torch(source) != ""
    assert "even after net.eval()" in message["text"]
    assert words_of_torch(corrected(source)) == ""
