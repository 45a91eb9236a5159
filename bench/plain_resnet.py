"""ResNet-50 the plain way, for bench/feel.py: the real model with weights, a forward pass, charts and one table."""

from functools import partial
from typing import Any

import pandas as pd
import plotly.express as px
import streamlit as st
import torch
from torch import Tensor, nn

st.set_page_config(page_title="The plain way", layout="wide")
kernel = st.slider("conv1 kernel_size", 1, 9, 7)


class Bottleneck(nn.Module):
    """Three convolutions beside a skip connection, which gets a convolution of its own where the shape changes."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.downsample = nn.Sequential()
        if channels != 4 * width:
            skip = nn.Conv2d(channels, 4 * width, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(skip, nn.BatchNorm2d(4 * width))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.relu(self.bn2(self.conv2(inner)))
        added: Tensor = self.relu(self.bn3(self.conv3(inner)) + self.downsample(x))
        return added


layers = [nn.Conv2d(3, 64, kernel, stride=2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
layers.append(nn.MaxPool2d(3, stride=2, padding=1))
channels = 64
for stage, count in enumerate((3, 4, 6, 3)):
    for place in range(count):
        layers.append(Bottleneck(channels, 64 * 2**stage, 2 if stage and not place else 1))
        channels = 256 * 2**stage
model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)).eval()
rows: list[dict[str, str | int]] = []


def note(name: str, layer: nn.Module, inputs: Any, output: Tensor) -> None:
    """One row of the table, as the layer is called."""
    weight, bias = (getattr(layer, which, None) for which in ("weight", "bias"))
    rows.append(
        {
            "layer": f"{len(rows)} {name}",
            "output shape": "x".join(map(str, output.shape[1:])),
            "channels or features": output.shape[1],
            "height": output.shape[2] if output.dim() == 4 else 1,
            "weight": 0 if weight is None else weight.numel(),
            "bias": 0 if bias is None else bias.numel(),
        }
    )


for path, layer in model.named_modules():
    if not list(layer.children()) and not isinstance(layer, nn.Sequential):
        layer.register_forward_hook(partial(note, path))
with torch.no_grad():
    model(torch.zeros(1, 3, 224, 224))

table = pd.DataFrame(rows)
st.metric("Parameters", f"{int(table['weight'].sum() + table['bias'].sum()):,}")
wide, tall = st.columns(2)
wide.plotly_chart(px.bar(table, x="layer", y="channels or features", text="output shape"), key="wide")
tall.plotly_chart(px.bar(table, x="layer", y="height", text="output shape"), key="tall")
weights = table.melt(id_vars="layer", value_vars=["weight", "bias"], var_name="kind")
st.plotly_chart(px.bar(weights, x="layer", y="value", color="kind"), key="by layer")
st.dataframe(table)
