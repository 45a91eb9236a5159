"""The sweep as a script: plain torch, in a process of its own, finds what the frame says."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.script import script
from layerscope.study.script_condition import UntoldError
from layerscope.study.sweep import Sweep, SweepError, sweep

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


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, thorough: bool) -> tuple[dict[Path, Any], dict[Path, Any]]:
    """The scripts of GRIDS and of ASKED, each with what it was made of; all have run, in one process."""
    folder, grids, asked = tmp_path_factory.mktemp("scripts"), {}, {}
    for number, (name, grid) in enumerate([*GRIDS, *(MORE if thorough else [])]):
        path = folder / f"grid{number}.py"
        grids[path] = (sweep(PRESETS[name], grid), grid)
        path.write_text(script(grids[path][0], name))
    for number, (grid, where, spans) in enumerate(ASKED):
        network = PRESETS["alexnet"] if "Dropout.p" in grid else SEED
        path = folder / f"asked{number}.py"
        asked[path] = (sweep(network, {**grid, "classes": (7, 8)}), grid, where, spans)
        path.write_text(script(asked[path][0], "x", where, spans))
        compile(path.read_text(), "sweep", "exec")
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *map(str, (*grids, *asked))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return grids, asked


def test_plain_torch_finds_what_the_frame_says(ran: tuple[dict[Path, Any], dict[Path, Any]]) -> None:
    for path, (result, grid) in ran[0].items():
        theirs, ours = pd.read_csv(f"{path}.csv", keep_default_na=False), result.frame()
        assert list(theirs["runs"]) == list(ours["runs"])
        assert all(bool(reason) != run for reason, run in zip(theirs["reason"], ours["runs"], strict=True))
        theirs, ours = theirs[ours["runs"]], ours[ours["runs"]]
        columns = [column for column in theirs if column not in ("runs", "reason", *grid)]
        assert {"parameters", "macs"} <= set(columns)
        for column in columns:
            assert list(theirs[column].astype("float64")) == list(ours[column]), (grid, column)


ASKED: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"conv1.kernel_size": range(1, 12), "conv2.kernel_size": (1, 5, 13)}, "fc1.in_features <= 200", {}),
    ({"conv2.kernel_size": range(5, 14)}, "parameters < 50k and not (macs > 200_000)", {"parameters": (9, 40_000)}),
    ({"conv2.kernel_size": range(5, 14)}, "not runs or conv2.kernel_size == 5", {}),
    ({"conv2.kernel_size": range(5, 14)}, "", {"conv2.kernel_size": (6, 13)}),
    ({"conv2.kernel_size": range(5, 14)}, "", {"fc1.in_features": (1, 100)}),
    ({"conv2.stride": range(1, 9)}, "parameters // (conv2.stride - 4) > 1000 or macs % (conv2.stride - 4) >= 0", {}),
    ({"conv2.stride": range(1, 9)}, "1 / (conv2.stride - 1) > 0.3", {}),
    ({"conv1.padding": ("same", 0, (1, 2), True)}, "conv1.padding != 'same' and 'True' != conv1.padding", {}),
    ({"conv1.padding": ("same", 0, (1, 2))}, "", {"conv1.padding": ("0", "(1, 2)")}),
    ({"conv1.padding_mode": ("zeros", "reflect"), "conv2.padding_mode": ("reflect", "zeros", "circular")},
     "conv1.padding_mode == conv2.padding_mode", {}),
    ({"conv1.bias": (False, True), "conv1,conv2.kernel_size": (3, 4)}, "conv1.bias and conv1.kernel_size == 3", {}),
    ({"conv1.bias": (False, True)}, "", {"conv1.bias": ("True",)}),
    ({"Dropout.p": (0, 0.25)} , "Dropout.p > 0", {}),
]  # fmt: skip


def expected(result: Sweep, where: str, spans: dict[str, Any]) -> list[int]:
    """Which rows pandas keeps, by their numbers."""
    frame = result.where(where) if where else result.frame()
    for name, span in spans.items():
        is_word = isinstance(span[0], str)
        frame = frame[frame[name].map(str).isin(span) if is_word else frame[name].between(*span)]
    return list(frame.index)


def test_the_script_prints_the_settings_that_meet_the_condition(ran: tuple[dict[Path, Any], dict[Path, Any]]) -> None:
    for path, (result, grid, where, spans) in ran[1].items():
        rows = expected(result, where, spans)
        assert 0 < len(rows) < len(result.measured), (grid, where)
        wanted = [str(tuple(map(str, result.chosen(n).values()))) for n in rows]
        with Path(f"{path}.csv").open() as file:
            columns, *printed = csv.reader(file)
        keys = columns.index("runs")
        assert [str(tuple(row[:keys])) for row in printed] == wanted, path.read_text()


@pytest.mark.parametrize("where", ["receptive_field > 3 and parameters > 1", "reason == 'x'", "output.features == 10"])
def test_a_condition_about_what_the_script_does_not_know_is_refused(where: str) -> None:
    with pytest.raises(UntoldError, match="The script prints all settings, as it has no "):
        script(sweep(SEED, {"conv1.kernel_size": (3, 99)}), "x", where)


@pytest.mark.parametrize("text", ["a", '"""', "N{x}", "{0}", "\u2028import os", "\ud800"])
def test_a_word_of_a_condition_stays_a_word(text: str) -> None:
    result = sweep(SEED, {"conv1.padding_mode": ("zeros", "reflect")})
    code = script(result, "x", f"conv1.padding_mode == 'zeros' or conv1.padding_mode == '{text}'")
    compile(code, "sweep", "exec")
    assert code.isascii()


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
