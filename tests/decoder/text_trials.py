"""Mistakes that are really made in torch: text where numbers belong, functions with two results, torch.compile,
convolutions with a weight of one's own, and lists in the place of tensors."""

from tests.decoder.trials import Trial

COMPILED = "torch._dynamo.reset()\ntorch.compile({}, backend='eager')({})"
TEXTS = [
    Trial("number-type", "Text instead of a number", "torch.add(R(3), R(3), alpha='1')", "float(text)",
          "text = '1'\ntorch.add(R(3), R(3), alpha=float(text))"),
    Trial("number-type", "Text instead of a number", "nn.LeakyReLU('0.2')(R(3))", "float(text)",
          "text = '0.2'\nnn.LeakyReLU(float(text))(R(3))"),
    Trial("number-type", "Text instead of a number", "torch.full((2, 2), '3')", "float(text)",
          "text = '3'\ntorch.full((2, 2), float(text))"),
    Trial("number-type", "Several values instead of one", "nn.LeakyReLU((0.2,))(R(3))", "values[0]",
          "values = (0.2,)\nnn.LeakyReLU(values[0])(R(3))"),
    Trial("number-type", "Nothing was given", "torch.full((2, 2), None)"),
    Trial("text-order", "Text instead of a number", "torch.optim.SGD(nn.Linear(2, 2).parameters(), lr='0.01')",
          "lr=float(text)", "text = '0.01'\ntorch.optim.SGD(nn.Linear(2, 2).parameters(), lr=float(text))"),
    Trial("text-order", "Text instead of a number", "nn.Dropout('0.5')"),
    Trial("text-order", "Text instead of a number",
          "w = torch.zeros(1, requires_grad=True)\no = torch.optim.SGD([w], lr=1)\nw.sum().backward()\n"
          "o.param_groups[0]['lr'] = '0.1'\no.step()"),
    Trial("text-order", "Nothing was given", "torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=None)\nNone < 1"),
    Trial("tuple-sum", "A function with two results", "R(3, 4).max(1) + 1", "x.max(1).values",
          "x = R(3, 4)\nx.max(1).values + 1"),
    Trial("tuple-sum", "A list instead of a tensor", "[1, 2] + 1", "torch.tensor(values) + 1",
          "values = [1, 2]\ntorch.tensor(values) + 1"),
    Trial("tuple-sum", "Text instead of a number", "'1' + 1", "float(text) + 1", "text = '1'\nfloat(text) + 1"),
    Trial("attribute", "A function with two results", "R(3, 4).max(1).item()", "x.max(1).values.item",
          "x = R(1, 4)\nx.max(1).values.item()"),
    Trial("combination", "Text instead of a number", "R(3).clamp(min='0')", "int(text)",
          "text = '0'\nR(3).clamp(min=int(text))"),
    Trial("combination", "A tensor where a size belongs", "torch.randn(torch.tensor([2., 3.]), 2)",
          "torch.randn(int(n), 2)", "n, x = torch.tensor(3), R(2)\ntorch.randn(int(n), 2)"),
    Trial("number-text", "A heading or a column of words", "int('a')"),
    Trial("dotted-name", "A name made from a number or another name", "nn.Module().register_buffer('a.b', R(2))",
          'name.replace(".", "_")', "name = 'a.b'\nnn.Module().register_buffer(name.replace(\".\", \"_\"), R(2))"),
    Trial("dotted-name", "A name made from a number or another name",
          "nn.Sequential().add_module('a.b', nn.ReLU())"),
]  # fmt: skip
TENSORS = [
    Trial("not-tensor", "Labels or indices in a list or an array", "F.cross_entropy(R(3, 2), [0, 1, 0])",
          "torch.as_tensor(labels).long()",
          "labels = [0, 1, 0]\nF.cross_entropy(R(3, 2), torch.as_tensor(labels).long())"),
    Trial("not-tensor", "Labels or indices in a list or an array", "nn.Embedding(5, 2)([0, 1])",
          "torch.as_tensor(labels).long()", "labels = [0, 1]\nnn.Embedding(5, 2)(torch.as_tensor(labels).long())"),
    Trial("not-module", "A function of your own instead of a layer", "nn.Sequential(lambda x: x)"),
    Trial("conv-weight", "The weight of a Linear, or a single kernel", "F.conv2d(R(1, 1, 8, 8), R(3, 3))",
          "F.conv2d(x, kernel.expand(1, 1, -1, -1))",
          "x, kernel = R(1, 1, 8, 8), R(3, 3)\nF.conv2d(x, kernel.expand(1, 1, -1, -1))"),
    Trial("conv-weight", "The weight of a Linear, or a single kernel", "F.conv_transpose2d(R(1, 3, 8, 8), R(3, 8))"),
    Trial("lrn-axes", "Flattened before the normalization", "nn.LocalResponseNorm(5)(R(4, 10))",
          "torch.flatten(norm(x), 1)", "x, norm = R(4, 10, 3), nn.LocalResponseNorm(5)\ntorch.flatten(norm(x), 1)"),
    Trial("lrn-axes", "An axis is missing", "F.local_response_norm(R(10), 2)",
          "norm(x.unsqueeze(0))", "x, norm = R(4, 10), nn.LocalResponseNorm(2)\nnorm(x.unsqueeze(0))"),
    Trial("label-sequence", "One label per sample, but scores for each step",
          "F.cross_entropy(R(4, 3, 5), torch.zeros(4).long())", "loss(out[:, :, -1], labels)",
          "loss, out, labels = nn.CrossEntropyLoss(), R(4, 3, 5), torch.zeros(4).long()\n"
          "loss(out[:, :, -1], labels), loss(out.flatten(2).mean(dim=2), labels)"),
    Trial("unpack-nothing", "The parentheses are missing", "torch.optim.SGD(nn.Linear(2, 2).parameters, lr=1)",
          "net.parameters()", "net = nn.Linear(2, 2)\ntorch.optim.SGD(net.parameters(), lr=1)"),
    Trial("grad-scaler", "scaler.update() is missing",
          "s = torch.amp.GradScaler('cpu')\n"
          "s.unscale_(torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=.1))"),
]  # fmt: skip
COMPILING = [
    Trial("matrix", "Samples with a different number of columns", COMPILED.format("nn.Linear(4, 3)", "R(2, 5)")),
    Trial("channels", "Channels last (NLC)", COMPILED.format("nn.Conv1d(8, 6, 3)", "R(2, 50, 8)")),
    Trial("cat", "Sequences of different lengths",
          COMPILED.format("lambda x: torch.cat([x, x[:, :2]], 0)", "R(3, 4)")),
    Trial("sizes", "Outputs and labels of different shapes", COMPILED.format("lambda x: x + x[:, :2]", "R(3, 4)")),
    Trial("normalized-shape", "normalized_shape counts something else", COMPILED.format("nn.LayerNorm(8)", "R(1, 3)")),
    Trial("compile-backend", "The name is spelled differently",
          "torch.compile(nn.ReLU(), backend='inductr')(R(2))", 'torch.compile(net, backend="eager")',
          "net = nn.ReLU()\ntorch.compile(net, backend=\"eager\")"),
    Trial("compile-backend", "The name is spelled differently", "torch.compile(nn.ReLU(), mode='fast')"),
]  # fmt: skip
TEXT_TRIALS = [*TEXTS, *TENSORS, *COMPILING]
