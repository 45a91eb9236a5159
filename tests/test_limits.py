"""The table of limits: every row is used by the code, met by a test at its way in, and stands in docs/operations.md."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from layerscope import limits
from layerscope.assignment import AssignmentError, assigned, decode_assignment, encode_assignment
from layerscope.interchange import InterchangeError, from_json, to_json
from layerscope.layers.activation import ReLU
from layerscope.layers.axes import Unsqueeze
from layerscope.layers.cutting import Chunk
from layerscope.layers.opaque import Opaque
from layerscope.layers.reshape import Unflatten
from layerscope.link import LinkError, decode
from layerscope.network import Input, Network, NetworkError
from layerscope.packing import pack, unpack
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.reader import read_all
from layerscope.study.sweep import ConditionError, SweepError, size_of, sweep
from layerscope.tracing import trace
from scripts.operations import PAGE, with_tables

ROOT = Path(__file__).resolve().parent.parent
SEED = PRESETS[DEFAULT]
GIVEN = encode_assignment(assigned(SEED))
GIVEN_TEXT = unpack(GIVEN, 10_000)
LOOP = (
    "from torch import nn\nclass Net(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
    "    self.a = nn.Linear(2, 2)\n    for i in range(1200):\n      b = {}\n"
    "  def forward(self, x):\n    return self.a(x)\n"
)
ROLLED = (
    "import torch\nfrom torch import nn\nclass Net(nn.Module):\n  def forward(self, x):\n    return {}\n"
    "Net()(torch.zeros(1, 8))\n"
)
NET = "from torch import nn\nnet = nn.Sequential(nn.Linear(2, 2))\n"


def network(make: Callable[[], Network]) -> str:
    """The sentence about a network that cannot be made, or that does not run."""
    try:
        seen = trace(make())
    except NetworkError as error:
        return str(error)
    return seen.error.message if seen.error else ""


def code(source: str) -> str:
    refusal = read_all(source).refusal
    return refusal.reason if refusal else ""


def told(work: Callable[[], object], kind: type[Exception]) -> str:
    try:
        work()
    except kind as error:
        return str(error)
    return ""


def assignment(**more: object) -> str:
    return told(lambda: decode_assignment(encode_assignment(assigned(SEED, **more))), AssignmentError)


def reading(reads: tuple[str, ...] = (), **more: Any) -> Network:
    return Network((1, 8), (ReLU(name="a", inputs=reads),), **more)


def unflattened(values: int) -> Network:
    layer = Unflatten(name="a", dim=1, unflattened_size=(1,) * values)
    return Network((1, 8), (layer,))


def unsqueezed(times: int) -> Network:
    return Network((4,), tuple(Unsqueeze(name=f"a{i}", dim=1) for i in range(times)))


def rows(count: int) -> Network:
    return Network((1, 8), tuple(ReLU(name=f"r{i}") for i in range(count)))


def condition(text: str) -> str:
    return told(lambda: sweep(SEED, {"conv1.kernel_size": (5,)}).where(text), ConditionError)


# For each limit: what is said of a number at its way in, a number that is allowed, and one that is not.
CASES: dict[str, tuple[Callable[[int], str], int, int]] = {
    "LAYERS": (lambda n: network(lambda: Network((1, 8), tuple(ReLU(name=f"r{i}") for i in range(n)))), 1_024, 1_025),
    "MEASURED": (
        lambda n: network(lambda: Network((1, 8), (Opaque(name="a", called="Odd", gives=(1, 8), macs=n),))),
        2**50,
        2**50 + 1,
    ),
    "NAME": (lambda n: network(lambda: Network((1, 8), (ReLU(name="a" * n),))), 120, 121),
    "WORD": (lambda n: network(lambda: SEED.with_argument("conv1", "padding", "a" * n)), 40, 41),
    "INPUTS": (lambda n: network(lambda: reading(inputs=tuple(Input(f"i{i}", (1, 8)) for i in range(n)))), 16, 17),
    "OUTPUTS": (lambda n: network(lambda: reading(outputs=("a",) * n)), 64, 65),
    "EDGES": (lambda n: network(lambda: reading(reads=("input",) * n)), 8_192, 8_193),
    "JOINED": (lambda n: told(lambda: from_json(to_json(reading(reads=("input",) * n))), InterchangeError), 128, 129),
    "ENTRIES": (lambda n: network(lambda: reading(inputs=(Input("i", (1, 8), "indices", n),))), 2**24, 2**24 + 1),
    "WIDTH": (lambda n: network(lambda: SEED.with_argument("conv1", "out_channels", n)), 65_536, 65_537),
    "KERNEL": (lambda n: network(lambda: decode(f"1x2000x2000~Conv2d.1.{n}")), 1_024, 1_025),
    "REPEATS": (lambda n: network(lambda: decode(f"8x4~LSTM.3.num_layers-{n}")), 96, 97),
    "IMAGE": (lambda n: network(lambda: Network((1, n), (ReLU(name="a"),))), 65_536, 65_537),
    "VALUES": (lambda n: network(lambda: unflattened(n)), 16, 17),
    "PORTS": (lambda n: network(lambda: Network((n,), (Chunk(name="a", chunks=n),))), 64, 65),
    "RANK": (lambda n: network(lambda: unsqueezed(n - 2)), 8, 9),
    "AXIS": (lambda n: network(lambda: decode(f"1x16385~ConvTranspose1d.1.1.stride-{n}")), 1_023, 1_024),
    "RESIZED": (lambda n: network(lambda: decode(f"1x{n}~Upsample.scale_factor-8")), 32_768, 32_769),
    "LINK": (lambda n: told(lambda: decode(f"1x28x28~ReLU.as-{'a' * (n - 16)}"), LinkError), 50, 8_001),
    "LINK_TEXT": (lambda n: told(lambda: decode("z" + pack("1x8" + "~Linear.7" * n)), LinkError), 200, 8_000),
    "SWEEP": (
        lambda n: told(lambda: size_of(SEED, {"conv1.out_channels": range(1, n + 1)}), SweepError),
        10_000,
        10_001,
    ),
    "SWEEP_ROWS": (lambda n: told(lambda: size_of(rows(1_000), {"input": range(1, n + 1)}), SweepError), 1_000, 1_001),
    "CONDITION": (lambda n: condition("runs".ljust(n)), 300, 301),
    "CONDITION_DEPTH": (lambda n: condition("not " * (n - 1) + "runs"), 20, 21),
    "CONDITION_NUMBER": (lambda n: condition(f"parameters < {n}"), 10**18, 10**18 + 1),
    "CLASS_LINK": (lambda n: told(lambda: decode_assignment(GIVEN.ljust(n, "a")), AssignmentError), 1, 8_001),
    "CLASS_TEXT": (lambda n: told(lambda: decode_assignment(pack(GIVEN_TEXT.ljust(n))), AssignmentError), 300, 32_769),
    "QUESTION": (lambda n: assignment(question="x" * n), 300, 301),
    "CONTROLS": (lambda n: assignment(free=("conv1.stride",) * n), 200, 201),
    "SEED": (lambda n: assignment(seed=n), 9_999, 10_000),
    "CODE": (lambda n: code(NET.ljust(n, "#")), 65_536, 65_537),
    "CODE_LINES": (lambda n: code(NET + "\n" * (n - 3)), 2_000, 2_001),
    "BRACKETS": (lambda n: code(NET + "x = " + "(" * n + "1" + ")" * n), 40, 41),
    "INDENTATION": (lambda n: code(NET + "".join(f"{' ' * i}if 1:\n" for i in range(n)) + " " * n + "x = 1"), 40, 41),
    "OPERATORS": (lambda n: code(NET + "x = a" + "()" * n), 90, 201),
    "LAMBDAS": (lambda n: code(NET + "x = " + "lambda: " * n + "1"), 20, 21),
    "WORDS": (lambda n: code(NET + "x, " * (n // 2)), 8_000, 30_000),
    "NODES": (lambda n: code(NET + "x = " + " ".join(["f'{a} {b} {c} {d} {e}'"] * (n // 10))), 5_000, 18_000),
    "NESTING": (lambda n: code(NET + "x = 1" + " + 1" * n), 80, 110),
    "STEPS": (lambda n: code(LOOP.format(" + ".join("1" * n))), 2, 30),
    "TENSOR_NUMBER": (lambda n: code(ROLLED.format(f"torch.roll(x, {n}, 1)")), 65_536, 65_537),
    "TENSOR_CELLS": (
        lambda n: code(ROLLED.format(f"x.view(-1, 8, 1, 1).repeat(1, {n >> 23}, 65536, 16)")),
        2**36,
        2**36 + 2**23,
    ),
    "BASES": (
        lambda n: code(f"{NET}class A0: pass\n" + "".join(f"class A{i + 1}(A{i}): pass\n" for i in range(n))),
        40,
        41,
    ),
    "JSON": (lambda n: told(lambda: from_json('{"a": 1}'.ljust(n)), InterchangeError), 262_144, 262_145),
    "JSON_DEPTH": (lambda n: told(lambda: from_json("[" * n + "]" * n), InterchangeError), 8, 9),
    "JSON_VALUES": (lambda n: told(lambda: from_json(f"[{'1,' * (n - 2)}1]"), InterchangeError), 10_000, 10_001),
    "JSON_NUMBER": (lambda n: told(lambda: from_json("9" * n), InterchangeError), 32, 33),
}


@pytest.mark.parametrize("name", CASES)
def test_each_limit_at_its_way_in(name: str) -> None:
    says = limits.table()[name].says.rstrip(".").replace("{most}", f"{limits.table()[name].most:,}")
    pattern = ".*".join(re.escape(part) for part in re.split(r"\{\w+\}", says))
    said, allowed, beyond = CASES[name]
    assert not re.search(pattern, said(allowed)), "allowed"
    assert re.search(pattern, said(beyond)), said(beyond)


def names_in(folder: str) -> Iterator[str]:
    """Every limit that the sources of a folder name: as `limits.NAME`, or imported by its name."""
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "limits" in text else ():
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "limits":
                yield node.attr
            elif isinstance(node, ast.ImportFrom) and node.module == "layerscope.limits":
                yield from (alias.name for alias in node.names)


def test_every_limit_is_used_and_tested() -> None:
    table = limits.table()
    assert table.keys() <= set(names_in("src"))
    assert table.keys() <= set(names_in("tests")) | CASES.keys()


def test_the_page_for_operators_has_todays_tables() -> None:
    page = PAGE.read_text()
    assert page == with_tables(page), "run `.venv/bin/python -m scripts.operations`"
    for limit in limits.table().values():
        assert f"{limit.most:,}" in page
