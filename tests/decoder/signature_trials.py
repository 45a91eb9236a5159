"""Mistakes in calls that fit no signature, in derivatives, masks, quantization, fractional pooling and rarer "
"functions."""

from tests.decoder.trials import Trial

CALLS = [
    Trial("several-values", "A shape next to other numbers", "torch.zeros((2, 2), 3)", "torch.zeros((2, 2, 3))",
          "torch.zeros((2, 2, 3))"),
    Trial("several-values", "A shape next to other numbers", "torch.ones([2, 3], 4)"),
    Trial("several-values", "The numbers need a list", "torch.tensor(1, 2, 3)", "torch.tensor([1, 2, 3])",
          "torch.tensor([1, 2, 3])"),
    Trial("several-values", "Sizes or axes that are not whole numbers", "R(3, 4, 5).permute('a', 1)",
          "x.permute(0, 2, 1)", "x = R(3, 4, 5)\nx.permute(0, 2, 1)"),
    Trial("several-values", "self is missing in a method",
          "class A:\n    def step(x): return x\nA().step(1)", "(self, x):",
          "class A:\n    def step(self, x): return x\nA().step(1)"),
    Trial("combination", "size is missing", "torch.randint(10)"),
    Trial("combination", "size has the wrong type", "torch.randint(0, 10, 5)"),
    Trial("combination", "steps is missing", "torch.linspace(0, 1)"),
    Trial("combination", "other is missing", "torch.where(R(3) > 0, 1)"),
    Trial("combination", "weight has the wrong type", "F.conv2d(R(1, 3, 8, 8), 3)"),
    Trial("combination", "A value too many", "R(3, 4).max(0, 1, 2)"),
    Trial("combination", "A name that the function does not have", "R(3, 4).sum(axes=1)"),
    Trial("combination", "size is missing", "torch.normal(0, 1)"),
    Trial("not-whole", "One number instead of a tuple", "F.layer_norm(R(2, 4), 4)", "x.shape[-1:]",
          "x = R(2, 4)\nF.layer_norm(x, x.shape[-1:])"),
    Trial("not-whole", "Nothing instead of a number", "R(3, 4).reshape(None)"),
]  # fmt: skip
JVP = "f, x = torch.sin, R(3)\n"
DERIVATIVES = [
    Trial("tangent-size", "The vector is made for the other side", "torch.func.jvp(torch.sin, (R(3),), (R(4),))",
          "torch.ones_like(x) for jvp", f"{JVP}torch.func.jvp(f, (x,), (torch.ones_like(x),))\n"
          "'torch.ones_like(x) for jvp'"),
    Trial("tangent-size", "The vector is made for the other side", "torch.func.vjp(torch.sin, R(3))[1](R(4))"),
    Trial("tangent-size", "The vector is made for the other side",
          "torch.autograd.functional.jvp(torch.sin, R(3), R(4))"),
    Trial("tangent-size", "The vector is made for the other side", "R(3, requires_grad=True).exp().backward(R(4))"),
    Trial("tangent-structure", "The tuple is missing", "torch.func.jvp(torch.sin, (R(3),), R(3))",
          "torch.func.jvp(f, (x,), (torch.ones_like(x),))", f"{JVP}torch.func.jvp(f, (x,), (torch.ones_like(x),))"),
    Trial("tangent-structure", "One cotangent for several outputs",
          "torch.func.vjp(lambda x: (x.sin(), x.cos()), R(3))[1](R(3))", "backward((torch.ones_like(a), "
          "torch.ones_like(b)))",
          "(a, b), backward = torch.func.vjp(lambda x: (x.sin(), x.cos()), R(3))\n"
          "backward((torch.ones_like(a), torch.ones_like(b)))"),
    Trial("vector-missing", "A loss for each sample", "torch.autograd.functional.vjp(torch.sin, R(3))",
          "torch.autograd.functional.vjp(f, x, torch.ones_like(x))",
          f"{JVP}torch.autograd.functional.vjp(f, x, torch.ones_like(x))"),
    Trial("vector-missing", "A loss for each sample", "torch.autograd.functional.hessian(torch.sin, R(3))"),
    Trial("complex-numbers", "The magnitude is meant", "torch.fft.fft(R(8, requires_grad=True)).sum().backward()",
          "torch.fft.rfft(x).abs()", "x = R(8, requires_grad=True)\ntorch.fft.rfft(x).abs().sum().backward()"),
    Trial("complex-numbers", "The magnitude is meant", "F.relu(torch.fft.fft(R(8)))"),
    Trial("complex-numbers", "The magnitude is meant", "nn.Conv1d(1, 2, 3)(torch.fft.fft(R(1, 1, 8)))"),
]  # fmt: skip
MASKS = [
    Trial("chosen-mask", "A mask of zeros and ones", "R(3, 4).masked_select(torch.ones(3, 4))", "mask.bool()",
          "mask = torch.ones(3, 4)\nR(3, 4).masked_select(mask.bool())"),
    Trial("chosen-mask", "A mask of zeros and ones", "R(3).masked_scatter(torch.ones(3), R(3))"),
    Trial("mask-values", "Fewer new values than places", "R(3, 4).masked_scatter(torch.ones(3, 4).bool(), R(2))",
          "x.masked_fill(mask, 0.0)", "x, mask = R(3), R(3) > 0\nx.masked_fill(mask, 0.0)"),
    Trial("fill-value", "A value for each place", "R(3, 4).masked_fill(torch.ones(3, 4).bool(), R(3))",
          "torch.where(mask, values, x)", "x, values, mask = R(3, 4), R(4), R(3, 4) > 0\ntorch.where(mask, values, x)"),
]  # fmt: skip
QUIET = "import warnings\nwarnings.simplefilter('ignore')\nfrom torch.ao import quantization as q\n"
CONVS = "net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())\n"
QUANTIZING = [
    Trial("quantize-mode", "eval() is missing", f"{QUIET}{CONVS}q.fuse_modules(net, ['0', '1', '2'])", "net.eval()",
          f"{QUIET}{CONVS}net.eval()\nq.fuse_modules(net, ['0', '1', '2'])"),
    Trial("quantize-mode", "train() is missing", f"{QUIET}{CONVS}q.prepare_qat(net.eval())", "net.train()",
          f"{QUIET}{CONVS}net.qconfig = q.get_default_qat_qconfig('x86')\nnet.train()\nq.prepare_qat(net)"),
    Trial("fuse-layers", "Another layer among them",
          f"{QUIET}q.fuse_modules(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sigmoid(), nn.ReLU()).eval(), ['0', '1', '2'])",
          "torch.ao.quantization.fuse_modules(net, [['conv', 'bn', 'relu']])",
          f"{QUIET}net = nn.Sequential()\nfor name, layer in (('conv', nn.Conv2d(1, 2, 3)), ('bn', nn.BatchNorm2d(2)), "
          "('relu', nn.ReLU())): net.add_module(name, layer)\nnet.eval()\n"
          "torch.ao.quantization.fuse_modules(net, [['conv', 'bn', 'relu']])"),
    Trial("quantize-type", "Whole numbers are quantized",
          f"{QUIET}torch.quantize_per_tensor(torch.ones(3).int(), 0.1, 0, torch.quint8)", "x.float()",
          f"{QUIET}x = torch.ones(3).int()\ntorch.quantize_per_tensor(x.float(), 0.1, 0, torch.quint8)"),
    Trial("quantize-type", "A quantized tensor meets floats",
          f"{QUIET}torch.quantize_per_tensor(R(3), 0.1, 0, torch.quint8) + R(3)", "x.dequantize()",
          f"{QUIET}x = torch.quantize_per_tensor(R(3), 0.1, 0, torch.quint8)\nx.dequantize() + R(3)"),
    Trial("quantize-engine", "The engine of another machine", "torch.backends.quantized.engine = 'nope'"),
]  # fmt: skip
FRACTIONAL = [
    Trial("fractional-size", "Neither is given", "nn.FractionalMaxPool2d(2)",
          "nn.FractionalMaxPool2d(2, output_size=14)",
          "nn.FractionalMaxPool2d(2, output_size=14)(R(1, 3, 28, 28))"),
    Trial("fractional-size", "Both are given", "nn.FractionalMaxPool2d(2, output_size=3, output_ratio=0.5)",
          "nn.FractionalMaxPool2d(2, output_ratio=0.5)",
          "nn.FractionalMaxPool2d(2, output_ratio=0.5)(R(1, 3, 28, 28))"),
    Trial("fractional-size", "A ratio that is not a part", "nn.FractionalMaxPool2d(2, output_ratio=1.5)",
          "output_ratio=0.5", "nn.FractionalMaxPool2d(2, output_ratio=0.5)"),
    Trial("fractional-size", "Neither is given", "F.fractional_max_pool3d(R(1, 1, 8, 8, 8), 2)"),
    Trial("fractional-window", "output_size is nearly the input's size",
          "nn.FractionalMaxPool2d(3, output_size=8)(R(1, 1, 8, 8))", "output_ratio=0.5",
          "nn.FractionalMaxPool2d(3, output_ratio=0.5)(R(1, 1, 8, 8))"),
]  # fmt: skip
RARER = [
    Trial("support", "An action or label from another range",
          "torch.distributions.Categorical(torch.ones(3)).log_prob(torch.tensor(5))"),
    Trial("probability", "Outputs without a sigmoid", "torch.bernoulli(torch.tensor([2.0]))",
          "torch.bernoulli(torch.sigmoid(out))", "out = torch.tensor([2.0])\ntorch.bernoulli(torch.sigmoid(out))"),
    Trial("rank-choice", "Too few entries along that axis", "R(5).kthvalue(9)", "min(k, x.size(dim))",
          "x, k, dim = R(5), 9, 0\nx.kthvalue(min(k, x.size(dim)))"),
    Trial("axes-wanted", "A batch of them", "torch.diag(R(2, 3, 4))", "torch.diagonal(x, dim1=-2, dim2=-1)",
          "x = R(2, 3, 4)\ntorch.diagonal(x, dim1=-2, dim2=-1)"),
    Trial("axes-wanted", "A batch of them", "torch.outer(R(2, 3), R(3))"),
    Trial("axes-wanted", "A batch of them", "torch.bucketize(R(3), R(2, 2))"),
    Trial("contracted", "Another axis is meant", "torch.tensordot(R(3, 4), R(5, 4), dims=1)",
          "torch.tensordot(a, b, dims=([1], [1]))", "a, b = R(3, 4), R(5, 4)\ntorch.tensordot(a, b, dims=([1], [1]))"),
    Trial("contracted", "Another axis is meant", "torch.cross(R(2, 4), R(2, 4), dim=1)"),
    Trial("roll-axes", "One number for several axes", "R(2, 3, 3).roll(1, (1, 2))",
          "torch.roll(x, shifts=(n, n), dims=(1, 2))",
          "x, n = R(2, 3, 3), 1\ntorch.roll(x, shifts=(n, n), dims=(1, 2))"),
    Trial("sorted-rows", "One row of borders is meant", "torch.searchsorted(R(3, 4), R(2, 4))",
          "torch.searchsorted(borders.flatten(), values)",
          "borders, values = R(1, 4), R(2, 4)\ntorch.searchsorted(borders.flatten(), values)"),
    Trial("spectrum", "Only the magnitude is there", "torch.istft(R(10, 3), 18)", "torch.polar(magnitude, phase)",
          "magnitude, phase = R(10, 3), R(10, 3)\ntorch.polar(magnitude, phase)"),
    Trial("no-limits", "A limit is missing", "R(3).clamp()", "x.clamp(min=0)", "x = R(3)\nx.clamp(min=0)"),
    Trial("layer-index", "One layer too far", "nn.Sequential(nn.Linear(2, 2))[3]", "net[-1]",
          "net = nn.Sequential(nn.Linear(2, 2))\nnet[-1]"),
    Trial("nested-rank", "One of them has a batch axis",
          "import warnings\nwarnings.simplefilter('ignore')\ntorch.nested.nested_tensor([R(2, 3), R(1, 4, 3)])",
          "x.squeeze(0)", "x = R(1, 4, 3)\nx.squeeze(0)"),
    Trial("unpool-index", "Indices of another pooling",
          "nn.MaxUnpool2d(2)(R(1, 1, 2, 2), torch.full((1, 1, 2, 2), 99))",
          "unpool(x, indices, output_size=before.shape)",
          "before, unpool = R(1, 1, 5, 5), nn.MaxUnpool2d(2)\nx, indices = F.max_pool2d(before, 2, "
          "return_indices=True)\n"
          "unpool(x, indices, output_size=before.shape)"),
    Trial("text-as-index", "A name for a list of layers", "nn.ParameterList([R(3)])['a']"),
    Trial("text-as-index", "A number is still text, or has a fraction", "range(2.5)", "10 // 2", "range(10 // 2)"),
    Trial("nan", "All weights are 0", "torch.multinomial(torch.zeros(3), 1)", "weights.sum()",
          "weights = torch.ones(3)\nweights.sum()"),
    Trial("nan", "A scale or probability outside its range", "torch.distributions.Normal(R(3), torch.zeros(3))",
          "F.softplus(scale) + 1e-6",
          "scale = torch.zeros(3)\ntorch.distributions.Normal(R(3), F.softplus(scale) + 1e-6)"),
]  # fmt: skip
SIGNATURES = [*CALLS, *DERIVATIVES, *MASKS, *QUANTIZING, *FRACTIONAL, *RARER]
