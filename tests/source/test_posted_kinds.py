"""Kinds of code that people post, as torch runs them: masks, time steps, graphs, clips, loops of a random length."""

import warnings
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw, Reading
from layerscope.source.text.paste import replaced
from layerscope.steps import Trace
from layerscope.tracing import trace

HEAD = "import math\nimport random\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"


def net(init: str, forward: str, takes: str = "x") -> str:
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")] + ["", f"    def forward(self, {takes}):"]
    return HEAD + "\n".join([*rows, *(f"        {row}" for row in forward.split("; ")), "", ""])


def read(code: str) -> tuple[Reading, Trace]:
    reading = read_all(code)
    assert reading.refusal is None, str(reading.refusal)
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    return reading, seen


def real(code: str, name: str = "Net") -> Any:
    scope: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a Transformer that is not batch_first
        exec(code, scope)
        return scope[name]()


def parameters(model: nn.Module) -> int:
    return sum(each.numel() for each in model.parameters())


def notes(reading: Reading) -> str:
    return " ".join(map(str, reading.notes))


MASKED = net(
    "self.words = nn.Embedding(90, 24); self.body = nn.Transformer(24, 3, 1, 1, 32); self.out = nn.Linear(24, 90)",
    "h = self.body(self.words(src.long()), self.words(tgt), src_mask, tgt_mask, None, pad, pad); return self.out(h)",
    "src, tgt, src_mask, tgt_mask, pad",
)  # fmt: skip


def test_masks_that_no_call_shows_are_not_asked_for() -> None:
    reading, seen = read(MASKED)
    assert reading.inputs == ("src", "tgt")
    assert [each.name for each in seen.network.inputs] == ["src", "tgt"]
    assert "No layer reads src_mask, tgt_mask and pad, so they are not shown." in notes(reading)
    assert seen.parameters == parameters(real(MASKED))
    again = read_all(MASKED, [(7,), (5,)])
    assert again.network is not None
    assert [each.shape for each in again.network.inputs] == [(7,), (5,)]
    assert trace(again.network).output_shape == (5, 90)


def test_where_the_steps_come_first_every_input_has_them_first() -> None:
    code = MASKED.replace("self.words(src.long())", "self.words(src) + self.place[:src.size(0)]").replace(
        "self.out =", "self.place = nn.Parameter(torch.zeros(40, 1, 24)); self.out =".replace("; ", "\n        ")
    )
    _, seen = read(code)
    assert [each.shape for each in seen.network.inputs] == [(16,), (16,)]
    assert seen.parameters == parameters(real(code))


NOISED = net(
    "self.time = nn.Linear(8, 6); self.down = nn.Conv2d(3, 6, 3, 2, 1); self.up = nn.ConvTranspose2d(6, 3, 4, 2, 1); "
    "self.kinds = nn.Embedding(4, 6)",
    "w = torch.exp(torch.arange(4) * -math.log(10000) / 3); a = t[:, None] * w[None]; "
    "t = self.time(torch.cat([a.sin(), a.cos()], 1)){more}; h = torch.relu(self.down(x)) + t[:, :, None, None]; "
    "return self.up(h)",
    "x, t{takes}",
)  # fmt: skip


@pytest.mark.parametrize(("more", "takes", "names"), [
    ("", "", ["x", "t"]), (" + self.kinds(y)", ", y", ["x", "t", "y"]),
])  # fmt: skip
def test_a_time_step_is_one_number_for_each_sample(more: str, takes: str, names: list[str]) -> None:
    code = NOISED.format(more=more, takes=takes)
    reading, seen = read(code)
    assert [each.name for each in seen.network.inputs] == names
    shapes = [each.shape for each in seen.network.inputs]
    assert shapes[1:] == [(1,)] * (len(names) - 1)
    assert "t is one number per sample" in notes(reading)
    model = real(code)
    assert seen.parameters == parameters(model) - (0 if more else 24)
    given = [torch.randn(2, *shapes[0]), torch.rand(2), torch.tensor([1, 3])][: len(names)]
    assert tuple(model(*given).shape[1:]) == seen.output_shape


def test_a_label_that_is_looked_up_beside_noise_tells_how_long_the_noise_is() -> None:
    init = "self.kinds = nn.Embedding(7, 5); self.a = nn.Linear(37, 64); self.b = nn.Linear(64, 12)"
    forward = "h = torch.cat([self.kinds(y), z], -1); return self.b(torch.relu(self.a(h))).view(-1, 3, 2, 2)"
    code = net(init, forward, "z, y")
    _, seen = read(code)
    assert [each.shape for each in seen.network.inputs] == [(32,), (1,)]
    assert seen.output_shape == tuple(real(code)(torch.randn(4, 32), torch.zeros(4).long()).shape[1:])
    assert seen.parameters == parameters(real(code))


