"""What is said first of errors whose words alone mean many things: the traceback's lines tell which."""

import linecache
import traceback

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from layerscope.decoder.decoding import decode

NAME = "/home/me/train.py"


def told_by_python(code: str) -> str:
    """The traceback of code that torch refuses, with the lines of the code in it."""
    linecache.cache[NAME] = (len(code), None, code.splitlines(True), NAME)
    names = {"torch": torch, "nn": nn, "F": functional, "R": torch.rand, "np": np}
    try:
        exec(compile(code, NAME, "exec"), names)
    except Exception:
        return traceback.format_exc()
    finally:
        del linecache.cache[NAME]
    raise AssertionError("torch does not refuse it")


@pytest.mark.parametrize(("code", "title"), [
    ("nn.LSTM(10, 20)(R(5, 3, 10), R(1, 3, 20))", "An LSTM's state is two tensors"),
    ("nn.GRU(10, 20)(R(5, 3, 10))[1][4]", "Counted from 1"),
    ("F.scaled_dot_product_attention(R(2, 4, 8), R(2, 4, 6), R(2, 4, 6))", "Queries and keys of different widths"),
    ("torch.bmm(R(2, 4, 8), R(2, 6, 4))", "The second matrix is transposed"),
    ("optimizer = torch.optim.SGD(nn.Linear(2, 2), lr=.1)", "The network instead of its weights"),
    ("x, y = nn.ReLU()", "A list is expected"),
    ("x = torch.tensor([R(3), R(3)])", "A list of tensors"),
    ("x = float(R(3))", "One loss per sample"),
    ("F.nll_loss(R(4, 3, 5), torch.zeros(4).long())", "One label per sample, but scores for each step"),
])  # fmt: skip
def test_the_line_tells_which_cause_comes_first(code: str, title: str) -> None:
    decoded = decode(told_by_python(code))
    assert decoded is not None
    assert decoded.causes[0].title == title


@pytest.mark.parametrize(("types", "first"), [
    ("Long but found Float", "Labels of a different type"),
    ("Float but found Double", "Class weights of a different type"),
])  # fmt: skip
def test_a_loss_that_wants_class_numbers_says_nothing_of_class_weights(types: str, first: str) -> None:
    decoded = decode(
        f'File "{NAME}", line 3\n    loss = criterion(out, labels)\nRuntimeError: expected scalar type {types}'
    )
    assert decoded is not None
    assert decoded.causes[0].title == first
    assert ("Class weights of a different type" in {cause.title for cause in decoded.causes}) is first.startswith(
        "Class"
    )


@pytest.mark.parametrize("code", [
    "an illegal memory access was encountered", "unspecified launch failure", "misaligned address",
])  # fmt: skip
def test_an_access_beyond_a_tensor_is_not_too_little_memory(code: str) -> None:
    decoded = decode(f"RuntimeError: CUDA error: {code}\nCUDA kernel errors might be asynchronously reported")
    assert decoded is not None
    assert decoded.causes[0].title == "A number is out of range"
    assert not [cause for cause in decoded.causes if "memory" in cause.title]


def test_the_card_that_cannot_be_given_memory_has_too_little() -> None:
    decoded = decode("RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")
    assert decoded is not None
    assert decoded.causes[0].title == "Too little memory is left on the card"


@pytest.mark.parametrize("words", ["Address already in use", "Permission denied"])
def test_a_port_that_cannot_be_opened_is_told_by_its_reason(words: str) -> None:
    decoded = decode(
        "torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. The "
        f"server socket has failed to bind to [::]:29500 (errno: 98 - {words})."
    )
    assert decoded is not None
    first = "An earlier run still uses the port" if "in use" in words else "The port cannot be opened"
    assert decoded.causes[0].title == first
