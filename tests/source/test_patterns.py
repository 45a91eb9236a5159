"""Regular expressions of a paste: what they find is what Python finds, and none takes long."""

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from layerscope.source.python.patterns import MOST_STEPS, may_run
from layerscope.source.reader import read_all
from layerscope.source.text.scan import quiet
from layerscope.tracing import trace
from tests.costs import slowness

HEAD = "import re\nimport torch\nfrom torch import nn\n"
CALLS = [
    r"int(re.split(r'(\d.*)', 'k3')[1])", r"int(re.search(r'in(\d+)', 'net_in12').group(1))",
    r"len(re.findall('[a-c]', 'abcabx'))", r"int(re.sub('[^0-9]', '', 'w1_2'))",
    r"int(re.compile(r's(?P<n>\d)').match('s4').groupdict()['n'])", r"5 if re.fullmatch('a.c', 'abc') else 6",
    r"7 if re.match('b', 'abc') else 8", r"len(re.split('-|_', 'a-b_c'))", r"int(re.search(r'(\d)x(\d)', '3x4')[2])",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_it_finds_what_python_finds(call):
    code = f"{HEAD}net = nn.Sequential(nn.Linear(4, {call}))\nnet(torch.randn(2, 4))\n"
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).output_shape == (eval(call),)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(.*)*", r"(a)\1", "a{1000}", "(?=a)b", "a" * 101, ".*.*.*.*.*.*c", "a?" * 40]
)
def test_what_may_take_long_is_not_run(pattern):
    assert not may_run(pattern, "a" * 60)
    code = f"{HEAD}net = nn.Linear(len(re.split({pattern!r}, {'a' * 60!r})), 2)\nnet(torch.randn(2, 4))\n"
    reading = read_all(code)
    assert reading.network is None or reading.network.layers


@pytest.fixture(scope="module")
def slow():
    return slowness()


@given(pattern=st.text(alphabet="ab.*+?|()[]^$", max_size=16), length=st.integers(1, 400))
@example(pattern="a*a*b", length=90)
@example(pattern="(a|b|ab)?a*b", length=300)
@example(pattern="(a*)(a*)b", length=95)
def test_what_may_run_is_quick(slow, pattern, length):
    text = "a" * length
    try:
        with quiet():
            compiled = re.compile(pattern)
    except re.error:
        assume(False)
    assume(may_run(pattern, text))
    start = time.process_time()
    for find in (compiled.split, compiled.findall, compiled.search):
        find(text)
    assert time.process_time() - start < slow * MOST_STEPS / 1e6
