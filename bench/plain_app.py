"""The same content written the plain way, for bench/screen.py to compare with.

One script that runs from top to bottom on every move: every part of our page by Streamlit's own
elements with no option of anything changed, real modules with initialised weights, a real forward
pass, plotly.express and st.plotly_chart. What our tensor flow draws in one picture (how wide and
how tall each tensor is) takes two bar charts here.
"""

import inspect

import pandas as pd
import plotly.express as px
import streamlit as st
import torch
from torch import nn

st.set_page_config(page_title="The plain way", layout="wide")
st.title("Fashion-MNIST CNN")

LAYERS = ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2", "relu4", "out"]

with st.container(horizontal=True):
    st.selectbox("Network", ["Fashion-MNIST CNN", "LeNet-5", "AlexNet", "VGG-16"])
    st.selectbox("Images", ["Fashion-MNIST", "MNIST", "CIFAR-10", "CIFAR-100", "SVHN", "ImageNet size"])
    with st.popover("Input"):
        for name, value in (("channels", 1), ("height", 28), ("width", 28), ("classes", 10)):
            st.number_input(name, 1, 4096, value)
    with st.popover("Add a layer"):
        st.selectbox("Layer type", ["Conv2d", "Linear", "ReLU", "MaxPool2d"])
        st.selectbox("Where", LAYERS)
        st.button("Add this layer")
    for name in ("Undo", "Redo", "Reset"):
        st.button(name)
    st.toggle("Projector")

with st.sidebar:
    st.radio("Layers", LAYERS)
    kernel1 = st.slider("conv1 kernel_size", 1, 9, 5)
    channels1 = st.slider("conv1 out_channels", 1, 32, 6)
    stride1 = st.slider("conv1 stride", 1, 4, 1)
    padding1 = st.slider("conv1 padding", 0, 5, 0)
    with st.expander("More"):
        dilation1 = st.slider("conv1 dilation", 1, 4, 1)
        groups1 = st.slider("conv1 groups", 1, 16, 1)
        bias1 = st.checkbox("conv1 bias", True)
        mode1 = st.selectbox("conv1 padding_mode", ["zeros", "reflect", "replicate", "circular"])

rows: list[dict[str, str | int]] = []
values: list[dict[str, str]] = []


def run(name: str, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Apply a layer and note what it did."""
    y: torch.Tensor = layer(x)
    weight, bias = (getattr(layer, which, None) for which in ("weight", "bias"))
    positions = y[0, 0].numel() if y.dim() == 4 else 1
    rows.append(
        {
            "layer": name,
            "type": type(layer).__name__,
            "output shape": "x".join(map(str, y.shape[1:])),
            "channels or features": y.shape[1],
            "height": y.shape[2] if y.dim() == 4 else 1,
            "weight": 0 if weight is None else weight.numel(),
            "bias": 0 if bias is None else bias.numel(),
            "macs": 0 if weight is None else positions * weight.numel(),
            "memory": 4 * y.numel(),
        }
    )
    for parameter in inspect.signature(type(layer).__init__).parameters:
        if hasattr(layer, parameter) and parameter not in ("weight", "device", "dtype"):
            value = getattr(layer, parameter)
            text = str(value is not None) if parameter == "bias" else str(value)
            values.append({"layer": name, "parameter": parameter, "value": text})
    return y


try:
    x = torch.zeros(1, 1, 28, 28)
    conv1 = nn.Conv2d(1, channels1, kernel1, stride1, padding1, dilation1, groups1, bias1, mode1)  # type: ignore[arg-type]  # one of the four
    x = run("conv1", conv1, x)
    x = run("relu1", nn.ReLU(), x)
    x = run("pool1", nn.MaxPool2d(2), x)
    x = run("conv2", nn.Conv2d(channels1, 12, 5), x)
    x = run("relu2", nn.ReLU(), x)
    x = run("pool2", nn.MaxPool2d(2), x)
    x = run("flatten", nn.Flatten(), x)
    in_features = x.shape[1]
    x = run("fc1", nn.Linear(in_features, 120), x)
    x = run("relu3", nn.ReLU(), x)
    x = run("fc2", nn.Linear(120, 60), x)
    x = run("relu4", nn.ReLU(), x)
    run("out", nn.Linear(60, 10), x)
except RuntimeError as error:
    st.error(str(error))
    st.stop()

table = pd.DataFrame(rows)
total = int(table["weight"].sum() + table["bias"].sum())
tiles = st.columns(5)
tiles[0].metric("Parameters", f"{total:,}", delta=total - st.session_state.get("total", total))
tiles[1].metric("MACs", f"{table['macs'].sum():,}")
tiles[2].metric("Activations", f"{table['memory'].sum():,} bytes")
tiles[3].metric("Output", table["output shape"].iloc[-1])
tiles[4].metric("fc1 in_features", in_features)
st.session_state["total"] = total
st.info(f"{table['output shape'].iloc[6]} values arrive at fc1, so its in_features is {in_features}.")

wide, tall = st.columns(2)
wide.plotly_chart(px.bar(table, x="layer", y="channels or features", text="output shape"), key="wide")
tall.plotly_chart(px.bar(table, x="layer", y="height", text="output shape"), key="tall")
measure = st.radio("By layer", ["weights", "MACs", "memory"], horizontal=True)
is_log = st.radio("Scale", ["linear", "log"], horizontal=True) == "log"
if measure == "weights":
    weights = table.melt(id_vars="layer", value_vars=["weight", "bias"], var_name="kind")
    st.plotly_chart(px.bar(weights, x="layer", y="value", color="kind", log_y=is_log), key="by layer")
else:
    st.plotly_chart(px.bar(table, x="layer", y="macs" if measure == "MACs" else "memory", log_y=is_log), key="by layer")

counts = table[["layer", "output shape", "weight", "bias", "macs"]]
for name, tab, frame in zip(
    ("values", "summary", "formulas"),
    st.tabs(["Why these values", "Summary", "Formulas and torch"]),
    (pd.DataFrame(values), table, counts),
    strict=True,
):
    tab.dataframe(frame)
    if name != "formulas":
        tab.download_button("CSV", frame.to_csv(index=False), f"{name}.csv")
        tab.download_button("Markdown", frame.to_markdown(index=False), f"{name}.md")
        tab.download_button("LaTeX", frame.style.to_latex(), f"{name}.tex")
