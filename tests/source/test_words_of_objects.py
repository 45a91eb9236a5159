"""What Python says of an object of the paste decides which layers are made: as Python says it, or not at all."""

from typing import Any

import pytest

from layerscope.source.reader import read
from layerscope.source.reading import SourceError

CODE = """
import torch, torch.nn as nn

class Small:
    def __init__(self):
        self.width = 8

class Large(Small):
    pass

class Net(nn.Module):
    def __init__(self, kind, gate=None):
        super().__init__()
        self.gate = gate
        self.fc = nn.Linear(10, 20 if {} else 5)

    def forward(self, x):
        return self.fc(x)

model = Net({}(), nn.ReLU())
x = torch.randn(1, 10)
"""
CONDITIONS = [
    "bool(kind)", "bool(gate)", "bool(self.gate)", "not bool(kind)", "'Large' in str(kind.__class__)",
    "'Large' in str(kind)", "'Large' in str(type(kind))", "'Large' in repr(type(kind))", "str(kind) == 'None'",
    "repr(kind) == 'None'", "len(str(kind)) > 4", "len(repr(kind)) > 4", "str(gate) == 'None'", "bool(str(kind))",
    "str(type(kind)) == \"<class '__main__.Large'>\"", "type(kind).__name__ == 'Large'", "print(kind) is None",
    "str(type(kind).__name__) == 'Large'", "any([kind])", "all([gate])", "str(kind.width) == '8'",
    "str(None) == 'None'",
    "bool(None)", "bool(kind.width)",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["Small", "Large"])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_it_is_what_python_says_or_refused(condition, kind):
    code = CODE.format(condition, kind)
    here: dict[str, Any] = {"__name__": "__main__"}
    exec(code, here)  # our own code, as a visitor would run it
    made = here["model"].fc.out_features
    try:
        found = read(code)["fc"].chosen["out_features"]
    except SourceError:
        return
    assert found == made


KNOWN = ["bool(kind)", "bool(gate)", "'Large' in str(kind.__class__)", "str(None) == 'None'"]


@pytest.mark.parametrize("condition", KNOWN)
def test_what_can_be_known_is(condition):
    assert read(CODE.format(condition, "Large"))["fc"].chosen["out_features"] == 20
