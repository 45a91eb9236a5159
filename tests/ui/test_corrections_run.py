"""Every correction that is offered is one: many kinds of mistakes, in the ways in which code writes its numbers.

Torch is the oracle: it refuses each of these pastes, and runs it with any correction of a layer that does not run, or
with all corrections of written numbers.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from layerscope import limits
from layerscope.source import reader, rereading
from layerscope.ui import code_stage, correcting
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown
from tests.ui.test_pasted_torch import words_of_torch

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n"

NUMBERS = {
    "literal": ("{}", "", "self"),
    "argument": ("n", "", "self, n={}"),
    "attribute": ("self.n", "self.n = {}", "self"),
    "argument kept": ("self.n", "self.n = n", "self, n={}"),
    "variable": ("n", "n = {}", "self"),
    "table": ('config["n"]', 'config = {{"n": {}, "depth": 2}}', "self"),
    "global": ("SIZE", "", "self"),
    "class of values": ("cfg.n", "cfg = Config()", "self"),
}
"""How a number is used, what gives it its value in __init__, and the parameters of __init__."""


def written(way: str, layers: str, number: int, forward: str, call: str) -> str:
    """A class in whose layers NUMBER stands for a number that is written in that way."""
    use, gives, parameters = NUMBERS[way]
    top = f"SIZE = {number}\n\n" if way == "global" else ""
    if way == "class of values":
        top = "from dataclasses import dataclass\n\n@dataclass\nclass Config:\n"
        top += f"    n: int = {number}\n    depth: int = 2\n\n"
    rows = ["class Net(nn.Module):", f"    def __init__({parameters.format(number)}):", "        super().__init__()"]
    rows += [f"        {gives.format(number)}"] if gives else []
    rows += [f"        {row}" for row in layers.replace("NUMBER", use.format(number)).split("; ")]
    rows += ["    def forward(self, x):", *(f"        {row}" for row in forward.split("; ")), ""]
    return HEAD + top + "\n".join([*rows, f"out = Net()(torch.randn({call}))", ""])


MISTAKES = {
    "in_features": ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.Linear(NUMBER, 10)", 999,
                    "return self.b(F.relu(self.a(x)).flatten(1))", "2, 3, 12, 12"),
    "in_features after a Linear": ("self.a = nn.Linear(20, 16); self.b = nn.Linear(NUMBER, 10)", 15,
                                   "return self.b(self.a(x))", "2, 20"),
    "in_channels": ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.Conv2d(NUMBER, 4, 3)", 9, "return self.b(self.a(x))",
                    "2, 3, 12, 12"),
    "the image's channels": ("self.a = nn.Conv2d(NUMBER, 8, 3)", 1, "return self.a(x)", "2, 3, 12, 12"),
    "num_features": ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.BatchNorm2d(NUMBER)", 4, "return self.b(self.a(x))",
                     "2, 3, 12, 12"),
    "in a Sequential": ("self.a = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(NUMBER, 4, 3), nn.ReLU())", 9,
                        "return self.a(x)", "2, 3, 12, 12"),
    "kernel_size": ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.MaxPool2d(NUMBER)", 30, "return self.b(self.a(x))",
                    "2, 3, 12, 12"),
    "stride of a sum": ("self.a = nn.Conv2d(3, 8, 3, 2, 1); self.b = nn.Conv2d(3, 8, 1, stride=NUMBER)", 1,
                        "return self.a(x) + self.b(x)", "2, 3, 12, 12"),
    "padding of a sum": ("self.a = nn.Conv2d(3, 8, 5, padding=2); self.b = nn.Conv2d(3, 8, 3, padding=NUMBER)", 0,
                         "return torch.add(self.a(x), self.b(x))", "2, 3, 12, 12"),
    "width of a sum": ("self.a = nn.Linear(6, 8); self.b = nn.Linear(6, NUMBER)", 7, "return self.a(x) + self.b(x)",
                       "2, 6"),
    "groups": ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.Conv2d(8, 8, 3, groups=NUMBER)", 3,
               "return self.b(self.a(x))", "2, 3, 12, 12"),
}  # fmt: skip
PASTES = {
    f"{mistake}, {way}": written(way, layers, number, forward, call)
    for mistake, (layers, number, forward, call) in MISTAKES.items()
    for way in NUMBERS
}


def block(init: str, forward: str, calls: str, head: str = "nn.Linear(64, 10)") -> str:
    """A class of blocks that is called three times."""
    rows = ["class Block(nn.Module):", "    def __init__(self, cin, cout, stride=1):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")]
    rows += ["    def forward(self, x):", *(f"        {row}" for row in forward.split("; ")), ""]
    rows += ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        self.blocks = nn.Sequential({calls})", f"        self.head = {head}"]
    rows += ["    def forward(self, x):", "        return self.head(self.blocks(x).mean((2, 3)))", ""]
    return HEAD + "\n".join([*rows, "out = Net()(torch.randn(2, 3, 32, 32))", ""])


THRICE = "Block(3, 16), Block(16, 32, 2), Block(32, 64, 2)"
RESIDUAL = "self.a = nn.Conv2d(cin, cout, 3, stride=stride, padding=1); self.b = nn.Conv2d(cout, cout, 3, padding=1); "
SUM = "return F.relu(self.b(F.relu(self.a(x))) + self.cut(x))"
BLOCKS = {
    "no stride on the way past": block(RESIDUAL + "self.cut = nn.Conv2d(cin, cout, 1)", SUM, THRICE),
    "a stride of 1 on the way past": block(RESIDUAL + "self.cut = nn.Conv2d(cin, cout, 1, stride=1)", SUM, THRICE),
    "no stride on the way past, in a Sequential": block(
        RESIDUAL + "self.cut = nn.Sequential(nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout))", SUM, THRICE),
    "no stride on the way past, which is first": block(
        RESIDUAL + "self.cut = nn.Conv2d(cin, cout, 1)",
        "way = self.cut(x); x = self.b(F.relu(self.a(x))); way += x; return way", THRICE),
    "no stride, kept in the object": block(
        "self.stride = stride; " + RESIDUAL + "self.cut = nn.Conv2d(cin, cout, 1)", SUM, THRICE),
    "no padding": block(RESIDUAL.replace(", padding=1", "") + "self.cut = nn.Conv2d(cin, cout, 1, stride)", SUM,
                        "Block(3, 16), Block(16, 32), Block(32, 64)"),
    "the first width in a BatchNorm": block(
        "self.a = nn.Conv2d(cin, cout, 3, padding=1); self.n = nn.BatchNorm2d(cin)", "return F.relu(self.n(self.a(x)))",
        THRICE),
    "the first width in a second layer": block(
        "self.a = nn.Conv2d(cin, cout, 3, padding=1); self.b = nn.Conv2d(cin, cout, 3)", "return self.b(self.a(x))",
        THRICE),
    "a number in a BatchNorm": block(
        "self.a = nn.Conv2d(cin, cout, 3, padding=1); self.n = nn.BatchNorm2d(16)", "return F.relu(self.n(self.a(x)))",
        THRICE),
    "a wrong width in one call": block("self.a = nn.Conv2d(cin, cout, 3, padding=1)", "return F.relu(self.a(x))",
                                       THRICE.replace("(32, 64", "(30, 64")),
    "a wrong head": block("self.a = nn.Conv2d(cin, cout, 3)", "return F.relu(self.a(x))", THRICE, "nn.Linear(60, 10)"),
}  # fmt: skip
CONCAT = (
    HEAD
    + """class Twice(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(cin, cout, 3), nn.ReLU(), nn.Conv2d(cout, cout, 3), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class Small(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.down = Twice(1, width)
        self.low = Twice(width, 2 * width)
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.last = Twice(2 * width, width)

    def forward(self, x):
        d = self.down(x)
        x = self.up(self.low(F.max_pool2d(d, 2)))
        return self.last(torch.cat([d, x], dim=1))


out = Small()(torch.randn(2, 1, 64, 64))
"""
)
BLOCKS |= {"a U-Net without padding": CONCAT}
LSTM = (
    HEAD
    + """class Tagger(nn.Module):
    def __init__(self, vocabulary=50, width=16, hidden=24, classes=5):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        out, (h, c) = self.lstm(self.embed(x))
        return self.out(LAST)


scores = Tagger()(torch.randint(0, 50, (4, 7)))
"""
)
LSTMS = {last: LSTM.replace("LAST", last) for last in ("out", "out[:, -1]", "torch.cat([h[-2], h[-1]], dim=1)")}


def offered(source: str) -> Iterator[tuple[str, str]]:
    """The corrections of a paste: their keys, and what each makes of it."""
    here = Pasted(text=source)
    for action in shown(here)["message"]["actions"]:
        verb, _, which = action["key"].partition(":")
        if verb == "correct":
            yield which, correcting.corrected(here, which)


def tone(source: str) -> str:
    return str(shown(Pasted(text=source))["message"]["tone"])


@pytest.mark.parametrize("name", [*PASTES, *BLOCKS])
def test_what_is_offered_runs(name: str) -> None:
    source = (PASTES | BLOCKS)[name]
    assert words_of_torch(source)
    assert tone(source) == "error"
    found = dict(offered(source))
    assert found
    whole = {which: text for which, text in found.items() if which == "all" or which.startswith("repair")}
    for text in whole.values() if whole else found.values():
        assert words_of_torch(text) == "", text
        assert tone(text) != "error", text


@pytest.mark.parametrize(("name", "line"), [
    ("no stride on the way past", "self.cut = nn.Conv2d(cin, cout, 1, stride=stride)"),
    ("a stride of 1 on the way past", "self.cut = nn.Conv2d(cin, cout, 1, stride=stride)"),
    ("no stride on the way past, which is first", "self.cut = nn.Conv2d(cin, cout, 1, stride=stride)"),
    ("no stride, kept in the object", "self.cut = nn.Conv2d(cin, cout, 1, stride=stride)"),
    ("the first width in a BatchNorm", "self.n = nn.BatchNorm2d(cout)"),
    ("the first width in a second layer", "self.b = nn.Conv2d(cout, cout, 3)"),
    ("a number in a BatchNorm", "self.n = nn.BatchNorm2d(cout)"),
    ("a U-Net without padding", "self.net = nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.ReLU(), "
                                "nn.Conv2d(cout, cout, 3, padding=1), nn.ReLU())"),
])  # fmt: skip
def test_a_line_that_serves_several_blocks_is_written_with_the_names_there(name: str, line: str) -> None:
    first = next(text for _, text in offered(BLOCKS[name]))
    assert line in first, first


@pytest.mark.parametrize("last", LSTMS)
def test_both_directions_are_twice_the_width_that_is_written(last: str) -> None:
    found = dict(offered(LSTMS[last]))
    assert "self.out = nn.Linear(hidden * 2, classes)" in found["0"]
    assert words_of_torch(found["0"]) == words_of_torch(found.get("all", found["0"])) == ""


@pytest.mark.parametrize("way", NUMBERS)
def test_a_number_is_changed_where_it_is_written(way: str) -> None:
    source = PASTES[f"the image's channels, {way}"]
    (found,) = (text for _, text in offered(source))
    changed: list[Any] = [
        (old, new) for old, new in zip(source.split("\n"), found.split("\n"), strict=True) if old != new
    ]
    assert len(changed) == 1
    assert changed[0][0].replace("1", "3", 1) == changed[0][1] or way == "literal"


def test_a_block_that_fails_alike_is_said_once_with_the_words_of_the_code() -> None:
    source = BLOCKS["no stride on the way past"]
    message: dict[str, Any] = shown(Pasted(text=source))["message"]
    line = 1 + source.split("\n").index("        return F.relu(self.b(F.relu(self.a(x))) + self.cut(x))")
    assert message["text"].startswith(f"Line {line}: self.b(F.relu(self.a(x))) and self.cut(x) have different sizes: ")
    assert "The same happens in blocks.2." in message["text"]
    assert "add" not in message["title"] + message["text"]
    tones = code_stage.editor_data(Pasted(text=source))["editor"]["tones"]
    assert tones[str(line)] == "error"


BOTTLENECKS = (
    HEAD
    + """class Bottleneck(nn.Module):
    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, padding=1, bias=False)
        self.conv3 = nn.Conv2d(planes, planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.bn3(self.conv3(F.relu(self.conv2(F.relu(self.conv1(x))))))
        out += identity
        return F.relu(out)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inplanes = 16
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.layer1 = self._make(16, 3)
        self.layer2 = self._make(32, 4, 2)
        self.fc = nn.Linear(128, 10)

    def _make(self, planes, blocks, stride=1):
        down = nn.Conv2d(self.inplanes, planes * 4, 1, stride)
        layers = [Bottleneck(self.inplanes, planes, stride, down)]
        self.inplanes = planes * 4
        layers += [Bottleneck(self.inplanes, planes) for _ in range(1, blocks)]
        return nn.Sequential(*layers)

    def forward(self, x):
        return self.fc(self.layer2(self.layer1(self.stem(x))).mean((2, 3)))


out = Net()(torch.randn(2, 3, 16, 16))
"""
)


def test_one_line_that_makes_many_blocks_fail_is_mended_with_what_follows() -> None:
    (found,) = (text for _, text in offered(BOTTLENECKS))
    assert "self.conv3 = nn.Conv2d(planes, planes * 4, 1, bias=False)" in found
    assert "self.bn3 = nn.BatchNorm2d(planes * 4)" in found
    assert words_of_torch(found) == ""


ROWS = (
    HEAD
    + """class Net(nn.Module):
    def __init__(self, sizes=(784, 64, 32, 10)):
        super().__init__()
        layers = []
        for i in range(len(sizes) - 1):
            layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.BatchNorm1d(sizes[i]), nn.ReLU()]
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x.flatten(1))


