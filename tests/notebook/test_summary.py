"""The summary of a live model: columns that add up, numbers that are numbers, and a table that says where it stops."""

import json
import re
from dataclasses import replace

import plotly.graph_objects as go
import pytest
import torch
from torch import nn
from torch.nn import functional

import layerscope
from layerscope import limits, tables
from layerscope.figures import flow
from layerscope.link import LinkError, decode
from layerscope.ui import outline


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return functional.relu(self.norm(self.conv(x)) + x)


class Net(nn.Module):
    def __init__(self, blocks=2):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3)
        self.body = nn.Sequential(*(Block(8) for _ in range(blocks)))
        self.twice = nn.Linear(8, 8)
        self.fc = nn.Linear(8, 10)
        self.never = nn.Linear(2, 2)

    def forward(self, x):
        x = self.body(self.stem(x)).mean((2, 3))
        return self.fc(self.twice(self.twice(x)))


def test_the_columns_add_up_to_the_totals():
    summary = layerscope.summary(Net(), (1, 3, 16, 16))
    frame = summary.frame()
    assert frame["parameters"].sum() == summary.parameters == summary.trace.parameters
    assert frame["macs"].sum() == summary.macs == summary.trace.macs
    assert sum(line.parameters for line in summary.lines) == summary.parameters
    assert sum(line.macs for line in summary.lines) == summary.macs
    assert summary.parameters + summary.unused_parameters == sum(w.numel() for w in Net().parameters())
    assert str(frame["macs"].dtype) == "int64"
    assert frame.loc[0, "receptive_field"] == (3, 3)
    assert frame.loc[0, "output_shapes"] == ((8, 14, 14),)
    assert [*frame["of"]].count("twice") == 1


def test_the_table_says_who_decides_and_what_is_counted():
    written = repr(layerscope.summary(Net(), (1, 3, 16, 16)))
    assert written.startswith("Net on 3×16×16, for one sample\n")
    assert "in_channels = 3 (the data)" in written
    assert "num_features = 8 (body.0.conv)" in written
    assert "weights of twice" in written
    assert "6 more parameters are in modules that this run does not call." in written
    assert "FlopCounterMode / 2" in written
    assert "torchinfo" in written


def test_many_rows_are_folded_to_blocks_that_add_up():
    summary = layerscope.summary(Net(blocks=30), (1, 3, 16, 16))
    assert len(summary.network.layers) > 100
    assert len(summary.lines) < 64
    assert sum(line.parameters for line in summary.lines) == summary.parameters
    assert any((line.name, line.type, line.rows) == ("body.3", "Block", 4) for line in summary.lines)


def test_a_notebook_gets_a_table_without_foreign_markup():
    class Net2(nn.Sequential):
        pass

    Net2.__name__ = "<script>alert(1)</script>"
    drawn = layerscope.summary(Net2(nn.Linear(3, 2)), (1, 3))._repr_html_()
    assert "<table>" in drawn
    assert "<script>" not in drawn


def test_the_figure_and_the_link_are_those_of_the_app():
    summary = layerscope.summary(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 10)), (1, 1, 28, 28))
    figure = summary.figure()
    assert isinstance(figure, go.Figure)
    assert figure.data
    assert "var(--" not in figure.to_json()
    base, _, code = summary.link("http://127.0.0.1:8600/").partition("/?net=")
    assert base == "http://127.0.0.1:8600"
    assert decode(code) == summary.network


def test_the_figure_needs_nothing_of_the_app_to_look_as_it_does():
    class Skip(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x):
            return self.conv(x) + x

    figure = layerscope.summary(Skip(), (1, 3, 224, 224)).figure()
    assert "var(--" not in figure.to_json()
    assert [item.marker.color for item in figure.data if item.type == "scatter"] == ["#FFFFFF"]
    assert figure.layout.plot_bgcolor == figure.layout.paper_bgcolor == "#FFFFFF"
    assert figure.layout.template.layout.colorway is None
    assert figure.layout.margin.l == figure.layout.margin.r == 14
    assert figure.layout.xaxis.range == (0, 1000 - 2 * 14)


def test_a_network_too_large_for_a_link_says_what_to_do(monkeypatch):
    monkeypatch.setattr(limits, "LINK", replace(limits.LINK, most=20))
    summary = layerscope.summary(Net(), (1, 3, 16, 16))
    with pytest.raises(LinkError, match=r"a link can have at most 20\. Write it with layerscope"):
        summary.link()


def test_a_model_that_stops_is_summed_up_as_far_as_it_ran():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(100, 10))
    summary = layerscope.summary(model, (1, 3, 8, 8))
    assert summary.network.names == ("0", "1")
    assert "Stopped: 2 (Linear) does not run: it expects in_features 100, but gets 288" in repr(summary)


def test_wrong_arguments_are_an_error():
    with pytest.raises(ValueError, match="Give input_size"):
        layerscope.summary(nn.Linear(3, 2))
    assert layerscope.summary(nn.Linear(3, 2), input_data=torch.ones(1, 3)).parameters == 8


@pytest.mark.parametrize(("sizes", "told"), [((1,), "1"), ((8,), "8"), ((1, 8, 1, 1), "8×1×1")])
def test_a_tensor_of_the_model_is_shown_with_its_own_sizes(sizes, told):
    """Not with the axes of 1 that only its reader sees in front of them; everywhere alike."""

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)
            self.scale = nn.Parameter(torch.ones(sizes))

        def forward(self, x):
            return self.conv(x).reshape(-1, 36, 8) * self.scale if sizes == (8,) else self.conv(x) * self.scale

    seen = layerscope.summary(Scaled(), (1, 3, 8, 8))
    assert next(line.output for line in seen.lines if line.name == "scale") == told
    step = seen.trace.by_name["scale"]
    assert outline.leaves(step) == told
    assert dict(zip(tables.summary(seen.trace).keys, tables.summary(seen.trace).rows, strict=True))["scale"][2] == told
    drawn = json.dumps(flow.flow(seen.trace, "scale"), ensure_ascii=False)
    assert f"<b>scale</b> Parameter<br>→ {told}<br>" in drawn
    assert "1×1" not in drawn or told == "8×1×1"


def test_what_a_join_reads_has_a_column_and_a_chain_has_none():
    class Joined(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Linear(4, 3), nn.Linear(4, 3)

        def forward(self, x):
            return self.left(x) + self.right(x)

    told = layerscope.summary(Joined(), input_size=(1, 4))
    assert re.search(r"^add +Add +left, right ", repr(told), re.MULTILINE)
    assert '<td style="text-align:left">left, right</td>' in told._repr_html_()
    assert " reads " not in repr(layerscope.summary(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), input_size=(1, 4)))
