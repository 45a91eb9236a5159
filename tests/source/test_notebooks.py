"""Notebooks: sentences name the cell and the line in it, and the size of a data set is believed."""

import json
from typing import Any

import pytest

from layerscope.source.text.notebooks import notebook_code, with_cells
from layerscope.ui import correcting
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown

IMPORTS = ["import torch\n", "from torch import nn\n", "from torchvision import datasets, transforms"]
NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(WIDTH, 10)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))"""
DATA = "data = datasets.NAME('.', transform=transforms.ToTensor())"


def notebook(*cells: Any, counts: tuple[int | None, ...] = ()) -> str:
    """The JSON of a notebook with these cells of code."""
    code = [
        {"cell_type": "code", "source": cell, "execution_count": counts[n] if counts else n + 1, "outputs": []}
        for n, cell in enumerate(cells)
    ]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Homework"]}, *code], "nbformat": 4})


def told(*cells: Any, counts: tuple[int | None, ...] = ()) -> tuple[str, dict[str, Any]]:
    """The text in the box, and what is said of it."""
    here = Pasted()
    here.type(notebook(*cells, counts=counts))
    message: dict[str, Any] = shown(here)["message"]
    return here.text, message


@pytest.mark.parametrize(("name", "size"), [("MNIST", 28), ("KMNIST", 28), ("USPS", 16)])
@pytest.mark.parametrize("width", [4 * 24 * 24, 4 * 52 * 52, 999])
def test_the_layers_are_wrong_and_not_the_data_set(name: str, size: int, width: int) -> None:
    text, message = told(IMPORTS, DATA.replace("NAME", name), NET.replace("WIDTH", str(width)))
    right = 4 * (size - 2) ** 2
    assert message["title"] == "fc does not fit"
    assert f"You wrote {width:,}" in message["text"]
    assert f"1×{size}×{size}" in message["text"]
    assert "the layers are written for" not in message["text"]
    line = 1 + text.split("\n").index(f"        self.fc = nn.Linear({width}, 10)")
    labels = [action["label"] for action in message["actions"]]
    assert labels[0] == f"Line {line} (In[3]: line 5): write {right}"
    assert "(In[2]: line 1)" in message["text"]
    found = correcting.corrected(Pasted(text=text), message["actions"][0]["key"].partition(":")[2])
    assert shown(Pasted(text=found))["message"]["tone"] == "calm"


def test_cells_have_the_number_that_jupyter_shows() -> None:
    code = notebook_code(notebook("a = 1", "b = 2\nc = 3", "", counts=(7, None, 9)))
    assert code == "# In[7]:\na = 1\n\n# In[2]:\nb = 2\nc = 3\n\n# In[9]:\n"
    words = with_cells(code)
    assert words("Line 6: x; line 2 and line 1.") == "Line 6 (In[2]: line 2): x; line 2 (In[7]: line 1) and line 1."
    assert words("outline 6, line 600000") == "outline 6, line 600000"


def test_a_script_that_was_exported_counts_from_the_first_line_of_code() -> None:
    words = with_cells("# In[1]:\n\n\nimport torch\n\n\n# In[2]:\n\n\nx = 1\ny = 2\n")
    assert words("Line 11") == "Line 11 (In[2]: line 2)"


@pytest.mark.parametrize("source", ["a = 1\nb = 2", "# In[1]:\na = 1", notebook_code(notebook("a = 1")) or "-"])
def test_code_that_is_not_of_several_cells_has_lines_alone(source: str) -> None:
    assert with_cells(source)("Line 2: x.") == "Line 2: x."
