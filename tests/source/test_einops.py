"""einops in a paste: what its patterns do, beside the same in torch's own functions."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from layerscope.building import module
from layerscope.source.reader import read_all
from layerscope.source.torch.einops_patterns import PatternError, parsed, steps
from layerscope.tracing import trace

IMPORTS = (
    "import torch\nfrom torch import nn\nfrom einops import rearrange, repeat, reduce, pack, unpack, parse_shape\n"
)
IMPORTS += "import einops\nfrom einops.layers.torch import Rearrange, Reduce\n\n\n"


def network(forward: str, sizes: str, init: str = "pass") -> str:
    rows = [f"        {line}" for line in init.split("\n")]
    body = [f"        {line}" for line in forward.split("\n")]
    head = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()", *rows, ""]
    return IMPORTS + "\n".join(
        [*head, "    def forward(self, x):", *body, "", "", f"out = Net()(torch.randn({sizes}))"]
    )


Work = Callable[[Tensor], Tensor]
CASES: list[tuple[str, tuple[int, ...], Work]] = [
    ("return rearrange(x, 'b c h w -> b h w c')", (2, 3, 4, 5), lambda x: x.permute(0, 2, 3, 1)),
    ("return rearrange(x, 'b c h w -> b (h w) c')", (2, 3, 4, 5), lambda x: x.flatten(2).transpose(1, 2)),
    ("return rearrange(x, 'b c h w -> b (c h w)')", (2, 3, 4, 5), lambda x: x.flatten(1)),
    ("return einops.rearrange(x, 'b n (h d) -> b h n d', h=4)", (2, 5, 12),
     lambda x: x.view(2, 5, 4, 3).transpose(1, 2)),
    ("return rearrange(x, 'b n (h d) -> b h n d', d=4)", (2, 5, 12), lambda x: x.view(2, 5, 3, 4).transpose(1, 2)),
    ("return rearrange(x, 'b n (qkv h d) -> qkv b h n d', qkv=3, h=2)[1]", (2, 5, 24),
     lambda x: x.view(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)[1]),
    ("q, k, v = rearrange(x, 'b n (three h d) -> three b h n d', three=3, h=2)\nreturn q + v", (2, 5, 24),
     lambda x: x.view(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)[[0, 2]].sum(0)),
    ("return rearrange(x, 'b c (h p1) (w p2) -> b (h w) (p1 p2 c)', p1=2, p2=5)", (2, 3, 4, 10),
     lambda x: x.view(2, 3, 2, 2, 2, 5).permute(0, 2, 4, 3, 5, 1).reshape(2, 4, 30)),
    ("return Rearrange('b (h w) c -> b c h w', h=2)(x)", (2, 6, 4), lambda x: x.transpose(1, 2).reshape(2, 4, 2, 3)),
    ("return rearrange(rearrange(x, 'b t c -> (b t) c'), '(b t) c -> b c t', t=5)", (2, 5, 3),
     lambda x: x.transpose(1, 2)),
    ("b = x.shape[0]\nreturn rearrange(rearrange(x, 'b t c -> (b t) c'), '(b t) c -> b c t', b=b)", (2, 5, 3),
     lambda x: x.transpose(1, 2)),
    ("return rearrange(x, 'b n -> b 1 n')", (2, 5), lambda x: x[:, None]),
    ("return rearrange(x, 'b () n -> b n ()')", (2, 1, 5), lambda x: x.transpose(1, 2)),
    ("return rearrange(x, 'b ... -> b (...)')", (2, 3, 4), lambda x: x.flatten(1)),
    ("return rearrange(x, 'b c ... -> b ... c')", (2, 3, 4, 5), lambda x: x.permute(0, 2, 3, 1)),
    ("return repeat(x, 'b d -> b n d', n=4)", (2, 5), lambda x: x[:, None].expand(2, 4, 5)),
    ("return repeat(x, 'b c h w -> b c (h 2) (w 2)')", (2, 3, 2, 4),
     lambda x: x.repeat_interleave(2, 2).repeat_interleave(2, 3)),
    ("return repeat(x, 'b c h w -> b c (s h) w', s=3)", (2, 3, 2, 4), lambda x: x.repeat(1, 1, 3, 1)),
    ("return repeat(x, 'b 1 d -> b n d', n=4)", (2, 1, 5), lambda x: x.expand(2, 4, 5)),
    ("return reduce(x, 'b c h w -> b c', 'mean')", (2, 3, 4, 5), lambda x: x.mean((2, 3))),
    ("return reduce(x, 'b c (h h2) (w w2) -> b c h w', 'max', h2=2, w2=2)", (2, 3, 4, 6),
     lambda x: torch.nn.functional.max_pool2d(x, 2)),
    ("return reduce(x, 'b c (h 2) (w 2) -> b h w c', reduction='sum')", (2, 3, 4, 6),
     lambda x: torch.nn.functional.avg_pool2d(x, 2).permute(0, 2, 3, 1) * 4),
    ("return reduce(x, 'b n d -> b d', 'min')", (2, 3, 4), lambda x: x.amin(1)),
    ("return reduce(x, 'b n d -> b 1 d', 'prod')", (2, 3, 4), lambda x: x.prod(1, keepdim=True)),
    ("return Reduce('b n d -> b d', 'mean')(x)", (2, 3, 4), lambda x: x.mean(1)),
    ("return einops.einsum(x, x, 'batch one d, batch two d -> batch one two')", (2, 3, 4),
     lambda x: x @ x.transpose(1, 2)),
    ("return torch.einsum('bhqd, bhkd -> bhqk', x, x)", (2, 3, 4, 5), lambda x: x @ x.transpose(2, 3)),
    ("return torch.einsum('bnhd,bmhd->bhnm', x, x)", (2, 3, 4, 5),
     lambda x: x.transpose(1, 2) @ x.permute(0, 2, 3, 1)),
    ("return torch.einsum('bhnm,bmhd->bnhd', [torch.einsum('bnhd,bmhd->bhnm', x, x), x])", (2, 3, 4, 5),
     lambda x: (x.transpose(1, 2) @ x.permute(0, 2, 3, 1) @ x.transpose(1, 2)).transpose(1, 2)),
    ("y, ps = pack([x, x.mean(1)], 'b * d')\nreturn y", (2, 3, 4), lambda x: torch.cat([x, x.mean(1, True)], 1)),
    ("y, ps = pack([x.mean(1), x], 'b * d')\nmean, rest = unpack(y, ps, 'b * d')\nreturn mean", (2, 3, 4),
     lambda x: x.mean(1)),
    ("s = parse_shape(x, 'b _ c')\nreturn rearrange(x, 'b n (h d) -> b n h d', h=s['c'] // 2)", (2, 3, 4),
     lambda x: x.view(2, 3, 2, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "sizes", "work"), CASES)
def test_a_pattern_does_what_torch_does(forward: str, sizes: tuple[int, ...], work: Work) -> None:
    reading = read_all(network(forward, ", ".join(map(str, sizes))))
    assert reading.refusal is None
    assert reading.network is not None
    values = torch.randn(sizes)
    expected = work(values)
    assert trace(reading.network).output_shapes == (tuple(expected.shape[1:]),)
    if "prod" not in forward:  # which has no row of its own
        assert not any(layer.type == "Opaque" for layer in reading.network.layers)
        torch.testing.assert_close(module(reading.network)(values), expected)


@pytest.mark.parametrize("pattern", ["'() n d -> b n d', b=b", "'1 n d -> b n d', b=b"])
def test_a_learned_token_for_each_sample(pattern: str) -> None:
    forward = f"b = x.shape[0]\nreturn torch.cat((repeat(self.token, {pattern}), x), dim=1)"
    reading = read_all(network(forward, "2, 4, 8", "self.token = nn.Parameter(torch.randn(1, 1, 8))"))
    assert reading.refusal is None
    assert reading.network is not None
    assert [layer.type for layer in reading.network.layers] == ["Parameter", "Concat"]
    assert trace(reading.network).output_shapes == ((5, 8),)
    assert trace(reading.network).parameters == 8


def test_layers_in_a_sequence_keep_the_names_of_those_after_them() -> None:
    init = "self.embed = nn.Sequential(\n    Rearrange('b c (h p) (w q) -> b (h w) (p q c)', p=4, q=4),\n"
    init += "    nn.LayerNorm(48), nn.Linear(48, 10))"
    forward = "return reduce(self.embed(x), 'b n d -> b d', 'mean')"
    told = read_all(network(forward, "2, 3, 16, 16", init))
    assert told.network is not None
    assert trace(told.network).parameters == 96 + 490
    untold = read_all(network(forward, "2, 3, 16, 16", init).partition("out = ")[0])
    assert untold.network is not None
    assert untold.refusal is None
    assert untold.network.input_shape[0] == 3
    assert trace(untold.network).error is None


@pytest.mark.parametrize(("pattern", "words"), [
    ("'b c h w -> b c'", "h and w are only on the left side"),
    ("'b c h w -> b c h w d'", "d is only on the right side"),
    ("'b c (h p) w -> b c h p w', p=3", "p = 3 does not divide the 4 of (h p)"),
    ("'b c (h p) w -> b c h p w'", "the sizes in (h p) are unknown"),
    ("'b c h w -> b h c w', h=5", "h = 5 is not the 4 of (h)"),
    ("'b n d -> b d n'", "it names 3 axes, but the tensor has 4"),
    ("'b c h w'", "a pattern needs exactly one arrow"),
    ("'b c h c -> b h c'", "the axis c appears twice"),
    ("'b (c h w -> b c h w'", "a bracket is never closed"),
    ("'b c h w -> b ((c h) w)'", "brackets cannot be nested"),
    ("'b c h w -> b c, h w'", ", h w is not allowed there"),
    ("'b c h w -> (b c) h w', c=self.fc", "is not a size"),
])  # fmt: skip
def test_a_pattern_that_does_not_fit_is_told(pattern: str, words: str) -> None:
    reading = read_all(network(f"return rearrange(self.fc(x), {pattern})", "2, 3, 4, 5", "self.fc = nn.Linear(5, 5)"))
    assert reading.refusal is not None
    assert words in str(reading.refusal)
    assert reading.network is not None, "what comes before is shown"


def test_no_pattern_takes_long_or_holds_much() -> None:
    with pytest.raises(PatternError, match="the limit is"):
        steps("rearrange", parsed("b " + "(" + " ".join(f"a{n}" for n in range(20)) + ") -> b "
              + " ".join(f"a{n}" for n in range(20))), (2, 1), {f"a{n}": 1 for n in range(20)})  # fmt: skip
    reading = read_all(network("return rearrange(x, '" + "(" * 50_000 + "')", "2, 3"))
    assert reading.refusal is not None


def test_what_is_not_known_is_said_plainly() -> None:
    code = "import torch.nn as nn\nfrom einops.layers.torch import EinMix\n\nnet = nn.Sequential(nn.Linear(4, 4), "
    code += "EinMix('b d -> b e', weight_shape='d e', d=4, e=5))\n"
    words = str(read_all(code).refusal)
    assert "We do not know einops.layers.torch.EinMix" in words
    assert "PyTorch's own layers" in words


def test_more_layers_than_there_may_be() -> None:
    forward = "for i in range(400):\n    x = rearrange(x, 'b (h w) c -> b (w h) c', h=2)\nreturn x"
    assert "limit is 1,024 layers" in str(read_all(network(forward, "2, 6, 4")).refusal)