GRAPH = net("self.w = nn.Parameter(torch.randn(20, 9)); self.v = nn.Parameter(torch.randn(9, 4))",
            "h = torch.relu({}(adj, torch.mm(x, self.w))); return F.log_softmax({}(adj, torch.mm(h, self.v)), dim=1)",
            "x, adj")  # fmt: skip


@pytest.mark.parametrize("product", ["torch.spmm", "torch.mm", "torch.sparse.mm"])
@pytest.mark.parametrize("call", ["", "net = Net()\nnet(torch.rand(30, 20), torch.eye(30))\n"])
def test_a_graph_is_read_by_its_nodes(product: str, call: str) -> None:
    code = GRAPH.format(product, product) + call
    reading, seen = read(code)
    assert [(each.name, each.shape) for each in seen.network.inputs] == [("x", (20,))]
    assert "sums over the neighbors of each node" in notes(reading)
    model = real(code)
    assert seen.parameters == parameters(model)
    assert seen.output_shape == tuple(model(torch.rand(30, 20), torch.eye(30)).shape[1:])


def test_a_graph_in_batches_has_rows_of_nodes_and_of_neighbors() -> None:
    code = net("self.a = nn.Linear(6, 8); self.b = nn.Linear(8, 3)",
               "h = torch.bmm(adj, self.a(x)) / adj.sum(-1, keepdim=True); return self.b(torch.bmm(adj, h))",
               "x, adj")  # fmt: skip
    _, seen = read(code)
    shapes = [each.shape for each in seen.network.inputs]
    assert [len(shape) for shape in shapes] == [2, 2]
    model = real(code)
    assert seen.output_shape == tuple(model(*(torch.rand(2, *shape) for shape in shapes)).shape[1:])
    assert seen.parameters == parameters(model)


@pytest.mark.parametrize(("bound", "times"), [
    ("random.randint(1, 3)", 3), ("random.randrange(4)", 3), ("1, random.randint(2, 4)", 3),
])  # fmt: skip
def test_a_loop_of_a_random_length_is_shown_as_long_as_it_may_be(bound: str, times: int) -> None:
    code = net("self.a = nn.Linear(5, 5)", f"for _ in range({bound}): x = torch.relu(self.a(x)); return x")
    code = code.replace("Linear(5, 5)", "Linear(5, 5)  # middle") + "net = Net()\nnet(torch.randn(2, 5))\n"
    reading, seen = read(code)
    assert sum(step.type == "Linear" for step in seen.steps) == times
    assert "is drawn at random in each run; it is shown as" in notes(reading)


@pytest.mark.parametrize("row", [
    "torch.stack([self.q] * x.size(0))", "torch.cat([self.q[None]] * len(x), dim=0)",
    "torch.stack([self.q] * x.shape[0], dim=0)", "torch.concat(x.size(0) * [self.q.unsqueeze(0)])",
])  # fmt: skip
def test_a_parameter_as_often_as_the_batch_is_large(row: str) -> None:
    init = "self.q = nn.Parameter(torch.randn(4, 6)); self.a = nn.Linear(6, 6)"
    code = net(init, f"return torch.bmm(self.a({row}), x.transpose(1, 2))") + "net = Net()\nnet(torch.randn(3, 9, 6))\n"
    _, seen = read(code)
    model = real(code)
    assert seen.parameters == parameters(model)
    assert seen.output_shape == tuple(model(torch.randn(3, 9, 6)).shape[1:])


def test_a_tensor_hundreds_of_times_in_a_row_is_one_repeat() -> None:
    code = net("self.a = nn.Linear(6, 6)", "return torch.cat([self.a(x)[:, None]] * 300, dim=1)")
    _, seen = read(code + "net = Net()\nnet(torch.randn(3, 6))\n")
    assert seen.output_shape == (300, 6)


@pytest.mark.parametrize(("forward", "shapes"), [
    ("h = self.a(x); return [self.b(h), x, h]", [(3,), (7,)]),
    ("h = self.a(x); loss = F.mse_loss(h.detach(), h) + 0.25 * F.l1_loss(h, h); return loss, self.b(h)", [(3,)]),
    ("h = self.a(x); h[x[:, :1].repeat(1, 7) > 0] = -1e9; return self.b(h)", [(3,)]),
    ("return self.b((1 - self.mask) * self.a(x))", [(3,)]),
    ("return self.b(self.a(x) * math.cos(0.5) - math.sin(0.5) * math.exp(-1))", [(3,)]),
])  # fmt: skip
def test_what_stood_in_the_way(forward: str, shapes: list[tuple[int, ...]]) -> None:
    init = "self.a = nn.Linear(5, 7); self.b = nn.Linear(7, 3); self.register_buffer('mask', torch.tensor([0.0] * 7))"
    code = net(init, forward) + "net = Net()\nnet(torch.randn(2, 5))\n"
    _, seen = read(code)
    assert list(seen.output_shapes) == shapes
    model = real(code)
    assert seen.parameters == parameters(model)
    model(torch.randn(2, 5))


