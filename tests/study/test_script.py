"""The sweep as a script: plain torch, in a process of its own, finds what the frame says."""

import io
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.script import script
from layerscope.study.sweep import SweepError, sweep

SEED = PRESETS[DEFAULT]


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        (DEFAULT, {"conv2.kernel_size": range(5, 14, 4), "input": (28, 33), "conv1.padding": ("same", 0, (1, 2))}),
        ("resnet18", {"conv*.out_channels": (64, 32), "input.channels": (1, 3)}),
        ("lstm-classifier", {"lstm.hidden_size": (8, 16), "embedding.embedding_dim": (128,)}),
        (DEFAULT, {"conv1.bias": (False, True), "pool2.ceil_mode": (False, True), "conv2.kernel_size": (4, 5)}),
        (DEFAULT, {"conv1.padding_mode": ("zeros", "reflect"), "conv1.padding": ("same", "valid", 2, 40)}),
        pytest.param(
            "lstm-classifier",
            {"lstm.bidirectional": (False, True), "lstm.bias": (True, False)},
            marks=pytest.mark.thorough,
        ),
        ("alexnet", {"Dropout.p": (0, 0.25, 0.5), "fc1.bias": (False, True)}),
        pytest.param("resnet18", {"BatchNorm2d.affine": (True, False)}, marks=pytest.mark.thorough),
    ],
)
def test_plain_torch_finds_what_the_frame_says(name: str, grid: dict[str, Any]) -> None:
    result = sweep(PRESETS[name], grid)
    done = subprocess.run([sys.executable, "-c", script(result, name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    theirs, ours = pd.read_csv(io.StringIO(done.stdout), keep_default_na=False), result.frame()
    assert list(theirs["runs"]) == list(ours["runs"])
    assert all(bool(reason) != run for reason, run in zip(theirs["reason"], ours["runs"], strict=True))
    theirs, ours = theirs[ours["runs"]], ours[ours["runs"]]
    columns = [column for column in theirs if column not in ("runs", "reason", *grid)]
    assert {"parameters", "macs"} <= set(columns)
    for column in columns:
        assert list(theirs[column].astype("float64")) == list(ours[column]), column


@pytest.mark.parametrize(
    ("name", "grid", "said"),
    [
        (DEFAULT, {"conv1.kernel_size": (99,)}, "None of these networks runs"),
        ("lstm-classifier", {"embedding.embedding_dim": (64, 128)}, "PyTorch has no lazy LSTM"),
        ("densenet121", {"features.denseblock1.denselayer1.concat1.dim": (1,)}, "is not a module in PyTorch's code"),
        (DEFAULT, {"conv1.kernel_size": (5, {1: 2})}, "cannot be written into a script"),
    ],
)
def test_what_plain_torch_cannot_follow_is_said(name: str, grid: dict[str, Any], said: str) -> None:
    network = PRESETS[name]
    if name == "densenet121":
        concat = next(row for row in network.layers if row.type == "Concat")
        grid = {f"{concat.name}.dim": (1,)}
    with pytest.raises(SweepError, match=said):
        script(sweep(network, grid))
