"""Wrappers of torch.nn.utils: torch counts the parameters, and what the rows do not show is said."""

from typing import Any

import pytest

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.tracing import trace
from tests.source.test_reader_ways import net

LAYERS = {
    "nn.Conv1d(3, 8, 3)": (3, 16), "nn.Linear(5, 4)": (5,), "nn.ConvTranspose2d(3, 8, 3)": (3, 9, 9),
    "nn.Conv2d(4, 8, 3, groups=2, bias=False)": (4, 9, 9),
}  # fmt: skip
FUNCTIONS = ("nn.utils.weight_norm", "nn.utils.parametrizations.weight_norm")


def both(wrapped: str, shape: tuple[int, ...]) -> tuple[int, int, list[Flaw]]:
    """How many parameters torch counts and how many the rows have, and what is said of it."""
    code = "import torch\nimport torch.nn as nn\n" + net(f"self.a = {wrapped}", "return self.a(x)")
    names: dict[str, Any] = {}
    exec(code, names)
    reading = read_all(code, shape)
    assert reading.network is not None
    counted = sum(value.numel() for value in names["Net"]().parameters())
    flaws = [note for note in reading.notes if isinstance(note, Flaw) and note.kind == "weight_norm"]
    return counted, trace(reading.network).parameters, flaws


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize("options", ["", ", dim=None", ", 'weight', 1", ", dim=-1"])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_lengths_of_weight_norm_are_said(function: str, layer: str, options: str) -> None:
    counted, shown, flaws = both(f"{function}({layer}{options})", LAYERS[layer])
    more = counted - shown
    assert more > 0
    assert [flaw.title for flaw in flaws] == [f"weight_norm has {more} more parameter{'s' * (more > 1)}"]


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_many_layers_are_one_remark() -> None:
    wrapped = ", ".join([f"{FUNCTIONS[0]}(nn.Linear(5, 5))"] * 4)
    counted, shown, flaws = both(f"nn.Sequential({wrapped})", (5,))
    (flaw,) = flaws
    assert flaw.title == f"weight_norm has {counted - shown} more parameters"
    assert "fc1, fc2 and 2 other layers" in flaw.sentence


@pytest.mark.parametrize("function", ["nn.utils.spectral_norm", "nn.utils.parametrizations.spectral_norm",
                                      "nn.utils.parametrizations.orthogonal"])  # fmt: skip
@pytest.mark.parametrize("layer", LAYERS)
def test_other_wrappers_have_no_parameter_more(function: str, layer: str) -> None:
    counted, shown, flaws = both(f"{function}({layer})", LAYERS[layer])
    assert counted == shown
    assert not flaws
