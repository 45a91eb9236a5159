"""The script of a training trains again, to the same numbers; the notebook holds the same code."""

import json
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from typing import Any

import safetensors.torch
from jsonschema import validate
from PIL import Image

from layerscope.link import decode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.reader import read
from layerscope.study.data import load
from layerscope.study.own_images import read_zip
from layerscope.study.train_notebook import notebook
from layerscope.study.train_script import START, script
from layerscope.study.training import train
from tests.branching import two_branches
from tests.study.test_training_sets import idx, records

DIGITS = load("digits")
DROPPING = decode("1x12x12~Conv2d.4.3~BatchNorm2d~ReLU~Flatten~Dropout~Linear.10")


RUNNER = """
import os, runpy, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    runpy.run_path("again.py", run_name="__main__")
"""


def ran(*folders):
    """Accuracy and loss that the script of each folder prints, in a process that knows nothing of this one."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER, *map(str, folders)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [(float(a), float(b)) for a, b in re.findall(r"held-out: accuracy (\S+), loss (\S+)\n", done.stdout)]


def put(folder, run, **files):
    folder.mkdir(exist_ok=True)
    (folder / "again.py").write_text(script(run))
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return folder


def code_of(found: dict[str, Any]) -> str:
    """The code of a notebook's cells."""
    return "\n\n".join("".join(cell["source"]) for cell in found["cells"] if cell["cell_type"] == "code")


def own_zip():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for n in range(24):
            picture = BytesIO()
            Image.linear_gradient("L").rotate(15 * n).resize((90, 70)).save(picture, "PNG")
            packed.writestr(f"set/{'ab'[n % 2]}/{n}.png", picture.getvalue())
    return file.getvalue()


def test_scripts_train_again_to_the_same_numbers(tmp_path):
    runs = {
        "course": train(PRESETS[DEFAULT], DIGITS, batch=200, epochs=1),
        "dropout": train(
            DROPPING, DIGITS, batch=100, epochs=2, optimizer="SGD", lr=0.05, augmentation=True, seed=4
        ),
        "branching": train(two_branches(), DIGITS, batch=200, epochs=1, optimizer="AdamW", weight_decay=0.01),
        "vector": train(decode("49~Linear.20~ReLU~Linear.10"), DIGITS, batch=200, epochs=1, optimizer="RMSprop"),
        "exploded": train(DROPPING, DIGITS, epochs=5, lr=30.0),
    }  # fmt: skip
    assert runs["exploded"].exploded
    folders = [put(tmp_path / name, run) for name, run in runs.items()]

    first = train(DROPPING, DIGITS, epochs=1)
    runs["continued"] = train(
        DROPPING, DIGITS, epochs=5, weights=first.weights, on_step=lambda moment: moment.step < 17
    )
    assert runs["continued"].stopped
    folders.append(put(tmp_path / "continued", runs["continued"], **{START: safetensors.torch.save(first.weights)}))

    (tmp_path / "idx").mkdir()
    for name, raw in idx(60).items():
        (tmp_path / "idx" / name).write_bytes(raw)
    small: dict[str, Any] = {"batch": 10, "epochs": 2, "augmentation": True}
    runs["idx"] = train(decode("1x14x14~Flatten~Linear.10"), load(tmp_path / "idx"), **small)
    folders.append(put(tmp_path / "idx", runs["idx"]))

    cifar = tmp_path / "cifar" / "cifar-10-batches-bin"
    cifar.mkdir(parents=True)
    (cifar / "data_batch_1.bin").write_bytes(records(60))
    runs["cifar"] = train(decode("1x20x20~Flatten~Linear.10"), load(cifar), **small)
    folders.append(put(tmp_path / "cifar", runs["cifar"]))

    runs["own"] = train(decode("3x20x20~Flatten~Linear.2"), read_zip(own_zip()), batch=4, epochs=2)
    folders.append(put(tmp_path / "own", runs["own"], **{"images.zip": own_zip()}))

    runs["notebook"] = train(DROPPING, DIGITS, batch=200, epochs=1)
    folders.append(put(tmp_path / "notebook", runs["notebook"]))
    (folders[-1] / "again.py").write_text(code_of(json.loads(notebook(runs["notebook"]))))

    wanted = [(name, run.accuracy, run.loss) for name, run in runs.items()]
    assert [(name, *found) for name, found in zip(runs, ran(*folders), strict=True)] == wanted
    for run in runs.values():
        assert "layerscope" not in script(run)
        assert repr(run.accuracy) in script(run)


def test_our_reader_reads_the_network_in_it():
    run = train(DROPPING, DIGITS, batch=700, epochs=1)
    code = script(run)
    net = code[code.index("class Network") : code.index("def load")]
    assert read(f"import torch\nfrom torch import nn\n\n{net}").names == DROPPING.names


CELL = {
    "type": "object",
    "required": ["id", "cell_type", "metadata", "source"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-zA-Z0-9-_]+$", "minLength": 1, "maxLength": 64},
        "cell_type": {"enum": ["markdown", "code"]},
        "metadata": {"type": "object"},
        "source": {"type": "array", "items": {"type": "string"}},
    },
    "if": {"properties": {"cell_type": {"const": "code"}}},
    "then": {
        "required": ["outputs", "execution_count"],
        "properties": {"outputs": {"type": "array"}, "execution_count": {"type": ["integer", "null"]}},
    },
    "else": {"not": {"anyOf": [{"required": ["outputs"]}, {"required": ["execution_count"]}]}},
}
NOTEBOOK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["metadata", "nbformat_minor", "nbformat", "cells"],
    "properties": {
        "metadata": {
            "type": "object",
            "properties": {
                "kernelspec": {"type": "object", "required": ["name", "display_name"]},
                "language_info": {"type": "object", "required": ["name"]},
            },
        },
        "nbformat": {"type": "integer", "minimum": 4, "maximum": 4},
        "nbformat_minor": {"type": "integer", "minimum": 5},
        "cells": {"type": "array", "items": CELL},
    },
}
"""What nbformat 4.5 asks of a notebook, in short."""


def test_the_notebook_is_one():
    """Its code runs with the scripts, in their process."""
    run = train(DROPPING, DIGITS, batch=200, epochs=1)
    found = json.loads(notebook(run))
    validate(found, NOTEBOOK)
    assert len({cell["id"] for cell in found["cells"]}) == len(found["cells"])
