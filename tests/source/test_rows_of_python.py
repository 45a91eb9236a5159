"""Functions of Python's own on rows of values: Python says what they give, torch what a network has."""

import functools
import itertools
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.python.values import Value
from layerscope.source.reader import read_all
from layerscope.tracing import trace
from tests.source.followed import followed_value

IMPORTS = "import itertools, functools\n"
EXPRESSIONS = [
    "list(enumerate([4, 5], 1))", "list(enumerate([4, 5], start=1))", "list(enumerate('ab', -2))",
    "list(enumerate(iterable=[4, 5], start=3))", "[n for n, _ in enumerate(range(3), 1)]", "dict(enumerate([5, 6], 1))",
    "sum([1, 2], 3)", "sum([1, 2], start=3)", "sum([[1], [2]], [])", "sum([(1,), (2,)], (0,))",
    "list(zip([1, 2], [3, 4], strict=True))",
    "list(zip())", "sorted([3, 1, 2], key=lambda v: -v)", "sorted({'b': 1, 'a': 2}.items(), key=lambda kv: kv[1])",
    "sorted([3, 1], reverse=True)", "sorted(['bb', 'a', 'cc'], key=len, reverse=True)", "max([3, 1], key=lambda v: -v)",
    "min('bb', 'a', key=len)", "max(['bb', 'a', 'cc'], key=len)", "min([], default=4)", "max([], key=len, default=4)",
    "list(reversed(range(4)))", "list(range(5, 1, -2))", "dict([('a', 1)], b=2)", "dict({'a': 1}, b=2)",
    "dict.fromkeys(['a', 'b'], 1)", "dict.fromkeys('ab')", "{'a': 1} | {'b': 2}", "'a,b,c'.split(',', 1)",
    "'a,b,c'.rsplit(',', 1)", "'aXbX'.replace('X', '-', 1)", "'abc'.startswith('b', 1)", "'abc'.find('c')",
    "[1, 2, 3].index(3, 1)", "next(iter([]), 5)", "list(map(lambda a, b: a + b, [1, 2], [3, 4]))",
    "len(set([1, 1, 2]))", "len({1, 1, 2})", "len({v % 2 for v in range(5)})", "round(2.567, 2)", "int('101', 2)",
    "divmod(7, 2)", "pow(2, 3)", "1 << 4", "64 >> 1", "7 & 3", "5 | 2", "5 ^ 1", "list(itertools.pairwise([1, 2, 3]))",
    "list(itertools.chain([1], [2]))", "functools.reduce(lambda a, b: a * b, [2, 3], 4)",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_row_is_what_python_makes_it(expression: str) -> None:
    wanted = eval(expression, {"itertools": itertools, "functools": functools})
    found = followed_value(f"{IMPORTS}found = {expression}", "found")
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    "expression",
    [
        "enumerate([1], unknown)", "enumerate([1], 1, 2)", "enumerate(items=[1])", "list(row=[1])",
        "zip([1], strict=1, a=2)",
        "1 << 10 ** 12", "1 << -1", "pow(9, 10 ** 9)", "sorted([1, 'a'], key=lambda v: v)",
        "functools.reduce(None, [])",
        "max(key=len)", "list(itertools.chain.from_iterable(unknown))",
    ],
)  # fmt: skip
def test_what_cannot_be_told_stays_unknown(expression: str) -> None:
    assert isinstance(followed_value(f"{IMPORTS}found = {expression}", "found"), Value)


LOOPS = [
    "for n, layer in enumerate(sum([[nn.Linear(12, 5), nn.ReLU()], [nn.Linear(5, 4)]], []), 1):\n"
    "            self.add_module(f'part{n}', layer)",
    "for n, width in enumerate(widths, 1):\n"
    "            self.add_module(f'fc{n}', nn.Linear(wide, width)); wide = width",
    "for n, (a, b) in enumerate(zip([wide, *widths], widths), 1):\n"
    "            self.add_module(f'fc{n}', nn.Linear(a, b))",
    "for a, b in itertools.pairwise([wide, *widths]):\n            self.add_module(f'fc{a}', nn.Linear(a, b))",
    "for n, width in enumerate(sorted(widths, key=lambda v: -v), start=1):\n"
    "            self.add_module(f'fc{n}', nn.Linear(wide, width)); wide = width",
]  # fmt: skip


@pytest.mark.parametrize("loop", LOOPS)
def test_layers_made_in_such_loops_are_those_of_torch(loop: str) -> None:
    code = (
        "import itertools\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self, widths=(8, 4, 3)):\n"
        f"        super().__init__()\n        wide = 12\n        {loop}\n\n    def forward(self, x):\n"
        "        for layer in self.children():\n            x = layer(x)\n        return x\n"
    )
    names: dict[str, Any] = {}
    exec(code, names)
    made: nn.Module = names["Net"]()
    network = read_all(code).network
    assert network is not None
    assert [layer.name for layer in network.layers] == [name for name, _ in made.named_children()]
    assert trace(network).parameters == sum(value.numel() for value in made.parameters())


def test_a_sum_of_tensors_adds_them() -> None:
    code = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.ways = nn.ModuleList([nn.Linear(12, 5) for _ in range(3)])\n\n    def forward(self, x):\n"
        "        return sum(way(x) for way in self.ways)\n"
    )
    names: dict[str, Any] = {}
    exec(code, names)
    network = read_all(code).network
    assert network is not None
    assert trace(network).output_shape == tuple(names["Net"]()(torch.zeros(2, 12)).shape[1:])
    assert [layer.type for layer in network.layers].count("Add") == 2
