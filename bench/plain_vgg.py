"""VGG-19 the plain way, for bench/feel.py: real modules with weights, a forward pass, charts and one table."""

import pandas as pd
import plotly.express as px
import streamlit as st
import torch
from torch import nn

st.set_page_config(page_title="The plain way", layout="wide")
kernel = st.slider("conv1 kernel_size", 1, 9, 3)

layers: list[nn.Module] = []
channels = 3
for width, count in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
    for _ in range(count):
        layers += [nn.Conv2d(channels, width, 3 if layers else kernel, padding=1), nn.ReLU()]
        channels = width
    layers.append(nn.MaxPool2d(2))
layers += [nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout()]
layers += [nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000)]

x = torch.zeros(1, 3, 224, 224)
rows: list[dict[str, str | int]] = []
with torch.no_grad():
    for place, layer in enumerate(layers):
        x = layer(x)
        weight, bias = (getattr(layer, which, None) for which in ("weight", "bias"))
        rows.append(
            {
                "layer": f"{place} {type(layer).__name__}",
                "output shape": "x".join(map(str, x.shape[1:])),
                "channels or features": x.shape[1],
                "height": x.shape[2] if x.dim() == 4 else 1,
                "weight": 0 if weight is None else weight.numel(),
                "bias": 0 if bias is None else bias.numel(),
            }
        )
table = pd.DataFrame(rows)
st.metric("Parameters", f"{int(table['weight'].sum() + table['bias'].sum()):,}")
wide, tall = st.columns(2)
wide.plotly_chart(px.bar(table, x="layer", y="channels or features", text="output shape"), key="wide")
tall.plotly_chart(px.bar(table, x="layer", y="height", text="output shape"), key="tall")
weights = table.melt(id_vars="layer", value_vars=["weight", "bias"], var_name="kind")
st.plotly_chart(px.bar(weights, x="layer", y="value", color="kind"), key="by layer")
st.dataframe(table)
