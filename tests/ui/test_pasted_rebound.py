"""An input that is reshaped under its own name before the call: what arrives is what stands there last."""

import pytest

from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown
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
        "x = F.interpolate(x, size=(28, 28)).view(64, -1)", "x = x[:, :1].reshape(-1, 784)",
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


POINTS = (
    HEAD + "net = nn.Sequential(nn.Conv1d(3, 8, 1), nn.ReLU(), nn.Conv1d(8, 4, 1))\npoints = torch.rand(2, 50, 3)\n"
)


@pytest.mark.parametrize(
    "way",
    [
        "out = net(points.transpose(2, 1))", "points = points.transpose(1, -1)\nout = net(points)",
        "out = net(points.permute(0, 2, 1).contiguous())", "out = net(torch.rand(2, 50, 3).swapaxes(1, 2))",
        "n = 50\nout = net(points.reshape(2, 3, n))", "out = net(points.view(-1, 3, 25 * 2))",
    ],
)  # fmt: skip
def test_axes_that_are_turned_in_the_call_are_no_error(way: str) -> None:
    source = f"{POINTS}{way}\n"
    assert words_of_torch(source) == ""
    data = shown(Pasted(text=source))
    assert data["message"]["tone"] == "calm"
    assert "3×50" in data["figures"][0]["note"]


def test_prompts_in_a_docstring_are_no_session() -> None:
    source = (
        HEAD + 'class Net(nn.Module):\n    """Such as\n\n    >>> net = Net()\n    >>> net(torch.rand(1, 3))\n    """\n'
    )
    source += "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 2)\n"
    source += "    def forward(self, x):\n        return self.fc(x)\n"
    assert told(source)["title"].startswith("Net runs")


def test_a_batch_axis_that_is_put_in_later_is_not_missing() -> None:
    source = HEAD + "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8*30*30, 2))\n"
    source += "x = torch.randn(3, 32, 32)\nx = x.unsqueeze(0)\nnet(x)\n"
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"
