"""What is said beside repairs of joins that leave a skip connection useless."""

import pytest

from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.repair_notes import caution
from layerscope.steps import Trace
from layerscope.tracing import trace
from tests.branching import row

RESNET = PRESETS["resnet18"]


def notes(now: Trace) -> dict[str, str]:
    """The sentences by the repairs' labels."""
    assert now.error is not None
    return {repair.label: caution(now, repair) for repair in now.error.repairs}


def shrinking(kernel: int = 5) -> Network:
    convs = (row("Conv2d", name, out_channels=8, kernel_size=kernel) for name in ("a", "b"))
    return Network((3, 16, 16), (*convs, row("Add", "add", "b", "a")))


def test_cells_that_are_cut_away_or_only_zeros_are_counted():
    told = notes(trace(shrinking()))
    assert told["crop a to 8×8×8"] == "Only 64 of the 144 cells of a's maps are left."
    assert told["pad b to 8×12×12"] == "80 of the 144 cells that b adds are zeros."
    assert told["padding 2 in b"] == ""


def test_a_join_that_goes_is_a_skip_connection_that_goes():
    told = notes(trace(shrinking()))
    assert told["remove add"] == "a is then no longer joined: the skip connection is gone."


def test_a_width_that_narrows_what_comes_after_is_told():
    told = notes(trace(RESNET.with_argument("layer1.0.conv2", "out_channels", 32)))
    narrowing = next(note for label, note in told.items() if label.startswith("out_channels 32 in conv1"))
    assert narrowing == "All that comes after conv1 then has 32 instead of 64 channels."
    assert told["out_channels 64 in layer1.0.conv2"] == ""


@pytest.mark.parametrize(("parameter", "value"), [("stride", 2), ("out_channels", 32)])
def test_a_skip_around_nothing_is_told(parameter, value):
    told = notes(trace(RESNET.with_argument("layer1.0.conv2", parameter, value)))
    others = [note for label, note in told.items() if "reads layer1.0.conv2 instead of maxpool" in label]
    assert others == ["The skip connection then goes around layer1.0.bn2 only: no convolution and no Linear."]


def test_a_projection_gives_nothing_away():
    for value in (16, 128):
        told = notes(trace(RESNET.with_argument("conv1", "out_channels", value)))
        assert [note for label, note in told.items() if "1×1 convolution to 64" in label] == [""]


def test_where_nothing_is_joined_nothing_is_said():
    now = trace(PRESETS["lenet5"].with_argument("conv1", "kernel_size", 99))
    assert set(notes(now).values()) == {""}
