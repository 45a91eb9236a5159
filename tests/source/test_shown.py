"""What a paste shows of its input: where tensors are made and networks called on them, wherever that stands."""

import pytest

from layerscope.source.reader import read_all

NET = """
import torch
from torch import nn
import numpy as np

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return self.norm(self.conv(x)).mean((2, 3))

"""
PLACES = {
    "at once": "Net()(torch.randn(2, 3, 41, 50))",
    "by a name": "net = Net()\nx = torch.zeros(2, 3, 41, 50)\ny = net(x)",
    "printed": "net = Net()\nprint(net(torch.ones(2, 3, 41, 50)).shape)",
    "a size in a row": "size = (3, 41, 50)\nNet()(torch.randn(6, *size))",
    "a size by a name": "SIDE = 41\nnet = Net()\nnet(torch.rand(1, 3, SIDE, SIDE + 9))",
    "a batch that is not known": "net = Net()\nnet(torch.randn(args.batch_size, 3, 41, 50))",
    "under main": 'if __name__ == "__main__":\n    net = Net().to(device)\n'
    "    net(torch.randn(2, 3, 41, 50).to(device))",
    "in a function that is called": "def main():\n    net = Net()\n    net(torch.randn(2, 3, 41, 50))\nmain()",
    "in a function that nothing calls": "def test():\n    net = Net()\n"
    "    y = net(torch.randn(2, 3, 41, 50))\n    print(y.size())",
    "in a function that is given more": "def check(device):\n    net = Net().to(device)\n"
    "    return net(torch.randn(2, 3, 41, 50))",
    "in a loop": "net = Net()\nfor epoch in range(100):\n    net(torch.randn(2, 3, 41, 50))",
    "in a loop over what is not known": "net = Net()\nfor batch in loader:\n    net(torch.randn(2, 3, 41, 50))",
    "under a condition that is not known": "net = Net()\nif args.check:\n    net(torch.randn(2, 3, 41, 50))",
    "with no_grad": "net = Net()\nwith torch.no_grad():\n    net(torch.randn(2, 3, 41, 50))",
    "in try": "net = Net()\ntry:\n    net(torch.randn(2, 3, 41, 50))\nexcept RuntimeError as error:\n    print(error)",
    "after what cannot be followed": "loader.dataset[3].show()\nmodel = load(*args)\nNet()(torch.randn(2, 3, 41, 50))",
    "axes turned": "net = Net()\nx = torch.randn(2, 41, 50, 3).permute(0, 3, 1, 2)\nnet(x)",
    "axes turned by a name": "net = Net()\nx = torch.randn(2, 41, 50, 3)\n"
    "x = x.permute(0, 3, 1, 2).contiguous()\nnet(x)",
    "in parallel": "net = nn.DataParallel(Net())\nnet(torch.randn(2, 3, 41, 50))",
    "summary": "summary(Net(), (3, 41, 50))",
    "summary of torchinfo": "from torchinfo import summary\nsummary(Net(), input_size=(8, 3, 41, 50))",
    "by forward": "net = Net()\nnet.forward(torch.randn(2, 3, 41, 50))",
}


@pytest.mark.parametrize("place", PLACES)
def test_an_example_is_found_wherever_it_stands(place: str) -> None:
    reading = read_all(NET + PLACES[place])
    assert reading.network is not None
    assert reading.refusal is None
    assert reading.network.input_shape == (3, 41, 50)
    assert reading.shape_told == "example call"


OTHERS = {
    "another network": "class Other(nn.Module):\n"
    "    def forward(self, x):\n        return x\nOther()(torch.randn(2, 3, 41, 50))",
    "handed to something": "x = torch.randn(2, 3, 41, 50)\nshow(x)",
}


@pytest.mark.parametrize("call", OTHERS.values(), ids=OTHERS)
def test_what_the_network_is_not_called_on_tells_nothing(call: str) -> None:
    assert read_all(NET + call, None, "Net").shape_told == "layers"


def test_what_is_followed_for_what_it_shows_changes_no_network() -> None:
    changed = "net = Net()\nif args.wide:\n    net.conv = nn.Conv2d(3, 999, 3)\nnet(torch.randn(2, 3, 41, 50))"
    reading = read_all(NET + changed)
    assert reading.network is not None
    assert reading.network["conv"].chosen["out_channels"] == 4


ONE = "net(torch.randn(1, 3, 3, 3))"
MODES = {
    f"net = Net()\n{ONE}": "error",
    f"net = Net()\nnet.train()\n{ONE}": "error",
    f"net = Net()\nnet.eval()\n{ONE}": "",
    f"net = Net()\nnet.train(False)\n{ONE}": "",
    f"net = Net()\nnet.eval()\nnet.train()\n{ONE}": "error",
    f"net = Net().eval()\n{ONE}": "",
    f"net = Net()\nif args.test:\n    net.eval()\n{ONE}": "warning",
    f"net = Net()\nprepare(net)\n{ONE}": "warning",
    f"net = Net()\nnet.training = False\n{ONE}": "warning",
    f"net = Net()\n{ONE}\nnet.eval()": "error",
    f"net = nn.Sequential(Net())\nnet.eval()\n{ONE}": "",
}


@pytest.mark.parametrize(("code", "tone"), MODES.items())
def test_one_sample_on_a_norm_depends_on_the_mode(code: str, tone: str) -> None:
    tones = [flaw.tone for flaw in read_all(NET + code, None, None).flaws if "sample" in flaw.title]
    assert tones == ([tone] if tone else [])


@pytest.mark.parametrize(
    "body", ["while True:\n        x = 1", "test()", "x = [0] * 10**9", "for i in range(10**9):\n        x = i"]
)
def test_functions_that_nothing_calls_are_bounded(body: str) -> None:
    source = NET + f"def test():\n    y = torch.randn(1, 3, 5, 5)\n    {body}\nNet()(torch.randn(2, 3, 41, 50))"
    network = read_all(source).network
    assert network is not None
    assert network.input_shape == (3, 41, 50)
