"""A tensor that the network holds, such as positions, tells how large images are: other sizes do not run in torch."""

from typing import Any

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.tracing import trace

NET = """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 12, kernel_size={size}, stride={size})
        self.token = nn.Parameter(torch.zeros(1, 1, 12))
        self.places = {places}
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        {more}
        x = x + {added}
        return self.head(x[:, 0])
"""
TOKEN = "x = torch.cat([self.token.expand(x.size(0), -1, -1), x], 1)"


@pytest.mark.parametrize(("patch", "count", "token", "side", "sure"), [
    (16, 197, True, 224, True), (16, 65, True, 128, True), (4, 64, False, 32, True), (32, 50, True, 224, True),
    (8, 16, False, 32, True), (16, 577, True, 384, False),
])  # fmt: skip
@pytest.mark.parametrize("form", ["parameter", "table"])
def test_positions_tell_how_large_images_are(
    patch: int, count: int, token: bool, side: int, sure: bool, form: str
) -> None:  # fmt: skip
    tables = form == "table"
    places = f"nn.Embedding({count}, 12)" if tables else f"nn.Parameter(torch.zeros(1, {count}, 12))"
    added = f"self.places(torch.arange({count}))" if tables else "self.places"
    text = NET.format(size=patch, places=places, more=TOKEN if token else "pass", added=added)
    reading = read_all(text)
    assert reading.network is not None
    assert reading.network.input_shape == (3, side, side)
    assert (reading.shape_told, bool(reading.doubt)) == ("layers", not sure)
    assert all("28" not in choice.shapes for choice in reading.size.choices)
    scope: dict[str, Any] = {}
    exec(text, scope)
    net = scope["Net"]()
    assert tuple(net(torch.randn(2, 3, side, side)).shape[1:]) == trace(reading.network).output_shape
    with pytest.raises(RuntimeError):
        net(torch.randn(2, 3, side - 1, side - 1))
    if sure:
        assert f"in line 9 (sizes from {side} to {side + patch - 1} fit)" in reading.size.words


def test_what_fits_every_size_tells_none() -> None:
    text = NET.format(size=16, places="nn.Parameter(torch.zeros(1, 1, 12))", more="pass", added="self.places")
    reading = read_all(text)
    assert (reading.shape_told, bool(reading.doubt)) == ("guess", True)
