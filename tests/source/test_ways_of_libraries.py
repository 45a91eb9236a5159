"""Ways of writing that libraries of models use: each network is run by torch, and read to the same sizes and count."""

import textwrap
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = """
import collections.abc
import functools
import itertools
import math
import types
from dataclasses import InitVar, asdict, dataclass, field, replace
from enum import Enum
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.init import _calculate_correct_fan, _calculate_fan_in_and_fan_out, calculate_gain


"""
NETWORKS = {
    "a table of classes": """
        ACTS = dict(relu=nn.ReLU, silu=nn.SiLU)
        def act(name="relu"):
            if not isinstance(name, str):
                return name
            return ACTS[name] if name in ACTS else nn.GELU
        class Net(nn.Module):
            def __init__(self, a="silu", b="other"):
                super().__init__()
                self.fc, self.a, self.b = nn.Linear(8, 4), act(a)(), act(b)()
            def forward(self, x):
                return self.b(self.a(self.fc(x)))
        """,
    "a list of classes": """
        class Net(nn.Module):
            def __init__(self, norm=nn.BatchNorm1d):
                super().__init__()
                self.fc = nn.Linear(8, 4, bias=norm not in [nn.BatchNorm1d, nn.BatchNorm2d])
                self.norm = norm(4)
            def forward(self, x):
                return self.norm(self.fc(x))
        """,
    "names of classes": """
        KNOWN = dict(batchnorm1d=nn.BatchNorm1d, layernorm=nn.LayerNorm)
        def norm(of, n):
            if isinstance(of, functools.partial):
                of = of.func
            if isinstance(of, types.FunctionType):
                return of(n)
            if isinstance(of, type):
                return KNOWN[of.__name__.lower()](n)
            return KNOWN[of](n)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4)
                self.a, self.b = norm(partial(nn.BatchNorm1d, eps=1e-3), 4), norm(nn.LayerNorm, 4)
                self.c, self.d = norm("layernorm", 4), norm(lambda n: nn.Linear(n, n), 4)
            def forward(self, x):
                return self.d(self.c(self.b(self.a(self.fc(x)))))
        """,
    "what is iterable": """
        def pair(x):
            if isinstance(x, collections.abc.Iterable) and not isinstance(x, str):
                return tuple(x)
            return (x, x)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                kinds = pair(nn.Linear)
                self.a, self.b = kinds[0](8, 4), kinds[1](*pair([4, 2]))
            def forward(self, x):
                return self.b(self.a(x))
        """,
    "rates that are split": """
        class Net(nn.Module):
            def __init__(self, depths=(1, 2)):
                super().__init__()
                rates = [part.tolist() for part in torch.linspace(0, 0.1, sum(depths)).split(depths)]
                rows = [nn.Dropout(rate) if rate > 0 else nn.Linear(8, 8) for row in rates for rate in row]
                self.net = nn.Sequential(*rows, nn.Linear(8, 3))
            def forward(self, x):
                return self.net(x)
        """,
    "initial weights by fan and gain": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 100)
                fan_in, fan_out = _calculate_fan_in_and_fan_out(self.fc.weight)
                self.out = nn.Linear(fan_out, fan_in)
                bound = calculate_gain("relu") / _calculate_correct_fan(self.fc.weight, "fan_in") ** 0.5
                nn.init.uniform_(self.fc.weight, -bound, bound)
            def forward(self, x):
                return self.out(self.fc(x))
        """,
    "one forward of two": """
        class Part(nn.Module):
            def __init__(self, way):
                super().__init__()
                self.fc = nn.Linear(4, 4)
                if way == "whole":
                    self.forward = self.forward_whole
                else:
                    self.forward = self.forward_split
            def forward_whole(self, x):
                return x
            def forward_split(self, x):
                a, b = torch.split(x, 4, dim=1)
                return torch.cat((self.fc(a), b), 1)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = Part("split")
            def forward(self, x):
                return self.a(x)
        """,
    "a configuration with other values": """
        @dataclass
        class Config:
            depth: int = 2
            width: int = 8
            norm: bool = True
        CONFIGS = dict(small=Config(depth=1), wide=Config(width=16))
        class Net(nn.Module):
            def __init__(self, config=CONFIGS["small"], **kwargs):
                super().__init__()
                config = replace(config, norm=False, **kwargs)
                self.norm = nn.BatchNorm1d(8) if config.norm else nn.Identity()
                self.net = nn.Sequential(*[nn.Linear(8, 8) for _ in range(config.depth)])
                self.head = nn.Linear(8, asdict(config)["width"])
            def forward(self, x):
                return self.head(self.net(self.norm(x)))
        """,
    "an enum": """
        class Kind(str, Enum):
            FLAT = "flat"
            WIDE = "wide"
        class Net(nn.Module):
            def __init__(self, kind="wide"):
                super().__init__()
                self.kind = Kind(kind)
                self.fc = nn.Linear(8, 16 if self.kind == Kind.WIDE else 4)
            def forward(self, x):
                x = self.fc(x)
                return x.unsqueeze(1) if self.kind != Kind.FLAT else x
        """,
    "what torch has": """
        HAS = "silu" in dir(torch.nn.functional)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4 if HAS and "silo" not in dir(torch.nn.functional) else 2)
            def forward(self, x):
                return self.fc(x)
        """,
    "a norm with a forward of its own": """
        class NormAct(nn.BatchNorm1d):
            def __init__(self, n):
                super().__init__(n)
                self.act = nn.ReLU()
            def forward(self, x):
                mean = self.running_mean if not self.training or self.track_running_stats else None
                var = self.running_var if not self.training or self.track_running_stats else None
                return self.act(F.batch_norm(x, mean, var, self.weight, self.bias, self.training, 0.1, self.eps))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.norm = nn.Linear(8, 4), NormAct(4)
            def forward(self, x):
                return self.norm(self.fc(x))
        """,
    "layers without a bias": """
        class Own(nn.Linear):
            def forward(self, x):
                return F.linear(x, self.weight, self.bias)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.c = Own(8, 4, bias=False), Own(4, 4), nn.Linear(4, 4)
                self.c.bias = None
                self.d = nn.Linear(4, 2)
                self.d.register_parameter("bias", None)
            def forward(self, x):
                return self.d(self.c(self.b(self.a(x))))
        """,
    "tables whose keys are rows": """
        class Net(nn.Module):
            def __init__(self, side=3):
                super().__init__()
                points = list(itertools.product(range(side), range(side)))
                offsets, places = {}, []
                for a in points:
                    for b in points:
                        offset = (abs(a[0] - b[0]), abs(a[1] - b[1]))
                        if offset not in offsets:
                            offsets[offset] = len(offsets)
                        places.append(offsets[offset])
                self.biases = nn.Parameter(torch.zeros(2, len(offsets)))
                self.register_buffer("places", torch.LongTensor(places).view(len(points), len(points)))
                self.fc = nn.Linear(8, sum(itertools.accumulate([1, 2])) + len([*itertools.combinations("abc", 2)]))
            def forward(self, x):
                return self.fc(x) + self.biases[:, self.places].sum()
        """,
    "a partial call of a partial call": """
        KNOWN = dict(batchnorm1d=nn.BatchNorm1d)
        def get(norm):
            kwargs = {}
            if isinstance(norm, functools.partial):
                kwargs.update(norm.keywords)
                norm = norm.func
            return partial(KNOWN[norm.__name__.lower()], **kwargs)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                norm = partial(get(partial(nn.BatchNorm1d, eps=1e-3)), affine=False)
                self.fc, self.norm = nn.Linear(8, 4), get(norm)(4)
            def forward(self, x):
                return self.norm(self.fc(x))
        """,
    "limits of types": """
        class Net(nn.Module):
            def __init__(self, dtype=None):
                super().__init__()
                dtype = dtype or torch.get_default_dtype()
                is_short = dtype.is_floating_point and torch.finfo(dtype).bits < 32
                self.fc = nn.Linear(8, 2 if is_short or torch.int64.is_floating_point else 4)
                self.out = nn.Linear(4, torch.iinfo(torch.int8).max)
            def forward(self, x):
                return self.out(self.fc(x))
        """,
    "which member it is": """
        class Kind(str, Enum):
            FIRST = "first"
            LAST = "last"
        class Net(nn.Module):
            def __init__(self, kind="last"):
                super().__init__()
                kind = Kind(kind)
                self.fc = nn.Linear(8, 4 if kind is Kind.FIRST else 2 if kind is Kind.LAST else 1)
            def forward(self, x):
                return self.fc(x)
        """,
    "pooling over cells that never win": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(9, 3)
            def forward(self, x):
                x = x.view(-1, 2, 2, 2)
                x = F.pad(x, (1, 1, 1, 1), value=-float("inf"))
                return self.fc(F.max_pool2d(x, 2, 1)[:, 0].flatten(1))
        """,
    "a norm that loses its bias": """
        class NoBias(nn.LayerNorm):
            def __init__(self, n):
                super().__init__(n)
                self.bias = None
        class Groups(nn.GroupNorm):
            def __init__(self, n):
                super().__init__(1, n)
                self.bias = None
            def forward(self, x):
                return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.a, self.b = nn.Linear(8, 4), NoBias(4), Groups(4)
            def forward(self, x):
                return self.b(self.a(self.fc(x)))
        """,
    "positions that are learned as a mask": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.table = nn.Parameter(torch.zeros(5, 2))
                self.register_buffer("index", torch.zeros(4, 4, dtype=torch.long))
            def forward(self, x):
                x = x.view(-1, 4, 2).unsqueeze(1)
                mask = self.table[self.index.view(-1)].view(4, 4, -1).permute(2, 0, 1).contiguous().unsqueeze(0)
                return F.scaled_dot_product_attention(x, x, x, attn_mask=mask[:, :1])
        """,
    "a dataclass that completes itself": """
        @dataclass
        class Base:
            width: int = 8
            depth: int = 2
        @dataclass
        class Config(Base):
            width: int = 16
            sizes: list = field(default_factory=lambda: [4, 4])
            hidden: int = field(init=False)
            ratio: InitVar[int] = 2
            KINDS: ClassVar[tuple] = ("a",)
            def __post_init__(self, ratio):
                self.hidden = self.width * ratio
                self.sizes.append(self.hidden)
        Config().sizes.append(3)
        class Net(nn.Module):
            def __init__(self, config=Config(8, 5, ratio=3)):
                super().__init__()
                widths = [config.width, *config.sizes]
                self.fcs = nn.Sequential(*[nn.Linear(one, other) for one, other in zip(widths, config.sizes)])
                self.out = nn.Linear(config.hidden, config.depth)
            def forward(self, x):
                return self.out(self.fcs(x))
        """,
    "a configuration column by column": """
        def padded(value, count):
            row = value if isinstance(value, (tuple, list)) else (value,)
            return tuple(row + (row[-1],) * (count - len(row)))
        @dataclass
        class Stages:
            depth: tuple = (1, 2)
            out: tuple = (4, 6)
            bias: object = True
            def __post_init__(self):
                self.bias = padded(self.bias, len(self.depth))
        class Net(nn.Module):
            def __init__(self, stages=Stages()):
                super().__init__()
                table = asdict(stages)
                layers, width = [], 8
                for stage in [dict(zip(table.keys(), values)) for values in zip(*table.values())]:
                    for _ in range(stage.pop("depth")):
                        layers.append(nn.Linear(width, stage["out"], bias=stage["bias"]))
                        width = stage["out"]
                self.stages = nn.Sequential(*layers)
            def forward(self, x):
                return self.stages(x)
        """,
    "a module that is a dataclass": """
        @dataclass(eq=False)
        class Net(nn.Module):
            width: int = 8
            out: int = 4
            def __post_init__(self):
                super().__init__()
                self.fc = nn.Linear(self.width, self.out)
            def forward(self, x):
                return self.fc(x).relu()
        """,
    "modes that are kept and put back, and attributes of containers": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Linear(8, 6), nn.ReLU())
                self.body.width, self.body.names = 6, ["fc", "relu"]
                modes = [(module, module.training) for module in self.body.modules()]
                self.body.eval()
                for module, was in modes:
                    module.training = was
                self.out = nn.Linear(self.body.width, len(self.body.names))
                self.out.train(self.body[0].training)
            def forward(self, x):
                return self.out(self.body(x))
        """,
    "widths that are worked out with tensors": """
        def widths(depth=6, slope=1.5, initial=4, factor=2.0, step=4):
            steps = torch.arange(depth, dtype=torch.float32) * slope + initial
            powers = torch.round(torch.log(steps / initial) / math.log(factor))
            found = torch.round(initial * torch.pow(factor, powers) / step) * step
            _, counts = torch.unique(found, return_counts=True)
            return found.int().tolist(), len(torch.unique(found)) + int(counts[0]), int(powers.max().item()) + 1
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                row, count, most = widths()
                self.fcs = nn.Sequential(*[nn.Linear(one, other) for one, other in zip([8] + row, row)])
                self.out = nn.Linear(row[-1], count + most)
            def forward(self, x):
                return self.out(self.fcs(x))
        """,
    "settings that are told apart by their names": """
        def apart(holds, table):
            found = [dict(), dict()]
            for key in table.keys():
                found[int(not bool(holds(key)))][key] = table[key]
            return (*found,)
        class Net(nn.Module):
            def __init__(self, *, classes=3, first_width=6, first_bias=1, second_width=4, second_bias=0):
                super().__init__()
                settings, layers, width = dict(locals()), [], 8
                for name in ("first", "second"):
                    own, settings = apart(lambda key: key.startswith(name), settings)
                    own = dict(map(lambda pair: (pair[0][len(name) + 1:], pair[1]), tuple(own.items())))
                    layers.append(nn.Linear(width, own["width"], own["bias"]))
                    width = own["width"]
                self.body = nn.Sequential(*layers, nn.Linear(width, classes, 1))
            def forward(self, x):
                return self.body(x)
        """,
    "masks with the smallest number of a type": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 4)
            def forward(self, x):
                x = self.fc(x)
                return x.masked_fill(x < 0, -torch.finfo(x.dtype).max).softmax(-1)
        """,
    "a row beside a number": """
        class Block(nn.Module):
            def __init__(self, width, stage):
                super().__init__()
                self.fc = nn.Linear(8, 2 * width if stage == 2 else width)
            def forward(self, x):
                return self.fc(x)
        class Net(nn.Module):
            def __init__(self, stage=2):
                super().__init__()
                stage = []
                stage.append(Block(3, stage))
                self.body = nn.Sequential(*stage)
            def forward(self, x):
                return self.body(x)
        """,
    "the places of maxima, to put values back there": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv1d(1, 4, 3, padding=1)
                self.pool = nn.MaxPool1d(kernel_size=2, stride=2, return_indices=True)
                self.unpool = nn.MaxUnpool1d(2, stride=2)
                self.back = nn.Conv1d(4, 2, 1)
            def forward(self, x):
                x = self.conv(x.unsqueeze(1))
                one, first = self.pool(x)
                two, second = F.max_pool1d(one, 3, return_indices=True)
                two = F.max_unpool1d(two, second, 3, output_size=one.size())
                return self.back(self.unpool(two, first, output_size=x.shape))
        """,
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_read_as_torch_runs_it(name):
    code = HEAD + textwrap.dedent(NETWORKS[name]) + "\n\nnet = Net()\nnet(torch.randn(3, 8))\n"
    ran: dict[str, Any] = {}
    exec(compile(code, name, "exec"), ran)  # the text stands above
    net: nn.Module = ran["net"]
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    found = trace(reading.network)
    assert found.error is None
    assert found.parameters == sum(p.numel() for p in net.parameters())
    assert found.output_shape == tuple(net(torch.randn(3, 8)).shape[1:])


