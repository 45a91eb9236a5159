"""Ways of writing the same thing: each small forward is read, and run by torch, which must agree."""

import pytest

from layerscope.source.reader import read_all
from layerscope.tracing import trace
from tests.source.pastes_oracle import facts

HEAD = """import copy
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import OrderedDict

class Net(nn.Module):
    def __init__(self):
        super().__init__()
{init}

    def forward(self, x):
{forward}
"""


def net(init: str, forward: str) -> str:
    """A class with these two bodies."""

    def inside(text: str) -> str:
        return "\n".join(f"        {line}" for line in text.split("\n"))

    return HEAD.format(init=inside(init), forward=inside(forward))


CONV = "self.conv = nn.Conv2d(3, 4, 3)\nself.fc = nn.Linear({features}, 5)"
BEGIN = "x = self.conv(x)\n"
FLAT = CONV.format(features=4 * 6 * 6)
POOLED = CONV.format(features=4)

FLATTENED = "Conv2d Flatten Linear"
GLOBAL = "Conv2d AdaptiveAvgPool2d Flatten Linear"
WAYS = [
    # flatten
    (FLAT, "x = x.view(x.size(0), -1)", FLATTENED),
    (FLAT, "x = x.view(x.size()[0], -1)", FLATTENED),
    (FLAT, "x = x.view(x.shape[0], -1)", FLATTENED),
    (FLAT, "x = x.view(len(x), -1)", FLATTENED),
    (FLAT, "x = x.view(-1, 4 * 6 * 6)", FLATTENED),
    (FLAT, "x = x.view((x.shape[0], -1))", FLATTENED),
    (FLAT, "x = x.view([-1, 144])", FLATTENED),
    (FLAT, "x = x.view(x.size(0), 4 * 6 * 6)", FLATTENED),
    (FLAT, "x = x.view(x.size(0), x.size(1) * x.size(2) * x.size(3))", FLATTENED),
    (FLAT, "x = x.view(-1, x.shape[1] * x.shape[-2] * x.shape[-1])", FLATTENED),
    (FLAT, "x = x.view(x.size(0), x.numel() // x.size(0))", FLATTENED),
    (FLAT, "x = x.view(x.size(0), int(x.nelement() / x.size(0)))", FLATTENED),
    (FLAT, "x = x.view(-1, np.prod(x.shape[1:]))", FLATTENED),
    (FLAT, "x = x.view(-1, math.prod(x.size()[1:]))", FLATTENED),
    (FLAT, "x = x.view(-1, x.shape[1:].numel())", FLATTENED),
    (FLAT, "n, c, h, w = x.size()\nx = x.view(n, c * h * w)", FLATTENED),
    (FLAT, "b = x.shape[0]\nx = x.contiguous().view(b, -1)", FLATTENED),
    (FLAT, "x = x.reshape(x.shape[0], -1)", FLATTENED),
    (FLAT, "x = x.reshape(-1, 144)", FLATTENED),
    (FLAT, "x = torch.reshape(x, (x.shape[0], -1))", FLATTENED),
    (FLAT, "x = x.flatten(1)", FLATTENED),
    (FLAT, "x = x.flatten(start_dim=1, end_dim=-1)", FLATTENED),
    (FLAT, "x = torch.flatten(x, 1)", FLATTENED),
    (FLAT, "x = torch.flatten(input=x, start_dim=1)", FLATTENED),
    (FLAT, "x = nn.Flatten()(x)", FLATTENED),
    (FLAT, "size = x.size()[1:]\nn = 1\nfor s in size:\n    n = n * s\nx = x.view(-1, n)", FLATTENED),
    # global pooling
    (POOLED, "x = x.mean([2, 3])", GLOBAL),
    (POOLED, "x = x.mean(dim=(2, 3))", GLOBAL),
    (POOLED, "x = x.mean((-2, -1))", GLOBAL),
    (POOLED, "x = torch.mean(x, dim=[2, 3])", GLOBAL),
    (POOLED, "x = torch.mean(x, (2, 3), keepdim=True).flatten(1)", GLOBAL),
    (POOLED, "x = x.mean(3).mean(2)", GLOBAL),
    (POOLED, "x = x.mean(-1).mean(-1)", GLOBAL),
    (POOLED, "x = x.mean(axis=[2, 3])", GLOBAL),
    (POOLED, "x = x.flatten(2).mean(2)", "Conv2d Flatten AdaptiveAvgPool1d Flatten Linear"),
    (POOLED, "x = x.view(x.size(0), x.size(1), -1).mean(-1)", "Conv2d Flatten AdaptiveAvgPool1d Flatten Linear"),
    (POOLED, "x = x.amax((2, 3))", "Conv2d AdaptiveMaxPool2d Flatten Linear"),
    (POOLED, "x = F.avg_pool2d(x, x.size()[2:]).squeeze()", GLOBAL),
    (POOLED, "x = F.avg_pool2d(x, x.shape[-1]).view(x.size(0), -1)", GLOBAL),
    (POOLED, "x = F.avg_pool2d(x, (x.size(2), x.size(3))).squeeze(3).squeeze(2)", GLOBAL),
    (POOLED, "x = F.adaptive_avg_pool2d(x, (1, 1)).reshape(x.shape[0], -1)", GLOBAL),
    (POOLED, "x = F.adaptive_avg_pool2d(x, output_size=1).squeeze(-1).squeeze(-1)", GLOBAL),
    (POOLED, "x = F.avg_pool2d(x, 6).squeeze()", "Conv2d AvgPool2d Flatten Linear"),
    # what is left out
    (FLAT, "print(x.shape, f'{x.mean():.2f}')\nassert x.shape[1] == 4\nx = x.flatten(1)", FLATTENED),
    (FLAT, "x = x.to('cpu').float().contiguous().clone()\nx = x.flatten(1)", FLATTENED),
    (FLAT, "if x.shape[1] != 4:\n    raise ValueError(f'{x.shape}')\nx = x.flatten(1)", FLATTENED),
    (FLAT, "if x.is_cuda and self.ngpu > 1:\n    x = self.parallel(x)\nx = x.flatten(1)", FLATTENED),
    (FLAT, "x = x / 255.0\nx = 2 * x - 1\nx = x.mul(2)\nx = x.flatten(1)", FLATTENED),
    (FLAT, "if self.training:\n    x = F.dropout(x, 0.3)\nx = x.flatten(1)", "Conv2d Dropout Flatten Linear"),
    (FLAT, "x = F.dropout(x, 0.3, training=False)\nx = x.flatten(1)", FLATTENED),
    (FLAT, "with torch.no_grad():\n    x = x.flatten(1)", FLATTENED),
    (FLAT, "try:\n    x = x.flatten(1)\nexcept RuntimeError:\n    pass", FLATTENED),
    # functions
    (FLAT, "x = F.relu_(x).relu().relu_().flatten(1)", "Conv2d ReLU ReLU ReLU Flatten Linear"),
    (FLAT, "x = torch.sigmoid(F.sigmoid(x).sigmoid()).flatten(1)", "Conv2d Sigmoid Sigmoid Sigmoid Flatten Linear"),
    (FLAT, "x = F.tanh(torch.tanh(x)).tanh().flatten(1)", "Conv2d Tanh Tanh Tanh Flatten Linear"),
    (FLAT, "x = F.leaky_relu(x, negative_slope=0.2)\nx = x.flatten(1)", "Conv2d LeakyReLU Flatten Linear"),
    (FLAT, "act = F.relu if True else F.gelu\nx = act(x).flatten(1)", "Conv2d ReLU Flatten Linear"),
    (FLAT, "x = nn.functional.softmax(x, dim=1).flatten(1)", "Conv2d Softmax Flatten Linear"),
    (CONV.format(features=36), "x = F.max_pool2d(x, 2, stride=2).flatten(1)", "Conv2d MaxPool2d Flatten Linear"),
    (CONV.format(features=36), "x = F.max_pool2d(x, (2, 2), 2).flatten(1)", "Conv2d MaxPool2d Flatten Linear"),
    (CONV.format(features=64), "x = F.avg_pool2d(x, 3, 1).flatten(1)", "Conv2d AvgPool2d Flatten Linear"),
    (CONV.format(features=64), "x = F.max_pool2d(x, 3, 1, 0, 1).flatten(1)", "Conv2d MaxPool2d Flatten Linear"),
    (CONV.format(features=256), "x = F.pad(x, (1, 1, 1, 1), 'constant', 0).flatten(1)",
     "Conv2d ZeroPad2d Flatten Linear"),
    (CONV.format(features=192), "x = F.pad(x, [1, 1]).flatten(1)", "Conv2d ZeroPad2d Flatten Linear"),
    (CONV.format(features=576), "x = F.interpolate(x, scale_factor=2).flatten(1)", "Conv2d Upsample Flatten Linear"),
    (CONV.format(features=400), "x = F.interpolate(x, size=(10, 10)).flatten(1)", "Conv2d Upsample Flatten Linear"),
    (FLAT, "x = F.pixel_shuffle(x, 2).flatten(1)", "Conv2d PixelShuffle Flatten Linear"),
    (FLAT, "x = x.flatten(1).unflatten(1, (4, 36)).flatten(1)", "Conv2d Flatten Unflatten Flatten Linear"),
    (FLAT, "x = x.flatten(1).view(-1, 4, 6, 6).flatten(1)", "Conv2d Flatten Unflatten Flatten Linear"),
    (FLAT, "x = x.view(x.size(0), 2, -1, 6).flatten(1)", "Conv2d Flatten Unflatten Flatten Linear"),
    # Python
    (FLAT, "f = lambda t: t.flatten(1)\nx = f(x)", FLATTENED),
    (FLAT, "def tail(t):\n    return t.flatten(1)\nx = tail(x)", FLATTENED),
    (FLAT, "steps = [torch.relu, nn.Flatten()]\nfor step in steps:\n    x = step(x)", "Conv2d ReLU Flatten Linear"),
    (FLAT, "for _ in range(2):\n    x = F.relu(x)\nelse:\n    x = x.flatten(1)", "Conv2d ReLU ReLU Flatten Linear"),
    (FLAT, "i = 0\nwhile True:\n    i += 1\n    if i > 2:\n        break\n    x = x.relu()\nx = x.flatten(1)",
     "Conv2d ReLU ReLU Flatten Linear"),
    (FLAT, "if (n := 4) % 2 == 0 and not n < 0:\n    x = x.flatten(1)", FLATTENED),
    (FLAT, "x = nn.Sequential(nn.ReLU(), nn.Flatten())(x)", "Conv2d ReLU Flatten Linear"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "types"), WAYS, ids=[way[1][:60] for way in WAYS])
