"""The same content written the plain way, for bench/screen.py to compare with.

What our screen shows at once, so two charts, the second by choice of what it counts; totals; the
layers with their arguments, shapes and costs. One script that runs from top to bottom on every
move, real modules with initialised weights, a real forward pass, plotly.express,
st.plotly_chart, and no option of anything changed.
"""

import pandas as pd
import plotly.express as px
import streamlit as st
import torch
from torch import nn

st.set_page_config(page_title="The plain way", layout="wide")
st.title("Fashion-MNIST CNN")

with st.sidebar:
    kernel1 = st.slider("conv1 kernel_size", 1, 9, 5)
    channels1 = st.slider("conv1 out_channels", 1, 32, 6)
    kernel2 = st.slider("conv2 kernel_size", 1, 9, 5)
    channels2 = st.slider("conv2 out_channels", 1, 32, 12)
    features1 = st.slider("fc1 out_features", 10, 300, 120)
    features2 = st.slider("fc2 out_features", 10, 300, 60)

rows: list[dict[str, str | int]] = []


def run(name: str, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Apply a layer and note what it did."""
    y: torch.Tensor = layer(x)
    weight, bias = (getattr(layer, which, None) for which in ("weight", "bias"))
    positions = y[0, 0].numel() if y.dim() == 4 else 1
    rows.append(
        {
            "layer": name,
            "module": str(layer),
            "output shape": "x".join(map(str, y.shape[1:])),
            "values": y.numel(),
            "weight": 0 if weight is None else weight.numel(),
            "bias": 0 if bias is None else bias.numel(),
            "macs": 0 if weight is None else positions * weight.numel(),
        }
    )
    return y


try:
    x = torch.zeros(1, 1, 28, 28)
    x = run("conv1", nn.Conv2d(1, channels1, kernel1), x)
    x = run("relu1", nn.ReLU(), x)
    x = run("pool1", nn.MaxPool2d(2), x)
    x = run("conv2", nn.Conv2d(channels1, channels2, kernel2), x)
    x = run("relu2", nn.ReLU(), x)
    x = run("pool2", nn.MaxPool2d(2), x)
    x = run("flatten", nn.Flatten(), x)
    in_features = x.shape[1]
    x = run("fc1", nn.Linear(in_features, features1), x)
    x = run("relu3", nn.ReLU(), x)
    x = run("fc2", nn.Linear(features1, features2), x)
    x = run("relu4", nn.ReLU(), x)
    run("out", nn.Linear(features2, 10), x)
except RuntimeError as error:
    st.error(str(error))
    st.stop()

table = pd.DataFrame(rows)
left, middle, right = st.columns(3)
left.metric("Parameters", f"{table['weight'].sum() + table['bias'].sum():,}")
middle.metric("MACs", f"{table['macs'].sum():,}")
right.metric("fc1 in_features", in_features)

shapes, costs = st.columns(2)
shapes.plotly_chart(px.bar(table, x="layer", y="values", text="output shape", title="Tensor shapes"), key="shapes")
measure = costs.radio("By layer", ["weights", "MACs"], horizontal=True)
if measure == "weights":
    weights = table.melt(id_vars="layer", value_vars=["weight", "bias"], var_name="kind")
    costs.plotly_chart(px.bar(weights, x="layer", y="value", color="kind"), key="weights")
else:
    costs.plotly_chart(px.bar(table, x="layer", y="macs"), key="macs")

st.dataframe(table[["layer", "module"]])
st.dataframe(table.drop(columns="module"))
