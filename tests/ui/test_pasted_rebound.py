"""An input that is reshaped under its own name before the call: what arrives is what stands there last."""

import pytest

from tests.ui.test_pasted_torch import HEAD, corrected, told, words_of_torch

MLP = (
    HEAD + "model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))\nx = torch.randn(64, 1, 28, 28)\n"
)


@pytest.mark.parametrize(
    "way",
    [
        "x = x.view(x.shape[0], -1)", "x = x.view(x.size(0), 784)", "x = x.reshape(64, -1)", "x = x.view(-1, 28 * 28)",
        "x = x.view(-1, 784)", "x = x.flatten(1)", "x = x.flatten(start_dim=1)", "x = x.to('cpu').view((64, 784))",
        "x = x.squeeze(1)\nx = x.view(64, -1)", "x = x.unsqueeze(1)\nx = x.view(64, 784)", "x = torch.flatten(x, 1)",
    ],
)  # fmt: skip
def test_what_torch_runs_is_no_error(way: str) -> None:
    source = f"{MLP}{way}\nout = model(x)\n"
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"


@pytest.mark.parametrize("way", ["", "x = x.view(64, 28, 28)\n", "x = x.to('cpu')\n", "x = x.permute(0, 3, 2, 1)\n"])
def test_what_torch_refuses_is_told(way: str) -> None:
    source = f"{MLP}{way}out = model(x)\nx = x.reshape(64, -1)\n"
    assert words_of_torch(source)
    assert told(source)["tone"] == "error"
    assert words_of_torch(corrected(source)) == ""


def test_a_call_belongs_to_the_tensor_that_the_name_holds_then() -> None:
    source = f"{MLP}x = torch.randn(5, 784)\nout = model(x)\nx = torch.randn(3, 3)\n"
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"
    assert told(source.replace("out = model(x)\n", "").replace("3, 3)", "3, 3)\nout = model(x)"))["tone"] == "error"


def test_a_view_that_does_not_fit_is_no_example() -> None:
    source = f"{MLP}x = x.view(63, -1)\nout = model(x)\n"
    assert "invalid for input of size" in words_of_torch(source)
    assert told(source)["tone"] != "error"
