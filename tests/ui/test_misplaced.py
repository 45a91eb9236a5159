"""What is pasted into the wrong box of the Code page is answered there, or led to the right one."""

import pytest

from layerscope.ui import code_stage, understanding
from layerscope.ui.misplaced import is_code, is_error
from layerscope.ui.pasted import EXAMPLE, Pasted

LINE = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x1600 and 3136x128)"
TRACEBACK = f"""\
Traceback (most recent call last):
  File "/home/me/train.py", line 31, in <module>
    out = model(x)
  File "/home/me/train.py", line 22, in forward
    x = self.fc1(x)
{LINE}
"""
UNKNOWN = 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    x.y()\nOddError: unheard of\n'
UNCLOSED = "class Net(nn.Module):\n    def __init__(self):\n        self.fc1 = nn.Linear(4, 2\n"


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        LINE.removeprefix("RuntimeError: "),
        TRACEBACK,
        UNKNOWN,
        f"Hi all,\n\nI get this error, please help:\n\n{TRACEBACK}",
        f"{TRACEBACK}\nThanks in advance!\n",
    ],
)
def test_an_error_without_code_is_explained_where_it_was_pasted(text):
    assert is_error(text)
    assert not is_code(text)
    here = Pasted(text=text)
    seen = understanding.understood(here)
    assert seen is not None
    assert seen.reading is not None
    assert "Error" in seen.reading.error or seen.reading.error == text
    assert code_stage.stage_data(here)["message"]["title"] == "This is an error message"
    assert code_stage.editor_data(here)["editor"]["tones"] == {}


@pytest.mark.parametrize(
    "text", [f"{UNCLOSED}\n{TRACEBACK}", f"{TRACEBACK}\n{UNCLOSED}", f"x = nn.Sequential((\n{LINE}"]
)
def test_what_is_wrong_with_code_comes_before_an_error_beside_it(text):
    assert not is_error(text)
    assert code_stage.stage_data(Pasted(text=text))["message"]["title"] == "This code cannot be read"


@pytest.mark.parametrize("text", [EXAMPLE, UNCLOSED, "model = nn.Sequential(nn.Linear(4, 2))"])
def test_code_is_told_from_an_error(text):
    assert is_code(text)
    assert not is_error(text)
    assert not is_code(f"{text}\n{TRACEBACK}")


@pytest.mark.parametrize("text", ["", "How do I build a network?", "it does not work"])
def test_words_are_neither(text):
    assert not is_code(text)
    assert not is_error(text)
