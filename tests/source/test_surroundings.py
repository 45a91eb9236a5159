"""What surrounds code where people copy it: consoles, mails, questions; and what is left to the paste to say."""

import re
from itertools import count
from typing import Any

import pytest

from layerscope.source.reader import read_all
from layerscope.source.text.paste import replaced
from layerscope.source.text.surroundings import is_sentence

LINES = [
    "import torch.nn as nn",
    "class Net(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    "        self.fc = nn.Linear(12, 5)",
    "",
    "    def forward(self, x):",
    "        return self.fc(x)",
]
ASKED = [
    "I'm trying to train a network, but I keep getting this error.",
    "What am I doing wrong? It worked yesterday, on my friend's machine.",
    "Hello everybody!",
]


def console(first: str, further: str) -> str:
    rows = [f"{first.replace('#', '1')}{LINES[0]}", f"{first.replace('#', '2')}{LINES[1]}"]
    return "\n".join([*rows, *(f"{further}{line}" for line in LINES[2:]), further.rstrip()])


@pytest.mark.parametrize(
    "text",
    [
        console(">>> ", "... "),
        console("In [#]: ", "   ...: "),
        "\n".join([*ASKED[:2], "", *LINES]),
        "\n".join([*LINES, "", *ASKED]),
        "\n".join([*ASKED, "", *LINES, "", ASKED[0]]),
    ],
    ids=["python", "ipython", "asked above", "asked below", "asked around"],
)
def test_the_network_is_read_without_what_surrounds_it(text: str) -> None:
    reading = read_all(text)
    assert reading.refusal is None
    assert [layer.type for layer in reading.layers] == ["Linear"]
    assert reading.network is not None
    assert reading.network.input_shape == (12,)


@pytest.mark.parametrize("row", [*ASKED[:2], "Thanks in advance for any help", "Here is my code:"])
def test_sentences(row: str) -> None:
    assert is_sentence(row)


@pytest.mark.parametrize(
    "row",
    [*LINES, "x = 5", "return x", "x: int", "pass", "a, b", "for x in y:", "del x", "import os, sys", "lambda a: a"],
)
def test_code_is_no_sentence(row: str) -> None:
    assert not is_sentence(row)


CONFIGURED = """
from dataclasses import dataclass
import torch.nn as nn

@dataclass
class NetConfig:
    width: int = 12
    classes: int = 5

class Net(nn.Module):
    def __init__(self, {parameter}):
        super().__init__()
        self.fc = nn.Linear({used}.width, {used}.classes)

    def forward(self, x):
        return self.fc(x)
"""


@pytest.mark.parametrize("parameter", ["config", "settings: NetConfig", "config: 'NetConfig'", "config, deep=True"])
def test_a_configuration_with_all_its_values_in_the_paste(parameter: str) -> None:
    used = parameter.partition(":")[0].partition(",")[0]
    reading = read_all(CONFIGURED.format(parameter=parameter, used=used))
    assert reading.refusal is None
    assert reading.network is not None
    assert (reading.network.input_shape, reading.network.classes) == ((12,), 5)
    (offer,) = reading.offers
    assert "We assumed NetConfig()" in str(offer)
    assert offer.label == "Add model = Net(NetConfig())"
    better = replaced(reading.source, dict(offer.changes))
    assert "NetConfig" in better.splitlines()[-1]
    names: dict[str, Any] = {"__name__": "net"}
    exec(better.replace("@dataclass", ""), names)
    assert names["model"].fc.in_features == 12
    again = read_all(better)
    assert again.network == reading.network
    assert not again.offers


def test_a_configuration_without_a_value_is_not_made_up() -> None:
    code = CONFIGURED.format(parameter="config", used="config").replace("width: int = 12", "width: int")
    assert "config of Net.__init__ has no value" in str(read_all(code).refusal)


SESSION = """\
>>> import torch.nn as nn, torch
>>> net = nn.Sequential(nn.Linear(4, 3), nn.Linear(2, 1))
>>> net(torch.randn(5, 4))
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
RuntimeError: mat1 and mat2 shapes cannot be multiplied (5x3 and 2x1)
"""


@pytest.mark.parametrize("after", ["", ">>> \n", ">>> net\nSequential(\n)\n"])
@pytest.mark.parametrize("form", ["plain", "numbered"])
def test_an_error_among_prompts_is_kept(after: str, form: str) -> None:
    text = SESSION + after
    if form == "numbered":
        number = count(1)
        text = re.sub(">>>", lambda _: f"In [{next(number)}]:", text)
        text = text.replace("Traceback (most", "-" * 75 + "\nRuntimeError        Traceback (most")
    reading = read_all(text)
    assert reading.network is not None
    first, *_, last = reading.error.split("\n")
    assert first.startswith(("Traceback", "-----"))
    assert last == "RuntimeError: mat1 and mat2 shapes cannot be multiplied (5x3 and 2x1)"


def test_the_last_error_of_a_session_counts() -> None:
    late = SESSION.replace("5", "7").replace(">>> import torch.nn as nn, torch\n", "")
    assert "(7x3 and 2x1)" in read_all(SESSION + late).error
    assert not read_all(SESSION.partition("Traceback")[0]).error
