"""Words around code that are not English sentences: lower-case prose below it, other languages above it, bold lines."""

import pytest

from layerscope.source.reader import read_all

NET = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.fc(x)
        return x
"""


def names(code: str) -> tuple[str, ...]:
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    return reading.network.names


@pytest.mark.parametrize(
    "words",
    [
        "when i run this code it gives an error like :\nsize mismatch, m1: [64 x 28], m2: [784 x 10]",
        "it gives me the error below\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (64x28 and 784x10)",
        "can someone please help me to fix this problem ?\nthanks",
    ],
)
def test_words_below_code_are_not_code(words):
    assert "fc" in names(f"{NET}\n{words}\n")


def test_an_error_among_them_is_explained():
    reading = read_all(f"{NET}\nwhen i run this it says :\nsize mismatch, m1: [64 x 28], m2: [784 x 10]\n")
    assert "size mismatch, m1: [64 x 28]" in reading.error


@pytest.mark.parametrize(
    "words", ["处理255×255的图像", "이미지 크기는 28×28 입니다", "このコードはなぜ動かないのですか？"]
)
def test_words_of_other_languages_are_not_code(words):
    assert "fc" in names(f"{words}\n\n{NET}")
    assert "fc" in names(f"{NET}\n\n{words}\n")


def test_names_and_comments_of_other_languages_stay_code():
    code = NET.replace("nn.Linear(784, 10)", "nn.Linear(784, 类别)  # 输出层").replace(
        "class Net", "类别 = 7\n\nclass Net"
    )
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network["fc"].chosen["out_features"] == 7


@pytest.mark.parametrize("line", ["x = torch.flatten(x, 1)", "x = self.fc(x)", "self.fc = nn.Linear(784, 10)"])
def test_a_bold_line_is_read_and_keeps_its_place(line):
    code = NET.replace(line, f"**{line}**")
    assert "fc" in names(code)
    wrong = NET.replace(line, f"**{line.replace('784', '700')}**").replace("self.fc(x)", "self.fd(x)")
    reading = read_all(wrong.replace("self.fd(x)**", "self.fd(x)**"))
    assert reading.refusal is not None or reading.notes


def test_code_that_goes_on_below_a_fault_is_not_cut_off():
    reading = read_all(NET.replace("x = self.fc(x)", "x = self.fc x") + "\n\nclass Other(nn.Module):\n    pass\n")
    assert reading.refusal is not None
    assert reading.refusal.line == 11