def test_a_way_of_writing(init: str, forward: str, types: str) -> None:
    source = net(init, f"{BEGIN}{forward}\nreturn self.fc(x)")
    agrees(source, (3, 8, 8), types)


def agrees(source: str, shape: tuple[int, ...], types: str) -> None:
    """The paste reads as these layers, and torch makes of it what the trace says."""
    reading = read_all(source, shape)
    assert reading.refusal is None
    assert reading.network is not None
    assert " ".join(layer.type for layer in reading.network.layers) == types
    result = trace(reading.network)
    assert (result.output_shape, result.parameters) == facts(source, "Net", shape)


CONSTRUCTIONS = [
    ("self.a = nn.Linear(8, 6)\nself.b = nn.Linear(6, 4)", "return self.b(self.a(x))", "Linear Linear"),
    ("self.seq = nn.Sequential(*[nn.Linear(8, 8) for _ in range(3)])", "return self.seq(x)", "Linear Linear Linear"),
    ("self.seq = nn.Sequential(nn.Sequential(nn.Linear(8, 4), nn.ReLU()), nn.Tanh())", "return self.seq(x)",
     "Linear ReLU Tanh"),
    ("d = OrderedDict()\nd['fc'] = nn.Linear(8, 4)\nd['act'] = nn.ELU()\nself.seq = nn.Sequential(d)",
     "return self.seq(x)", "Linear ELU"),
    ("sizes = [8] + [6] * 2\nself.l = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))",
     "for layer in self.l[:-1]:\n    x = F.relu(layer(x))\nreturn self.l[-1](x)", "Linear ReLU Linear"),
    ("self.l = nn.ModuleList()\nfor i in range(2):\n    self.l.append(nn.Linear(8, 8))\n    self.l.extend([nn.ReLU()])",
     "for i in range(len(self.l)):\n    x = self.l[i](x)\nreturn x", "Linear ReLU Linear ReLU"),
    ("self.l = nn.ModuleDict({'a': nn.Linear(8, 4)})\nself.l['b'] = nn.ReLU()",
     "for name, layer in self.l.items():\n    x = layer(x)\nreturn x", "Linear ReLU"),
    ("self.l = nn.ModuleDict({'a': nn.Linear(8, 4), 'b': nn.ReLU()})",
     "for name in self.l:\n    x = self.l[name](x)\nreturn x", "Linear ReLU"),
    ("self.add_module('fc', nn.Linear(8, 4))", "return self.fc(x)", "Linear"),
    ("for i in range(2):\n    self.add_module(f'fc{i}', nn.Linear(8, 8))", "return self.fc1(self.fc0(x))",
     "Linear Linear"),
    ("modules = []\nmodules += [nn.Linear(8, 4)]\nmodules.insert(0, nn.Dropout(0.1))\nself.m = nn.Sequential(*modules)",
     "return self.m(x)", "Dropout Linear"),
    ("table = {'relu': nn.ReLU, 'tanh': nn.Tanh}\nself.act = table['tanh']()\nself.fc = nn.Linear(8, 4)",
     "return self.act(self.fc(x))", "Linear Tanh"),
    ("self.fc = nn.Linear(8, max(2, 3) + len('ab') - 2 ** 1 + 7 // 2 % 2)", "return self.fc(x)", "Linear"),
    ("self.fc = nn.Linear(int(8.0), round(4.4)).to('cpu')", "return self.fc.forward(x)", "Linear"),
    ("self.fc = nn.Linear(8, out_features=4)\nself.bn = nn.BatchNorm1d(self.fc.out_features)",
     "return self.bn(self.fc(x))", "Linear BatchNorm1d"),
    ("self.use_bn = False\nself.fc = nn.Linear(8, 4)\nself.bn = nn.BatchNorm1d(4) if self.use_bn else None",
     "x = self.fc(x)\nif self.bn is not None:\n    x = self.bn(x)\nreturn x", "Linear"),
    ("self.fc = nn.Linear(8, 4)\nself.apply(lambda m: None)\nself.register_buffer('b', torch.zeros(3))\n"
     "nn.init.xavier_uniform_(self.fc.weight)\nfor p in self.parameters():\n    p.requires_grad = True",
     "return self.fc(x)", "Linear"),
    ("self.fc = nn.LazyLinear(4)\nself.bn = nn.LazyBatchNorm1d()", "return self.bn(self.fc(x))", "Linear BatchNorm1d"),
    ("a, (b, *c) = 8, (4, 2, 1)\nself.fc = nn.Linear(a, b + c[0])", "return self.fc(x)", "Linear"),
    ("cfg = dict(inputs=8, outputs=3)\nself.fc = nn.Linear(cfg['inputs'], cfg.get('outputs'))", "return self.fc(x)",
     "Linear"),
    ("kw = {'bias': False}\nself.fc = nn.Linear(8, 4, **kw)", "return self.fc(x)", "Linear"),
    ("self.act = nn.PReLU(8)\nself.ln = nn.LayerNorm((8,))\nself.gn = nn.GroupNorm(2, 8)",
     "return self.gn(self.ln(self.act(x)))", "PReLU LayerNorm GroupNorm"),
    ("self.net = nn.Sequential(nn.Linear(8, 12), nn.Unflatten(1, (3, 2, 2)), nn.Softmax2d(), "
     "nn.UpsamplingNearest2d(scale_factor=2))",
     "return self.net(x)", "Linear Unflatten Softmax Upsample"),
    ("self.net = nn.Sequential(nn.Linear(8, 12), nn.Unflatten(1, (3, 2, 2)), nn.ConstantPad2d(1, 0))",
     "return self.net(x)", "Linear Unflatten ConstantPad2d"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "types"), CONSTRUCTIONS, ids=[row[0][:60] for row in CONSTRUCTIONS])
def test_a_way_of_constructing(init: str, forward: str, types: str) -> None:
    agrees(net(init, forward), (8,), types)
