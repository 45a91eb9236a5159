"""Rows that put tensors together and do not run, mended where the code writes them. Torch runs what is mended."""

import pytest

from layerscope.ui.understanding import _understood
from layerscope.ui.verdict import message

ATTENTION = """\
import torch
import torch.nn as nn

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.Linear(12, 12)
        self.k = nn.Linear(12, 12)
        self.v = nn.Linear(12, 12)

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        scores = {product}
        return torch.softmax(scores, dim=-1) @ v

attention = Attention()
print(attention(torch.randn(3, 5, 12)).shape)
"""
UNET = """\
import torch
import torch.nn as nn

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = nn.Conv2d(1, 4, 3, padding=1)
        self.down2 = nn.Conv2d(4, 8, 3, padding=1)
        self.bottom = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.up1 = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.conv1 = nn.Conv2d(16, 8, 3, padding=1)
        self.up2 = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.conv2 = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x):
        x1 = self.down1(x)
        x2 = self.down2(self.pool(x1))
        y = self.up1(self.bottom(self.pool(x2)))
        y = self.conv1(torch.cat([y, x1], dim=1))
        y = self.conv2(torch.cat([self.up2(y), x2], dim=1))
        return y

print(UNet()(torch.randn(2, 1, 16, 16)).shape)
"""


def refused(text: str) -> str:
    with pytest.raises(RuntimeError) as error:
        exec(text, {})
    return str(error.value).splitlines()[0]


@pytest.mark.parametrize("product", ["torch.matmul(q, k)", "q @ k", "torch.bmm(q, k)", "q.matmul(k)"])
def test_a_transpose_is_offered_where_two_tensors_are_alike(product: str) -> None:
    text = ATTENTION.format(product=product)
    refused(text)
    seen = _understood(text, "", "")
    first = seen.repaired[0]
    assert first.label == "Line 13: write k.transpose(-2, -1)"
    exec(first.text, {})
    assert _understood(first.text, "", "").is_right


def test_the_message_names_the_codes_tensors_and_quotes_torch_for_the_codes_batch() -> None:
    text = ATTENTION.format(product="torch.matmul(q, k)")
    words = refused(text)
    told = message(_understood(text, "", ""))
    assert "as many columns in q (12) as rows in k (5): q is 5×12 and k is 5×12 per sample" in told["text"]
    assert told["quote"] == words


def test_two_skips_are_exchanged_where_all_fits_then() -> None:
    words = refused(UNET)
    seen = _understood(UNET, "", "")
    assert seen.repaired[0].label == "Line 20: write x2 for x1; line 21: write x1 for x2"
    exec(seen.repaired[0].text, {})
    assert message(seen)["quote"] == words


def test_no_exchange_is_offered_that_does_not_run() -> None:
    text = UNET.replace("self.up1 = nn.ConvTranspose2d(16, 8, 2, stride=2)", "self.up1 = nn.Conv2d(16, 8, 1)")
    refused(text)
    assert not any("for x" in each.label for each in _understood(text, "", "").repaired)