def test_a_weight_that_no_argument_leaves_out_is_told():
    code = (
        f"{HEAD}net = nn.Sequential(nn.Linear(8, 4), nn.GroupNorm(2, 4))\nnet[1].bias = None\nnet(torch.randn(3, 8))\n"
    )
    said = [note.sentence for note in read_all(code).notes]
    assert "GroupNorm.bias is set to None; the table still counts it, PyTorch does not." in said


UNREAD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.att = nn.MultiheadAttention(8, 2, batch_first=True)
        self.mask = nn.Parameter(torch.zeros(5, 5))
        self.table = nn.Parameter(torch.zeros(7, 3))
        self.register_buffer("steps", torch.zeros(4))
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.att(x, x, x, attn_mask=self.mask)[0])


net = Net()
net(torch.randn(1, 5, 8))
"""


def test_parameters_that_no_row_counts_are_told():
    said = [note.sentence for note in read_all(HEAD + UNREAD).notes]
    assert "mask and table are not in any row shown here; PyTorch still counts their 46 parameters." in said


def test_of_parameters_that_are_used_nothing_is_said():
    used = UNREAD.replace("attn_mask=self.mask)[0])", "attn_mask=None)[0]) + self.mask[0, :2] + self.table[0, :2]")
    assert not [note for note in read_all(HEAD + used).notes if "in any row" in note.sentence]


def test_what_is_padded_with_is_told():
    name = "pooling over cells that never win"
    code = HEAD + textwrap.dedent(NETWORKS[name]) + "\n\nnet = Net()\nnet(torch.randn(3, 8))\n"
    assert any("pads with -inf; its row shows 0" in note.sentence for note in read_all(code).notes)


def test_rows_of_rows_are_bounded():
    code = f"{HEAD}import itertools\nn = len(list(itertools.product(range(99), repeat=6)))\nnet = nn.Linear(8, n)\n"
    reading = read_all(code)
    assert reading.refusal is not None
    assert reading.steps < 20_000


MADE = """
class HardAct(nn.Module):
    def forward(self, x):
        return F.hardswish(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, unknown_size(3))

    def forward(self, x):
        return self.fc(x)