def test_a_clip_is_no_cube() -> None:
    init = "self.a = nn.Conv3d(3, 4, 3, padding=1); self.pool = nn.MaxPool3d((4, 8, 8)); self.b = nn.Linear(3136, 5)"
    code = net(init, "x = self.pool(torch.relu(self.a(x))); return self.b(x.view(-1, 3136))")
    _, seen = read(code)
    shape = seen.network.input_shape
    assert shape[1] != shape[2]
    assert tuple(real(code)(torch.randn(2, *shape)).shape) == (2, 5)


def test_a_size_on_which_a_later_layer_does_not_run_is_not_shown() -> None:
    code = net("self.a = nn.Conv2d(3, 8, 4, 4); self.b = nn.Linear(8, 8); self.c = nn.Conv2d(8, 6, 2, 2)",
               "x = self.b(self.a(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2); return self.c(x)")  # fmt: skip
    reading, seen = read(code)
    assert seen.output_shape == tuple(real(code)(torch.randn(1, *seen.network.input_shape)).shape[1:])
    assert reading.doubt


LOSS = (
    "criterion = nn.{}()\nnet = Net()\nout = net(torch.randn(6, 9))\n{}loss = criterion(out, torch.zeros(6).long())\n"
)


@pytest.mark.parametrize(("last", "loss"), [
    ("return self.b(self.a(x))", "CrossEntropyLoss"), ("return torch.sigmoid(self.b(self.a(x)))", "CrossEntropyLoss"),
    ("return F.log_softmax(self.b(self.a(x)), 1)", "NLLLoss"),
    ("return self.b(self.a(x)).softmax(1)", "CrossEntropyLoss"),
])  # fmt: skip
def test_a_loss_over_classes_on_a_single_output_is_questioned(last: str, loss: str) -> None:
    code = net("self.a = nn.Linear(9, 5); self.b = nn.Linear(5, 1)", last) + LOSS.format(loss, "")
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert abs(scope["loss"].item()) < 1e-6  # whatever the network gives
    flaw = next(note for note in read_all(code).notes if isinstance(note, Flaw) and note.kind == "single_output")
    assert "one output per class" in flaw.sentence
    mended = replaced(code, dict(flaw.changes))
    assert "nn.Linear(5, 2)" in mended
    ends = next((name for name in ("Sigmoid", "Softmax") if f"{name.lower()}(" in last and "log_" not in last), "")
    assert flaw.label.endswith(f"; line 15: remove {ends}" if ends else "write 2")
    assert flaw.sentence.count(f"remove {ends}") == 2 if ends else "CrossEntropyLoss applies" not in flaw.sentence
    assert "loss" not in [getattr(note, "kind", "") for note in read_all(mended).notes]
    exec(mended, scope)
    assert scope["loss"].item() > 0
    assert "single_output" not in [getattr(note, "kind", "") for note in read_all(mended).notes]


@pytest.mark.parametrize(("width", "loss"), [(2, "CrossEntropyLoss"), (1, "MSELoss"), (1, "BCEWithLogitsLoss")])
def test_other_losses_and_widths_are_not(width: int, loss: str) -> None:
    code = net(f"self.a = nn.Linear(9, 5); self.b = nn.Linear(5, {width})", "return self.b(self.a(x))")
    assert "single_output" not in [getattr(note, "kind", "") for note in read_all(code + LOSS.format(loss, "")).notes]


def test_what_is_computed_of_one_graph_s_nodes_belongs_before_the_call() -> None:
    normal = "d = torch.diag(adj.sum(1).pow(-0.5)); {} = d @ adj @ d"
    init = "self.w = nn.Parameter(torch.randn(20, 9)); self.a = nn.Linear(9, 4)"
    after = "return self.a(torch.relu(torch.mm(adj, torch.mm(x, self.w))))"
    call = "net = Net()\nadj = torch.eye(30)\n{}out = net(torch.rand(30, 20), adj)\n"
    inside = net(init, f"{normal.format('adj')}; {after}", "x, adj") + call.format("")
    scope: dict[str, Any] = {}
    exec(inside, scope)
    reading = read_all(inside)
    assert "the nodes of one graph, not samples. Compute it before the call" in str(reading.refusal)
    moved = net(init, after, "x, adj") + call.format(f"{normal.format('adj')}\n")
    again: dict[str, Any] = {}
    exec(moved, again)
    assert again["out"].shape == scope["out"].shape
    _, seen = read(moved)
    assert seen.output_shape == tuple(again["out"].shape[1:])
    assert seen.parameters == parameters(again["net"])
    sequences = inside.replace("rand(30, 20)", "rand(31, 20)")
    assert "nodes" not in str(read_all(sequences).refusal)
