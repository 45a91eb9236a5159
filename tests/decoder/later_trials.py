"""More mistakes that are really made in torch, with the remedies that the decoder gives for them: layers with several
inputs, losses of sequences, torch.jit, functions of one's own, several processes, and arguments of the wrong size."""

import torch

from tests.decoder.trials import Trial

ARGUMENTS = [
    Trial("channels", "Channels last (NLC)", "nn.Conv1d(8, 6, 3)(R(2, 50, 8))", "x.transpose(1, 2)",
          "x = R(2, 50, 8)\nnn.Conv1d(8, 6, 3)(x.transpose(1, 2))"),
    Trial("channels", "Channels last (NLC)", "nn.Conv1d(8, 6, 3)(R(50, 8))", "x.transpose(-2, -1)",
          "x = R(50, 8)\nnn.Conv1d(8, 6, 3)(x.transpose(-2, -1))"),
    Trial("channels", "Channels last (NLC)", "nn.ConvTranspose1d(8, 6, 3)(R(2, 50, 8))", "x.transpose(1, 2)",
          "x = R(2, 50, 8)\nnn.ConvTranspose1d(8, 6, 3)(x.transpose(1, 2))"),
    Trial("channels", "Channels last (NHWC)", "nn.Conv2d(3, 6, 3)(R(32, 32, 3))", "x.permute(2, 0, 1)",
          "x = R(32, 32, 3)\nnn.Conv2d(3, 6, 3)(x.permute(2, 0, 1))"),
    Trial("channels", "Channels last (NHWC)", "nn.Conv3d(3, 6, 3)(R(2, 8, 8, 8, 3))", "x.permute(0, 4, 1, 2, 3)",
          "x = R(2, 8, 8, 8, 3)\nnn.Conv3d(3, 6, 3)(x.permute(0, 4, 1, 2, 3))"),
    Trial("list-element", "A layer with two results",
          "x, y, gru = R(5, 3), R(5, 3), nn.GRU(3, 4)\ntorch.cat([x, gru(y)], dim=-1)",
          "torch.cat([x, gru(y)[0]], dim=-1)",
          "x, y, gru = R(5, 3), R(5, 3), nn.GRU(3, 4)\ntorch.cat([x, gru(y)[0]], dim=-1)"),
    Trial("list-element", "A function returns nothing", "torch.cat([R(3), None])"),
    Trial("choice", "Neither size nor scale_factor was given", "F.interpolate(R(1, 1, 8, 8))",
          "F.interpolate(x, scale_factor=2)", "x = R(1, 1, 8, 8)\nF.interpolate(x, scale_factor=2)"),
    Trial("choice", "Neither size nor scale_factor was given", "nn.Upsample()(R(1, 1, 8, 8))",
          "F.interpolate(x, size=(64, 64))", "x = R(1, 1, 8, 8)\nF.interpolate(x, size=(64, 64))"),
    Trial("choice", "align_corners with the mode nearest", "F.interpolate(R(1, 1, 8, 8), size=16, align_corners=True)",
          "mode='bilinear'", "F.interpolate(R(1, 1, 8, 8), size=16, align_corners=True, mode='bilinear')"),
    Trial("choice", "proj_size is not smaller than hidden_size", "nn.LSTM(3, 4, proj_size=5)"),
    Trial("resize-sizes", "The batch or the channels were counted", "F.interpolate(R(1, 3, 8, 8), size=(3, 16, 16))",
          "F.interpolate(x, size=(16, 16))", "x = R(1, 3, 8, 8)\nF.interpolate(x, size=(16, 16))"),
    Trial("resize-sizes", "The batch or the channels were counted",
          "F.interpolate(R(1, 3, 8, 8), scale_factor=(1, 2, 2))", "F.interpolate(x, scale_factor=(2, 2))",
          "x = R(1, 3, 8, 8)\nF.interpolate(x, scale_factor=(2, 2))"),
    Trial("resize-sizes", "The batch axis is missing", "F.interpolate(R(3, 8, 8), size=(16, 16))", "x.unsqueeze(0)",
          "x = R(3, 8, 8)\nF.interpolate(x.unsqueeze(0), size=(16, 16)).squeeze(0)"),
    Trial("target-range", "255 marks pixels without a class", "F.cross_entropy(R(3, 4), torch.tensor([0, 1, 255]))",
          "nn.CrossEntropyLoss(ignore_index=255)",
          "nn.CrossEntropyLoss(ignore_index=255)(R(3, 4), torch.tensor([0, 1, 255]))"),
    Trial("padding-index", "The row for padding was not counted", "nn.Embedding(10, 3, padding_idx=10)",
          "nn.Embedding(len(vocabulary) + 1, size, padding_idx=0)",
          "vocabulary, size = 'abcdefghij', 3\nnn.Embedding(len(vocabulary) + 1, size, padding_idx=0)"),
    Trial("view", "heads × head size is not the width", "R(32, 50, 480).view(32, 50, 8, 64)",
          "x.view(32, 50, 8, 60)", "x = R(32, 50, 480)\nx.view(32, 50, 8, 60)"),
    Trial("gather-type", "The index has another type", "R(3, 4).index_select(0, R(2))", "index.long()",
          "index = R(2)\nR(3, 4).index_select(0, index.long())"),
    Trial("forward-arguments", "A TransformerDecoder also takes the encoder's output",
          "nn.TransformerDecoderLayer(8, 2)(R(3, 2, 8))", "decoder(tgt, memory)",
          "decoder, tgt, memory = nn.TransformerDecoderLayer(8, 2), R(3, 2, 8), R(4, 2, 8)\ndecoder(tgt, memory)"),
    Trial("too-many", "The batch was given to the class", "nn.ReLU(R(3), 1, 2)", "net(x)",
          "net, x = nn.ReLU(), R(3)\nnet(x)"),
]  # fmt: skip
SEVERAL = [
    Trial("bilinear", "in2_features is not the last axis of that input", "nn.Bilinear(3, 4, 5)(R(2, 3), R(2, 5))",
          "in2_features=5", "nn.Bilinear(3, in2_features=5, out_features=5)(R(2, 3), R(2, 5))"),
    Trial("bilinear", "in1_features is not the last axis of that input", "nn.Bilinear(3, 4, 5)(R(2, 6), R(2, 4))",
          "in1_features=6", "nn.Bilinear(in1_features=6, in2_features=4, out_features=5)(R(2, 6), R(2, 4))"),
    Trial("bilinear", "The two inputs have different batches", "nn.Bilinear(3, 4, 5)(R(2, 3), R(1, 4))",
          "y.expand(*x.shape[:-1], y.size(-1))",
          "x, y = R(2, 3), R(1, 4)\nnn.Bilinear(3, 4, 5)(x, y.expand(*x.shape[:-1], y.size(-1)))"),
    Trial("bilinear", "The two inputs have different batches", "nn.Bilinear(3, 4, 5)(R(2, 6, 3), R(6, 4))",
          "y.expand(*x.shape[:-1], y.size(-1))",
          "x, y = R(2, 6, 3), R(6, 4)\nnn.Bilinear(3, 4, 5)(x, y.expand(*x.shape[:-1], y.size(-1)))"),
    Trial("embedding-bag", "Bags in one row need offsets", "nn.EmbeddingBag(10, 3)(torch.zeros(5).long())",
          "offsets = torch.tensor([0, 3])", "bag, tokens = nn.EmbeddingBag(10, 3), torch.zeros(5).long()\n"
          "offsets = torch.tensor([0, 3])\nbag(tokens, offsets)"),
    Trial("grid", "The coordinates are not the last axis", "F.grid_sample(R(1, 3, 8, 8), R(1, 2, 8, 8))",
          "grid.permute(0, 2, 3, 1)", "grid = R(1, 2, 8, 8)\n"
          "F.grid_sample(R(1, 3, 8, 8), grid.permute(0, 2, 3, 1), align_corners=False)"),
    Trial("grid", "One grid for a whole batch", "F.grid_sample(R(2, 3, 8, 8), R(1, 8, 8, 2))",
          "grid.expand(x.size(0), -1, -1, -1)", "x, grid = R(2, 3, 8, 8), R(1, 8, 8, 2)\n"
          "F.grid_sample(x, grid.expand(x.size(0), -1, -1, -1), align_corners=False)"),
    Trial("grid", "The batch axis is missing", "F.grid_sample(R(3, 8, 8), R(1, 8, 8, 2))", "x.unsqueeze(0)",
          "x = R(3, 8, 8)\nF.grid_sample(x.unsqueeze(0), R(1, 8, 8, 2), align_corners=False)"),
    Trial("grid", "The matrices have a third row", "F.affine_grid(R(1, 3, 3), (1, 3, 8, 8))",
          "F.affine_grid(theta[:, :2], x.shape, align_corners=False)",
          "theta, x = R(1, 3, 3), R(1, 3, 8, 8)\nF.affine_grid(theta[:, :2], x.shape, align_corners=False)"),
    Trial("margin-loss", "One of them is a column", "F.margin_ranking_loss(R(3), R(3), R(3, 1))", "out.squeeze(1)",
          "out = R(3, 1)\nF.margin_ranking_loss(R(3), R(3), out.squeeze(1))"),
    Trial("margin-loss", "Labels and outputs of different batches",
          "F.multi_margin_loss(R(3, 4), torch.zeros(4).long())"),
    Trial("margin-loss", "Labels and outputs of different batches",
          "F.multilabel_margin_loss(R(3, 4), torch.zeros(3).long())"),
    Trial("variance", "The variance can be negative", "F.gaussian_nll_loss(R(3), R(3), -R(3))", "var = F.softplus(var)",
          "var = -R(3)\nvar = F.softplus(var)\nF.gaussian_nll_loss(R(3), R(3), var)"),
    Trial("variance", "A variance of another shape", "F.gaussian_nll_loss(R(3), R(3), R(4))", "var.expand_as(out)",
          "out, var = R(3), R(1)\nF.gaussian_nll_loss(out, R(3), var.expand_as(out))"),
    Trial("distances", "One of them is transposed, or from another layer", "torch.cdist(R(3, 4), R(4, 5))",
          "y.transpose(-2, -1)", "y = R(4, 5)\ntorch.cdist(R(3, 4), y.transpose(-2, -1))"),
    Trial("scatter-type", "Zeros of whole numbers, or half precision",
          "torch.zeros(3).long().scatter_(0, torch.tensor([0]), R(1))", "values.to(out.dtype)",
          "out, values = torch.zeros(3).long(), R(1)\nout.scatter_(0, torch.tensor([0]), values.to(out.dtype))"),
    Trial("scatter-type", "Zeros of whole numbers, or half precision",
          "out = torch.zeros(3)\nout[torch.tensor([0])] = R(1).half()", "values.to(out.dtype)",
          "out, values = torch.zeros(3), R(1).half()\nout[torch.tensor([0])] = values.to(out.dtype)"),
]  # fmt: skip
CTC = "out, labels = R(50, 2, 5).log_softmax(2), torch.ones(2, 3).long()\n"
FULL = (
    "lengths = torch.full((out.size(1),), out.size(0))\nlabel_lengths = torch.full((labels.size(0),), labels.size(1))\n"
)
SEQUENCES = [
    Trial("ctc-lengths", "The batch axis is first",
          "F.ctc_loss(R(2, 50, 5), torch.ones(2, 3).long(), torch.tensor([50, 50]), torch.tensor([3, 3]))",
          "F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths)",
          "out, labels = R(2, 50, 5).log_softmax(2), torch.ones(2, 3).long()\n"
          "lengths, label_lengths = torch.tensor([50, 50]), torch.tensor([3, 3])\n"
          "F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths)"),
    Trial("ctc-lengths", "One length for all samples",
          f"{CTC}F.ctc_loss(out, labels, torch.tensor([50, 50]), torch.tensor([3]))",
          "torch.full((labels.size(0),), labels.size(1))",
          f"{CTC}{FULL}F.ctc_loss(out, labels, lengths, label_lengths)"),
    Trial("ctc-lengths", "Lengths as fractions",
          f"{CTC}F.ctc_loss(out, labels, torch.tensor([50.0, 50]), torch.tensor([3.0, 3]))", "label_lengths.long()",
          f"{CTC}lengths, label_lengths = torch.tensor([50.0, 50]), torch.tensor([3.0, 3])\n"
          "F.ctc_loss(out, labels, lengths.long(), label_lengths.long())"),
    Trial("ctc-lengths", "The lengths do not add up to the labels",
          f"{CTC}F.ctc_loss(out, torch.ones(5).long(), torch.tensor([50, 50]), torch.tensor([3, 3]))",
          "label_lengths.sum()", "label_lengths = torch.tensor([3, 3])\nlabel_lengths.sum()"),
    Trial("ctc-blank", "The network has no output for the blank",
          f"{CTC}F.ctc_loss(out, labels, torch.tensor([50, 50]), torch.tensor([3, 3]), blank=7)",
          "nn.CTCLoss(blank=0)", f"{CTC}{FULL}nn.CTCLoss(blank=0)(out, labels, lengths, label_lengths)"),
    Trial("softmax-mask", "The padding mask is transposed",
          "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 2).eval()("
          "R(2, 5, 8), src_key_padding_mask=torch.zeros(5, 2).bool())", "mask.transpose(0, 1)",
          "mask = torch.zeros(5, 2).bool()\n"
          "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 2).eval()("
          "R(2, 5, 8), src_key_padding_mask=mask.transpose(0, 1))"),
    Trial("softmax-mask", "The padding mask is transposed",
          "torch._masked_softmax(R(2, 4, 5, 5), torch.zeros(2, 6).bool(), 3, 1)"),
    Trial("causal-and-mask", "Both masks are needed",
          "F.scaled_dot_product_attention(R(2, 3, 4), R(2, 3, 4), R(2, 3, 4), attn_mask=R(3, 3), is_causal=True)",
          "mask = mask & torch.ones(n, n, dtype=torch.bool).tril()",
          "n, mask = 3, torch.ones(2, 3, 3).bool()\nmask = mask & torch.ones(n, n, dtype=torch.bool).tril()\n"
          "F.scaled_dot_product_attention(R(2, 3, 4), R(2, 3, 4), R(2, 3, 4), attn_mask=mask)"),
    Trial("causal-and-mask", "The layer still needs the mask",
          "nn.MultiheadAttention(8, 2)(*[R(3, 2, 8)] * 3, is_causal=True)",
          "attn_mask=nn.Transformer.generate_square_subsequent_mask(n)",
          "n = 3\nnn.MultiheadAttention(8, 2)(*[R(3, 2, 8)] * 3, is_causal=True, need_weights=False, "
          "attn_mask=nn.Transformer.generate_square_subsequent_mask(n))"),
]  # fmt: skip
SQUARE = "class Square(torch.autograd.Function):\n"
STATIC = f"{SQUARE}    @staticmethod\n    def forward(ctx, x{{}}):{{}} return x * 2\n"
BACK = "    @staticmethod\n    def backward(ctx, grad): return {}\n"
OWN = [
    Trial("legacy-function", "Code from an old repository",
          f"{SQUARE}    def forward(self, x): return x\n    def backward(self, grad): return grad\n"
          "Square()(R(2, requires_grad=True))", "Square.apply(x)",
          STATIC.format("", "") + BACK.format("grad * 2") + "x = R(2, requires_grad=True)\n"
          "Square.apply(x).sum().backward()"),
    Trial("function-saves", "A number or another value",
          STATIC.format("", " ctx.save_for_backward(3);") + BACK.format("grad")
          + "Square.apply(R(2, requires_grad=True)).sum().backward()", "ctx.n = n",
          STATIC.format(", n", " ctx.n = n;") + BACK.format("grad * ctx.n, None")
          + "Square.apply(R(2, requires_grad=True), 3).sum().backward()"),
    Trial("function-gradients", "A gradient is missing",
          STATIC.format(", y", "") + BACK.format("grad")
          + "Square.apply(R(2, requires_grad=True), R(2)).sum().backward()"),
    Trial("function-gradients", "A gradient of another shape",
          STATIC.format("", " ctx.save_for_backward(x);") + BACK.format("R(3, 2)")
          + "Square.apply(R(3, requires_grad=True)).sum().backward()", "grad.sum_to_size(x.shape)",
          "x, grad = R(3), R(2, 3)\nassert grad.sum_to_size(x.shape).shape == x.shape"),
    Trial("grad-unused", "A copy was used instead of the tensor",
          "torch.autograd.grad(R(1, requires_grad=True).sum(), R(2, requires_grad=True))", "grad(f(x).sum(), x)",
          "f, grad, x = torch.exp, torch.autograd.grad, R(2, requires_grad=True)\ngrad(f(x).sum(), x)"),
    Trial("group-twice", "The whole network and a part of it",
          "net = nn.Linear(2, 2)\ntorch.optim.SGD([{'params': net.parameters()}, {'params': [net.weight]}], lr=1)",
          "[p for name, p in net.named_parameters() if not name.startswith('fc.')]",
          "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
          "        self.a, self.fc = nn.Linear(2, 2), nn.Linear(2, 2)\nnet = Net()\n"
          "others = [p for name, p in net.named_parameters() if not name.startswith('fc.')]\n"
          "torch.optim.SGD([{'params': others}, {'params': net.fc.parameters(), 'lr': 2}], lr=1)"),
    Trial("scheduler-order", "The two lines are in the wrong order",
          "import warnings\nwarnings.simplefilter('error')\noptimizer = "
          "torch.optim.SGD([R(1, requires_grad=True)], lr=1)\n"
          "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)\nscheduler.step()",
          "optimizer.step(), then scheduler.step()",
          "optimizer = torch.optim.SGD([R(1, requires_grad=True)], lr=1)\n"
          "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)\noptimizer.step()\nscheduler.step()\n"
          "# optimizer.step(), then scheduler.step()"),
    Trial("zero-dim", "A sum or mean removed the axes", "torch.tensor(1.0).unbind()", "x.sum(dim=1)",
          "x = R(3, 4)\nx.sum(dim=1).unbind()"),
    Trial("worker-options", "num_workers is 0", "DataLoader([1], persistent_workers=True)",
          "DataLoader(data, num_workers=2)", "data = [1]\nDataLoader(data, num_workers=2)"),
    Trial("worker-options", "num_workers is 0", "DataLoader([1], prefetch_factor=2)"),
    Trial("ragged-array", "Sequences or images of different sizes", "np.array([[1, 2], [1]])",
          "nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)",
          "rows = [[1, 2], [1]]\n"
          "nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)"),
    Trial("assign-array", "The values are not a tensor", "x = torch.zeros(3, 2)\nx[0] = np.array([1, 2])",
          "x[0] = torch.as_tensor(values)",
          "x, values = torch.zeros(3, 2), np.array([1, 2])\nx[0] = torch.as_tensor(values)"),
    Trial("no-file", "The folder must be made first", "torch.save(R(2), '/not-there/net.pt')",
          "os.makedirs(folder, exist_ok=True)",
          "import os, tempfile\nfolder = os.path.join(tempfile.mkdtemp(), 'a', 'b')\n"
          "os.makedirs(folder, exist_ok=True)\ntorch.save(R(2), os.path.join(folder, 'net.pt'))"),
    Trial("trace-output", "forward returns something else",
          "class Net(nn.Module):\n    def forward(self, x): return 'a'\ntorch.jit.trace(Net(), R(2))",
          "torch.jit.trace(net, x, strict=False)",
          "import warnings\nwarnings.simplefilter('ignore')\n"
          "class Net(nn.Module):\n    def forward(self, x): return {'out': x * 2}\nnet, x = Net(), R(2)\n"
          "torch.jit.trace(net, x, strict=False)"),
    *([] if torch.distributed.is_nccl_available() else [
        Trial("nccl-missing", "No card, Windows or a Mac",
              "torch.distributed.init_process_group('nccl', store=torch.distributed.HashStore(), rank=0, "
              "world_size=1)"),
    ]),
    Trial("process-group", "init_process_group or torchrun is missing", "torch.distributed.get_rank()"),
]  # fmt: skip
VERSIONS = [
    Trial("view-nothing", "An empty batch", "R(0, 4, 2).view(0, -1)", "x.flatten(start_dim=1)",
          "x = R(0, 4, 2)\nx.flatten(start_dim=1)"),
    Trial("stft-complex", "Code for an older torch",
          "import warnings\nwarnings.simplefilter('ignore')\ntorch.stft(R(800), 400)",
          "torch.view_as_real(torch.stft(x, n_fft=400, return_complex=True))",
          "import warnings\nwarnings.simplefilter('ignore')\nx = R(800)\n"
          "torch.view_as_real(torch.stft(x, n_fft=400, return_complex=True))"),
    Trial("mutated", "The keys of a checkpoint are renamed",
          "state = nn.Linear(3, 2).state_dict()\nfor name in state: state['module.' + name] = state.pop(name)",
          "state = {'module.' + name: value for name, value in state.items()}",
          "state = nn.Linear(3, 2).state_dict()\nstate = {'module.' + name: value for name, value in state.items()}"),
    Trial("overflow", "Bytes only hold 0 to 255", "torch.tensor(2 ** 64)"),
]  # fmt: skip
LATER = [*ARGUMENTS, *SEVERAL, *SEQUENCES, *OWN, *VERSIONS]
