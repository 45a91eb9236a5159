"""The limits of a paste: each with its exact sentence, and the largest that still passes."""

import ast
import threading

import pytest

from layerscope import limits
from layerscope.source.reader import read_all
from layerscope.source.text import scan

CLASS = "import torch.nn as nn\nclass A(nn.Module):\n    def __init__(self):\n        super().__init__()\n{}\n"
CLASS += "    def forward(self, x):\n        return self.a(x)\n"
NET = "nn.Sequential(nn.Linear(2, 2))\n"


def said(source: str) -> str:
    """The refusal, with its place."""
    return str(read_all(source).refusal)


def built(body: str) -> str:
    """A class with these statements in its __init__, and one layer."""
    lines = [*body.split("\n"), "self.a = nn.Linear(2, 2)"]
    return CLASS.format("\n".join(f"        {line}" for line in lines))


REFUSED = [
    ("#" * 90_112, "The code is 90,112 characters long; the limit is 65,536."),
    ("\n" * 2_400, "The code has 2,401 lines; the limit is 2,000."),
    ("\r\n" * 2_000, "The code has 2,001 lines; the limit is 2,000."),
    ("x = 1\ny = '\0'", "Line 2: The code has a NUL character, which Python does not allow. Copy it again as text."),
    ("\nx = " + "(" * 41, "Line 2: Brackets are nested 41 deep here; the limit is 40."),
    ("x = " + "[({" * 14, "Line 1: Brackets are nested 41 deep here; the limit is 40."),
    ("".join(f"{' ' * n}if 1:\n" for n in range(42)),
     "Line 42: Lines are indented 41 levels deep here; the limit is 40."),
    ("x\n" * 500 + "x, " * 10_000,
     f"The code has more than {limits.WORDS.most:,} words and signs, which is the limit. Paste only the class."),
    ("import a" + ".b" * 201, "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = 1" + " + 1" * 201, "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = " + "-" * 201 + "1", "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = " + "not " * 201 + "1", "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = (1\n" + " ** 1\n" * 101 + ")", "Line 101: One expression has more than 200 operators, which is the limit."),
    ("x = a" + " + f(1, 1)" * 201, "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = (a, " + "f(0, 1 + 1 + 1 + 1 + 1 + 1 + " * 30,
     "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = a" + "()" * 201, "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = " + "1 if 1 else " * 201 + "1", "Line 1: One expression has more than 200 operators, which is the limit."),
    ("x = " + "lambda: " * 21 + "1", "Line 1: One statement has more than 20 lambdas, which is the limit."),
    ("x = " + "lambda a, b: " * 21 + "1", "Line 1: One statement has more than 20 lambdas, which is the limit."),
    ("\nx = 1" + " + 1" * 110, "Line 2: Expressions are nested more than 100 deep here, which is the limit."),
    ("x = " + " ".join(["f'{a} {b} {c} {d} {e} {f}'"] * 1_900),
     f"The code has more than {limits.NODES.most:,} parts, which is the limit. Paste only the class."),
    (built("while True:\n    x = 1"),
     f"Line 6, column 13: Reading this takes more than {limits.STEPS.most:,} steps, which is the limit. "
     "Unroll less, or paste less."),
    (built("for i in range(10**9):\n    x = 1").replace("10**9", "1000").replace("x = 1", "y = [0] * 1000"),
     f"Line 6, column 17: Reading this takes more than {limits.STEPS.most:,} steps, which is the limit. "
     "Unroll less, or paste less."),
    (built("b = []\nfor i in range(100):\n    b.append(1)\nb.extend(range(1950))\nb.append(1)"),
     "Line 9, column 9: A list here has more than 2,000 values, which is the limit."),
    (built("self.b = nn.Sequential(*[nn.ReLU() for _ in range(1025)])").replace("self.a(x)", "self.b(x)"),
     "Line 8, column 16: The limit is 1,024 layers; this code has more."),
    (built("def f(n):\n    return f(n)\nf(1)"),
     "Line 6, column 20: Calls are nested more than 32 deep here, which is the limit."),
    (built("b = nn.ReLU()\nfor i in range(40):\n    b = nn.Sequential(b)\nself.a = b")
     .replace("        self.a = nn.Linear(2, 2)\n", ""),
     "Line 10, column 16: Groups of layers are nested too deeply here; the limit is 32 levels."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "sentence"), REFUSED, ids=[f"{n} {row[1][:50]}" for n, row in enumerate(REFUSED)])
def test_beyond_a_limit(source: str, sentence: str) -> None:
    assert said(source) == sentence


ACCEPTED = [
    NET + "#" * (65_536 - len(NET)),
    NET + "\n" * 1_998,
    NET + "x = " + "(" * 40 + ")" * 40,
    NET + "x = a" + ".b" * 90,
    NET + "x = [" + ", ".join("-a.b" for _ in range(1_000)) + "]",
    NET + "x = '" + "(" * 500 + "'  # " + "(" * 500,
    NET + '"""' + "(\n" * 500 + '"""',
    NET + "".join(f"x{n} = {n} + {n}\n" for n in range(1_200)),
]


@pytest.mark.parametrize("source", ACCEPTED, ids=[source[len(NET) : len(NET) + 20] for source in ACCEPTED])
def test_up_to_a_limit(source: str) -> None:
    assert read_all(source).refusal is None


def test_sentences_quote_no_more_than_a_little() -> None:
    reading = read_all(built(f"self.a = nn.Linear(2, {'x' * 5_000})\nreturn"))
    assert reading.refusal is not None
    assert len(str(reading.refusal)) < 250
    assert len(said(built(f"self.a = nn.{'x' * 5_000}(3)\nreturn"))) < 250
    assert len(said(built(f"self.a = nn.Linear(2, {'x' * 5_000}=3)\nreturn"))) < 250


def test_the_order_of_checks() -> None:
    assert said("\0" + "#" * 70_000).startswith("The code is 70,001 characters long")
    assert said("\0" + "\n" * 3_000).startswith("The code has 3,001 lines")
    assert said("(" * 50 + "\0").startswith("Line 1: The code has a NUL")


def test_what_is_done_deep_down_comes_back() -> None:
    def deep(n: int) -> int:
        return n if n == 0 else deep(n - 1)

    before = threading.stack_size()
    assert scan.deep(lambda: deep(500)) == 0
    with pytest.raises(ZeroDivisionError):
        scan.deep(lambda: 1 // 0)
    assert threading.stack_size() == before


def test_nodes_are_those_of_ast() -> None:
    tree = ast.parse(NET + "x = [a.b[1:2] for a in {**c}]\n")
    marks = (ast.expr_context,)
    ours = {id(node) for node in scan.check_tree(tree)}
    assert ours == {id(node) for node in ast.walk(tree) if not isinstance(node, marks)}


def test_each_layer_and_row_may_take_some_steps_more() -> None:
    """As many layers as a network may have are read, though each takes several steps."""
    row = "self.b = nn.Sequential(*[nn.ReLU() for _ in range({})])"
    most = limits.LAYERS.most
    assert most * limits.ROW_STEPS.most > limits.STEPS.most
    source = built(row.format(most)).replace("self.a(x)", "self.b(x)")
    assert len(read_all(source, (2,)).layers) == most
