"""Questions to torch: remembered, bounded before they are asked, and slow for nobody."""

import subprocess
import sys

import pytest
import torch

from layerscope import limits
from layerscope.source.reader import read_all
from layerscope.source.torch import allowed
from layerscope.source.torch.questions import Question, Refused, answer, counted, pieces
from tests.fuzz.calls import paste
from tests.source.pastes_oracle import PASTES

ONE = torch.empty(2, 3, 4, device="meta")


def question(name: str, *args: object, space: str = "torch", **kwargs: object) -> Question:
    return Question.of(space, name, list(args), kwargs)


def test_what_torch_takes_for_different_is_another_question() -> None:
    kinds = [question("sum", ONE, value) for value in (1, True, 1.0, [1], (1,), "1", slice(1), None)]
    assert len(set(kinds)) == len(kinds)
    others = torch.empty(2, 3, 4, device="meta", dtype=torch.int64), torch.empty(4, 3, 2, device="meta")
    assert len({question("relu", each) for each in (ONE, *others)}) == 3
    assert question("relu", torch.empty(2, 3, 4, device="meta")) == question("relu", ONE)
    assert question("relu", ONE) != question("relu", ONE, space="F")


def test_an_answer_is_remembered() -> None:
    asked = question("cumsum", torch.empty(5, 7, device="meta"), 1)
    before = answer.cache_info()
    first, second = answer(asked), answer(question("cumsum", torch.empty(5, 7, device="meta"), 1))
    after = answer.cache_info()
    assert first is second
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)
    assert tuple(first.shape) == (5, 7)


@pytest.mark.parametrize(
    ("name", "args"),
    [("softsign", [[ONE, ONE]]), ("embedding", [ONE, 7, -2]), ("group_norm", [[ONE], "same"]), ("interpolate", [3])],
)
def test_whatever_torch_raises_is_a_refusal(name: str, args: list[object]) -> None:
    """Among them what torch's own Python raises by accident, such as AttributeError."""
    said = answer(question(name, *args, space="F"))
    assert isinstance(said, Refused)
    assert said.words
    assert counted(question(name, *args, space="F")) == 0


def test_all_that_may_be_asked_is_there() -> None:
    missing = [
        (space, name)
        for space, names in allowed.OF.items()
        for name in names
        if not question(name, space=space).is_known
    ]
    assert not missing


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("x.split(1, 1)", 65_536), ("torch.split(x, 2, dim=1)", 32_768), ("x.unbind(1)", 65_536),
        ("x.chunk(65536, 1)", 65_536), ("x.tensor_split(65, dim=1)", 65), ("torch.unbind(x, dim=-1)", 65_536),
        ("x.tensor_split(65, 1)", 65), ("torch.zeros(65536, 2).split(1)", 65_536), ("torch.zeros(70, 2).unbind()", 70),
        ("torch.zeros(2, 80).hsplit(80)", 80), ("torch.zeros(2, 80).hsplit([1] * 64)", 65),
    ],
)  # fmt: skip
def test_too_many_parts_are_refused_before_torch_makes_them(call: str, count: int) -> None:
    refusal = read_all(paste("1, 65536", f"({call})[0]")).refusal
    assert f"gives {count:,} tensors; the limit is {limits.PORTS.most}." in str(refusal)


def test_as_many_parts_as_a_row_may_have_are_read() -> None:
    assert pieces(question("split", torch.empty(64, 2, device="meta"), 1, space="x")) == limits.PORTS.most
    assert read_all(paste("1, 64", "x.split(1, 1)[3]")).refusal is None
    assert pieces(question("split", ONE, 0, space="x")) == 1  # torch says what is wrong


def test_usual_code_is_read_without_what_torch_imports_late() -> None:
    """A second that a first visitor would wait for; see `questions.warm`."""
    names = ("cifar_tutorial",)
    code = (
        "import sys\nfrom layerscope.source.reader import read_all\nfor text in sys.argv[1:]:\n"
        "    assert read_all(text).refusal is None\n"
        "assert not {'sympy', 'torch._dynamo'} & sys.modules.keys()\n"
    )
    texts = [PASTES[name] for name in names]
    for body in ("x + torch.relu(x)", "F.relu(torch.cat([x], 1))", "torch.cat([x, x], 1)", "x.mean((2, 3)) * 2"):
        texts.append(
            f"class Net(nn.Module):\n    def forward(self, x):\n        return {body}\nNet()(torch.randn(1, 3, 8, 8))"
        )
    subprocess.run([sys.executable, "-c", code, *texts], check=True, timeout=120)
