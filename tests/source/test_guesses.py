"""A class that is never made gets an example, and a class built on something unseen is a network all the same."""

import pytest
import torch
from torch import nn

from layerscope.source.reader import read, read_all
from layerscope.source.text.paste import replaced

LENET = """\
class LeNet(nn.Module):
    def __init__(self, dataset, num_classes, bias: bool):
        super().__init__()
        self.dataset = dataset
        if self.dataset == "MNIST":
            self.conv1 = nn.Conv2d(1, 6, 5, bias=bias)
        else:
            self.conv1 = nn.Conv2d(3, 6, 5, bias=bias)
        self.fc1 = nn.Linear(6 * 24 * 24, num_classes)

    def forward(self, x):
        return self.fc1(torch.flatten(self.conv1(x), 1))
"""


def _class(head: str, init: str = "self.fc1 = nn.Linear(3, 2)", given: str = "", uses: str = "fc1") -> str:
    """A class below `head`, whose __init__ takes `given` besides self and whose forward calls the layer `uses`."""
    lines = [head, f"    def __init__(self{given}):", "        super().__init__()", f"        {init}"]
    return "\n".join([*lines, "    def forward(self, x):", f"        return self.{uses}(x)", ""])


def test_the_example_that_is_offered_runs_in_torch() -> None:
    reading = read_all(LENET)
    (flaw,) = (flaw for flaw in reading.flaws if flaw.title == "A value is missing")
    assert flaw.label == "Add net = LeNet(dataset='MNIST', num_classes=10, bias=True)"
    corrected = replaced(LENET, dict(flaw.changes))
    names = {"nn": nn, "torch": torch}
    exec(corrected, names)
    network = read(corrected)
    assert tuple(names["net"](torch.zeros(2, *network.input_shape)).shape) == (2, 10)  # type: ignore[operator]
    assert not read_all(corrected).flaws


@pytest.mark.parametrize(
    "use",
    ["config.width", "config['width']", "config(3)", "max(*config)", "[n.width for n in config][0]"],
)
def test_nothing_is_guessed_for_an_object(use: str) -> None:
    init = f"n = {use}\n        self.fc1 = nn.Linear(3, n)"
    reading = read_all(_class("class Net(nn.Module):", init, ", config"))
    assert reading.refusal is not None
    assert not reading.flaws


def test_a_call_of_a_block_that_gives_too_little_is_told_and_completed() -> None:
    part = _class("class Block(nn.Module):", "self.fc1 = nn.Linear(3, n); self.act = act", ", n, act")
    net = _class("class Net(nn.Module):", "self.a = Block()", uses="a")
    reading = read_all(part + net)
    (flaw,) = reading.flaws
    assert flaw.label == "Line 10: add n=64, act=nn.ReLU()"
    with pytest.raises(TypeError) as caught:
        exec(f"{part}{net}Net()", {"nn": nn, "torch": torch})
    assert str(caught.value) == flaw.quote
    right = read_all(replaced(part + net, dict(flaw.changes)))
    assert right.refusal is None
    assert right.network is not None


def test_nothing_is_guessed_for_a_part_or_for_a_crowd_of_arguments() -> None:
    object_of = _class("class Block(nn.Module):", "self.fc1 = nn.Linear(3, n.width)", ", n")
    net = _class("class Net(nn.Module):", "self.a = Block()", uses="a")
    assert not read_all(object_of + net).flaws
    part = _class("class Block(nn.Module):", "self.fc1 = nn.Linear(3, n)", ", n")
    assert read_all(part).flaws
    assert not read_all(part.replace(", n)", ", n, " + ", ".join(f"a{i}" for i in range(12)) + ")", 1)).flaws


@pytest.mark.parametrize(
    "base", ["pl.LightningModule", "L.LightningModule", "torch.jit.ScriptModule", "Mixin, nn.Module"]
)
def test_a_class_that_is_a_module_needs_no_remark(base: str) -> None:
    reading = read_all(_class(f"from hub import Mixin\nclass Net({base}):"))
    assert reading.network is not None
    assert not reading.flaws
    assert not any("is built on" in note.sentence for note in reading.notes)


@pytest.mark.parametrize(
    "head", ["from base import Model\nclass Net(Model):", "class Net(Model):", "class Net(base.Model):"]
)
def test_a_base_that_nobody_sees_is_taken_for_a_module(head: str) -> None:
    reading = read_all(_class(head))
    assert reading.network is not None
    assert not reading.flaws
    assert "Net inherits from Model, not in this code; we assumed nn.Module." in (n.sentence for n in reading.notes)