class Other(nn.Module):
    def forward(self, x):
        return F.relu(x)


def build():
    return Net()


net = build()
net(torch.randn(1, 8))
"""


def test_what_the_code_makes_is_refused_rather_than_another_class_shown():
    reading = read_all(HEAD + MADE)
    assert reading.class_name == "Net"
    assert reading.refusal is not None
    assert "unknown_size" in reading.refusal.reason


def test_what_the_code_makes_is_shown_rather_than_a_later_class():
    reading = read_all(HEAD + MADE.replace("unknown_size(3)", "3"))
    assert reading.class_name == "Net"
    assert reading.refusal is None


HELD = """
class Embed(nn.Module):
    def __init__(self, size, backbone):
        super().__init__()
        self.backbone = backbone

    def forward(self, x):
        return self.backbone(x).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    def __init__(self, embed_layer, width=8):
        super().__init__()
        self.patch = embed_layer(224)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.patch(x).mean(1))


class Stage(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 16, 16)

    def forward(self, x):
        return self.conv(x)


def make():
    backbone = Stage()
    return ViT(embed_layer=partial(Embed, backbone=backbone))


model = make()
model(torch.randn(1, 3, 224, 224))
"""


@pytest.mark.parametrize("width", ["8", "unknown_size(3)"])
def test_an_object_that_is_handed_to_another_is_a_part_of_it(width):
    reading = read_all(HEAD + "from functools import partial\n" + HELD.replace("width=8", f"width={width}"))
    assert reading.class_name == "ViT"


def test_what_a_hook_adds_is_told():
    code = f"{HEAD}net = nn.Sequential(nn.Linear(8, 4))\nnet[0].register_forward_hook(print)\nnet(torch.randn(3, 8))\n"
    notes = [note.sentence for note in read_all(code).notes]
    assert notes == ["What net[0].register_forward_hook(print) adds to the network is not shown."]


def test_a_large_eps_runs_and_is_told():
    code = f"{HEAD}net = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4, 4))\nnet(torch.randn(3, 8))\n"
    reading = read_all(code)
    assert reading.network is not None
    assert trace(reading.network).error is None
    [flaw] = reading.flaws
    assert (flaw.kind, flaw.line) == ("eps", code[: code.index("net = ")].count("\n") + 1)
    assert read_all(code.replace("(4, 4))\n", "(4, 1e-3))\n", 1)).flaws == ()
