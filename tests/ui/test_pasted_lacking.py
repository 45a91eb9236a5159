"""A class whose numbers were left behind: the names that nothing defines get values with one click, and it runs."""

import sys
from typing import Any

import pytest

from layerscope.source.reader import _read
from tests.ui.test_pasted_torch import HEAD, corrected, net, told, words_of_torch

GENERATOR = (
    HEAD
    + """\
class Generator(nn.Module):
    def __init__(self, ngpu):
        super().__init__()
        self.ngpu = ngpu
        self.main = nn.Sequential(
            nn.ConvTranspose2d( nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, nc, 4, 2, 1, bias=False),
            nn.Tanh()
        )

    def forward(self, input):
        return self.main(input)

out = Generator(0)(torch.randn(2, 64, 1, 1))
"""
)


def test_every_number_that_nothing_defines_gets_a_value_above_the_class() -> None:
    assert words_of_torch(GENERATOR) == "name 'nz' is not defined"
    message = told(GENERATOR)
    assert message["title"] == "A value is missing"
    assert "ngf is not defined in the code; nor are nz and nc." in message["text"]
    mended = corrected(GENERATOR)
    assert mended == GENERATOR.replace("class Generator", "nz = 64\nngf = 64\nnc = 3\n\n\nclass Generator")
    names: dict[str, Any] = {}
    exec(mended, names)
    assert names["out"].shape == (2, 3, 8, 8)
    assert told(mended)["tone"] == "calm"


def test_the_lines_stand_above_a_decorated_class_too() -> None:
    decorated = GENERATOR.replace("class Generator", "@torch.no_grad\nclass Generator")
    assert "nc = 3\n\n\n@torch.no_grad\nclass Generator" in corrected(decorated)


