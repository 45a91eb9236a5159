"""The sweep as a script: plain torch, in a process of its own, finds what the frame says."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.script import script
from layerscope.study.sweep import SweepError, sweep

SEED = PRESETS[DEFAULT]


GRIDS: list[tuple[str, dict[str, Any]]] = [
    (DEFAULT, {"conv2.kernel_size": range(5, 14, 4), "input": (28, 33), "conv1.padding": ("same", 0, (1, 2))}),
    ("resnet18", {"conv*.out_channels": (64, 32), "input.channels": (1, 3)}),
    ("lstm-classifier", {"lstm.hidden_size": (8, 16), "embedding.embedding_dim": (128,)}),
    (DEFAULT, {"conv1.bias": (False, True), "pool2.ceil_mode": (False, True), "conv2.kernel_size": (4, 5)}),
    (DEFAULT, {"conv1.padding_mode": ("zeros", "reflect"), "conv1.padding": ("same", "valid", 2, 40)}),
    ("alexnet", {"Dropout.p": (0, 0.25), "fc1.bias": (False, True)}),
]
MORE: list[tuple[str, dict[str, Any]]] = [
    ("lstm-classifier", {"lstm.bidirectional": (False, True), "lstm.bias": (True, False)}),
    ("resnet18", {"BatchNorm2d.affine": (True, False)}),
]
RUNNER = """
import contextlib, runpy, sys
for path in sys.argv[1:]:
    with open(path + ".csv", "w") as file, contextlib.redirect_stdout(file):
        runpy.run_path(path, run_name="__main__")
"""
"""One process for all scripts, which import torch once."""


def test_plain_torch_finds_what_the_frame_says(tmp_path: Path, thorough: bool) -> None:
    results = {}
    for number, (name, grid) in enumerate([*GRIDS, *(MORE if thorough else [])]):
        path = tmp_path / f"{number}.py"
        results[path] = (sweep(PRESETS[name], grid), grid)
        path.write_text(script(results[path][0], name))
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *map(str, results)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for path, (result, grid) in results.items():
        theirs, ours = pd.read_csv(f"{path}.csv", keep_default_na=False), result.frame()
        assert list(theirs["runs"]) == list(ours["runs"])
        assert all(bool(reason) != run for reason, run in zip(theirs["reason"], ours["runs"], strict=True))
        theirs, ours = theirs[ours["runs"]], ours[ours["runs"]]
        columns = [column for column in theirs if column not in ("runs", "reason", *grid)]
        assert {"parameters", "macs"} <= set(columns)
        for column in columns:
            assert list(theirs[column].astype("float64")) == list(ours[column]), (grid, column)


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