out = Net()(torch.randn(4, 1, 28, 28))
"""
)


def test_a_loop_over_widths_keeps_its_row() -> None:
    (found,) = (text for _, text in offered(ROWS))
    assert "nn.BatchNorm1d(sizes[i + 1])" in found
    assert words_of_torch(found) == ""
    message: dict[str, Any] = shown(Pasted(text=ROWS))["message"]
    assert message["text"].count("You wrote") == 1


def test_names_beyond_the_limit_are_not_looked_at() -> None:
    most = limits.NAMES_SEEN.most
    source = LSTMS["out"].replace("        super()", "        " + "; ".join(f"v{n} = {n}" for n in range(most)) + "\n"
                                  "        super()")  # fmt: skip
    assert "nn.Linear(hidden * 2, classes)" in next(text for _, text in offered(source))
    source = source.replace("vocabulary=50", ", ".join(f"w{n}=1" for n in range(most)) + ", vocabulary=50")
    (found,) = (text for _, text in offered(source))
    assert "hidden * 2" not in found
    assert words_of_torch(found) == ""


@pytest.mark.parametrize("name", ["PROOFS", "PROOF_STEPS"])
def test_changed_code_is_read_again_only_so_often(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = reader.read_all

    def counted(source: str, *more: Any) -> Any:
        read.append(source)
        return real(source, *more)

    monkeypatch.setattr(rereading, "read_all", counted)
    source = BOTTLENECKS + f"# {name}\n"  # what was read before is remembered
    steps = real(source).steps
    assert steps
    shown(Pasted(text=source))
    assert 0 < len(read) <= limits.PROOFS.most
    assert (len(read) - 1) * steps < limits.PROOF_STEPS.most
    read.clear()
    monkeypatch.setattr(limits, name, replace(getattr(limits, name), most=0))
    shown(Pasted(text=source + "#"))
    assert read == []


def test_a_dropout_that_forward_makes_is_written_as_the_function() -> None:
    source = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(8, 4)\n"
        "    def forward(self, x):\n        return CALL\nnet = Net()\nnet.eval()\nx = torch.ones(50, 8)\n"
        "same = torch.equal(net(x), net(x))\n"
    )
    for call, then in (
        ("nn.Dropout(0.3)(self.a(x))", "F.dropout(self.a(x), 0.3, training=self.training)"),
        ("nn.Dropout(p=0.3)(self.a(x))", "F.dropout(self.a(x), p=0.3, training=self.training)"),
        ("self.a(nn.Dropout()(x))", "self.a(F.dropout(x, training=self.training))"),
        ("nn.Dropout(self.a(x))", "F.dropout(self.a(x), training=self.training)"),
    ):
        (found,) = (text for _, text in offered(source.replace("CALL", call)))
        assert found == source.replace("CALL", then)
        names: dict[str, Any] = {}
        exec(found, names)
        assert names["same"]
        assert tone(found) == "calm"