def test_thousands_of_names_that_nothing_defines_cost_no_more_than_reading_them() -> None:
    crowd = "".join(f"        print({', '.join(f'n{i}_{j}' for j in range(10))})\n" for i in range(400))
    source = net("self.a = nn.Linear(3, zz)", "return self.a(x)", "").replace(
        "    def forward", f"{crowd}    def forward"
    )
    steps = 0

    def count(frame: Any, event: str, argument: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        refusal = _read(source, (), None).refusal
    finally:
        sys.setprofile(None)
    assert refusal is not None
    assert refusal.reason == "zz is not defined in the code."
    assert steps < 2_000_000  # 350,000 on Python 3.11; each name against each node would be 30 million


def test_a_misspelled_name_is_put_right() -> None:
    init = "hidden = 20; self.a = nn.Linear(784, hidden); self.b = nn.Linear(20, hiden)"
    source = net(init, "return self.b(self.a(torch.flatten(x, 1)))")
    assert words_of_torch(source) == "name 'hiden' is not defined"
    message = told(source)
    assert message["title"] == "hiden is not defined"
    assert message["actions"][0]["label"] == "Line 10: write hidden"
    assert corrected(source) == source.replace("hiden", "hidden")
    assert words_of_torch(corrected(source)) == ""


def test_a_name_with_another_number_is_no_misspelled_one() -> None:
    init = "hidden1 = 20; self.a = nn.Linear(784, hidden1); self.b = nn.Linear(hidden1, hidden2)"
    mended = corrected(net(init, "return self.b(self.a(torch.flatten(x, 1)))"))
    assert "hidden2 = 64\n\n\nclass Net" in mended
    assert words_of_torch(mended) == ""


@pytest.mark.parametrize("use", ["helper(3)", "config.width", "config['width']", "[n for n in sizes][0]"])
def test_nothing_is_guessed_for_what_is_no_number(use: str) -> None:
    source = net(f"self.a = nn.Linear(784, {use})", "return self.a(torch.flatten(x, 1))")
    assert "is not defined" in words_of_torch(source)
    assert told(source)["title"] == "Analysis stopped at line 8"
    assert not [action for action in told(source)["actions"] if action["key"].startswith("correct:")]


@pytest.mark.parametrize("written", ["n_flat", "n_flat * 2", "16 * n_flat"])
def test_an_in_value_that_nothing_defines_is_no_bare_success(written: str) -> None:
    init = f"self.c = nn.Conv2d(1, 6, 5); self.b = nn.Linear({written}, 10)"
    source = net(init, "return self.b(torch.flatten(self.c(x), 1))")
    assert words_of_torch(source) == "name 'n_flat' is not defined"
    message = told(source)
    assert (message["tone"], message["title"]) == ("warning", "n_flat has no value")
    assert "b gets 3,456 values" in message["text"]
    assert corrected(source) == source.replace(written, "3456")
    assert words_of_torch(corrected(source)) == ""
    assert told(corrected(source))["tone"] == "calm"


def test_channels_that_nothing_defines_are_told_too() -> None:
    init = "self.c = nn.Conv2d(1, 6, 5); self.n = nn.BatchNorm2d(num_features=width)"
    source = net(init, "return self.n(self.c(x))")
    assert "num_features of n is width" in told(source)["text"]
    assert words_of_torch(corrected(source)) == ""


@pytest.mark.parametrize("name", ["Liner", "linear", "Conv2D", "MaxPool2D", "BatchNorm2", "AdaptivAvgPool2d"])
def test_a_misspelled_layer_is_put_right(name: str) -> None:
    right = {"Liner": "Linear(784, 10)", "linear": "Linear(784, 10)", "Conv2D": "Conv2d(1, 2, 3)"}
    right |= {"MaxPool2D": "MaxPool2d(2)", "BatchNorm2": "BatchNorm2d(1)", "AdaptivAvgPool2d": "AdaptiveAvgPool2d(2)"}
    whole = right[name]
    forward = "return self.a(torch.flatten(x, 1))" if "784" in whole else "return self.a(x)"
    source = net(f"self.a = nn.{name}({whole.partition('(')[2]}", forward)
    assert words_of_torch(source) == f"module 'torch.nn' has no attribute '{name}'"
    message = told(source)
    if any(action["key"].startswith("correct:") for action in message["actions"]):
        assert message["quote"] == words_of_torch(source)
        assert corrected(source) == net(f"self.a = nn.{whole}", forward)
    assert f"nn.{whole.partition('(')[0]}" in message["text"]


def test_a_layer_that_torch_has_and_layerscope_has_not_is_no_slip() -> None:
    for name in ("RReLU", "CELU", "LPPool2d", "Softmax2d", "ConvTranspose3d"):
        message = told(net(f"self.a = nn.{name}()", "return self.a(x)"))
        assert "misspelled" not in message["title"]
        assert "PyTorch has no" not in message["text"]


def test_a_misspelled_attribute_is_put_right() -> None:
    source = net("self.fc1 = nn.Linear(784, 10)", "return self.fcl(torch.flatten(x, 1))")
    message = told(source)
    assert (message["title"], message["quote"]) == ("self.fcl is never set", words_of_torch(source))
    assert corrected(source) == source.replace("fcl", "fc1")
    third = net("self.fc1 = nn.Linear(784, 10)", "return self.fc3(torch.flatten(x, 1))")
    assert not [action for action in told(third)["actions"] if action["key"].startswith("correct:")]


def test_numbers_of_the_example_call_that_nothing_defines() -> None:
    source = HEAD + "class MLP(nn.Module):\n    def __init__(self, input_size, classes):\n        super().__init__()\n"
    source += (
        "        self.fc1 = nn.Linear(input_size, classes)\n    def forward(self, x):\n        return self.fc1(x)\n"
    )
    source += "model = MLP(input_size, num_classes)\nout = model(torch.randn(2, 64))\n"
    assert words_of_torch(source) == "name 'input_size' is not defined"
    mended = corrected(source)
    assert "input_size = 64\nnum_classes = 10\nmodel = MLP" in mended
    assert words_of_torch(mended) == ""


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ("10", "10, n_out=64"),
        ("n_in=10", "n_in=10, n_out=64"),
        ("", "n_in=64, n_out=64"),
    ],
)
def test_a_call_with_too_little_is_given_the_rest(given: str, then: str) -> None:
    source = HEAD + "class Net(nn.Module):\n    def __init__(self, n_in, n_out):\n        super().__init__()\n"
    source += "        self.l = nn.Linear(n_in, n_out)\n    def forward(self, x):\n        return self.l(x)\n"
    source += f"net = Net({given})\n"
    assert "missing" in words_of_torch(source)
    assert told(source)["title"] == "A value is missing"
    assert corrected(source) == source.replace(f"Net({given})", f"Net({then})")
    assert words_of_torch(corrected(source)) == ""


def test_a_method_without_self_is_told_where_it_stands() -> None:
    source = net("self.l = nn.Linear(3, 2)", "return self.l(x)", "out = Net()(torch.randn(2, 3))")
    source = source.replace("forward(self, x)", "forward(x)")
    message = told(source)
    assert message["quote"] == words_of_torch(source)
    assert "forward has no self parameter" in message["text"]
    assert corrected(source) == source.replace("forward(x)", "forward(self, x)")


def test_endless_names_are_not_repeated() -> None:
    for name in ("n" * 5_000, "self." + "a" * 5_000):
        for use in (f"nn.Linear(3, {name})", f"nn.Linear({name}, 3)"):
            message = told(net(f"self.a = {use}", "return self.a(x)", "Net()(torch.randn(2, 3))"))
            for action in message["actions"]:
                action.pop("edits", None)  # they hold whole lines, as nobody reads them
            assert all(len(str(part)) < 1_000 for part in message.values())
